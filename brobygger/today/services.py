"""The one thing this room writes down: that somebody took out who has looked at a family."""

from typing import Any
from uuid import UUID

from django.db import transaction

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.privacy import queries as privacy
from brobygger.privacy.services import record

from .looking import WEIGHED


@transaction.atomic
def look_up_family(*, thread: UUID, how: str, by: Any) -> list[Any]:
    """Give one family's lines, but for those a person must weigh; who took them out, and how, is a line too."""
    require(by, Permission.EXPORT_LOOKS)
    lines = list(privacy.entries(about=f"thread:{thread}").exclude(WEIGHED))
    record(by=by, action="today.looks_taken_out", about=f"thread:{thread}", reason=how)
    return lines
