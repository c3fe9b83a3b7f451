"""What people ask about themselves, for those who have the course and for who leads the house; and what ends."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brobygger.access import queries as people
from brobygger.access.guards import NotAllowed, guard
from brobygger.access.roles import Permission
from brobygger.casework import record
from brobygger.casework import services as casework
from brobygger.casework.templatetags import courses
from brobygger.ground import clock

from . import document, endings, forms, handing, queries, rules, services

HANDLE = Permission.HANDLE_RIGHTS
WHOM = gettext_lazy("Nobody has said whom it is about. Somebody who has the course chooses that first.")
OWN_TALKS = gettext_lazy("A child's own talks are in it. Whoever may read them, or leads the house, hands it out.")


def _asked(request: HttpRequest, ident: UUID) -> queries.Asked:
    """Fetch a request the viewer may handle, or answer 404."""
    found = queries.get_request(request.user, ident)
    if found is None:
        raise Http404
    return found


def _place(request: HttpRequest, course: UUID) -> queries.Place:
    place = queries.get_place(request.user, course)
    if place is None:
        raise Http404
    return place


def _named(opened: Any) -> list[tuple[str, str]]:
    """Name the people of an opened course, to choose from."""
    said = [(str(each.member.pk), courses.who(each)) for each in opened.people]
    return [(ident, ", ".join(filter(None, (each["name"], each["is"])))) for ident, each in said]


def _people(place: queries.Place, by: Any) -> list[tuple[str, str]]:
    """Name the people in a course for who has it; who leads is not told."""
    return _named(record.look_at_people(course=place.course, by=by)) if place.assigned else []


def _try(request: HttpRequest, found: queries.Asked, deed: Callable[..., Any], done: str, **said: Any) -> HttpResponse:
    """Do something with a request and go back to it; say so when a colleague was there first."""
    try:
        deed(request=found.request, by=request.user, **said)
        messages.success(request, done)
    except (NotAllowed, rules.AlreadyAnswered):
        messages.info(request, _("A colleague did something with it in the meantime. Look at it again."))
    except rules.NotReady:
        messages.info(request, _("Something has not been looked through yet."))
    except rules.AboutWhom:
        messages.info(request, WHOM)
    except record.CourseIsClosed:
        messages.info(request, _("The course has ended. Let it go on first, then this can be written down."))
    return redirect("rights:request", request_id=found.request.pk)


@guard(HANDLE)
def waiting(request: HttpRequest) -> HttpResponse:
    """List what waits for an answer, nearest day first."""
    return render(request, "rights/waiting.html", {"waiting": queries.waiting(request.user)})


@guard(HANDLE)
def course(request: HttpRequest, course: UUID) -> HttpResponse:
    """Show what was asked in one course."""
    place = _place(request, course)
    shown = {"place": place, "asked": queries.of_course(place), "gone": queries.gone(place)}
    return render(request, "rights/course.html", shown)


@guard(HANDLE)
def register(request: HttpRequest, course: UUID) -> HttpResponse:
    """Write down that somebody asks something about themselves or about their child."""
    place = _place(request, course)
    form = forms.Register(request.POST if request.method == "POST" else None, people=_people(place, request.user))
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        said = {name: clean[name] for name in ("kind", "right", "way", "words", "who", "once", "asked_on")}
        about = queries.member(place, clean.get("about") or "")
        if about is None:
            raise Http404
        row = services.register(member=about, by=request.user, sure="about" in form.fields, **said)
        messages.success(request, _("Written down. The clock runs: a month from the day they asked."))
        return redirect("rights:request", request_id=row.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "rights/register.html", {"place": place, "form": form}, status=status)


@guard(HANDLE)
def asked(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show one request: how far it has come, how many days are left, and what to do next."""
    return _page(request, _asked(request, request_id))


def _page(request: HttpRequest, found: queries.Asked, status: int = 200, **more: Any) -> HttpResponse:
    place, row = found.place, found.request
    weighers = queries.who_may_weigh(place) if found.open else []
    context: dict[str, Any] = {
        "asked": found,
        "weighers": forms.Weigher(people=weighers, initial={"weighs": row.weighs and row.weighs.handle}),
        "someone": bool(weighers),
        "unsure": queries.unsure(row),
        "must_stay": queries.must_stay(place.course, row.member),
        "held": queries.held(place.course),
        "refusal": forms.Answer(auto_id="refuse_%s"),
        "ready": forms.Ready(),
        "answer": forms.Answer(),
        "erase": forms.Erase(),
    }
    if place.assigned:
        opened = services.look(request=row, by=request.user)
        now = {"right": opened.said["right"], "who": opened.said["who"]}
        now |= {} if context["unsure"] else {"about": str(row.member_id)}
        named = _people(place, request.user)
        context |= {"opened": opened, "person": forms.Person(people=named, initial=now)}
        context["about"] = dict(named).get(now.get("about", ""), "")
        context |= {"own_talks": _own_talks(found, opened), "correct": forms.Correct(written=opened.written)}
    return render(request, "rights/request.html", context | more, status=status)


def _own_talks(found: queries.Asked, opened: document.Weighing) -> forms.OwnTalks | None:
    """Ask about the child's own talks, of who may read them, where there are any."""
    if not found.place.own_talks or not queries.has_own_talks(found.request):
        return None
    given = "yes" if opened.said.get("own_talks") else "no"
    return forms.OwnTalks(initial={"given": given, "why": opened.said.get("own_talks_why", "")})


@guard(HANDLE)
@require_POST
def appoint(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say who looks a request through."""
    weighs = people.person(request.POST.get("weighs", ""))
    return _try(request, _asked(request, request_id), services.appoint, _("Written down."), weighs=weighs)


@guard(HANDLE)
@require_POST
def person(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say that a request is about somebody else in the course."""
    found = _asked(request, request_id)
    if not found.place.assigned:
        raise Http404
    form = forms.Person(request.POST, people=_people(found.place, request.user))
    if not form.is_valid():
        return _page(request, found, 422, person=form)
    member = queries.member(found.place, form.cleaned_data["about"])
    right, who = form.cleaned_data["right"], form.cleaned_data["who"]
    return _try(request, found, services.move, _("Written down."), member=member, right=right, who=who)


@guard(HANDLE)
@require_POST
def own_talks(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Decide whether a child's own talks are looked through at all."""
    found = _asked(request, request_id)
    if not found.weighs or not found.place.own_talks:
        raise Http404
    form = forms.OwnTalks(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, own_talks=form)
    said = {"given": form.cleaned_data["given"] == "yes", "why": form.cleaned_data["why"]}
    return _try(request, found, services.decide_own_talks, _("Written down, with your name."), **said)


@guard(HANDLE)
def item(request: HttpRequest, request_id: UUID, item: UUID) -> HttpResponse:
    """Look one thing through, sentence by sentence; when it is decided, the next one that waits is shown."""
    found = _asked(request, request_id)
    opened = services.look(request=found.request, by=request.user) if found.place.assigned else None
    entry = next((each for each in opened.entries if each.ident == item), None) if opened else None
    if opened is None or entry is None or found.request.kind != "access":
        raise Http404
    sure = opened.decided.get(item, rules.Decided())
    before = {"held": [str(n) for n in sure.held], "why": sure.why, "words": sure.words}
    data = request.POST if request.method == "POST" else None
    form = forms.Weigh(data, sentences=entry.sentences, initial=before)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("why", "words")}
        held = [int(number) for number in form.cleaned_data["held"]]
        back = _try(request, found, services.decide, _("Written down."), entry=entry, held=held, **said)
        after = next((each for each in opened.waiting if each.ident != item), None)
        return redirect("rights:item", request_id=request_id, item=after.ident) if after else back
    context = {"asked": found, "entry": entry, "form": form, "sure": item in opened.decided}
    context |= {"at": [each.ident for each in opened.entries].index(item) + 1, "of": len(opened.entries)}
    context["secret"] = rules.where(entry.sentences, opened.reach)
    return render(request, "rights/item.html", context, status=422 if request.method == "POST" else 200)


@guard(HANDLE)
@require_POST
def ready(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say that the paper may go out as it is."""
    found = _asked(request, request_id)
    if not found.weighs:
        raise Http404
    said = {"names": "names" in request.POST, "language": get_language() or "da"}
    return _try(request, found, services.make_ready, _("It is ready to be handed out."), **said)


@guard(HANDLE)
def paper(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show the paper as it is handed out; nothing is handed out by looking."""
    found = _asked(request, request_id)
    try:
        made = services.look_at_paper(request=found.request, by=request.user)
    except NotAllowed:
        return _not_theirs(request, found)
    return render(request, "rights/paper.html", {"asked": found, "paper": made, "preview": True})


@guard(HANDLE)
@require_POST
def hand_out(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Hand the paper out: a page to print, a PDF, or a file."""
    found, how = _asked(request, request_id), request.POST.get("how", "")
    if how not in rules.FORMS:
        raise Http404
    try:
        made, data = services.hand_out(request=found.request, how=how, by=request.user)
    except rules.NotReady:
        messages.info(request, _("Something has not been looked through yet."))
        return redirect("rights:request", request_id=request_id)
    except NotAllowed:
        return _not_theirs(request, found)
    if how == "page":
        return render(request, "rights/paper.html", {"asked": found, "paper": made, "preview": False})
    return _download(data, f"application/{how}", f"{_('access')}-{clock.local(made.made_at):%Y-%m-%d}.{how}")


def _not_theirs(request: HttpRequest, found: queries.Asked) -> HttpResponse:
    """Say who hands a paper out with a child's own talks in it; for others there is no paper yet."""
    if not found.place.assigned or found.request.kind != "access":
        raise Http404
    messages.info(request, OWN_TALKS)
    return redirect("rights:request", request_id=found.request.pk)


def _download(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@guard(HANDLE)
@require_POST
def answer(request: HttpRequest, request_id: UUID, how: str) -> HttpResponse:
    """Answer a request in words, refuse it with the reason, or answer it by erasing who the person is."""
    found = _asked(request, request_id)
    if how not in rules.HOWS[found.request.kind]:
        raise Http404
    form = forms.Answer(request.POST, auto_id="refuse_%s" if how == "refuse" else "id_%s")
    if not form.is_valid():
        return _page(request, found, 422, **{"refusal" if how == "refuse" else "answer": form})
    deed = {"refuse": services.refuse, "forget": services.forget_identity}.get(how, services.answer)
    done = _("Written down. Print the answer, or read it aloud.")
    return _try(request, found, deed, done, words=form.cleaned_data["words"])


@guard(HANDLE)
@require_POST
def correct(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Write down what is right, beside what stood there, and answer the request."""
    found = _asked(request, request_id)
    if not found.place.assigned or found.request.kind != "correction":
        raise Http404
    form = forms.Correct(request.POST, written=services.look(request=found.request, by=request.user).written)
    if not form.is_valid():
        return _page(request, found, 422, correct=form)
    clean, done = form.cleaned_data, _("Written down, beside what stood there first.")
    corrects = UUID(clean["corrects"]) if clean["corrects"] else None
    said = {name: clean[name] for name in ("text", "words", "once")}
    return _try(request, found, services.correct, done, corrects=corrects, **said)


@guard(HANDLE)
@require_POST
def erase(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Destroy what a person asked to have destroyed, and show the receipt; it is shown once."""
    found, form = _asked(request, request_id), forms.Erase(request.POST)
    if found.request.kind != "erasure" or not found.open:
        raise Http404
    if form.is_valid():
        whole, why = form.cleaned_data["whole"] == "course", form.cleaned_data["why"]
        try:
            ref = services.erase(request=found.request, whole=whole, why=why, by=request.user)
            return render(request, "rights/receipt.html", {"ref": ref, "whole": whole, "on": clock.today()})
        except services.MustBeKept:
            form.add_error(
                "whole", _("A law says that this is kept. Refuse with that law, or erase who the person is.")
            )
        except casework.IsHeld:
            form.add_error("whole", _("It is held back. What holds it back must be lifted first."))
        except rules.SomebodyWaits:
            form.add_error("whole", _("Somebody else has asked about it and waits for an answer. Answer them first."))
        except rules.AboutWhom:
            form.add_error("whole", WHOM)
    return _page(request, found, 422, erase=form)


@guard(HANDLE)
def hand_over(request: HttpRequest, course: UUID) -> HttpResponse:
    """Hand a course over to a municipality's own record system, on a consent or a law."""
    place = _place(request, course)
    if not place.assigned:
        raise Http404
    if not place.write:
        messages.info(request, _("The course is closed. It cannot be handed over now."))
        return redirect("rights:course", course=course)
    opened = record.look(course=place.course, by=request.user)
    form = forms.HandOver(
        request.POST if request.method == "POST" else None,
        people=_named(opened),
        consents=[(str(each.consent.pk), document.yes(each)) for each in queries.grounds(place.course)],
        parts=document.parts(own_talks=place.own_talks),
    )
    if request.method == "POST" and form.is_valid():
        said = {"seen": opened.number("end"), "by": request.user, "once": form.cleaned_data["once"]}
        try:
            bundle = handing.hand_over(course=place.course, going=form.going(), **said)
            return _download(bundle.data, "application/zip", bundle.name)
        except rules.NoGround:
            form.add_error("ground", _("That yes does not stand any more. Ask the family anew, or name the law."))
        except (record.CourseIsClosed, record.SomethingNew):
            return redirect("rights:course", course=course)
    status = 422 if request.method == "POST" else 200
    return render(request, "rights/hand_over.html", {"place": place, "form": form}, status=status)


@guard(HANDLE)
@require_POST
def hand_over_again(request: HttpRequest, course: UUID) -> HttpResponse:
    """Give the same file once more on the same day, when the download broke."""
    bundle = handing.once_more(course=_place(request, course).course, by=request.user)
    if bundle is None:
        raise Http404
    return _download(bundle.data, "application/zip", bundle.name)


@guard(Permission.SEE_ENDINGS)
def ends(request: HttpRequest) -> HttpResponse:
    """Show which records end, which are held back, the rules and what has ended; find the course to hold."""
    data = request.POST if request.method == "POST" else None
    if (form := forms.ByNickname(data)).is_valid():
        found = endings.course_called(request.user, form.cleaned_data["nickname"])
        if found is not None:
            return redirect("rights:hold_back", course=found.pk)
        form.add_error("nickname", _("No course is called that. Look at the letters once more."))
    context = {**endings.overview(asked=request.GET.get("before", "")), "form": form}
    return render(request, "rights/endings.html", context, status=422 if form.errors else 200)


@guard(Permission.SEE_ENDINGS)
def hold_back(request: HttpRequest, course: UUID) -> HttpResponse:
    """Hold a record back from ending, with a reason; show what has held it before."""
    found = endings.course_to_hold(request.user, course)
    form = forms.Hold(request.POST if request.method == "POST" else None)
    if found is None:
        raise Http404
    if form.is_valid():
        try:
            endings.hold(course=found, by=request.user, **form.cleaned_data)
        except endings.CourseIsGone:
            raise Http404 from None
        messages.success(request, _("%(name)s stays until somebody lifts this hold.") % {"name": found.nickname})
        return redirect("rights:endings")
    context = {"course": found, "form": form, **endings.overview_of(found)}
    return render(request, "rights/hold_back.html", context, status=422 if form.errors else 200)


@guard(Permission.SEE_ENDINGS)
def hold(request: HttpRequest, hold: UUID) -> HttpResponse:
    """Show why a record is held back; let it end with its period again."""
    found = endings.get_hold(hold)
    if found is None:
        raise Http404
    if request.method != "POST":
        said = {"reason": endings.REASONS[found.reason], "words": endings.look_at_hold(hold=found, by=request.user)}
        return render(request, "rights/hold.html", {"hold": found, **said})
    name = {"name": found.course.nickname}
    try:
        endings.lift(hold=found, by=request.user)
        messages.success(request, _("The hold on %(name)s is lifted. It ends with its period.") % name)
    except endings.AlreadyLifted:
        messages.info(request, _("The hold on %(name)s was lifted before.") % name)
    return redirect("rights:endings")
