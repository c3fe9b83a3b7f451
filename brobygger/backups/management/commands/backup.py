"""Make the night's copies."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from nacl.public import PrivateKey

from brobygger.backups import queries, rules, services
from brobygger.backups.archive import Refused
from brobygger.ground import clock

SHEET = """
  BROBYGGER · RECOVERY SHEET · {name}
  Opens the copies of the {name}, and nothing else. Made {day}. Belongs to the public key {short}.

    {one}
    {two}

  Print it, lay it in a safe, and keep it on no machine. Type it into a file or at the prompt when a copy is restored.
"""


class Command(BaseCommand):
    """Make a sealed copy of the content and one of the keys; delete those whose days have passed."""

    help = "Make the two sealed copies of now and delete the old ones. Run daily. --make-keys once, before the first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read whether keys are to be made."""
        parser.add_argument("--make-keys", action="store_true", help="make the keys, and show the two sheets once")

    def handle(self, *args: Any, make_keys: bool, **options: Any) -> None:
        """Do it, and say what was done."""
        try:
            if make_keys:
                return self.sheets()
            made, gone = services.back_up(by="machine")
        except (Refused, OSError) as why:
            raise CommandError(str(why)) from None
        for copy in made:
            self.stdout.write(f"Made: {copy.path} ({copy.rows:,} rows)")
        for path in gone:
            self.stdout.write(f"Deleted, because its days have passed: {path}")
        if not gone:
            self.stdout.write("No copy was old enough to be deleted.")

    def sheets(self) -> None:
        """Show the private halves, this once."""
        for kind, private in services.make_keys(by="machine").items():
            signs = rules.sheet(kind, private).split(" ")
            public = rules.fingerprint(bytes(PrivateKey(private).public_key))
            self.stdout.write(
                SHEET.format(
                    name=kind, day=clock.today(), short=public, one=" ".join(signs[:7]), two=" ".join(signs[7:])
                )
            )
        places = ", ".join(str(queries.folder(kind)) for kind in rules.KINDS)
        self.stdout.write(
            "These are shown once and stored nowhere. Two safes, two people: with the master key and both sheets "
            f"everything can be read.\nCopies will lie in {places}."
        )
