"""`manage.py demo_fill`: build, furnish and fill a demo's house. `manage.py demo` calls it."""

import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from brobygger.privacy import keyring
from config import demo


class Command(BaseCommand):
    """Make the demo's house ready; a second time changes nothing."""

    help = "Build, furnish and fill the demo's house (used by `manage.py demo`)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the house's file."""
        parser.add_argument("house", help="houses/NAME.toml")
        parser.add_argument("--no-letters", action="store_true", help="only the staff")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the databases, make the keys, furnish, fill, collect the stylesheet."""
        if not settings.DEMO:
            raise CommandError("This fills a house with invented families. It runs in the demo alone: make demo")
        for alias in ("default", "keys", "door"):
            call_command("migrate", database=alias, verbosity=0)
        call_command("grant_street", stdout=io.StringIO())
        keyring.found()
        call_command("furnish", str(Path(options["house"])), stdout=io.StringIO())
        for whose, key in demo.fill(letters=not options["no_letters"]).items():
            (settings.VAR / f"{whose}.txt").write_text(key)
        call_command("collectstatic", interactive=False, verbosity=0)
