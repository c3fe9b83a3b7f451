"""Somebody who was handed a tablet at the meeting: nobody is signed in on it, and it opens one round's questions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from brobygger.door.rules import came_from_here
from brobygger.ground.guards import public

from . import letters
from .templatetags import handed


@csrf_exempt
@public
def at_tablet(request: HttpRequest, ticket: str) -> HttpResponse:
    """Ask one question at a time; when it is sent, or over, thank and stand locked.

    Nothing of anybody stands here. Whoever presses back, loads it again or changes the address gets this page as it is
    now, or nothing. The ticket in the address is the right to answer, so a form needs no other sign.
    """
    held = handed.read(ticket)
    row = handed.waits(held.round) if held else None
    if held is None or row is None:
        return _locked(request, held)
    data = request.POST if request.method == "POST" else None
    going = handed.walk(row, data)
    if going is None:
        return _locked(request, held)
    if data is not None and not _from_here(request):
        problem = _("The page was sent from somewhere else. Press again here.")
        return _page(request, "tablet", 403, walk=going, problem=problem)
    if data is None or not going.done:
        return _page(request, "tablet", 422 if going.problem else 200, walk=going)
    letters.take_from_tablet(ticket=held, answers=going.answers(), language=get_language() or "da")
    return redirect(request.path)


def _locked(request: HttpRequest, held: handed.Handed | None) -> HttpResponse:
    return _page(request, "locked", 200, thanks=held is not None and handed.answered(held.round))


def _page(request: HttpRequest, name: str, status: int, **context: Any) -> HttpResponse:
    return render(request, f"outcomes/{name}.html", context, status=status)


def _from_here(request: HttpRequest) -> bool:
    return came_from_here(
        site=request.headers.get("Sec-Fetch-Site"),
        origin=request.headers.get("Origin"),
        referer=request.headers.get("Referer"),
        here=f"{request.scheme}://{request.get_host()}",
    )
