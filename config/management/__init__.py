"""The house's own commands that belong to no single room."""
