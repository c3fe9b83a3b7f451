"""Placement, for those who work here: a proposal, why, what if, and a year. Nothing is decided by itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from brobygger.access.guards import guard
from brobygger.access.roles import Permission
from brobygger.groups import queries as seating
from brobygger.groups.templatetags import asking

from . import forms, queries, services
from .templatetags import placing, years
from .templatetags import why as reading


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    """Show a page; one that was sent and comes back has something in it to look at."""
    status = 422 if request.method == "POST" else 200
    return render(request, f"placement/{name}.html", context, status=status)


def _plan(request: HttpRequest, ident: UUID, what: str = "proposal") -> Any:
    row = queries.get_plan(request.user, ident, what)
    if row is None:
        raise Http404
    return row


@guard(Permission.SEE_WAITING)
def start(request: HttpRequest) -> HttpResponse:
    """Show what proposals there are, and make one."""
    plans = queries.plans(request.user)
    form = forms.Propose(request.POST if request.method == "POST" else None, plans=plans)
    if request.method == "POST" and form.is_valid():
        made = services.propose(**form.cleaned_data, by=request.user)
        return redirect("placement:plan", plan=made.pk)
    return _page(request, "start", form=form, plans=plans, many=forms.many_wait())


@guard(Permission.SEE_WAITING)
@require_safe
def plan(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Show a proposal: who could sit where, why there and not elsewhere, and who waits on."""
    laid = services.look_at_plan(plan=_plan(request, plan), by=request.user)
    return _page(request, "plan", **placing.laid_out(request.user, laid))


@guard(Permission.SEE_WAITING)
@require_safe
def why_not(request: HttpRequest, plan: UUID, waiting: UUID, group: UUID) -> HttpResponse:
    """Show why somebody was not proposed another group: the rule in the way, or what it would cost whom."""
    asked = {"waiting": str(waiting), "group": str(group)}
    laid, found = services.look_why_not(plan=_plan(request, plan), by=request.user, **asked)
    if not laid.fresh:
        return redirect("placement:plan", plan=plan)
    if found is None:
        raise Http404
    return _page(request, "why_not", **placing.tried(laid, asked["waiting"], asked["group"], found))


@guard(Permission.RUN_GROUPS, Permission.ARRANGE_GROUPS)
def accept(request: HttpRequest, plan: UUID, waiting: UUID) -> HttpResponse:
    """Offer somebody the seat that was proposed, after asking what must be asked for that group."""
    laid = services.look_at_plan(plan=_plan(request, plan), by=request.user)
    key = str(waiting)
    if key in laid.body["offered"]:
        messages.info(request, _("That seat is offered already."))
        return redirect("placement:plan", plan=plan)
    if not laid.fresh:
        return _anew(request, plan)
    someone = laid.shown.people.get(key)
    if someone is None or not seating.may_offer(request.user, someone.waiting.member, someone.waiting.offer):
        raise Http404
    group, parent, beside = laid.proposed(key)
    if group is None:
        return _anew(request, plan)
    sent = forms.Press(request.POST if request.method == "POST" else None, viewer=request.user, laid=laid, waiting=key)
    if request.method == "POST" and sent.is_valid():
        with sent.refused():
            try:
                made = services.accept(plan=laid.plan, waiting=key, by=request.user, **sent.told())
            except (services.PlanIsOld, services.NotProposed):
                return _anew(request, plan)
            messages.success(request, asking.offered(made))
            return redirect("placement:plan", plan=plan)
    more = {"facts": placing.facts(someone), "said": placing.in_words(someone), "parent": parent, "beside": beside}
    return _page(request, "accept", laid=laid, someone=someone, group=group, sent=sent, **more)


def _anew(request: HttpRequest, plan: UUID) -> HttpResponse:
    """Say that nothing was offered, on the page that offers to make the proposal anew."""
    messages.info(request, _("Something has changed since, so nothing was offered. Make the proposal anew."))
    return redirect("placement:plan", plan=plan)


@guard(Permission.ARRANGE_GROUPS)
def what_if(request: HttpRequest) -> HttpResponse:
    """Ask what would be if one thing were otherwise."""
    kind = request.GET.get("what", "group")
    if kind not in forms.FORMS:
        raise Http404
    form = forms.FORMS[kind](request.POST if request.method == "POST" else None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        made = services.what_if(changes=form.changes(), by=request.user)  # type: ignore[attr-defined]
        return redirect("placement:compared", compared=made.pk)
    return _page(request, "what_if", form=form, kind=kind, kinds=forms.KINDS)


def _initial(request: HttpRequest) -> dict[str, str]:
    """Read what a link from a proposal already knows of a group that could help."""
    names = ("place", "weekday", "offer", "age_from", "age_to")
    return {name: request.GET[name] for name in names if name in request.GET}


@guard(Permission.ARRANGE_GROUPS)
@require_safe
def compared(request: HttpRequest, compared: UUID) -> HttpResponse:
    """Show two worlds side by side: what is, and what would be."""
    laid = services.look_at_plan(plan=_plan(request, compared, "what_if"), by=request.user)
    told = placing.side_by_side(laid.body, laid.shown, laid.instance)
    return _page(request, "compared", laid=laid, **told)


@guard(Permission.ARRANGE_GROUPS)
@require_safe
def year(request: HttpRequest) -> HttpResponse:
    """Show the year that was played: rules of placing compared by waiting time and empty seats."""
    row = queries.played()
    return _page(request, "year", row=row, **(years.year(row.result) if row else {}))


@guard(Permission.RUN_GROUPS, Permission.ARRANGE_GROUPS)
@require_safe
def why(request: HttpRequest, seat: UUID) -> HttpResponse:
    """Show why the seat somebody has was proposed to them, to who has the course and who arranges groups."""
    row = seating.get_seat(request.user, seat)
    if row is None or not reading.may_read(request.user, row):
        raise Http404
    found = services.look_at_why(seat=row, by=request.user)
    said = None if found is None else reading.sentences(found)
    return _page(request, "why", seat=row, said=said)
