"""Set what somebody is by training: `manage.py profession alma psychologist`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brobygger.access import queries, services
from brobygger.access.roles import Profession


class Command(BaseCommand):
    """Set one person's profession: it decides how long what they write in a course is kept."""

    help = "Set what somebody is by training. What they have written already keeps its own period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read who it is, and what they are."""
        parser.add_argument("handle")
        parser.add_argument("profession", choices=Profession.values)

    def handle(self, *args: Any, handle: str, profession: str, **options: Any) -> None:
        """Set it, or say what is wrong and change nothing."""
        user = queries.person(handle)
        if user is None or not user.is_active:
            raise CommandError(f"Nobody called {handle} works here.")
        services.set_profession(user=user, profession=profession, by="keeper")
        self.stdout.write(f"{user.first_name}: {profession}.")
