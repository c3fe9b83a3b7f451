"""A tablet handed over at the meeting: it opens one round's questions, and its owner is signed out of the house."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from brobygger.ground import clock
from brobygger.outcomes import letters, rules, services
from brobygger.outcomes.models import Round, Sheet
from brobygger.outcomes.templatetags import handed
from brobygger.privacy import queries as trail
from tests.house.lix import lix, running_text
from tests.letters import HERE

from .asked import LOW, of
from .test_asking import course

__all__ = ["course"]
pytestmark = pytest.mark.django_db
WHO5_AND_GOAL = ["5", "4", "4", "3", "2", "7"]


def _give(client: Client, row: Round) -> str:
    """Hand the tablet over as the page does; give the address it opens."""
    sent = client.post(f"/personale/spoergsmaal/{row.pk}/tablet/")
    assert sent.status_code == 302, sent.content.decode()[:500]
    return sent.headers["Location"]


@pytest.fixture
def tablet(course: Any, alma: Any, staff_client: Any) -> tuple[Client, str]:
    """Alma's tablet in Liv's hands, and where it stands."""
    client = staff_client(alma)
    return client, _give(client, of(course))


def press(client: Client, path: str, *buttons: str, page: Any = None, **headers: str) -> Any:
    """Press answers, "skip", "back", "none" and "send" as they stand, one after the other."""
    page = page or client.get(path)
    for button in buttons:
        text = page.content.decode()
        sent = dict(re.findall(r'name="(said-\d+|at)" value="([^"]*)"', text))
        words = button in ("skip", "back", "none", "send")
        sent |= {"go" if words else "answer": button}
        page = client.post(path, sent, headers=headers or HERE)
    return page


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.content.decode()).split())


def test_who_hands_it_over_is_signed_out_and_no_step_back_shows_the_house(tablet, course, alma) -> None:
    client, path = tablet
    assert client.get("/personale/").status_code == 302
    for was in (
        f"/personale/forloeb/{course.pk}/",
        f"/personale/spoergsmaal/{of(course).pk}/tablet/",
        "/personale/mig/",
    ):
        answer = client.get(was)
        assert answer.status_code == 302 and "/ind/" in answer.headers["Location"], was
    again = client.post(f"/personale/spoergsmaal/{of(course).pk}/tablet/")
    assert "/ind/" in again.headers["Location"], "handed over once more by who is nobody"
    assert ("alma", "outcomes.handed_over") in trail.trail(of(course).member)
    assert client.get(path).status_code == 200


def test_the_answer_that_hands_over_tells_the_browser_to_forget_its_pages(course, alma, staff_client) -> None:
    client = staff_client(alma)
    before = client.cookies["huset"].value
    sent = client.post(f"/personale/spoergsmaal/{of(course).pk}/tablet/")
    assert sent.headers["Clear-Site-Data"] == '"cache"'
    assert sent.cookies["huset"].value != before and dict(client.session) == {"handed": True}
    client.cookies["huset"] = before
    assert client.get("/personale/mig/").status_code == 302, "the old cookie opens nothing either"


def test_another_house_s_sign_in_is_asked_anew_after_a_tablet_was_handed_over(tablet, monkeypatch, rf) -> None:
    """Who is remembered there still would otherwise be let in here by whoever holds the tablet."""
    from brobygger.access import staff

    client, _path = tablet
    asked = []
    monkeypatch.setattr(
        staff, "_ask_municipality", lambda request, *_more: asked.append(request.GET.get("auth_params"))
    )
    for session in (client.session, {}):
        request = rf.get("/personale/ind/med/kommunen/?auth_params=prompt%3Dnone")
        request.session = session
        staff.to_municipality(request, "kommunen")
    assert asked == ["prompt=login&max_age=0", "prompt=none"]


def test_it_shows_a_question_a_page_and_nobody_s_name(tablet, course) -> None:
    client, path = tablet
    page = client.get(path)
    said = words(page)
    assert "Spørgsmål 1 af 6" in said and page.content.decode().count('name="answer"') == 6
    for name in ("Liv", "Hansen", "Alma", "Dit Rum", course.nickname, str(course.pk), str(of(course).pk)):
        assert name not in page.content.decode(), name
    links = re.findall(r'href="([^"]+)"', page.content.decode())
    assert all(each.startswith("/static/") or each.startswith("/hus.css") for each in links), links


def test_it_is_answered_once_and_then_stands_locked(tablet, course, alma) -> None:
    client, path = tablet
    page = press(client, path, *WHO5_AND_GOAL, "send")
    assert page.status_code == 302 and page.headers["Location"] == path
    locked = client.get(path)
    assert "Tak" in words(locked) and 'name="answer"' not in locked.content.decode()
    sheets = Sheet.objects.filter(round=of(course))
    assert set(sheets.values_list("instrument", "mode", "kept_by")) == {
        ("who5", "tablet", None),
        ("goal", "tablet", None),
    }
    assert services.look_at_sheet(sheet=sheets.get(instrument="who5"), by=alma)["score"] == 72
    assert (of(course).state, trail.trail(of(course).member)[-2][0]) == ("done", "family")


def test_a_step_back_after_it_was_sent_shows_no_answer(tablet) -> None:
    """Planted: the page the browser sends once more, with everything that was chosen in it."""
    client, path = tablet
    press(client, path, *WHO5_AND_GOAL, "send")
    resent = client.post(path, {"at": "3", "said-1": "5", "said-2": "4"}, headers=HERE)
    assert 'name="said' not in resent.content.decode() and "Tak" in words(resent)


def test_pressed_twice_and_answered_on_two_tablets_it_is_one(course, alma, staff_client) -> None:
    one, two = staff_client(alma), staff_client(alma)
    here, there = _give(one, of(course)), _give(two, of(course))
    assert here != there
    ready = press(one, here, *WHO5_AND_GOAL)
    other = press(two, there, "0", "0", "0", "0", "0", "0")
    assert press(one, here, "send", page=ready).status_code == 302
    for client, path, page in ((one, here, ready), (two, there, other)):
        assert "Tak" in words(press(client, path, "send", page=page))
    assert Sheet.objects.count() == 2
    assert services.look_at_sheet(sheet=Sheet.objects.get(instrument="who5"), by=alma)["score"] == 72


def test_the_same_press_that_was_on_its_way_twice_is_kept_once(course, alma) -> None:
    """Planted: both have read that the round waits before either has written."""
    row = of(course)
    ticket = handed.hand(row)
    for answers in ({"1": 5, "2": 5, "3": 5, "4": 5, "5": 5}, LOW):
        held = handed.waits(row.pk) or row
        letters._keep(
            held, {"answers": {"who5": answers, "goal": {"reached": 7}}, "language": "da"}, "tablet", ticket.once
        )
    assert services.look_at_sheet(sheet=Sheet.objects.get(instrument="who5"), by=alma)["score"] == 100


def test_back_left_out_and_would_rather_not(tablet, course, alma) -> None:
    client, path = tablet
    page = press(client, path, "5", "4", "back")
    assert "Spørgsmål 2 af 6" in words(page) and 'value="4" aria-current="true"' in page.content.decode()
    page = press(client, path, "3", "skip", page=page)
    assert "Spørgsmål 4 af 6" in words(page)
    assert press(client, path, "17", page=page).status_code == 422
    press(client, path, "none", "send")
    assert (of(course).state, of(course).why_not) == ("skipped", "declined") and not Sheet.objects.exists()
    assert "Tak" in words(client.get(path))


def test_the_last_answer_does_not_send_by_itself(tablet, course) -> None:
    client, path = tablet
    page = press(client, path, *WHO5_AND_GOAL)
    assert page.status_code == 200 and 'value="send"' in page.content.decode() and not Sheet.objects.exists()
    assert "Spørgsmål 6 af 6" in words(press(client, path, "back", page=page))


def test_a_child_of_nine_can_read_what_is_ours_on_the_tablet(tablet) -> None:
    """The words of WHO-5 are not ours to change; those around them are."""
    client, path = tablet
    ready = press(client, path, *WHO5_AND_GOAL)
    none = press(client, path, "none")
    press(client, path, "send", page=ready)
    for page in (ready, none, client.get(path), client.get(path.replace("tablet/", "tablet/x"))):
        assert lix(running_text(page.content.decode())) <= 24, words(page)


def test_what_is_over_meanwhile_gets_a_kind_sentence(tablet, course, alma) -> None:
    client, path = tablet
    page = press(client, path, *WHO5_AND_GOAL)
    Round.objects.filter(pk=of(course).pk).update(state="stopped", why_not="left", token=None, token_until=None)
    sent = press(client, path, "send", page=page)
    assert sent.status_code == 200 and "Du har ikke gjort noget forkert" in words(sent) and not Sheet.objects.exists()


def test_a_ticket_lives_two_hours(tablet, course, at) -> None:
    client, path = tablet
    page = press(client, path, *WHO5_AND_GOAL)
    at((clock.local(clock.now()) + timedelta(hours=2, minutes=1)).strftime("%Y-%m-%dT%H:%M"))
    assert "ikke gjort noget forkert" in words(press(client, path, "send", page=page)) and not Sheet.objects.exists()


@pytest.mark.parametrize("fault", ["x", "round", "changed", "other purpose"])
def test_another_address_opens_nothing(tablet, course, fault) -> None:
    from brobygger.privacy import seal

    client, path = tablet
    ticket = path.rstrip("/").rsplit("/", 1)[1]
    forged = {
        "x": "x",
        "round": str(of(course).pk),
        "changed": ticket[:-6] + ("A" if ticket[-6] != "A" else "B") + ticket[-5:],
        "other purpose": seal.seal_token({"round": str(of(course).pk), "once": str(uuid4())}, "ticket"),
    }[fault]
    page = client.get(path.replace(ticket, forged))
    assert page.status_code == 200 and 'name="answer"' not in page.content.decode() and "lukket" in words(page)


def test_only_who_may_see_the_course_hands_it_over(course, alma, bo, finn, staff_client) -> None:
    row = of(course)
    for who in (bo, finn):
        for ask in (staff_client(who).get, staff_client(who).post):
            assert ask(f"/personale/spoergsmaal/{row.pk}/tablet/").status_code == 404
    with pytest.raises(letters.NotAllowed):
        letters.hand_over(round=row, by=bo)
    assert not [each for each in trail.trail(row.member) if each[1] == "outcomes.handed_over"]


def test_what_is_answered_or_over_is_not_handed_over_and_nobody_is_signed_out(course, alma, staff_client) -> None:
    row = services.skip(round=of(course), why="declined", by=alma)
    client = staff_client(alma)
    assert "Log mig ud" not in words(client.get(f"/personale/spoergsmaal/{row.pk}/tablet/"))
    sent = client.post(f"/personale/spoergsmaal/{row.pk}/tablet/")
    assert str(course.pk) in sent.headers["Location"] and client.get("/personale/mig/").status_code == 200
    with pytest.raises(rules.RoundIsOver):
        letters.hand_over(round=row, by=alma)


def test_a_page_from_elsewhere_sends_nothing(tablet, course) -> None:
    client, path = tablet
    ready = press(client, path, *WHO5_AND_GOAL)
    planted = press(client, path, "send", page=ready, **{"Sec-Fetch-Site": "cross-site"})
    assert planted.status_code == 403 and not Sheet.objects.exists()
    assert 'name="said-6" value="7"' in planted.content.decode(), "nothing that was chosen is lost"


def test_a_low_answer_shows_nothing_on_the_tablet_and_a_line_to_who_has_the_course(tablet, course, alma) -> None:
    from brobygger.outcomes import queries

    client, path = tablet
    press(client, path, "1", "1", "0", "1", "0", "7", "send")
    locked = words(client.get(path))
    assert "Tak" in locked and not re.search(r"lav|24|12|bekymr", locked)
    assert [row.pk for row in queries.to_look_at(alma)] == [of(course).pk]


def test_a_visit_writes_nothing_and_sets_no_cookie(course, alma) -> None:
    path = f"/personale/tablet/{handed.hand(of(course)).sealed()}/"
    page = Client().get(path)
    assert page.status_code == 200 and not page.cookies and page.headers["Cache-Control"] == "no-store"
    assert of(course).state == "due"


def test_in_english_it_asks_in_english_with_what_was_chosen(tablet) -> None:
    client, path = tablet
    page = press(client, path, "5")
    turned = re.search(r'formaction="([^"]+)" lang="en"', page.content.decode())
    assert turned
    english = client.post(turned[1], {"at": "2", "said-1": "5"}, headers=HERE)
    assert "Question 2 of 6" in words(english) and "calm and relaxed" in words(english)
    assert 'name="said-1" value="5"' in english.content.decode()
