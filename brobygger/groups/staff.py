"""Groups, for those who work here."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from brobygger.access.guards import NotAllowed, guard, may
from brobygger.access.queries import colleagues
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.ground import clock

from . import evening as sittings
from . import forms, queries, seats, services
from .templatetags import apart, asking, evenings, telling
from .templatetags import groups as words
from .templatetags import waiting as waits

# ---- Groups ----

#: How many dates a group's page shows at once, and how many of those behind it.
SOON, BEHIND = 6, 30


def _page(request: HttpRequest, name: str, status: int = 0, **context: Any) -> HttpResponse:
    """Show a page; one that was sent and comes back has something in it to look at."""
    status = status or (422 if request.method == "POST" else 200)
    return render(request, f"groups/{name}.html", context, status=status)


def _arranged(request: HttpRequest, ident: UUID) -> queries.HeldGroup:
    """Fetch a group for who arranges it; one that is closed is arranged no more."""
    held = queries.get_group(request.user, ident)
    if held is None or not held.sight.arrange or held.group.state == "closed":
        raise Http404
    return held


def _arranged_meeting(request: HttpRequest, ident: UUID) -> tuple[queries.HeldGroup, Any]:
    """Fetch a meeting that is to come, for who arranges it; also one that is called off."""
    found = queries.get_meeting(request.user, ident)
    if found is None or not found[0].sight.arrange or found[1].ends_at <= clock.now():
        raise Http404
    return found


def _to_group(ident: UUID) -> HttpResponse:
    return redirect("groups:group", group=ident)


def _say(request: HttpRequest, ident: UUID, told: services.Told, said: str) -> HttpResponse:
    """Say who was told; who must be rung stands on the group's page until somebody has."""
    reached = ngettext("%(n)s family was told.", "%(n)s families were told.", told.reached) % {"n": told.reached}
    messages.success(request, f"{said} {reached}" if told.reached else said)
    return _to_group(ident)


@guard(Permission.SEE_GROUPS)
def listing(request: HttpRequest) -> HttpResponse:
    """List the groups by place: when they meet next, who leads, how many seats are free and how many wait."""
    everything, closed = words.by_place(queries.groups(request.user)), queries.groups(request.user, closed=True)
    places = list(dict.fromkeys(each.group.place for each in everything))
    chosen = request.GET.get(_("place"), "")
    shown = [each for each in everything if chosen in ("", each.group.place)]
    counts = telling.waiting_counts() if may(request.user, Permission.SEE_WAITING) else {}
    context = {
        "shown": shown, "places": places, "chosen": chosen, "place_is": _("place"), "waiting": counts,
        "closed": [each for each in closed if chosen in ("", each.group.place)],
        "closing": queries.on_closed_days(request.user), "to_ring": telling.groups_to_ring(request.user),
    }  # fmt: skip
    return _page(request, "list", **context)


@guard(Permission.ARRANGE_GROUPS)
def make(request: HttpRequest) -> HttpResponse:
    """Make a group: show its first dates before it is kept, and say what is in the way."""
    others = [each.group for each in queries.groups(request.user) if not each.group.beside_id]
    people = colleagues(Permission.RUN_GROUPS)
    form = forms.GroupForm(request.POST if request.method == "POST" else None, people=people, others=others)
    # A group somebody has asked "what if" about comes filled in.
    told = {name: value for name, value in request.GET.items() if name in form.fields and name != "once"}
    form.initial = {**form.initial, **told}
    if request.method == "POST" and form.is_valid() and "dates_only" not in request.POST:
        with telling.in_the_way(form):
            once = form.cleaned_data["once"] or uuid4()
            made = services.make_group(said=form.said(), by=request.user, once=once)
            messages.success(request, _("The group is made. Seats can be offered. Families find it when you open it."))
            return _to_group(made.pk)
    return _page(request, "make", **telling.shown_dates(form))


@guard(Permission.ARRANGE_GROUPS)
def change(request: HttpRequest, group: UUID) -> HttpResponse:
    """Change a group; its dates ahead follow, and those who sit in it are told."""
    held = _arranged(request, group)
    form = forms.GroupForm(request.POST if request.method == "POST" else None, people=[], group=held.group)
    if request.method == "POST" and form.is_valid() and "dates_only" not in request.POST:
        with telling.in_the_way(form):
            seen = form.cleaned_data["seen"] or 0
            told = services.change_group(group=held.group, said=form.said(), seen=seen, by=request.user)
            return _say(request, group, told, _("The group is changed."))
    return _page(request, "change", held=held, telling=telling.telling([held.group]), **telling.shown_dates(form))


@guard(Permission.SEE_GROUPS)
def group(request: HttpRequest, group: UUID) -> HttpResponse:
    """Show a group: its dates ahead and behind, who leads, its seats.

    Pressed here: that a planned one is open; and, also of one that is closed, that families have been rung.
    """
    held = queries.get_group(request.user, group)
    if held is None:
        raise Http404
    if request.method == "POST" and "rung" in request.POST and held.sight.arrange:
        services.rung(group=held.group, until=telling.shown_at(request.POST["rung"]), by=request.user)
        return _to_group(group)
    if request.method == "POST":
        services.open_group(group=_arranged(request, group).group, by=request.user)
        messages.success(request, telling.opened(held.group))
        return _to_group(group)
    ahead = queries.meetings(held.group)
    context = {
        "listed": queries.listed(request.user, held.group), "soon": ahead[:SOON], "later": ahead[SOON:],
        "behind": queries.meetings(held.group, ahead=False)[:BEHIND], "weeks": words.half_a_year(held.group, ahead),
        "to_ring": telling.to_ring(request.user, held), "now": clock.now(), "parallels": held.group.parallels.all(),
    }  # fmt: skip
    return _page(request, "group", held=held, **context)


@guard(Permission.ARRANGE_GROUPS)
def leaders(request: HttpRequest, group: UUID) -> HttpResponse:
    """Say who leads a group from today on, and in which order they take turns."""
    held = _arranged(request, group)
    now = [each.handle for each in queries.listed(request.user, held.group).leaders]
    people = colleagues(Permission.RUN_GROUPS)
    form = forms.Turns(request.POST if request.method == "POST" else None, people=people, leads=now)
    if request.method == "POST" and form.is_valid():
        with telling.in_the_way(form):
            services.set_leaders(group=held.group, users=form.leaders(), by=request.user)
            messages.success(request, _("It is settled who leads, from today on."))
            return _to_group(group)
    return _page(request, "leaders", held=held, form=form)


@guard(Permission.ARRANGE_GROUPS)
def close(request: HttpRequest, group: UUID) -> HttpResponse:
    """Close a group after a day; who sits in it is told."""
    held = _arranged(request, group)
    form = forms.Close(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = services.close_group(group=held.group, on=form.cleaned_data["on"], by=request.user)
        return _say(request, group, told, _("The group ends on that day."))
    return _page(request, "close", held=held, form=form, telling=telling.telling([held.group]))


@guard(Permission.ARRANGE_GROUPS)
def meeting_move(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Move one meeting to another day, hour or room, and tell everyone who should know."""
    held, row = _arranged_meeting(request, meeting)
    form = forms.Move(request.POST if request.method == "POST" else None, meeting=row)
    if request.method == "POST" and form.is_valid():
        with telling.in_the_way(form):
            told = services.move_meeting(meeting=row, by=request.user, **form.moved())
            return _say(request, held.group.pk, told, telling.moved(row, form.moved()["starts_at"]))
    return _page(request, "meeting_move", held=held, meeting=row, form=form, telling=telling.telling_of(row))


@guard(Permission.ARRANGE_GROUPS)
def meeting_cancel(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Call one meeting off, or hold one after all that was called off; everyone who should know is told."""
    held, row = _arranged_meeting(request, meeting)
    form = forms.Plain(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with telling.in_the_way(form):
            if "after_all" in request.POST:
                told = services.hold_after_all(meeting=row, by=request.user)
                return _say(request, held.group.pk, told, _("It is held after all."))
            told = services.cancel_meeting(meeting=row, by=request.user)
            return _say(request, held.group.pk, told, telling.called_off(row, told))
    return _page(request, "meeting_cancel", held=held, meeting=row, form=form, telling=telling.telling_of(row))


@guard(Permission.ARRANGE_GROUPS)
def stand_in(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Say who leads one evening instead of whom."""
    held, row = _arranged_meeting(request, meeting)
    out = [each.user for each in row.leads.select_related("user")]
    people = [each for each in colleagues(Permission.RUN_GROUPS) if each not in out]
    form = forms.StandIn(request.POST if request.method == "POST" else None, out=out, people=people)
    if request.method == "POST" and form.is_valid():
        with telling.in_the_way(form):
            services.stand_in(meeting=row, **form.stands(), by=request.user)
            messages.success(request, _("They stand in that evening, and have it on their own page that day."))
            return _to_group(held.group.pk)
    return _page(request, "stand_in", held=held, meeting=row, form=form)


# ---- Seats ----


def _someone(request: HttpRequest, course: UUID, member: UUID, offer: str = "") -> Any:
    """Fetch somebody the viewer has, or may offer a seat of one kind."""
    found = casework.get_member(request.user, course, member)
    if found is None:
        raise Http404
    if not (queries.may_offer(request.user, found[1], offer) if offer else queries.has_whole(request.user, found[1])):
        raise Http404
    return found[1]


@guard(Permission.SEE_WAITING)
def waiting(request: HttpRequest) -> HttpResponse:
    """List who waits, longest first, what stands in the way and when they may begin; others' only as numbers."""
    rows = seats.look_at_waiting(by=request.user)
    counts = telling.waiting_counts().items()
    shown = [(key, name, count - sum(row.offer == key for row in rows)) for key, (name, count) in counts]
    return _page(request, "waiting", lines=waits.lines(request.user, rows), others=[each for each in shown if each[2]])


@guard(Permission.RUN_GROUPS)
def of_course(request: HttpRequest, course: UUID) -> HttpResponse:
    """Show where the people of a course sit, and what they wait for."""
    held = casework.get_course(request.user, course)
    if held is None or not held.sight.content:
        raise Http404
    rows = seats.look_at_waiting(by=request.user, course=held.course)
    return _page(request, "of_course", held=held, people=waits.family(request.user, held.course, rows))


@guard(Permission.RUN_GROUPS)
def wait(request: HttpRequest, course: UUID, member: UUID) -> HttpResponse:
    """Let somebody wait for a seat, with what suits them; or take them off the list."""
    row = seats.look_at_person(member=_someone(request, course, member), by=request.user)
    opened, asked = waits.opened(waits.everybody().filter(member=row)), waits.asked(request.user, row, ())
    held = {str(each.pk): each for each, _wishes in opened}
    form = asking.Wait(request.POST if request.method == "POST" else None, asked=asked, held=opened)
    stopped = held.get(request.POST.get("stop", ""))
    if request.method == "POST" and stopped is not None:
        seats.stop_waiting(waiting=stopped, by=request.user)
        messages.success(request, _("They wait for it no more."))
        return redirect("groups:of_course", course=course)
    if request.method == "POST" and form.is_valid():
        said = {"offer": form.cleaned_data["offer"], "wishes": form.wishes(), "once": form.cleaned_data["once"]}
        seats.wait(member=row, by=request.user, **said)
        messages.success(request, _("They are on the waiting list. Nothing is promised yet."))
        return redirect("groups:of_course", course=course)
    return _page(request, "wait", form=form, asked=asked, held=held.values())


@guard(Permission.RUN_GROUPS, Permission.ARRANGE_GROUPS)
def kept_apart(request: HttpRequest, course: UUID, member: UUID) -> HttpResponse:
    """Show whom somebody is not placed with, as far as the viewer may know; say one more, or that it holds no more."""
    found = casework.get_member(request.user, course, member)
    if found is None or not apart.may_part(request.user, found[1]):
        raise Http404
    row, here = found[1], redirect("groups:kept_apart", course=course, member=member)
    shown = apart.opened(seats.look_at_apart(member=row, by=request.user))
    form = apart.Part(request.POST if "other" in request.POST else None, people=shown.choices)
    ended = next((each.row for each in shown.pairs if str(each.row.pk) == request.POST.get("end")), None)
    if request.method == "POST" and ended is not None:
        seats.together_again(apart=ended, by=request.user)
        messages.success(request, _("They may be in the same group again."))
        return here
    if request.method == "POST" and form.is_valid():
        with asking.refused(form):
            seats.keep_apart(member=row, other=form.other(), by=request.user)
            messages.success(request, _("It is noted. They are not placed in the same group from now on."))
            return here
    return _page(request, "kept_apart", form=form, member=row, called=shown.called, shown=shown)


@guard(Permission.RUN_GROUPS, Permission.ARRANGE_GROUPS)
def offer(
    request: HttpRequest, group: UUID | None = None, course: UUID | None = None, member: UUID | None = None
) -> HttpResponse:
    """Offer a seat: choose whom for a group, or a group for somebody; see what speaks against it, and offer it."""
    held = queries.get_group(request.user, group) if group else None
    if group and (held is None or held.group.state == "closed" or held.group.kind == "cafe"):
        raise Http404
    if course is None or member is None:
        rows = seats.look_at_waiting(by=request.user, offer=held.group.offer if held else "-")
        sits = seats.look_at_roster(group=held.group, by=request.user) if held and held.sight.roster else []
        return _page(request, "offer_whom", held=held, lines=waits.lines(request.user, rows), sits=waits.called(sits))
    row = _someone(request, course, member, held.group.offer if held else "")
    seats.look_at_person(member=row, by=request.user)
    if held is None:
        return _page(request, "offer_where", asked=waits.asked(request.user, row))
    asked = waits.asked(request.user, row, [held.group])
    form = asking.Offer(request.POST if request.method == "POST" else None, asked=asked, group=held.group)
    if request.method == "POST" and form.is_valid():
        with asking.refused(form):
            made = seats.offer_seat(group=held.group, member=row, by=request.user, **form.told())
            messages.success(request, asking.offered(made))
            return redirect("groups:seat", seat=made.pk)
    return _page(request, "offer", held=held, asked=asked, form=form, own=queries.has_whole(request.user, row))


@guard(Permission.RUN_GROUPS, Permission.ARRANGE_GROUPS)
def seat(request: HttpRequest, seat: UUID) -> HttpResponse:
    """Show a seat, and do what the family says on the telephone: yes, no, a break, not that day, no more."""
    row = queries.get_seat(request.user, seat)
    if row is None:
        raise Http404
    sent = asking.Answer(request.POST if request.method == "POST" else None, seat=row)
    if request.method == "POST" and sent.is_valid():
        with asking.refused(sent):
            messages.success(request, sent.deed(request.user))
            sees = queries.get_seat(request.user, seat)
            return redirect("groups:seat", seat=seat) if sees else _to_group(row.group_id)
    seats.look_at_person(member=row.member, by=request.user, seat=row)
    own = queries.has_whole(request.user, row.member)
    return _page(request, "seat", form=sent, sitting=waits.sitting(row), own=own)


# ---- The evening ----


def _evening_over(request: HttpRequest, found: Any, why: Exception) -> HttpResponse:
    """Say kindly that there is no evening to tell of yet, or none any more."""
    off = isinstance(why, sittings.CalledOff)
    context = {"held": found[0], "meeting": found[1], "off": off}
    return render(request, "groups/evening_not.html", context, status=422 if request.method == "POST" else 200)


def _evening_saved(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Say that it is saved, on its page; to who has it no more, on their day."""
    messages.success(request, _("The evening is saved."))
    found = queries.get_meeting(request.user, meeting)
    runs = found is not None and found[0].sight.run
    address = reverse("groups:evening", kwargs={"meeting": meeting}) if runs else reverse("today:day")
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else redirect(address)


@guard(Permission.RUN_GROUPS)
def evening(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Show an evening to who runs it, and take in what they tell of it; told twice it is one."""
    stamp = evenings.stamp(request.user, meeting)
    opened = constant_time_compare(request.POST.get("opened", ""), stamp)
    found = queries.get_meeting(request.user, meeting, opened=opened)
    if found is None or not found[0].sight.run:
        if opened:
            return render(request, "groups/evening_not.html", {"late": True}, status=422)
        raise Http404
    form, differ = evenings.Telling(request.POST if request.method == "POST" else None), None
    try:
        if request.method == "POST" and form.is_valid() and "rest" not in request.POST:
            try:
                sittings.hold_meeting(meeting=found[1], **form.told(), opened=opened, by=request.user)
            except sittings.SomethingNew as new:
                differ = new
            else:
                return _evening_saved(request, meeting)
        told = sittings.look_at_meeting(meeting=found[1], by=request.user, opened=opened)
    except (sittings.NotYet, sittings.CalledOff) as why:
        return _evening_over(request, found, why)
    except NotAllowed:
        raise Http404 from None
    laid = evenings.laid_out(told, form, differ, request.session.get("seat", "")) | {"opened": stamp}
    return render(request, "groups/evening.html", laid, status=422 if form.is_bound else 200)


@guard(Permission.RUN_GROUPS, Permission.OPEN_COURSE)
@require_POST
def rang(request: HttpRequest, seat: UUID, meeting: UUID | None = None) -> HttpResponse:
    """Put away the suggestion to call somebody, since one has; and back to where one stood."""
    row = queries.get_seat_to_ring(request.user, seat)
    if row is None:
        raise Http404
    sittings.rang(seat=row, by=request.user)
    messages.success(request, _("Good. It is put away until it happens again."))
    return redirect("groups:evening", meeting=meeting) if meeting else redirect("today:day")


@guard(Permission.RUN_GROUPS, Permission.ARRANGE_GROUPS)
def roster_print(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Print the folder of an evening: a door list with first names, and a food list without any name."""
    found = queries.get_meeting(request.user, meeting)
    if found is None or not (found[0].sight.run or found[0].sight.arrange):
        raise Http404
    try:
        folder = sittings.look_at_folder(meeting=found[1], by=request.user)
    except sittings.CalledOff as why:
        return _evening_over(request, found, why)
    except NotAllowed:
        raise Http404 from None
    return render(request, "groups/evening_folder.html", {"folder": folder, "meeting": found[1]})
