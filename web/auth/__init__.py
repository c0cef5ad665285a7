"""Who may do what: operators prove who they are, are signed in, and have a role."""
