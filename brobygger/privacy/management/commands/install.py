"""Make the keys of a new house."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brobygger.privacy import keyring
from brobygger.privacy.queries import has_data_keys


class Command(BaseCommand):
    """Make master key, key ring and the door's public keys where there are none."""

    help = "Make the keys of a new house: master key, key ring, public keys for the door. Never overwrites one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse when threads are sealed under a ring that is gone; else make what is missing and say where it lies."""
        places = keyring.Places.ours()
        if not places.ring.exists() and has_data_keys():
            raise CommandError(
                f"There are sealed threads, but no key ring at {places.ring}. Bring it back from its backup: "
                "a new ring could open none of them."
            )
        try:
            keyring.found()
        except (keyring.NoMasterKey, keyring.NoRing, OSError) as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"Master key:  {places.master}\nKey ring:    {places.ring}\nDoor's keys: {places.door}")
        self.stdout.write(
            "Print the master key twice and put the sheets in two safes: without it all threads are lost."
        )
