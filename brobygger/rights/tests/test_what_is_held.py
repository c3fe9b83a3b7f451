"""One press gathers everything held about one person, and nothing that is somebody else's."""

import json
from datetime import date
from typing import Any

import pytest

from brobygger.casework import record
from brobygger.consents import rules as agreed
from brobygger.consents import services as consents
from brobygger.intake import queries as intake
from brobygger.privacy import queries as trail
from brobygger.rights import services

from . import people

pytestmark = pytest.mark.django_db(databases="__all__")
KINDS = {"identity", "part", "record", "staff", "request", "look", "period", "right"}


def wrote() -> str:
    """Say as the log does that a note was written."""
    return str(intake.deed("casework.note_written"))


@pytest.fixture
def family(furnished: Any, alma: Any) -> Any:
    return people.course(alma)


def test_a_person_is_given_what_is_held_about_them(family: Any, alma: Any) -> None:
    mother = people.person(family, 0)
    first = people.note(mother, "Mette sover dårligt. Hun vil gerne have ro.", alma)
    people.note(mother, "Hun sover bedre nu.", alma, corrects=first)
    record.write_part(course=family, member=mother, kind="care", body={"remember": "Nødder"}, seen=0, by=alma)
    record.write_part(course=family, member=mother, kind="care", body={"remember": "Mandler"}, seen=1, by=alma)
    request = people.ready(people.asked(mother, alma), alma)
    made = services.look_at_paper(request=request, by=alma)
    assert {each.kind for each in made.entries} >= KINDS
    said = people.paper(request, alma)
    for text in ("Mette sover dårligt.", "Hun sover bedre nu.", "Mette Holm", "Hovedgaden 3", "Nødder", "Mandler"):
        assert text in said
    assert said.index("sover dårligt") < said.index("sover bedre")


def test_nothing_of_another_member_is_in_it(family: Any, alma: Any) -> None:
    """The father's record: not the mother's notes, parts, card or child; nor a line of the log about them."""
    for position, text in enumerate(("Mors ord.", "Fars ord.", "Barnets ord.")):
        people.note(people.person(family, position), text, alma)
    mother = people.person(family, 0)
    record.write_part(course=family, member=mother, kind="care", body={"remember": "Mors nødder"}, seen=0, by=alma)
    request = people.ready(people.asked(people.person(family, 1), alma), alma)
    said = people.paper(request, alma)
    assert "Fars ord." in said
    for text in ("Mors ord.", "Barnets ord.", "Mors nødder", "Mette", "Ida", "Hovedgaden", "20304050"):
        assert text not in said
    lines = [each for each in services.look_at_paper(request=request, by=alma).entries if each.kind == "look"]
    written = [each for each in lines if each.facts[0][0] == wrote()]
    assert len(written) == 1, "the log names one note: the father's own"


def test_a_number_or_street_of_somebody_else_stays_out_whatever_was_decided(family: Any, alma: Any) -> None:
    father = people.person(family, 1)
    people.note(father, "Lars er glad. Ring til Mette på 20 30 40 50. Hun bor Hovedgaden 3. Slut.", alma)
    request = people.ready(people.asked(father, alma), alma)
    said = people.paper(request, alma)
    assert "Lars er glad." in said and "Slut." in said
    assert "20 30 40 50" not in said and "Hovedgaden" not in said


def test_a_childs_own_talks_are_not_there_and_do_not_show(family: Any, alma: Any) -> None:
    """Neither what was said nor that anything was: the paper is as if there had been no such talk."""
    child = people.person(family, 2)
    people.note(child, "Almindelig note.", alma)
    request = people.ready(people.asked(child, alma, right="custody", who="Faren"), alma)
    before = services.look_at_paper(request=request, by=alma)
    people.note(child, "Jeg er bange for min far.", alma, compartment="own_talks")
    services.notes.look_at_notes(member=child, by=alma, compartment="own_talks")
    other = people.ready(people.asked(child, alma, right="custody", who="Moren"), alma)
    after = services.look_at_paper(request=other, by=alma)
    said = people.paper(other, alma)
    assert "bange" not in said and "own_talks" not in said
    count = {"record", "own_talks", "part"}
    assert [e.kind for e in before.entries if e.kind in count] == [e.kind for e in after.entries if e.kind in count]
    notes = [e for e in after.entries if e.kind == "look" and e.facts[0][0] == wrote()]
    assert len(notes) == 1, "the log shows the ordinary note and no other"


def test_own_talks_are_given_when_somebody_decides_so_and_says_why(family: Any, alma: Any, bo: Any) -> None:
    child = people.person(family, 2)
    people.note(child, "Jeg vil gerne bo hos mor.", alma, compartment="own_talks")
    request = people.asked(child, alma, right="young")
    services.decide_own_talks(request=request, given=True, why="Ida vil selv læse det", by=alma)
    assert "Jeg vil gerne bo hos mor." in people.paper(people.ready(request, alma), alma)
    assert ("alma", "rights.own_talks_weighed") in trail.trail(child)


def test_another_than_its_owner_is_not_given_an_address_when_somebody_is_protected(furnished: Any, alma: Any) -> None:
    child = people.CHILD | {"address": "Skjulvej 7, 2600 Glostrup", "phone": "+4531323334"}
    course = people.course(alma, people.MOTHER | {"protected": True}, people.FATHER, child)
    ida = people.person(course, 2)
    people.note(ida, "Ida bor nu Skjulvej 7. Hun er glad.", alma)
    for_father = people.paper(people.ready(people.asked(ida, alma, right="custody", who="Faren"), alma), alma)
    assert "Hun er glad." in for_father and "Ida Holm" in for_father
    assert "Skjulvej" not in for_father and "31323334" not in for_father
    for_ida = people.paper(people.ready(people.asked(ida, alma, right="young"), alma), alma)
    assert "Skjulvej 7" in for_ida and "31323334" in for_ida


def test_page_paper_and_file_say_the_same(family: Any, alma: Any) -> None:
    """Each thing in the file stands in the PDF, in the same order; and the page is made of the same values."""
    mother = people.person(family, 0)
    people.note(mother, "Første sætning. Lars drak. Tredje sætning #*_@$[].\nNy linje.", alma)
    request = people.ready(people.asked(mother, alma), alma, lars=("Lars", "third_person"))
    _paper, pdf = services.hand_out(request=request, how="pdf", by=alma)
    file = json.loads(services.hand_out(request=request, how="json", by=alma)[1])
    assert file["format"] == "brobygger.access/1"
    printed, at = people.printed(pdf).replace(" ", ""), 0
    for section in file["sections"]:
        for entry in section["entries"]:
            told = [piece["text"] for one in entry["words"] for piece in one["pieces"]]
            for text in (entry["heading"], *(each["value"] for each in entry["facts"]), *told):
                wanted = "".join(text.split())
                assert wanted in printed[at:], text
                at = printed.index(wanted, at)
    assert "Lars drak" not in people.printed(pdf) and "Lars drak" not in json.dumps(file)


def test_the_paper_is_the_same_each_time_it_is_handed_out(family: Any, alma: Any) -> None:
    """What was written afterwards, that it was handed out included, is not in it."""
    mother = people.person(family, 0)
    people.note(mother, "Ord.", alma)
    request = people.ready(people.asked(mother, alma), alma)
    _paper, first = services.hand_out(request=request, how="pdf", by=alma)
    people.note(mother, "Skrevet siden.", alma)
    assert services.hand_out(request=people.again(request), how="pdf", by=alma)[1] == first


def test_letters_and_consents_follow_who_has_the_key(furnished: Any, alma: Any) -> None:
    """What was said with the key is in the paper of who has it, and in nobody else's; a confided consent in none."""
    thread = people.named_thread(alma)
    course = thread.course
    sentence = agreed.Sentence(
        "school", purpose="other", purpose_words="hjælpes ad", fields=("name",), by="Alma", how="spoken"
    )
    consents.record(thread=thread, sentence=sentence, until=date(2027, 1, 1), by=alma)
    confided = agreed.Sentence(
        "other", receiver_words="krisecentret", purpose="other", purpose_words="ro", fields=("name",), by="Alma",
        how="spoken", confided=True,
    )  # fmt: skip
    consents.record(thread=thread, sentence=confided, until=date(2027, 1, 1), by=alma)
    mother = people.paper(people.ready(people.asked(people.person(course, 0), alma), alma), alma)
    father = people.paper(people.ready(people.asked(people.person(course, 1), alma), alma), alma)
    assert "Kan vi tale sammen på torsdag?" in mother and "hjælpes ad" in mother
    assert "torsdag?" not in father
    assert "krisecentret" not in mother + father
