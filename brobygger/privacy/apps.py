"""The room in Django's words."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Secrets, traces, endings."""

    name = "brobygger.privacy"
    label = "privacy"
