"""A key that others have seen opens once, and becomes the family's own."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from brobygger.door import family, queries, services
from brobygger.door.models import Answer, Letter, Pulse
from brobygger.ground import clock
from brobygger.privacy import seal
from tests.letters import Page, Visitor, keeper

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea(furnished: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """Somebody at the door, while the keeper works as long as a page waits."""
    at("2026-11-23T10:00")
    monkeypatch.setattr(family, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: keeper()))
    return Visitor()


@pytest.fixture
def lent(ea: Visitor) -> str:
    """The key on a slip."""
    key = ea.refer().keys[0]
    keeper()
    return key


def box_of(key: str) -> queries.Opened:
    """What a key opens, as its holder's page gets it."""
    return queries.open_box(seal.read_key(key))


def asks(ea: Visitor) -> str:
    """The token of the page that asks for a key."""
    return ea.get(ea.at("door:back")).hidden("token")


def opens(ea: Visitor, key: str) -> bool:
    """Tell whether a key opens a box, and shows what lies in it."""
    page = ea.first_use(key)
    return page.status == 200 and not page.keys and "Hvem ved hvad om dig" in page.words


def test_the_first_use_of_a_lent_key_makes_one_nobody_else_has_seen(ea: Visitor, lent: str) -> None:
    page = ea.first_use(lent)

    assert page.status == 200 and page.key != lent and page.key[:4] == lent[:4]
    assert "Kun du har set den. Den, du fik, åbner ikke noget mere." in page.words
    assert ea.first_use(lent).status == 422
    assert opens(ea, page.key)
    assert not ea.first_use(page.key).keys, "one's own key is not changed"


def test_the_page_leads_on_to_what_the_new_key_opens(ea: Visitor, lent: str) -> None:
    page = ea.first_use(lent)

    onward = ea.post(ea.at("door:back"), {"key": page.hidden("key")})

    assert page.hidden("key") == page.key and onward.status == 200 and "Hvem ved hvad om dig" in onward.words


def test_loading_it_again_shows_the_same_new_key(ea: Visitor, lent: str) -> None:
    token = asks(ea)

    pages = [ea.come_back(lent, token) for _press in range(3)]

    assert [page.status for page in pages] == [200] * 3
    assert len({page.key for page in pages}) == 1 and pages[0].key != lent
    assert opens(ea, pages[2].key)


def test_nobody_elses_page_shows_the_new_key(ea: Visitor, lent: str) -> None:
    """Whoever copied the slip has a page of their own, and learns nothing."""
    copied, token = asks(ea), asks(ea)
    own = ea.come_back(lent, token).key

    for page in (ea.come_back(lent, copied), ea.come_back(lent), ea.come_back(lent, "x" * 90)):
        assert page.status == 422 and not page.keys and own not in page.text


def test_a_page_that_was_open_too_long_asks_to_press_once_more(ea: Visitor, lent: str, at: Any) -> None:
    token = asks(ea)
    at("2026-11-23T12:30")

    page = ea.come_back(lent, token)

    assert page.status == 409 and page.typed("key") == lent and not page.keys
    assert ea.come_back(lent, page.hidden("token")).key != lent


def a_page_with_a_note(page: Page) -> bool:
    return "Din nøgle har været i andres hænder. Vi kan ikke skifte den lige nu." in page.words


def test_while_the_house_is_silent_the_lent_key_works_and_stays(ea: Visitor, lent: str) -> None:
    long_ago = clock.now().replace(hour=1)
    Pulse.objects.using("door").update_or_create(id=queries.rules.PULSE, defaults={"opened_at": long_ago})

    page = ea.first_use(lent)

    assert page.status == 200 and a_page_with_a_note(page) and not page.keys
    assert not Letter.objects.using("door").exists(), "no lock is asked for that nobody makes"
    Pulse.objects.using("door").update(opened_at=clock.now())
    assert ea.first_use(lent).key != lent


def test_when_too_many_are_opening_the_lent_key_works_and_stays(
    ea: Visitor, lent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: Any, **more: Any) -> None:
        raise seal.Busy

    monkeypatch.setattr(seal, "new_box", busy)

    page = ea.first_use(lent)

    assert page.status == 200 and a_page_with_a_note(page) and not page.keys


def test_a_slow_house_says_that_the_old_one_works_until_then(
    ea: Visitor, lent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family, "PATIENCE", 0.0)

    page = ea.first_use(lent)

    assert page.key != lent and "Indtil da virker den gamle." in page.words
    assert 'name="key"' not in page.text, "nothing leads on before it opens"
    keeper()
    assert opens(ea, page.key)


def test_a_slip_is_still_a_loan_when_what_lay_in_the_box_first_has_run_out(ea: Visitor, lent: str) -> None:
    box = box_of(lent)
    services.empty_box(box=box.box, by="keeper")
    assert box.lent and not box_of(lent).answers

    page = ea.first_use(lent)

    assert page.key != lent and not box_of(page.key).lent
    assert ea.first_use(lent).status == 422


def test_a_page_that_was_sent_twice_leaves_an_own_key_ones_own(ea: Visitor) -> None:
    """The referrer's page loaded again brings the same letter: what was changed meanwhile stays changed."""
    token = ea.get(ea.at("door:refer")).hidden("token")
    lent = ea.refer(token).keys[0]
    keeper()
    own = ea.first_use(lent).key
    ea.refer(token, text="Et ord mere.")
    keeper()

    assert not ea.first_use(own).keys and opens(ea, own)


def test_an_own_key_is_not_changed_again_when_the_word_of_the_change_has_run_out(ea: Visitor, lent: str) -> None:
    before = set(Answer.objects.using("door").values_list("pk", flat=True))
    own = ea.first_use(lent).key
    Answer.objects.using("door").exclude(pk__in=before).delete()
    assert box_of(own).answers, "the first word lies there still"

    assert opens(ea, own)


def test_the_referrers_own_key_and_a_writers_are_nobodys_loan(ea: Visitor) -> None:
    own, written = ea.refer().keys[1], ea.write().key
    keeper()

    for key in (own, written):
        page = ea.first_use(key)
        assert page.status == 200 and not page.keys


@pytest.mark.parametrize("page", ["burn", "rekey"])
def test_a_letter_box_that_is_full_changes_nothing_and_says_so(
    page: str, ea: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ea.write("Kære hus").key
    keeper()

    def full(**_more: Any) -> None:
        raise services.CannotTake

    monkeypatch.setattr(services, "receive_letter", full)
    answer = getattr(ea, page)(key)

    assert answer.status == 503 and "Det kan vi ikke lige nu" in answer.words
    assert ea.come_back(key).status == 200
