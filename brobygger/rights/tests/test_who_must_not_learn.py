"""Read as the father, the child and the lawyer would: what must not slip out beside what was decided."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from brobygger.appointments.models import Appointment
from brobygger.casework import record
from brobygger.casework.models import Course
from brobygger.consents import rules as agreed
from brobygger.consents import services as consents
from brobygger.ground import clock
from brobygger.intake import queries as intake
from brobygger.rights import document, rules, services

from . import people
from .test_handing_over import over

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def family(furnished: Any, alma: Any) -> Any:
    return people.course(alma)


def consented(thread: Any, by: Any, **more: Any) -> Any:
    said = {"receiver": "other", "receiver_words": "Bofællesskabet Havnen", "purpose": "other"}
    said |= {"purpose_words": "bo der", "fields": ("name",), "by": "Alma", "how": "spoken"}
    return consents.record(thread=thread, sentence=agreed.Sentence(**{**said, **more}), until=date(2027, 1, 1), by=by)


def test_who_helps_the_mother_is_weighed_like_every_other_word(furnished: Any, alma: Any) -> None:
    """What stands before a line somebody typed is held back with the line: in the page, the PDF and the file."""
    course = people.named_thread(alma).course
    yes = consented(course.thread, alma)
    helped = {"help": [{"who": "Krisecenter Roskilde", "words": "bor der nu", "consent": str(yes.pk)},
                       {"who": "Mødrehjælpen", "consent": str(yes.pk)}]}  # fmt: skip
    record.write_part(course=course, kind="coordination", body=helped, seen=0, by=alma)
    request = people.asked(people.person(course, 1), alma)
    entry = next(each for each in services.look(request=request, by=alma).waiting if "Krise" in str(each.words))
    everything = list(range(len(entry.sentences)))
    services.decide(request=request, entry=entry, held=everything, why="harm", words="", by=alma)
    said = people.paper(people.ready(people.again(request), alma), alma)
    assert "Krisecenter" not in said and "Mødrehjælpen" not in said


def test_when_the_mother_comes_is_in_her_paper_alone(furnished: Any, alma: Any) -> None:
    """The father, and the child's paper given to him, say neither when she was here nor when she comes next."""
    course = people.named_thread(alma).course
    soon = clock.now() + timedelta(days=3)
    Appointment.objects.create(
        thread=course.thread, worker=alma, starts_at=soon, ends_at=soon + timedelta(hours=1), where="home"
    )
    when = document.when(soon)
    assert when in people.paper(people.ready(people.asked(people.person(course, 0), alma), alma), alma)
    assert when not in people.paper(people.ready(people.asked(people.person(course, 1), alma), alma), alma)
    for_child = people.asked(people.person(course, 2), alma, right="custody", who="Faren")
    assert when not in people.paper(people.ready(for_child, alma), alma)


def test_what_the_mother_said_yes_to_is_not_the_fathers_to_read(furnished: Any, alma: Any) -> None:
    """Neither the words, nor beside them that she said yes to something, how and on which day."""
    course = people.named_thread(alma).course
    consented(course.thread, alma)
    consented(course.thread, alma, giver="other_parent", receiver="school", receiver_words="")
    father = services.look(request=people.asked(people.person(course, 1), alma), by=alma)
    mother = services.look(request=people.asked(people.person(course, 0), alma), by=alma)
    assert "Havnen" not in str(father.entries) and "Havnen" in str(mother.entries)
    assert [each.kind for each in father.entries].count("consent") == 1, "his own yes is his to read"
    child = services.look(request=people.asked(people.person(course, 2), alma), by=alma)
    assert "consent" not in [each.kind for each in child.entries]


def test_who_wrote_a_consent_down_is_named_by_work(furnished: Any, alma: Any) -> None:
    course = people.named_thread(alma).course
    consented(course.thread, alma)
    request = people.asked(people.person(course, 0), alma)
    assert "Alma" not in people.paper(people.ready(request, alma), alma)


def test_a_child_that_writes_with_a_key_is_not_given_away(furnished: Any, alma: Any) -> None:
    """A child's own conversation is like its own talks: to somebody else it is not there, and does not show."""
    first = people.person(people.named_thread(alma).course, 0)
    read = str(intake.deed("threads.looked"))
    mine = people.paper(people.ready(people.asked(first, alma, right="young"), alma), alma)
    assert "torsdag" in mine and read in mine
    for_father = people.paper(people.ready(people.asked(first, alma, right="custody", who="Faren"), alma), alma)
    assert "torsdag" not in for_father and read not in for_father


def test_what_the_young_person_asked_is_not_told_to_who_has_custody(family: Any, alma: Any) -> None:
    child = people.person(family, 2)
    services.look(request=people.asked(child, alma, right="young"), by=alma)
    for_father = people.paper(people.ready(people.asked(child, alma, right="custody", who="Faren"), alma), alma)
    assert str(document.RIGHTS["young"]) not in for_father
    assert str(intake.deed("rights.looked")) not in for_father
    assert str(document.RIGHTS["young"]) in people.paper(
        people.ready(people.asked(child, alma, right="young"), alma), alma
    )


def test_a_number_that_was_hidden_stays_hidden_when_the_card_is_destroyed(family: Any, alma: Any) -> None:
    """She has her card destroyed because she is afraid; her number must not come into his paper by that."""
    mother, father = people.person(family, 0), people.person(family, 1)
    people.note(father, "Lars er glad. Ring til Mette på 20 30 40 50.", alma)
    before = people.asked(father, alma)
    people.weigh(before, alma)
    made = people.ready(people.asked(father, alma), alma)
    record.forget_identity(member=mother, by=alma)
    assert "20 30 40 50" not in people.paper(made, alma)
    services.make_ready(request=before, names=False, language="da", by=alma)
    assert "20 30 40 50" not in people.paper(people.again(before), alma)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("Skjulvej 7 2600 Glostrup", "Hun bor på Skjulvej 7 nu."),
        ("c/o Jensen\nSkjulvej 7\n2600 Glostrup", "Hun bor på Skjulvej 7 nu."),
        ("Skjulvej 7B, 2600 Glostrup", "Hun bor på Skjulvej 7 b nu."),
        ("Skjulvej 7, 2600 Glostrup", "Hun bor på Skjulvej 7B nu."),
    ],
)
def test_a_street_is_found_however_it_is_written(address: str, text: str) -> None:
    assert rules.reveals(text, {"address": address})
    assert not rules.reveals("Hun bor på Skjulvej 71.", {"address": "Skjulvej 7, 2600 Glostrup"})


def test_a_protected_street_is_found_without_its_number() -> None:
    held = {"address": "Skjulvej 7, 2600 Glostrup", "protected": True}
    assert rules.reveals("Hun er flyttet til Skjulvej.", held) and rules.reveals("Hun bor i Glostrup.", held)
    assert not rules.reveals("Hun er flyttet.", held)
    assert not rules.reveals("Hun er flyttet til Skjulvej.", held | {"protected": False})


def test_a_number_is_found_without_its_country() -> None:
    assert rules.reveals("Ring på 21 23 45.", {"phone": "+298 212345"})
    assert not rules.reveals("Ring på tirsdag.", {"phone": "+298 212345"})


def test_a_request_that_is_about_somebody_else_is_asked_by_another_right(furnished: Any, alma: Any) -> None:
    """The father asks with his key, and it is about his child: a protected home does not go as if the child asked."""
    hidden = people.course(alma, people.FATHER, people.MOTHER | {"protected": True},
                           people.CHILD | {"address": "Skjulvej 7, 2600 Glostrup"})  # fmt: skip
    request = people.asked(people.person(hidden, 0), alma)
    child = people.person(hidden, 2)
    services.move(request=request, member=child, right="custody", who="Faren", by=alma)
    said = people.paper(people.ready(people.again(request), alma), alma)
    assert "Skjulvej" not in said
    with pytest.raises(ValueError):
        services.move(request=people.asked(child, alma), member=child, right="king", by=alma)


def test_what_was_decided_of_one_childs_talks_does_not_follow_to_another(furnished: Any, alma: Any) -> None:
    course = people.course(alma, people.MOTHER, people.CHILD, people.CHILD | {"called": "Bo"})
    one, other = people.person(course, 1), people.person(course, 2)
    people.note(other, "Hemmeligt.", alma, compartment="own_talks")
    request = people.asked(one, alma, right="young")
    services.decide_own_talks(request=request, given=True, why="hun vil", by=alma)
    services.move(request=people.again(request), member=other, right="custody", who="Faren", by=alma)
    assert "own_talks" not in [each.kind for each in services.look(request=people.again(request), by=alma).entries]


def test_page_pdf_and_file_speak_the_papers_own_language(family: Any, alma: Any) -> None:
    """Whoever hands it out may read English here; the paper does not become half of each."""
    mother = people.person(family, 0)
    people.note(mother, "Hun er træt. Lars sagde noget.", alma)
    request = people.ready(people.asked(mother, alma), alma, lars=("Lars", "third_person"))
    made = services.look_at_paper(request=request, by=alma)
    with translation.override("da"):
        danish = (document.file(made), people.printed(document.pdf(made)))
    with translation.override("en"):
        made = services.look_at_paper(request=request, by=alma)
        assert (document.file(made), people.printed(document.pdf(made))) == danish
        shown = [piece.text for each in made.entries for one in each.words for piece in one.given if piece.held]
    assert shown and all(text in str(json.loads(danish[0])) for text in shown)


def test_a_handing_over_stands_on_a_yes_to_the_municipality(furnished: Any, alma: Any) -> None:
    """A yes to the school knowing a first name is no yes to the municipality having the record."""
    course = people.named_thread(alma).course
    yes = consented(course.thread, alma, receiver="school", receiver_words="")
    with pytest.raises(rules.NoGround):
        over(course, alma, law="", consent=yes.pk)
    assert Course.objects.get(pk=course.pk).state == "open"
