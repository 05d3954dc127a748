"""The `triage` command: a module for each group of commands; what costs time to import is imported in them."""
