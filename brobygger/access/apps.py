"""Tells Django about the room, and takes allauth's accounts in on our terms."""

from allauth.account.apps import AccountConfig
from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The room itself."""

    name = "brobygger.access"
    label = "access"
    default = True

    def ready(self) -> None:
        """Follow who sits down and stands up, and forget old mistakes at night."""
        from allauth.account.signals import password_changed
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from brobygger.access import middleware, services
        from brobygger.privacy import retention

        user_logged_in.connect(middleware.sat_down)
        user_logged_out.connect(middleware.stood_up)
        password_changed.connect(middleware.changed_the_lock)
        retention.SWEEPS.append(services.sweep)


class Accounts(AccountConfig):
    """Accounts without allauth's demand for a place in MIDDLEWARE: `StaffOnly` runs it, for staff alone."""

    default = False

    def ready(self) -> None:
        """Register allauth's checks and nothing more."""
        from allauth.account import checks  # noqa: F401
