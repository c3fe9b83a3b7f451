"""Intake as a Django app."""

from django.apps import AppConfig


class Intake(AppConfig):
    """The room of the worklist."""

    name = "brobygger.intake"
    label = "intake"

    def ready(self) -> None:
        """Tell privacy what to empty at night."""
        from brobygger.privacy import retention

        from . import services

        retention.SWEEPS.append(services.sweep)
