"""Run the endings."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brobygger.ground import clock
from brobygger.privacy import keyring, retention


class Command(BaseCommand):
    """Run every room's sweep."""

    help = "End what has come to its end: run every room's sweep. Run daily, after rotate."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sweeps and say how much each ended."""
        try:
            ended = retention.sweep(clock.now())
        except retention.SweepFailed as why:
            raise CommandError(f"These did not finish: {why}") from None
        # What was shredded today is written over today.
        keyring.settle()
        for name, count in ended.items():
            self.stdout.write(f"{count:>6}  {name}")
