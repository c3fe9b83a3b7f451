"""Consents as a Django app."""

from django.apps import AppConfig


class Consents(AppConfig):
    """The room of who may know what."""

    name = "brobygger.consents"
    label = "consents"
