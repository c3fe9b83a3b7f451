"""Put copies into empty databases; or try it in a scratch house, as is done every month."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brobygger.backups import drill, restoring, services
from brobygger.backups.archive import Refused
from brobygger.backups.management import typed
from brobygger.privacy import keyring

NEXT = (
    "Now run: manage.py grant_street, then rotate, then sweep. Letters, deeds and withdrawals after the copies were "
    "made are lost: tell the staff."
)


class Command(BaseCommand):
    """Restore, without what was destroyed since."""

    help = (
        "Put a copy of the content, of the keys, or both into empty, migrated databases. What was destroyed since "
        "stays destroyed. --drill tries the newest copies in a scratch house and leaves nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read which copies."""
        parser.add_argument("--content", type=Path, help="a copy of the content")
        parser.add_argument("--keys", type=Path, help="a copy of the keys")
        parser.add_argument(
            "--also", type=Path, action="append", default=[], help="a further copy, read for what it knows is destroyed"
        )
        parser.add_argument(
            "--leave-door", action="store_true", help="the door's boxes are there: restore the keys alone"
        )
        parser.add_argument("--drill", action="store_true", help="try the newest copies, and keep nothing")
        typed.add_arguments(parser)

    def handle(self, *args: Any, content: Path, keys: Path, also: list[Path], drill: bool, **options: Any) -> None:
        """Do it, and say what came of it."""
        try:
            sheets = typed.sheets(options["sheets"])
            if drill:
                self.stdout.write(try_it(content, keys, sheets))
                return
            wish = restoring.Wish(content, keys, sheets, also, options["leave_door"])
            done = services.restore(wish=wish, by="machine")
        except (Refused, OSError) as why:
            raise CommandError(str(why)) from None
        self.say(done)

    def say(self, done: restoring.Restored) -> None:
        """Say what came of it."""
        self.stdout.write(f"Restored: {done.rows:,} rows, {done.keys:,} of them keys.")
        if done.left_out:
            self.stdout.write(f"Left out: {done.left_out:,} rows about what was destroyed since.")
        if done.keys_left_out:
            self.stdout.write(
                f"Left out: {done.keys_left_out:,} keys that were destroyed since, or that seal nothing here."
            )
        if done.keys_lacking:
            self.stdout.write(f"NOT readable: what lies under {done.keys_lacking:,} keys that no copy here has.")
        try:
            keyring.load_ring()
        except (keyring.NoMasterKey, keyring.NoRing) as why:
            self.stdout.write(f"Nothing can be opened yet. {why}")
        self.stdout.write(NEXT)


def try_it(content: Path | None, keys: Path | None, sheets: list[tuple[str, bytes]]) -> str:
    """Run the drill on the newest copies, or on those named."""
    return drill.run(content=content, keys=keys, sheets=sheets).sentence
