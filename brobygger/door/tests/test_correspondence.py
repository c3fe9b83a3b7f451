"""What lay in a box becomes what a page shows: the newest word counts, and nothing is offered that cannot be chosen."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from brobygger.door import correspondence
from brobygger.door.correspondence import Correspondence
from brobygger.ground import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(at) -> datetime:
    return at("2026-11-23T10:00")


def time(ident: str, hours: float = 24, **more: Any) -> dict[str, Any]:
    """A time some hours from now."""
    starts = clock.now() + timedelta(hours=hours)
    ends = starts + timedelta(minutes=60)
    told = {"id": ident, "starts_at": starts.isoformat(), "ends_at": ends.isoformat(), "where": "phone", "place": ""}
    return told | {"with": "Alma"} | more


def read(*oldest_first: dict[str, Any]) -> Correspondence:
    """Read a box, told here from the beginning on, a minute between each."""
    began = clock.now() - timedelta(days=2)
    dated = [{"at": (began + timedelta(minutes=n)).isoformat(), **each} for n, each in enumerate(oldest_first)]
    return correspondence.read(reversed(dated))


def opened(hours: float = 24) -> dict[str, Any]:
    return {
        "kind": "news",
        "news": "opened",
        "due": (clock.now() + timedelta(hours=hours)).isoformat(),
        "door": "young",
    }


def answer(*times: dict[str, Any], text: str = "Hej", **more: Any) -> dict[str, Any]:
    return {"kind": "answer", "text": text, "from": "Alma", "title": {}, "times": list(times), "read_by": []} | more


def news(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "news", "news": name} | more


def idents(found: Correspondence) -> list[str]:
    return [each.ident for each in found.times]


def test_an_empty_box_says_nothing(now) -> None:
    found = read()

    assert (found.entries, found.appointment, found.times, found.due, found.newest) == ((), None, (), None, None)
    assert not (found.ended or found.answered or found.late or found.reach)


def test_until_the_answer_comes_there_is_an_hour_and_then_none(now) -> None:
    waiting, answered = read(opened()), read(opened(), answer())

    assert (waiting.due, waiting.late, waiting.answered, waiting.door) == (
        now + timedelta(days=1),
        False,
        False,
        "young",
    )
    assert (answered.due, answered.late, answered.answered) == (None, False, True)
    assert answered.newest is not None and answered.newest.text == "Hej"


def test_an_hour_that_went_by_is_late(now) -> None:
    assert read(opened(-0.01)).late
    assert not read(opened(0.01)).late
    assert not read(opened(-24), answer()).late


def test_the_newest_word_about_a_time_wins(now) -> None:
    offered = answer(time("one"), time("two", 48))
    booked = news("booked", appointment=time("one"))

    assert read(opened(), offered).appointment is None
    assert read(opened(), offered, booked).appointment.ident == "one"
    moved = read(opened(), offered, booked, news("booked", appointment=time("two", 48)))
    assert moved.appointment is not None and moved.appointment.ident == "two"
    assert read(opened(), offered, booked, news("called_off", appointment=None, times=[])).appointment is None
    assert read(opened(), offered, booked, answer(text="Vi ses.")).appointment.ident == "one"


def test_a_time_is_shown_while_it_lasts_and_not_after(now) -> None:
    assert read(news("booked", appointment=time("one", -0.9))).appointment
    assert read(news("booked", appointment=time("one", -1))).appointment is None


def test_times_are_hidden_once_one_of_them_is_chosen(now) -> None:
    offered = answer(time("one"), time("two", 48))

    assert idents(read(offered)) == ["one", "two"]
    assert idents(read(offered, news("booked", appointment=time("one")))) == []


def test_new_times_are_shown_beside_the_time_that_stands(now) -> None:
    found = read(
        answer(time("one")),
        news("booked", appointment=time("one")),
        news("new_times", times=[time("two"), time("three")]),
    )

    assert found.appointment.ident == "one" and idents(found) == ["two", "three"]


def test_times_that_have_gone_by_are_not_shown(now) -> None:
    assert idents(read(answer(time("past", -1), time("now", 0), time("soon", 0.1)))) == ["soon"]


def test_the_newest_list_of_times_counts_even_when_it_is_empty(now) -> None:
    offered = answer(time("one"), time("two"))

    assert idents(read(offered, answer(time("three")))) == ["three"]
    assert idents(read(offered, news("time_taken", times=[time("two")]))) == ["two"]
    assert idents(read(offered, news("time_taken", times=[]))) == []
    assert idents(read(offered, news("no_times", times=[]))) == []


def test_an_answer_without_times_leaves_those_offered_before(now) -> None:
    assert idents(read(answer(time("one")), answer(text="En ting til"))) == ["one"]
    assert idents(read(answer(time("one")), news("reach"))) == ["one"]


def test_a_number_given_and_taken_back(now) -> None:
    assert read(opened(), news("reach")).reach
    assert not read(opened(), news("reach"), news("unreach")).reach
    assert read(opened(), news("unreach"), news("reach")).reach


def test_a_last_word_ends_it_and_a_new_letter_begins_anew(now) -> None:
    farewell = news("ended", text="Pas på dig selv.", appointment=None, **{"from": "Alma"})

    ended, anew = read(farewell), read(farewell, opened())

    assert ended.ended and ended.newest is not None and ended.newest.text == "Pas på dig selv."
    assert not anew.ended and anew.due == now + timedelta(days=1)


def test_an_address_is_known_and_never_said(now) -> None:
    kept = news("address_kept", appointment=time("one", address="known", where="home"))

    found = read(kept)

    assert found.appointment.address_known and found.appointment.where == "home"
    assert not read(news("booked", appointment=time("one", where="home"))).appointment.address_known


def test_who_has_read_is_said_by_role(now) -> None:
    roles = [{"da": "familieterapeut", "en": "therapist"}]

    assert read(opened(), answer(read_by=roles), answer()).read_by == tuple(roles)
