"""The calendars a telephone reads behind a secret address: when and where a group meets, no names and no theme."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

import icalendar
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.guards import public
from brobygger.ground.templatetags.house import said
from brobygger.groups import queries as seating
from brobygger.series import rules as series

from . import queries

#: How often a telephone is asked to look again.
LOOK_AGAIN = timedelta(hours=1)


@public
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the calendar behind a secret address; one that is unknown, revoked or no longer allowed is nowhere."""
    found = queries.feed(secret)
    if found is None:
        raise Http404
    file = icalendar.Calendar()
    file.add("prodid", "-//Brobygger//DA")
    file.add("version", "2.0")
    file.add("x-wr-calname", _("Groups"))
    file.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    file.add("x-published-ttl", LOOK_AGAIN)
    for event in _events(found):
        # Of the day and not of the second, so that a calendar nobody has changed stays the same.
        event.add("dtstamp", datetime.combine(clock.today(), time(), clock.TZ).astimezone(UTC))
        event.add("class", "PRIVATE")
        file.add_component(event)
    file.add_missing_timezones()
    body = file.to_ical()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response


def _events(meetings: list[Any]) -> Iterator[icalendar.Event]:
    """Write each group as a rule with its exceptions, and what is called off as called off, by itself."""
    rooms = {place.key: place for place in catalogue.places()}
    for group, rows in groupby(sorted(meetings, key=lambda each: str(each.group_id)), key=lambda each: each.group):
        held = [replace(one, where=_where(rooms.get(row.place), row.room)) for one, row in _dated(list(rows))]
        plan, words = seating.plan(group), {"summary": _called(group)}
        uid, number = f"{group.pk}-{{}}@brobygger", group.sequence
        own = (plan, group.begins, group.ends)
        yield from series.events(*_from(own, held), held, uid=uid, sequence=number, words=words)
        called_off = {"summary": _("Called off: %(what)s") % {"what": words["summary"]}, "status": "CANCELLED"}
        for one in held:
            if one.cancelled:
                alone = [replace(one, cancelled=False)]
                off = replace(plan, rule="")
                yield from series.events(off, *own[1:], alone, uid=uid, sequence=number, words=called_off)


def _dated(rows: list[Any]) -> Iterator[tuple[series.Held, Any]]:
    """Give each meeting as plain values, and as it is."""
    return zip(seating.dated(rows), rows, strict=True)


def _from(own: tuple[series.Plan, Any, Any], held: list[series.Held]) -> tuple[series.Plan, Any, Any]:
    """Let a rule begin at the first day that is shown: a group of many years has no line for each day gone by."""
    plan, begins, ends = own
    if not plan.rule or not held:
        return own
    shown = min(each.planned_on for each in held)
    first = next(day for day in series.days(plan.rule, plan.first) if day >= shown)
    return replace(plan, first=first), begins, ends


def _where(place: Any, room: int) -> str:
    """Say where, as the house's own pages do; a place with one room is enough."""
    if place is None:
        return ""
    if place.rooms < 2:
        return said(place.name)
    return _("%(place)s, room %(number)s") % {"place": said(place.name), "number": room}


def _called(group: Any) -> str:
    """Call a group something a lock screen may show: by age, never by what it is about."""
    words = {"pair": _("Group, the small ones"), "parent": _("Group, grown-ups"), "cafe": _("Open house")}
    ages = {"low": group.months_from // 12, "high": (group.months_to - 1) // 12}
    return str(words.get(group.kind) or _("Group %(low)s–%(high)s") % ages)
