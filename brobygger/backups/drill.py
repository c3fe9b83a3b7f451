"""The monthly drill: the newest copies restored into a scratch house, looked at, and gone again."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from brobygger.ground import clock
from brobygger.privacy import keyring

from . import queries, restoring, rows, rules, scratch
from .archive import Refused
from .reading import Sheets


@dataclass(frozen=True, slots=True)
class Drilled:
    """What the drill saw."""

    rows: int
    keys: int
    #: How many keys open; None when the master key is not on this machine.
    opened: int | None
    sentence: str


def run(*, content: Path | None, keys: Path | None, sheets: Sheets) -> Drilled:
    """Try two copies, the newest unless others are named. Raises `Refused` when anything is not in order."""
    content, keys = content or _newest(rules.CONTENT), keys or _newest(rules.KEYS)
    with scratch.house():
        first = restoring.run(restoring.Wish(content, None, sheets))
        wrapped, _sealed = rows.known_keys()
        # The one half alone is to be worthless, or the two do not belong in two places.
        if first.keys_lacking != len(wrapped):
            raise Refused("The content could be opened without the keys. Tell whoever answers for security.")
        both = restoring.run(restoring.Wish(None, keys, sheets))
        if both.keys_lacking:
            raise Refused(f"{both.keys_lacking:,} keys are lacking: {keys.name} does not belong to {content.name}.")
        opened = _open_all()
    if opened is not None and opened != both.keys:
        raise Refused(f"{both.keys - opened:,} of {both.keys:,} keys do not open with the ring in {keys.name}.")
    tried = "not tried: no master key here" if opened is None else "all of them open"
    said = f"In order: {content.name} ({first.rows:,} rows) and {keys.name} ({both.keys:,} keys, {tried})."
    return Drilled(first.rows + both.rows, both.keys, opened, said)


def _newest(kind: str) -> Path:
    found = queries.copies(kind)
    if not found:
        raise Refused(f"There is no copy of the {kind} in {queries.folder(kind)}.")
    made = queries.made_at(found[0])
    if rules.is_stale(made, clock.now()):
        raise Refused(f"The newest copy of the {kind} is {found[0].name}: it is older than a day. Is the timer on?")
    return found[0]


def _open_all() -> int | None:
    if not Path(settings.MASTER_KEY_FILE).exists():
        return None
    ring = keyring.load_ring()
    return sum(keyring.unwraps(ring, ident, wrapped) for ident, wrapped in rows.wrapped_keys())
