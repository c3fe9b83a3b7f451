"""Deeds with consents and referrals: received, rung, moved on, taken back, run out. Each is one transaction."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.intake import queries as intake_queries
from brobygger.intake import services as intake
from brobygger.outbox import services as outbox
from brobygger.privacy import keyring
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import queries, rules
from .models import Consent, ConsentText, Disclosure, Duty, DutyReading, Lookalike, Referral, TalkCount

if TYPE_CHECKING:
    from brobygger.threads.models import Thread

KEEPER = "keeper"
FAMILY = "family"
ROOM = "consents"


class AlreadyClosed(Exception):
    """This consent has been taken back, or has run out."""


class NotTheSecond(Exception):
    """Somebody else was asked to be the second person."""


class AlreadyRead(Exception):
    """The second person has said what they think, and cannot say it again."""


def keep_up(*, by: str = KEEPER) -> int:
    """Do what referrers and families have asked for, end what has run out, and tell how much there was."""
    done = 0
    for request in thread_queries.requests(("referral", "withdraw")):
        if not request.thread.ending:
            {"referral": _receive, "withdraw": _asked_back}[request.kind](request, by=by)
        threads.mark_handled(request=request.ident, by=by)
        done += 1
    for thread in thread_queries.ending_held(ROOM):
        _let_go(thread, by=by)
        done += 1
    return done + _run_out(by=by) + _note_offered(by=by)


def _receive(request: thread_queries.Request, *, by: str) -> None:
    """Write down a referral with its consents, put it on the worklist, and start its clocks.

    The same referrer sending the same page again with other words changes what we know, and begins nothing anew.
    """
    said, thread = request.body["referral"], request.thread
    facts = thread_queries.facts([thread])[thread.pk] or {}
    with transaction.atomic():
        threads.hold(thread=thread, room=ROOM, by=by)
        referral = Referral.objects.select_for_update().filter(thread=thread).first()
        if referral is None:
            referral = Referral(id=uuid4(), thread=thread, **_clocks(request.at))
        else:
            _replace(thread)
        contact = _agreed(request, str(facts.get("language") or "da"))
        # A referrer who has burned their own key meanwhile is told nothing more; the family is helped all the same.
        if thread_queries.numbers([back := str(request.body["referrer"])]):
            referral.referrer_id = UUID(back)
        referral.sealed = keyring.seal(thread.key, said | {"text": request.body["text"]}, context=_place(referral))
        referral.save()
        threads.take_number(message=request.ident, consent=contact.pk, by=by)
        if said.get("text_message"):
            rung = {"starts_at": facts.get("answer_by"), "phone": catalogue.spaced(catalogue.house().phone)}
            outbox.notify(thread=thread, kind="referred", by=by, params=rung)
        intake.arrive(thread=thread, written=request.at, promised=facts.get("answer_by"), by=by)
        audit.record(by=by, action="consents.referral_received", about=thread)
        publish(thread=thread, by=by)
    _look_for_others(referral, by=by)


def _place(referral: Referral) -> str:
    return keyring.place("referral", referral.pk, "sealed")


def _clocks(written: datetime) -> dict[str, datetime | None]:
    """Say until when a first talk must be offered: the goal and the limit, as this house promises."""
    goal = catalogue.promised("first_talk", written)
    latest = catalogue.promised("first_talk_latest", written)
    return {"talk_by": goal, "talk_latest": (max(latest, goal) if latest else goal) if goal else None}


def _agreed(request: thread_queries.Request, language: str) -> Consent:
    """Write down what a parent said yes to in a referrer's presence, word for word, and give the consent to ring."""
    said, consent, today = request.body["referral"], request.body["consent"], clock.local(request.at).date()
    text, _new = ConsentText.objects.get_or_create(
        digest=consent["digest"], defaults={"text": consent["text"], "language": language}
    )
    by = {"how": "present", "profession": said["profession"], "by": "referrer"}
    fields = [
        "name",
        "number",
        *(name for name in ("age", "place") if said[name]),
        *(["words"] * bool(request.body["text"])),
    ]
    ring = rules.Sentence("house", purpose="ring", fields=tuple(fields), **by)
    until = today + timedelta(days=min(int(consent["days"]), rules.LONGEST_DAYS))
    contact = _write(request.thread, "contact", ring, given_on=today, until=until, text=text)
    if said["share"] != "none":
        told = rules.Sentence("referrer", purpose="status", fields=(f"status_{said['share']}",), **by)
        until = today + timedelta(days=rules.STATUS_DAYS)
        _write(request.thread, "status", told, given_on=today, until=until, text=text)
    return contact


def _write(
    thread: "Thread",
    kind: str,
    sentence: rules.Sentence,
    *,
    given_on: date,
    until: date,
    text: ConsentText | None = None,
) -> Consent:
    """Write down a consent under its thread's key, in the caller's transaction."""
    ident = uuid4()
    sealed = keyring.seal(thread.key, asdict(sentence.checked()), context=keyring.place("consent", ident, "sealed"))
    return Consent.objects.create(
        id=ident, thread=thread, kind=kind, text=text, sealed=sealed, given_on=given_on, until=until
    )


def _replace(thread: "Thread") -> None:
    """Close the consents a referrer gave before, for the same page sent again says it better."""
    threads.forget_card(thread=thread, by=KEEPER)
    old = Consent.objects.filter(thread=thread, kind__in=("contact", "status"), closed_on__isnull=True)
    old.update(closed_on=clock.today(), closing="replaced")


def _look_for_others(referral: Referral, *, by: str) -> None:
    """Note which referrals gave the same number, for a person to see; nothing is merged, nobody is told.

    Only referrals are compared with referrals: a family that wrote by itself is never found by its number.
    """
    others = {each.thread_id: each for each in Referral.objects.exclude(pk=referral.pk).select_related("thread")}
    same = threads.same_number(thread=referral.thread, among=[each.thread for each in others.values()], by=by)
    with transaction.atomic():
        for ident in same:
            one, other = sorted((referral, others[ident]), key=lambda each: each.pk)
            Lookalike.objects.get_or_create(one=one, other=other)


def decide(*, pair: Lookalike, same: bool, by: Any) -> None:
    """Say whether two referrals are the same family. It changes nothing else: a person does what follows."""
    require(by, Permission.SEE_REFERRALS)
    with transaction.atomic():
        Lookalike.objects.filter(pk=pair.pk).update(decided="same" if same else "different")
        audit.record(by=by, action="consents.lookalike_decided", about=pair.one.thread)


def move(*, referral: Referral, to: str, by: Any, reason: str = "") -> Referral:
    """Say how far a referral has come, and tell its referrer as much as the family agreed to.

    The first call counts as the answer that was promised. Raises `rules.OutOfStep`, and `ValueError` when somebody did
    not start and nobody says why.
    """
    require(by, Permission.SEE_REFERRALS)
    with transaction.atomic():
        referral = Referral.objects.select_for_update().select_related("thread").get(pk=referral.pk)
        rules.step_to(referral.step, to, reason)
        referral.step, referral.reason = to, reason if to == "not_started" else ""
        referral.met = referral.met or to in ("contact", "started")
        referral.tries += to == "trying"
        referral.save(update_fields=["step", "reason", "met", "tries"])
        if to in rules.RUNG:
            intake.note_rung(enquiry=referral.thread.enquiry, by=by)
            threads.tell(thread=referral.thread, body={"news": "rung"}, by=KEEPER)
        if to not in rules.RUNG:
            _stop_talk_clock(referral, by=KEEPER)
        audit.record(by=by, action=f"consents.referral_{to}", about=referral.thread)
        _tell_referrer(referral, by=by)
    return referral


def _tell_referrer(referral: Referral, *, by: Any, ending: bool = False) -> None:
    """Tell a referrer the step they may see, when it is another than the last; in the caller's transaction."""
    consent = queries.status_consent(referral)
    if consent is None or referral.referrer is None or referral.referrer.ending:
        return
    step = rules.shown(referral.step, queries.share(consent), met=referral.met)
    if step == referral.told:
        return
    # Why a family did not start is told with the whole ladder, and with nothing less.
    whole = queries.share(consent) == "ladder"
    ladder = {"step": step, "reason": referral.reason if whole and step == "not_started" else ""}
    threads.tell(thread=referral.referrer, body={"news": "ladder", "ladder": ladder}, by=KEEPER)
    Disclosure.objects.create(consent=consent, what=step, on=clock.today())
    Referral.objects.filter(pk=referral.pk).update(told=step)
    audit.record(by=by, action="consents.disclosed", about=referral.thread, reason=step)
    if not ending:
        publish(thread=referral.thread, by=KEEPER)


def _stop_talk_clock(referral: Referral, *, by: str, offered: bool = False) -> None:
    """Empty a referral's clocks and count whether a first talk was offered in time, in the caller's transaction."""
    if referral.talk_by is None or referral.talk_latest is None:
        return
    now = clock.now()
    in_time = "in_time" if now <= referral.talk_by else "late" if now <= referral.talk_latest else "too_late"
    row, _new = TalkCount.objects.get_or_create(week=referral.thread.week, how=in_time if offered else "none")
    TalkCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
    referral.talk_by = referral.talk_latest = None
    Referral.objects.filter(pk=referral.pk).update(talk_by=None, talk_latest=None)


def _note_offered(*, by: str) -> int:
    """Stop the clocks of referrals that have been offered a first talk since the last round."""
    waiting = list(Referral.objects.filter(talk_by__isnull=False).values_list("thread_id", flat=True))
    offered = intake_queries.first_offered(waiting) if waiting else set()
    for ident in offered:
        with transaction.atomic():
            referral = Referral.objects.select_for_update().select_related("thread").get(thread_id=ident)
            _stop_talk_clock(referral, by=by, offered=True)
    return len(offered)


def record(*, thread: "Thread", sentence: rules.Sentence, until: date, by: Any, kind: str = "other") -> Consent:
    """Write down a consent somebody gave, in words a family can read. Raises `ValueError` when a part is missing."""
    require(by, Permission.KEEP_CONSENTS)
    today = clock.today()
    if not today <= until <= today + timedelta(days=rules.LONGEST_DAYS):
        raise ValueError("a consent has a last day, and not too far off")
    with transaction.atomic():
        threads.hold(thread=thread, room=ROOM, by=by)
        consent = _write(thread, kind, sentence, given_on=today, until=until)
        audit.record(by=by, action="consents.recorded", about=thread)
        publish(thread=thread, by=by)
    return consent


def withdraw(*, consent: Consent, by: Any) -> None:
    """Take a consent back for a family that rang: at once, and for good. Raises `AlreadyClosed`."""
    require(by, Permission.KEEP_CONSENTS)
    _close(consent, how="withdrawn", by=by)


def _asked_back(request: thread_queries.Request, *, by: str) -> None:
    """Take back the consent a family pressed, and tell the page that waits."""
    try:
        consent = Consent.objects.filter(pk=UUID(str(request.body["consent"])), thread=request.thread).first()
        if consent is not None:
            _close(consent, how="withdrawn", by=FAMILY)
    except (ValueError, AlreadyClosed):
        # Pressed twice, or not a consent of theirs: what the page shows next says how it stands.
        pass
    body = {"news": "withdrawn", "consents": queries.told(request.thread)}
    letter = UUID(request.body["letter"])
    threads.tell(thread=request.thread, body=body, receipt=request.body.get("receipt"), letter=letter, by=by)


def _close(consent: Consent, *, how: str, by: Any) -> None:
    """End a consent and everything that stood on it: the number, and what the referrer could see."""
    with transaction.atomic():
        consent = Consent.objects.select_for_update().select_related("thread").get(pk=consent.pk)
        if consent.closed_on is not None:
            raise AlreadyClosed
        referral = Referral.objects.select_related("thread", "referrer").filter(thread=consent.thread).first()
        closing = [consent]
        if consent.kind == "contact":
            threads.forget_card_on(thread=consent.thread, consent=consent.pk, by=by)
        if consent.kind == "contact" and how == "withdrawn":
            # Whoever wants nothing to do with us wants nothing told about it either.
            closing += list(Consent.objects.filter(thread=consent.thread, kind="status", closed_on__isnull=True))
            if referral is not None:
                _stop_talk_clock(referral, by=KEEPER)
        Consent.objects.filter(pk__in=[each.pk for each in closing]).update(closed_on=clock.today(), closing=how)
        if referral is not None and (how == "withdrawn" or consent.kind == "status"):
            _shut(referral)
        audit.record(by=by, action=f"consents.{how}", about=consent.thread)
        publish(thread=consent.thread, by=KEEPER)


def _shut(referral: Referral) -> None:
    """Leave a referrer nothing but "closed": every step they were told is taken out of their box."""
    if referral.referrer is not None and not referral.referrer.ending and referral.told != "closed":
        Referral.objects.filter(pk=referral.pk).update(told="closed")
        body = {"news": "not_shared", "door": "professional", "ladder": {"step": "closed"}}
        threads.say_only(thread=referral.referrer, body=body, by=KEEPER)


def _run_out(*, by: str) -> int:
    """Close the consents whose last day has gone by, and tell how many there were."""
    over = list(Consent.objects.filter(closed_on__isnull=True, until__lt=clock.today(), thread__ending="")[:100])
    for consent in over:
        _close(consent, how="expired", by=by)
    return len(over)


def publish(*, thread: "Thread", by: Any) -> None:
    """Put into a family's box who may know what about them, in the caller's transaction."""
    threads.tell(thread=thread, body={"news": "consents", "consents": queries.told(thread)}, by=KEEPER)


def look(*, thread: "Thread", by: Any) -> None:
    """Write down that somebody looked at a family's consents or referral."""
    with transaction.atomic():
        audit.record(by=by, action="consents.looked", about=thread)


def _let_go(thread: "Thread", *, by: str) -> None:
    """Tell a referrer how it ended, as far as was agreed; delete what this room has about a thread, and let go."""
    with transaction.atomic():
        referral = Referral.objects.select_related("thread", "referrer").filter(thread=thread).first()
        if referral is not None:
            _stop_talk_clock(referral, by=by)
            last = rules.last_step(referral.step, thread.ending)
            if last == "closed":
                _shut(referral)
            else:
                referral.step = last
                _tell_referrer(referral, by=by, ending=True)
            referral.delete()
        Consent.objects.filter(thread=thread).delete()
        threads.release(thread=thread, room=ROOM, by=by)
        audit.record(by=by, action="consents.let_go", about=thread)


def weigh(*, about: UUID, said: dict[str, str], second: Any, by: Any) -> Duty:
    """Write down how somebody weighed our duty to notify, for a second person to read. Nothing can change it later.

    `said` holds the four parts of `rules.WEIGHED`. Raises `ValueError` when one is empty or the second is oneself.
    """
    require(by, Permission.WEIGH_DUTY)
    require(second, Permission.WEIGH_DUTY)
    if second.pk == by.pk or not all(said.get(name, "").strip() for name in rules.WEIGHED):
        raise ValueError("a weighing has four parts and two people")
    ident, today = uuid4(), clock.today()
    key = keyring.new_data_key(about=ident, kind="duty")
    with transaction.atomic():
        duty = Duty.objects.create(
            id=ident,
            about=about,
            key=key,
            sealed=keyring.seal(key, dict(said), context=keyring.place("duty", ident, "sealed")),
            written_by_id=by.pk,
            written_at=clock.now(),
            second_id=second.pk,
            kept_until=rules.years_on(today, settings.DUTY_KEPT_YEARS),
        )
        audit.record(by=by, action="consents.duty_weighed", about=f"thread:{about}", reason=f"second: {second.handle}")
    return duty


def read_second(*, duty: Duty, agrees: bool, words: str, by: Any) -> DutyReading:
    """Say as the second person what one makes of a weighing, once. Raises `NotTheSecond`, `AlreadyRead`."""
    require(by, Permission.WEIGH_DUTY)
    if duty.second_id != by.pk:
        raise NotTheSecond
    body = {"agrees": agrees, "words": words}
    sealed = keyring.seal(duty.key, body, context=keyring.place("duty_reading", duty.pk, "sealed"))
    try:
        with transaction.atomic():
            reading = DutyReading.objects.create(duty=duty, sealed=sealed, read_by_id=by.pk, read_at=clock.now())
            audit.record(by=by, action="consents.duty_read", about=f"thread:{duty.about}")
    except IntegrityError:
        raise AlreadyRead from None
    return reading


def look_at_duty(*, duty: Duty, by: Any) -> queries.Weighing:
    """Open a weighing to one of the two it is for, and write down that they looked."""
    with transaction.atomic():
        audit.record(by=by, action="consents.duty_looked", about=f"thread:{duty.about}")
    said = keyring.open_sealed(duty.key, bytes(duty.sealed), context=keyring.place("duty", duty.pk, "sealed"))
    row = DutyReading.objects.filter(duty=duty).first()
    place = keyring.place("duty_reading", duty.pk, "sealed")
    reading = keyring.open_sealed(duty.key, bytes(row.sealed), context=place) if row else None
    return queries.Weighing(duty, said, reading, row is None and duty.second_id == by.pk)


def sweep(now: datetime) -> int:
    """Destroy the weighings whose years have gone by: the key first, then the row."""
    over = list(Duty.objects.filter(kept_until__lt=clock.local(now).date())[:100])
    for duty in over:
        keyring.shred(duty.key)
        with transaction.atomic():
            DutyReading.objects.filter(duty=duty).delete()
            audit.record(by=KEEPER, action="consents.duty_destroyed", about=f"duty:{duty.pk}")
            duty.delete()
    return len(over)
