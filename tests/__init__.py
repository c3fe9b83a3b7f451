"""The rules of the house, whole walks, and the machinery that runs every test."""
