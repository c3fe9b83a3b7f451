"""Run the endings, or say what they would do."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brobygger.ground import clock
from brobygger.privacy import keyring, retention


class Command(BaseCommand):
    """Run every room's sweep."""

    help = "End what has come to its end: run every room's sweep. Run daily, after rotate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read whether to look only."""
        parser.add_argument("--preview", action="store_true", help="say which records will end, and change nothing")
        parser.add_argument("--days", type=int, default=90, help="how far ahead to look (with --preview)")

    def handle(self, *args: Any, preview: bool, days: int, **options: Any) -> None:
        """Run the sweeps and say how much each ended; or look ahead."""
        if preview:
            return self._preview(days)
        try:
            ended = retention.sweep(clock.now())
        except retention.SweepFailed as why:
            raise CommandError(f"These did not finish: {why}") from None
        # What was shredded today is written over today.
        keyring.settle()
        for name, count in ended.items():
            self.stdout.write(f"{count:>6}  {name}")

    def _preview(self, days: int) -> None:
        """Say which records will end within so many days, by which rule, and which are kept and why."""
        if not 0 <= days <= 3660:
            raise CommandError("Look ahead from 0 to 3660 days.")
        lines = retention.preview(clock.today(), days)
        self.stdout.write("\n".join(lines) or f"No record ends within {days} days.")
