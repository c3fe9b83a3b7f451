"""Tells Django about the room, and takes allauth's accounts in on our terms."""

from allauth.account.apps import AccountConfig
from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The room itself."""

    name = "brobygger.access"
    label = "access"
    default = True


class Accounts(AccountConfig):
    """Accounts without allauth's demand for a place in MIDDLEWARE: `StaffOnly` runs it, for staff alone."""

    default = False

    def ready(self) -> None:
        """Register allauth's checks and nothing more."""
        from allauth.account import checks  # noqa: F401
