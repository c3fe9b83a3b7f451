"""What did not get through, and what one does about it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brobygger.access.guards import guard, may
from brobygger.access.roles import Permission

from . import queries, services

#: How many rows are shown; the oldest come first, and the rest when these are seen to.
PAGE = 50


@guard(Permission.SEE_MORNING, Permission.SEE_WORKLIST)
def failed(request: HttpRequest) -> HttpResponse:
    """Show the messages that did not get through."""
    shown = queries.failed(request.user, PAGE)
    context = {
        "failed": shown,
        "more": queries.count_failed(request.user) - len(shown) if len(shown) == PAGE else 0,
        "counts": queries.counts(),
        "sees_to_it": may(request.user, Permission.SEE_MORNING),
    }
    return render(request, "outbox/failed.html", context)


@guard(Permission.SEE_MORNING)
@require_POST
def again(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Try a message again."""
    return _see_to(request, lambda: services.try_again(notice=notice, by=request.user), _("It is tried again now."))


@guard(Permission.SEE_MORNING)
@require_POST
def drop(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Let go of a message."""
    return _see_to(request, lambda: services.give_up(notice=notice, by=request.user), _("It is off the list."))


def _see_to(request: HttpRequest, deed: Callable[[], None], done: str) -> HttpResponse:
    """Do it, unless a colleague was first, and go back to the list one came from."""
    try:
        deed()
    except services.NothingToDo:
        messages.info(request, _("A colleague has seen to it already, or the family has gone."))
    else:
        messages.success(request, done)
    return redirect("today:morning" if request.POST.get("from") == "morning" else "outbox:failed")
