"""Makes what lay in a box into what a page shows: entries, times, the appointment that stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.templatetags.house import said


@dataclass(frozen=True)
class When:
    """A time, as a family reads it."""

    ident: str
    starts_at: datetime
    ends_at: datetime
    where: str
    place: str
    worker: str
    address_known: bool = False

    @property
    def past(self) -> bool:
        """Tell whether it has begun."""
        return self.starts_at <= clock.now()

    @property
    def where_said(self) -> str:
        """Say where, in words."""
        if self.where == "house" and self.place:
            try:
                place = catalogue.place(self.place)
            except Http404:
                return _("in the house")
            name = said(place.name)
            return place.address if name in place.address else ", ".join(filter(None, [name, place.address]))
        return {"home": _("at your home"), "phone": _("on the phone"), "video": _("on video")}.get(
            self.where, _("in the house")
        )


def a_time(raw: dict[str, Any]) -> When:
    """Read one time out of an answer."""
    return When(
        str(raw["id"]),
        datetime.fromisoformat(raw["starts_at"]),
        datetime.fromisoformat(raw["ends_at"]),
        str(raw.get("where", "")),
        str(raw.get("place", "")),
        str(raw.get("with", "")),
        raw.get("address") == "known",
    )


@dataclass(frozen=True)
class Entry:
    """One thing the house has said, newest first on the page."""

    kind: str
    news: str
    at: datetime
    text: str
    sender: str
    title: Any
    times: tuple[When, ...] = ()
    appointment: When | None = None
    due: datetime | None = None
    read_by: tuple[Any, ...] = ()


def entry(raw: dict[str, Any]) -> Entry:
    """Read one entry out of what lay in the box."""
    due = raw.get("due")
    standing = raw.get("appointment")
    return Entry(
        kind=str(raw.get("kind", "")),
        news=str(raw.get("news", "")),
        at=datetime.fromisoformat(str(raw["at"])),
        text=str(raw.get("text", "")),
        sender=str(raw.get("from", "")),
        title=raw.get("title", ""),
        times=tuple(a_time(each) for each in raw.get("times") or ()),
        appointment=a_time(standing) if isinstance(standing, dict) else None,
        due=datetime.fromisoformat(due) if due else None,
        read_by=tuple(raw.get("read_by") or ()),
    )


@dataclass(frozen=True)
class Correspondence:
    """All that lay in a box: what is newest, what stands, what can be chosen, who has read."""

    entries: tuple[Entry, ...] = ()
    appointment: When | None = None
    times: tuple[When, ...] = ()
    due: datetime | None = None
    door: str = "parent"
    read_by: tuple[Any, ...] = ()
    ended: bool = False
    answered: bool = False
    late: bool = False
    reach: bool = False
    newest: Entry | None = field(default=None)


def read(raws: Iterable[dict[str, Any]]) -> Correspondence:
    """Put together what a page shows from the entries of a box, newest first."""
    listed = list(raws)
    entries = tuple(entry(raw) for raw in listed)
    # An answer without times leaves those offered before; news that lists none means that none are left.
    lists = [bool(raw.get("times")) or (raw.get("kind") == "news" and "times" in raw) for raw in listed]
    said_of_times = next((each for each, names in zip(entries, lists, strict=True) if names), None)
    standing = next((each.appointment for each, raw in zip(entries, listed, strict=True) if "appointment" in raw), None)
    # What was said before a new beginning is folded away: it answers another letter.
    current = tuple(takewhile(lambda each: each.news != "opened", entries))
    answers = [each for each in current if each.kind == "answer"]
    reach = next((each.news for each in entries if each.news in ("reach", "unreach")), "")
    times = tuple(each for each in said_of_times.times if not each.past) if said_of_times else ()
    if standing and any(each.ident == standing.ident for each in times):
        times = ()
    people = [each for each in current if each.kind == "answer" or each.news in ("ended",)]
    due = next((each.due for each in entries if each.due and not answers), None)
    return Correspondence(
        entries=entries,
        appointment=standing if standing and standing.ends_at > clock.now() else None,
        times=times,
        due=due,
        late=due is not None and due < clock.now(),
        door=next((str(raw["door"]) for raw in listed if raw.get("door")), "parent"),
        read_by=next((each.read_by for each in entries if each.read_by), ()),
        ended=bool(entries) and entries[0].news == "ended",
        answered=bool(answers),
        reach=reach == "reach",
        newest=people[0] if people else None,
    )
