"""What the page of a call carries, so that pressing twice is pressing once: a number, and a key made beforehand."""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from brobygger.privacy import seal

CALL = "call"
#: A morning screen stays open all day: the page must still take the call at four.
LIVES = timedelta(hours=12)


class Stale(Exception):
    """The page is too old, or was made for somebody else: what was typed is kept, and the next press is good."""


@dataclass(frozen=True)
class Page:
    """One line waiting to be filled in, for one person at work."""

    once: str
    key: str = field(repr=False)
    by: str = ""

    def sealed(self) -> str:
        """Seal it into the page; the key stands nowhere in clear before it is given."""
        return seal.seal_token(asdict(self), CALL)

    @property
    def number(self) -> UUID:
        """Name what this page makes; two people never make the same."""
        return uuid.uuid5(UUID(self.once), self.by)


def new_page(by: Any) -> Page:
    """Make the page's number, and the key it will give if one is asked for."""
    return Page(once=str(uuid.uuid4()), key=seal.new_return_key().shown, by=by.handle)


def read_page(text: str | None, by: Any) -> Page:
    """Read what the page carried. Raises `Stale`."""
    try:
        held = seal.open_token(text, CALL, LIVES)
        page = Page(str(held["once"]), str(held["key"]), str(held["by"]))
    except (seal.TokenExpired, seal.TokenForged, KeyError):
        raise Stale from None
    if page.by != by.handle:
        raise Stale
    return page
