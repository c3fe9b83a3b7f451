"""Answers, for those who work here: who is asked, what was answered, and which questions we may use."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from brobygger.access.guards import NotAllowed, guard, hand_over
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.casework import record
from brobygger.ground import clock

from . import forms, instruments, letters, queries, rules, services
from .templatetags import asked, shelves, slips, told

#: Who reads what was answered: who has the course, or has broken the glass to it. Only the first do anything here.
READS = (Permission.OPEN_COURSE, Permission.BREAK_GLASS)


def _page(request: HttpRequest, name: str, status: int = 0, **context: Any) -> HttpResponse:
    """Show a page; one that was sent and comes back has something in it to look at."""
    status = status or (422 if request.method == "POST" else 200)
    return render(request, f"outcomes/{name}.html", context, status=status)


def _round(request: HttpRequest, ident: UUID) -> Any:
    row = queries.get_round(request.user, ident)
    if row is None:
        raise Http404
    return row


def _sheet(request: HttpRequest, ident: UUID) -> Any:
    row = queries.get_sheet(request.user, ident)
    if row is None:
        raise Http404
    return row


def _back(row: Any) -> HttpResponse:
    return redirect("outcomes:of_course", course=row.member.course_id)


def _line(request: HttpRequest, row: Any) -> asked.Line:
    """Say who is asked about whom; that they were looked up is kept."""
    return asked.line(row, record.look_at_people(course=row.member.course, by=request.user))


# ---- Who is asked ----


@guard(Permission.OPEN_COURSE)
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """List what waits to be answered in one's courses, and what somebody should look at."""
    waits = asked.by_course(queries.due(request.user))
    return _page(request, "due", waits=waits, to_look_at=queries.to_look_at(request.user))


@guard(*READS)
@require_safe
def of_course(request: HttpRequest, course: UUID) -> HttpResponse:
    """Show the people of a course who are asked, when, and how it stands."""
    held = casework.get_course(request.user, course)
    if held is None or not held.sight.content:
        raise Http404
    opened = record.look_at_people(course=held.course, by=request.user)
    rows = queries.rounds_of(request.user, course)
    low = [row for row in rows if row.low_on and not row.seen_on]
    return _page(request, "of_course", held=held, asked=asked.of_course(rows, opened), low=low)


@guard(Permission.OPEN_COURSE)
def paper(request: HttpRequest, round: UUID) -> HttpResponse:
    """Type what stood on a paper, or what somebody answered aloud: every question on one page, with its true day."""
    row = _round(request, round)
    line = _line(request, row)
    sent = request.POST if request.method == "POST" else None
    typed = line.open if sent is None else asked.sent(line, sent)
    if line.later or not typed:
        missing = forms.REFUSED[rules.NeedsYes] if row.unagreed else _("There is nothing left to type here.")
        messages.info(request, missing)
        return _back(row)
    form = forms.Paper(sent, row=row, asked=typed)
    if sent is not None and form.is_valid():
        with forms.refused(form):
            said = form.told()
            kept = services.keep_all(round=row, by=request.user, **said)
            if len(kept) < len(said["answers"]):
                messages.info(request, _("Some of it was there already, and stands as it was. The rest is kept."))
            else:
                messages.success(request, _("The answer is kept."))
            return _back(row)
    return _page(request, "paper", line=line, form=form)


@guard(Permission.OPEN_COURSE)
def skip(request: HttpRequest, round: UUID) -> HttpResponse:
    """Leave a round out, with why; that is always fine."""
    row = _round(request, round)
    form = forms.Skip(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with forms.refused(form):
            services.skip(round=row, why=form.cleaned_data["why"], by=request.user)
            messages.success(request, _("It is noted. They are not asked this time."))
            return _back(row)
    return _page(request, "skip", line=_line(request, row), form=form)


@guard(Permission.OPEN_COURSE)
def tablet(request: HttpRequest, round: UUID) -> HttpResponse:
    """Hand the tablet over: who has it works here no more on it, and all it opens is the questions of this round."""
    row = _round(request, round)
    if request.method == "POST":
        try:
            ticket = letters.hand_over(round=row, by=request.user)
        except (rules.RoundIsOver, NotAllowed):
            messages.info(request, _("These questions cannot be answered on a tablet any more."))
            return _back(row)
        hand_over(request)
        handed = redirect("outcomes:at_tablet", ticket=ticket)
        # What stood on this screen before is forgotten, so that no step back shows it.
        handed.headers["Clear-Site-Data"] = '"cache"'
        return handed
    return _page(request, "hand_over", line=_line(request, row))


@guard(Permission.OPEN_COURSE)
def link(request: HttpRequest, round: UUID) -> HttpResponse:
    """Make a link that answers a round once: shown this once to be printed or copied, or sent to their telephone."""
    row, do = _round(request, round), request.POST.get("do", "")
    context = {"line": _line(request, row), "sends": asked.may_send(row), "address": "", "problem": ""}
    if request.method == "POST":
        address = slips.opens_at(request, row)
        try:
            if do == "send" and context["sends"]:
                services.send_link(round=row, address=address, by=request.user)
                messages.success(
                    request, _("The link is written. It leaves when it suits the family, and never at night.")
                )
                return _back(row)
            if do == "make":
                secret = services.make_link(round=row, by=request.user)
                return _page(request, "slip", 200, **slips.slip(row, f"{address}{secret}/"))
            context["problem"] = forms.REFUSED[services.NoWay] if do == "send" else ""
        except (rules.RoundIsOver, rules.NotThatWay, rules.NeedsYes, services.NoWay, NotAllowed) as why:
            context["problem"] = forms.REFUSED[type(why)]
    return _page(request, "link", **context)


@guard(Permission.OPEN_COURSE)
@require_POST
def agree(request: HttpRequest, round: UUID) -> HttpResponse:
    """Note that somebody has said yes to being asked half a year after."""
    row = _round(request, round)
    try:
        services.agree(round=row, by=request.user)
        messages.success(request, _("Their yes is noted. They are asked half a year after the end."))
    except (rules.RoundIsOver, NotAllowed):
        messages.info(request, forms.REFUSED[rules.RoundIsOver])
    return _back(row)


@guard(Permission.OPEN_COURSE)
@require_POST
def seen(request: HttpRequest, round: UUID) -> HttpResponse:
    """Note that one has looked at an answer that was low, and sees to it."""
    row = _round(request, round)
    try:
        services.see(round=row, by=request.user)
        messages.success(request, _("It is noted that you have looked at it."))
    except (rules.RoundIsOver, NotAllowed):
        messages.info(request, _("There is nothing to look at any more."))
    if request.POST.get("next") == "day":
        return redirect("today:day")
    return redirect("outcomes:curve", course=row.member.course_id, member=row.member_id)


# ---- What was answered ----


@guard(*READS)
@require_safe
def curve(request: HttpRequest, course: UUID, member: UUID) -> HttpResponse:
    """Show what was answered about one person over time; each who answers, and each version, for itself."""
    held, row = casework.get_member(request.user, course, member) or (None, None)
    if held is None or row is None or not held.sight.content:
        raise Http404
    opened = record.look_at_people(course=held.course, by=request.user)
    curves = services.look(member=row, by=request.user)
    low = [each for each in queries.rounds_of(request.user, course) if each.member_id == member and each.low_on]
    shown = told.told(curves, opened, row)
    return _page(request, "curve", held=held, called=asked.named(opened, member), told=shown, low=low)


def _look(request: HttpRequest, row: Any) -> tuple[told.Read, dict[str, Any]]:
    """Open one sheet; that somebody looked is kept."""
    try:
        body = services.look_at_sheet(sheet=row, by=request.user)
    except (rules.RoundIsOver, NotAllowed):
        raise Http404 from None
    found = told.read(row, body)
    if found is None:
        raise Http404
    return found, body


@guard(*READS)
@require_safe
def sheet(request: HttpRequest, sheet: UUID) -> HttpResponse:
    """Show one answer question by question, and what stood there before it was set right."""
    row = _sheet(request, sheet)
    found, _body = _look(request, row)
    unchecked = row.mode == "paper" and row.checked_by_id is None
    context = {"unchecked": unchecked, "own": row.kept_by_id == request.user.pk}
    return _page(request, "sheet", sheet=row, line=_line(request, row.round), read=found, **context)


@guard(Permission.OPEN_COURSE)
@require_POST
def checked(request: HttpRequest, sheet: UUID) -> HttpResponse:
    """Note that one held the paper beside what a colleague typed."""
    row = _sheet(request, sheet)
    try:
        services.check_paper(sheet=row, by=request.user)
        messages.success(request, _("It is noted that you held the paper beside it."))
    except NotAllowed:
        messages.info(request, _("Somebody else than who typed it holds the paper beside it."))
    return redirect("outcomes:sheet", sheet=sheet)


@guard(Permission.OPEN_COURSE)
def correct(request: HttpRequest, sheet: UUID) -> HttpResponse:
    """Set an answer right that was typed wrong; what stood there is kept beside it."""
    row = _sheet(request, sheet)
    found, body = _look(request, row)
    more = {"row": row.round, "asked": [found.form]}
    known = forms.Correct.known(found.form, body, row.answered_on)
    form = forms.Correct(request.POST if request.method == "POST" else None, initial=known, **more)
    if request.method == "POST" and form.is_valid():
        with forms.refused(form):
            services.correct(sheet=row, by=request.user, **form.told())
            messages.success(request, _("It is set right. What stood there before can still be read."))
            return redirect("outcomes:sheet", sheet=sheet)
    return _page(request, "correct", sheet=row, line=_line(request, row.round), form=form)


# ---- For who says who has which course ----


@guard(Permission.ARRANGE_COURSES)
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """Name the courses with an answer nobody has looked at in time, or nobody to ask; and no more of them."""
    rows = {row.member.course_id: row for row in reversed(queries.left_lying(request.user))}
    return _page(request, "left", rows=list(rows.values())[::-1], waits=asked.of_nobody())


@guard(Permission.ARRANGE_COURSES)
def licences(request: HttpRequest) -> HttpResponse:
    """Show the questions there are and on what terms; confirm that we may use some, or take it back."""
    if request.method == "POST":
        do, _colon, pin = request.POST.get("do", "").partition(":")
        key, _dash, version = pin.rpartition("-")
        found = instruments.get(key, version)
        if found is None or not found.restricted or do not in ("confirm", "take_back"):
            raise Http404
        said = {"instrument": key, "version": version, "by": request.user}
        if do == "confirm":
            services.confirm_licence(**said)
            messages.success(request, _("It is noted that we may use it, from today."))
        else:
            services.take_back_licence(**said)
            messages.success(request, _("Nobody is asked with it from now on. What was answered stays."))
        return redirect("outcomes:licences")
    return _page(request, "licences", shelf=shelves.shelf(), unknown=shelves.unknown(), today=clock.today())
