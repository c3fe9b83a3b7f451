"""Commands: see each file."""
