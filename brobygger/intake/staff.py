"""The worklist and one thread, for those who work here."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brobygger.access import queries as people
from brobygger.access import services as access
from brobygger.access.guards import guard, may
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.appointments import rules as times
from brobygger.appointments import services as booking
from brobygger.catalogue import queries as catalogue
from brobygger.door import queries as door
from brobygger.ground import clock
from brobygger.privacy import queries as privacy
from brobygger.threads import queries as threads
from brobygger.threads import services as conversations

from . import forms, queries, services, trail


@guard(Permission.SEE_WORKLIST)
def worklist(request: HttpRequest) -> HttpResponse:
    """Show who waits, nearest promise first; asked for again by itself every few seconds."""
    find = request.GET.get("find", "").strip()
    context = {
        "find": find,
        "found": queries.by_number(request.user, find) if find else [],
        "waiting": queries.waiting(request.user),
        "answered": queries.answered(request.user) if may(request.user, Permission.ANSWER) else [],
        "counts": queries.counts(),
        "silent": not door.letters_are_opened(),
    }
    template = "intake/worklist.html#lists" if getattr(request, "htmx", False) else "intake/worklist.html"
    return render(request, template, context)


@guard(Permission.TAKE)
@require_POST
def take(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Take a letter and open it."""
    enquiry = _enquiry(request, thread)
    try:
        services.take(enquiry=enquiry, by=request.user)
    except services.AlreadyTaken:
        messages.info(request, _("A colleague was first and has it now."))
        return redirect("intake:worklist")
    return redirect("intake:thread", thread=thread)


def _enquiry(request: HttpRequest, thread: UUID) -> Any:
    """Fetch an enquiry the viewer may open, or answer 404."""
    enquiry = queries.get_enquiry(request.user, thread)
    if enquiry is None:
        raise Http404
    return enquiry


@guard(Permission.SEE_WORKLIST)
def thread(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Show one thread: what was said to those who may open it, else only its row."""
    enquiry = queries.get_enquiry(request.user, thread)
    if enquiry is None:
        line = queries.get_line(request.user, thread)
        if line is None:
            raise Http404
        return render(request, "intake/closed.html", _closed(request, line))
    return _page(request, enquiry)


def _closed(request: HttpRequest, line: queries.Line) -> dict[str, Any]:
    """Gather what somebody may do with a thread they may not read: hand it over, break the glass, open the contact."""
    return {
        "line": line,
        "hand_over": forms.HandOver(people=people.colleagues(Permission.ANSWER)),
        "reason": forms.Reason(),
        "glass": may(request.user, Permission.BREAK_GLASS),
        "contact": line.card and may(request.user, Permission.OPEN_CONTACT),
        "hands_over": may(request.user, Permission.HAND_OVER),
    }


def _page(
    request: HttpRequest,
    enquiry: Any,
    *,
    form: Any = None,
    chosen: list[str] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Show a thread with the answer being written; `chosen` are the times ticked so far."""
    said = conversations.look(thread=enquiry.thread, by=request.user)
    line = queries.get_line(request.user, enquiry.thread_id)
    assert line is not None
    where = request.POST.get("where") or request.GET.get("where") or line.facts.get("where") or "house"
    modes = catalogue.meeting_modes(str(line.facts.get("door") or ""))
    if where not in {mode.key for mode in modes}:
        where = modes[0].key if modes else "house"
    free = appointments.free(request.user, where=where) if line.sight.answer else []
    seen = said[-1].number if said else 0
    context = {
        "line": line,
        "said": said,
        "sight": queries.sight(request.user, enquiry),
        "form": form or forms.Answer(initial={"seen": seen}),
        "where": where,
        "about": _labels(line.facts),
        "modes": modes,
        "free": _by_day(free),
        "chosen": chosen if chosen is not None else _proposed(line, free),
        "contact": line.card and may(request.user, Permission.OPEN_CONTACT),
        **_tools(request, seen),
        **more,
    }
    return render(request, "intake/thread.html", context, status=status)


def _labels(facts: dict[str, Any]) -> dict[str, Any]:
    """Say what was ticked in the house's own words; a choice that is no longer offered is said by its key."""
    bands = {band.key: band.label for band in catalogue.age_bands()}
    themes = {theme.key: theme.label for theme in catalogue.themes()}
    band, theme = facts.get("age_band"), facts.get("theme")
    return {"age_band": bands.get(band, band), "theme": themes.get(theme, theme)}


def _by_day(free: list[appointments.Choice], days: int = 4) -> list[tuple[datetime, list[appointments.Choice]]]:
    """Group free times by day, the nearest days first."""
    grouped: dict[date, list[appointments.Choice]] = {}
    for each in free:
        grouped.setdefault(clock.local(each.starts_at).date(), []).append(each)
    return [(times[0].starts_at, times) for times in list(grouped.values())[:days]]


def _tools(request: HttpRequest, seen: int) -> dict[str, Any]:
    """Make the empty forms for what else one may do with a thread."""
    others = [one for one in people.colleagues(Permission.ANSWER) if one != request.user]
    return {
        "hand_over": forms.HandOver(people=others),
        "signpost": forms.Signpost(prefix="on", initial={"seen": seen}),
        "end": forms.End(prefix="end"),
        "reason": forms.Reason(prefix="why"),
    }


def _proposed(line: queries.Line, free: list[appointments.Choice]) -> list[str]:
    """Tick three times on different days for a family that asked for one, in the part of the day they wished."""
    if line.facts.get("wish") != "time" or line.appointment:
        return []
    when = str(line.facts.get("when") or "any")
    fitting = [each for each in free if times.suits(each.starts_at, when)]
    return [each.value for each in times.spread(fitting)]


@guard(Permission.ANSWER)
@require_POST
def answer(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Answer a family, with times when some are ticked."""
    enquiry = _enquiry(request, thread)
    chosen, where = request.POST.getlist("times"), request.POST.get("where", "house")

    def do(form: Any) -> None:
        services.answer(
            enquiry=enquiry,
            text=form.cleaned_data["text"],
            by=request.user,
            where=where,
            times=form.times(chosen, where),
            seen=form.cleaned_data["seen"],
        )

    return _try(request, enquiry, forms.Answer(request.POST), do, _("Your answer is on its way."), chosen=chosen)


def _try(
    request: HttpRequest,
    enquiry: Any,
    form: Any,
    do: Callable[[Any], None],
    done: str,
    *,
    slot: str = "form",
    chosen: list[str] | None = None,
) -> HttpResponse:
    """Do a deed with what was typed; on refusal show the page again with a sentence and every word still there."""
    refusal = ""
    if form.is_valid():
        try:
            do(form)
        except services.NotYours:
            refusal = _("A colleague has this thread. Nothing was sent.")
        except services.SomethingNew:
            refusal = _("Something new has been written in the meantime. Read it below; your text is still here.")
        except booking.TimeIsTaken:
            refusal = _("One of the times was taken in the meantime. Tick others; your text is still here.")
        except booking.TimeIsPast:
            refusal = _("One of the times has gone by. Tick others; your text is still here.")
        except django_forms.ValidationError as wrong:
            refusal = " ".join(wrong.messages)
        else:
            messages.success(request, done)
            return redirect("intake:worklist")
    if refusal:
        form.add_error(None, refusal)
    if hasattr(form, "data") and "seen" in form.fields and refusal:
        form.data = form.data.copy()
        form.data[form.add_prefix("seen")] = queries.last_number(enquiry)
    return _page(request, enquiry, chosen=chosen, status=422, **{slot: form})


@guard(Permission.ANSWER)
@require_POST
def signpost(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Help a family on to another place."""
    enquiry = _enquiry(request, thread)

    def do(form: Any) -> None:
        clean = form.cleaned_data
        services.signpost(enquiry=enquiry, to=clean["to"], text=clean["text"], by=request.user, seen=clean["seen"])

    return _try(
        request,
        enquiry,
        forms.Signpost(request.POST, prefix="on"),
        do,
        _("Your answer is on its way."),
        slot="signpost",
    )


@guard(Permission.END)
@require_POST
def end(request: HttpRequest, thread: UUID) -> HttpResponse:
    """End a thread."""
    enquiry = _enquiry(request, thread)

    def do(form: Any) -> None:
        clean = form.cleaned_data
        services.end(enquiry=enquiry, outcome=clean["outcome"], text=clean["text"], by=request.user)

    return _try(
        request,
        enquiry,
        forms.End(request.POST, prefix="end"),
        do,
        _("The thread has ended. Only a count is left."),
        slot="end",
    )


@guard(Permission.HAND_OVER)
@require_POST
def hand_over(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Hand a thread to a colleague."""
    line = queries.get_line(request.user, thread)
    form = forms.HandOver(request.POST, people=people.colleagues(Permission.ANSWER))
    if line is None or not form.is_valid():
        raise Http404
    colleague = people.person(form.cleaned_data["to"])
    try:
        services.hand_over(enquiry=line.enquiry, to=colleague, by=request.user)
    except services.NotYours:
        messages.info(request, _("A colleague has this thread; only they or the leader can hand it over."))
        return redirect("intake:thread", thread=thread)
    messages.success(request, _("Handed over to %(name)s.") % {"name": colleague})
    return redirect("intake:worklist")


@guard(Permission.OPEN_CONTACT)
@require_POST
def contact(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Show how a family wants to be reached, for a reason that is kept."""
    line = queries.get_line(request.user, thread)
    if line is None or not line.card:
        raise Http404
    form = forms.Reason(request.POST, prefix="why" if "why-reason" in request.POST else None)
    if not form.is_valid():
        messages.info(request, _("Write why, in a few words. It is kept."))
        return redirect("intake:thread", thread=thread)
    card = conversations.look_at_card(thread=line.enquiry.thread, reason=form.cleaned_data["reason"], by=request.user)
    return render(
        request,
        "intake/contact.html",
        {"line": line, "card": card, "number": catalogue.spaced(card["phone"]) if card else ""},
    )


@guard(Permission.BREAK_GLASS)
@require_POST
def break_glass(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Open a colleague's thread for an hour, for a reason that is kept."""
    line = queries.get_line(request.user, thread)
    if line is None:
        raise Http404
    try:
        access.break_glass(about=f"thread:{thread}", reason=request.POST.get("reason", ""), by=request.user)
    except access.SayWhy:
        messages.info(request, _("Write why, in words a colleague can read later."))
    return redirect("intake:thread", thread=thread)


@guard(Permission.SEE_LOOKS)
def looks(request: HttpRequest) -> HttpResponse:
    """Show who has looked at what, newest first."""
    entries = list(privacy.entries(by=request.GET.get("by") or None)[:200])
    idents = [entry.about.removeprefix("thread:") for entry in entries if entry.about.startswith("thread:")]
    names = threads.numbers(idents) | people.handles()
    return render(request, "intake/looks.html", {"lines": trail.lines(entries, names)})
