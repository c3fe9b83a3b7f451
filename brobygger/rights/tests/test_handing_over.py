"""A course goes on to a municipality: on a ground, once, and no copy of it stays here."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections

from brobygger.access.guards import NotAllowed
from brobygger.casework import record
from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.catalogue import queries as catalogue
from brobygger.consents import queries as consented
from brobygger.consents import rules as agreed
from brobygger.consents import services as consents
from brobygger.privacy import queries as trail
from brobygger.rights import handing, rules
from brobygger.rights.models import HandOver

from . import people

pytestmark = pytest.mark.django_db(databases="__all__")
CANARY = "Kanariesætningen om den blå cykel står i noten."


def going(course: Course, **more: Any) -> handing.Going:
    said = {
        "municipality": "0161",
        "kle": catalogue.kle()[0].number,
        "people": tuple(course.members.values_list("pk", flat=True)),
        "parts": ("person", "course", "notes"),
        "law": "Barnets lov § 15: kommunen følger op",
    }
    return handing.Going(**{**said, **more})


@pytest.fixture
def family(furnished: Any, alma: Any) -> Any:
    course = people.course(alma)
    people.note(people.person(course, 0), CANARY, alma)
    return course


def opened(bundle: handing.Bundle) -> tuple[str, dict[str, Any]]:
    """Open a bundle as the municipality does: what the paper says, and what the file about it says."""
    with zipfile.ZipFile(BytesIO(bundle.data)) as file:
        assert sorted(file.namelist()) == ["metadata.json", "record.pdf"]
        told = json.loads(file.read("metadata.json"))
        pdf = file.read("record.pdf")
    assert told["files"][0]["sha256"] == hashlib.sha256(pdf).hexdigest()
    return people.printed(pdf), told


def over(course: Course, by: Any, **more: Any) -> handing.Bundle:
    return handing.hand_over(course=course, going=going(course, **more), seen=0, by=by, once=uuid4())


def test_a_course_goes_on_and_is_closed_here(family: Any, alma: Any) -> None:
    bundle = over(family, alma)
    said, told = opened(bundle)
    assert CANARY in said and "Glostrup" in said
    assert told["format"] == "brobygger.handover/1" and told["receiver"] == {"code": "0161", "name": "Glostrup"}
    assert told["kle"] == catalogue.kle()[0].number and told["ground"]["kind"] == "law" and told["sender"]
    row = HandOver.objects.get(course=family)
    assert row.digest == bundle.digest == hashlib.sha256(bundle.data).hexdigest()
    course = Course.objects.get(pk=family.pk)
    assert course.state == "handed_over" and course.ended_on is not None
    with pytest.raises(record.CourseIsClosed):
        people.note(people.person(course, 0), "Mere.", alma)
    with pytest.raises(record.CourseIsClosed):
        over(course, alma)
    assert ("alma", "rights.handed_over") in trail.trail(people.person(course, 0))


def test_a_broken_download_is_made_anew_the_same_day_and_by_the_same_person(
    family: Any, alma: Any, bo: Any, at: Any
) -> None:
    at("2027-03-02T10:00")
    courses.assign(course=family, to=bo, by=alma)
    bundle = over(family, alma)
    assert handing.once_more(course=family, by=bo) is None
    at("2027-03-02T16:00")
    again = handing.once_more(course=family, by=alma)
    assert again == bundle and ("alma", "rights.handed_over_again") in trail.trail(family)
    at("2027-03-03T08:00")
    assert handing.once_more(course=family, by=alma) is None


def test_nothing_of_it_stays_here(family: Any, alma: Any) -> None:
    """No row and no file of ours holds the bundle, its paper, or the sentence in it; nor, sealed, anything its size."""
    files, before = _files(), sum(map(len, _cells()))
    bundle = over(family, alma)
    with zipfile.ZipFile(BytesIO(bundle.data)) as file:
        parts = [bundle.data[:200], file.read("record.pdf")[:200], CANARY.encode()]
    after = list(_cells())
    assert not [cell for cell in after for part in parts if part in cell]
    assert sum(map(len, after)) - before < len(bundle.data) / 2
    assert _files() == files


def _cells() -> Iterator[bytes]:
    """Give every cell of every table in every database."""
    for name in connections:
        with connections[name].cursor() as cursor:
            for table in connections[name].introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                for cell in (cell for row in cursor.fetchall() for cell in row):
                    yield bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()


def _files() -> dict[Path, int]:
    """Measure what lies in the house's own folder and where the system keeps passing files, but for the databases."""
    places = (Path(settings.BASE_DIR, "var"), Path(tempfile.gettempdir()))
    found = (path for place in places if place.exists() for path in place.glob("*.*"))
    return {path: path.stat().st_size for path in found if path.suffix in (".pdf", ".zip", ".json", ".typ")}


def test_without_a_ground_nothing_goes(family: Any, alma: Any) -> None:
    for more in ({"law": ""}, {"law": "§"}, {"law": "", "consent": uuid4()}, {"consent": uuid4()}):
        with pytest.raises(rules.NoGround):
            over(family, alma, **more)
    assert Course.objects.get(pk=family.pk).state == "open" and not HandOver.objects.exists()


def test_it_goes_on_a_yes_that_stands_and_the_family_sees_it(furnished: Any, alma: Any) -> None:
    thread = people.named_thread(alma)
    given = {"thread": thread, "until": date(2027, 1, 1), "by": alma}
    said = {"purpose": "other", "purpose_words": "hjælpes ad", "fields": ("name",), "by": "Alma", "how": "spoken"}
    yes = consents.record(sentence=agreed.Sentence("municipality", **said), **given)
    confided = consents.record(sentence=agreed.Sentence("school", confided=True, **said), **given)
    taken = consents.record(sentence=agreed.Sentence("health", **said), **given)
    consents.withdraw(consent=taken, by=alma)
    for other in (confided, taken):
        with pytest.raises(rules.NoGround):
            over(thread.course, alma, law="", consent=other.pk)
    _said, told = opened(over(thread.course, alma, law="", consent=yes.pk))
    assert told["ground"]["kind"] == "consent"
    shown = next(each for each in consented.told(thread) if each["id"] == str(yes.pk))
    assert [each["what"] for each in shown["told"]] == ["record"]


def test_only_who_has_the_course_hands_it_over(family: Any, alma: Any, bo: Any, clara: Any, finn: Any) -> None:
    for other in (bo, clara, finn):
        with pytest.raises(NotAllowed):
            over(family, other)
    courses.assign(course=family, to=bo, by=alma)
    with pytest.raises(NotAllowed):
        over(family, bo, parts=("own_talks",))
    assert over(family, bo).digest


def test_a_childs_own_talks_and_other_people_go_only_when_chosen(family: Any, alma: Any) -> None:
    child = people.person(family, 2)
    people.note(child, "Jeg er ked af det.", alma, compartment="own_talks")
    said, told = opened(over(family, alma, people=(child.pk,)))
    assert "ked af det" not in said and CANARY not in said and told["people"] == 1


def test_a_protected_address_does_not_go_along(furnished: Any, alma: Any) -> None:
    course = people.course(alma, people.MOTHER | {"protected": True}, people.FATHER, people.CHILD)
    people.note(people.person(course, 0), "Hun bor Hovedgaden 3. Hun er tryg der.", alma)
    said, _told = opened(over(course, alma))
    assert "Hun er tryg der." in said and "Mette Holm" in said
    assert "Hovedgaden" not in said and "20304050" not in said.replace(" ", "")
