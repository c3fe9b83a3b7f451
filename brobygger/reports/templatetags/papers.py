"""A report as a paper and as files, from the same frozen figures as its page; the same bytes each time."""

import csv
import io
from datetime import UTC, datetime, time
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from brobygger.ground import paper
from brobygger.ground.rules import pick
from brobygger.reports import rules

from . import figures, pictures


def filename(report: Any, ending: str) -> str:
    """Name a file by what it is and of which days."""
    return f"{report.template}-{report.period_from}-{report.period_to}.{ending}"


def plain(report: Any) -> bytes:
    """Write the figures as they are kept, for any program; what the next release is held against stays here."""
    told = {name: value for name, value in report.figures.items() if name not in ("told", "beside")}
    return rules.packed(told | {"words": report.words, "code": report.code, "made_on": report.made_on.isoformat()})


def spreadsheet(report: Any, language: str) -> bytes:
    """Write every figure on a line of its own: table, row, column, number, of how many, its interval."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow(["table", "row", "column", "number", "kind", "of", "low", "high", "row_label", "column_label"])
    with translation.override(language):
        for key in report.figures["order"]:
            table = report.figures["tables"][key]
            for row, told in zip(table["rows"], table["cells"], strict=True):
                for column, cell in zip(table["columns"], told, strict=True):
                    named = [figures.label(table, row), figures.label(table, column)]
                    lines.writerow([key, row, column, *_written(cell), *named])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _written(cell: dict[str, Any]) -> list[Any]:
    kind = next((name for name in ("n", "share", "mean", "value", "effect") if name in cell), "")
    why = next((word for word in ("hidden", "few", "unknown", "none") if cell.get(word)), "")
    return [cell.get(kind, ""), kind or why, *(cell.get(name, "") for name in ("of", "low", "high"))]


def pdf(report: Any, language: str) -> bytes:
    """Print a report: PDF/UA, with its tables, its drawings with their words, and every definition."""
    with translation.override(language):
        data = _data(report)
        return paper.pdf(template="reports/report.typ", data=data, title=data["title"], language=language)


def _data(report: Any) -> dict[str, Any]:
    kept, drawn, language = report.figures, pictures.of(report), translation.get_language() or "da"
    title = f"{pick(kept['shape']['name'], language)} {figures.period(report)}"
    boxes = [(pick(box["label"], language), report.words.get(box["key"], "")) for box in kept["shape"]["boxes"]]
    parts = [
        {"name": part.name, "tables": [_table(each, drawn) for each in part.tables]}
        for part in figures.laid_out(report)
    ]
    return {
        "made_at": datetime.combine(report.made_on, time(12), tzinfo=UTC).isoformat(),
        "house": kept["house"],
        "title": title,
        "footer": f"{kept['house']}, {title}",
        "opening": opening(report),
        "words": [{"heading": heading, "text": text} for heading, text in boxes if text],
        "parts": parts,
        "nothing": _("Nothing to tell of this period."),
        #: What stands over the names of the lines, for who hears a table read: an empty head says nothing.
        "row": _("Row"),
        "marks": _("The mark of what went in: %(inputs)s. Of the program that counted: %(code)s.")
        % {"inputs": report.inputs[:12], "code": report.code[:12]},
    }


def opening(report: Any) -> list[str]:
    """Say how the figures are to be read: what is withheld, and since when they stand."""
    settings = report.figures["settings"]
    out = report.released_on
    said = [
        _("Released %(day)s.") % {"day": figures.full_day(out)}
        if out
        else _("Draft. It has not been released: do not send it on."),
        _("Counted on %(day)s. The figures stand as they were then.") % {"day": figures.full_day(report.made_on)},
        _("Fewer than %(n)s people are not shown, and nothing that would give them away.")
        % {"n": settings["threshold"]},
        _("Shares and means are of %(n)s people or more.") % {"n": settings["shares_from"]},
    ]
    if settings["rounding"] > 1:
        said.append(_("Counts of people are to the nearest %(n)s.") % {"n": settings["rounding"]})
    return said


def _table(laid: figures.Laid, drawn: dict[str, Any]) -> dict[str, Any]:
    picture = drawn.get(laid.key)
    svg = render_to_string(f"reports/{picture['kind']}.svg", {"picture": picture, "paper": True}) if picture else ""
    return {
        "title": laid.title,
        "empty": laid.empty,
        "head": laid.head,
        "lines": [{"name": name, "cells": [_said(each) for each in cells]} for name, cells in laid.lines],
        "ends": ends(laid),
        "definition": laid.text,
        "since": version(laid),
        "svg": svg,
        "alt": f"{picture['title']}. {picture['desc']}" if picture else "",
    }


def _said(cell: figures.Shown) -> str:
    return f"{cell.text} ({cell.beside})" if cell.beside else cell.text


def ends(laid: figures.Laid) -> str:
    """Say of how many a table is, and how many are missing."""
    said = _("N: %(of)s") % {"of": laid.of}
    return f"{said} · {_('missing: %(n)s') % {'n': laid.missing}}" if laid.missing else said


def version(laid: figures.Laid) -> str:
    """Say which definition a table stands under."""
    return _("Definition %(version)s, since %(day)s") % {"version": laid.version, "day": laid.since}
