"""What this room writes down: that a family's lines were taken out, and what was said of something unusual."""

from typing import Any
from uuid import UUID

from django.db import transaction

from brobygger.access.guards import NotAllowed, require
from brobygger.access.roles import Permission
from brobygger.privacy import queries as privacy
from brobygger.privacy.services import record

from . import alarms
from .looking import WEIGHED

#: Shorter than this is no word about anything.
SHORTEST = 3


class SayHow(Exception):
    """That something was spoken about is said in a few words."""


@transaction.atomic
def look_up_family(*, thread: UUID, how: str, by: Any) -> list[Any]:
    """Give one family's lines, but for those a person must weigh; who took them out, and how, is a line too."""
    require(by, Permission.EXPORT_LOOKS)
    lines = list(privacy.entries(about=f"thread:{thread}").exclude(WEIGHED))
    record(by=by, action="today.looks_taken_out", about=f"thread:{thread}", reason=how)
    return lines


def speak_about(*, mark: str, word: str, by: Any) -> None:
    """Write down that an unusual opening was spoken about, in a few words. Nobody does so for what they did themselves.

    Raises `NotAllowed`, `SayHow`, and `ValueError` when there is nothing unusual by that name.
    """
    require(by, Permission.SEE_LOOKS)
    alarm = next((each for each in alarms.found() if each.mark == mark), None)
    if alarm is None:
        raise ValueError(mark)
    if alarm.by == by.handle:
        raise NotAllowed("see_looks")
    word = " ".join(word.split())
    if len(word) < SHORTEST:
        raise SayHow
    with transaction.atomic():
        record(by=by, action=alarms.SPOKEN, about=f"alarm:{mark}", reason=word[:500])
