"""The filters and tags of every page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpResponse
from django.template import Context
from django.test import RequestFactory
from django.urls import path as address
from django.utils import translation

from brobygger.ground import clock
from brobygger.ground.templatetags import house

urlpatterns = i18n_patterns(
    address("side/", lambda request: HttpResponse(), name="side"), prefix_default_language=False
)


@pytest.fixture(autouse=True)
def sunday_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 29, 21, 40, tzinfo=UTC))


def test_a_moment_in_utc_is_said_in_danish_time() -> None:
    moment = datetime(2026, 11, 30, 13, 5, tzinfo=UTC)
    with translation.override("da"):
        assert house.say_when(moment) == "i morgen, mandag, kl.\u00a014.05"
        assert house.say_by(moment) == "i morgen, mandag, inden kl.\u00a014.05"
        assert house.say_day(moment) == house.say_day(moment.date()) == "i morgen, mandag"
        assert house.say_clock(moment) == "14.05"
        assert house.say_left(moment) == house.say_left(timedelta(hours=15, minutes=25)) == "15 t 25 min"
    with translation.override("en"):
        assert house.say_clock(moment) == "14:05"


def test_nothing_is_said_about_no_moment() -> None:
    assert {house.say_when(None), house.say_by(None), house.say_day(None), house.say_clock(None)} == {""}
    assert house.said(None) == house.say_left(None) == house.grouped(None) == ""


@pytest.mark.parametrize("drawing", sorted(house.PICTURES.glob("*.svg")), ids=lambda path: path.stem)
def test_every_drawing_is_small_and_wears_the_house_s_colours(drawing: Path) -> None:
    text = drawing.read_text()
    assert len(text) < 2048
    assert not any(word in text for word in ("style=", "fill=", "stroke=", "<script", "http", " id="))


def test_a_drawing_is_decoration_unless_it_is_given_words() -> None:
    assert 'aria-hidden="true"' in house.picture("door")
    named = house.picture("door", label='En "dør" på klem')
    assert 'role="img"' in named and 'aria-label="En &quot;dør&quot; på klem"' in named
    assert "aria-hidden" not in named


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("language", "path", "link"),
    [
        ("da", "/side/?hemmeligt=ja", '<a href="/en/side/" hreflang="en" lang="en" rel="alternate">English</a>'),
        ("en", "/en/side/", '<a href="/side/" hreflang="da" lang="da" rel="alternate">Dansk</a>'),
        ("da", "/ingen/vegne/", '<a href="/en/" hreflang="en" lang="en" rel="alternate">English</a>'),
        ("en", "/en/nowhere/", '<a href="/" hreflang="da" lang="da" rel="alternate">Dansk</a>'),
    ],
)
def test_the_other_language_is_the_same_page_without_its_question(
    rf: RequestFactory, language: str, path: str, link: str
) -> None:
    with translation.override(language):
        assert house.other_language(Context({"request": rf.get(path)})) == link


def test_a_page_without_a_request_has_no_other_language() -> None:
    assert house.other_language(Context()) == ""
