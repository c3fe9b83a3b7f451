"""Intake as a Django app."""

from django.apps import AppConfig


class Intake(AppConfig):
    """The room of the worklist."""

    name = "brobygger.intake"
    label = "intake"
