"""Whoever tries keys is slowed down, never locked out, and learns nothing of which boxes there are."""

import re

import pytest

from brobygger.door import ticket
from brobygger.privacy import seal
from tests.letters import Visitor, keeper


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch):
    """A clock one may wind: `time.now += 30`."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr(ticket.time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def patience() -> ticket.Patience:
    return ticket.Patience()


def wait(patience: ticket.Patience, number: str = "K7QM") -> int:
    """Tell how many seconds one must wait; 0 when one may try."""
    try:
        patience.ask(number)
    except ticket.Wait as told:
        return told.seconds
    return 0


def test_five_are_free_then_it_doubles_to_a_quarter_of_an_hour(patience, time) -> None:
    waits = []
    for _try in range(13):
        told = wait(patience)
        waits.append(told and told - 1)
        time.now += told
        assert wait(patience) == 0, "whoever waits may try again"
        patience.wrong("K7QM")

    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_whoever_asks_too_early_is_told_how_long_and_nothing_grows(patience, time) -> None:
    for _try in range(5):
        patience.wrong("K7QM")

    assert [wait(patience), wait(patience)] == [31, 31]
    time.now += 29.5
    assert wait(patience) == 1
    time.now += 0.5
    assert wait(patience) == 0


def test_the_right_key_forgets_the_wrong_ones(patience, time) -> None:
    for _try in range(9):
        patience.wrong("K7QM")
    assert wait(patience) > 0

    patience.right("K7QM")
    patience.right("K7QM")

    assert wait(patience) == 0
    for _try in range(4):
        patience.wrong("K7QM")
    assert wait(patience) == 0


def test_one_number_does_not_wait_for_another(patience, time) -> None:
    for _try in range(6):
        patience.wrong("K7QM")

    assert wait(patience, "AAAA") == 0


def test_memory_is_not_filled_by_trying_every_number(patience, time) -> None:
    for number in range(2 * patience.KEPT + 10):
        patience.wrong(f"{number}")

    assert len(patience._wrong) <= patience.KEPT


@pytest.mark.django_db
def test_a_known_and_an_unknown_number_wait_alike_and_read_alike(furnished, monkeypatch) -> None:
    monkeypatch.setattr(ticket, "patience", ticket.Patience())
    known = Visitor().write().key
    keeper()
    other, unknown = (seal.new_return_key().shown for _ in range(2))
    wrong = seal.ReturnKey(known[:4], seal.read_key(other).secret).shown

    for key in (wrong, unknown):
        assert [Visitor().come_back(key).status for _try in range(7)] == [422] * 5 + [429] * 2
    assert Visitor().come_back(known).status == 429, "the number waits, whoever asks"
    monkeypatch.setattr(ticket, "patience", ticket.Patience())
    pages = [
        re.sub(r"name=\"token\" value=\"[^\"]*\"", "", Visitor().come_back(key).text.replace(key, ""))
        for key in (wrong, unknown)
    ]
    assert pages[0] == pages[1]
    assert Visitor().come_back(known).status == 200


@pytest.mark.django_db
def test_a_slip_of_the_finger_costs_no_patience(furnished, monkeypatch) -> None:
    monkeypatch.setattr(ticket, "patience", ticket.Patience())
    key = Visitor().write().key
    keeper()
    slipped = key[:-1] + ("A" if key[-1] != "A" else "B")

    assert [Visitor().come_back(slipped).status for _try in range(8)] == [422] * 8
    assert Visitor().come_back(key).status == 200
