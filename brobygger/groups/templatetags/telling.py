"""What the pages of a group gather: its first dates, who will be told, who must be rung, and what is in the way."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import template
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import sent_again
from brobygger.ground.templatetags.house import said, say_when
from brobygger.groups import dates, queries, services
from brobygger.groups.forms import GroupForm, Move
from brobygger.groups.models import Group, Meeting, Seat, Waiting

from .boxes import told_at_home
from .groups import first_dates, why_not
from .linked import also, also_said

register = template.Library()
#: How many of the days that clash are said one by one.
SAID = 3


# ---- Who will be told ----


@dataclass(frozen=True)
class Telling:
    """How many families hear of a change in their own box, and how many must be rung because they have none.

    And the meetings of other groups that some of them come to the same day, with how many do.
    """

    boxes: int = 0
    ring: int = 0
    also: tuple[tuple[Meeting, int], ...] = ()


def telling(groups: Iterable[Group]) -> Telling:
    """Count the families that sit in some groups and those beside them, before anything is done."""
    ids = [each.pk for each in groups]
    rows = Seat.objects.filter(chair__isnull=False).select_related("member__course__thread", "group")
    families: dict[UUID, list[Seat]] = {}
    for seat in [*rows.filter(group__in=ids), *rows.filter(group__beside__in=ids)]:
        families.setdefault(seat.member.course_id, []).append(seat)
    boxes = sum(_hears(seats) for seats in families.values())
    return Telling(boxes, len(families) - boxes)


def _hears(seats: list[Seat]) -> bool:
    thread = seats[0].member.course.thread
    return thread is not None and not thread.ending and bool(told_at_home(seats))


def telling_of(meeting: Meeting) -> Telling:
    """Count the families a change of one meeting is told to, those of the meetings beside it included."""
    found = telling({each.group_id: each.group for each in dates.together([meeting])}.values())
    return replace(found, also=tuple(also(meeting)))


def moved(meeting: Meeting, to: datetime) -> str:
    """Say where a meeting was moved to, and what else the same families come to on its old day."""
    return _("Moved to %(when)s.") % {"when": say_when(to)} + also_said(meeting)


def called_off(meeting: Meeting, told: services.Told) -> str:
    """Say that a meeting is called off, which one there is instead, and what else the same families come to."""
    instead = _("Instead there is one %(when)s.") % {"when": say_when(told.instead.starts_at)} if told.instead else ""
    return _("Called off.") + (f" {instead}" if instead else "") + also_said(meeting)


def to_ring(viewer: Any, held: queries.HeldGroup) -> list[tuple[casework.Short, datetime]]:
    """List the families no message reached, by their nicknames, with who has each and since when; for who arranges."""
    if not held.sight.arrange:
        return []
    rows = queries.unheard(held.group).select_related("member")
    since = {seat.member.course_id: seat.ring_since for seat in rows if seat.ring_since}
    return [(each, since[each.ident]) for each in casework.shorts(viewer, since)]


def groups_to_ring(viewer: Any) -> list[Group]:
    """List for who arranges groups those with a family that no message reached."""
    waiting = queries.unheard().values("group") if may(viewer, Permission.ARRANGE_GROUPS) else ()
    return list(Group.objects.filter(pk__in=waiting).order_by("place", "name"))


def opened(group: Group) -> str:
    """Say what it means that a group is open now."""
    if group.public and not group.beside_id:
        return _("The group is open, and families can find it.")
    return _("The group is open.")


def shown_at(said: str) -> datetime:
    """Read when a page was shown that is sent back: what came later was not on it."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return clock.now()
    return at if at.tzinfo else clock.now()


def waiting_counts() -> dict[str, tuple[str, int]]:
    """Count who waits in courses that run, by what they wait for: its key, its name, how many."""
    named = {row.key: said(row.name) for row in catalogue.offers()}
    rows = Waiting.objects.filter(ended_on=None, member__erasing=False, member__course__state="open")
    counted = rows.order_by("offer").values_list("offer").annotate(n=Count("pk"))
    return {key: (named.get(key, key), count) for key, count in counted}


@register.filter
def waits(counts: dict[str, tuple[str, int]], offer: str) -> int:
    """Tell how many wait for one offer."""
    return counts.get(offer, ("", 0))[1]


# ---- Before it is kept ----


def shown_dates(form: GroupForm) -> dict[str, Any]:
    """Give a form with the first dates it would have, as soon as what is typed holds together."""
    if not form.is_bound or form.errors:
        return {"form": form, "rows": [], "parity": None}
    plan = form.plan()
    if plan is None:
        return {"form": form, "rows": [], "elsewhere": True}
    rows = first_dates(plan, form.cleaned_data["skips_weeks"])
    return {"form": form, "rows": rows, "none": not any(each.meets for each in rows)}


@contextmanager
def in_the_way(form: Any) -> Iterator[None]:
    """Say at the right field what is in the way of a deed; nothing typed is lost."""
    try:
        yield
    except services.RoomIsTaken as why:
        taken = _("The room is taken: %(when)s.") % {"when": _days(why.days, form)}
        form.add_error("where" if "where" in form.fields else None, taken)
    except services.LeaderIsBusy as why:
        words = {
            "name": why.user.first_name if why.user else _("Somebody who leads"),
            "when": _days(why.days, form, why.user),
        }
        form.add_error(None, _("%(name)s has something else: %(when)s.") % words)
    except services.NotThatDay as why:
        because = why_not(why.day, ()) or _("a week this group leaves out")
        form.add_error("day", _("No group meets on that day: %(why)s.") % {"why": because})
        if isinstance(form, Move):
            form.even_so()
    except services.MeetingIsOver:
        over = _("It cannot be changed any more: it has begun, it was told of, or it was called off in the meantime.")
        form.add_error(None, over)
    except services.GroupIsClosed:
        form.add_error(None, _("The group was closed in the meantime."))
    except services.NotALeader:
        form.add_error(None, _("Somebody you chose may not lead this, or leads it already. Choose again."))
    except services.SomethingNew:
        _newer(form)
    except services.NotSound as why:
        form.add_error(
            why.field if why.field in form.fields else None, _("This does not go together. Look at it again.")
        )


def _days(moments: list[datetime], form: Any, user: Any = None) -> str:
    """Say the first of the moments that clash, with what is there, and how many more there are."""
    named = "; ".join(f"{say_when(each)} ({_what(each, form, user)})" for each in moments[:SAID])
    more = len(moments) - SAID
    if more <= 0:
        return named
    return named + " " + ngettext("and %(n)s more day", "and %(n)s more days", more) % {"n": more}


def _what(moment: datetime, form: Any, user: Any) -> str:
    """Say what kind of thing is in a room, or in somebody's day, at a moment: a group by its name, or a talk."""
    sent = form.cleaned_data
    lasts = timedelta(hours=2)
    if sent.get("begins") and sent.get("ends"):
        begins, ends = (datetime.combine(moment, sent[name]) for name in ("begins", "ends"))
        lasts = ends - begins
    rows = Meeting.objects.filter(state="planned", starts_at__lt=moment + lasts, ends_at__gt=moment)
    if user is not None:
        rows = rows.filter(leads__user=user)
    elif sent.get("where"):
        place, _colon, room = sent["where"].partition(":")
        rows = rows.filter(place=place, room=int(room))
    found = rows.select_related("group").first()
    return str(found.group) if found else _("a talk")


def _newer(form: Any) -> None:
    """Let one more press save what was typed, now that somebody has been told of the colleague's change."""
    said_so = _("A colleague changed this in the meantime. What you typed is still here. Press once more to save it.")
    form.add_error(None, said_so)
    form.data = sent_again(form.data, **form.newest())
