"""A record ends the day after its period, unless somebody holds it back; the preview says just what the round does."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from brobygger.access.guards import NotAllowed
from brobygger.casework import notes
from brobygger.casework import services as courses
from brobygger.casework.models import Course, Member
from brobygger.casework.tests.families import begin
from brobygger.ground import clock
from brobygger.privacy import queries as audit
from brobygger.privacy import retention
from brobygger.privacy.models import AuditEntry, DataKey, Erasure
from brobygger.rights import endings
from brobygger.rights.models import LegalHold, SubjectRequest

pytestmark = pytest.mark.django_db
WORDS = "Tilsynet har bedt om journalen, brev af 3. marts."


@pytest.fixture
def written(furnished: Any, hire: Any, at: Any) -> Any:
    """Begin a course in which somebody of a profession wrote on the 1st of March 2021, and end it."""

    def make(profession: str = "psychologist", *, ended: bool = True, handle: str = "", note: bool = True) -> Course:
        at("2021-03-01T10:00")
        by = hire(handle or f"w{uuid4().hex[:6]}", "therapist", profession=profession)
        course = begin(by)
        if note:
            notes.write(member=course.members.first(), text="Vi talte om søvn.", by=by, once=uuid4())
        if ended:
            courses.end_course(course=course, reason="completed", words="", seen=0, by=by)
        return Course.objects.get(pk=course.pk)

    return make


def sweep() -> int:
    return endings.sweep(clock.now())


def gone(course: Course) -> bool:
    return not Course.objects.filter(pk=course.pk).exists()


@pytest.mark.parametrize(
    ("profession", "last", "over"),
    [
        ("psychologist", "2026-03-01T23:00", "2026-03-02T01:00"),
        ("health_visitor", "2026-03-01T23:00", "2026-03-02T01:00"),
        ("pedagogue", "2026-03-01T23:00", "2026-03-02T01:00"),
        ("midwife", "2031-03-01T23:00", "2031-03-02T01:00"),
    ],
)
def test_five_years_and_a_day(written, at, profession, last, over):
    course = written(profession)
    keys = courses._keys(list(course.members.all())) | {course.key}

    at(last)
    assert sweep() == 0
    assert DataKey.objects.filter(pk__in=keys).count() == len(keys)
    at(over)
    assert sweep() == 1

    assert gone(course)
    assert not DataKey.objects.filter(pk__in=keys).exists()
    assert Erasure.objects.get().why == "period"
    assert audit.trail(f"course:{course.pk}")[-1] == ("keeper", "casework.course_erased")


def test_the_longest_period_among_those_who_wrote_holds(written, hire, at):
    course = written("psychologist", ended=False)
    midwife = hire("midwife", "therapist", profession="midwife")
    writer = course.assignments.first().user
    courses.assign(course=course, to=midwife, by=writer)
    notes.write(member=course.members.first(), text="Fødslen.", by=midwife, once=uuid4())

    at("2026-03-02T01:00")
    assert sweep() == 0
    at("2031-03-02T01:00")
    assert sweep() == 1


def test_where_nobody_wrote_a_note_the_houses_own_rule_holds(written, at):
    course = written("midwife", note=False)
    at("2026-03-02T01:00")

    (found,) = endings.coming(on=date(2026, 3, 2), days=0)
    assert found.period.rule == "default"
    assert sweep() == 1 and gone(course)


def test_a_course_nobody_ended_and_nobody_wrote_in_ends_too(written, at):
    course = written(ended=False)
    at("2026-03-02T01:00")
    assert sweep() == 1 and gone(course)


def test_what_is_written_starts_the_years_again(written, at):
    course = written(ended=False)
    writer = course.assignments.first().user
    at("2023-06-01T10:00")
    notes.write(member=course.members.first(), text="De kom igen.", by=writer, once=uuid4())

    at("2026-03-02T01:00")
    assert sweep() == 0 and not gone(course)
    at("2028-06-02T01:00")
    assert sweep() == 1


def test_what_is_held_stays_until_it_is_lifted(written, at, clara, bo):
    course = written()
    at("2026-02-01T10:00")
    held = endings.hold(course=course, reason="supervision", words=WORDS, by=clara)
    at("2026-03-02T01:00")
    assert sweep() == 0 and not gone(course)

    endings.lift(hold=held, by=clara)
    with pytest.raises(endings.AlreadyLifted):
        endings.lift(hold=held, by=clara)
    assert sweep() == 1 and gone(course)
    deeds = [deed for _who, deed in audit.trail(f"course:{course.pk}") if deed.startswith("rights.")]
    assert deeds == ["rights.hold_placed", "rights.hold_lifted"]
    assert not LegalHold.objects.exists()


def test_nobody_but_who_may_holds_lifts_or_reads_why(written, at, clara, alma, finn):
    course = written()
    held = endings.hold(course=course, reason="complaint", words=WORDS, by=clara)

    for other in (alma, finn):
        with pytest.raises(NotAllowed):
            endings.hold(course=course, reason="complaint", words=WORDS, by=other)
        with pytest.raises(NotAllowed):
            endings.lift(hold=held, by=other)
        with pytest.raises(NotAllowed):
            endings.look_at_hold(hold=held, by=other)
    assert LegalHold.objects.filter(lifted_on=None).count() == 1
    assert endings.look_at_hold(hold=held, by=clara) == WORDS
    assert audit.trail(f"course:{course.pk}")[-1] == ("clara", "rights.hold_looked")


def test_a_hold_says_why_and_its_words_lie_nowhere_in_clear(written, clara):
    course = written()
    for reason, words in (("supervision", "  kort "), ("because", WORDS)):
        with pytest.raises(endings.SayWhy):
            endings.hold(course=course, reason=reason, words=words, by=clara)
    held = endings.hold(course=course, reason="other", words=WORDS, by=clara)

    assert WORDS.encode() not in bytes(held.sealed)
    assert not AuditEntry.objects.filter(reason__contains="Tilsynet").exists()


def test_a_hold_sent_twice_is_one(written, clara):
    course, once = written(), uuid4()
    made = {endings.hold(course=course, reason="other", words=WORDS, by=clara, once=once).pk for _each in range(2)}

    assert len(made) == LegalHold.objects.count() == 1
    with pytest.raises(NotAllowed):
        endings.hold(course=written(), reason="other", words=WORDS, by=clara, once=once)


def test_what_somebody_asks_to_see_waits_for_the_answer(written, at):
    course = written()
    at("2026-02-25T10:00")
    request = SubjectRequest.objects.create(
        course=course, member=course.members.first(), kind="access", due_on=date(2026, 3, 25), sealed=b"x"
    )
    at("2026-03-02T01:00")
    assert sweep() == 0
    SubjectRequest.objects.filter(pk=request.pk).update(state="done", closed_on=date(2026, 3, 2))
    assert sweep() == 1


def test_the_database_lets_nobody_go_from_a_held_course(written, clara):
    course = written()
    held = endings.hold(course=course, reason="archive", words=WORDS, by=clara)
    refused = [
        lambda: Course.objects.filter(pk=course.pk).update(state="erasing"),
        lambda: Course.objects.filter(pk=course.pk).delete(),
        lambda: Course.objects.filter(pk=course.pk)._raw_delete("default"),
        lambda: Member.objects.filter(course=course).update(erasing=True),
        lambda: Member.objects.filter(course=course)._raw_delete("default"),
        lambda: LegalHold.objects.filter(pk=held.pk).delete(),
        lambda: LegalHold.objects.filter(pk=held.pk).update(reason="other"),
        lambda: LegalHold.objects.filter(pk=held.pk).update(sealed=b"other"),
    ]
    for each in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            each()
    with pytest.raises(courses.IsHeld):
        courses.erase_course(course=course, why="wish", by=clara)
    with pytest.raises(courses.IsHeld):
        courses.erase_member(member=course.members.first(), why="wish", by=clara)
    assert not Erasure.objects.exists() and Course.objects.get(pk=course.pk).state == "ended"

    endings.lift(hold=held, by=clara)
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.filter(pk=held.pk).update(lifted_on=None)
    courses.erase_course(course=course, why="wish", by=clara)


def test_nothing_is_held_back_once_it_is_being_destroyed(written, clara):
    course = written()
    Course.objects.filter(pk=course.pk).update(state="erasing")

    with pytest.raises(endings.CourseIsGone):
        endings.hold(course=course, reason="other", words=WORDS, by=clara)
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.create(course=course, reason="other", sealed=b"x", placed_by=clara)


def test_the_preview_changes_nothing_and_says_what_the_round_then_does(written, at, clara, capsys):
    first, held, later = written(), written(), written("midwife")
    at("2026-01-10T10:00")
    endings.hold(course=held, reason="supervision", words=WORDS, by=clara)
    before = list(AuditEntry.objects.values_list("pk", flat=True)), list(DataKey.objects.values_list("pk", flat=True))

    call_command("sweep", preview=True, days=60)
    lines = capsys.readouterr().out.splitlines()

    assert (
        list(AuditEntry.objects.values_list("pk", flat=True)),
        list(DataKey.objects.values_list("pk", flat=True)),
    ) == before
    assert Course.objects.count() == 3
    (goes,) = [line for line in lines if first.nickname in line]
    (stays,) = [line for line in lines if held.nickname in line]
    assert "2026-03-02" in goes and "§ 14" in goes and "elov.dk" in goes and "2026-11-22" in goes
    assert str(endings.REASONS["supervision"]) in stays
    assert not any(later.nickname in line for line in lines)

    promised = {each.course.pk for each in endings.coming(on=date(2026, 1, 10), days=51) if not each.why_kept}
    at("2026-03-02T01:00")
    sweep()
    assert promised == {first.pk} == {first.pk, held.pk, later.pk} - set(Course.objects.values_list("pk", flat=True))


def test_a_law_looked_up_long_ago_is_pointed_out(written, at):
    written()
    at("2026-01-10T10:00")
    assert not any("et år" in line or "a year" in line for line in retention.preview(date(2026, 1, 10), 90))
    at("2028-01-10T10:00")
    (line,) = endings.preview(date(2028, 1, 10), 0)
    assert line.endswith(str(endings._("This law was looked up more than a year ago: look again.")))


def test_the_command_refuses_days_that_are_none(db):
    with pytest.raises(CommandError, match="0 to 3660"):
        call_command("sweep", preview=True, days=-1)


def test_one_that_fails_stops_no_other(written, at, monkeypatch):
    bad, good = written(), written()
    real = courses.erase_course

    def erase(*, course: Course, **more: Any) -> str:
        if course.pk == bad.pk:
            raise OSError
        return real(course=course, **more)

    monkeypatch.setattr(courses, "erase_course", erase)
    at("2026-03-02T01:00")
    with pytest.raises(RuntimeError, match="1 courses"):
        sweep()
    assert gone(good) and not gone(bad)


def test_the_night_runs_it() -> None:
    assert endings.sweep in retention.SWEEPS
    assert endings.preview in retention.PREVIEWS


def test_an_open_course_whose_family_still_writes_with_us_stays(written, at, clara):
    from brobygger.threads.models import Thread

    course = written(ended=False)
    thread = Thread.objects.create(box=uuid4(), number="0123", key=uuid4(), facts=b"x", counted=True)
    Course.objects.filter(pk=course.pk).update(thread=thread)
    at("2026-03-02T01:00")

    assert sweep() == 0
    (found,) = endings.coming(on=date(2026, 3, 2), days=0)
    assert found.why_kept == (str(endings.ALIVE),)
    Thread.objects.filter(pk=thread.pk).update(ending="burned")
    assert sweep() == 1


def test_a_hold_and_the_round_at_once_end_in_one_of_two_ways(written, at, clara, monkeypatch):
    """The hold comes between the list of what ends and the end itself: the database says no, and the round goes on."""
    course, other = written(), written()
    at("2026-03-02T01:00")
    listed = endings.coming(on=date(2026, 3, 2), days=0)
    endings.hold(course=course, reason="other", words=WORDS, by=clara)
    monkeypatch.setattr(endings, "coming", lambda **_asked: listed)

    assert sweep() == 1
    assert gone(other) and not gone(course)
