"""A person decides what is held back, sentence by sentence; what nobody has decided does not go out."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brobygger.access.guards import NotAllowed
from brobygger.casework import services as courses
from brobygger.privacy import keyring
from brobygger.privacy import queries as trail
from brobygger.rights import queries, rules, services
from brobygger.rights.models import SubjectRequest, Withholding
from brobygger.rights.rules import Decided

from . import people

database = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def request_(furnished: Any, alma: Any) -> SubjectRequest:
    mother = people.person(people.course(alma), 0)
    people.note(mother, "Hun er træt. Ida sagde at far drikker. Hun vil have hjælp.", alma)
    return people.asked(mother, alma)


@given(st.text(max_size=200))
def test_sentences_put_together_are_the_text(text: str) -> None:
    assert "".join(rules.sentences(text)) == text


@given(st.lists(st.sampled_from(["En. ", "To! ", "Tre?\n", "Fire"]), max_size=8), st.data())
def test_what_is_held_back_is_gone_and_the_rest_is_there(known: list[str], data: Any) -> None:
    held = sorted(data.draw(st.sets(st.integers(0, max(len(known) - 1, 0))))) if known else []
    made = rules.pieces(known, Decided(tuple(held), tuple(known[n] for n in held), "harm"))
    assert "".join(piece.text for piece in made) == "".join(said for n, said in enumerate(known) if n not in held)
    assert sum(piece.held for piece in made) == len(held)


def test_a_decision_about_other_words_holds_all_of_it_back() -> None:
    """The sentences are cut otherwise in a later release: nothing slips out."""
    made = rules.pieces(["Ny. ", "Anden."], Decided((1,), ("Gammel.",), "harm"))
    assert [piece.text for piece in made] == [""] and made[0].held == 2


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-01-31", "2026-02-28"),
        ("2026-03-02", "2026-04-02"),
        ("2026-12-15", "2027-01-15"),
        ("2028-01-30", "2028-02-29"),
    ],
)
def test_an_answer_is_due_within_a_month(asked: str, due: str) -> None:
    assert rules.month_after(date.fromisoformat(asked)) == date.fromisoformat(due)


@database
def test_a_sentence_is_held_back_with_its_reason_and_decided_anew(request_: SubjectRequest, alma: Any) -> None:
    made = people.ready(request_, alma, ida=("Ida sagde", "child"))
    said = people.paper(made, alma)
    assert "Hun er træt." in said and "Hun vil have hjælp." in said and "drikker" not in said
    entry = next(each for each in services.look(request=made, by=alma).entries if each.kind == "record")
    services.decide(request=made, entry=entry, held=[], why="", words="", by=alma)
    assert people.again(made).state == "received", "what was ready is looked through again"
    assert Withholding.objects.filter(request=made, item=entry.ident).count() == 1
    assert "far drikker" in people.paper(people.ready(people.again(made), alma), alma)


@database
def test_nothing_goes_out_that_nobody_has_looked_through(request_: SubjectRequest, alma: Any, clara: Any) -> None:
    with pytest.raises(rules.NotReady):
        services.make_ready(request=request_, names=False, language="da", by=alma)
    with pytest.raises(rules.NotReady):
        services.hand_out(request=request_, how="page", by=alma)
    assert "træt" not in people.paper(request_, alma), "the preview shows what would go out: nothing yet"
    people.ready(request_, alma)
    assert "træt" in people.paper(people.again(request_), alma)


@database
def test_a_reason_is_asked_for(request_: SubjectRequest, alma: Any) -> None:
    entry = services.look(request=request_, by=alma).waiting[0]
    for why, words in (("", ""), ("other", " "), ("nonsense", "x")):
        with pytest.raises(ValueError):
            services.decide(request=request_, entry=entry, held=[0], why=why, words=words, by=alma)
    assert not Withholding.objects.exists()


@database
def test_what_was_decided_is_sealed_and_leaves_a_line_without_words(request_: SubjectRequest, alma: Any) -> None:
    people.ready(request_, alma, ida=("Ida sagde", "child"))
    for row in Withholding.objects.all():
        assert b"Ida" not in bytes(row.sealed)
    lines = [action for _who, action in trail.trail(request_.member)]
    assert "rights.weighed" in lines and "rights.made_ready" in lines
    assert b"Mette" not in bytes(request_.sealed) and b"self" not in bytes(request_.sealed)


@database
def test_only_the_one_who_weighs_decides(request_: SubjectRequest, alma: Any, bo: Any, clara: Any, finn: Any) -> None:
    """Bo has the course too, and may look; he decides when it was given to him. The leader never does."""
    entry = services.look(request=request_, by=alma).waiting[0]
    decided = {"request": request_, "entry": entry, "held": [], "why": "", "words": ""}
    for other in (bo, clara, finn):
        with pytest.raises(NotAllowed):
            services.look(request=request_, by=other)
    courses.assign(course=request_.course, to=bo, by=alma)
    assert services.look(request=request_, by=bo).waiting
    for other in (bo, clara, finn):
        with pytest.raises(NotAllowed):
            services.decide(**decided, by=other)
    services.appoint(request=request_, weighs=bo, by=clara)
    services.decide(**decided, by=bo)
    with pytest.raises(NotAllowed):
        services.decide(**decided, by=alma)
    with pytest.raises(NotAllowed):
        services.appoint(request=request_, weighs=clara, by=clara)


@database
def test_own_talks_are_weighed_only_by_who_may_read_them(furnished: Any, alma: Any, bo: Any) -> None:
    course = people.course(alma)
    child = people.person(course, 2)
    people.note(child, "Hemmeligt.", alma, compartment="own_talks")
    courses.assign(course=course, to=bo, by=alma)
    request = people.asked(child, bo, right="young")
    with pytest.raises(NotAllowed):
        services.decide_own_talks(request=request, given=True, why="fordi", by=bo)
    services.appoint(request=request, weighs=alma, by=alma)
    with pytest.raises(NotAllowed):
        services.decide_own_talks(request=people.again(request), given=True, why=" ", by=alma)
    services.decide_own_talks(request=people.again(request), given=True, why="Hun vil læse det", by=alma)
    opened = services.look(request=people.again(request), by=alma)
    assert [each.kind for each in opened.entries].count("own_talks") == 1
    assert opened.said["own_talks_why"] == "Hun vil læse det"
    assert "own_talks" not in [each.kind for each in services.look(request=people.again(request), by=bo).entries]


@database
def test_the_leader_sees_that_somebody_waits_and_hands_out_what_is_ready(
    request_: SubjectRequest, alma: Any, bo: Any, clara: Any, finn: Any
) -> None:
    assert [each.request.pk for each in queries.waiting(clara)] == [request_.pk]
    assert [each.request.pk for each in queries.waiting(alma)] == [request_.pk]
    assert queries.waiting(bo) == [] and queries.waiting(finn) == []
    assert queries.get_request(bo, request_.pk) is None and queries.get_request(finn, request_.pk) is None
    with pytest.raises(NotAllowed):
        services.look_at_paper(request=request_, by=clara)
    people.ready(request_, alma)
    assert "Hun er træt." in people.paper(request_, clara)
    assert ("clara", "rights.paper_looked") in trail.trail(request_.member)
    services.hand_out(request=request_, how="page", by=clara)
    done = people.again(request_)
    assert done.state == "done" and done.closed_on is not None
    assert queries.waiting(clara) == []


@database
def test_handing_out_is_noted_in_the_record_and_in_the_log(request_: SubjectRequest, alma: Any) -> None:
    people.ready(request_, alma)
    services.hand_out(request=request_, how="pdf", by=alma)
    notes = services.notes.look_at_notes(member=request_.member, by=alma)
    assert "PDF" in notes[0].text
    assert ("alma", "rights.handed_out") in trail.trail(request_.member)
    assert len(queries.said(people.again(request_))["handed"]) == 1


@database
def test_an_answered_request_is_not_answered_again(request_: SubjectRequest, alma: Any) -> None:
    services.refuse(request=request_, words="Vi kan ikke se, hvem du er.", by=alma)
    entry = services.look(request=people.again(request_), by=alma).entries[0]
    with pytest.raises(rules.AlreadyAnswered):
        services.decide(request=request_, entry=entry, held=[], why="", words="", by=alma)
    with pytest.raises(rules.AlreadyAnswered):
        services.refuse(request=request_, words="Igen.", by=alma)
    assert queries.said(people.again(request_))["answer"] == "Vi kan ikke se, hvem du er."
    assert people.again(request_).state == "refused"


@database
def test_when_the_person_is_erased_nothing_of_the_request_is_left(request_: SubjectRequest, alma: Any) -> None:
    people.ready(request_, alma)
    sealed, key = bytes(request_.sealed), request_.member.key
    courses.erase_member(member=request_.member, why="wish", by=alma)
    assert not SubjectRequest.objects.exists() and not Withholding.objects.exists()
    with pytest.raises(keyring.Shredded):
        keyring.open_sealed(key, sealed, context=keyring.place("subjectrequest", request_.pk, "sealed"))
