"""Courses, for those who work here: one's own, one course with its people, and who has it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brobygger.access import queries as people
from brobygger.access import services as access
from brobygger.access.guards import NotAllowed, guard, may
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.door import queries as door
from brobygger.intake import queries as intake
from brobygger.intake import services as intake_services

from . import forms, naming, queries, record, rules, services
from . import notes as written
from .templatetags import courses as words
from .templatetags import writing

#: Whoever may see anything of any course; how much is for the course to say.
ANYTHING = (Permission.OPEN_COURSE, Permission.SEE_COURSE_CONTACT, Permission.ARRANGE_COURSES)


def in_course(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand a view the course it is about, and the person; for who must not know there is none, and it may be over."""

    @wraps(view)
    def answered(request: HttpRequest, course: UUID, member: UUID | None = None, **kwargs: Any) -> HttpResponse:
        """Fetch, answer, or send on with a sentence."""
        held, row = queries.get_course(request.user, course), None
        if member is not None:
            held, row = queries.get_member(request.user, course, member) or (None, None)
        if held is None:
            raise Http404
        try:
            return view(request, held, *([row] if row else []), **kwargs)
        except record.CourseIsClosed:
            messages.info(request, _("This course has ended. It can be read, and written in no more."))
            return _back(held)
        except record.SomethingNew:
            messages.info(request, _("A colleague wrote here in the meantime. Look at it again."))
            return _back(held)
        except NotAllowed:
            raise Http404 from None

    return answered


def _back(held: queries.Held) -> HttpResponse:
    return redirect("casework:course", course=held.course.pk)


def _opened(request: HttpRequest, held: queries.Held) -> queries.Opened | None:
    """Open as much of a course as the viewer may read; the look is kept."""
    sight = held.sight
    looks = (
        (sight.content, record.look),
        (sight.contact, record.look_at_people),
        (sight.evening, record.look_at_evening),
    )
    return next((look(course=held.course, by=request.user) for sees, look in looks if sees), None)


def _page(request: HttpRequest, name: str, status: int = 0, **context: Any) -> HttpResponse:
    """Show a page; one that was sent and comes back has something in it to look at."""
    return render(
        request, f"casework/{name}.html", context, status=status or (422 if request.method == "POST" else 200)
    )


# ---- One's own, and beginning one ----


@guard(*ANYTHING)
def mine(request: HttpRequest) -> HttpResponse:
    """List the courses one has: tonight's on top, and those nobody has for who arranges."""
    viewer = request.user
    own = [each for each in queries.mine(viewer) if each.scope == "course"]
    lists = {"tonight": queries.tonight(viewer), "ended": queries.mine(viewer, ended=True)}
    return _page(request, "mine", mine=own, unassigned=queries.unassigned(viewer), **lists)


@guard(Permission.START_COURSE)
def begin(request: HttpRequest, thread: UUID | None = None) -> HttpResponse:
    """Begin a course with a family that says who it is: from a thread one has, or with somebody who stands here."""
    sent, known = forms.Once(request.POST), queries.of_thread(thread) if thread else None
    for ident in (known and known.pk, sent.is_valid() and sent.cleaned_data["once"]):
        # Begun already: with a key, or by the press before this one.
        if ident and queries.get_course(request.user, ident):
            return redirect("casework:course", course=ident)
    line = intake.get_line(request.user, thread) if thread else None
    if thread is not None and (line is None or not line.sight.answer):
        raise Http404
    aloud = door.what_changes(str(line.facts.get("door")) if line else "parent")
    if aloud is None:
        raise Http404
    form = forms.Begin(request.POST if request.method == "POST" else None, thread=thread is not None)
    if request.method == "POST" and form.is_valid():
        try:
            course = _begin(request, form, line, aloud)
        except (naming.NotHere, intake_services.NotYours):
            form.add_error(None, _("No course can begin from this conversation: it has ended, or a colleague has it."))
        except naming.NotTheWriter:
            form.add_error("role", _("Begin with who wrote here. The others can be written down afterwards."))
        else:
            messages.success(request, _("The course has begun. Write more people down when you are ready."))
            return redirect("casework:course", course=course.pk)
    return _page(request, "begin", form=form, aloud=aloud, line=line)


def _begin(request: HttpRequest, form: forms.Begin, line: Any, aloud: Any) -> Any:
    """Begin it, with the words that were read aloud."""
    clean = form.cleaned_data
    who = {"people": [form.person()], "by": request.user, "once": clean["once"]}
    if line is None:
        agreed = {"how": clean["how"], "text": aloud.text, "digest": aloud.digest, "words": clean["words"]}
        return services.open_course(agreed=agreed, worker=request.user, **who)
    read = {"agreed_how": clean["how"], "words": aloud.text, "digest": aloud.digest, "said": clean["words"]}
    return naming.begin_here(thread=line.enquiry.thread, carry=clean["carry"], **read, **who)


# ---- One course ----


@guard(*ANYTHING)
@in_course
def course(request: HttpRequest, held: queries.Held) -> HttpResponse:
    """Show a course: who is in it, who has it, what is known. What one may not see is not there."""
    opened, thread, sight = _opened(request, held), held.course.thread, held.sight
    line = intake.get_line(request.user, thread.pk) if thread else None
    context = {
        "opened": opened,
        "parts": opened.parts if opened and sight.content else {},
        "rows": queries.assignments(held),
        "talk": thread is not None and intake.get_enquiry(request.user, thread.pk) is not None,
        "consents": line is not None and may(request.user, Permission.KEEP_CONSENTS),
        "glass": may(request.user, Permission.BREAK_GLASS) and not sight.content,
        "reopens": held.course.state == "ended" and sight.content and may(request.user, Permission.OPEN_COURSE),
    }
    return _page(request, "course", held=held, **context)


@guard(Permission.BREAK_GLASS)
@require_POST
@in_course
def break_glass(request: HttpRequest, held: queries.Held) -> HttpResponse:
    """Open a course for an hour, for a reason that is kept."""
    try:
        access.break_glass(about=f"course:{held.course.pk}", reason=request.POST.get("reason", ""), by=request.user)
    except access.SayWhy:
        messages.info(request, _("Write why, in words a colleague can read later."))
    return _back(held)


@guard(Permission.OPEN_COURSE)
@in_course
def part(request: HttpRequest, held: queries.Held, row: Any = None, *, kind: str) -> HttpResponse:
    """Write down one thing known; a colleague's newer words are shown beside one's own, and nothing is lost."""
    if kind not in forms.KINDS or rules.PARTS[kind] != ("member" if row else "course"):
        raise Http404
    record.may_write(held.course, request.user)
    opened = record.look(course=held.course, by=request.user)
    person = opened.person(row.pk) if row else None
    now = (person.parts if person else opened.parts).get(kind, queries.Version())
    given = words.standing(held.course.thread) if kind == "coordination" and held.course.thread else []
    data, newer = request.POST if request.method == "POST" else None, False
    form = forms.part(kind, data, known=now.body, given=given, initial={"seen": now.number})
    if request.method == "POST" and form.is_valid():
        seen, body = form.cleaned_data["seen"], form.body()
        try:
            record.write_part(course=held.course, member=row, kind=kind, body=body, seen=seen, by=request.user)
        except record.SomethingNew:
            newer = form.show_newer(now.number)
        except record.NoConsent:
            form.add_error(None, _("The yes it stood on is over. Choose another, or take the line out."))
        else:
            messages.success(request, _("Written down. What stood there before can still be read."))
            return _back(held)
    context = {"kind": kind, "person": person, "form": form, "now": now, "newer": newer, "given": given}
    return _page(request, "part", 409 if newer else 0, held=held, **context)


@guard(Permission.OPEN_COURSE, Permission.BREAK_GLASS)
@in_course
def history(request: HttpRequest, held: queries.Held, row: Any = None, *, kind: str) -> HttpResponse:
    """Show everything that stood there, newest first, with who wrote it and when."""
    if rules.PARTS.get(kind) != ("member" if row else "course"):
        raise Http404
    versions = record.look_at_history(course=held.course, member=row, kind=kind, by=request.user)
    return _page(request, "history", held=held, kind=kind, member=row, versions=versions[::-1])


# ---- Its people ----


@guard(Permission.OPEN_COURSE)
@in_course
def add_person(request: HttpRequest, held: queries.Held) -> HttpResponse:
    """Write somebody down in a course."""
    record.may_write(held.course, request.user)
    form = forms.NewPerson(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        once = form.cleaned_data["once"]
        try:
            services.add_member(course=held.course, person=form.person(), by=request.user, once=once)
        except services.TooManyPeople:
            form.add_error(None, _("There are thirty people in this course already; there is room for no more."))
        else:
            messages.success(request, _("Written down."))
            return _back(held)
    return _page(request, "person", held=held, form=form)


@guard(*ANYTHING)
@in_course
def identity(request: HttpRequest, held: queries.Held, row: Any) -> HttpResponse:
    """Show that somebody's name and number are known, not what they are; they are shown, written and destroyed here."""
    if not held.sight.contact:
        raise Http404
    do = request.POST.get("do", "")
    form = forms.Identity(request.POST if do == "give" else None)
    if request.method == "POST" and do == "show":
        return _show(request, held, row)
    if request.method == "POST" and do == "destroy":
        record.forget_identity(member=row, by=request.user)
        messages.success(request, _("Destroyed. Nobody here can read the name, number or address any more."))
        return _back(held)
    if request.method == "POST" and form.is_valid():
        record.give_identity(member=row, said=form.card(), by=request.user)
        messages.success(request, _("Written down. The card before it is destroyed."))
        return redirect("casework:identity", course=held.course.pk, member=row.pk)
    return _card(request, held, row, form=form)


def _card(request: HttpRequest, held: queries.Held, row: Any, status: int = 0, **more: Any) -> HttpResponse:
    opened = _opened(request, held)
    person = opened.person(row.pk) if opened else None
    return _page(request, "identity", status, **{"held": held, "person": person, "reason": forms.Reason(), **more})


def _show(request: HttpRequest, held: queries.Held, row: Any) -> HttpResponse:
    """Show who somebody is, for a reason that is kept; whoever has the course has one."""
    reason = forms.Reason({"reason": _("I work with the family")} if held.sight.write else request.POST)
    if not reason.is_valid():
        return _card(request, held, row, reason=reason)
    card = record.look_at_identity(member=row, reason=reason.cleaned_data["reason"], by=request.user) or {}
    phone = catalogue.spaced("".join(str(card.get("phone") or "").split()))
    return _card(request, held, row, 200, card=card, phone=phone, form=forms.Identity(initial=card))


# ---- Who has it, and how it ends ----


@guard(*ANYTHING)
@in_course
def assignments(request: HttpRequest, held: queries.Held) -> HttpResponse:
    """Show who has had a course, and give it to somebody: the whole of it, or tonight; or take it back."""
    if not held.sight.arrange:
        raise Http404
    rows, colleagues = queries.assignments(held), people.colleagues(Permission.OPEN_COURSE)
    line = intake.get_line(request.user, held.course.thread_id) if held.course.thread_id else None
    # A child's words must not die with a colleague's leaving: where nobody hears them, who leads may give them.
    hears = queries.gives_own_talks(request.user, held)
    asks = {"own_talks": hears, "follows": line is not None and line.sight.hand_over}
    do = request.POST.get("do", "")
    give = forms.Give(request.POST if do == "give" else None, prefix="give", people=colleagues, **asks)
    tonight = forms.StandIn(request.POST if do == "tonight" else None, prefix="tonight", people=colleagues)
    form = give if do == "give" else tonight
    ended = next((each for each in rows if str(each.pk) == do), None)
    if request.method == "POST" and ended is not None:
        services.end_assignment(assignment=ended, by=request.user)
        messages.success(request, _("%(name)s does not have it any more.") % {"name": ended.user.first_name})
        return redirect("casework:mine") if ended.user == request.user else _back(held)
    if request.method == "POST" and form.is_valid():
        to = people.person(form.cleaned_data["to"])
        services.assign(course=held.course, to=to, by=request.user, **form.given(ended=held.course.state != "open"))
        if form.cleaned_data.get("follows") and line is not None:
            intake_services.hand_over(enquiry=line.enquiry, to=to, by=request.user)
        messages.success(request, _("%(name)s has it now.") % {"name": to.first_name})
        return redirect("casework:assignments", course=held.course.pk)
    return _page(request, "assignments", held=held, rows=rows, give=give, tonight=tonight)


@guard(Permission.OPEN_COURSE)
@in_course
def end(request: HttpRequest, held: queries.Held) -> HttpResponse:
    """End a course, with why."""
    record.may_write(held.course, request.user)
    seen = record.look(course=held.course, by=request.user).number("end")
    form = forms.End(request.POST if request.method == "POST" else None, initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        services.end_course(course=held.course, **form.told(), by=request.user)
        messages.success(request, _("The course has ended. You can read it for a month yet."))
        return _back(held)
    return _page(request, "end", held=held, form=form)


@guard(Permission.OPEN_COURSE)
@require_POST
@in_course
def reopen(request: HttpRequest, held: queries.Held) -> HttpResponse:
    """Let a course go on that had ended."""
    services.reopen(course=held.course, by=request.user)
    messages.success(request, _("The course goes on."))
    return _back(held)


# ---- Notes ----


@guard(Permission.OPEN_COURSE, Permission.BREAK_GLASS)
@in_course
def notes(request: HttpRequest, held: queries.Held, row: Any, kind: str = written.RECORD) -> HttpResponse:
    """Show the notes about one person, and write one: sent twice it is one, and a correction stands beside."""
    form = forms.Writing(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("text", "once", "corrects")}
        try:
            written.write(member=row, compartment=kind, by=request.user, **said)
        except tuple(writing.UNWRITTEN) as why:
            form.refuse(writing.UNWRITTEN[type(why)], anew=isinstance(why, written.SentBefore))
        else:
            messages.success(request, _("Written down."))
            return redirect(writing.address(kind, row))
    return _desk(request, held, row, kind, form)


def _desk(request: HttpRequest, held: queries.Held, row: Any, kind: str, form: forms.Writing) -> HttpResponse:
    asked = request.POST if form.is_bound else request.GET
    desk = written.look_at_desk(member=row, by=request.user, compartment=kind, asked=asked)
    person = record.look_at_people(course=held.course, by=request.user).person(row.pk)
    laid = writing.laid_out(held, desk, person, kind, form if form.is_bound else None, request.session.get("seat", ""))
    return _page(request, "notes", **laid)


@guard(Permission.OPEN_COURSE)
@require_POST
@in_course
def draft(request: HttpRequest, held: queries.Held, row: Any, kind: str) -> HttpResponse:
    """Keep what somebody is writing, and say when; what was sent too late leads back to its page."""
    form, at = forms.Writing(request.POST), None
    refused: Any = ""
    if not form.is_valid():
        refused = writing.TOO_LONG
    elif "drop" in request.POST:
        written.drop_draft(once=form.cleaned_data["once"], by=request.user)
        return redirect(writing.address(kind, row))
    else:
        try:
            at = written.keep_draft(member=row, compartment=kind, by=request.user, **form.cleaned_data)
        except tuple(writing.UNKEPT) as why:
            refused = writing.UNKEPT[type(why)]
    if getattr(request, "htmx", False):
        return _page(request, "notes_saved", 200, at=at, refused=refused)
    if refused:
        form.refuse(refused)
        return _desk(request, held, row, kind, form)
    return redirect(f"{writing.address(kind, row)}?draft={form.cleaned_data['once']}")
