"""How a few answers are drawn over time: a line by hand, that says nothing of good or bad, with its words for the ear.

The caller puts a table beside it: whoever cannot see the drawing, or would rather read, gets every number there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

WIDE, HIGH, LEFT, RIGHT, TOP, FLOOR = 360, 224, 40, 332, 30, 176
#: So far apart two numbers must be to be read; and as wide is a letter of a day, about.
APART, LETTER = 34, 8


@dataclass(frozen=True)
class Spot:
    """One answer in a drawing: its day, its count, and what is written under it."""

    on: date
    score: int
    label: str


@dataclass(frozen=True)
class _Mark:
    """A spot where it is drawn, and which of its words there is room for."""

    x: str
    y: str
    score: int
    above: str
    score_shown: bool
    label: str
    label_x: str
    anchor: str


def draw(
    points: Sequence[Spot], *, title: str, desc: str, line: int | None = 50, band: tuple[int, int] | None = None,
    most: int = 100,
) -> SafeString:  # fmt: skip
    """Draw some answers as a line from day to day, with a line across and a band behind, where those are given.

    It goes by days, so that a long wait looks long. Nothing is drawn where there is no answer.
    """
    spots = sorted(points, key=lambda each: each.on)
    if not spots:
        return mark_safe("")
    low, high = (max(0, band[0]), min(most, band[1])) if band else (0, 0)
    marks = _marks(spots, most)
    context = {
        "ident": f"curve-{uuid4().hex[:8]}", "title": title, "desc": desc,
        "wide": WIDE, "high": HIGH, "left": LEFT, "right": RIGHT, "axis": LEFT - 8, "under": FLOOR + 28,
        "ticks": [(_y(each, most), each, each == line) for each in _ticks(line, most)],
        "band": band and {"y": _y(high, most), "height": _said((FLOOR - TOP) * (high - low) / most)},
        "across": RIGHT - LEFT,
        "marks": marks,
        "path": " ".join(f"{each.x},{each.y}" for each in marks),
    }  # fmt: skip
    return mark_safe(render_to_string("ground/curve.svg", context).strip())


def _ticks(line: int | None, most: int) -> list[int]:
    return sorted({0, most} | ({line} if line is not None and 0 <= line <= most else set()))


def _said(value: float) -> str:
    """Write a place on the drawing the same in every language."""
    return f"{value:.1f}"


def _y(score: int, most: int) -> str:
    return _said(FLOOR - (FLOOR - TOP) * min(max(score, 0), most) / most)


def _marks(spots: Sequence[Spot], most: int) -> list[_Mark]:
    """Place the spots, and give words to as many as can be read: the last and the first before any other."""
    first, days = spots[0].on, (spots[-1].on - spots[0].on).days
    near, far = LEFT + 18, RIGHT - 14
    xs = [near + (far - near) * (each.on - first).days / days if days else (LEFT + RIGHT) / 2 for each in spots]
    anchors = ["middle"] * len(spots)
    if days:
        anchors[0], anchors[-1] = "start", "end"
    edges = [{"start": LEFT, "end": WIDE - 4}.get(anchor, x) for anchor, x in zip(anchors, xs, strict=True)]
    scored = _readable([(x - APART / 2, x + APART / 2) for x in xs])
    said = _readable([_span(*each) for each in zip(edges, anchors, spots, strict=True)])
    marks = []
    for at, (x, spot) in enumerate(zip(xs, spots, strict=True)):
        y, label = _y(spot.score, most), spot.label if at in said else ""
        above = _said(float(y) - 13)
        marks.append(_Mark(_said(x), y, spot.score, above, at in scored, label, _said(edges[at]), anchors[at]))
    return marks


def _span(edge: float, anchor: str, spot: Spot) -> tuple[float, float]:
    """Say from where to where a day is written, a little more than it takes."""
    width = LETTER * (len(spot.label) + 1)
    return {"start": (edge, edge + width), "end": (edge - width, edge)}.get(
        anchor, (edge - width / 2, edge + width / 2)
    )


def _readable(spans: Sequence[tuple[float, float]]) -> set[int]:
    """Choose which words are shown: the last, the first, and those between that lie on nobody else's.

    What is left out is read in the table.
    """
    shown: set[int] = set()
    for at in (len(spans) - 1, *range(len(spans) - 1)):
        left, right = spans[at]
        if all(right <= spans[each][0] or left >= spans[each][1] for each in shown):
            shown.add(at)
    return shown
