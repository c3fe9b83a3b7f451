"""How many are measured at both ends, for the leader's gauge: rounds are counted, and nothing of them is opened."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework.queries import LIVING
from brobygger.ground import clock
from brobygger.outcomes import rules
from brobygger.outcomes.models import Round

DUE, DONE = Round.State.DUE, Round.State.DONE


def at_both_ends(viewer: Any, since: Sequence[date]) -> list[tuple[int, int]]:
    """Tell how many answered at the start and at the end, of those asked at the end of the courses that ended since.

    Who stopped unplanned is one of them. Who may still answer is not counted yet.
    """
    if not may(viewer, Permission.SEE_GAUGES) or not since:
        return [(0, 0) for _each in since]
    ended = {"member__course__ended_on__gte": min(since), "member__course__ended_on__lte": clock.today()}
    rows = Round.objects.filter(**ended, member__course__state__in=LIVING, member__erasing=False, moment=rules.END)
    begun = Round.objects.filter(member=OuterRef("member"), by=OuterRef("by"), moment=rules.START, state=DONE)
    told = rows.exclude(state=DUE).annotate(begun=Exists(begun)).order_by()
    listed: list[Any] = list(told.values_list("member", "by", "state", "begun", "member__course__ended_on"))
    found = []
    for day in since:
        # Once for each who was asked about somebody, however often the course went on and ended again.
        over = {(about, by) for about, by, _state, _begun, on in listed if on >= day}
        both = {(about, by) for about, by, state, begun, on in listed if on >= day and state == DONE and begun}
        found.append((len(both), len(over)))
    return found
