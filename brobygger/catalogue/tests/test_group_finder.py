"""The public finder of groups: what suits, what comes close, what there is meanwhile; welcomes are never filters."""

import gzip
from datetime import date, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import translation

from brobygger.catalogue import queries, rules, services, words
from brobygger.catalogue.models import OpenGroup
from brobygger.privacy.models import AuditEntry
from tests.house.lix import lix, running_text

pytestmark = pytest.mark.django_db
KEYS = [UUID(int=number) for number in range(12)]


def row(number: int = 0, **said: Any) -> dict[str, Any]:
    """One group as the groups' room would tell it: young people in Glostrup, Tuesdays in even weeks."""
    return {
        **{"group": KEYS[number], "offer": "gruppe", "place": "glostrup", "months_from": 108, "months_to": 144},
        **{"siblings_to": 300, "begins": time(15, 30), "ends": time(17, 30), "weeks": "even", "rolling": True},
        **{"dates": ["2026-11-24", "2026-12-08"], "parents_too": False, "talks_before": 1, "places": "free"},
        **said,
    }


@pytest.fixture(autouse=True)
def ditrum(at):
    services.furnish(path=Path(settings.BASE_DIR) / "houses" / "ditrum.toml", by="keeper")
    at("2026-11-23T08:10")


def publish(*rows: dict[str, Any]) -> bool:
    return services.publish_groups(rows=lambda: list(rows), by="keeper")


def find(client: Any, language: str = "en", **asked: str) -> str:
    with translation.override(language):
        answer = client.get(reverse("catalogue:groups"), asked)
    assert answer.status_code == 200 and not answer.cookies
    return answer.content.decode()


def test_it_says_what_where_when_and_from_when(client):
    publish(row())
    page = find(client)

    for said in ("Group for children and young people", "9–11 years", "Glostrup", "Tuesday 15:30–17:30", "even weeks"):
        assert said in page, said
    assert "Next time:" in page and "tomorrow, Tuesday" in page and "8. December" in page
    assert "Free places" in page and "First we have a talk." in page
    assert "<script>" not in page and len(gzip.compress(page.encode())) <= 5 * 1024


@pytest.mark.parametrize(
    ("places", "said"),
    [("free", "Free places"), ("few", "Few places"), ("waiting", "Full now"), ("open", "Just come")],
)
def test_the_seats_are_a_word_and_never_a_number(client, places, said):
    publish(row(places=places))
    assert said in find(client)


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"age": "9"}, True),
        ({"age": "8"}, False),
        ({"age": "11"}, True),
        # Older siblings are welcome, and nobody is asked to prove that there is a younger one.
        ({"age": "24"}, True),
        ({"age": "25"}, False),
        ({"weeks": "even"}, True),
        ({"weeks": "odd"}, False),
        ({"place": "glostrup"}, True),
        ({"place": "hvidovre"}, False),
        ({"age": "10", "place": "glostrup", "weeks": "even"}, True),
    ],
)
def test_age_place_and_weeks_choose(client, asked, fits):
    publish(row(), row(1, offer="babygruppe", place="hvidovre", months_from=0, months_to=13, siblings_to=None))
    page = find(client, **asked).split("This comes close")[0]
    assert ("9–11 years" in page) == fits


def test_every_week_fits_whoever_asks_for_one_kind(client):
    publish(row(weeks="every"), row(1, weeks="", months_to=180))
    assert find(client, weeks="odd").count("Tuesday 15:30") == 2 and "every week" in find(client, weeks="odd")


def test_another_language_is_said_and_danish_goes_without_saying(client):
    publish(row(), row(1, language="uk"))
    assert find(client).count("Language: ") == 1 and "Language: Ukrainian" in find(client)
    assert "Sprog: Ukrainsk" in find(client, "da")


def test_an_older_sibling_and_the_past_are_welcomes(client):
    publish(row())
    page = find(client, age="17")

    assert "This fits" in page and "Older siblings are welcome, up to 24." in page
    assert "It counts too if it is in the past." in page
    assert "name=past" not in page and 'name="relation"' not in page


def test_a_group_for_parents_suits_whatever_the_childs_age(client):
    publish(row(offer="foraeldregruppe", months_from=0, months_to=None, siblings_to=None))
    page = find(client, age="3")
    assert "Parents" in page.split("For the grown-ups")[1] and "No group fits just now" in page
    assert "This fits" in find(client, place="glostrup", weeks="even")


def test_with_no_match_it_says_what_there_is_meanwhile_and_what_comes_close(client):
    publish(row(), row(1, offer="aaben-cafe", months_from=0, months_to=120, siblings_to=None, places="open"))
    page = find(client, age="10", weeks="odd")

    assert "No group fits just now" in page and "Write anyway." in page
    assert "It is in the other weeks:" in page.split("This comes close")[1]
    meanwhile = page.split("Look at this meanwhile")[1]
    with translation.override("en"):
        assert "Talks" in meanwhile and reverse("door:write", kwargs={"door": "parent"}) in meanwhile


def test_a_group_of_the_wrong_age_does_not_come_close(client):
    publish(row())
    assert "This comes close" not in find(client, age="3", weeks="odd") + find(client, age="3")


def test_a_house_without_groups_says_so_and_links_nowhere(client):
    assert "There is no group to see just now" in find(client)
    groups = reverse("catalogue:groups")
    assert f'href="{groups}"' not in client.get(reverse("catalogue:offers")).content.decode()
    publish(row())
    assert f'href="{groups}"' in client.get(reverse("catalogue:offers")).content.decode()
    assert f'href="{groups}"' in client.get(reverse("catalogue:offer", args=["gruppe"])).content.decode()
    assert f'href="{groups}"' not in client.get(reverse("catalogue:offer", args=["samtaler"])).content.decode()


def test_days_gone_by_and_offers_gone_are_not_shown(client):
    publish(row(dates=["2026-11-10", "2026-11-22"]), row(1, offer="moon"), row(2, place="mars"))
    assert queries.open_groups() == []
    publish(row(dates=["2026-11-10", "2026-12-08"]))
    assert [each.dates for each in queries.open_groups()] == [[date(2026, 12, 8)]]


def test_full_groups_come_last_and_the_next_to_begin_first():
    publish(row(0, places="waiting"), row(1, dates=["2026-12-08"]), row(2, dates=["2026-12-01"]))
    assert [each.group for each in queries.open_groups()] == [KEYS[2], KEYS[1], KEYS[0]]


@pytest.mark.parametrize("asked", [{"age": "seven"}, {"age": "-1"}, {"place": "mars"}, {"weeks": "blue"}])
def test_a_mistake_is_told_and_keeps_what_was_typed(client, asked):
    publish(row(), row(1, place="hvidovre"))
    page = find(client, **asked)
    assert 'class="errors"' in page and "Our groups" in page
    if "age" in asked:
        assert f'value="{asked["age"]}"' in page


def test_what_is_said_again_changes_nothing_and_what_is_new_leaves_a_line():
    told = [row(), row(1)]
    assert publish(*told)
    kept = set(OpenGroup.objects.values_list("pk", flat=True))
    lines = AuditEntry.objects.filter(action="catalogue.groups_published")
    assert lines.count() == 1 and lines.get().reason == "2 told, 0 gone"

    assert not publish(*told) and lines.count() == 1
    assert publish(row(places="few"), row(1)) and OpenGroup.objects.get(group=KEYS[0]).places == "few"
    assert set(OpenGroup.objects.values_list("pk", flat=True)) == kept
    assert publish(row(1)) and [each.group for each in OpenGroup.objects.all()] == [KEYS[1]]
    assert publish() and not OpenGroup.objects.exists()


def test_all_or_nothing(at):
    publish(row())
    with pytest.raises(TypeError):
        publish(row(1), {**row(2), "family": uuid4()})
    assert [each.group for each in OpenGroup.objects.all()] == [KEYS[0]]


def test_ages_are_said_as_people_say_them():
    with translation.override("en"):
        assert [
            words.months(*span) for span in [(0, 12), (0, 13), (24, 120), (108, 144), (72, 84), (0, 1200), (0, None)]
        ] == [
            *("0–12 months", "0–13 months", "2–9 years", "9–11 years", "6 years", "for everybody", ""),
        ]


def test_the_rule_by_itself():
    group = OpenGroup(**row(), updated_on=date(2026, 11, 23))
    assert rules.misses(rules.Situation(), "", group) == []
    assert rules.misses(rules.Situation(age=3, place="mars"), "odd", group) == ["age", "place", "weeks"]
    baby = OpenGroup(**row(months_from=0, months_to=13, siblings_to=None), updated_on=date(2026, 11, 23))
    assert rules.misses(rules.Situation(age=0), "", baby) == rules.misses(rules.Situation(age=1), "", baby) == []
    assert rules.misses(rules.Situation(age=2), "", baby) == ["age"]


def test_nothing_in_the_table_could_be_about_anybody():
    """Word by word: no count of seats, no name, nobody who leads."""
    columns = {
        column.name
        for column in connection.introspection.get_table_description(connection.cursor(), "catalogue_opengroup")
    }
    assert columns == {
        *("id", "group", "offer", "place", "months_from", "months_to", "siblings_to", "begins", "ends", "weeks"),
        *("dates", "rolling", "parents_too", "talks_before", "places", "language", "updated_on"),
    }


def test_it_is_easy_to_read_whatever_is_found(client):
    """LIX of the finder with all it can say, in Danish; a tired parent reads it at night."""
    publish(
        row(), row(1, places="few", weeks="odd", parents_too=True), row(2, places="waiting", place="hvidovre"),
        row(3, offer="aaben-cafe", months_from=0, months_to=120, siblings_to=None, places="open", weeks=""),
        row(4, offer="minigruppe", months_from=72, months_to=108, rolling=False, dates=["2026-11-30"]),
    )  # fmt: skip
    pages = [find(client, "da", **asked) for asked in ({}, {"age": "10"}, {"age": "10", "weeks": "odd"}, {"age": "3"})]
    assert all(running_text(page) for page in pages)
    assert max(lix(running_text(page)) for page in pages) <= 34, [lix(running_text(page)) for page in pages]
