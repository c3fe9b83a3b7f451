"""Families that wrote, for every test in this room."""

from brobygger.appointments.tests.families import another, at_work, ea, morning

__all__ = ["another", "at_work", "ea", "morning"]
