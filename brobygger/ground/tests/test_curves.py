"""How answers over time are drawn: for the eye, for the ear, and without a verdict."""

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from brobygger.ground.templatetags.curves import FLOOR, HIGH, LEFT, RIGHT, TOP, WIDE, Spot, draw

MARCH = date(2026, 3, 2)
SPOTS = [Spot(MARCH, 36, "2. marts"), Spot(date(2026, 6, 2), 44, "2. juni"), Spot(date(2026, 9, 1), 72, "1. september")]


def _drawn(*spots: Spot, **more: object) -> ElementTree.Element:
    options = {"title": "Din kurve", "desc": "Tre svar", **more}
    return ElementTree.fromstring(draw(spots, **options))  # type: ignore[arg-type]


def _texts(drawing: ElementTree.Element) -> list[str]:
    return [str(each.text) for each in drawing.iter("text")]


def test_a_screen_reader_is_told_what_is_drawn() -> None:
    drawing = _drawn(*SPOTS)
    named = drawing.find(f"*[@id='{drawing.get('aria-labelledby')}']")
    told = drawing.find(f"*[@id='{drawing.get('aria-describedby')}']")
    assert drawing.get("role") == "img"
    assert named is not None and (named.tag, named.text) == ("title", "Din kurve")
    assert told is not None and (told.tag, told.text) == ("desc", "Tre svar")


def test_two_drawings_on_a_page_do_not_share_a_name() -> None:
    both = draw(SPOTS, title="Din", desc="To") + draw(SPOTS, title="Din", desc="To")
    found = re.findall(r'id="([^"]+)"', both)
    assert len(found) == len(set(found)) == 4


def test_the_drawing_goes_by_days_and_not_by_answers() -> None:
    """Planted: three answers drawn equally far apart."""
    near, far = MARCH + timedelta(days=10), MARCH + timedelta(days=100)
    drawing = _drawn(Spot(MARCH, 40, ""), Spot(near, 40, ""), Spot(far, 40, ""))
    first, second, third = (float(str(each.get("cx"))) for each in drawing.iter("circle"))
    assert (second - first) * 10 == pytest.approx(third - first, abs=1)


def test_answers_given_out_of_order_are_drawn_in_their_order() -> None:
    drawing = _drawn(*reversed(SPOTS))
    assert [str(each.text) for each in drawing.iter("text") if each.get("class") == "score"] == ["36", "44", "72"]


def test_a_higher_count_stands_higher_and_the_line_where_it_says() -> None:
    drawing = _drawn(Spot(MARCH, 0, ""), Spot(date(2026, 4, 2), 50, ""), Spot(date(2026, 5, 2), 100, ""))
    ys = [float(str(each.get("cy"))) for each in drawing.iter("circle")]
    assert ys == [FLOOR, (FLOOR + TOP) / 2, TOP]
    half = next(each for each in drawing.iter("path") if each.get("class") == "half")
    assert half.get("d") == f"M{LEFT} {ys[1]:.1f}H{RIGHT}"


def test_the_band_ends_where_the_scale_ends() -> None:
    drawing = _drawn(*SPOTS, band=(84 - 24, 84 + 24))
    band = next(drawing.iter("rect"))
    assert float(str(band.get("y"))) == TOP
    assert float(str(band.get("height"))) == pytest.approx((FLOOR - TOP) * 0.4)
    assert not list(_drawn(*SPOTS).iter("rect"))


def test_a_scale_to_ten_has_no_line_at_fifty() -> None:
    drawing = _drawn(Spot(MARCH, 4, "marts"), line=None, most=10)
    assert _texts(drawing) == ["0", "10", "4", "marts"]
    assert not [each for each in drawing.iter("path") if each.get("class") == "half"]


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw([], title="Din kurve", desc="") == ""


def test_a_drawing_has_no_colour_and_no_style_of_its_own() -> None:
    """Colours come from the page, by day, by night and on paper; and no good or bad."""
    assert not re.search(r"style=|fill=|stroke=|#[0-9a-f]{3}|good|bad|red|green", draw(SPOTS, title="Din", desc="x"))


def test_words_from_outside_stay_words() -> None:
    drawing = draw([Spot(MARCH, 40, "<b>&")], title="<script>", desc='"><script>')
    assert "<script" not in drawing and "<b>" not in drawing


def test_a_place_is_written_alike_in_every_language() -> None:
    with translation.override("da"):
        danish = _drawn(*SPOTS)
    assert [each.get("cx") for each in danish.iter("circle")] == [
        each.get("cx") for each in _drawn(*SPOTS).iter("circle")
    ]
    assert "," not in str(next(danish.iter("circle")).get("cx"))


@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 100)), min_size=1, max_size=30))
def test_everything_is_on_the_paper_and_no_word_lies_on_another(made: list[tuple[int, int]]) -> None:
    drawing = _drawn(*(Spot(MARCH + timedelta(days=day), score, "2. september 2026") for day, score in made))
    for each in drawing.iter("circle"):
        assert LEFT < float(str(each.get("cx"))) < RIGHT and TOP <= float(str(each.get("cy"))) <= FLOOR
    shown = sorted(float(str(each.get("x"))) for each in drawing.iter("text") if each.get("class") == "score")
    assert all(after - before >= 34 for before, after in pairwise(shown))
    for each in drawing.iter("text"):
        assert 0 < float(str(each.get("x"))) < WIDE and 0 < float(str(each.get("y"))) < HIGH
