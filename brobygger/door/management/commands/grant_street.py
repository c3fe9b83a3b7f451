"""`manage.py grant_street`: give the street's PostgreSQL login its few rights, and take every other one away."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from brobygger.door import services


class Command(BaseCommand):
    """Run once after the tables are built, and again after each upgrade; safe to repeat."""

    help = "Give the public side's login its rights: insert letters, read boxes, answers, questions and the catalogue."

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant on PostgreSQL; on SQLite the connection itself refuses, and there is nothing to do."""
        if connections["door"].vendor != "postgresql":
            self.stdout.write("SQLite: the street's connection is held by its own doorkeeper. Nothing to grant.")
            return
        role = str(settings.DATABASES["street"]["USER"])
        services.grant_street(role=role, by="machine")
        read = "boxes, answers, questions and the catalogue"
        self.stdout.write(f"{role} may insert letters, and read {read}. Nothing else.")
