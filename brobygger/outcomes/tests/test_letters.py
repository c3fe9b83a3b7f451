"""Answered at home: behind the family's key, or by a link; told the same whatever came of it."""

from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from brobygger.door.models import Letter, Questions
from brobygger.ground import clock
from brobygger.groups.tests.test_seats_by_key import known
from brobygger.outbox.models import Notice
from brobygger.outcomes import asking, instruments, letters, services
from brobygger.outcomes.models import Round, Sheet
from brobygger.privacy import queries as trail
from brobygger.threads import services as threads
from brobygger.threads.models import Message
from tests.letters import Page, Visitor, keeper

from .asked import WELL, of
from .test_asking import course, end

__all__ = ["course"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _said_a_second_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is said last be said a second later, with the clock standing."""
    told, seconds = threads.tell, count()

    def later(*, body: dict[str, Any], **more: Any) -> None:
        from datetime import timedelta

        told(body={"at": (clock.now() + timedelta(seconds=next(seconds))).isoformat(), **body}, **more)

    monkeypatch.setattr(threads, "tell", later)


@pytest.fixture
def mette(furnished: Any, alma: Any, at: Any) -> tuple[str, Any]:
    """Mette with her key, and the course of her and Bertil, who is five."""
    at("2026-11-23T10:00")
    found = known(alma, child1_name="Bertil", child1_month="3", child1_year="2021")
    letters.sweep(clock.now())
    keeper()
    return found


def walked(page: Page, *answers: str, round: str = "", path: str = "") -> Page:
    """Answer question by question as a browser does, and send; "skip", "back" and "none" press those buttons."""
    visitor = Visitor()
    path = path or visitor.at("door:sheet")
    left = list(answers)
    while left or 'value="send"' in page.text:
        answer = left.pop(0) if left else "send"
        button = answer if answer in ("skip", "back", "none", "send") else "next"
        sent = {"ticket": page.hidden("ticket"), "at": page.hidden("at"), "go": button}
        sent |= {name: page.hidden(name) for name in ("round", "codes") if f'name="{name}"' in page.text}
        sent |= {f"said-{n}": page.all(f"said-{n}")[0] for n in range(1, 20) if page.all(f"said-{n}")}
        sent |= {"answer": answer} if button == "next" else {}
        page = visitor.post(path, sent)
    return page


def opened(key: str, at: int = 0) -> Page:
    """Come back with the key and open the questions that wait."""
    visitor = Visitor()
    page = visitor.come_back(key)
    sent = {name: page.all(name)[at] for name in ("round", "codes")}
    return visitor.post(visitor.at("door:sheet"), {"ticket": page.hidden("ticket"), **sent})


def the_mothers(course: Any) -> int:
    """Find which of the rounds that wait in a box is the mother's own."""
    return next(at for at, row in enumerate(letters.in_box(course.thread)) if ["mastery", "1"] in row["forms"])


def test_what_waits_lies_behind_the_key_and_is_answered_one_question_at_a_time(mette, alma) -> None:
    key, course = mette
    waits = Visitor().come_back(key)
    assert waits.words.count("Et par spørgsmål om Bertil") == 1

    for at, row in enumerate(letters.in_box(course.thread)):
        page = opened(key, at=at)
        numbers = len([item for form in row["forms"] for item in instruments.get(*form).items])
        done = walked(page, *["3"] * numbers)
        assert done.status == 200 and "door/sheet" not in done.text and 'name="at"' not in done.text
    keeper()

    assert set(Sheet.objects.values_list("instrument", "mode")) == {
        ("mastery", "key"), ("goal", "key"), ("smallchild", "key"),
    }  # fmt: skip
    assert not Round.objects.filter(state="due").exists()
    assert "spørgsmål om Bertil" not in Visitor().come_back(key).words


def test_the_words_of_an_answer_do_not_stay_in_the_conversation(mette) -> None:
    key, course = mette
    walked(opened(key, at=the_mothers(course)), *["3"] * 5)
    keeper()
    assert not Message.objects.filter(kind="sheet").exists() and Sheet.objects.exists()


def test_back_forth_and_left_out_on_the_way(mette, alma) -> None:
    key, course = mette
    first = the_mothers(course)
    page = opened(key, at=first)
    nothing = walked(page, "")
    assert nothing.status == 422 and nothing.hidden("at") == "1"
    strange = walked(page, "17")
    assert strange.status == 422
    back = walked(page, "3", "2", "back")
    assert back.hidden("at") == "2" and 'value="2" aria-current="true"' in back.text
    walked(back, "1", "skip", "4", "0")
    keeper()
    body = services.look_at_sheet(sheet=Sheet.objects.get(), by=alma)
    values = [body["answers"][each] for each in ("everyday", "hard-times", "talking", "somebody", "hope")]
    assert values == [3, 1, "skipped", 4, 0] and body["score"] is None and body["language"] == "da"


def test_who_would_rather_not_says_so_with_one_press(mette) -> None:
    key, _course = mette
    walked(opened(key), "none")
    keeper()
    assert list(Round.objects.filter(state="skipped").values_list("why_not", flat=True)) == ["declined"]
    assert not Sheet.objects.exists()


def test_sent_twice_and_from_two_telephones_it_is_one(mette) -> None:
    key, course = mette
    first = the_mothers(course)
    one, two = opened(key, at=first), opened(key, at=first)
    last = walked(one, "3", "3", "3", "3")
    visitor, sent = Visitor(), {name: last.hidden(name) for name in ("ticket", "at", "round", "codes")}
    sent |= {f"said-{n}": "3" for n in range(1, 5)}
    ready = visitor.post(visitor.at("door:sheet"), sent | {"go": "next", "answer": "3"})
    sent |= {"ticket": ready.hidden("ticket"), "at": ready.hidden("at"), "said-5": "3", "go": "send"}
    for _press in range(3):
        assert visitor.post(visitor.at("door:sheet"), sent).status == 200
    assert Letter.objects.count() == 1
    other = walked(two, "0", "0", "0", "0", "0")
    keeper()
    assert other.status == 200 and Sheet.objects.filter(instrument="mastery").count() == 1
    assert services._body(Sheet.objects.get().round.member, Sheet.objects.get())["score"] == 75


def test_nobody_answers_another_family_s_round_with_their_own_key(mette, alma) -> None:
    key, _course = mette
    _theirs, other = known(alma)
    page = opened(key)
    visitor = Visitor()
    codes = page.hidden("codes")
    for stranger in (str(of(other, 0).pk), str(uuid4()), "x"):
        sent = {"ticket": page.hidden("ticket"), "round": stranger, "codes": codes}
        shown = visitor.post(visitor.at("door:sheet"), sent)
        walked(shown, *["3"] * 5)
    keeper()
    assert not Sheet.objects.exists() and of(other, 0).state == "due"


def test_an_end_nobody_planned_is_told_in_the_box_at_once(mette, alma, at) -> None:
    key, course = mette
    at("2026-12-10T14:00")
    end(course, alma)
    told = letters.in_box(course.thread)
    assert {row["moment"] for row in told} == {"end"}
    keeper()
    assert "about two minutes" in Visitor(language="en").come_back(key).words
    assert Round.objects.filter(moment="end", told_on=None).count() == 0


# ---- By a link ----


@pytest.fixture
def link(course: Any, alma: Any) -> tuple[Round, str]:
    """A girl of eleven, and the address of her link."""
    letters.publish(by="keeper")
    row = of(course)
    return row, f"/svar/{_codes(row)}/{services.make_link(round=row, by=alma)}/"


def _codes(row: Round) -> str:
    from brobygger.door.rules import form_code

    return "-".join(form_code(key, version) for key, version in row.instruments)


def _sent(path: str, *answers: str) -> Page:
    return walked(Visitor().get(path), *answers, path=path)


def test_a_link_answers_once_and_says_the_same_to_everybody(link, alma) -> None:
    row, path = link
    wrong = path.rsplit("/", 2)[0] + "/" + "0" * 26 + "/"
    thanks = [_sent(each, "5", "4", "4", "3", "2", "7") for each in (wrong, path, path)]
    assert len({page.words for page in thanks}) == 1 and thanks[0].status == 200
    keeper()

    row.refresh_from_db()
    assert (row.state, row.token, Sheet.objects.count()) == ("done", None, 2)
    assert services.look_at_sheet(sheet=row.sheets.get(instrument="who5"), by=alma)["score"] == 72
    later = _sent(path, "0", "0", "0", "0", "0", "0")
    keeper()
    assert later.words == thanks[0].words and Sheet.objects.count() == 2


def test_a_link_opens_nothing_and_a_visit_writes_nothing(link) -> None:
    row, path = link
    page = Visitor().get(path)
    assert page.status == 200 and "WHO" in page.words and "Liv" not in page.words
    assert page.header("Set-Cookie") == ""
    assert not Letter.objects.exists() and Visitor().get("/svar/ffff/abc/").status == 404
    row.refresh_from_db()
    assert row.state == "due"


def test_a_link_that_is_too_old_or_was_made_anew_keeps_nothing(link, alma, at) -> None:
    row, path = link
    services.make_link(round=row, by=alma)
    _sent(path, *["5"] * 6)
    keeper()
    assert not Sheet.objects.exists()

    fresh = f"/svar/{_codes(row)}/{services.make_link(round=row, by=alma)}/"
    at("2026-03-19T10:00")
    _sent(fresh, *["5"] * 6)
    keeper()
    row.refresh_from_db()
    assert not Sheet.objects.exists() and row.token is not None and row.state == "due"
    at("2026-03-31T10:00")
    asking.sweep(clock.now())
    row.refresh_from_db()
    assert row.token is None and row.state == "due"


def test_the_secret_of_a_link_is_nowhere_in_the_house(link, course) -> None:
    row, path = link
    secret = path.split("/")[-2]
    row.refresh_from_db()
    assert secret.encode() not in bytes(row.token) and len(secret) == 26
    assert all(secret not in str(line) for line in trail.entries(until=clock.now()).values_list("reason", "about"))


def test_the_street_knows_the_questions_and_nobody(link) -> None:
    assert set(Questions.objects.values_list("instrument", flat=True)) == {
        "who5", "goal", "smallchild", "benefit", "mastery",
    }  # fmt: skip
    assert not letters.publish(by="keeper"), "said once"
    row = Questions.objects.get(instrument="who5")
    assert row.words["languages"] == ["da", "en"] and "who5" not in row.code


def test_from_another_page_or_with_a_stale_one_nothing_is_sent_and_nothing_is_lost(link) -> None:
    _row, path = link
    visitor = Visitor()
    page = walked(visitor.get(path), *["5"] * 5, path=path)
    sent = {"ticket": page.hidden("ticket"), "at": "6", "go": "next", "answer": "7"}
    sent |= {f"said-{n}": "5" for n in range(1, 6)}
    planted = visitor.post(path, sent, headers={"Sec-Fetch-Site": "cross-site"})
    stale = visitor.post(path, sent | {"ticket": "x"})
    assert (planted.status, stale.status) == (403, 409) and not Letter.objects.exists()
    assert (stale.all("said-3"), stale.all("said-6")) == (["5"], ["7"])


def test_a_text_message_with_a_link_says_nothing_of_the_house_and_waits_for_the_morning(
    mette, alma, at, settings
) -> None:
    _key, course = mette
    threads_card(course)
    at("2026-11-23T21:15")
    settings.OUTBOX_CHANNELS = {"sms": "brobygger.outbox.channels.Console"}
    row = of(course, 0)
    services.send_link(round=row, address="https://svar.example/svar/abcd/", by=alma)
    notice = Notice.objects.get(kind="asked")
    assert clock.local(notice.due_at).isoformat()[:16] == "2026-11-24T08:00"
    from brobygger.outbox import rules as outbox
    from brobygger.outbox import words

    for language in ("da", "en"):
        said = words.text("asked", {"link": "https://svar.example/svar/abcd/" + "x" * 26}, language)
        assert outbox.fits(said) and "Dit Rum" not in said and "WHO" not in said and "Liv" not in said

    services.skip(round=row, why="declined", by=alma)
    assert Round.objects.filter(state="due").exists() and not Notice.objects.filter(kind="asked").exists()


def threads_card(course: Any) -> None:
    """Let the family have given a number that may be written to."""
    from brobygger.threads.writing import card

    card(course.thread, {"channel": "sms", "phone": "+4524230300", "when": "any", "remind": True}, by="family")


def test_reminded_at_most_twice_a_week_apart_and_never_after_the_answer(mette, alma, at, settings) -> None:
    _key, course = mette
    threads_card(course)
    settings.OUTBOX_CHANNELS = {"sms": "brobygger.outbox.channels.Console"}

    def again() -> int:
        asking.sweep(clock.now())
        asking.sweep(clock.now())
        return Notice.objects.filter(kind="again").count()

    assert Round.objects.filter(state="due").exclude(told_on=None).count() > 1, "and it is one word for all of them"
    at("2026-11-29T10:00")
    assert again() == 0
    at("2026-11-30T02:00")
    assert again() == 1 and clock.local(Notice.objects.get(kind="again").due_at).hour == 8
    at("2026-12-03T10:00")
    assert again() == 1
    for row in Round.objects.filter(state="due"):
        services.skip(round=row, why="declined", by=alma)
    assert again() == 0
    at("2026-12-09T10:00")
    assert again() == 0


def test_a_sheet_that_is_not_written_as_our_door_writes_is_thrown_away(link) -> None:
    from brobygger.door import services as door

    _row, path = link
    base = {"kind": "sheet_by_link", "door": "parent", "written_at": clock.now().isoformat()}
    base |= {"answer_by": clock.now().isoformat()}
    token = path.split("/")[-2]
    for wrong in (
        {}, {"token": token}, {"token": token, "answers": {}, "language": "da"},
        {"token": token, "answers": {"who5": {"1": 1e9}}, "language": "da"},
        {"token": token, "answers": {"who5": [5]}, "language": "da"},
        {"token": 5, "answers": {"who5": WELL}, "language": "da"},
        {"token": token, "answers": {"who5": WELL}, "language": "da", "more": 1},
    ):  # fmt: skip
        door.receive_letter(letter=uuid4(), payload=base | {"sheet": wrong}, by="family")
    keeper()
    assert not Sheet.objects.exists() and not Letter.objects.exists()


def test_liv_is_asked_herself_and_not_by_her_mother_s_key(furnished, alma, at) -> None:
    at("2026-11-23T10:00")
    _key, course = known(alma, child1_name="Liv", child1_month="5", child1_year="2015")
    letters.sweep(clock.now())
    keeper()
    assert [each["forms"] for each in letters.in_box(course.thread)] == [[["mastery", "1"]]]
