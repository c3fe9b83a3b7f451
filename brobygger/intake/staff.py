"""The worklist and one thread, for those who work here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from brobygger.access import queries as people
from brobygger.access import services as access
from brobygger.access.guards import guard, may
from brobygger.access.roles import Permission
from brobygger.appointments import queries as appointments
from brobygger.appointments import services as booking
from brobygger.catalogue import queries as catalogue
from brobygger.door import queries as door
from brobygger.privacy import seal
from brobygger.threads import services as conversations

from . import calls, forms, queries, rules, services

#: What stopped a deed, in words; whatever was typed is still on the page.
REFUSED: dict[type[Exception], Any] = {
    services.NotYours: _l("A colleague has this thread. Nothing was sent."),
    conversations.ThreadIsGone: _l("This conversation is not here"),
    services.SomethingNew: _l(
        "Something new has been written in the meantime. Read it below; your text is still here."
    ),
    booking.TimeIsTaken: _l("One of the times was taken in the meantime. Tick others; your text is still here."),
    booking.TimeIsPast: _l("One of the times has gone by. Tick others; your text is still here."),
}


@guard(Permission.SEE_WORKLIST)
def worklist(request: HttpRequest) -> HttpResponse:
    """Show who waits, nearest promise first; asked for again by itself every few seconds."""
    find = request.GET.get("find", "").replace("\0", "").strip()
    context = {
        "find": find,
        "found": queries.by_number(request.user, find) if find else [],
        "waiting": queries.waiting(request.user),
        "answered": queries.answered(request.user) if may(request.user, Permission.ANSWER) else [],
        "counts": queries.counts(),
        "silent": not door.letters_are_opened(),
        "calls": may(request.user, Permission.TAKE_CALL),
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
        **_links(request, line),
    }


def _links(request: HttpRequest, line: queries.Line) -> dict[str, Any]:
    """Tell which of a later room's pages about this thread somebody may go to."""
    return {
        "consents": line.facts.get("door") != "professional" and may(request.user, Permission.KEEP_CONSENTS),
        "referral": line.facts.get("wish") == "referral" and may(request.user, Permission.SEE_REFERRALS),
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
    others = [one for one in people.colleagues(Permission.ANSWER) if one != request.user]
    context = {
        "line": line,
        "said": said,
        "sight": queries.sight(request.user, enquiry),
        "form": form or forms.Answer(initial={"seen": seen}),
        "where": where,
        "about": queries.labels(line.facts),
        "modes": modes,
        "free": queries.by_day(free),
        "chosen": chosen if chosen is not None else queries.proposed(line, free),
        "contact": line.card and may(request.user, Permission.OPEN_CONTACT),
        **forms.tools(others, seen),
        **_links(request, line),
        **more,
    }
    return render(request, "intake/thread.html", context, status=status)


@guard(Permission.ANSWER)
@require_POST
def answer(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Answer a family, with times when some are ticked."""
    chosen, where = request.POST.getlist("times"), request.POST.get("where", "house")

    def do(form: Any, enquiry: Any) -> None:
        services.answer(
            enquiry=enquiry,
            text=form.cleaned_data["text"],
            by=request.user,
            where=where,
            times=form.times(chosen, where),
            seen=form.cleaned_data["seen"],
        )

    return _try(request, thread, forms.Answer(request.POST), do, _("Your answer is on its way."), chosen=chosen)


def _try(
    request: HttpRequest,
    thread: UUID,
    form: Any,
    do: Callable[[Any, Any], None],
    done: str,
    *,
    slot: str = "form",
    chosen: list[str] | None = None,
) -> HttpResponse:
    """Do a deed with what was typed; on refusal show the page again with a sentence and every word still there."""
    enquiry, refusal = queries.get_enquiry(request.user, thread), ""
    if enquiry is not None and form.is_valid():
        try:
            do(form, enquiry)
        except tuple(REFUSED) as why:
            refusal = str(REFUSED[type(why)])
        except django_forms.ValidationError as wrong:
            refusal = " ".join(wrong.messages)
        else:
            messages.success(request, done)
            return redirect("intake:worklist")
        enquiry = queries.get_enquiry(request.user, thread)
    if enquiry is None:
        # Burned, gone on as a course, or a colleague's while somebody was writing: what they wrote is theirs.
        text = next((value for name, value in request.POST.items() if name.endswith("text")), "")
        return render(request, "intake/gone.html", {"text": text}, status=404)
    if refusal:
        form.add_error(None, refusal)
    if hasattr(form, "data") and "seen" in form.fields and refusal:
        form.data = form.data.copy()
        form.data[form.add_prefix("seen")] = queries.last_number(enquiry)
    return _page(request, enquiry, chosen=chosen, status=422, **{slot: form})


@guard(Permission.ANSWER)
@require_POST
def agree(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Book a time that was agreed while talking."""
    where = request.POST.get("where", "phone")

    def do(form: Any, enquiry: Any) -> None:
        services.agree(enquiry=enquiry, choice=form.choice(where), where=where, by=request.user)

    done = _("Agreed. The time stands on your day, and in their box.")
    return _try(request, thread, forms.Agree(request.POST, prefix="agree"), do, done, slot="agree")


@guard(Permission.ANSWER)
@require_POST
def signpost(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Help a family on to another place."""

    def do(form: Any, enquiry: Any) -> None:
        clean = form.cleaned_data
        services.signpost(enquiry=enquiry, to=clean["to"], text=clean["text"], by=request.user, seen=clean["seen"])

    return _try(
        request,
        thread,
        forms.Signpost(request.POST, prefix="on"),
        do,
        _("Your answer is on its way."),
        slot="signpost",
    )


@guard(Permission.END)
@require_POST
def end(request: HttpRequest, thread: UUID) -> HttpResponse:
    """End a thread."""

    def do(form: Any, enquiry: Any) -> None:
        clean = form.cleaned_data
        services.end(enquiry=enquiry, outcome=clean["outcome"], text=clean["text"], by=request.user)

    return _try(
        request,
        thread,
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


# ---- A call, or somebody who comes in ----


@guard(Permission.TAKE_CALL)
def call(request: HttpRequest) -> HttpResponse:
    """Write down a call, or somebody who comes in, in one line."""
    if request.method != "POST":
        return _line(request)
    form = forms.Call(request.POST, answers=may(request.user, Permission.ANSWER))
    try:
        page = calls.read_page(request.POST.get("token"), by=request.user)
    except calls.Stale:
        problem = _("The page had been open for a long time. What you typed is still here; press once more.")
        return _line(request, form, problem=problem, status=409)
    if not form.is_valid():
        return _line(request, form, page, status=422)
    try:
        return (_count if form.call().only_counted else _open)(request, form, page)
    except services.LineIsUsed:
        problem = _("This line has been used already. What you typed is still here; press once more for a new one.")
        return _line(request, form, problem=problem, status=409)
    except seal.Busy:
        problem = _("Many keys are being made at this moment. What you typed is still here; press again in a minute.")
        return _line(request, form, page, problem=problem, status=503)


def _line(
    request: HttpRequest, form: Any = None, page: calls.Page | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Show the line to be filled in, with whatever was typed still in it."""
    if form is None:
        form = forms.Call(answers=may(request.user, Permission.ANSWER))
        # The hand is on the keyboard, the ear on the telephone.
        form.fields["door"].widget.attrs["autofocus"] = True
    token = (page or calls.new_page(request.user)).sealed()
    return render(request, "intake/call.html", {"form": form, "token": token, **more}, status=status)


def _count(request: HttpRequest, form: Any, page: calls.Page) -> HttpResponse:
    """Count the call, and show a fresh line with a way to take this one back."""
    services.count_call(number=page.number, call=form.call(), by=request.user)
    return _line(request, counted=page.sealed())


def _open(request: HttpRequest, form: Any, page: calls.Page) -> HttpResponse:
    """Begin a thread; then read the key aloud, offer times, or see it on the worklist."""
    said, key = form.call(), seal.read_key(page.key)
    # Nobody has the key of a box that was not asked for; the house can still write down what it says there.
    given = key if form.wants_key else seal.new_return_key()
    enquiry, new = services.open_call(number=page.number, key=given, call=said, by=request.user)
    number = enquiry.thread.number
    if form.wants_key and number != key.number:
        problem = _(
            "This call is here already, as box %(number)s, without a key. Press once more for a new box with a key."
        )
        return _line(request, form, problem=problem % {"number": number}, status=409)
    if form.wants_key and (new or not queries.has_own_key(enquiry)):
        groups = rules.spelled(page.key, get_language() or "da")
        return render(
            request, "intake/call_key.html", {"key": page.key, "groups": groups, "new": new, "enquiry": enquiry}
        )
    if not new:
        messages.info(
            request, _("This call is here already, as box %(number)s. Nothing was changed.") % {"number": number}
        )
        return redirect("intake:worklist")
    messages.success(request, _("The call is on the list now, as box %(number)s.") % {"number": number})
    if said.what == "time" and may(request.user, Permission.TAKE):
        try:
            services.take(enquiry=enquiry, by=request.user)
        except services.AlreadyTaken:
            messages.info(request, _("A colleague was first and has it now."))
        else:
            return redirect("intake:thread", thread=enquiry.thread_id)
    return redirect("intake:worklist")


@guard(Permission.TAKE_CALL)
@require_POST
def undo_call(request: HttpRequest) -> HttpResponse:
    """Take a call out of the count again."""
    try:
        page = calls.read_page(request.POST.get("token"), by=request.user)
    except calls.Stale:
        messages.info(request, _("It is too late to take that line back."))
        return redirect("intake:call")
    if services.undo_call(number=page.number, by=request.user):
        messages.success(request, _("Taken back. It is not counted."))
    else:
        messages.info(request, _("That line was taken back already."))
    return redirect("intake:call")
