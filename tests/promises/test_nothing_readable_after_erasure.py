"""No sequence of deeds leaves a readable identity after an erasure: not in clear, not under a key, not by a word."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from unittest import mock
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from brobygger.access.guards import NotAllowed
from brobygger.casework import finding, notes, queries, record, services
from brobygger.casework.models import Course, Draft, IdentityCard, Member, Note, Part
from brobygger.ground import clock
from brobygger.outcomes import queries as outcomes
from brobygger.outcomes import services as answers
from brobygger.outcomes.models import Round, Sheet
from brobygger.privacy import blind, keyring
from brobygger.privacy import queries as privacy
from brobygger.privacy.models import BlindToken
from tests.promises import examples

promise = pytest.mark.promise(
    "E1",
    da="Når vi har slettet det, vi ved om jer, kan ingen læse det igen eller finde jer på navn eller nummer: heller "
    "ikke vi, heller ikke hvis strømmen gik midt i det, og heller ikke med en gammel kopi.",
    en="Once we have erased what we know about you, nobody can read it again or find you by name or number: not us, "
    "not if the power went in the middle of it, and not with an old copy.",
)

KINDS = {None: ("living", "problems", "tags"), 1: ("person", "custody", "contact", "use", "care")}
chance = st.integers(0, 10_000)


class Stop(BaseException):
    """The power goes."""


@dataclass
class Known:
    """What the test knows of one course or one person in it."""

    ident: UUID
    course: UUID
    #: What they may be found by today.
    found_by: set[tuple[str, str]] = field(default_factory=set)
    #: "here", "going" while an erasure has stopped half way, "gone".
    state: str = "here"


class Erasing(examples.InAHouse):
    """Deeds in any order, the power going now and then; what was ever stored is kept aside, as an old copy does."""

    alma: ClassVar[Any]

    def __init__(self) -> None:
        """Begin with an empty house."""
        super().__init__()
        self.words: list[str] = []
        self.courses: dict[UUID, Known] = {}
        self.people: dict[UUID, Known] = {}
        #: What was ever stored: (key, sealed value, place) -> the course or person it is about.
        self.aside: dict[tuple[UUID, bytes, str], UUID] = {}
        self.replaced: set[tuple[UUID, bytes, str]] = set()
        self.tokens: dict[UUID, UUID] = {}
        self.retired: set[tuple[str, str]] = set()

    # -- what is chosen

    def everybody(self) -> list[Known]:
        """List all that was ever written down."""
        return [*self.courses.values(), *self.people.values()]

    def word(self) -> str:
        """Breed a word and remember it."""
        self.words.append(self.canary())
        return self.words[-1]

    def pick(self, number: int, *, people: bool = False) -> Any:
        """Choose a course or a person that is still here, open or not."""
        here = [each for each in (self.people if people else self.courses).values() if each.state == "here"]
        if not here:
            return None
        known = here[number % len(here)]
        return (Member if people else Course).objects.get(pk=known.ident)

    def card(self, member: UUID) -> dict[str, str]:
        """Invent who somebody is, and note what they are found by from now on."""
        name, phone = f"{self.word()} {self.word()}", self.number()
        self.words.append(phone)
        known = self.people[member]
        self.retired |= known.found_by
        known.found_by = {("name", name), ("name", name.split()[0]), ("phone", phone)}
        return {"name": name, "phone": phone, "address": self.word(), "mail": self.word()}

    def arrived(self, course: Course) -> None:
        """Note who is in a course."""
        for member in course.members.all():
            self.people.setdefault(member.pk, Known(member.pk, course.pk))

    def keep_aside(self) -> None:
        """Copy what lies sealed now."""
        rows: list[tuple[UUID, Any, str, UUID]] = []
        for part in Part.objects.select_related("member", "course"):
            key = part.member.key if part.member else part.course.key
            rows.append((key, part.sealed, record.place("part", part.pk), part.about))
        for note in Note.objects.select_related("member"):
            key = note.member.own_key if note.compartment == "own_talks" else note.member.key
            rows.append((key, note.sealed, record.place("note", note.pk), note.member_id))
        for draft in Draft.objects.select_related("member"):
            key = draft.member.own_key if draft.compartment == "own_talks" else draft.member.key
            rows.append((key, draft.sealed, record.place("draft", draft.once), draft.member_id))
        for sheet in Sheet.objects.select_related("round__member"):
            asked = sheet.round.member
            rows.append((asked.key, sheet.sealed, outcomes.place(sheet.pk), asked.pk))
        cards = {}
        for card in IdentityCard.objects.all():
            cards[card.key, bytes(card.sealed), record.place("identity", card.pk)] = card.member_id
        self.replaced |= {each for each in self.aside if "identity|" in each[2]} - set(cards)
        self.aside |= {(key, bytes(sealed), place): about for key, sealed, place, about in rows} | cards
        for token in BlindToken.objects.all():
            self.tokens[token.about] = token.course

    # -- what is done

    @rule(people=st.integers(1, 3), carded=st.booleans())
    def begins(self, people: int, carded: bool) -> None:
        """Begin a course."""
        invented = [{"called": self.word(), "role": "child"} for _each in range(people)]
        agreed = {"how": "present", "words": self.word()}
        course = services.open_course(people=invented, agreed=agreed, by=self.alma, worker=self.alma, once=uuid4())
        self.courses[course.pk] = Known(course.pk, course.pk, {("nickname", course.nickname)})
        self.arrived(course)
        for member in course.members.all() if carded else ():
            record.give_identity(member=member, said=self.card(member.pk), by=self.alma)

    @rule(number=chance)
    def somebody_comes(self, number: int) -> None:
        """Write somebody down, card and all."""
        course = self.pick(number)
        if course is None or course.state != "open":
            return
        ident = uuid4()
        self.people[ident] = Known(ident, course.pk)
        services.add_member(
            course=course,
            person={"called": self.word(), "role": "sibling", **self.card(ident)},
            by=self.alma,
            once=ident,
        )

    @rule(number=chance, which=chance, person=st.booleans())
    def writes(self, number: int, which: int, person: bool) -> None:
        """Write one thing known."""
        about = self.pick(number, people=person)
        course = about.course if person and about else about
        if course is None or course.state != "open":
            return
        kinds = KINDS[1 if person else None]
        kind = kinds[which % len(kinds)]
        seen = Part.objects.filter(about=about.pk, kind=kind).count()
        body = {"words": self.word(), "called": self.word(), "tags": [self.word()], "role": "child"}
        record.write_part(
            course=course, member=about if person else None, kind=kind, body=body, seen=seen, by=self.alma
        )
        if kind == "tags":
            known = self.courses[course.pk]
            self.retired |= {each for each in known.found_by if each[0] == "tag"}
            known.found_by = {each for each in known.found_by if each[0] != "tag"} | {("tag", body["tags"][0])}

    @rule(number=chance, how=st.sampled_from(["note", "own", "correction", "draft", "own draft", "sent draft"]))
    def notes(self, number: int, how: str) -> None:
        """Write a note, or begin one."""
        member = self.pick(number, people=True)
        if member is None or member.course.state != "open":
            return
        kind, once, first = "own_talks" if "own" in how else "record", uuid4(), None
        if "draft" in how:
            notes.keep_draft(member=member, text=self.word(), by=self.alma, once=once, compartment=kind)
            self.keep_aside()
        if how == "correction":
            first = Note.objects.filter(member=member, compartment="record").values_list("pk", flat=True).first()
        if "draft" not in how or how == "sent draft":
            notes.write(member=member, text=self.word(), by=self.alma, once=once, compartment=kind, corrects=first)

    @rule(number=chance, other=chance, reached=st.integers(0, 10), right=st.booleans())
    def answers(self, number: int, other: int, reached: int, right: bool) -> None:
        """Let somebody answer about themselves, or about another in the course; set it right, perhaps."""
        member = self.pick(number, people=True)
        if member is None:
            return
        there = list(member.course.members.filter(erasing=False).order_by("pk"))
        asked = Round.objects.create(
            member=member, by=there[other % len(there)], moment="during", number=Round.objects.count() + 1,
            instruments=[["goal", "1"]], due_on=clock.today(), opens_on=clock.today(), closes_on=clock.today(),
        )  # fmt: skip
        told = {"answers": {"reached": reached}, "by": self.alma}
        sheet = answers.keep_answer(round=asked, instrument="goal", mode="paper", **told)
        if right:
            self.keep_aside()
            answers.correct(sheet=sheet, answers={"reached": (reached + 1) % 11}, reason=self.word(), by=self.alma)

    @rule(number=chance)
    def says_who(self, number: int) -> None:
        """Write down who somebody is, once more."""
        member = self.pick(number, people=True)
        if member is not None and member.course.state == "open":
            record.give_identity(member=member, said=self.card(member.pk), by=self.alma)

    @rule(number=chance)
    def forgets_who(self, number: int) -> None:
        """Destroy who somebody is."""
        member = self.pick(number, people=True)
        if member is not None and member.course.state == "open":
            self.keep_aside()
            record.forget_identity(member=member, by=self.alma)
            self.retired |= self.people[member.pk].found_by
            self.people[member.pk].found_by = set()

    @rule(number=chance, words=st.booleans())
    def ends_or_goes_on(self, number: int, words: bool) -> None:
        """End a course, or let it go on."""
        course = self.pick(number)
        if course is None:
            return
        if course.state == "ended":
            services.reopen(course=course, by=self.alma)
        else:
            seen = Part.objects.filter(about=course.pk, kind="end").count()
            said = self.word() if words else ""
            services.end_course(course=course, reason="completed", words=said, seen=seen, by=self.alma)

    @rule(
        number=chance,
        person=st.booleans(),
        stop=st.sampled_from([None, None, "retire", "forget", "shred", "drop"]),
        before=st.booleans(),
    )
    def erases(self, number: int, person: bool, stop: str | None, before: bool) -> None:
        """Erase a person or a course; the power may go on the way."""
        about = self.pick(number, people=person)
        if about is None:
            return
        self.keep_aside()
        erase: Callable[[], str] = (
            (lambda: services.erase_member(member=about, why="wish", by=self.alma))
            if person
            else (lambda: services.erase_course(course=about, why="wish", by=self.alma))
        )
        going = [self.people[about.pk]] if person else self._all_in(about.pk)
        if stop is None:
            assert privacy.erasure(erase()) is not None
            self._gone(going)
            return
        with self._power(stop, before=before), pytest.raises(Stop):
            erase()
        for each in going:
            each.state = "going"
        # A course that goes is out of sight at once; what finds a person in one that stays goes with their keys.
        self.retired |= set() if person else {pair for each in going for pair in each.found_by}

    def _all_in(self, course: UUID) -> list[Known]:
        return [self.courses[course], *(each for each in self.people.values() if each.course == course)]

    def _gone(self, going: list[Known]) -> None:
        for each in going:
            each.state = "gone"
            self.retired |= each.found_by
            each.found_by = set()

    def _power(self, stop: str, *, before: bool) -> Any:
        owner = keyring if stop == "shred" else blind
        real = getattr(owner, stop)

        def stopped(*args: Any, **more: Any) -> None:
            if not before:
                real(*args, **more)
            raise Stop

        return mock.patch.object(owner, stop, stopped)

    @precondition(lambda self: any(each.state == "going" for each in self.everybody()))
    @rule(again=st.booleans())
    def night_comes(self, again: bool) -> None:
        """Sweep: what was stopped is finished, unless somebody presses again first."""
        going = [each for each in self.everybody() if each.state == "going"]
        if again:
            for course in Course.objects.filter(state="erasing"):
                services.erase_course(course=course, why="wish", by=self.alma)
            for member in Member.objects.filter(erasing=True):
                services.erase_member(member=member, why="wish", by=self.alma)
        else:
            services.sweep(clock.now())
        self._gone(going)

    # -- what must hold

    @invariant()
    def what_is_gone_opens_no_more_and_the_rest_does(self) -> None:
        """Try every value that was ever stored, with today's keys."""
        self.keep_aside()
        states = {each.ident: each.state for each in self.everybody()}
        kept = list(self.aside)
        for value, opened in zip(kept, keyring.open_many(kept), strict=True):
            state = states[self.aside[value]]
            if state == "gone" or value in self.replaced:
                assert opened is None, f"{value[2]} still opens"
            elif state == "here":
                assert opened is not None, f"{value[2]} of somebody else opens no more"
        gone = {key for key, _sealed, place in kept if states[self.aside[key, _sealed, place]] == "gone"}
        assert privacy.buried(gone) == gone, "an old copy would bring a key back"

    @invariant()
    def nobody_is_found_by_what_was_theirs(self) -> None:
        """Look for everybody by everything."""
        here = [each for each in self.everybody() if each.state == "here"]
        for each in here:
            for kind, text in each.found_by:
                rows = finding.look_for(kind=kind, text=text, by=self.alma).rows
                assert [row.ident for row in rows] == [each.course], f"{kind} {text}"
        for kind, text in self.retired - {pair for each in here for pair in each.found_by}:
            assert finding.look_for(kind=kind, text=text, by=self.alma).rows == [], f"{kind} {text} finds"
        gone = {each.ident for each in self.courses.values() if each.state == "gone"}
        assert not BlindToken.objects.filter(course__in=gone).exists()
        left = {about for about, course in self.tokens.items() if course in gone}
        assert privacy.buried(left) == left, "an old copy would bring a word back"

    @invariant()
    def what_goes_is_out_of_sight(self) -> None:
        """Ask for what is being erased."""
        for each in self.courses.values():
            assert (queries.get_course(self.alma, each.ident) is not None) == (each.state == "here")
        for each in self.people.values():
            if each.state != "here" and self.courses[each.course].state == "here":
                assert queries.get_member(self.alma, each.course, each.ident) is None
                member = Member(pk=each.ident, course=Course.objects.get(pk=each.course), key=uuid4())
                with pytest.raises((NotAllowed, record.CourseIsClosed)):
                    notes.write(member=member, text="Mere.", by=self.alma, once=uuid4())

    def teardown(self) -> None:
        """Before all is undone: not one of the words that were written stands anywhere in clear."""
        try:
            stored = examples.everything_stored().casefold()
            assert "alma" in stored and not [word for word in self.words if word in stored], "a word lies in clear"
        finally:
            super().teardown()


@promise
@pytest.mark.django_db
def test_no_sequence_of_deeds_leaves_anything_readable_after_an_erasure(alma: Any) -> None:
    machine = type("Erasing", (Erasing,), {"alma": alma})
    run_state_machine_as_test(machine, settings=examples.bounded(12, 22))
