"""How an evening is told of, and what is written of it afterwards, for tests of the evening."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import Model

from brobygger.groups import evening, rules
from brobygger.groups.models import Attendance, Meeting
from brobygger.privacy.models import AuditEntry

HERE, SAID_NO, ABSENT = rules.MARKS


def hold(meeting: Meeting, by: Any, marks: dict[UUID, str], **more: Any) -> Meeting:
    """Tell of an evening, from a page of its own unless one is named."""
    told = {"elements": [], "sentence": "", "once": uuid4(), **more}
    return evening.hold_meeting(meeting=meeting, marks=marks, by=by, **told)


def marks(meeting: Meeting) -> dict[UUID, str]:
    """What is written of who came."""
    return dict(Attendance.objects.filter(meeting=meeting).values_list("member_id", "mark"))


def lines(about: Any) -> list[str]:
    """What stands in the trail about a thing, oldest first."""
    ident = f"{about._meta.model_name}:{about.pk}" if isinstance(about, Model) else about
    return list(AuditEntry.objects.filter(about=ident).order_by("at", "id").values_list("action", flat=True))
