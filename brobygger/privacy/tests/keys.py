"""Key files for tests: a house of its own below a temporary directory."""

from datetime import datetime
from pathlib import Path
from typing import Any

from brobygger.privacy import keyring


def found_in(directory: Path, settings: Any, now: datetime | None = None) -> keyring.Places:
    """Make the keys of a new house below a directory and point the settings at them."""
    places = keyring.Places.within(directory)
    settings.MASTER_KEY_FILE, settings.KEY_RING_FILE, settings.DOOR_KEYS_FILE = places.master, places.ring, places.door
    return keyring.found(now=now)
