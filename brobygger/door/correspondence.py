"""Makes what lay in a box into what a page shows: entries, times, the appointment that stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.rules import say_day
from brobygger.ground.templatetags.house import said

from . import rules


def on_paper(day: date) -> str:
    """Say a day in a text that is kept: "mandag den 23. november 2026", never "tomorrow"."""
    return say_day(day, date.min, get_language() or settings.LANGUAGE_CODE)


@dataclass(frozen=True)
class When:
    """A time, as a family reads it."""

    ident: str
    starts_at: datetime
    ends_at: datetime
    where: str
    place: str
    worker: str
    address_known: bool = False

    @property
    def past(self) -> bool:
        """Tell whether it has begun."""
        return self.starts_at <= clock.now()

    @property
    def where_said(self) -> str:
        """Say where, in words."""
        if self.where == "house" and self.place:
            try:
                place = catalogue.place(self.place)
            except Http404:
                return _("in the house")
            name = said(place.name)
            return place.address if name in place.address else ", ".join(filter(None, [name, place.address]))
        return {
            "home": _("at your home"),
            "phone": _("on the phone"),
            "video": _("on video"),
            "sparring": _("on the phone, ten minutes"),
        }.get(self.where, _("in the house"))


def a_time(raw: dict[str, Any]) -> When:
    """Read one time out of an answer."""
    return When(
        str(raw["id"]),
        datetime.fromisoformat(raw["starts_at"]),
        datetime.fromisoformat(raw["ends_at"]),
        str(raw.get("where", "")),
        str(raw.get("place", "")),
        str(raw.get("with", "")),
        raw.get("address") == "known",
    )


@dataclass(frozen=True)
class Entry:
    """One thing the house has said, newest first on the page."""

    kind: str
    news: str
    at: datetime
    text: str
    sender: str
    title: Any
    times: tuple[When, ...] = ()
    appointment: When | None = None
    due: datetime | None = None
    read_by: tuple[Any, ...] = ()
    how: str = ""


def entry(raw: dict[str, Any]) -> Entry:
    """Read one entry out of what lay in the box."""
    due = raw.get("due")
    standing = raw.get("appointment")
    return Entry(
        kind=str(raw.get("kind", "")),
        news=str(raw.get("news", "")),
        at=datetime.fromisoformat(str(raw["at"])),
        text=str(raw.get("text", "")),
        sender=str(raw.get("from") or raw.get("with") or ""),
        title=raw.get("title", ""),
        times=tuple(a_time(each) for each in raw.get("times") or ()),
        appointment=a_time(standing) if isinstance(standing, dict) else None,
        due=datetime.fromisoformat(due) if due else None,
        read_by=tuple(raw.get("read_by") or ()),
        how=str(raw.get("how", "")),
    )


#: What may be told, as a family reads it.
FIELDS = {
    "name": gettext_lazy("your first name"),
    "number": gettext_lazy("your number"),
    "age": gettext_lazy("your child's age"),
    "place": gettext_lazy("the place that suits you"),
    "words": gettext_lazy("what you wrote"),
    "status_contact": gettext_lazy("whether we have got in touch"),
    "status_ladder": gettext_lazy("how it goes, step by step"),
    "appointment": gettext_lazy("when you have a time"),
    "attendance": gettext_lazy("whether you come"),
    "wellbeing": gettext_lazy("how you are"),
}
RECEIVERS = {
    "referrer": gettext_lazy("the one who referred you"),
    "municipality": gettext_lazy("the municipality"),
    "school": gettext_lazy("the school"),
    "health": gettext_lazy("the doctor or the hospital"),
}
#: The one who referred, by profession.
YOURS = {
    "health_visitor": gettext_lazy("your health visitor"),
    "midwife": gettext_lazy("your midwife"),
    "doctor": gettext_lazy("your doctor"),
    "pedagogue": gettext_lazy("your child's early years teacher"),
    "teacher": gettext_lazy("your child's teacher"),
    "job_centre": gettext_lazy("your job centre"),
    "family_adviser": gettext_lazy("your family adviser"),
}
PURPOSES = {
    "ring": gettext_lazy("so that we can ring you"),
    "status": gettext_lazy("because you were referred from there"),
    "cooperate": gettext_lazy("so that we can work together for you"),
}
HOW = {
    "present": gettext_lazy("together with the one who referred you"),
    "spoken": gettext_lazy("by saying it to us"),
    "phone": gettext_lazy("on the phone"),
    "written": gettext_lazy("in writing"),
}
GIVERS = {"other_parent": gettext_lazy("the other parent"), "young": gettext_lazy("the young one")}
TOLD = {
    "received": gettext_lazy("that we have the referral"),
    "trying": gettext_lazy("that we are trying to reach you"),
    "contact": gettext_lazy("that we have got in touch"),
    "started": gettext_lazy("that you have begun"),
    "ended": gettext_lazy("that you have ended"),
    "not_started": gettext_lazy("that you have not begun"),
    "handed_on": gettext_lazy("that we helped you on to somebody else"),
    "record": gettext_lazy("what we had written down"),
}


@dataclass(frozen=True)
class Told:
    """Something that was passed on, and when."""

    what: str
    on: date


@dataclass(frozen=True)
class Consent:
    """A yes somebody gave, as a family reads it: who may know what, what for, until when, and what has been told."""

    ident: str
    kind: str
    who: str
    what: str
    purpose: str
    until: date
    given_on: date
    how: str
    giver: str
    text: tuple[str, ...]
    standing: bool
    closing: str
    closed_on: date | None
    told: tuple[Told, ...]

    @property
    def until_said(self) -> str:
        """Say its last day, with the year."""
        return on_paper(self.until)


def _together(words: list[str]) -> str:
    """Say a few things in a row: "a, b and c"."""
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]} if words[1:] else words[0]


def consent(raw: dict[str, Any]) -> Consent:
    """Read one consent out of what lay in the box."""
    receiver = raw.get("receiver") or {}
    key, words = str(receiver.get("key", "")), str(receiver.get("words", ""))
    fields = [str(FIELDS[each]) for each in raw.get("fields") or () if each in FIELDS]
    purpose = str(raw.get("purpose", ""))
    closed_on = raw.get("closed_on")
    referrer = YOURS.get(str(raw.get("profession", ""))) if key == "referrer" else None
    return Consent(
        ident=str(raw["id"]),
        kind=str(raw.get("kind", "")),
        who="" if key == "house" else words or str(referrer or RECEIVERS.get(key) or _("somebody else")),
        what=_together(fields or [_("what you agreed with us")]),
        purpose=str(PURPOSES.get(purpose) or raw.get("purpose_words") or ""),
        until=date.fromisoformat(raw["until"]),
        given_on=date.fromisoformat(raw["given_on"]),
        how=str(HOW.get(str(raw.get("how", ""))) or ""),
        giver=str(GIVERS.get(str(raw.get("giver", ""))) or ""),
        text=tuple(str(raw.get("text") or "").splitlines()),
        standing=bool(raw.get("standing")),
        closing=str(raw.get("closing", "")),
        closed_on=date.fromisoformat(closed_on) if closed_on else None,
        told=tuple(
            Told(str(TOLD[each["what"]]), date.fromisoformat(each["on"]))
            for each in raw.get("told") or ()
            if each["what"] in TOLD
        ),
    )


#: How far a referral has come, as a referrer reads it.
STEPS = {
    "received": gettext_lazy("We have received the referral"),
    "trying": gettext_lazy("We are trying to reach the parent"),
    "contact": gettext_lazy("We are in touch with the parent"),
    "started": gettext_lazy("The family has begun with us"),
    "ended": gettext_lazy("The family has ended with us"),
    "not_started": gettext_lazy("The family has not begun with us"),
    "handed_on": gettext_lazy("We have helped the family on to another place"),
    "closed": gettext_lazy("Closed. Nothing more is shared"),
}
REASONS = {
    "no_answer": gettext_lazy("We did not get hold of them"),
    "no_thanks": gettext_lazy("The family said no thank you"),
    "not_now": gettext_lazy("The family would rather wait"),
    "other_help": gettext_lazy("The family has other help"),
    "moved": gettext_lazy("The family has moved"),
    "duplicate": gettext_lazy("The family was referred before"),
    "other": gettext_lazy("For another reason"),
}


@dataclass(frozen=True)
class Step:
    """One step of a referral on the page, and whether it is "done", "now" or "ahead"."""

    said: Any
    state: str


@dataclass(frozen=True)
class Ladder:
    """How far a referral has come, as much of it as the parent lets the referrer see."""

    step: str
    share: str
    reason: str = ""

    @property
    def steps(self) -> list[Step]:
        """List the steps to come and those behind; a way that ended otherwise shows its end last."""
        way = list(rules.LADDER[self.share])
        if self.step not in way:
            return [Step(STEPS["received"], "done"), Step(STEPS[self.step], "now")]
        at = way.index(self.step)
        return [Step(STEPS[each], "done" if n < at else "now" if n == at else "ahead") for n, each in enumerate(way)]

    @property
    def said(self) -> Any:
        """Say where it stands."""
        return STEPS[self.step]

    @property
    def why(self) -> Any:
        """Say why a family has not begun, when that is shared."""
        return REASONS.get(self.reason, "")


def _ladder(listed: list[dict[str, Any]]) -> Ladder | None:
    """Find the newest step among the entries of a referrer's box; None when it is not one."""
    held = next((raw["ladder"] for raw in listed if isinstance(raw.get("ladder"), dict)), None)
    if held is None:
        return None
    share = next((str(raw["share"]) for raw in listed if raw.get("share") in rules.LADDER), "none")
    step = str(held.get("step", "received"))
    return Ladder(step if step in STEPS else "received", share, str(held.get("reason") or ""))


@dataclass(frozen=True)
class Known:
    """That somebody has said who they are: since when, and what we call them where the page may say it."""

    since: date
    called: str

    @property
    def since_said(self) -> str:
        """Say since when, with the year."""
        return on_paper(self.since)


@dataclass(frozen=True)
class Correspondence:
    """All that lay in a box: what is newest, what stands, what can be chosen, who has read."""

    entries: tuple[Entry, ...] = ()
    appointment: When | None = None
    times: tuple[When, ...] = ()
    due: datetime | None = None
    door: str = "parent"
    read_by: tuple[Any, ...] = ()
    ended: bool = False
    answered: bool = False
    late: bool = False
    reach: bool = False
    newest: Entry | None = field(default=None)
    #: How the family came, when it did not write: "referral", "phone", "walk_in".
    how: str = ""
    #: We have rung, or tried to.
    rung: bool = False
    consents: tuple[Consent, ...] = ()
    named: Known | None = None
    ladder: Ladder | None = None
    #: Seats in groups and who waits for one, as they came; `templatetags.seats` says them.
    seats: tuple[dict[str, Any], ...] = ()
    waiting: tuple[dict[str, Any], ...] = ()
    #: Questions that wait, as they came; `templatetags.questions` says them.
    sheets: tuple[dict[str, Any], ...] = ()
    #: What who has the key answered about themselves over time; `templatetags.own` draws it.
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def rings(self) -> bool:
        """Tell whether a family that was referred is to be rung: nothing it said yes to has been taken back."""
        given = [each for each in self.consents if each.kind == "contact"]
        return self.how == "referral" and (not given or any(each.standing for each in given))


def _known(raw: dict[str, Any]) -> Known:
    return Known(date.fromisoformat(raw["since"]), str(raw.get("called") or ""))


def _still_asked(raws: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Keep the questions whose last day is not past."""
    return tuple(each for each in raws if date.fromisoformat(each["closes"]) >= clock.today())


def read(raws: Iterable[dict[str, Any]]) -> Correspondence:
    """Put together what a page shows from the entries of a box, newest first."""
    listed = list(raws)
    entries = tuple(entry(raw) for raw in listed)
    # An answer without times leaves those offered before; news that lists none means that none are left.
    lists = [bool(raw.get("times")) or (raw.get("kind") == "news" and "times" in raw) for raw in listed]
    said_of_times = next((each for each, names in zip(entries, lists, strict=True) if names), None)
    standing = next((each.appointment for each, raw in zip(entries, listed, strict=True) if "appointment" in raw), None)
    # What was said before a new beginning is folded away: it answers another letter.
    current = tuple(takewhile(lambda each: each.news != "opened", entries))
    answers = [each for each in current if each.kind == "answer"]
    reach = next((each.news for each in entries if each.news in ("reach", "unreach")), "")
    times = tuple(each for each in said_of_times.times if not each.past) if said_of_times else ()
    if standing and any(each.ident == standing.ident for each in times):
        times = ()
    people = [each for each in current if each.kind == "answer" or each.news in ("ended",)]
    due = next((each.due for each in entries if each.due and not answers), None)
    return Correspondence(
        entries=entries,
        appointment=standing if standing and standing.ends_at > clock.now() else None,
        times=times,
        due=due,
        late=due is not None and due < clock.now(),
        door=next((str(raw["door"]) for raw in listed if raw.get("door")), "parent"),
        read_by=next((each.read_by for each in entries if each.read_by), ()),
        ended=bool(entries) and entries[0].news == "ended",
        answered=bool(answers),
        reach=reach == "reach",
        newest=people[0] if people else None,
        how=next((each.how for each in entries if each.news == "opened"), ""),
        rung=any(each.news == "rung" for each in entries),
        consents=next((tuple(map(consent, raw["consents"])) for raw in listed if "consents" in raw), ()),
        named=next((_known(raw["named"]) for raw in listed if isinstance(raw.get("named"), dict)), None),
        ladder=_ladder(listed),
        seats=next((tuple(raw["seats"]) for raw in listed if "seats" in raw), ()),
        waiting=next((tuple(raw["waiting"]) for raw in listed if "waiting" in raw), ()),
        sheets=_still_asked(next((raw["sheets"] for raw in listed if "sheets" in raw), ())),
        own=next((raw["own"] for raw in listed if isinstance(raw.get("own"), dict)), {}),
    )
