"""The page of a played year: a table, a drawing of intervals, and plain words that promise no more than they show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

RULES = {
    "first_come_2": _("First come, first served, every second week"),
    "first_come_1": _("First come, first served, every week"),
    "best_1": _("The best placing, every week"),
    "best_2": _("The best placing, every second week"),
    "best_4": _("The best placing, every fourth week"),
}
#: Where the drawing lies: from here, so wide; one rule in so many units of height.
LEFT, WIDE, STEP = 4, 352, 48
#: Two numbers on the scale do not stand closer than this.
NEAR = 44


@dataclass(frozen=True)
class Bar:
    """One rule in the drawing: where its mean and the ends of its interval lie."""

    label: str
    y: int
    low: float
    high: float
    mean: float
    said: str
    text_y: int


def drawn(rows: list[Mapping[str, Any]], count: str) -> dict[str, Any]:
    """Draw how much each rule differs from the first: a line from end to end of the interval, a dot at the mean.

    The rules met the same children, so the difference is surer than the counts themselves; right of nought is more.
    """
    spans = [each["against"][count] for each in rows]
    least, most = min(0.0, *(each["low"] for each in spans)), max(0.0, *(each["high"] for each in spans))
    room = (most - least) * 0.06 or 1.0

    def at(value: float) -> float:
        return round(LEFT + (value - least + room) / (most - least + 2 * room) * WIDE, 1)

    bars = [
        Bar(
            str(RULES.get(row["rule"], row["rule"])),
            number * STEP + 30,
            at(span["low"]),
            at(span["high"]),
            at(span["mean"]),
            _signed(span),
            number * STEP + 16,
        )
        for number, (row, span) in enumerate(zip(rows, spans, strict=True))
    ]
    ends = [value for value in (least, most) if abs(at(value) - at(0.0)) > NEAR]
    ticks = [(at(value), _number(value)) for value in (*ends, 0.0)]
    floor = len(rows) * STEP + 12
    return {"bars": bars, "ticks": ticks, "nought": at(0.0), "floor": floor, "height": floor + 28, "left": LEFT}


def _signed(span: Mapping[str, float]) -> str:
    """Say a mean and its interval."""
    return gettext("%(mean)s (%(low)s to %(high)s)") % {key: _number(value) for key, value in span.items()}


def _counted(span: Mapping[str, float]) -> str:
    """Say them of something that is counted: it is never less than nought."""
    return _signed({key: max(0.0, value) for key, value in span.items()})


def _number(value: float) -> str:
    return str(number_format(round(value, 1) or 0.0, 1))


def _cell(row: Mapping[str, Any], count: str) -> str:
    """Say one count of a rule; a year that was played before it was counted has none."""
    return _counted(row["counts"][count]) if count in row["counts"] else "–"


def year(result: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a played year out: a table of the rules, and a drawing of how long children waited."""
    rows = result["rules"]
    counts = ("mean_wait", "ninth_wait", "placed", "gave_up", "waiting", "empty", "separated", "parents")
    table = [(RULES.get(row["rule"], row["rule"]), [_cell(row, each) for each in counts]) for row in rows]
    return {"table": table, "chart": drawn(rows, "mean_wait"), "plainly": plainly(rows)}


def plainly(rows: list[Mapping[str, Any]]) -> list[str]:
    """Say what came of it without a table, and without promising more than it shows."""
    first = rows[0]["counts"]["mean_wait"]["mean"]
    best = min(rows, key=lambda each: each["counts"]["mean_wait"]["mean"])
    gain = first - best["counts"]["mean_wait"]["mean"]
    told = {
        "rule": str(RULES.get(best["rule"], best["rule"])).lower(),
        "first": _number(first),
        "best": _number(best["counts"]["mean_wait"]["mean"]),
        "gain": _number(gain),
    }
    if best is rows[0]:
        none = gettext("No rule made the wait shorter than first come, first served, every second week.")
        return [none, *_besides(rows[0], best)]
    found = [gettext("Children waited least under this rule: %(rule)s. %(best)s weeks against %(first)s.") % told]
    if best["against"]["mean_wait"]["high"] >= 0:
        found.append(gettext("The difference is so small that it may be chance."))
    else:
        found.append(gettext("That is %(gain)s weeks. A rule makes no new seats.") % told)
    weekly = next((each for each in rows if each["rule"] == "best_1"), best)
    return found + _besides(rows[0], weekly)


def _besides(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Say what the best placing gives besides shorter waits, where it is more than chance."""
    told = {name: _number(other["counts"][name]["mean"]) for name in ("separated", "parents")}
    told |= {f"{name}_first": _number(first["counts"][name]["mean"]) for name in ("separated", "parents")}
    found = []
    if other["against"]["separated"]["high"] < 0:
        parted = gettext(
            "The best placing, every week, parted brothers and sisters %(separated)s times, not %(first)s."
        )
        found.append(parted % {**told, "first": told["separated_first"]})
    if other["against"]["parents"]["low"] > 0:
        seated = gettext("And %(parents)s parents got a seat, against %(first)s.")
        found.append(seated % {**told, "first": told["parents_first"]})
    return found
