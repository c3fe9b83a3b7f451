"""Today as a Django app."""

from django.apps import AppConfig


class Today(AppConfig):
    """The room of the day's screen."""

    name = "brobygger.today"
    label = "today"
