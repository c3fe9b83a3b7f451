"""A thread ends: one count is left, and nothing else, however often the machine is stopped on the way."""

from typing import Any

import pytest

from brobygger.appointments.models import Appointment, Proposal, VisitAddress
from brobygger.appointments.tests.families import Family, book, offer, slot
from brobygger.intake import queries, services
from brobygger.intake.models import Enquiry, Tally
from brobygger.privacy import queries as privacy
from brobygger.threads import opening
from brobygger.threads import services as threads
from brobygger.threads.models import ContactCard, Message, Outgoing, Thread
from tests.letters import Visitor, keeper

pytestmark = pytest.mark.django_db
OF_A_THREAD = (Thread, Message, ContactCard, Outgoing, Enquiry, Appointment, Proposal, VisitAddress)


@pytest.fixture
def mine(ea: Family, alma: Any) -> Enquiry:
    """Ea's letter, taken by Alma, answered in time, with everything a thread can gather."""
    mine = services.take(enquiry=Enquiry.objects.get(thread=ea.thread), by=alma)
    services.answer(enquiry=mine, text="Godt du skrev.", by=alma)
    book(ea, alma, "2026-11-24T10:00", where="home")
    offer(ea, alma, slot("2026-11-26T10:00"))
    ea.asks("address", address="Bakken 7, 2. th.")
    ea.asks("reach", phone="20304050", channel="call", when="any")
    return Enquiry.objects.select_related("thread").get()


def counts() -> list[tuple[str, str, str, str, int]]:
    return [(each.week, each.door, each.promise, each.outcome, each.count) for each in queries.tallies()]


def left() -> list[str]:
    """Name the tables that still know something of a thread."""
    return [each.__name__ for each in OF_A_THREAD if each.objects.exists()]


def test_a_thread_that_ends_leaves_one_count_and_a_last_word(mine, ea, alma) -> None:
    ident = f"thread:{mine.thread_id}"
    assert left() == [each.__name__ for each in OF_A_THREAD if each is not Outgoing]

    services.end(enquiry=mine, outcome="helped", text="Pas godt på dig selv.", by=alma)

    assert left() == [] and not privacy.has_data_keys()
    assert counts() == [("2026-W48", "parent", "kept", "helped", 1)]
    (word,) = ea.box()
    assert (word["news"], word["text"], word["appointment"]) == ("ended", "Pas godt på dig selv.", None)
    assert ("alma", "threads.ended") in privacy.trail(ident)
    assert privacy.trail(ident)[-1] == ("keeper", "threads.shredded")
    keeper()
    assert counts() == [("2026-W48", "parent", "kept", "helped", 1)]


def test_an_ending_that_is_refused_ends_nothing(mine, ea, alma, bo) -> None:
    for refusal, told in (
        (services.NotYours, {"outcome": "helped", "by": bo}),
        (ValueError, {"outcome": "", "by": alma}),
        (ValueError, {"outcome": "forgotten", "by": alma}),
    ):
        with pytest.raises(refusal):
            services.end(enquiry=mine, text="Farvel", **told)

    keeper()
    assert ea.thread.ending == "" and counts() == [] and len(ea.box()) > 1


def test_a_thread_ended_unanswered_and_late_counts_as_a_promise_not_kept(ea, another, alma, at) -> None:
    for family in (ea, another):
        services.take(enquiry=Enquiry.objects.get(thread=family.thread), by=alma)
    first, second = (Enquiry.objects.select_related("thread").get(thread=each.thread) for each in (ea, another))

    services.end(enquiry=first, outcome="quiet", text="", by=alma)
    at("2026-11-25T10:00")
    services.end(enquiry=second, outcome="quiet", text="", by=alma)

    assert sorted(counts()) == [("2026-W48", "parent", "kept", "quiet", 1), ("2026-W48", "parent", "not", "quiet", 1)]


def test_what_is_burned_leaves_a_count_that_says_so(mine, ea) -> None:
    Visitor().burn(ea.key)
    keeper()

    assert left() == [] and not privacy.has_data_keys()
    assert counts() == [("2026-W48", "parent", "kept", "burned", 1)]
    assert ea.page().status == 422


def test_a_letter_burned_before_anybody_took_it_promised_nothing(ea) -> None:
    Visitor().burn(ea.key)
    keeper()

    assert left() == []
    assert counts() == [("2026-W48", "parent", "none", "burned", 1)]


@pytest.mark.parametrize("how", ["burned", "expired"])
def test_a_promise_already_broken_stays_broken_when_the_family_goes(how: str, ea, at) -> None:
    at("2026-11-27T18:10")
    before = queries.promises(["2026-W48"])
    if how == "burned":
        Visitor().burn(ea.key)
    else:
        threads.sweep(at("2027-03-01T03:00"))
    keeper()

    assert left() == [] and counts() == [("2026-W48", "parent", "not", how, 1)]
    assert queries.promises(["2026-W48"]) == before == {"2026-W48": (0, 1)}


def test_a_promise_kept_once_and_broken_by_the_last_letter_counts_as_not_kept(mine, ea, at) -> None:
    ea.asks("text", text="Er I der?")
    at("2026-11-27T18:10")
    assert queries.promises(["2026-W48"]) == {"2026-W48": (0, 1)}

    Visitor().burn(ea.key)
    keeper()

    assert counts() == [("2026-W48", "parent", "not", "burned", 1)]


@pytest.mark.parametrize("answered", [True, False])
def test_a_thread_a_later_room_still_holds_is_in_the_gauge_once(answered: bool, ea, alma, at) -> None:
    if answered:
        mine = services.take(enquiry=Enquiry.objects.get(), by=alma)
        services.answer(enquiry=mine, text="Godt du skrev.", by=alma)
    at("2026-11-27T18:10")
    before = queries.promises(["2026-W48"])
    threads.hold(thread=ea.thread, room="consents", by="keeper")

    threads.mark_ending(thread=ea.thread, how="burned", by="family")
    services.keep_up()

    assert Thread.objects.count() == 1 and [each[-1] for each in counts()] == [1]
    assert queries.promises(["2026-W48"]) == before == {"2026-W48": (int(answered), 1)}
    assert queries.counts().late == 0 and queries.longest_wait() is None


def test_burned_before_it_was_opened_is_burned_all_the_same(morning) -> None:
    key = Visitor().write("Jeg fortryder.").key
    opening.open_letters()
    Visitor().burn(key)

    keeper()

    assert left() == []
    assert [each[3:] for each in counts()] == [("burned", 1)]


def test_a_box_nobody_came_back_to_ends_its_thread(ea, at) -> None:
    threads.sweep(at("2027-03-01T03:00"))
    keeper()

    assert left() == [] and not privacy.has_data_keys()
    assert [each[3:] for each in counts()] == [("expired", 1)]


@pytest.mark.parametrize("step", ["shred", "mark_counted"])
@pytest.mark.parametrize("how", ["burned", "ended"])
def test_stopped_on_the_way_it_is_done_the_next_time_and_counted_once(how, step, mine, ea, alma, monkeypatch) -> None:
    whole = getattr(threads, step)

    def stops(**told: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threads, step, stops)
    if how == "burned":
        Visitor().burn(ea.key)
    for _time in range(2):
        with pytest.raises(KeyboardInterrupt):
            if how == "ended" and not Thread.objects.exclude(ending="").exists():
                services.end(enquiry=mine, outcome="helped", text="Farvel", by=alma)
            keeper()
    monkeypatch.setattr(threads, step, whole)
    keeper()

    assert left() == [] and not privacy.has_data_keys()
    assert [each[4] for each in counts()] == [1]


def test_a_thread_that_ends_is_on_nobodys_list(mine, ea, alma, clara) -> None:
    threads.mark_ending(thread=mine.thread, how="burned", by="family")

    assert queries.waiting(alma) == queries.answered(alma) == queries.by_number(clara, ea.number) == []
    assert queries.get_enquiry(alma, mine.thread_id) is None and queries.get_line(clara, mine.thread_id) is None


def test_one_kind_is_one_row(ea, another, alma) -> None:
    for family in (ea, another):
        taken = services.take(enquiry=Enquiry.objects.get(thread=family.thread), by=alma)
        services.end(enquiry=taken, outcome="helped", text="", by=alma)

    assert counts() == [("2026-W48", "parent", "kept", "helped", 2)]
    assert Tally.objects.count() == 1
    assert queries.tallies(weeks=["2026-W01"]) == []
