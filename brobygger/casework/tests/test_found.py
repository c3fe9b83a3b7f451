"""A course is found by nickname, box number, tag and day, and its people by name and number; by nothing else."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from brobygger.casework import finding, queries, record, rules, services
from brobygger.casework.models import Course
from brobygger.privacy import blind, keyring
from brobygger.privacy.models import AuditEntry, BlindToken
from brobygger.threads.models import Thread

from .families import MOTHER, begin, person

pytestmark = pytest.mark.django_db


def found(kind: str, text: str, by: Any) -> list[Any]:
    """Name the courses somebody finds."""
    return [each.ident for each in finding.look_for(kind=kind, text=text, by=by).rows]


# ---- By name and number ----

WRITTEN_AND_TYPED = [
    ("Mette Aagaard Hansen", ["Hansen", "mette ågård", "METTE AAGAARD HANSEN", "hansen  mette", "Mètte"]),
    ("Søren Kierkegård", ["søren", "kierkegaard", "Søren Kierkegaard"]),
    ("Åse-Marie Bjørn", ["aase", "marie bjørn", "Åse-marie", "A\u030ase"]),
    ("Paweł Wałęsa", ["Pawel", "walesa", "Wałęsa Paweł"]),
    ("Ayşe Y\u0131ld\u0131z", ["ayse yildiz", "Y\u0131ld\u0131z", "AYŞE"]),
    ("İbrahim Öztürk", ["ibrahim", "Øzturk", "öztürk", "IBRAHIM"]),
    ("Zoë Müller", ["zoe muller", "Müller"]),
    ("Наталія Шевченко", ["наталія", "НАТАЛІЯ Шевченко"]),
    ("محمد الأحمد", ["محمد", "الأحمد محمد"]),
    ("Đặng Thị Hà", ["dang", "dang thi ha"]),
    ("Bo O'Brien", ["brien bo", "O'Brien"]),
]


@pytest.mark.parametrize("name, typed", WRITTEN_AND_TYPED, ids=lambda each: each if isinstance(each, str) else "")
def test_a_name_is_found_as_people_type_it(finn: Any, alma: Any, name: str, typed: list[str]) -> None:
    course = begin(alma, people=[{"name": name}])
    begin(alma, people=[{"name": "Karl Emil"}])

    assert {text: found("name", text, finn) for text in typed} == {text: [course.pk] for text in typed}


def test_two_words_are_of_one_person_and_not_of_two(finn: Any, alma: Any) -> None:
    both = begin(alma, people=[{"name": "Mette Marie Hansen"}, {"name": "Jens Jensen"}])
    begin(alma, people=[{"name": "Mette Jensen"}, {"name": "Marie Hansen"}])

    assert found("name", "Mette Hansen", finn) == [both.pk]
    assert found("name", "Marie Mette Hansen", finn) == [both.pk]
    assert found("name", "Jens Hansen", finn) == []
    assert found("name", "", finn) == found("name", " - ", finn) == found("name", "x", finn) == []


def test_a_common_name_says_that_there_are_more_and_a_third_word_finds_the_one(finn: Any, alma: Any) -> None:
    for _each in range(finding.MOST + 15):
        ident = uuid4()
        Course.objects.create(id=ident, key=uuid4(), nickname=ident.hex)
        for name in ("Mette Hansen", "Marie Hansen", "Mette Marie"):
            words = rules.words(name)
            blind.put(about=uuid4(), course=ident, entries=[("name", w) for w in words + rules.pairs(words)], by="")
    wanted = {begin(alma, people=[{"name": "Mette Marie Hansen"}]).pk for _each in range(3)}

    many = finding.look_for(kind="name", text="Mette Hansen", by=finn)
    assert (len(many.rows), many.more) == (finding.MOST, True)
    few = finding.look_for(kind="name", text="Mette Marie Hansen", by=finn)
    assert ({each.ident for each in few.rows}, few.more) == (wanted, False)


@pytest.mark.parametrize(
    "typed, hit",
    [
        ("24230300", True), ("24 23 03 00", True), ("+45 24230300", True), ("0045 24-23-03-00", True),
        ("tlf. 24230300", True), ("24230301", False), ("2423030", False), ("45", False), ("", False),
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_typed(finn: Any, alma: Any, typed: str, hit: bool) -> None:
    course = begin(alma, people=[MOTHER])

    assert found("phone", typed, finn) == ([course.pk] if hit else [])


# ---- By what is not personal ----


def test_a_nickname_is_found_by_its_words_in_any_order_among_thousands(finn: Any, alma: Any) -> None:
    course = begin(alma)
    how, what = course.nickname.split()[:2]
    # As many as use up a page share each of its words, and none both.
    for word in [how] * 60 + [what] * 60:
        other = Course.objects.create(key=uuid4(), nickname=f"{word} Andet {uuid4()}")
        blind.put(about=other.pk, course=other.pk, entries=[("nickname", word.casefold())], by="")

    for typed in (course.nickname, f"{what} {how}", f"  {what.upper()}  {how}"):
        assert found("nickname", typed, finn) == [course.pk], typed
    assert len(found("nickname", how, finn)) == finding.MOST
    assert found("nickname", f"{how} Findesikke", finn) == []


def test_a_nickname_with_a_number_is_found_with_it_and_without(finn: Any) -> None:
    for nickname in ("Blå Hejre", "Blå Hejre 2", "Blå Hejre 22"):
        record.find_by(Course.objects.create(key=uuid4(), nickname=nickname), [])

    names = dict(Course.objects.values_list("pk", "nickname"))
    typed = ("blå hejre", "Blå Hejre 2")
    said = {text: sorted(names[each] for each in found("nickname", text, finn)) for text in typed}
    assert said == {"blå hejre": ["Blå Hejre", "Blå Hejre 2", "Blå Hejre 22"], "Blå Hejre 2": ["Blå Hejre 2"]}


def test_a_tag_finds_what_bears_it_today(alma: Any, bo: Any) -> None:
    course = begin(alma)
    record.write_part(course=course, kind="tags", body={"tags": ["skole", "søvn"]}, seen=0, by=alma)
    assert found("tag", "skole", alma) == [course.pk] and found("tag", "skole", bo) == []

    record.write_part(course=course, kind="tags", body={"tags": ["søvn"]}, seen=1, by=alma)

    assert found("tag", "skole", alma) == [] and found("tag", "søvn", alma) == [course.pk]
    assert found("nickname", course.nickname, alma) == [course.pk]


def test_a_box_number_and_a_day_stand_in_clear(finn: Any, alma: Any, at: Any) -> None:
    at("2026-03-02T09:00")
    key = keyring.new_data_key(about=uuid4())
    thread = Thread.objects.create(key=key, box=uuid4(), number="K7QF", week="2026-W10", facts=b"-")
    course = begin(alma, thread=thread)
    at("2026-03-03T09:00")
    later = begin(alma)

    assert found("box", "k7qf", finn) == found("box", " K7-QF ", finn) == [course.pk]
    assert found("box", "K7Q", finn) == found("box", "0000", finn) == []
    assert found("day", "2026-03-03", finn) == [later.pk]
    assert found("day", "2026-03-04", finn) == found("day", "i går", finn) == []
    Thread.objects.update(ending="burned")
    assert found("box", "K7QF", finn) == []


# ---- What a search leaves ----


def test_a_search_leaves_that_one_looked_and_what_was_found_and_never_the_word(alma: Any, finn: Any) -> None:
    one, other = begin(alma), begin(alma)
    before = AuditEntry.objects.latest("pk").pk

    finding.look_for(kind="name", text="Mette Aagaard Hansen", by=finn)
    finding.look_for(kind="phone", text="30303030", by=finn)

    lines = list(AuditEntry.objects.filter(pk__gt=before).values_list("by", "action", "about", "reason"))
    assert lines[0] == ("finn", "casework.searched", "search:name", "")
    assert {each[2] for each in lines[1:3]} == {f"course:{one.pk}", f"course:{other.pk}"}
    assert {(each[1], each[3]) for each in lines[1:3]} == {("casework.found", "name")}
    assert lines[3:] == [("finn", "casework.searched", "search:phone", "")]
    assert not [line for line in lines if any(w in str(line).casefold() for w in ("mette", "hansen", "3030"))]


def test_a_search_finds_no_course_that_is_being_erased(alma: Any, finn: Any) -> None:
    course = begin(alma)
    Course.objects.filter(pk=course.pk).update(state="erasing")

    assert found("name", "Mette", finn) == found("nickname", course.nickname, finn) == []
    assert found("day", course.opened_on.isoformat(), finn) == []


def test_no_clear_word_lies_beside_the_courses_or_the_keys(alma: Any) -> None:
    course = begin(alma)
    words = {word for each in ("Mette", "Aagaard", "Ågård", "Hansen", "24230300", "Liv") for word in rules.words(each)}
    record.give_identity(member=person(course), said=MOTHER, by=alma)
    with connections["keys"].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {BlindToken._meta.db_table}")
        lying = repr([tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()])

    assert not [word for word in [*words, "24230300"] if word in lying.casefold()]


def test_what_nobody_may_look_by_is_refused(alma: Any, clara: Any, finn: Any) -> None:
    assert finding.kinds(alma) == finding.KINDS
    assert finding.kinds(finn) == ("nickname", "name", "phone", "box", "day")
    assert finding.kinds(clara) == ("nickname", "box", "day")
    for kind in ("", "import", "Name"):
        with pytest.raises(ValueError):
            finding.look_for(kind=kind, text="Mette", by=alma)
    assert not AuditEntry.objects.filter(action="casework.searched").exists()


def test_a_leader_who_is_a_therapist_too_finds_people_in_her_own_courses_alone(hire: Any, alma: Any) -> None:
    both = hire("birthe", "leader", "therapist")
    begin(alma)
    mine = begin(both)

    assert found("name", "Mette Hansen", both) == [mine.pk]
    assert len(found("day", queries.clock.today().isoformat(), both)) == 2


# ---- Rules ----


@pytest.mark.parametrize(
    "birth, age",
    [
        ("2018-05", 7), ("2018-03", 8), ("2018-04", 7), ("2026-03", 0), ("2026-04", None), ("1890-01", None),
        ("2018-13", None), ("2018-00", None), ("2018", None), ("", None), ("2018-05-01", None),
    ],
)  # fmt: skip
def test_how_old_somebody_is(birth: str, age: int | None) -> None:
    assert rules.age(birth, date(2026, 3, 31)) == age


def test_a_nickname_that_is_taken_is_not_drawn(alma: Any) -> None:
    names = {services.open_course(people=[{}], agreed={"how": "present"}, by=alma).nickname for _each in range(20)}
    assert len(names) == 20
