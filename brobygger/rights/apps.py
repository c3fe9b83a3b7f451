"""Rights as a Django app."""

from django.apps import AppConfig


class Rights(AppConfig):
    """The room of a person's rights."""

    name = "brobygger.rights"
    label = "rights"

    def ready(self) -> None:
        """Tell privacy which records end at night, and how to see them coming."""
        from brobygger.privacy import retention

        from . import endings

        retention.SWEEPS.append(endings.sweep)
        retention.PREVIEWS.append(endings.preview)
