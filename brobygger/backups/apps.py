"""Backups as a Django app."""

from django.apps import AppConfig


class Backups(AppConfig):
    """The room of copies."""

    name = "brobygger.backups"
    label = "backups"

    def ready(self) -> None:
        """Let the night forget what was destroyed before any copy that lives."""
        from brobygger.privacy import retention, services

        retention.SWEEPS.append(services.sweep)
