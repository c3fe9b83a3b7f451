"""Calendars as a Django app."""

from django.apps import AppConfig


class Calendars(AppConfig):
    """The room of calendars that telephones read."""

    name = "brobygger.calendars"
    label = "calendars"
