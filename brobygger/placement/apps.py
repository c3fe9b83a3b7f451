"""Placement as a Django app."""

from django.apps import AppConfig

from brobygger.privacy import retention


class Placement(AppConfig):
    """The room that proposes who sits where."""

    name = "brobygger.placement"
    label = "placement"

    def ready(self) -> None:
        """Register the endings."""
        from . import services

        retention.SWEEPS.append(services.sweep)
