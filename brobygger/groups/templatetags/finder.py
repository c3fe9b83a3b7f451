"""What the public finder is told of the groups: when and where one may begin, and a word for the seats. No person."""

from typing import Any

from django.db.models import Count, Prefetch, Q

from brobygger.ground import clock
from brobygger.groups.models import Group, Meeting
from brobygger.series import rules as series

#: So many seats are "few", and so many of the next days are shown.
FEW, SHOWN = 2, 6


def for_the_public() -> list[dict[str, Any]]:
    """Say of each open group anybody may hear of when one may begin there; of seats only a word."""
    now, found = clock.now(), []
    coming = Meeting.objects.filter(state=Meeting.State.PLANNED, starts_at__gt=now).order_by("starts_at")
    begun = Meeting.objects.filter(starts_at__lte=now).exclude(state=Meeting.State.CANCELLED)
    under_way = set(begun.values_list("group_id", flat=True))
    running = Group.objects.filter(state=Group.State.OPEN)
    beside = set(running.values_list("beside_id", flat=True))
    # A group beside another is told of there: one comes to it through the other.
    rows: Any = running.filter(public=True, beside=None)
    rows = rows.annotate(chairs=Count("taken", filter=Q(taken__chair__isnull=False)))
    for row in rows.prefetch_related(Prefetch("meetings", queryset=coming, to_attr="coming")):
        rolling = row.intake == Group.Intake.ROLLING or row.kind == Group.Kind.CAFE
        if row.coming and (rolling or row.pk not in under_way):
            found.append(_told(row, rolling=rolling, parents_too=row.pk in beside))
    return found


def _told(row: Any, *, rolling: bool, parents_too: bool) -> dict[str, Any]:
    """Say of one group what everybody may know."""
    days = [clock.local(each.starts_at).date().isoformat() for each in row.coming]
    free = row.seats - row.chairs
    word = "open" if row.kind == Group.Kind.CAFE else "free" if free > FEW else "few" if free > 0 else "waiting"
    return (
        {name: getattr(row, name) for name in ("offer", "place", "months_from", "months_to", "siblings_to", "language")}
        | {"group": row.pk, "begins": row.begins, "ends": row.ends, "rolling": rolling, "places": word}
        | {"weeks": series.parity(each.planned_on for each in row.coming[:27]).weeks, "talks_before": row.talks_before}
        # The ages of a group of grown-ups are their own, and nobody is asked for those.
        | ({"months_from": 0, "months_to": None} if row.kind == Group.Kind.PARENT else {})
        | {"dates": days[: SHOWN if rolling else 1], "parents_too": parents_too}
    )
