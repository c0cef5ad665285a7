"""/operator/posts/: writing posts, taking them in, looking at them before readers do."""
