"""The room's name plate, and the silence it brings along."""

from django.apps import AppConfig
from django.conf import settings


class GroundConfig(AppConfig):
    """Lay the floor."""

    name = "brobygger.ground"
    label = "ground"

    def ready(self) -> None:
        """Make crashes outside a request as silent as those inside one."""
        from brobygger.ground.logging import quiet_crashes

        if not settings.TESTING:
            quiet_crashes()
