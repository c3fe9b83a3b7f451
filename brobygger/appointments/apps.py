"""Appointments as a Django app."""

from django.apps import AppConfig


class Appointments(AppConfig):
    """The room where times are offered and chosen."""

    name = "brobygger.appointments"
    label = "appointments"

    def ready(self) -> None:
        """Tell privacy what to empty at night."""
        from brobygger.privacy import retention

        from . import services

        retention.SWEEPS.append(services.sweep)
