"""What a partner's coordinator sees: free seats, and their own partner's released sheets. No list of anybody."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from brobygger.access.guards import guard
from brobygger.access.roles import Permission

from . import forms, queries, services
from .templatetags import figures, pictures


def _sheet(request: HttpRequest, ident: UUID) -> Any:
    row = next((each for each in queries.sheets(request.user) if each.pk == ident), None)
    if row is None:
        raise Http404
    return row


@guard(Permission.SEE_PARTNER)
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the free seats by group, how to send a family on, and the sheets there are, as long as an agreement runs."""
    held = queries.agreements_of(request.user)
    partners = queries.partner_names({row.partner for row in held})
    rows = figures.listed(queries.sheets(request.user), partners, queries.templates())
    shown = {"held": held, "names": partners, "rows": rows, "texts": queries.texts()}
    return render(request, "reports/partner.html", shown | {"seats": figures.free_seats(request.user) if held else []})


@guard(Permission.SEE_PARTNER)
@require_safe
def sheet(request: HttpRequest, report: UUID) -> HttpResponse:
    """Show one released sheet, as whoever leads sees it, with a box for one's own comments."""
    row = _sheet(request, report)
    mine = next(iter(queries.comments(request.user, row)), None)
    form = forms.Comment(initial={"text": mine.text if mine else ""})
    shown = {"report": row, "laid": figures.laid_out(row), "drawn": pictures.of(row), "form": form}
    return render(request, "reports/sheet.html", shown)


@guard(Permission.SEE_PARTNER)
@require_POST
def comment(request: HttpRequest, report: UUID) -> HttpResponse:
    """Keep one's own comments beside a sheet."""
    row, form = _sheet(request, report), forms.Comment(request.POST)
    if not form.is_valid():
        shown = {"report": row, "laid": figures.laid_out(row), "drawn": pictures.of(row), "form": form}
        return render(request, "reports/sheet.html", shown, status=422)
    services.comment(report=row, text=form.cleaned_data["text"], by=request.user)
    messages.success(request, _("Written down. Whoever leads the house sees it beside the sheet."))
    return redirect("reports:sheet", report=row.pk)
