"""Threads as a Django app."""

from django.apps import AppConfig


class Threads(AppConfig):
    """The room where letters are opened."""

    name = "brobygger.threads"
    label = "threads"

    def ready(self) -> None:
        """Tell privacy which weeks still have letters, and what to empty at night."""
        from brobygger.privacy import retention

        from . import queries, services

        retention.PENDING_WEEKS.append(queries.pending_weeks)
        retention.SWEEPS.append(services.sweep)
