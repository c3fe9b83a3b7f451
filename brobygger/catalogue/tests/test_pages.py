"""Pages anyone may read: small, without a cookie, in both languages; and the hour they promise is the rules' hour."""

import gzip
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import translation

from brobygger.catalogue import queries, rules, services
from brobygger.ground import clock

pytestmark = pytest.mark.django_db

PAGES = [("front", {}), ("offers", {}), ("offer", None), ("questions", {}), ("kept", {})]
OFFERS = {"ditrum": "miniforloeb", "familiesupporten": "hjemmebesoeg"}


@pytest.fixture(params=["ditrum", "familiesupporten"])
def house(request):
    services.furnish(path=Path(settings.BASE_DIR) / "houses" / f"{request.param}.toml", by="keeper")
    return request.param


@pytest.fixture
def ditrum():
    services.furnish(path=Path(settings.BASE_DIR) / "houses" / "ditrum.toml", by="keeper")


@pytest.fixture
def at(monkeypatch):
    """Set the clock to a Danish moment."""

    def stop(local: str) -> datetime:
        moment = datetime.fromisoformat(local).replace(tzinfo=clock.TZ)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    return stop


def address(name: str, language: str = "da", **kwargs: str) -> str:
    with translation.override(language):
        return reverse(f"catalogue:{name}", kwargs=kwargs)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize(("name", "kwargs"), PAGES)
def test_every_page_renders_small_and_without_a_cookie(client, house, name, kwargs, language):
    kwargs = {"key": OFFERS[house]} if kwargs is None else kwargs
    answer = client.get(address(name, language, **kwargs))

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers and not answer.cookies
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    assert len(gzip.compress(answer.content)) <= 5 * 1024
    assert "<script>" not in page and "style=" not in page


def test_the_front_page_at_night_says_who_is_awake_and_when_we_answer(client, ditrum, at):
    at("2026-12-25T02:10")
    page = client.get(address("front", "en")).content.decode()

    assert "We are closed now" in page and "We are here" not in page
    assert 'href="tel:112"' in page and 'href="tel:116111"' in page
    # Our own line has opening hours, and they are not now.
    assert "tel:+4544226002" not in page
    assert "4 January" in page and "14:00" in page
    for door in rules.DOORS:
        with translation.override("en"):
            assert f'href="{reverse("door:write", kwargs={"door": door})}"' in page


def test_the_front_page_by_day_says_that_we_are_here(client, ditrum, at):
    at("2026-11-24T10:00")
    page = client.get(address("front", "en")).content.decode()

    assert "We are here until 16:00" in page
    assert 'href="tel:+4524230300">24 23 03 00</a>' in page
    assert 'href="tel:+4544226002"' in page


def test_a_house_without_a_number_shows_none(client, at):
    services.furnish(path=Path(settings.BASE_DIR) / "houses" / "familiesupporten.toml", by="keeper")
    at("2026-11-24T10:00")
    page = client.get(address("front", "en")).content.decode()

    assert "We are here until 17:00" in page and "ring us" not in page


def test_the_finder_says_what_fits_and_why(client, ditrum):
    page = client.get(address("offers", "en"), {"age": "17", "place": "glostrup"}).content.decode()
    fits, others = page.split("What fits less well")

    assert "Group for children and young people" in fits
    assert "Older siblings may come along, up to 24." in fits
    assert "The child is too old for this: it is for children aged 2–9 years." in others


def test_the_finder_keeps_what_was_typed_and_says_what_to_do(client, ditrum):
    page = client.get(address("offers", "en"), {"age": "seven"}).content.decode()

    assert "Write the age as a number, such as 7." in page and 'value="seven"' in page


def test_the_finder_asks_only_where_there_is_a_choice(client, house):
    page = client.get(address("offers", "en")).content.decode()

    assert ("Where would suit you?" in page) == (house == "ditrum")


def test_an_offer_nobody_knows_is_not_found(client, ditrum):
    assert client.get(address("offer", key="miniforloeb")).status_code == 200
    assert client.get(address("offer", key="moon")).status_code == 404


def test_the_colours_are_a_stylesheet_that_may_be_kept(client, house):
    version = queries.house().version
    kept = client.get(address("colours"), {"v": version})
    asked = client.get(address("colours"))

    assert kept["Content-Type"] == "text/css; charset=utf-8"
    assert kept["Cache-Control"] == "public, max-age=31536000, immutable"
    assert asked["Cache-Control"] == "no-cache"
    assert b"@media screen{:root{--paper:#" in kept.content
    assert b"@media screen and (prefers-color-scheme:dark){:root{" in kept.content


def test_the_two_houses_wear_their_own_colours():
    seen = set()
    for name in OFFERS:
        path = Path(settings.BASE_DIR) / "houses" / f"{name}.toml"
        seen.add(str(services.read(path).rows["house"][0]["colours"]))
    assert len(seen) == 2


def test_before_there_is_a_house_pages_say_so_kindly(client):
    for name in ("front", "offers", "questions", "kept"):
        answer = client.get(address(name, "en"))
        assert answer.status_code == 503
        assert "We are not quite ready yet" in answer.content.decode()
    assert client.get(address("colours")).content == b""
    with pytest.raises(queries.NotFurnished, match="furnish"):
        queries.house()
    with pytest.raises(queries.NotFurnished):
        queries.calendar()


def test_the_house_is_one_query_and_the_rest_comes_from_the_shelf(ditrum, django_assert_num_queries):
    queries.offers()
    with django_assert_num_queries(1):
        queries.house()
    with django_assert_num_queries(1):
        queries.offers()


def test_what_a_colleague_furnishes_is_seen_at_once(ditrum, tmp_path):
    assert queries.offer("minigruppe").age_to == 8
    text = (Path(settings.BASE_DIR) / "houses" / "ditrum.toml").read_text()
    path = tmp_path / "house.toml"
    path.write_text(text.replace("age_from = 6\nage_to = 8", "age_from = 6\nage_to = 9"))
    services.furnish(path=path, by="keeper")

    assert queries.offer("minigruppe").age_to == 9


def test_the_promise_of_one_house_on_a_friday_evening(ditrum):
    written = datetime.fromisoformat("2026-11-20T22:40").replace(tzinfo=clock.TZ)

    assert clock.local(queries.answer_by(written)).isoformat() == "2026-11-23T14:00:00+01:00"
    assert queries.answer_by(written, "first_talk") > queries.answer_by(written)


def test_the_promise_of_the_other_house_on_a_friday_evening():
    written = datetime.fromisoformat("2026-11-20T22:40").replace(tzinfo=clock.TZ)
    services.furnish(path=Path(settings.BASE_DIR) / "houses" / "familiesupporten.toml", by="keeper")

    assert clock.local(queries.answer_by(written)).isoformat() == "2026-11-23T17:00:00+01:00"


def test_choices_are_those_of_the_door(ditrum):
    assert "barnet" in [theme.key for theme in queries.themes("parent")]
    assert "barnet" not in [theme.key for theme in queries.themes("child")]
    assert "0-2" not in [band.key for band in queries.age_bands("child")]
    assert [mode.key for mode in queries.meeting_modes("parent")] == ["house", "home", "phone"]
    assert [mode.key for mode in queries.meeting_modes("child")] == ["house", "phone"]
    assert [line.line.key for line in queries.lines(door="child")] == ["112", "boernetelefonen"]


def test_a_door_has_its_words_and_an_unknown_one_is_not_there(ditrum):
    door = queries.door("child")

    assert door.enabled and all(door.must_tell[language] for language in ("da", "en"))
    with pytest.raises(Http404):
        queries.door("window")


def test_numbers_are_written_as_people_read_them():
    assert [queries.spaced(number) for number in ("+4524230300", "116111", "1813", "112", "")] == [
        *("24 23 03 00", "116 111", "1813", "112", ""),
    ]
