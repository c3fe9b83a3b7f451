"""Words of the day."""
