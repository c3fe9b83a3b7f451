"""Outbox as a Django app."""

from django.apps import AppConfig


class Outbox(AppConfig):
    """The room of what leaves the house by other people's wires."""

    name = "brobygger.outbox"
    label = "outbox"

    def ready(self) -> None:
        """Tell privacy what to empty at night."""
        from brobygger.privacy import retention

        from . import services

        retention.SWEEPS.append(services.sweep)
