"""Somebody rings or comes in: a count and nothing else, or a thread with a key read aloud; never twice, never lost."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.appointments.tests.families import Family, moment
from brobygger.door import queries as door
from brobygger.ground import clock
from brobygger.intake import queries, rules, services
from brobygger.intake.models import CallLine, Enquiry, Tally
from brobygger.privacy import queries as privacy
from brobygger.privacy import retention, seal
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads
from brobygger.threads.models import Thread
from tests.letters import keeper

pytestmark = pytest.mark.django_db
REACH = {"channel": "call", "phone": "+4520304050", "when": "any", "message": False, "sender": "", "alias": "M."}


def call(**more) -> rules.Call:
    return rules.Call(**{"channel": "phone", "door": "parent", "what": "done", **more})


def opened(by, number: UUID | None = None, key: seal.ReturnKey | None = None, **more):
    """Write down a call that becomes a thread, and give its key with it."""
    key = key or seal.new_return_key()
    typed = call(**{"what": "ring", "reach": REACH, **more})
    enquiry, new = services.open_call(number=number or uuid4(), key=key, call=typed, by=by)
    return enquiry, new, Family(key.shown)


def counted() -> list[tuple]:
    return [(each.channel, each.door, each.promise, each.outcome, each.count) for each in queries.tallies()]


# ---- Only counted ----


def test_advice_on_the_phone_leaves_a_count_and_nothing_else(morning, finn) -> None:
    typed = call(channel="walk_in", theme="engang", age_band="3-10")

    services.count_call(number=uuid4(), call=typed, by=finn)
    services.count_call(number=uuid4(), call=typed, by=finn)

    assert counted() == [("walk_in", "parent", "none", "helped", 2)]
    (row,) = queries.tallies()
    assert (row.week, row.theme, row.age_band, row.profession) == ("2026-W48", "engang", "3-10", "")
    assert not Thread.objects.exists() and queries.signposts() == []


def test_helping_on_is_counted_with_the_place(morning, finn) -> None:
    services.count_call(number=uuid4(), call=call(what="to", to="Børns Vilkår"), by=finn)

    assert counted() == [("phone", "parent", "none", "signposted", 1)]
    assert [(each.week, each.to, each.count) for each in queries.signposts()] == [("2026-W48", "Børns Vilkår", 1)]


def test_sparring_is_counted_by_profession(morning, finn, alma) -> None:
    teacher = call(what="sparring", door="professional", profession="teacher")
    for typed in (teacher, teacher, call(what="sparring", door="professional", profession="doctor")):
        services.count_call(number=uuid4(), call=typed, by=alma)
    services.count_call(number=uuid4(), call=call(door="professional", profession="teacher"), by=finn)

    assert queries.sparring() == {"doctor": 1, "teacher": 2}
    assert queries.sparring(["2026-W48"]) == {"doctor": 1, "teacher": 2} and queries.sparring(["2026-W47"]) == {}


def test_a_double_press_counts_once_and_another_choice_moves_the_count(morning, finn) -> None:
    page = uuid4()
    for _press in (1, 2):
        services.count_call(number=page, call=call(what="to", to="Børns Vilkår"), by=finn)
    assert counted() == [("phone", "parent", "none", "signposted", 1)]

    services.count_call(number=page, call=call(channel="walk_in"), by=finn)

    assert counted() == [("walk_in", "parent", "none", "helped", 1)] and queries.signposts() == []
    assert len([each for each in privacy.entries(action="intake.call_counted")]) == 2


def test_a_wrong_line_is_taken_back_once(morning, finn, alma) -> None:
    page = uuid4()
    services.count_call(number=uuid4(), call=call(what="to", to="Børns Vilkår"), by=finn)
    services.count_call(number=page, call=call(what="to", to="Børns Vilkår"), by=finn)

    assert services.undo_call(number=page, by=finn)
    assert not services.undo_call(number=page, by=finn)
    assert not services.undo_call(number=uuid4(), by=alma)

    assert counted() == [("phone", "parent", "none", "signposted", 1)]
    assert [each.count for each in queries.signposts()] == [1]
    with pytest.raises(services.LineIsUsed):
        services.count_call(number=page, call=call(), by=finn)
    assert counted() == [("phone", "parent", "none", "signposted", 1)]


def test_the_number_of_a_line_is_forgotten_after_two_days_and_its_count_stays(morning, finn, at) -> None:
    services.count_call(number=uuid4(), call=call(), by=finn)

    at("2026-11-25T23:00")
    retention.sweep(clock.now())
    assert CallLine.objects.count() == 1
    at("2026-11-26T01:00")
    retention.sweep(clock.now())

    assert not CallLine.objects.exists() and counted() == [("phone", "parent", "none", "helped", 1)]


# ---- A thread ----


def test_who_wants_to_be_rung_is_on_the_list_with_the_clock_from_now(morning, finn, alma) -> None:
    enquiry, new, family = opened(finn, text="Hun vil helst tale med en kvinde.", when="morning")

    assert new and (enquiry.due_at, enquiry.arrived_at) == (moment("2026-11-24T14:00"), moment("2026-11-23T08:10"))
    (line,) = queries.waiting(alma)
    assert line.enquiry == enquiry and line.card
    said = {name: line.facts[name] for name in ("wish", "channel", "door", "when")}
    assert said == {"wish": "call", "channel": "phone", "door": "parent", "when": "morning"}
    assert threads.look_at_card(thread=enquiry.thread, reason="Ringer op", by=alma) == REACH
    assert [each.text for each in threads.look(thread=enquiry.thread, by=alma)] == ["Hun vil helst tale med en kvinde."]
    assert ("finn", "intake.call_taken") in privacy.trail(enquiry.thread)
    assert [told["news"] for told in family.box()] == ["opened"], "whoever has the key opens the box"


def test_a_key_read_aloud_opens_the_box_and_says_that_it_was_borrowed(morning, finn) -> None:
    enquiry, _new, family = opened(finn, what="key", channel="walk_in", reach=None)

    (told,) = family.box()

    assert (told["news"], told["how"], told["provisional"]) == ("opened", "walk_in", True)
    assert moment("2026-11-24T14:00").isoformat() == clock.local(enquiry.due_at).isoformat()
    assert not thread_queries.has_card([enquiry.thread_id])


def test_the_keepers_round_neither_doubles_a_call_nor_starts_its_clock_again(morning, finn, alma) -> None:
    enquiry, _new, _family = opened(finn)
    services.answer(enquiry=services.take(enquiry=enquiry, by=alma), text="Godt du ringede.", by=alma)

    keeper()

    after = Enquiry.objects.get()
    assert after.answered and after.due_at is None and after.promise_kept


def test_the_same_page_sent_twice_is_one_thread_and_one_key(morning, finn) -> None:
    page, key = uuid4(), seal.new_return_key()

    first, new, family = opened(finn, page, key, what="key", reach=None)
    again, second, _family = opened(finn, page, key, what="key", reach=None, text="Og lidt til.")

    assert (new, second, first) == (True, False, again)
    assert Thread.objects.count() == Enquiry.objects.count() == 1 and len(family.box()) == 1
    assert privacy.trail(first.thread).count(("finn", "intake.call_taken")) == 1


def test_a_line_counted_by_mistake_is_taken_out_when_it_becomes_a_thread(morning, finn) -> None:
    page = uuid4()
    services.count_call(number=page, call=call(), by=finn)

    opened(finn, page)

    assert counted() == [] and Thread.objects.count() == 1
    with pytest.raises(services.LineIsUsed):
        services.count_call(number=page, call=call(), by=finn)


def test_a_call_that_has_ended_is_counted_under_its_channel_and_profession(morning, finn, alma) -> None:
    more = {"what": "time", "where": "sparring", "door": "professional", "profession": "midwife", "reach": None}
    for channel, typed in (("phone", {}), ("walk_in", more)):
        enquiry, _new, _family = opened(finn, channel=channel, **typed)
        services.end(enquiry=services.take(enquiry=enquiry, by=alma), outcome="helped", text="", by=alma)

    assert counted() == [("phone", "parent", "kept", "helped", 1), ("walk_in", "professional", "kept", "helped", 1)]
    assert queries.sparring() == {"midwife": 1}
    assert not Thread.objects.exists()


def test_the_key_stands_nowhere_in_the_house(morning, finn) -> None:
    _enquiry, _new, family = opened(finn, what="key", reach=None)

    secret = family.key.replace("-", "")[4:]
    for model in (Thread, Enquiry, CallLine, Tally):
        assert secret not in str(list(model.objects.values()))
    assert secret not in str([entry.__dict__ for entry in privacy.entries()])
    assert door.open_box(seal.read_key(family.key)).number == family.number


@pytest.mark.parametrize("who", ["clara", "gro", "dan", "operator"])
def test_who_takes_no_calls_writes_none_down(who: str, morning, finn, request) -> None:
    user, page = request.getfixturevalue(who), uuid4()
    services.count_call(number=page, call=call(), by=finn)

    for deed in (
        lambda: services.count_call(number=uuid4(), call=call(), by=user),
        lambda: services.undo_call(number=page, by=user),
        lambda: opened(user),
    ):
        with pytest.raises(NotAllowed):
            deed()

    assert counted() == [("phone", "parent", "none", "helped", 1)] and not Thread.objects.exists()


# ---- The alphabet ----


def test_every_sign_of_a_key_has_its_word_in_both_languages() -> None:
    for language, first, one in (("da", "Anna", "en"), ("en", "Alfa", "one")):
        spelled = rules.spelled("-".join([seal.ALPHABET]), language)[0]
        assert [sign for sign, _word in spelled] == list(seal.ALPHABET)
        assert all(sign.isdigit() or word.startswith(sign) for sign, word in spelled)
        assert len({word for _sign, word in spelled}) == len(seal.ALPHABET)
        assert {"A": first, "1": one}.items() <= dict(spelled).items()
    assert rules.spelled("AB12-0000", "sv")[0] == [("A", "Anna"), ("B", "Bernhard"), ("1", "en"), ("2", "to")]


# ---- Ringing, and what the later rooms use ----


def test_the_first_attempt_to_ring_is_the_reply_and_a_second_changes_nothing(morning, finn, alma, at) -> None:
    enquiry, _new, _family = opened(finn)

    services.note_rung(enquiry=enquiry, by=finn)
    at("2026-11-26T10:00")
    services.note_rung(enquiry=enquiry, by=alma)

    after = Enquiry.objects.get()
    assert (after.due_at, after.answered, after.promise_kept) == (None, True, True)
    assert [line for line in privacy.trail(enquiry.thread) if line[1] == "intake.rung"] == [
        ("finn", "intake.rung"),
        ("alma", "intake.rung"),
    ]


def test_ringing_too_late_breaks_the_promise_and_who_may_not_ring_stops_nothing(ea, alma, clara, gro, at) -> None:
    enquiry = Enquiry.objects.get()
    for nobody in (clara, gro):
        with pytest.raises(NotAllowed):
            services.note_rung(enquiry=enquiry, by=nobody)
    assert Enquiry.objects.get().due_at == enquiry.due_at

    at("2026-11-24T14:01")
    services.note_rung(enquiry=enquiry, by=alma)

    assert Enquiry.objects.get().promise_kept is False


def test_a_thread_a_later_room_holds_is_counted_at_once_and_destroyed_when_it_lets_go(ea, alma) -> None:
    thread = ea.thread
    threads.hold(thread=thread, room="consents", by="keeper")
    services.end(enquiry=services.take(enquiry=Enquiry.objects.get(), by=alma), outcome="helped", text="", by=alma)

    keeper_round = [services.keep_up(), services.keep_up()]
    assert keeper_round == [0, 0] and Thread.objects.count() == 1
    assert [each.count for each in queries.tallies()] == [1]

    threads.release(thread=thread, room="consents", by="keeper")
    services.keep_up()

    assert not Thread.objects.exists() and [each.count for each in queries.tallies()] == [1]


def test_a_thread_is_put_on_the_list_with_the_hour_that_was_promised(morning, finn) -> None:
    enquiry, _new, _family = opened(finn)
    due = enquiry.due_at - timedelta(hours=3)
    Enquiry.objects.all().delete()

    arrived = services.arrive(thread=enquiry.thread, written=clock.now(), promised=due.isoformat(), by="keeper")
    again = services.arrive(thread=enquiry.thread, written=clock.now(), promised=None, by="keeper")

    assert arrived.due_at == again.due_at == due
