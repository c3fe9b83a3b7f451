"""A letter is taken, handed over and answered in time; who may not does nothing at all."""

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.appointments import queries as times
from brobygger.appointments import services as booking
from brobygger.appointments.tests.families import Family, book, moment, slot
from brobygger.intake import queries, services
from brobygger.intake.models import Enquiry, Signpost
from brobygger.privacy import queries as privacy
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

pytestmark = pytest.mark.django_db


def enquiry(family: Family) -> Enquiry:
    return Enquiry.objects.select_related("thread", "taken_by").get(thread=family.thread)


def deeds(family: Family) -> list[tuple[str, str]]:
    """What was done to a thread by people, looks left out."""
    return [line for line in privacy.trail(family.thread) if line[0] not in ("keeper", "family")]


@pytest.fixture
def mine(ea, alma) -> Enquiry:
    """Ea's letter, taken by Alma."""
    return services.take(enquiry=enquiry(ea), by=alma)


# ---- Taking and handing over ----


def test_the_first_to_take_a_letter_has_it_and_the_family_is_told(ea, alma, bo) -> None:
    waits, before = enquiry(ea), ea.box()

    taken = services.take(enquiry=waits, by=alma)
    with pytest.raises(services.AlreadyTaken):
        services.take(enquiry=waits, by=bo)
    with pytest.raises(services.AlreadyTaken):
        services.take(enquiry=waits, by=alma)

    told = ea.hears(before)
    assert (told["news"], told["from"], told["title"]) == ("taken", "Alma", alma.title)
    assert taken.taken_by == enquiry(ea).taken_by == alma
    assert deeds(ea) == [("alma", "intake.taken")]


def test_the_one_who_has_it_hands_it_over_and_the_promise_stays(ea, mine, alma, bo) -> None:
    with pytest.raises(services.NotYours):
        services.hand_over(enquiry=mine, to=bo, by=bo)

    services.hand_over(enquiry=mine, to=bo, by=alma)

    after = enquiry(ea)
    assert after.taken_by == bo
    assert (after.due_at, after.arrived_at) == (mine.due_at, mine.arrived_at)
    assert deeds(ea) == [("alma", "intake.taken"), ("alma", "intake.handed_over")]
    assert privacy.entries(about=ea.thread, action="intake.handed_over").get().reason == "to bo"
    with pytest.raises(services.NotYours):
        services.hand_over(enquiry=after, to=alma, by=alma)


def test_the_leader_hands_over_for_one_who_is_ill_and_a_letter_nobody_took(ea, another, mine, alma, bo, clara) -> None:
    services.hand_over(enquiry=mine, to=bo, by=clara)
    services.hand_over(enquiry=enquiry(another), to=bo, by=clara)

    assert {enquiry(each).taken_by for each in (ea, another)} == {bo}
    assert enquiry(ea).due_at == mine.due_at
    with pytest.raises(services.NotYours):
        services.hand_over(enquiry=mine, to=alma, by=alma)


@pytest.mark.parametrize("who", ["finn", "gro", "dan", "operator"])
def test_who_does_not_answer_families_does_nothing_with_them(who: str, ea, mine, another, alma, clara, request) -> None:
    user, waits = request.getfixturevalue(who), enquiry(another)

    for deed in (
        lambda: services.take(enquiry=waits, by=user),
        lambda: services.hand_over(enquiry=mine, to=alma, by=user),
        lambda: services.hand_over(enquiry=mine, to=user, by=alma),
        lambda: services.hand_over(enquiry=mine, to=user, by=clara),
        lambda: services.answer(enquiry=mine, text="Hej", by=user),
        lambda: services.signpost(enquiry=mine, to="Et sted", text="Hej", by=user),
        lambda: services.end(enquiry=mine, outcome="helped", text="", by=user),
    ):
        with pytest.raises(NotAllowed):
            deed()

    assert (enquiry(ea).taken_by, enquiry(another).taken_by) == (alma, None)
    assert deeds(ea) == [("alma", "intake.taken")] and deeds(another) == []
    assert not Signpost.objects.exists()


def test_the_leader_neither_takes_nor_answers_nor_ends(ea, mine, another, clara) -> None:
    for deed in (
        lambda: services.take(enquiry=enquiry(another), by=clara),
        lambda: services.answer(enquiry=mine, text="Hej", by=clara),
        lambda: services.end(enquiry=mine, outcome="helped", text="", by=clara),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert enquiry(another).taken_by is None and deeds(ea) == [("alma", "intake.taken")]


# ---- Answering ----


def test_an_answer_reaches_the_family_and_stops_the_clock(ea, mine, alma) -> None:
    before = ea.box()

    services.answer(enquiry=mine, text="Godt du skrev.", by=alma, where="phone", times=[slot("2026-11-24T10:00")])

    told = ea.hears(before)
    assert (told["kind"], told["text"], told["from"], len(told["times"])) == ("answer", "Godt du skrev.", "Alma", 1)
    after = enquiry(ea)
    assert (after.due_at, after.arrived_at, after.answered, after.promise_kept) == (None, None, True, True)
    assert deeds(ea)[1:] == [("alma", "appointments.proposed"), ("alma", "threads.answered")]


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (services.NothingToSay, {"text": ""}),
        (services.NothingToSay, {"text": " \n\t "}),
        (services.NothingToSay, {"text": "", "times": [slot("2026-11-24T10:00")], "where": "phone"}),
        (services.SomethingNew, {"seen": 0}),
        (services.SomethingNew, {"seen": 99}),
        (booking.TimeIsPast, {"times": [slot("2026-11-23T08:00")], "where": "phone"}),
        (booking.TimeIsTaken, {"times": [slot("2026-11-25T09:00"), slot("2026-11-24T10:15")], "where": "phone"}),
    ],
)
def test_a_refused_answer_sends_nothing_and_the_clock_runs_on(refusal, told, ea, mine, another, alma) -> None:
    book(another, alma, "2026-11-24T10:00")
    offered = booking.propose(thread=ea.thread, worker=alma, where="phone", times=[slot("2026-11-26T10:00")], by=alma)
    last, lines = thread_queries.last_number(ea.thread), deeds(ea)
    before = ea.box()

    with pytest.raises(refusal):
        services.answer(enquiry=mine, by=alma, **{"text": "Godt du skrev.", **told})

    assert ea.hears(before) == {}
    after = enquiry(ea)
    assert (after.due_at, after.answered, after.promise_kept) == (mine.due_at, False, None)
    assert thread_queries.last_number(ea.thread) == last and deeds(ea) == lines
    assert [str(each.pk) for each in times.offered(ea.thread)] == [offered[0]["id"]]


def test_an_answer_to_what_one_has_read_goes_and_a_later_letter_stops_it(ea, mine, alma) -> None:
    read = thread_queries.last_number(ea.thread)
    ea.asks("text", text="En ting til.")

    with pytest.raises(services.SomethingNew):
        services.answer(enquiry=mine, text="Godt du skrev.", by=alma, seen=read)
    services.answer(enquiry=mine, text="Godt du skrev.", by=alma, seen=thread_queries.last_number(ea.thread))

    assert enquiry(ea).answered


def test_only_the_one_who_has_it_answers(ea, another, mine, bo) -> None:
    for waits in (mine, enquiry(another)):
        with pytest.raises(services.NotYours):
            services.answer(enquiry=waits, text="Hej", by=bo)
        with pytest.raises(services.NotYours):
            services.signpost(enquiry=waits, to="Et sted", text="Hej", by=bo)
        with pytest.raises(services.NotYours):
            services.end(enquiry=waits, outcome="helped", text="", by=bo)

    assert not Signpost.objects.exists() and enquiry(ea).due_at == mine.due_at


def test_the_answer_names_the_roles_that_read_and_never_who(ea, mine, alma, clara) -> None:
    threads.look(thread=ea.thread, by=alma)
    threads.look(thread=ea.thread, by=clara)
    before = ea.box()
    services.answer(enquiry=mine, text="Godt du skrev.", by=alma)

    told = ea.hears(before)
    assert len(told["read_by"]) == 2 and all(set(role) == {"da", "en"} for role in told["read_by"])
    assert {role["en"] for role in told["read_by"]} == {"leader", "therapist"}


# ---- The promise ----


def test_a_promise_is_kept_at_its_last_moment_and_not_a_minute_later(ea, another, alma, at) -> None:
    for family in (ea, another):
        services.take(enquiry=enquiry(family), by=alma)
        assert enquiry(family).due_at == moment("2026-11-24T14:00")

    at("2026-11-24T14:00")
    services.answer(enquiry=enquiry(ea), text="Hej", by=alma)
    at("2026-11-24T14:01")
    services.answer(enquiry=enquiry(another), text="Hej", by=alma)

    assert (enquiry(ea).promise_kept, enquiry(another).promise_kept) == (True, False)


def test_a_second_letter_starts_a_new_clock_and_a_broken_promise_stays_broken(ea, another, alma, at) -> None:
    for family in (ea, another):
        services.take(enquiry=enquiry(family), by=alma)
    services.answer(enquiry=enquiry(another), text="Hej", by=alma)
    at("2026-11-25T10:00")
    services.answer(enquiry=enquiry(ea), text="Undskyld, vi er sent på den.", by=alma)
    assert [enquiry(family).promise_kept for family in (ea, another)] == [False, True]

    for family in (ea, another):
        family.asks("text", text="Tak.")
        assert enquiry(family).due_at == moment("2026-11-26T14:00") and enquiry(family).taken_by == alma
    services.answer(enquiry=enquiry(ea), text="Selv tak.", by=alma)
    at("2026-11-27T10:00")
    services.answer(enquiry=enquiry(another), text="Selv tak.", by=alma)

    assert (enquiry(ea).promise_kept, enquiry(another).promise_kept) == (False, False)


def test_more_from_a_family_that_waits_moves_no_promise(ea, mine, at) -> None:
    at("2026-11-23T13:00")

    ea.asks("text", text="Er I der?")

    assert (enquiry(ea).due_at, enquiry(ea).arrived_at) == (mine.due_at, mine.arrived_at)


def test_keeping_up_twice_does_it_once(ea, another, morning) -> None:
    before = list(Enquiry.objects.order_by("pk").values())

    assert services.keep_up() == services.keep_up() == 0

    assert list(Enquiry.objects.order_by("pk").values()) == before
    assert privacy.trail(ea.thread).count(("keeper", "intake.arrived")) == 1


# ---- Helping on ----


def test_helping_on_answers_and_counts_the_place(ea, another, alma) -> None:
    for family in (ea, another):
        services.take(enquiry=enquiry(family), by=alma)
        services.signpost(enquiry=enquiry(family), to="Børns Vilkår", text="De kan hjælpe.", by=alma)
    services.signpost(enquiry=enquiry(ea), to="Et andet sted", text="Eller de her.", by=alma)

    assert [(each.week, each.to, each.count) for each in queries.signposts()] == [
        ("2026-W48", "Børns Vilkår", 2),
        ("2026-W48", "Et andet sted", 1),
    ]
    assert enquiry(ea).answered and enquiry(ea).promise_kept
    assert deeds(ea)[1:3] == [("alma", "threads.answered"), ("alma", "intake.signposted")]


def test_helping_on_without_a_word_is_neither_sent_nor_counted(ea, mine, alma) -> None:
    for refusal, told in ((services.NothingToSay, {"text": " "}), (services.SomethingNew, {"text": "Hej", "seen": 99})):
        with pytest.raises(refusal):
            services.signpost(enquiry=mine, to="Børns Vilkår", by=alma, **told)

    assert queries.signposts() == [] and enquiry(ea).due_at == mine.due_at
