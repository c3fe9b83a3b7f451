"""What somebody said of themselves over time, as the box they have the key to holds it: for their own eyes."""

from typing import TYPE_CHECKING, Any

from django.db.models import F

from brobygger.casework import queries as casework
from brobygger.casework.rules import CHILDREN
from brobygger.ground import clock
from brobygger.outcomes import queries, rules
from brobygger.outcomes.models import Round

if TYPE_CHECKING:
    from brobygger.casework.models import Member
    from brobygger.threads.models import Thread

#: So many answers there is room for; the first is always among them.
MOST = 12


def in_box(thread: "Thread") -> dict[str, Any]:
    """Say how who has a family's key answered about themselves, over time; `about` is whose it is.

    What anybody else said, or what was said of anybody else, is never here. A child under fifteen sees it together
    with the one they talk to: then it is said that there is something to see.
    """
    mine = Round.objects.filter(by=F("member"), member__position=0, member__erasing=False)
    row = mine.filter(member__course__thread=thread).select_related("member__course").first()
    if row is None:
        return {}
    curves = [_told(each) for each in queries.curves(_opened(row.member)) if each.first is not None]
    if curves and not decides(row.member):
        return {"together": True}
    return {"curves": curves, "about": row.member} if curves else {}


def decides(member: "Member") -> bool:
    """Tell whether somebody decides alone who sees what they answered: a grown-up, and who has turned fifteen.

    A month of birth is all that is known, so it is from the month after; of whose is not known at all, it is not.
    """
    known = casework.said_of([member])[member.pk]
    if known.get("role") not in CHILDREN:
        return True
    months = rules.months_at(str(known.get("birth") or ""), clock.today())
    return months is not None and months > rules.DECIDES * 12


def _opened(member: "Member") -> Any:
    return queries.opened(queries.sheets_of(member).filter(round__by=member.pk))


def _told(curve: queries.Curve) -> dict[str, Any]:
    """Put a curve into plain values: the days, the counts, and what a change is measured against."""
    counted = [(each.on.isoformat(), each.score) for each in curve.points if each.score is not None]
    limits = {name: getattr(curve.instrument, name) for name in ("relevant", "reliable", "line", "top")}
    return {
        "title": dict(curve.instrument.title),
        "points": [*counted[:1], *counted[1:][-(MOST - 1) :]],
        "down_is_better": curve.instrument.lower_is_better,
        **limits,
    }
