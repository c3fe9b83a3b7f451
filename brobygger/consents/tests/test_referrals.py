"""A family is sent on: what is kept, who sees it, which clocks run, and what the referrer is told."""

import hashlib
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from brobygger.access.guards import NotAllowed
from brobygger.consents import likeness, queries, rules, services
from brobygger.consents.models import Consent, ConsentText, Disclosure, Lookalike, Referral, TalkCount
from brobygger.consents.tests.families import TEXT, payload, refer
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.intake import queries as intake_queries
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.privacy import queries as privacy
from brobygger.privacy import seal
from brobygger.threads import services as threads
from brobygger.threads.models import ContactCard, Thread
from tests.letters import keeper

pytestmark = pytest.mark.django_db
#: A text nobody reads through, and a box could not show.
LONG = "x" * 8001


@pytest.fixture(autouse=True)
def house(furnished: Any) -> Any:
    """Dit Rum, now: what comes into a box is told apart by its moment, so the clock must go."""
    return furnished


def test_a_referral_waits_on_the_worklist_with_the_promise_its_referrer_was_told(alma: Any) -> None:
    sent = refer()

    line = intake_queries.get_line(alma, sent.thread.pk)
    assert line is not None and line.facts["wish"] == "referral" and line.card
    assert line.enquiry.due_at.isoformat() == sent.box(sent.referrer)[0]["due"]
    assert [each["news"] for each in sent.box(sent.family)] == ["consents", "opened"]
    assert sent.box(sent.family)[-1]["provisional"] is True
    assert sent.ladder == ["received"]


def test_the_words_that_were_shown_are_kept_once_and_whole(alma: Any) -> None:
    one, other = refer(), refer(phone="+4550607080")

    texts = {given.text.text for given in Consent.objects.select_related("text")}
    assert texts == {TEXT} and ConsentText.objects.count() == 1
    assert {each["text"] for each in one.consents + other.consents} == {TEXT}


def test_the_number_stands_on_a_consent_and_nowhere_else(alma: Any) -> None:
    sent = refer()

    card = ContactCard.objects.get(thread=sent.thread)
    consent = Consent.objects.get(thread=sent.thread, kind="contact")
    assert (card.given_by, card.consent) == ("referrer", consent.pk)
    reach = threads.look_at_card(thread=sent.thread, reason="at ringe", by=alma)
    assert reach is not None and reach["phone"] == "+4520304050"
    said = threads.look(thread=sent.thread, by=alma)
    assert all("reach" not in each.body for each in said), "the number must not stay in the message"


@pytest.mark.promise(
    "C1",
    da="Et nummer, som en anden giver os, gemmer vi kun sammen med dit ja. Databasen tager ikke imod det uden.",
    en="A number that somebody else gives us is kept only with your yes. The database does not take it without.",
)
@pytest.mark.parametrize("consent", [None, uuid.uuid4()])
def test_the_database_refuses_a_number_without_a_consent(consent: uuid.UUID | None) -> None:
    sent = refer()
    threads.forget_card(thread=sent.thread, by="keeper")

    with pytest.raises(IntegrityError), transaction.atomic():
        ContactCard.objects.create(
            thread=sent.thread, key=uuid.uuid4(), sealed=b"x", given_by="referrer", consent=consent
        )
    assert not ContactCard.objects.exists()


def test_the_database_refuses_a_number_on_a_consent_that_was_taken_back_or_is_anothers() -> None:
    sent, other = refer(), refer(phone="+4550607080")
    mine = Consent.objects.get(thread=sent.thread, kind="contact")
    theirs = Consent.objects.get(thread=other.thread, kind="contact")
    for consent in (mine, theirs):
        with pytest.raises(IntegrityError), transaction.atomic():
            if consent == mine:
                Consent.objects.filter(pk=mine.pk).update(closed_on=clock.today(), closing="withdrawn")
            else:
                ContactCard.objects.filter(thread=sent.thread).update(consent=theirs.pk)


def test_the_same_page_sent_twice_is_one_referral() -> None:
    sent = refer()
    letter = payload(sent.family, sent.referrer, sent.once)
    door.receive_letter(letter=sent.letter, payload=letter, by="referrer")
    keeper()

    assert Referral.objects.count() == 1 and Thread.objects.count() == 2 and Enquiry.objects.count() == 1


def test_the_same_page_sent_again_with_another_number_changes_the_number(alma: Any) -> None:
    sent = refer(share="ladder")
    letter = payload(sent.family, sent.referrer, sent.once, phone="+4599887766", share="contact")
    door.receive_letter(letter=uuid.uuid4(), payload=letter, by="referrer")
    keeper()

    assert Referral.objects.count() == 1 and Thread.objects.count() == 2
    reach = threads.look_at_card(thread=sent.thread, reason="at ringe", by=alma)
    assert reach is not None and reach["phone"] == "+4599887766"
    standing = [each for each in sent.consents if each["standing"]]
    assert [each["fields"] for each in standing if each["kind"] == "status"] == [["status_contact"]]
    assert len(sent.consents) == 2, "what was replaced is no more than noise to a family"


@pytest.mark.parametrize(
    "broken",
    [
        {"consent": {"text": LONG, "digest": hashlib.sha256(LONG.encode()).hexdigest(), "days": 90}},
        {"consent": {"text": "noget andet", "digest": "0" * 64, "days": 90}},
        {"consent": {"text": "", "digest": "0" * 64, "days": 90}},
        {"consent": None},
        {"reach": None},
        {"reach": {"channel": "call"}},
        {"referral": None},
        {"referrer": {}},
    ],
)
def test_a_referral_without_a_whole_consent_is_not_taken(broken: dict[str, Any]) -> None:
    one, other, letter = seal.new_return_key(), seal.new_return_key(), uuid.uuid4()
    door.receive_letter(letter=letter, payload=payload(one, other, uuid.uuid4()) | broken, by="referrer")
    keeper()

    assert not Referral.objects.exists() and not ContactCard.objects.exists() and not Thread.objects.exists()
    assert privacy.trail(f"letter:{letter}") == [("keeper", "threads.misshapen_letter")]


@pytest.mark.parametrize(
    ("share", "seen"),
    [
        ("none", ["received"]),
        ("contact", ["received", "trying", "contact"]),
        ("ladder", ["received", "trying", "contact", "started", "ended"]),
    ],
)
def test_a_referrer_sees_as_much_as_the_family_agreed(share: str, seen: list[str], finn: Any) -> None:
    sent = refer(share=share)
    for step in ("trying", "trying", "contact", "started", "ended"):
        services.move(referral=sent.referral, to=step, by=finn)
        keeper()

    assert sent.ladder == seen[::-1]
    assert [each.what for each in Disclosure.objects.order_by("pk")] or share == "none"
    assert {each.what for each in Disclosure.objects.all()} == set(seen) - {"received"}
    told = [each["told"] for each in sent.consents if each["kind"] == "status"]
    assert [[each["what"] for each in one] for one in told] == ([seen[1:]] if share != "none" else [])


@pytest.mark.parametrize(
    ("share", "reason", "seen"),
    [
        ("contact", "no_thanks", ("trying", "")),
        ("contact", "no_answer", ("not_started", "no_answer")),
        ("ladder", "no_thanks", ("not_started", "no_thanks")),
    ],
)
def test_why_a_family_did_not_start_is_told_only_with_the_whole_ladder(
    share: str, reason: str, seen: tuple[str, str], finn: Any
) -> None:
    """With "whether we got in touch" it is told that we never did, and nothing else of how it went."""
    sent = refer(share=share)
    services.move(referral=sent.referral, to="not_started", reason=reason, by=finn)
    keeper()
    ladder = sent.box(sent.referrer)[0]["ladder"]
    assert (ladder["step"], ladder["reason"]) == seen


def again(sent: Any, **more: Any) -> None:
    """Send the same page again with other words."""
    letter = payload(sent.family, sent.referrer, sent.once, **more)
    door.receive_letter(letter=uuid.uuid4(), payload=letter, by="referrer")
    keeper()


def test_the_same_page_sent_again_undoes_no_withdrawal(finn: Any) -> None:
    sent = refer()
    sent.press(sent.consents[0]["id"])
    again(sent, phone="+4599887766")

    assert not ContactCard.objects.exists() and not any(each["standing"] for each in sent.consents)
    assert sent.ladder == ["closed"]
    assert ("keeper", "consents.referral_came_too_late") in privacy.trail(sent.thread)


def test_the_same_page_sent_again_changes_nothing_once_somebody_has_rung(alma: Any, finn: Any) -> None:
    sent = refer(share="ladder")
    services.move(referral=sent.referral, to="trying", by=finn)
    again(sent, phone="+4599887766", share="none")

    reach = threads.look_at_card(thread=sent.thread, reason="at ringe", by=alma)
    assert reach is not None and reach["phone"] == "+4520304050"
    said = threads.look(thread=sent.thread, by=alma)
    assert "+4599887766" not in str([each.body for each in said]), "the other number is kept nowhere"


def test_a_referrer_who_burned_and_sent_again_stops_nobody_elses_withdrawal(alma: Any) -> None:
    sent, other = refer(), refer(phone="+4550607080")
    sent.burn(sent.referrer)
    again(sent, phone="+4599887766")
    other.press(other.consents[0]["id"])

    assert not any(each["standing"] for each in other.consents) and other.ladder == ["closed"]
    assert [card.thread for card in ContactCard.objects.all()] == [sent.thread]
    reach = threads.look_at_card(thread=sent.thread, reason="at ringe", by=alma)
    assert reach is not None and reach["phone"] == "+4599887766", "the family is rung at the right number all the same"


def test_one_referral_that_cannot_be_dealt_with_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    real, broken = services.intake.arrive, []

    def falls_once(**more: Any) -> Any:
        if not broken:
            broken.append(more["thread"])
            raise RuntimeError("a stop")
        return real(**more)

    monkeypatch.setattr(services.intake, "arrive", falls_once)
    sent, other = refer(), refer(phone="+4550607080")

    # The first was undone whole, and done in the next round: consent, number and all.
    assert broken == [sent.thread]
    assert {card.thread for card in ContactCard.objects.all()} == {sent.thread, other.thread}
    assert Consent.objects.filter(thread=sent.thread, closed_on__isnull=True).count() == 2
    assert all("reach" not in each.body for each in threads.look(thread=sent.thread, by="keeper"))


def test_a_letter_the_family_writes_later_is_not_answered_by_a_step(finn: Any) -> None:
    sent = refer()
    services.move(referral=sent.referral, to="contact", by=finn)
    enquiry = Enquiry.objects.get(thread=sent.thread)
    Enquiry.objects.filter(pk=enquiry.pk).update(arrived_at=clock.now(), due_at=clock.now() + timedelta(hours=20))
    services.move(referral=sent.referral, to="started", by=finn)

    assert Enquiry.objects.get(pk=enquiry.pk).due_at is not None, "somebody still waits for an answer"


def test_a_number_that_was_corrected_looks_like_no_other(finn: Any) -> None:
    one, _other = refer(), refer()
    assert Lookalike.objects.count() == 1
    again(one, phone="+4599887766")
    assert not Lookalike.objects.exists()


def test_a_colleagues_family_with_the_same_number_is_not_named(alma: Any, bo: Any) -> None:
    one, other = refer(), refer()
    intake.take(enquiry=Enquiry.objects.get(thread=one.thread), by=alma)
    intake.take(enquiry=Enquiry.objects.get(thread=other.thread), by=bo)
    shown = queries.get_referral(alma, one.thread.pk)
    assert shown is not None and [each.number for each in shown.others] == [""]


def test_a_referral_goes_forward_only(finn: Any, gro: Any) -> None:
    sent = refer()
    services.move(referral=sent.referral, to="contact", by=finn)
    for step in ("received", "trying", "ended"):
        with pytest.raises(rules.OutOfStep):
            services.move(referral=sent.referral, to=step, by=finn)
    with pytest.raises(ValueError, match="reason"):
        services.move(referral=sent.referral, to="not_started", reason="because", by=finn)
    with pytest.raises(NotAllowed):
        services.move(referral=sent.referral, to="started", by=gro)
    assert sent.referral.step == "contact" and sent.referral.met


def test_the_first_call_is_the_reply_that_was_promised(finn: Any) -> None:
    sent = refer()
    services.move(referral=sent.referral, to="trying", by=finn)

    enquiry = Enquiry.objects.get(thread=sent.thread)
    assert enquiry.due_at is None and enquiry.promise_kept is True
    assert sent.referral.tries == 1 and sent.referral.talk_by is not None, "the first talk is still to be offered"


def test_a_first_talk_has_two_clocks_and_only_an_offer_stops_them_well(alma: Any, finn: Any, at: Any) -> None:
    at("2026-11-23T09:00")
    sent, late = refer(), refer(phone="+4550607080")
    referral = sent.referral
    assert referral.talk_by == clock.now() + timedelta(days=14)
    assert referral.talk_latest == clock.now() + timedelta(days=30)
    assert [each.thread for each in queries.talks(finn, within=timedelta(days=15))]
    assert queries.talks(finn) == [], "nothing to do about it for another ten days"

    enquiry = intake.take(enquiry=Enquiry.objects.get(thread=sent.thread), by=alma)
    Enquiry.objects.filter(pk=enquiry.pk).update(offered=True)
    keeper()
    assert sent.referral.talk_by is None
    assert queries.talk_counts() == {"in_time": 1, "late": 0, "too_late": 0, "none": 0}

    at("2026-12-15T09:00")
    assert [(each.late, each.too_late) for each in queries.talks(finn)] == [(True, False)]
    Enquiry.objects.filter(thread=late.thread).update(offered=True)
    keeper()
    assert queries.talk_counts()["late"] == 1 and TalkCount.objects.count() == 2


def test_a_house_that_promises_no_first_talk_has_no_clock_for_it() -> None:
    from brobygger.catalogue.models import House, Promise

    Promise.objects.exclude(key="answer").delete()
    House.objects.update(version="without")
    assert refer().referral.talk_by is None


def test_two_referrals_with_one_number_are_shown_to_a_person_and_never_merged(finn: Any, gro: Any) -> None:
    one, other, third = refer(), refer(phone="+4520304050"), refer(phone="+4550607080")

    pair = Lookalike.objects.get()
    assert {pair.one, pair.other} == {one.referral, other.referral}
    shown = queries.get_referral(finn, one.thread.pk)
    assert shown is not None and [each.number for each in shown.others] == [other.thread.number]
    assert queries.get_pair(finn, third.thread.pk, pair.pk) is None

    likeness.decide(pair=pair, same=True, by=finn)
    pair.refresh_from_db()
    assert pair.decided == "same" and Referral.objects.count() == 3
    with pytest.raises(NotAllowed):
        likeness.decide(pair=pair, same=False, by=gro)


def test_a_family_that_wrote_by_itself_is_never_found_by_its_number() -> None:
    from tests.letters import Visitor

    Visitor().write("Ring til mig", wish="call", phone="20304050", when="any")
    keeper()
    refer()
    assert not Lookalike.objects.exists()


def test_every_deed_leaves_its_line(finn: Any) -> None:
    sent = refer()
    services.move(referral=sent.referral, to="trying", by=finn)

    trail = privacy.trail(sent.thread)
    assert ("keeper", "consents.referral_received") in trail
    assert ("finn", "consents.referral_trying") in trail
    assert ("finn", "consents.disclosed") in trail


def test_a_referrer_who_burned_their_key_at_once_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.thread_queries.numbers
    monkeypatch.setattr(services.thread_queries, "numbers", lambda idents: {})
    sent = refer()
    monkeypatch.setattr(services.thread_queries, "numbers", real)

    assert sent.referral.referrer is None and ContactCard.objects.exists()
