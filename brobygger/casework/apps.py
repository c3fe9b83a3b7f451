"""Casework as a Django app."""

from django.apps import AppConfig


class Casework(AppConfig):
    """The room of named courses."""

    name = "brobygger.casework"
    label = "casework"

    def ready(self) -> None:
        """Tell privacy what to empty at night."""
        from brobygger.privacy import retention

        from . import services

        retention.SWEEPS.append(services.sweep)
