"""The operator's application: one page a file. Each handler says what it needs of who comes."""
