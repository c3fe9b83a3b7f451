"""The calendar feed a therapist's own phone reads: hours and places, no names, no numbers."""

import icalendar
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brobygger.ground import clock
from brobygger.ground.guards import public

from . import queries


@public
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give the feed behind a secret address, which is made on one's own page and revoked there."""
    found = queries.feed(token)
    if found is None:
        raise Http404
    file = icalendar.Calendar()
    file.add("prodid", "-//Brobygger//DA")
    file.add("version", "2.0")
    words = {"home": _("Visit"), "phone": _("Telephone"), "video": _("Video"), "house": _("Talk")}
    for each in found:
        event = icalendar.Event()
        event.add("uid", f"{each.pk}@brobygger")
        event.add("dtstamp", clock.now())
        event.add("dtstart", each.starts_at)
        event.add("dtend", each.ends_at)
        event.add("summary", words[each.where])
        if each.cancelled:
            event.add("status", "CANCELLED")
        file.add_component(event)
    return HttpResponse(file.to_ical(), content_type="text/calendar; charset=utf-8")
