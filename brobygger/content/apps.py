"""Content as a Django app."""

from django.apps import AppConfig


class Content(AppConfig):
    """The room of the pages anyone may read."""

    name = "brobygger.content"
    label = "content"
