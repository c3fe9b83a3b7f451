"""Unusual openings of courses: what the leader is told, in sentences, and what is left in peace."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from brobygger.access import services as access
from brobygger.access.guards import NotAllowed
from brobygger.casework import finding, record, services
from brobygger.casework.models import Assignment
from brobygger.casework.tests.families import begin
from brobygger.ground import clock
from brobygger.privacy import queries as privacy
from brobygger.privacy import services as audit
from brobygger.today import alarms, looking, rules
from brobygger.today import services as spoken
from brobygger.today.rules import Alarm, Deed, Held, Limits

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=clock.TZ)
WEEK = NOON - timedelta(days=7)


def opened(by: str, n: int, at: datetime = NOON, *, apart: int = 1, kind: str = "open") -> list[Deed]:
    """Somebody opens so many courses, so many minutes apart."""
    return [Deed(by, at + timedelta(minutes=apart * each), kind, f"c{each}") for each in range(n)]


def told(deeds: list[Deed], *held: Held, since: datetime = WEEK, **limits: int) -> list[tuple[str, str, int, int]]:
    """What the rules find: kind, who, how many, and what is usual."""
    found = rules.alarms(deeds, held, since=since, limits=Limits(**limits))
    return [(each.kind, each.by, each.n, each.usual) for each in found]


def test_many_courses_within_an_hour_are_told_with_what_is_usual() -> None:
    before = [deed for day in range(10, 20) for deed in opened("bo", 2, NOON - timedelta(days=day))]

    assert told(before + opened("bo", 14)) == [("many", "bo", 14, 2)]
    assert told(before + opened("bo", 7)) == [], "below the house's own floor"
    assert told(before + opened("bo", 7), courses=7) == [("many", "bo", 7, 2)]
    assert told(before + opened("bo", 14, apart=30)) == [], "over seven hours it is a working day"
    assert told(before + opened("bo", 14), since=NOON + timedelta(hours=2)) == [], "told once, and then over"


def test_somebody_who_always_opens_many_is_left_in_peace() -> None:
    before = [deed for day in range(10, 20) for deed in opened("finn", 12, NOON - timedelta(days=day))]

    assert told(before + opened("finn", 14)) == []
    assert told(before + opened("finn", 36)) == [("many", "finn", 36, 12)]
    assert told(opened("ny", 8)) == [("many", "ny", 8, 0)], "of a new colleague nothing is usual yet"


def test_the_same_course_many_times_is_one() -> None:
    assert told([Deed("bo", NOON + timedelta(minutes=each), "open", "c") for each in range(20)]) == []


def test_searching_by_name_again_and_again_is_told() -> None:
    asked = [Deed("bo", NOON + timedelta(minutes=each), "search") for each in range(12)]

    assert told(asked) == [("searches", "bo", 12, 0)]
    assert told(asked[:9]) == []


def test_a_night_is_one_though_the_date_turns_in_it() -> None:
    late, early = datetime(2026, 11, 23, 23, 10, tzinfo=clock.TZ), datetime(2026, 11, 24, 2, 5, tzinfo=clock.TZ)

    found = rules.alarms(
        [Deed("bo", late, "open", "a"), Deed("bo", early, "open", "b")], [], since=WEEK, limits=Limits()
    )
    assert [(each.kind, each.n, each.at, each.until) for each in found] == [("night", 2, late, early)]
    for hour, unusual in ((21, 0), (22, 1), (5, 1), (6, 0)):
        assert len(told([Deed("bo", NOON.replace(hour=hour), "open", "a")])) == unusual, hour
    assert told([Deed("bo", NOON.replace(hour=20), "open", "a")], night_from=20) == [("night", "bo", 1, 0)]


def test_a_course_opened_long_after_it_was_theirs_is_told() -> None:
    had = Held("bo", "a", date(2026, 8, 1), date(2026, 10, 1))
    look = Deed("bo", NOON, "open", "a")

    assert told([look], had) == [("after", "bo", 54, 0)]
    assert told([look], had, Held("bo", "a", date(2026, 11, 20), None)) == [], "it is theirs again"
    assert told([look], Held("bo", "a", date(2026, 8, 1), date(2026, 11, 20))) == [], "to finish what is unfinished"
    assert told([look]) == [], "who never had it reads by another right"


def test_a_broken_glass_is_told_every_time() -> None:
    broke = [Deed("clara", NOON - timedelta(hours=hour), "glass", "a", "Alma er syg") for hour in (1, 2)]

    assert [each.reason for each in rules.alarms(broke, [], since=WEEK, limits=Limits())] == ["Alma er syg"] * 2


def test_what_comes_on_top_has_another_name() -> None:
    more = [
        told_[0].mark for told_ in (rules.alarms(opened("bo", n), [], since=WEEK, limits=Limits()) for n in (9, 12))
    ]

    assert len(set(more)) == 2
    assert Alarm("night", "bo", NOON, NOON).mark == Alarm("night", "bo", NOON, NOON).mark


# ---- From the trail to the page ----


@pytest.fixture
def clara_reads(clara: Any, staff_client: Any) -> Any:
    """Open the log as the leader."""

    def read(**asked: str) -> str:
        return str(staff_client(clara).get(reverse("today:looks"), asked).content.decode())

    return read


@pytest.fixture
def many(furnished: Any, alma: Any, at: Any) -> list[Any]:
    """Nine families Alma opens within an hour, after days on which she opened one."""
    at("2026-11-10T09:00")
    courses = [begin(alma) for _each in range(9)]
    for day in (10, 11, 12):
        at(f"2026-11-{day}T10:00")
        record.look(course=courses[0], by=alma)
    at("2026-11-24T14:05")
    for course in courses:
        record.look(course=course, by=alma)
    return courses


@pytest.mark.django_db
def test_the_leader_is_told_in_a_sentence(many: list[Any], clara_reads: Any, clara: Any, staff_client: Any) -> None:
    said = clara_reads()

    assert "Alma åbnede 9 forløb på en time, i dag kl.\u00a014.05. Plejer at åbne 1." in said
    gauges = staff_client(clara).get(reverse("today:gauges")).content.decode()
    assert "En usædvanlig åbning af forløb at tale om" in gauges


@pytest.mark.django_db
def test_it_is_spoken_about_once_in_words_that_stand(
    many: list[Any], clara: Any, alma: Any, hire: Any, staff_client: Any, clara_reads: Any
) -> None:
    mark = alarms.found()[0].mark
    client, there, told = staff_client(clara), reverse("today:spoken"), {"mark": mark}

    assert client.post(there, told | {"word": " "}).status_code == 422
    assert "Skriv et par ord" in client.post(there, told | {"word": ""}).content.decode()
    assert privacy.trail(f"alarm:{mark}") == []
    assert client.post(there, told | {"word": "Hun gjorde klar til tilsynet."}).status_code == 302

    entry = privacy.entries(about=f"alarm:{mark}")[0]
    assert (entry.by, entry.action, entry.reason) == ("clara", "today.alarm_seen", "Hun gjorde klar til tilsynet.")
    said = clara_reads()
    assert "talt igennem" in said and "Hun gjorde klar til tilsynet." in said and "Vi har talt om det" not in said
    assert alarms.unspoken() == 0
    assert "talte om en usædvanlig åbning" in clara_reads(kind="spoken")
    for person in (alma, hire("hanne", "administrator")):
        assert staff_client(person).post(there, told | {"word": "Det er fint."}).status_code == 404
        with pytest.raises(NotAllowed):
            spoken.speak_about(mark=mark, word="Det er fint.", by=person)
    assert client.post(there, {"mark": "0" * 16, "word": "Intet"}).url == reverse("today:looks")


@pytest.mark.django_db
def test_nobody_says_so_of_themselves(many: list[Any], clara: Any, staff_client: Any, clara_reads: Any) -> None:
    access.break_glass(about=f"course:{many[0].pk}", reason="Alma er syg i dag.", by=clara)
    mark = next(each.mark for each in alarms.found() if each.kind == "glass")

    assert f"Clara brød glasset foran {many[0].nickname}" in clara_reads() and "Det her er om dig" in clara_reads()
    answer = staff_client(clara).post(reverse("today:spoken"), {"mark": mark, "word": "Det er fint."})
    assert answer.status_code == 404 and privacy.trail(f"alarm:{mark}") == []


@pytest.mark.django_db
def test_night_searching_and_an_ended_assignment_are_read_from_the_trail(
    furnished: Any, alma: Any, bo: Any, clara: Any, at: Any, clara_reads: Any
) -> None:
    at("2026-09-01T09:00")
    course = begin(alma)
    services.assign(course=course, to=bo, by=alma, valid_to=date(2026, 9, 30))
    at("2026-11-24T23:10")
    for _each in range(10):
        finding.look_for(kind="name", text="Mette", by=bo)
        finding.look_for(kind="nickname", text="Mette", by=alma)
    record.look(course=course, by=alma)
    # Bo cannot open it any more; what the trail would say if he could.
    audit.record(by=bo, action="casework.notes_looked", about=course.members.first())

    said = clara_reads()

    assert "Bo søgte på navn eller nummer 10 gange på en time" in said and "Alma søgte" not in said
    assert "Alma åbnede et forløb om natten" in said
    assert f"Bo åbnede {course.nickname}" in said and "55 dage efter" in said
    assert Assignment.objects.filter(user=bo).exists()


@pytest.mark.django_db
def test_the_house_sets_its_own_floor(many: list[Any], settings: Any) -> None:
    settings.UNUSUAL = {"courses": 12}
    assert alarms.found() == []


@pytest.mark.django_db
def test_what_lies_more_than_a_week_back_is_told_no_more(many: list[Any], at: Any) -> None:
    assert alarms.unspoken() == 1
    at("2026-12-02T09:00")
    assert alarms.found() == []


# ---- Courses in the log ----


@pytest.mark.django_db
def test_the_log_names_courses_and_people_in_them_by_nickname_while_they_stand(
    furnished: Any, alma: Any, clara: Any, clara_reads: Any
) -> None:
    course = begin(alma)
    record.look(course=course, by=alma)
    record.look_at_identity(member=course.members.first(), reason="Vil ringe", by=alma)
    record.write_part(course=course, kind="living", body={"with": "mother"}, seen=0, by=alma)
    finding.look_for(kind="name", text="Aagaard", by=alma)

    looks, deeds, searches = (clara_reads(kind=kind) for kind in ("course_looks", "course_deeds", "searches"))

    assert looks.count(course.nickname) == 2 and "Vil ringe" in looks and "skrev i et forløb" not in looks
    assert "Hvor børnene bor" in deeds and "her hos os" in deeds.lower()
    assert "på navn" in searches and course.nickname in searches and "Aagaard" not in searches
    services.erase_course(course=course, why="wish", by=alma)
    assert course.nickname not in clara_reads(kind="course_looks")
    assert clara_reads(kind="course_looks").count("<td>–</td>") == 2


@pytest.mark.django_db
def test_ten_at_random_are_drawn_from_courses_too(furnished: Any, alma: Any) -> None:
    course = begin(alma)
    record.look(course=course, by=alma)
    audit.record(by=alma, action="threads.looked", about=f"thread:{uuid4()}")
    audit.record(by=alma, action="casework.written", about=course)

    assert {entry.action for entry in looking.sample()} == {"casework.looked", "threads.looked"}
