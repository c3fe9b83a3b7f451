"""Deeds with consents and referrals: received, rung, moved on, taken back, run out. Each is one transaction."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from brobygger.access.guards import require
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.intake import queries as intake_queries
from brobygger.intake import services as intake
from brobygger.outbox import services as outbox
from brobygger.privacy import keyring
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import rules as thread_rules
from brobygger.threads import services as threads

from . import likeness, queries, rules
from .models import Consent, ConsentText, Disclosure, Referral, TalkCount

if TYPE_CHECKING:
    from brobygger.threads.models import Thread

KEEPER = "keeper"
FAMILY = "family"
ROOM = "consents"
#: So many consents of one family, told at once, still fit into an answer.
MOST = 40
#: A referrer can read the last step of a referral as long as the family their last word.
LAST_STEP_LIVES = thread_rules.FAREWELL_LIVES


class AlreadyClosed(Exception):
    """This consent has been taken back, or has run out."""


class TooMany(Exception):
    """A family has given as many consents as their box can show."""


def keep_up(*, by: str = KEEPER) -> int:
    """Do what referrers and families have asked for, end what has run out, and tell how much there was.

    What is taken back comes first. One thing that fails is said by type and place, is tried again in the next round,
    and keeps nobody else's from being done.
    """
    asked = thread_queries.requests(("referral", "withdraw"))
    back = [_asked_back(each, by=by) for each in asked if each.kind == "withdraw"]
    gone = [_let_go(each, by=by) for each in thread_queries.ending_held(ROOM)]
    come = [_come(each, by=by) for each in asked if each.kind == "referral"]
    return sum([*back, *gone, *come]) + _run_out(by=by) + _note_offered(by=by)


def _come(request: thread_queries.Request, *, by: str) -> int:
    """Take a referral in, then look whether another gave the same number: a failure of the one undoes no other."""
    return _receive(request, by=by) and (request.thread.ending != "" or likeness.look_for_others(request.thread, by=by))


@alone
def _receive(request: thread_queries.Request, *, by: str) -> None:
    """Write down a referral with its consents, put it on the worklist, and start its clocks.

    The same page sent again with other words changes what we know while nothing has come of it yet. Later than that it
    changes nothing: it would undo what the family or we have done since.
    """
    threads.mark_handled(request=request.ident, by=by)
    if request.thread.ending:
        return
    said, thread = request.body["referral"], request.thread
    facts = thread_queries.facts([thread])[thread.pk] or {}
    threads.hold(thread=thread, room=ROOM, by=by)
    known = Referral.objects.select_for_update().filter(thread=thread).first()
    if known is not None and not _untouched(known):
        threads.drop_words(message=request.ident, by=by)
        audit.record(by=by, action="consents.referral_came_too_late", about=thread)
        return
    if known is not None:
        _replace(known, said["share"])
    referral = known or Referral(id=uuid4(), thread=thread, **_clocks(request.at))
    contact = _agreed(request, str(facts.get("language") or "da"))
    # A referrer who has burned their own key meanwhile is told nothing more; the family is helped all the same.
    back = request.body["referrer"]
    if back and thread_queries.numbers([str(back)]):
        referral.referrer_id = UUID(str(back))
    referral.sealed = keyring.seal(thread.key, said | {"text": request.body["text"]}, context=_place(referral))
    referral.save()
    threads.take_number(message=request.ident, consent=contact.pk, by=by)
    if said.get("text_message"):
        rung = {"starts_at": facts.get("answer_by"), "phone": catalogue.spaced(catalogue.house().phone)}
        outbox.notify(thread=thread, kind="referred", by=by, params=rung)
    intake.arrive(thread=thread, written=request.at, promised=facts.get("answer_by"), by=by)
    audit.record(by=by, action="consents.referral_received", about=thread)
    publish(thread=thread, by=by)


def _untouched(referral: Referral) -> bool:
    """Tell whether nothing has come of a referral yet: nobody rang, nothing was taken back, the number is theirs."""
    taken_back = Consent.objects.filter(thread=referral.thread, closing__in=("withdrawn", "expired")).exists()
    return (
        referral.step == referral.told == "received" and not taken_back and not thread_queries.own_card(referral.thread)
    )


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
    ident: UUID | None = None,
) -> Consent:
    """Write down a consent under its thread's key, in the caller's transaction."""
    ident = ident or uuid4()
    sealed = keyring.seal(thread.key, asdict(sentence.checked()), context=keyring.place("consent", ident, "sealed"))
    return Consent.objects.create(
        id=ident, thread=thread, kind=kind, text=text, sealed=sealed, given_on=given_on, until=until
    )


def _replace(referral: Referral, share: str) -> None:
    """Close the consents a referrer gave before, for the same page sent again says it better."""
    thread = referral.thread
    threads.forget_card(thread=thread, by=KEEPER)
    outbox.drop_referred(thread=thread, by=KEEPER)
    old = Consent.objects.filter(thread=thread, kind__in=("contact", "status"), closed_on__isnull=True)
    old.update(closed_on=clock.today(), closing="replaced")
    likeness.forget(referral=referral, by=KEEPER)
    if referral.referrer is not None and not referral.referrer.ending:
        body = {"news": "ladder", "share": share, "ladder": {"step": "received", "reason": ""}}
        threads.tell(thread=referral.referrer, body=body, by=KEEPER)


def move(*, referral: Referral, to: str, by: Any, reason: str = "") -> Referral:
    """Say how far a referral has come, and tell its referrer as much as the family agreed to.

    The first call counts as the answer that was promised. Raises `rules.OutOfStep`, and `ValueError` when somebody did
    not start and nobody says why.
    """
    require(by, Permission.SEE_REFERRALS)
    with transaction.atomic():
        referral = Referral.objects.select_for_update().select_related("thread").get(pk=referral.pk)
        rules.step_to(referral.step, to, reason)
        first_call = to in rules.CALLS and not referral.tries and not referral.met
        referral.step, referral.reason = to, reason if to == "not_started" else ""
        referral.met = referral.met or to in ("contact", "started")
        referral.tries += to == "trying"
        referral.save(update_fields=["step", "reason", "met", "tries"])
        if first_call:
            # Only the first: a letter the family has written since must still be answered.
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
    share = queries.share(consent)
    step = rules.shown(referral.step, share, met=referral.met, reason=referral.reason)
    if step == referral.told and not ending:
        return
    body: dict[str, Any] = {"news": "ladder", "share": share}
    body["ladder"] = {"step": step, "reason": referral.reason if step == "not_started" else ""}
    if ending:
        # The family's key opens no page to take it back on any more: it stands alone, and goes by itself.
        until = min(consent.until, clock.today() + LAST_STEP_LIVES)
        threads.say_last(thread=referral.referrer, body=body | {"door": "professional"}, until=until, by=KEEPER)
    else:
        threads.tell(thread=referral.referrer, body=body, by=KEEPER)
    Referral.objects.filter(pk=referral.pk).update(told=step)
    disclose(consent=consent, what=step, by=by, shown=not ending)


def disclose(*, consent: Consent, what: str, by: Any, shown: bool = True) -> None:
    """Note that something was told on a consent, and let the family see that it was."""
    with transaction.atomic():
        Disclosure.objects.create(consent=consent, what=what, on=clock.today())
        audit.record(by=by, action="consents.disclosed", about=consent.thread, reason=what)
        if shown:
            publish(thread=consent.thread, by=KEEPER)


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


def record(*, thread: "Thread", sentence: rules.Sentence, until: date, by: Any, once: UUID | None = None) -> Consent:
    """Write down a consent somebody gave, in words a family can read. Raises `ValueError` when a part is missing.

    `once` names the page it was written on: sent twice, it is one. Raises `TooMany` when a family has given so many
    that their box could not show them.
    """
    require(by, Permission.KEEP_CONSENTS)
    today = clock.today()
    if once and (known := Consent.objects.filter(pk=once, thread=thread).first()) is not None:
        return known
    if Consent.objects.filter(thread=thread).count() >= MOST:
        raise TooMany
    if not today <= until <= today + timedelta(days=rules.LONGEST_DAYS):
        raise ValueError("a consent has a last day, and not too far off")
    with transaction.atomic():
        threads.hold(thread=thread, room=ROOM, by=by)
        consent = _write(thread, "other", sentence, given_on=today, until=until, ident=once)
        if sentence.confided:
            # Whoever holds the key sees neither the consent nor that there is something new.
            audit.record(by=by, action="consents.recorded_in_confidence", about=thread)
        else:
            audit.record(by=by, action="consents.recorded", about=thread)
            publish(thread=thread, by=by)
    return consent


def withdraw(*, consent: Consent, by: Any) -> None:
    """Take a consent back for a family that rang: at once, and for good. Raises `AlreadyClosed`."""
    require(by, Permission.KEEP_CONSENTS)
    _close(consent, how="withdrawn", by=by)


@alone
def _asked_back(request: thread_queries.Request, *, by: str) -> None:
    """Take back the consent a family pressed, also while its thread ends, and tell the page that waits."""
    threads.mark_handled(request=request.ident, by=by)
    thread = request.thread
    if thread.ending == "burned":
        return
    consent = queries.pressed(thread, str(request.body["consent"]))
    if consent is not None and consent.closed_on is None:
        _close(consent, how="withdrawn", by=FAMILY)
    if thread.ending:
        return
    # Of somebody else's, or of none, it is only said how things stand; never that something was taken back.
    body = {"news": "withdrawn" if consent else "consents", "consents": queries.told(thread)}
    letter = UUID(request.body["letter"])
    threads.tell(thread=thread, body=body, receipt=request.body.get("receipt"), letter=letter, by=by)


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
        if consent.kind == "contact" and referral is not None:
            likeness.forget(referral=referral, by=KEEPER)
        Consent.objects.filter(pk__in=[each.pk for each in closing]).update(closed_on=clock.today(), closing=how)
        shuts = consent.kind == "status" or (consent.kind == "contact" and how == "withdrawn")
        if referral is not None and shuts:
            _shut(referral)
        hidden = queries.confided(consent)
        audit.record(by=by, action=f"consents.{how}{'_in_confidence' * hidden}", about=consent.thread)
        if not consent.thread.ending and not hidden:
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
    return sum(_expire(consent, by=by) for consent in over)


@alone
def _expire(consent: Consent, *, by: str) -> None:
    _close(consent, how="expired", by=by)


def publish(*, thread: "Thread", by: Any) -> None:
    """Put into a family's box who may know what about them, in the caller's transaction."""
    threads.tell(thread=thread, body={"news": "consents", "consents": queries.told(thread)}, by=KEEPER)


def carry(*, of: "Thread", to: "Thread", by: Any) -> None:
    """Let what a family said yes to, and its referral, follow it into its new thread; in the caller's transaction.

    What was told stays with the yes it was told on. A number that stands on one is moved after it.
    """
    with transaction.atomic():
        given = list(Consent.objects.select_for_update(of=("self",)).filter(thread=of))
        sent = list(Referral.objects.select_for_update(of=("self",)).filter(thread=of))
        for each in sent:
            each.talk_by, each.talk_latest = clock.to_the_hour(each.talk_by), clock.to_the_hour(each.talk_latest)
        places = [*(keyring.place("consent", each.pk, "sealed") for each in given), *map(_place, sent)]
        rows: list[Consent | Referral] = [*given, *sent]
        bodies = keyring.open_many([(of.key, bytes(row.sealed), at) for row, at in zip(rows, places, strict=True)])
        for row, body, place in zip(rows, bodies, places, strict=True):
            row.thread = to
            # One that could not be opened before cannot be opened now; its dates are true all the same.
            row.sealed = keyring.seal(to.key, body, context=place) if body else row.sealed
            row.save(force_update=True)
        if rows:
            threads.hold(thread=to, room=ROOM, by=by)


def look(*, thread: "Thread", by: Any) -> None:
    """Write down that somebody looked at a family's consents or referral."""
    with transaction.atomic():
        audit.record(by=by, action="consents.looked", about=thread)


@alone
def _let_go(thread: "Thread", *, by: str) -> None:
    """Tell a referrer how it ended, as far as was agreed; delete what this room has about a thread, and let go."""
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
