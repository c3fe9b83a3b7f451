"""Consents as a Django app."""

from django.apps import AppConfig


class Consents(AppConfig):
    """The room of who may know what."""

    name = "brobygger.consents"
    label = "consents"

    def ready(self) -> None:
        """Tell privacy what to empty at night."""
        from brobygger.privacy import retention

        from . import weighing

        retention.SWEEPS.append(weighing.sweep)
