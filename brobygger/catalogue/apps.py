"""Tells Django that the room is here."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """This house: offers, places, hours, promises, partners."""

    name = "brobygger.catalogue"
    label = "catalogue"
