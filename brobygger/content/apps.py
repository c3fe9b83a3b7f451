"""Content as a Django app."""

from django.apps import AppConfig


class Content(AppConfig):
    """The room of the pages anyone may read."""

    name = "brobygger.content"
    label = "content"

    def ready(self) -> None:
        """Read the files beside the code once: a mistake in one is heard when the house opens."""
        from . import queries

        queries.check()
