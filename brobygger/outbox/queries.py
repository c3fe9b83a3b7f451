"""Reading about what is on its way: for the morning's list, and for who runs the machine."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from brobygger.access.guards import may
from brobygger.access.roles import Permission

from . import words
from .models import Notice


@dataclass(frozen=True)
class Failed:
    """A message that did not get through, or of which nobody knows; under a box number, never a telephone number."""

    ident: UUID
    kind: str
    channel: str
    #: The box, or the colleague it was to.
    number: str
    thread: UUID | None
    at: datetime
    problem: str
    state: str

    @property
    def said(self) -> Any:
        """Say what it was about."""
        return words.KINDS[Notice.Kind(self.kind)]

    @property
    def how(self) -> Any:
        """Say on which way it went."""
        return words.CHANNELS.get(self.channel, "")

    @property
    def why(self) -> Any:
        """Say what went wrong."""
        return words.PROBLEMS.get(self.problem, words.PROBLEMS["refused"])

    @property
    def uncertain(self) -> bool:
        """Tell whether it may have arrived all the same."""
        return self.state == Notice.State.UNCERTAIN


def _failed(viewer: Any) -> QuerySet[Notice]:
    """Choose what somebody may see of it: all, but of who opens letters only nobody's threads and their own."""
    rows = Notice.objects.filter(state__in=(Notice.State.FAILED, Notice.State.UNCERTAIN))
    if may(viewer, Permission.SEE_MORNING):
        return rows
    if not may(viewer, Permission.SEE_WORKLIST):
        return rows.none()
    if may(viewer, Permission.OPEN_LETTER):
        mine, nobodys = Q(thread__enquiry__taken_by=viewer), Q(thread__enquiry__taken_by__isnull=True)
        return rows.filter(Q(user=viewer) | Q(thread__isnull=False) & (mine | nobodys))
    return rows


def count_failed(viewer: Any) -> int:
    """Count what `failed` lists when nothing limits it."""
    return _failed(viewer).count()


def failed(viewer: Any, limit: int | None = None) -> list[Failed]:
    """List what did not get through and nobody has seen to yet, oldest first, for who may see the morning."""
    return [
        Failed(
            ident=row.pk,
            kind=row.kind,
            channel=row.channel,
            number=row.thread.number if row.thread else (row.user.handle if row.user else ""),
            thread=row.thread_id,
            at=row.due_at,
            problem=row.problem,
            state=row.state,
        )
        for row in _failed(viewer).select_related("thread", "user").order_by("due_at")[:limit]
    ]


def counts() -> dict[str, int]:
    """Count what waits, what was sent since yesterday, and what did not get through."""
    rows = Notice.objects.values_list("state").annotate(n=Count("pk"))
    return {state.value: 0 for state in Notice.State} | {str(state): number for state, number in rows}


def state(ident: UUID) -> tuple[str, str]:
    """Tell how far one message has come, and what went wrong with it so far."""
    row = Notice.objects.filter(pk=ident).values_list("state", "problem").first()
    return (str(row[0]), str(row[1])) if row else ("given_up", "")
