"""The guide: one page for everybody, whole without script, in both languages; and a calendar file that says little."""

import re
from datetime import date, datetime
from html import unescape

import icalendar
import pytest
from django.urls import reverse
from django.utils import translation

from brobygger.catalogue import queries as catalogue
from brobygger.catalogue.models import House
from brobygger.content import queries
from brobygger.ground import clock

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["da", "en"])


@pytest.fixture(autouse=True)
def _a_monday(furnished, monkeypatch):
    moment = datetime(2026, 3, 2, 9, tzinfo=clock.TZ)
    monkeypatch.setattr(clock, "now", lambda: moment)


def address(name: str, language: str = "da") -> str:
    with translation.override(language):
        return reverse(f"content:{name}")


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


SAID = {
    "da": [
        "112", "114", "Tal ikke med forældrene først", "fem råd", "Pligten er din egen", "ikke er født endnu",
        "hverken bevis eller skema", "Inden for 24 timer", "Inden for 6 hverdage", "Private behøver ikke sige",
        "tirsdag den 10. marts", "21. november 2026",
    ],
    "en": [
        "112", "114", "Do not talk with the parents first", "five tips", "The duty is your own", "not born yet",
        "no proof and no form", "Within 24 hours", "Within 6 working days", "Private persons need not say",
        "Tuesday 10 March", "Nov. 21, 2026",
    ],
}  # fmt: skip


@LANGUAGES
def test_the_guide_is_whole_without_script(client, language):
    """Nothing is hidden in the page itself but what only a script can do: Back, Copy, Print."""
    answer = client.get(address("guide", language))
    page = answer.content.decode()
    hidden = re.findall(r"<(\w+)[^>]*\shidden[\s>]", page)

    assert answer.status_code == 200 and not answer.cookies
    assert [each for each in SAID[language] if each not in words(answer)] == []
    assert hidden == ["button"] * len(hidden)
    assert "<textarea" not in page, "nobody writes where it would be lost"


@LANGUAGES
def test_every_choice_leads_to_a_step_and_every_step_is_reached(client, language):
    page = client.get(address("guide", language)).content.decode()
    steps = re.findall(r'<section class="stack" id="(\d+)"', page)
    led = re.findall(r'href="#(\d+)"', page)

    assert steps == [str(number) for number in range(12)]
    assert set(led) == set(steps) - {"0"}


def test_an_address_says_nothing_about_what_was_chosen(client):
    page = client.get(address("guide")).content.decode()
    fragments = {each for each in re.findall(r'href="#([^"]*)"', page) if each != "main"}
    queried = [each for each in re.findall(r'href="([^"]*)"', page) if "?" in each and ".css" not in each]

    assert all(each.isdigit() for each in fragments)
    assert queried == ["/underretning/kalender/?sent=2026-03-02"]
    assert "<form" not in page and "name=" not in page.split("<main")[1]


@LANGUAGES
def test_the_house_is_asked_without_the_childs_name_where_it_has_that_door(client, language, monkeypatch):
    with translation.override(language):
        door = reverse("door:write", kwargs={"door": "professional"})
    assert door in client.get(address("guide", language)).content.decode()

    others = [each for each in catalogue.doors() if each.key != "professional"]
    monkeypatch.setattr(catalogue, "doors", lambda: others)
    assert door not in client.get(address("guide", language)).content.decode()


def test_the_guide_needs_no_house(client):
    House.objects.all().delete()

    assert client.get(address("guide")).status_code == 200


@LANGUAGES
def test_98_municipalities_stand_on_a_page_with_the_rules_and_when_they_were_looked_at(client, language):
    answer = client.get(address("municipalities", language))
    said = words(answer)

    assert answer.content.decode().split('id="rules"')[0].count("<li>") == 98 + 3, "and the three steps above them"
    assert answer.content.decode().count("<dd>") == len(queries.law()["references"])
    assert "Glostrup 0161 Hovedstaden" in said
    assert "§ 133" in said and "§ 137" in said
    assert {"da": "Ikke efterprøvet.", "en": "Not verified."}[language] in said


def test_a_contact_somebody_looked_up_is_shown_with_its_day(client, tmp_path, settings):
    (tmp_path / "contacts.csv").write_text(
        "code,phone,duty,link,checked_on\n0161,43 23 60 00,43 23 61 00,https://www.glostrup.dk/,2026-03-02\n"
    )
    settings.GUIDE = str(tmp_path)
    queries._municipalities.cache_clear()
    try:
        page = client.get(address("municipalities")).content.decode()
    finally:
        queries._municipalities.cache_clear()

    assert 'href="tel:43236000"' in page and 'href="tel:43236100"' in page
    assert '<a href="https://www.glostrup.dk/" rel="noreferrer"' in page
    assert "2. marts 2026" in page


@LANGUAGES
@pytest.mark.parametrize("typed", ["2026-03-02", "2.3.2026", "02-03-2026", "2/3/2026"])
def test_the_calendar_file_says_receipt_and_a_day_and_nothing_else(client, language, typed):
    answer = client.get(address("reminder", language), {"sent": typed})
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="husk.ics"'
    assert event.decoded("dtstart") == date(2026, 3, 10)
    assert str(event["summary"]) == {"da": "Kvittering?", "en": "Receipt?"}[language]
    assert set(event) == {"UID", "DTSTAMP", "DTSTART", "SUMMARY"}
    assert not re.search(rb"underret|brobygger|barn|notif|child", answer.content, re.I)


@LANGUAGES
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Choose the day you sent it, or the day you will."),
        ("i går", "Write the day like this: 2.3.2026."),
        ("2026-02-30", "Write the day like this: 2.3.2026."),
        ("2.3.1926", "That day is more than a year away. Look at the year again."),
        ("9999-12-31", "That day is more than a year away. Look at the year again."),
        ("\x00", "Write the day like this: 2.3.2026."),
        ("<script>", "Write the day like this: 2.3.2026."),
    ],
)
def test_a_day_that_cannot_be_read_gets_a_sentence_and_is_kept(client, language, typed, sentence):
    answer = client.get(address("reminder", language), {"sent": typed})

    assert answer.status_code == 422
    with translation.override(language):
        assert translation.gettext(sentence) in words(answer)
    if typed.isprintable() and typed:
        assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in answer.content.decode()


@LANGUAGES
def test_without_a_day_the_page_asks_for_one(client, language):
    answer = client.get(address("reminder", language))

    assert answer.status_code == 200
    assert 'value="2026-03-02"' in answer.content.decode()


@pytest.mark.parametrize("name", ["guide", "municipalities", "reminder"])
def test_nothing_can_be_posted_to_the_guide(client, name):
    assert client.post(address(name), {"text": "Emil"}).status_code == 405
