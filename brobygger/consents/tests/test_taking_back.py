"""A yes is taken back, runs out, or goes up in smoke: what stood on it is gone at the next look."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.consents import queries, rules, services
from brobygger.consents.models import Consent, Referral, TalkCount
from brobygger.consents.tests.families import Sent, payload, refer
from brobygger.door import queries as door_queries
from brobygger.door import services as door
from brobygger.door.models import Answer
from brobygger.ground import clock
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry, Tally
from brobygger.privacy import keyring, seal
from brobygger.privacy import queries as privacy
from brobygger.threads import opening
from brobygger.threads import queries as thread_queries
from brobygger.threads.models import ContactCard, Hold, Thread
from tests.letters import keeper

pytestmark = pytest.mark.django_db
SCHOOL = rules.Sentence(
    "school", purpose_words="så vi kan hjælpes ad", fields=("attendance",), how="spoken", giver="holder", by="Alma"
)


@pytest.fixture(autouse=True)
def house(furnished: Any) -> Any:
    """Dit Rum, now."""
    return furnished


@pytest.fixture
def sent(finn: Any) -> Sent:
    """A family that was sent on, with the whole ladder shared, and reached."""
    sent = refer(share="ladder")
    services.move(referral=sent.referral, to="contact", by=finn)
    keeper()
    assert sent.ladder == ["contact", "received"]
    return sent


def ident(sent: Sent, kind: str) -> str:
    return next(each["id"] for each in sent.consents if each["kind"] == kind)


def test_taking_back_the_call_erases_the_number_and_shuts_the_referrers_view(sent: Sent, finn: Any) -> None:
    card = ContactCard.objects.get(thread=sent.thread)
    sent.press(ident(sent, "contact"))

    assert not ContactCard.objects.exists()
    with pytest.raises(keyring.Shredded):
        keyring.open_sealed(card.key, bytes(card.sealed), context=f"card:{card.thread_id}:1")
    assert sent.ladder == ["closed"] and [each["news"] for each in sent.box(sent.referrer)] == ["not_shared"]
    assert [each["standing"] for each in sent.consents] == [False, False]
    shown = queries.get_referral(finn, sent.thread.pk)
    assert shown is not None and not shown.may_ring and shown.share == "none"
    assert TalkCount.objects.get().how == "none", "there is nothing left to be late with"


def test_taking_back_what_is_told_leaves_the_call(sent: Sent, finn: Any) -> None:
    sent.press(ident(sent, "status"))

    assert sent.ladder == ["closed"]
    assert ContactCard.objects.exists()
    services.move(referral=sent.referral, to="started", by=finn)
    keeper()
    assert sent.ladder == ["closed"], "nothing is told after a no"


def test_the_page_that_pressed_hears_what_came_of_it(sent: Sent) -> None:
    before = sent.box(sent.family)
    sent.press(ident(sent, "status"))
    fresh = [each for each in sent.box(sent.family) if each not in before]
    assert sorted(each["news"] for each in fresh) == ["consents", "withdrawn"]
    assert all([one["standing"] for one in each["consents"]] == [True, False] for each in fresh)


def test_another_familys_key_takes_nothing_back(sent: Sent) -> None:
    other = refer(phone="+4550607080")
    other.press(ident(sent, "status"))
    other.press("not a consent")

    assert sent.ladder == ["contact", "received"]
    assert all(each["standing"] for each in sent.consents + other.consents)


def test_a_family_that_rings_can_have_it_taken_back_once(sent: Sent, finn: Any, gro: Any) -> None:
    consent = Consent.objects.get(thread=sent.thread, kind="status")
    with pytest.raises(NotAllowed):
        services.withdraw(consent=consent, by=gro)
    assert sent.ladder == ["contact", "received"]

    services.withdraw(consent=consent, by=finn)
    keeper()
    assert sent.ladder == ["closed"]
    assert ("finn", "consents.withdrawn") in privacy.trail(sent.thread)
    with pytest.raises(services.AlreadyClosed):
        services.withdraw(consent=consent, by=finn)


@pytest.mark.parametrize(("days", "left"), [(0, True), (1, False)])
def test_a_consent_that_has_run_out_closes_by_itself(sent: Sent, days: int, left: bool, at: Any) -> None:
    contact = Consent.objects.get(thread=sent.thread, kind="contact")
    at(f"{contact.until + timedelta(days=days)}T09:00")
    keeper()

    contact.refresh_from_db()
    assert ContactCard.objects.exists() is left
    assert (contact.closing == "") is left
    assert sent.ladder == ["contact", "received"], "what the referrer is told has its own last day"


def test_when_the_referrers_consent_has_run_out_the_view_closes(sent: Sent, at: Any) -> None:
    at(f"{Consent.objects.get(thread=sent.thread, kind='status').until + timedelta(days=1)}T09:00")
    keeper()
    opened = [each for each in sent.box(sent.referrer) if "ladder" in each]
    assert [each["ladder"]["step"] for each in opened] == ["closed"]


def test_a_burned_family_leaves_the_referrer_nothing_but_closed(sent: Sent) -> None:
    thread = sent.thread
    sent.burn(sent.family)

    assert sent.ladder == ["closed"]
    assert not Referral.objects.exists() and not Consent.objects.exists() and not Hold.objects.exists()
    assert not Thread.objects.filter(pk=thread.pk).exists()
    assert Tally.objects.get().outcome == "burned"
    with pytest.raises(seal.WrongKey):
        sent.box(sent.family)


def test_a_referrer_who_burns_takes_nothing_from_the_family(sent: Sent, finn: Any) -> None:
    sent.burn(sent.referrer)

    assert sent.referral.referrer is None and ContactCard.objects.exists()
    services.move(referral=sent.referral, to="started", by=finn)
    keeper()
    assert sent.referral.step == "started"


@pytest.mark.parametrize(
    ("steps", "last"),
    [((), "not_started"), (("contact",), "ended"), (("contact", "started"), "ended"), (("handed_on",), "handed_on")],
)
def test_a_thread_that_ends_tells_the_referrer_how_far_it_came(
    steps: tuple[str, ...], last: str, alma: Any, finn: Any
) -> None:
    sent = refer(share="ladder")
    for step in steps:
        services.move(referral=sent.referral, to=step, by=finn)
    thread, family = sent.thread, sent.family
    enquiry = intake.take(enquiry=Enquiry.objects.get(thread=thread), by=alma)
    intake.end(enquiry=enquiry, outcome="helped", text="Tak for nu.", by=alma)
    keeper()

    assert sent.ladder[0] == last
    assert not Thread.objects.filter(pk=thread.pk).exists() and not Referral.objects.exists()
    assert [each["news"] for each in sent.box(family)] == ["ended"], "the last word stands alone"
    assert Tally.objects.get().count == 1


def test_an_ending_thread_waits_until_this_room_has_let_go(sent: Sent, alma: Any) -> None:
    thread = sent.thread
    enquiry = intake.take(enquiry=Enquiry.objects.get(thread=thread), by=alma)
    intake.end(enquiry=enquiry, outcome="helped", text="", by=alma)

    assert thread_queries.held(thread) and Thread.objects.filter(pk=thread.pk).exists()
    assert Tally.objects.get().count == 1, "counted at once"
    services.keep_up()
    assert not thread_queries.held(thread)
    intake.keep_up()
    assert not Thread.objects.filter(pk=thread.pk).exists() and Tally.objects.get().count == 1


def test_a_consent_is_written_down_as_it_was_said(sent: Sent, alma: Any, gro: Any) -> None:
    until = clock.today() + timedelta(days=90)
    with pytest.raises(NotAllowed):
        services.record(thread=sent.thread, sentence=SCHOOL, until=until, by=gro)
    services.record(thread=sent.thread, sentence=SCHOOL, until=until, by=alma)
    keeper()

    mine = next(each for each in sent.consents if each["kind"] == "other")
    assert mine["receiver"] == {"key": "school", "words": ""} and mine["fields"] == ["attendance"]
    assert mine["until"] == until.isoformat() and mine["purpose_words"] == "så vi kan hjælpes ad"
    sent.press(mine["id"])
    assert not next(each for each in sent.consents if each["kind"] == "other")["standing"]


@pytest.mark.parametrize(
    "change",
    [
        {"receiver": "the press"},
        {"receiver": "other"},
        {"fields": ()},
        {"fields": ("everything",)},
        {"how": "guessed"},
        {"giver": "grandmother"},
    ],
)
def test_a_consent_to_nobody_or_to_everything_is_refused(change: dict[str, Any], sent: Sent, alma: Any) -> None:
    before = Consent.objects.count()
    with pytest.raises(ValueError, match="consent"):
        services.record(thread=sent.thread, sentence=replace(SCHOOL, **change), until=clock.today(), by=alma)
    assert Consent.objects.count() == before


@pytest.mark.parametrize("days", [-1, rules.LONGEST_DAYS + 1])
def test_a_consent_has_a_last_day_within_reach(days: int, sent: Sent, alma: Any) -> None:
    with pytest.raises(ValueError, match="last day"):
        services.record(thread=sent.thread, sentence=SCHOOL, until=clock.today() + timedelta(days=days), by=alma)


def test_a_yes_that_was_replaced_takes_back_the_one_in_its_place() -> None:
    """The page was opened before the referrer corrected the number; the press must still mean no."""
    sent = refer()
    seen = ident(sent, "contact")
    letter = payload(sent.family, sent.referrer, sent.once, phone="+4599887766")
    door.receive_letter(letter=uuid4(), payload=letter, by="referrer")
    keeper()
    sent.press(seen)

    assert not ContactCard.objects.exists() and not any(each["standing"] for each in sent.consents)


def test_a_press_on_nothing_is_not_told_as_a_withdrawal(sent: Sent) -> None:
    before = sent.box(sent.family)
    sent.press(str(uuid4()))
    fresh = [each["news"] for each in sent.box(sent.family) if each not in before]
    assert fresh == ["consents"]


def test_a_press_that_waits_counts_also_when_the_thread_ends(sent: Sent, alma: Any) -> None:
    enquiry = intake.take(enquiry=Enquiry.objects.get(thread=sent.thread), by=alma)
    opened, now = door_queries.open_box(sent.family), clock.now().isoformat()
    letter = {
        "kind": "withdraw", "to": str(opened.box), "number": opened.number, "post": opened.post.hex(),
        "door": "parent", "wish": "write", "language": "da", "written_at": now, "answer_by": now,
        "consent": ident(sent, "contact"), "receipt": seal.new_receipt_key().hex(),
    }  # fmt: skip
    door.receive_letter(letter=uuid4(), payload=letter, by="family")
    opening.open_letters()
    intake.end(enquiry=enquiry, outcome="helped", text="Tak.", by=alma)
    keeper()

    assert sent.ladder == ["closed"]


def test_taking_back_something_else_leaves_the_referrers_view(sent: Sent, alma: Any) -> None:
    services.record(thread=sent.thread, sentence=SCHOOL, until=clock.today() + timedelta(days=9), by=alma)
    keeper()
    sent.press(ident(sent, "other"))
    assert sent.ladder == ["contact", "received"]


def test_a_consent_in_confidence_leaves_no_sign_in_the_box(sent: Sent, alma: Any) -> None:
    before = sent.box(sent.family)
    young = replace(SCHOOL, giver="young", confided=True)
    given = services.record(thread=sent.thread, sentence=young, until=clock.today(), by=alma)
    services.withdraw(consent=given, by=alma)
    keeper()
    assert sent.box(sent.family) == before
    trail = privacy.trail(sent.thread)
    assert trail[-2:] == [("alma", "consents.recorded_in_confidence"), ("alma", "consents.withdrawn_in_confidence")]


def test_the_same_page_sent_twice_is_one_consent(sent: Sent, alma: Any) -> None:
    once, until = uuid4(), clock.today()
    first = services.record(thread=sent.thread, sentence=SCHOOL, until=until, by=alma, once=once)
    assert services.record(thread=sent.thread, sentence=SCHOOL, until=until, by=alma, once=once) == first


def test_a_family_is_not_given_more_consents_than_its_box_can_show(
    sent: Sent, alma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST", 3)
    services.record(thread=sent.thread, sentence=SCHOOL, until=clock.today(), by=alma)
    with pytest.raises(services.TooMany):
        services.record(thread=sent.thread, sentence=SCHOOL, until=clock.today(), by=alma)


def test_the_last_step_goes_by_itself(sent: Sent, alma: Any) -> None:
    enquiry = intake.take(enquiry=Enquiry.objects.get(thread=sent.thread), by=alma)
    intake.end(enquiry=enquiry, outcome="helped", text="Tak.", by=alma)
    keeper()
    assert sent.ladder == ["ended"], "and nothing before it"
    until = Answer.objects.get(box__number=sent.referrer.number).expires_on
    assert until == clock.today() + services.LAST_STEP_LIVES


def test_what_one_parent_said_in_confidence_is_never_sent_to_the_other(sent: Sent, alma: Any) -> None:
    confided = replace(SCHOOL, giver="other_parent", confided=True, purpose_words="fordi far er bange")
    known = replace(SCHOOL, giver="other_parent", purpose_words="så skolen ved besked")
    for sentence in (confided, known):
        services.record(thread=sent.thread, sentence=sentence, until=clock.today(), by=alma)
    keeper()

    shown = [each["purpose_words"] for each in sent.consents if each["kind"] == "other"]
    assert shown == ["så skolen ved besked"]
    assert "fordi far er bange" not in str(sent.box(sent.family))
    here = [each.sentence.purpose_words for each in queries.consents(sent.thread)]
    assert "fordi far er bange" in here, "we know it, and see that it was said in confidence"
