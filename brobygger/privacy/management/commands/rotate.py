"""Turn the keys."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brobygger.ground import clock
from brobygger.privacy import keyring, retention
from brobygger.privacy.services import record


class Command(BaseCommand):
    """Make the keys of the time and destroy those that are over."""

    help = (
        "Turn the keys: make this and next week's, this month's, this year's; destroy those that are over. Run daily."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask the rooms which weeks still have unopened letters, turn the keys, leave a line, say what was done."""
        try:
            done = keyring.rotate(clock.now(), pending_weeks=retention.pending_weeks())
        except (keyring.NoMasterKey, keyring.NoRing, OSError) as why:
            raise CommandError(str(why)) from None
        if done.made or done.destroyed or done.damaged:
            record(by="machine", action="privacy.keys_turned", about="house:keys", reason=done.report[:500])
        self.stdout.write(done.report)
        if done.damaged:
            raise CommandError("Some wrapped keys are damaged. Bring the key store back from its backup.")
