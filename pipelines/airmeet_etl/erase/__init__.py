"""A person removed from all that is stored; for the command."""
