"""Calendar addresses, for those who work here."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brobygger.access.guards import guard
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue

from . import queries, services


@guard(Permission.MAKE_FEEDS)
def feeds(request: HttpRequest) -> HttpResponse:
    """Show one's own secret calendar addresses; make one, which is shown this once, or take one back."""
    choices, made, token = queries.feed_choices(request.user), None, ""
    if request.method == "POST" and "revoke" in request.POST:
        if (row := queries.get_feed(request.user, _uuid(request.POST["revoke"]))) is None:
            raise Http404
        services.revoke_feed(feed=row, by=request.user)
        messages.success(request, _("The address opens nothing any more."))
        return redirect("calendars:feeds")
    if request.method == "POST" and (said := choices.get(request.POST.get("what", ""))):
        made, token = services.make_feed(user=request.user, **said, by=request.user)
    wrong = request.method == "POST" and made is None
    places = {each.key: each.name for each in catalogue.places()}
    rows = {"feeds": queries.feeds(request.user), "choices": choices, "places": places}
    page = {**rows, "made": made, "token": token, "wrong": wrong}
    return render(request, "calendars/feeds.html", page, status=422 if wrong else 200)


def _uuid(text: str) -> UUID:
    """Read an id a page has sent back; what is none is nobody's."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
