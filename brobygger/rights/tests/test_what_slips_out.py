"""What stands before a sentence, between two, or is known only since it was weighed: none of it slips out."""

import unicodedata
from typing import Any

import pytest

from brobygger.casework import record
from brobygger.casework import services as courses
from brobygger.intake import queries as intake
from brobygger.rights import document, rules, services

from . import people
from .test_handing_over import over
from .test_who_must_not_learn import consented

pytestmark = pytest.mark.django_db(databases="__all__")
HIDDEN = {"address": "Skjulvej 7, 4000 Roskilde", "phone": "+4520304050", "protected": True}


@pytest.fixture
def family(furnished: Any, alma: Any) -> Any:
    return people.course(alma)


def for_father(child: Any, alma: Any) -> Any:
    return people.asked(child, alma, right="custody", who="Faren")


def test_what_a_child_uses_is_held_back_with_its_name(family: Any, alma: Any) -> None:
    """Held back, the line says neither when nor what."""
    child = people.person(family, 2)
    used = {"uses": [{"substance": "hash", "when": "now"}]}
    record.write_part(course=family, member=child, kind="use", body=used, seen=0, by=alma)
    request = for_father(child, alma)
    entry = next(each for each in services.look(request=request, by=alma).waiting if each.heading == "Bruger")
    whole = " ".join(f"{one.label} {one.text}" for one in entry.words)
    for word in entry.words:
        assert word.label == "", whole
    everything = list(range(len(entry.sentences)))
    services.decide(request=request, entry=entry, held=everything, why="child", words="", by=alma)
    said = people.paper(people.ready(people.again(request), alma), alma)
    assert not any(word in said for word in whole.replace(",", "").replace(":", "").split() if word[0].isupper())


def test_that_somebody_is_protected_goes_to_nobody_else(furnished: Any, alma: Any) -> None:
    """The father is told neither where the child lives nor that it is a secret."""
    course = people.course(alma, people.MOTHER, people.FATHER, people.CHILD | HIDDEN)
    child = people.person(course, 2)
    said = people.paper(people.ready(for_father(child, alma), alma), alma)
    assert str(document.CARD["protected"]) not in said and "Ida Holm" in said
    own = people.paper(people.ready(people.asked(child, alma, right="young"), alma), alma)
    assert str(document.CARD["protected"]) in own and "Skjulvej" in own


def test_an_address_nobody_weighed_does_not_come_out_when_a_card_is_destroyed(furnished: Any, alma: Any) -> None:
    """The mother was protected, so the child's card was weighed without its address; then hers is destroyed."""
    course = people.course(alma, people.MOTHER | HIDDEN, people.FATHER, people.CHILD | {"address": HIDDEN["address"]})
    request = people.ready(for_father(people.person(course, 2), alma), alma)
    weighing = for_father(people.person(course, 2), alma)
    people.weigh(weighing, alma)
    record.forget_identity(member=people.person(course, 0), by=alma)
    assert "Skjulvej" not in people.paper(request, alma)
    with pytest.raises(rules.NotReady):
        services.make_ready(request=people.again(weighing), names=False, language="da", by=alma)
    assert "identity" in [each.kind for each in services.look(request=people.again(weighing), by=alma).waiting]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"address": "Gl. Kongevej 7, 1610 København"}, "Hun bor på Gl. Kongevej 7 nu. Hun er glad."),
        ({"address": "Gammel Kongevej 7, 1610 København"}, "Hun bor på Gl. Kongevej 7 nu."),
        ({"address": "Skjulvej 7, 4000 Roskilde"}, "Hun bor på Skjulvej\n7 i kælderen."),
        ({"address": "Skjulvej 7, 4000 Roskilde"}, "Hun bor på Skj\u00adul\u200bvej 7."),
        ({"address": "Åvænget 7, 4000 Roskilde"}, unicodedata.normalize("NFD", "Hun bor på Åvænget 7.")),
        ({"address": "Aavænget 7, 4000 Roskilde"}, "Hun bor på Åvænget 7."),
        ({"address": "Kastanie Allé 7, 4000 Roskilde"}, "Hun bor på kastanie alle 7."),
        ({"phone": "+4520304050"}, "Hun har 2030\n4050 nu."),
        ({"phone": "+4520304050"}, "Hun har \uff12\uff10 \uff13\uff10 \uff14\uff10 \uff15\uff10 nu."),
        ({"mail": "mette@post.example"}, "Skriv til mette@\u200bpost.example."),
    ],
)
def test_where_somebody_is_reached_is_found_however_it_is_cut_and_spelt(
    furnished: Any, alma: Any, at: Any, said: dict[str, str], text: str
) -> None:
    # On the second: a paper says its hours to the millionth, and one of them ends in 4050 now and then.
    at("2026-03-02 09:00")
    family = people.course(alma)
    father = people.person(family, 1)
    record.give_identity(member=people.person(family, 0), said={"name": "Mette Holm", **said}, by=alma)
    people.note(father, f"Lars er glad. {text} Han er træt.", alma)
    made = people.paper(people.ready(people.asked(father, alma), alma), alma)
    for part in ("Kongevej", "Skj", "vænget", "astanie", "2030", "4050", "\uff15\uff10", "post.example"):
        assert part not in made
    assert "Lars er glad." in made and "Han er træt." in made


def test_the_number_the_family_wrote_itself_is_hidden_too(furnished: Any, alma: Any) -> None:
    """She gave her number with her letter, and never an identity card."""
    thread = people.named_thread(alma)
    course = thread.course
    record.forget_identity(member=people.person(course, 0), by=alma)
    from brobygger.threads.services import card

    card(thread, {"phone": "+4531415161", "leave": "no", "callable": True}, by=alma)
    father = people.person(course, 1)
    people.note(father, "Lars er glad. Ring til Mette på 31 41 51 61.", alma)
    assert "51 61" not in people.paper(people.ready(people.asked(father, alma), alma), alma)


def test_what_the_leader_wrote_down_for_somebody_else_is_not_in_the_fathers_paper(
    furnished: Any, alma: Any, clara: Any
) -> None:
    """The mother rings the leader and wants to be erased. The father, who stands first, is told nothing of it."""
    course = people.course(alma, people.FATHER, people.MOTHER, people.CHILD)
    father = people.person(course, 0)
    hers = services.register(member=father, kind="erasure", right="self", way="phone", by=clara, sure=False)
    services.appoint(request=hers, weighs=alma, by=clara)
    assert not services.look(request=people.again(hers), by=alma).entries, "nobody is opened before it is said who"
    said = people.paper(people.ready(people.asked(father, alma), alma), alma)
    assert str(document.KINDS["erasure"]) not in said
    for action in ("rights.erasure_asked", "rights.weigher_named"):
        assert str(intake.deed(action)) not in said
    assert said.count(str(intake.deed("rights.looked"))) <= 2
    services.move(request=people.again(hers), member=people.person(course, 1), right="self", by=alma)
    said = people.paper(people.ready(people.asked(father, alma), alma), alma)
    assert str(document.KINDS["erasure"]) not in said


def test_that_the_young_person_was_given_the_paper_is_not_in_the_fathers(family: Any, alma: Any) -> None:
    child = people.person(family, 2)
    hers = people.ready(people.asked(child, alma, right="young"), alma)
    services.hand_out(request=hers, how="page", by=alma)
    people.note(child, "Ida er glad.", alma)
    request = for_father(child, alma)
    noted = str(intake.deed("casework.note_written"))
    assert all("Har givet ud" not in str(each.words) for each in services.look(request=request, by=alma).entries)
    said = people.paper(people.ready(request, alma), alma)
    assert "Ida er glad." in said and said.count(noted) == 1
    mine = people.paper(people.ready(people.asked(child, alma, right="young"), alma), alma)
    assert mine.count(noted) == 2


def test_the_day_of_a_childs_own_talk_is_not_in_how_long_it_is_kept(family: Any, alma: Any, at: Any) -> None:
    child = people.person(family, 2)
    at("2027-03-03 09:00")
    people.note(child, "Det må de ikke vide.", alma, compartment="own_talks")
    at("2027-06-06 09:00")
    request = for_father(child, alma)
    made = services.look_at_paper(request=people.ready(request, alma), by=alma)
    kept = next(each for each in made.entries if each.kind == "period")
    assert len(kept.facts) == 2 and "2027" not in str(kept.facts) and "3. marts" not in people.paper(request, alma)
    own = services.look_at_paper(request=people.ready(people.asked(child, alma, right="young"), alma), by=alma)
    assert "3. marts 2027" in str(next(each for each in own.entries if each.kind == "period").facts)


def test_a_handing_over_that_was_not_about_him_is_not_in_his_paper(family: Any, alma: Any) -> None:
    """She has fled to another municipality: its name is where she is."""
    over(family, alma, people=(people.person(family, 0).pk, people.person(family, 2).pk))
    father = people.ready(people.asked(people.person(family, 1), alma), alma, to=("Glostrup", "harm"))
    kinds = [each.kind for each in services.look_at_paper(request=father, by=alma).entries]
    assert "handed_over" not in kinds
    mother = people.ready(people.asked(people.person(family, 0), alma), alma)
    assert "handed_over" in [each.kind for each in services.look_at_paper(request=mother, by=alma).entries]


def test_a_yes_that_may_be_either_parents_is_shown_to_neither(furnished: Any, alma: Any) -> None:
    """The child has the key: of two parents without one, nobody knows here which of them said yes."""
    thread = people.named_thread(alma)
    course = thread.course
    from brobygger.casework.models import Part

    mother = people.person(course, 0)
    number = Part.objects.filter(member=mother, kind="person").count()
    record.write_part(
        course=course, member=mother, kind="person", body={"role": "child", "called": "Ea"}, seen=number, by=alma
    )
    courses.add_member(course=course, person=people.MOTHER, by=alma)
    consented(course.thread, alma, giver="other_parent")
    for position in (1, 3):
        opened = services.look(request=people.asked(people.person(course, position), alma), by=alma)
        assert "consent" not in [each.kind for each in opened.entries]


def test_what_was_told_on_a_yes_is_held_back_with_it(furnished: Any, alma: Any) -> None:
    from brobygger.consents import services as consents

    course = people.named_thread(alma).course
    yes = consented(course.thread, alma, receiver="municipality", receiver_words="")
    consents.disclose(consent=yes, what="record", by=alma)
    request = people.asked(people.person(course, 0), alma)
    entry = next(each for each in services.look(request=request, by=alma).waiting if each.kind == "consent")
    told = str(agreements("record"))
    assert entry.facts == () and any(told in each for each in entry.sentences)


def agreements(step: str) -> str:
    from brobygger.consents import wording

    return wording.step(step)
