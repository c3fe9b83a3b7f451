"""The door as a Django app."""

from django.apps import AppConfig


class Door(AppConfig):
    """The room where somebody writes without a name."""

    name = "brobygger.door"
    label = "door"
