"""A paper about one person: plain values, its words, and the three ways it is given out, which all say the same."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import dateformat, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brobygger.casework.templatetags import courses
from brobygger.consents import wording as agreements
from brobygger.content import queries as content
from brobygger.ground import clock, paper

from . import rules
from .rules import Decided, Piece

#: What is asked, by what right and how; why something is held back; why a record waits. As people at work read it.
KINDS = {
    "access": gettext_lazy("To see what we know"),
    "correction": gettext_lazy("To have something set right"),
    "erasure": gettext_lazy("To have it erased"),
}
RIGHTS = {
    "self": gettext_lazy("The person it is about"),
    "young": gettext_lazy("The young person it is about"),
    "custody": gettext_lazy("Somebody with custody of the child"),
    "other": gettext_lazy("Somebody else"),
}
WAYS = {
    "key": gettext_lazy("with their return key"),
    "present": gettext_lazy("here in the house"),
    "phone": gettext_lazy("on the phone"),
    "letter": gettext_lazy("in a letter or a mail"),
}
#: How a paper is handed out.
FORMS = {
    "page": gettext_lazy("a printed page"),
    "pdf": gettext_lazy("a PDF"),
    "json": gettext_lazy("a file"),
}
WAITS = gettext_lazy("Waits for an answer")
STATES = {
    "received": gettext_lazy("Being looked through"),
    "ready": gettext_lazy("Ready to be handed out"),
    "done": gettext_lazy("Answered"),
    "refused": gettext_lazy("Refused"),
}
#: Why something is held back; the first four are chosen by a person, the fifth is found by the machine.
WHY = {
    "third_person": gettext_lazy("somebody else said it"),
    "child": gettext_lazy("a child said it in confidence"),
    "harm": gettext_lazy("it could hurt somebody"),
    "other": gettext_lazy("it was weighed and held back"),
    "reach": gettext_lazy("it says where somebody else is reached"),
}
PLACES = {
    "house": gettext_lazy("In the house"),
    "home": gettext_lazy("At home"),
    "phone": gettext_lazy("On the phone"),
    "video": gettext_lazy("By video"),
}


@dataclass(frozen=True)
class Field:
    """Something said, under its label; as it was written, or in pieces once somebody has weighed it."""

    label: str
    text: str
    pieces: tuple[Piece, ...] | None = None

    @property
    def given(self) -> tuple[Piece, ...]:
        """What is handed out of it."""
        return (Piece(self.text),) if self.pieces is None else self.pieces


@dataclass(frozen=True)
class Entry:
    """One thing held: when, by whom, in clear facts and in words. What has an `ident` is weighed before it goes out."""

    kind: str
    heading: str
    meta: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    words: tuple[Field, ...] = ()
    ident: UUID | None = None
    at: datetime | None = None

    @property
    def sentences(self) -> list[str]:
        """Every sentence in it, in order; a decision names them by number."""
        return [one for each in self.words for one in rules.sentences(each.text)]

    def weighed(self, decided: Decided, secret: Iterable[int]) -> "Entry":
        """Give it as it is handed out. A decision about other words than these holds all of it back."""
        known, hidden = self.sentences, set(secret)
        decided = decided if decided.fits(known) else Decided(tuple(range(len(known))), tuple(known), "other")
        words, start = [], 0
        for each in self.words:
            own = rules.sentences(each.text)
            held = [number - start for number in decided.held if start <= number < start + len(own)]
            part = Decided(tuple(held), tuple(own[number] for number in held), decided.why)
            inside = [number - start for number in hidden if start <= number < start + len(own)]
            # In the paper's language now, and not in that of whoever hands it out.
            given = (replace(one, text=gap(one)) if one.held else one for one in rules.pieces(own, part, inside))
            words.append(replace(each, pieces=tuple(given)))
            start += len(own)
        return replace(self, words=tuple(words))


@dataclass(frozen=True)
class Section:
    """A part of the paper."""

    key: str
    heading: str
    intro: str = ""
    entries: tuple[Entry, ...] = ()

    @property
    def brief(self) -> bool:
        """Tell whether each thing in it is one line: when, what, who."""
        return self.key == "log"

    @property
    def weighed(self) -> list[Entry]:
        """What in it somebody looks through before it goes out."""
        return [each for each in self.entries if each.ident]


@dataclass(frozen=True)
class Paper:
    """What one person is given about themselves."""

    title: str
    house: str
    made_at: datetime
    language: str
    opening: tuple[str, ...] = ()
    sections: tuple[Section, ...] = field(default=())

    @property
    def entries(self) -> Iterator[Entry]:
        """Everything in it, in order."""
        return (each for section in self.sections for each in section.entries)

    @property
    def columns(self) -> list[str]:
        """Head the columns of what stands in lines, in the paper's language."""
        with translation.override(self.language):
            return [_("When"), _("What"), _("Who")]


@dataclass(frozen=True)
class Weighing:
    """A request, opened to who weighs it: what was said, everything held, and what is decided so far."""

    said: dict[str, Any]
    sections: list[Section]
    decided: dict[UUID, Decided]
    reach: list[dict[str, Any]]

    @property
    def entries(self) -> list[Entry]:
        """What must be looked through, in order."""
        return [each for section in self.sections for each in section.entries if each.ident]

    @property
    def waiting(self) -> list[Entry]:
        """What nobody has looked through yet."""
        return [each for each in self.entries if each.ident not in self.decided]

    @property
    def looked(self) -> int:
        """How much has been looked through."""
        return len(self.entries) - len(self.waiting)

    @property
    def holding(self) -> set[UUID]:
        """In what something is held back."""
        return {ident for ident, decided in self.decided.items() if decided.held}

    @property
    def written(self) -> list[tuple[str, str]]:
        """Name the notes by their day and first words, to say which is wrong."""
        return [
            (str(each.ident), f"{each.meta} {each.words[0].text[:60]}")
            for each in self.entries
            if each.kind == "record"
        ]

    @property
    def right(self) -> str:
        """Who asks, in words."""
        return str(RIGHTS[self.said["right"]])

    @property
    def handed(self) -> list[tuple[datetime, str, str]]:
        """When it was handed out, how, and by whom."""
        given = self.said.get("handed", [])
        return [(datetime.fromisoformat(one["at"]), str(FORMS[one["how"]]), one["by"]) for one in given]


def gap(piece: Piece) -> str:
    """Say that something does not stand here, how much, and why."""
    said = ngettext(
        "%(count)s sentence is held back: %(why)s", "%(count)s sentences are held back: %(why)s", piece.held
    )
    return said % {"count": piece.held, "why": WHY[piece.why]}


def plain(made: Paper) -> dict[str, Any]:
    """Give a paper as values any program reads: the file, documented in docs/papers.md."""
    return {
        "format": rules.SHAPE,
        "title": made.title,
        "house": made.house,
        "made_at": clock.local(made.made_at).isoformat(),
        "language": made.language,
        "opening": list(made.opening),
        "sections": [
            {
                "key": section.key,
                "heading": section.heading,
                "intro": section.intro,
                "entries": [_plain(each) for each in section.entries],
            }
            for section in made.sections
        ],
    }


def _plain(each: Entry) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "heading": each.heading,
        "meta": each.meta,
        "at": clock.local(each.at).isoformat() if each.at else None,
        "facts": [{"label": label, "value": value} for label, value in each.facts],
        "words": [{"label": one.label, "pieces": [_piece(piece) for piece in one.given]} for one in each.words],
    }


def _piece(piece: Piece) -> dict[str, Any]:
    """Give a stretch of text, or that so many sentences do not stand here."""
    if piece.held:
        return {"held_back": {"sentences": piece.held, "reason": piece.why}, "text": piece.text}
    return {"text": piece.text}


def file(made: Paper) -> bytes:
    """Write the file."""
    return json.dumps(plain(made), ensure_ascii=False, indent=2).encode()


def pdf(made: Paper) -> bytes:
    """Print the paper: PDF/UA, the same bytes each time."""
    data = plain(made) | {"footer": made.title, "columns": made.columns}
    return paper.pdf(template="rights/access.typ", data=data, title=made.title, language=made.language)


# ---- In words ----

#: Of the words somebody said yes to: what only tells that they have not changed.
BESIDE = ("digest",)
#: What stands on an identity card.
CARD = {
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Telephone"),
    "mail": gettext_lazy("E-mail"),
    "address": gettext_lazy("Address"),
    "protected": gettext_lazy("Protected contact"),
}


def card(said: dict[str, Any], *, left_out: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Write out an identity card, but for what is left out."""
    told = ((name, said.get(name)) for name in CARD if name not in left_out)
    return tuple((str(CARD[name]), _("Yes") if value is True else str(value)) for name, value in told if value)


def when(moment: datetime) -> str:
    """Say a moment in full, as a paper does that is read years later."""
    return dateformat.format(clock.local(moment), _("j. F Y H:i"))


def day(on: date | datetime) -> str:
    """Say a day in full."""
    return dateformat.format(on, "j. F Y")


def fields(kind: str, body: dict[str, Any]) -> list[Field]:
    """Write out one thing known, line by line, with days in full; what its own page does not say stands as stored."""
    known = {*courses.SAID.get(kind, ()), *BESIDE}
    if kind == "offers":
        return [_offer(each) for each in body.get("offers") or ()]
    if kind in ("coordination", "use"):
        # Who helps, and what somebody uses, is weighed too, and not set before the line.
        return [Field("", ": ".join(filter(None, line))) for line in courses.lines(body, kind)]
    told = [Field(_("Day"), day(date.fromisoformat(body["on"])))] if body.get("on") else []
    rest = {name: value for name, value in body.items() if name != "on"}
    told += (
        [Field(str(label), str(value)) for label, value in courses.lines(rest, kind)] if kind in courses.TITLES else []
    )
    if kind in courses.TITLES and kind not in courses.SAID:
        return told
    return told + [Field(name, _flat(value)) for name, value in rest.items() if name not in known and value]


def _offer(each: dict[str, Any]) -> Field:
    ((name, _days),) = courses.lines({"offers": [{"key": each.get("key", "")}]}, "offers")
    days = [day(date.fromisoformat(each[end])) for end in ("from", "to") if each.get(end)]
    return Field("", " – ".join([name, *days]))


def _flat(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def note(compartment: str, *, corrects: bool) -> str:
    """Name a note by what it is."""
    if compartment == "own_talks":
        return (
            _("Correction of what was written about a talk of the child's own")
            if corrects
            else _("What was written about a talk of the child's own")
        )
    return _("Correction of the note above") if corrects else _("Note")


def yes(given: Any) -> str:
    """Say a consent in one line."""
    return agreements.say(given).sentence


def parts(*, own_talks: bool) -> list[tuple[str, str]]:
    """Name what may go to a municipality; a child's own talks only to who may read them."""
    listed = [
        ("person", _("Who they are, and what we know of each")),
        ("course", _("What we know of the course")),
        ("notes", _("What we have written about each")),
    ]
    return [*listed, ("own_talks", _("What a child said in talks of its own"))] if own_talks else listed


def municipality(code: str) -> str:
    """Name a municipality."""
    named = {each.code: each.name for listed in content.municipalities().values() for each in listed}
    return named.get(code, code)


def opening(house: str, when: str) -> tuple[str, ...]:
    """Say what the paper is, and what a gap in it means."""
    return (
        _("This is what %(house)s has written down, as it stood on %(when)s.") % {"house": house, "when": when},
        _("Where something is held back, it says so, and why. It is held back to look after somebody else."),
    )


def what_you_can_do() -> list[Entry]:
    """Say what else a person may ask, and where to complain (GDPR articles 12 to 16)."""
    said = (
        (
            _("Is something wrong?"),
            _("Write or tell us. We write down what is right, and what stood there first stays readable."),
        ),
        (
            _("Do you want it erased?"),
            _("Ask us. Some laws say that a record must be kept for some years. If so, we tell you which."),
        ),
        (
            _("Where does it come from?"),
            _("From you, from those who are in the course with you, and from those you have said yes to."),
        ),
        (
            _("What is it used for?"),
            _("To help you. No machine decides anything about you, and nothing is sold or sent on without a ground."),
        ),
        (
            _("Do you want to complain?"),
            _(
                "Tell our leader. You may also complain to Datatilsynet, Carl Jacobsens Vej 35, 2500 Valby. "
                "Telephone 33 19 32 00, datatilsynet.dk."
            ),
        ),
    )
    return [Entry("right", heading, words=(Field("", words),)) for heading, words in said]
