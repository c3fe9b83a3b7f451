"""SQLite as the house drives it: writers take turns, and the street sees only what it may."""
