"""Which copies there are, and how old the newest is."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from brobygger.ground import clock

from . import rules
from .rules import KINDS

__all__ = ["KINDS", "age", "copies", "folder", "made_at", "newest", "public_keys", "stale"]


def folder(kind: str) -> Path:
    """Say where the copies of a kind lie."""
    return Path(settings.BACKUP_DIRS[kind])


def copies(kind: str, where: Path | None = None) -> list[Path]:
    """Name the copies of a kind, newest first."""
    place = where or folder(kind)
    if not place.is_dir():
        return []
    found = [(rules.read_name(path.name), path) for path in place.iterdir()]
    ours = [(copy.made, path) for copy, path in found if copy and copy.kind == kind]
    return [path for _made, path in sorted(ours, reverse=True)]


def made_at(path: Path) -> datetime | None:
    """Tell when a copy was made, by its name."""
    copy = rules.read_name(path.name)
    return copy.made if copy else None


def newest(kind: str) -> datetime | None:
    """Tell when the newest copy of a kind was made; None when there is none."""
    found = copies(kind)
    return made_at(found[0]) if found else None


def age(kind: str) -> timedelta | None:
    """Tell how old the newest copy of a kind is."""
    made = newest(kind)
    return clock.now() - made if made else None


def stale() -> list[str]:
    """Name the kinds of copies that are too old or were never made: empty when all is well."""
    return [kind for kind in rules.KINDS if rules.is_stale(newest(kind), clock.now())]


def public_keys() -> dict[str, bytes]:
    """Give the public keys that copies are sealed to; empty before they are made."""
    try:
        found = json.loads(Path(settings.BACKUP_PUBLIC_FILE).read_text())
        return {kind: bytes.fromhex(found[kind]) for kind in rules.KINDS}
    except FileNotFoundError:
        return {}
