"""The pictures of a report, worked out from its frozen figures: bars with whiskers, a step curve, lines between means.

No mark is anybody: what is drawn is a share or a mean of ten people or more, and stands in a table beside it too.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from .figures import label, number, percent

#: The drawing's own units: wide enough for words under it at any size.
WIDE, LEFT, RIGHT, TOP, FLOOR = 640, 170, 24, 16, 36
STEP, TALL = 44, 220
#: Whose shares are drawn, and in which order: up never without down.
BARS = (("up_share", "solid"), ("down_share", "hatched"), ("far_up_share", "edged"))
DASHES = ("", "8 5", "2 5")
#: Two labels at the end of lines do not stand closer than this.
APART = 20


def of(report: Any) -> dict[str, Any]:
    """Draw what there is to draw of a report, by the table it stands beside."""
    figures = report.figures
    found = {
        "S9.change": bars(figures),
        "S6.seat": curve(figures["curves"].get("S6.curve")),
        "S9.lines": lines(figures["tables"].get("S9.lines")),
    }
    return {key: drawn for key, drawn in found.items() if drawn}


def bars(figures: dict[str, Any]) -> dict[str, Any] | None:
    """Draw the shares who went up and down, with their intervals; none while any of the first two is withheld."""
    table = figures["tables"].get("S9.change")
    if table is None:
        return None
    cells = dict(zip(table["columns"], table["cells"][table["rows"].index("total")], strict=True))
    shown = [(key, style, cells[key]) for key, style in BARS if "share" in cells[key]]
    if not {"up_share", "down_share"} <= {key for key, _style, _cell in shown}:
        return None

    def at(value: float) -> float:
        return round(LEFT + value / 100 * (WIDE - LEFT - RIGHT), 1)

    rows = [
        {
            "label": label(table, key), "style": style, "y": TOP + place * STEP, "middle": TOP + place * STEP + 14,
            "width": round(at(told["share"]) - LEFT, 1), "low": at(told["low"]), "high": at(told["high"]),
            "said": percent(told["share"]),
        }
        for place, (key, style, told) in enumerate(shown)
    ]  # fmt: skip
    floor = TOP + len(rows) * STEP
    told = _("%(label)s: %(share)s, between %(low)s and %(high)s.")
    words = [
        told % {"label": label(table, key), "share": percent(one["share"]), "low": number(one["low"]),
                "high": percent(one["high"])}
        for key, _style, one in shown
    ]  # fmt: skip
    title = _("%(up)s rose noticeably, %(down)s fell") % {"up": rows[0]["said"], "down": rows[1]["said"]}
    ticks = [(at(value), percent(value)) for value in (0, 50, 100)]
    size = {"left": LEFT, "floor": floor, "height": floor + FLOOR, "wide": WIDE, "ticks": ticks}
    return {"kind": "bars", "title": title, "desc": " ".join(words), "rows": rows, **size}


def curve(told: dict[str, Any] | None) -> dict[str, Any] | None:
    """Draw the share who have a seat as a step curve, with the half marked when it is reached."""
    if not told or len(told["points"]) < 2:
        return None
    last = max(14, told["points"][-1]["day"])
    left = 56

    def x(day: float) -> float:
        return round(left + day / last * (WIDE - left - RIGHT), 1)

    def y(share: float) -> float:
        return round(TOP + (100 - share) / 100 * TALL, 1)

    path = f"M{x(0)} {y(told['points'][0]['share'])}"
    for point in told["points"][1:]:
        path += f"H{x(point['day'])}V{y(point['share'])}"
    half, end = told["half"], told["points"][-1]
    title = (
        _("Half had a seat within %(days)s days") % {"days": number(half)}
        if half is not None
        else _("Fewer than half had a seat after %(days)s days") % {"days": number(end["day"])}
    )
    desc = _("Of %(n)s who began to wait: %(told)s.") % {
        "n": number(told["of"]),
        "told": ", ".join(_day(point) for point in _some(told["points"])),
    }
    months = [(x(day), number(day)) for day in range(0, last + 1, max(28, last // 6 // 28 * 28))]
    ticks = [(y(share), percent(share)) for share in (0, 50, 100)]
    size = {"left": left, "right": WIDE - RIGHT, "floor": TOP + TALL, "height": TOP + TALL + 48, "wide": WIDE}
    shown = {
        "path": path,
        "half": x(half) if half is not None else None,
        "half_y": y(50),
        "under": _("days since they began to wait"),
        "days": months,
        "ticks": ticks,
    }
    return {"kind": "curve", "title": title, "desc": desc, "points": told["points"], **shown, **size}


def _day(point: dict[str, int]) -> str:
    return _("%(share)s by day %(day)s") % {"share": percent(point["share"]), "day": number(point["day"])}


def _some(points: list[dict[str, int]]) -> list[dict[str, int]]:
    """Choose some points to say aloud: every fourth, and the last."""
    return [*points[4:-1:4], points[-1]]


def lines(table: dict[str, Any] | None) -> dict[str, Any] | None:
    """Draw the mean at the start and at the end, a line a band; dashes tell them apart, and not colour."""
    if not table:
        return None
    left, right = 60, WIDE - 260

    def y(value: float) -> float:
        return round(TOP + (100 - value) / 100 * TALL, 1)

    rows: list[dict[str, Any]] = []
    bands = zip(DASHES, table["rows"], table["cells"], strict=False)
    for dash, key, (both, start, end) in bands:
        if "n" in both and "mean" in start and "mean" in end:
            name, ends = label(table, key), {"start": number(start["mean"]), "end": number(end["mean"])}
            said = _("%(name)s (%(n)s): %(start)s to %(end)s") % {"name": name, "n": number(both["n"]), **ends}
            at = y(end["mean"])
            rows.append({"start": y(start["mean"]), "end": at, "label": at, "said": said, "dash": dash})
    if not rows:
        return None
    _part(rows)
    ticks = [(y(value), number(value)) for value in (0, 50, 100)]
    size = {"left": left, "right": right, "floor": TOP + TALL, "height": TOP + TALL + 40, "wide": WIDE}
    under = (_("at the start"), _("at the end"))
    shown = {"ends": under, "desc": ". ".join(row["said"] for row in rows) + ".", "rows": rows, "ticks": ticks}
    return {"kind": "lines", "title": _("Mean at the start and at the end"), **shown, **size}


def _part(rows: Iterable[dict[str, Any]]) -> None:
    """Move labels down that would stand on each other."""
    last = -APART
    for row in sorted(rows, key=lambda each: each["label"]):
        row["label"] = max(row["label"], last + APART)
        last = row["label"]
