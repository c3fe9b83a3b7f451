"""Families and wires, for every test in this room."""

from brobygger.outbox.tests.families import another, ea, gateway, gives, mail, morning

__all__ = ["another", "ea", "gateway", "gives", "mail", "morning"]
