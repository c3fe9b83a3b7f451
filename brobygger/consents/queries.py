"""Reading consents and referrals: begins with the viewer, or with a thread one already holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, F, Q

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.intake import queries as intake
from brobygger.privacy import keyring

from . import rules
from .models import Consent, Duty, Lookalike, Referral, TalkCount

if TYPE_CHECKING:
    from brobygger.threads.models import Thread


@dataclass(frozen=True)
class Given:
    """A consent, opened: the sentence, and whether it still counts."""

    consent: Consent
    sentence: rules.Sentence
    standing: bool
    told: tuple[Any, ...] = ()


def _opened(rows: Iterable[Consent]) -> list[Given]:
    """Open some consents with one question to the key store."""
    listed = list(rows)
    sealed = [(each.thread.key, bytes(each.sealed), keyring.place("consent", each.pk, "sealed")) for each in listed]
    today = clock.today()
    found = []
    for each, said in zip(listed, keyring.open_many(sealed), strict=True):
        if said is None:
            continue
        sentence = rules.Sentence(**(said | {"fields": tuple(said["fields"])}))
        counts = rules.standing(until=each.until, closed_on=each.closed_on, today=today)
        found.append(Given(each, sentence, counts, tuple(each.disclosures.all())))
    return found


def consents(thread: "Thread") -> list[Given]:
    """List everything a family has said yes to, oldest first, also what was taken back."""
    rows = Consent.objects.filter(thread=thread).exclude(closing="replaced")
    return _opened(rows.select_related("thread", "text").prefetch_related("disclosures").order_by("given_on", "kind"))


def told(thread: "Thread") -> list[dict[str, Any]]:
    """Write down for a family's box who may know what: what the holder of the key may see, and nothing confided."""
    return [_written(each) for each in consents(thread) if not each.sentence.confided]


def _written(given: Given) -> dict[str, Any]:
    consent, said = given.consent, given.sentence
    return {
        "id": str(consent.pk),
        "kind": consent.kind,
        "receiver": {"key": said.receiver, "words": said.receiver_words},
        "profession": said.profession,
        "fields": list(said.fields),
        "purpose": said.purpose,
        "purpose_words": said.purpose_words,
        "given_on": consent.given_on.isoformat(),
        "until": consent.until.isoformat(),
        "how": said.how,
        "giver": said.giver,
        "text": consent.text.text if consent.text else "",
        "standing": given.standing,
        "closed_on": consent.closed_on.isoformat() if consent.closed_on else "",
        "closing": consent.closing,
        "told": [{"what": each.what, "on": each.on.isoformat()} for each in given.told],
    }


def get_consent(viewer: Any, thread: UUID, ident: UUID) -> Consent | None:
    """Fetch a consent of a thread somebody may see; None when there is none for them."""
    if not may(viewer, Permission.KEEP_CONSENTS) or intake.get_line(viewer, thread) is None:
        return None
    return Consent.objects.select_related("thread").filter(pk=ident, thread=thread).first()


def pressed(thread: "Thread", ident: str) -> Consent | None:
    """Find the consent of a thread that was pressed on a page; when it was replaced since, the one in its place."""
    try:
        found = Consent.objects.select_related("thread").filter(pk=UUID(ident), thread=thread).first()
    except ValueError:
        return None
    if found is None or found.closing != "replaced":
        return found
    rows = Consent.objects.select_related("thread").filter(thread=thread, kind=found.kind, closed_on__isnull=True)
    return rows.first() or found


def confided(consent: Consent) -> bool:
    """Tell whether a consent was given in confidence."""
    return any(each.sentence.confided for each in _opened([consent]))


def status_consent(referral: Referral) -> Consent | None:
    """Find the consent a referrer is told on, if one stands today."""
    rows = Consent.objects.filter(thread=referral.thread, kind="status", closed_on__isnull=True)
    return rows.select_related("thread").filter(until__gte=clock.today()).order_by("-given_on").first()


def share(consent: Consent | None) -> str:
    """Tell how much of a referral may be told on a consent: "none", "contact" or "ladder"."""
    given = _opened([consent]) if consent else []
    fields = given[0].sentence.fields if given else ()
    return "ladder" if "status_ladder" in fields else "contact" if "status_contact" in fields else "none"


# ---- Referrals ----


@dataclass(frozen=True)
class Sent:
    """A referral as somebody at work may see it."""

    referral: Referral
    line: Any
    #: First name, age, interpreter, place, profession; the parent's words only for who may open the thread.
    said: dict[str, Any]
    share: str
    may_ring: bool
    others: tuple["Other", ...] = ()
    next_steps: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Other:
    """Another referral that gave the same number."""

    pair: Lookalike
    number: str
    thread: UUID


def get_referral(viewer: Any, thread: UUID) -> Sent | None:
    """Fetch the referral of a thread somebody may see on the worklist; None when there is none for them."""
    line = intake.get_line(viewer, thread) if may(viewer, Permission.SEE_REFERRALS) else None
    referral = Referral.objects.select_related("thread", "referrer").filter(thread=thread).first() if line else None
    if line is None or referral is None:
        return None
    said = keyring.open_sealed(
        referral.thread.key, bytes(referral.sealed), context=keyring.place("referral", referral.pk, "sealed")
    )
    if not line.sight.open:
        said = {**said, "text": ""}
    return Sent(
        referral=referral,
        line=line,
        said=said,
        share=share(status_consent(referral)),
        may_ring=_may_ring(referral),
        others=tuple(others(viewer, referral)),
        next_steps=rules.NEXT[referral.step],
    )


def _may_ring(referral: Referral) -> bool:
    rows = Consent.objects.filter(thread=referral.thread, kind="contact", closed_on__isnull=True)
    return rows.filter(until__gte=clock.today()).exists()


def others(viewer: Any, referral: Referral) -> list[Other]:
    """List the referrals with the same number, for a person to decide about."""
    pairs = Lookalike.objects.filter(Q(one=referral) | Q(other=referral))
    found = []
    for pair in pairs.select_related("one__thread", "other__thread"):
        it = pair.other if pair.one_id == referral.pk else pair.one
        seen = intake.get_line(viewer, it.thread_id) is not None
        # A colleague's family is not named; that there is one with this number is for both to know.
        found.append(Other(pair, it.thread.number if seen else "", it.thread_id))
    return found


def get_pair(viewer: Any, thread: UUID, ident: UUID) -> Lookalike | None:
    """Fetch a pair of lookalikes that a thread somebody may see is part of."""
    sent = get_referral(viewer, thread)
    return next((each.pair for each in sent.others if each.pair.pk == ident), None) if sent else None


@dataclass(frozen=True)
class Talk:
    """A referral whose family waits to be offered a first talk."""

    thread: UUID
    number: str
    step: str
    talk_by: datetime
    talk_latest: datetime
    twin: bool

    @property
    def late(self) -> bool:
        """Tell whether the goal has gone by."""
        return self.talk_by < clock.now()

    @property
    def too_late(self) -> bool:
        """Tell whether the limit has gone by."""
        return self.talk_latest < clock.now()


def talks(viewer: Any, *, within: timedelta = timedelta(days=4), limit: int = 20) -> list[Talk]:
    """List the first talks that must be offered soon, nearest first, for who may see referrals."""
    if not may(viewer, Permission.SEE_REFERRALS):
        return []
    rows = Referral.objects.filter(talk_by__lt=clock.now() + within, thread__ending="").select_related("thread")
    listed = list(rows.order_by("talk_by")[:limit])
    pairs = Lookalike.objects.filter(Q(one__in=listed) | Q(other__in=listed), decided="")
    twins = {ident for pair in pairs for ident in (pair.one_id, pair.other_id)}
    return [
        Talk(row.thread_id, row.thread.number, row.step, row.talk_by, row.talk_latest, row.pk in twins)
        for row in listed
        if row.talk_by and row.talk_latest
    ]


@dataclass(frozen=True)
class Short:
    """A thread under its box number, and the day it is about when there is one."""

    thread: UUID
    number: str
    on: date | None = None


def unrung(viewer: Any, *, mine: bool = False, limit: int = 50) -> list[Short]:
    """List the referrals nobody has rung yet, nearest hour first: all, or those one has taken."""
    if not may(viewer, Permission.SEE_REFERRALS):
        return []
    nearest = F("thread__enquiry__due_at").asc(nulls_last=True)
    rows = Referral.objects.filter(step="received", thread__ending="").order_by(nearest, "talk_by")
    rows = rows.filter(thread__enquiry__taken_by=viewer) if mine else rows
    return [Short(*row) for row in rows.values_list("thread_id", "thread__number")[:limit]]


def undecided(viewer: Any, limit: int = 10) -> list[tuple[Short, Short]]:
    """List the referrals that gave the same number and nobody has decided about, for who may see referrals."""
    if not may(viewer, Permission.SEE_REFERRALS):
        return []
    rows = Lookalike.objects.filter(decided="", one__thread__ending="", other__thread__ending="")
    pairs = rows.values_list("one__thread_id", "one__thread__number", "other__thread_id", "other__thread__number")
    return [(Short(row[0], row[1]), Short(row[2], row[3])) for row in pairs.order_by("id")[:limit]]


def running_out(viewer: Any, until: date, limit: int = 10) -> list[Short]:
    """List the consents that run out by a day, soonest first, for who keeps consents."""
    if not may(viewer, Permission.KEEP_CONSENTS):
        return []
    rows = Consent.objects.filter(until__lte=until, closed_on__isnull=True, thread__ending="").order_by("until")
    return [Short(*row) for row in rows.values_list("thread_id", "thread__number", "until")[:limit]]


@dataclass(frozen=True)
class TalksNow:
    """How many families wait for a first talk, how many of them past the goal, and past the limit."""

    waiting: int
    late: int
    too_late: int


def talks_by_week() -> dict[str, TalksNow]:
    """Count by the referrals' week who waits for a first talk, and how many past what we promise."""
    now = clock.now()
    late = {"late": Q(talk_by__lt=now), "too_late": Q(talk_latest__lt=now)}
    counted = {name: Count("pk", filter=when) for name, when in late.items()}
    rows = Referral.objects.filter(talk_by__isnull=False).values_list("thread__week").order_by()
    return {row[0]: TalksNow(*row[1:]) for row in rows.annotate(waiting=Count("pk"), **counted)}


def talk_counts(weeks: Iterable[str] | None = None) -> dict[str, int]:
    """Count the first talks offered in time, late, too late and never, over some weeks."""
    rows = TalkCount.objects.all() if weeks is None else TalkCount.objects.filter(week__in=list(weeks))
    counts: dict[str, int] = {"in_time": 0, "late": 0, "too_late": 0, "none": 0}
    for how, count in rows.values_list("how", "count"):
        counts[how] = counts.get(how, 0) + count
    return counts


# ---- Our own duty ----


@dataclass(frozen=True)
class Weighing:
    """A weighing of our duty to notify, opened, with what the second person said."""

    duty: Duty
    said: dict[str, Any]
    reading: dict[str, Any] | None
    may_read_second: bool


def duties(viewer: Any, *, about: UUID | None = None) -> list[Duty]:
    """List the weighings somebody may open: their own, and those they are the second of."""
    rows = Duty.objects.filter(Q(written_by=viewer) | Q(second=viewer)).select_related(
        "written_by", "second", "reading"
    )
    rows = rows if about is None else rows.filter(about=about)
    return list(rows.order_by("-written_at")[:100])


def unread_duties(viewer: Any) -> int:
    """Count the weighings that wait for somebody as the second person."""
    return Duty.objects.filter(second=viewer, reading__isnull=True).count()


def get_duty(viewer: Any, ident: UUID) -> Duty | None:
    """Fetch a weighing somebody may open; None when there is none for them."""
    if not may(viewer, Permission.WEIGH_DUTY):
        return None
    rows = Duty.objects.filter(Q(written_by=viewer) | Q(second=viewer), pk=ident)
    return rows.select_related("written_by", "second", "reading").first()
