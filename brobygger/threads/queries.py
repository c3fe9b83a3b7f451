"""Reading about threads: for a room that already holds one. What was said is opened by `services.look`, which writes
down who looked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from brobygger.door import queries as door
from brobygger.privacy import keyring

from .models import ContactCard, Message, Thread


@dataclass(frozen=True)
class Request:
    """Something a family asked for that a later room has not done yet."""

    ident: UUID
    thread: Thread
    kind: str
    body: dict[str, Any]

    @property
    def at(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.body["at"])


def requests(kinds: Iterable[str], limit: int = 200) -> list[Request]:
    """Fetch what families have asked for and nobody has done yet, oldest thread number first."""
    rows = Message.objects.filter(handled=False, kind__in=list(kinds)).select_related("thread")
    listed = list(rows.order_by("thread_id", "number")[:limit])
    sealed = [(row.thread.key, bytes(row.body), f"message:{row.pk}:body:1") for row in listed]
    # One whose key is destroyed is on its way out with its thread, and must not stand in the way of the others.
    bodies = zip(listed, keyring.open_many(sealed), strict=True)
    return [Request(row.pk, row.thread, row.kind, body) for row, body in bodies if body is not None]


def facts(threads: Iterable[Thread]) -> dict[UUID, dict[str, Any]]:
    """Open what is known of some threads besides their words (door, wish, language, age band), by thread."""
    listed = list(threads)
    sealed = [(each.key, bytes(each.facts), f"thread:{each.pk}:facts:1") for each in listed]
    return {each.pk: opened for each, opened in zip(listed, keyring.open_many(sealed), strict=True)}


def ending(limit: int = 200) -> list[Thread]:
    """Fetch threads that are on their way out; a shell is nobody's any more."""
    return list(Thread.objects.exclude(ending__in=("", "named"))[:limit])


def ending_held(room: str, limit: int = 200) -> list[Thread]:
    """Fetch threads that are on their way out and wait for a room to let go of them."""
    return list(Thread.objects.exclude(ending__in=("", "named")).filter(holds__room=room)[:limit])


def lives(thread: Thread) -> bool:
    """Tell whether a thread fetched before still is where it was: not ended, and not left behind meanwhile."""
    return Thread.objects.filter(pk=thread.pk, ending="").exists()


def kept_still(idents: Iterable[UUID | None]) -> None:
    """Let nobody else write in some threads before the caller's transaction is over; held in the order of their ids."""
    list(Thread.objects.select_for_update().filter(pk__in=set(idents)).order_by("pk").values_list("pk"))


def held(thread: Thread) -> bool:
    """Tell whether a later room has not let go of a thread yet."""
    return thread.holds.exists()


def numbers(idents: Iterable[str]) -> dict[str, str]:
    """Name the box numbers of the threads that still live, by id."""
    rows = Thread.objects.filter(pk__in=set(idents)).exclude(ending="named").values_list("pk", "number")
    return {str(pk): number for pk, number in rows}


def has_card(threads: Iterable[UUID]) -> set[UUID]:
    """Tell which threads have given a way to be reached."""
    return set(Thread.objects.filter(pk__in=list(threads), card__isnull=False).values_list("pk", flat=True))


def pending_weeks() -> set[str]:
    """Name the weeks whose intake key must live on, because letters wait to be opened with it."""
    return door.waiting_weeks()


def reached(thread: Thread) -> dict[str, Any]:
    """Open how a family is reached, to keep it out of what is handed out; nobody sees it, and it goes no further."""
    held = ContactCard.objects.filter(thread=thread).first()
    opened = keyring.open_many([(held.key, bytes(held.sealed), f"card:{thread.pk}:1")]) if held else []
    return (opened[0] if opened else None) or {}


def own_card(thread: Thread) -> bool:
    """Tell whether a family has given a way to be reached itself."""
    return Thread.objects.filter(pk=thread.pk, card__given_by="family").exists()


def last_number(thread: Thread) -> int:
    """Tell the number of the newest message in a thread; 0 when there is none."""
    return Message.objects.filter(thread=thread).aggregate(last=Max("number"))["last"] or 0
