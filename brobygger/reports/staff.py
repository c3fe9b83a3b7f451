"""Reports, for who leads: asked for, read, written beside, released; sheets for partners, a file for the evaluator."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from brobygger.access import queries as people
from brobygger.access.guards import guard
from brobygger.access.roles import Permission

from . import forms, queries, releasing, services
from .templatetags import figures, papers, pictures, progress

NUMBERS = Permission.SEE_NUMBERS


def _report(request: HttpRequest, ident: UUID) -> Any:
    row = queries.get_report(request.user, ident)
    if row is None:
        raise Http404
    return row


def _counted(request: HttpRequest, ident: UUID) -> Any:
    row = _report(request, ident)
    if row.figures is None:
        raise Http404
    return row


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"reports/{name}.html", context, status=status)


@guard(NUMBERS)
def start(request: HttpRequest) -> HttpResponse:
    """Show the reports there are, and let one be counted: last year's at a press."""
    form = forms.Make(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        chosen = {"period": clean["period"], "template": clean["template"], "partner": clean["partner"]}
        try:
            made = services.ask(**chosen, by=request.user)
        except services.NotOverYet:
            form.add_error("year", _("Choose a period that is over."))
        except releasing.Crosses as found:
            form.add_error("year", progress.crosses(found.with_whom))
        else:
            return redirect("reports:report", report=made.pk)
    rows = queries.reports(request.user)
    names = queries.partner_names(row.partner for row in rows)
    year, done = queries.last_year(request.user)
    shown = {"reports": figures.listed(rows, names, queries.templates()), "year": year, "done": done}
    return _page(request, "start", form=form, wrong=progress.wrong_files(queries.wrong_templates()), **shown)


@guard(NUMBERS)
@require_safe
def report(request: HttpRequest, report: UUID) -> HttpResponse:
    """Show a report: how far its counting is; then its tables in order, pictures, words, and what to do with it."""
    row = _report(request, report)
    busy = progress.busy(row)
    if getattr(request, "htmx", False):
        # What the page asks while something is under way; when it is done, the page is shown anew.
        return render(request, "reports/busy.html", {"busy": busy}) if busy else HttpResponseClientRefresh()
    if row.figures is None:
        return _page(request, "counting", report=row, busy=busy, trouble=progress.trouble(row))
    return _shown(request, row, busy=busy)


def _shown(request: HttpRequest, row: Any, words: Any = None, busy: Any = None) -> HttpResponse:
    """Show a counted report."""
    words = words or forms.Words(boxes=row.figures["shape"]["boxes"], initial=row.words)
    why = progress.held_back(row, queries.names_of(row.refused.get("reports", ())))
    told = {"busy": busy, "why": why, "said": queries.comments(request.user, row)}
    return _page(request, "report", report=row, words=words, laid=figures.laid_out(row), drawn=pictures.of(row), **told)


@guard(NUMBERS, Permission.SEE_PARTNER)
@require_safe
def figure(request: HttpRequest, report: UUID, table: str, row: int, column: int) -> HttpResponse:
    """Show what one number counts: its definition, the count behind it, and how many are missing. Never who."""
    held = _counted(request, report)
    told = figures.one(held, table, row, column)
    if told is None:
        raise Http404
    return _page(request, "figure", report=held, **told)


@guard(NUMBERS)
@require_POST
def write(request: HttpRequest, report: UUID) -> HttpResponse:
    """Keep the words beside the figures."""
    row = _counted(request, report)
    form = forms.Words(request.POST if request.method == "POST" else None, boxes=row.figures["shape"]["boxes"])
    if not form.is_valid():
        return _shown(request, row, words=form)
    try:
        services.write(report=row, words=form.cleaned_data, by=request.user)
        messages.success(request, _("Written down."))
    except services.AlreadyReleased:
        messages.info(request, _("It has gone out, so nothing about it changes any more."))
    return redirect("reports:report", report=row.pk)


@guard(NUMBERS)
@require_POST
def release(request: HttpRequest, report: UUID) -> HttpResponse:
    """Let the worker try a report against all that went out before, and let it out."""
    row = _counted(request, report)
    try:
        services.ask_release(report=row, by=request.user)
    except services.AlreadyReleased:
        messages.info(request, _("It was released before."))
    return redirect("reports:report", report=row.pk)


@guard(NUMBERS)
@require_POST
def again(request: HttpRequest, report: UUID) -> HttpResponse:
    """Count a report anew that has not gone out; its words stay."""
    row = _report(request, report)
    try:
        row = services.again(report=row, by=request.user)
    except services.AlreadyReleased:
        messages.info(request, _("It has gone out, so it stays."))
    except releasing.Crosses as found:
        messages.error(request, progress.crosses(found.with_whom))
    return redirect("reports:report", report=row.pk)


@guard(NUMBERS)
@require_POST
def discard(request: HttpRequest, report: UUID) -> HttpResponse:
    """Throw away a report that has not gone out."""
    try:
        services.discard(report=_report(request, report), by=request.user)
        messages.success(request, _("Thrown away."))
    except services.AlreadyReleased:
        messages.info(request, _("It has gone out, so it stays."))
    return redirect("reports:start")


def _download(body: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@guard(NUMBERS, Permission.SEE_PARTNER)
@require_safe
def pdf(request: HttpRequest, report: UUID) -> HttpResponse:
    """Give a report as a PDF; the same bytes each time."""
    row = _counted(request, report)
    return _download(papers.pdf(row, get_language() or "da"), "application/pdf", papers.filename(row, "pdf"))


@guard(NUMBERS, Permission.SEE_PARTNER)
@require_safe
def data(request: HttpRequest, report: UUID, form: str) -> HttpResponse:
    """Give a report's figures as a file any program reads."""
    row = _counted(request, report)
    if form == "json":
        return _download(papers.plain(row), "application/json", papers.filename(row, "json"))
    if form == "csv":
        body = papers.spreadsheet(row, get_language() or "da")
        return _download(body, "text/csv; charset=utf-8", papers.filename(row, "csv"))
    raise Http404


# ---- Partners and evaluators ----


@guard(NUMBERS)
def agreements(request: HttpRequest) -> HttpResponse:
    """Show who may see which partner's sheets, and let one more."""
    form = forms.Agree(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        said = {"partner": clean["partner"], "since": clean["since"], "paper": clean["paper"]}
        user, until = people.person(clean["user"]), clean["last"] + timedelta(days=1)
        services.agree(user=user, until=until, by=request.user, **said)
        messages.success(request, _("Written down. They see that partner's sheets when they sign in."))
        return redirect("reports:agreements")
    rows = queries.agreements(request.user)
    return _page(request, "agreements", form=form, rows=rows, names=queries.partner_names(row.partner for row in rows))


@guard(NUMBERS)
@require_POST
def end_agreement(request: HttpRequest, agreement: UUID) -> HttpResponse:
    """Let a coordinator see a partner's sheets no more."""
    row = queries.get_agreement(request.user, agreement)
    if row is None:
        raise Http404
    services.end_agreement(agreement=row, by=request.user)
    messages.success(request, _("They see that partner's sheets no more."))
    return redirect("reports:agreements")


@guard(NUMBERS)
def evaluator(request: HttpRequest) -> HttpResponse:
    """Make the evaluator's file: it is given once, here, and kept nowhere."""
    form = forms.Evaluator(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen = {"name": form.cleaned_data["name"], "year": int(form.cleaned_data["year"])}
        name, body = services.hand_out(**chosen, by=request.user)
        return _download(body, "application/zip", name)
    return _page(request, "evaluator", form=form)
