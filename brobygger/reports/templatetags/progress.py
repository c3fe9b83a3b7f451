"""How far a report has come, and why one did not go out, in words that say what to do."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brobygger.ground import clock
from brobygger.ground.rules import pick

from . import figures

#: So long nothing happens before the page says that the machine's worker may be standing still.
QUIET = timedelta(minutes=2)


def busy(report: Any) -> str:
    """Say what is under way with a report; empty when nothing is."""
    if report.letting_out:
        return _("It is being held against everything that has gone out before.")
    if report.figures is not None or report.trouble:
        return ""
    if report.step == "reading":
        return _("The courses of those days are opened and added up.")
    if report.step == "hiding":
        return _("The figures are counted. Now small numbers are hidden, and what would give them away.")
    if clock.now() - report.asked_at > QUIET:
        return _("It has not begun yet. The machine is busy or stands still: if it goes on, tell whoever runs it.")
    return _("It is about to begin.")


def trouble(report: Any) -> str:
    """Say why a report could not be counted, and what to do; empty when nothing is wrong."""
    if report.trouble == "too_few":
        return _("So few came in those days that nothing can be shown without giving somebody away. Choose more days.")
    if report.trouble == "left":
        return _("Whoever asked for it may no longer see counts. Count it again, and it is you who asks.")
    if report.trouble:
        return _("Something went wrong on our side, and nothing was kept. Try again, or tell whoever runs the machine.")
    return ""


def crosses(reports: Iterable[Any]) -> str:
    """Say which reports share only some days with a period, and what to do."""
    told = _(
        "Some of these days are in a report that has gone out, and some are not: %s. The one less the other would tell"
        " of a few days alone. Choose days that hold its days whole, or none of them."
    )
    return told % _names(reports)


def _names(reports: Iterable[Any]) -> str:
    return ", ".join(dict.fromkeys(figures.period(each) for each in reports))


def held_back(report: Any, near: list[Any]) -> dict[str, Any] | None:
    """Say why a report did not go out: in words, in which tables, and whether counting it again helps."""
    why = report.refused.get("why")
    if not why or report.released_on:
        return None
    language, known = get_language() or "da", report.figures["definitions"]
    where = [key for key in report.refused.get("tables", ()) if key in known]
    if why == "tells":
        told = _("Together with what has gone out before, a hidden number could be worked out. It is in these tables:")
    elif why == "newer":
        told = _("After it was counted, another report of the same days went out: %s.") % _names(near)
    elif why == "crosses":
        told = crosses(near)
    else:
        told = _("Something went wrong on our side while it was tried. Try again, or tell whoever runs the machine.")
    tables = [{"key": key, "title": pick(known[key]["title"], language)} for key in where]
    return {"told": told, "tables": tables, "again": why in ("tells", "newer")}


def wrong_files(found: list[tuple[str, str, str]]) -> list[str]:
    """Say which of the house's own files cannot be used for a report, and what is wrong with each."""
    why = {
        "unreadable": _("It is not written as TOML: %s"),
        "file": _('Its name may hold letters, digits and hyphens, at most 40: "%s"'),
        "unknown": _('Nobody knows this word in it: "%s"'),
        "kind": _('The kind must be "year", "funder" or "partner", and not "%s"'),
        "tables": _("The tables must be a list of some of these: %s"),
    }
    other = {
        "boxes": _("Each text box needs a key of letters and digits, and a label in both languages"),
        "name": _("The name, and each name of a part, must be written in both languages"),
    }
    return [f"{name}: {why[code] % what if code in why else other[code]}." for name, code, what in found]
