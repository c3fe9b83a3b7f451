"""Help somebody who forgot the password or lost the phone: `manage.py let_in alma`."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from brobygger.access import queries, services


class Command(BaseCommand):
    """Give one person a new password and let them set up a phone anew."""

    help = "Give somebody a new password; the old phone stops and a new one is set up at the next sign-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read who it is."""
        parser.add_argument("handle")

    def handle(self, *args: Any, handle: str, **options: Any) -> None:
        """Do it, or say what is wrong and change nothing."""
        user = queries.person(handle)
        if user is None or not user.is_active:
            raise CommandError(f"Nobody called {handle} works here.")
        try:
            services.let_in_again(user=user, password=getpass.getpass("New password: "), by="keeper")
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from None
        self.stdout.write(f"{user.first_name} sets up a phone at the next sign-in.")
