"""Reports as a Django app."""

from django.apps import AppConfig


class Reports(AppConfig):
    """The room that counts the year."""

    name = "brobygger.reports"
    label = "reports"
