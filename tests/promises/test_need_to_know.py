"""Nobody ever sees a course they do not have, on any day, in any list; and every look leaves exactly its line."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from brobygger.access import services as access
from brobygger.access.guards import NotAllowed
from brobygger.access.roles import Role
from brobygger.casework import finding, notes, queries, record, rules, services
from brobygger.casework.models import Member
from brobygger.ground import clock
from brobygger.privacy.models import AuditEntry
from tests.promises import examples
from tests.promises.who_has_what import CAST, Given, Running, Told

promise = pytest.mark.promise(
    "E2",
    da="Kun de her i huset, der har med jer at gøre, kan se, hvad vi ved om jer, og kun så længe de har det. Hver gang "
    "nogen ser efter, skriver vi ned hvem og hvornår.",
    en="Only those here who work with you can see what we know about you, and only for as long as they do. Each time "
    "somebody looks, we write down who and when.",
)

chance = st.integers(0, 10_000)
days = st.integers(-2, 40)


class Seeing(Told):
    """Who has what, from when until when, told twice: by the house, and by this."""

    # -- what is done

    @initialize()
    def a_course(self) -> None:
        """Begin with one."""
        self.begins(0)

    @rule(who=st.sampled_from(CAST))
    def tries_to_begin(self, who: str) -> None:
        """Begin a course: therapists may."""
        if len(self.courses) < 4 and self.has(who, "therapist"):
            self.begins(CAST.index(who))
        elif not self.has(who, "therapist"):
            with pytest.raises(NotAllowed):
                services.open_course(people=[{}], agreed={"how": "phone"}, by=self.people[who])

    def begins(self, who: int) -> None:
        """Begin a course under a name that exists nowhere else."""
        name, phone = self.canary(), self.number()
        self.words += [name, phone]
        person = {"called": name, "name": f"{name} Hansen", "phone": phone}
        user = self.people[CAST[who]]
        made = services.open_course(people=[person], agreed={"how": "phone"}, by=user, worker=user, once=uuid4())
        running = Running(made.pk, made.nickname, name, phone, self.today)
        running.given.append(Given(CAST[who], "course", True, self.today, None))
        running.rows[made.assignments.get().pk] = running.given[0]
        self.courses.append(running)

    @rule(
        number=chance,
        by=st.sampled_from([*CAST, "alma", "clara", "finn"]),
        to=st.sampled_from([*CAST, "bo", "birthe", "bo", "birthe"]),
        scope=st.sampled_from(["course", "evening"]),
        first=days,
        length=st.none() | st.integers(1, 45),
        own=st.booleans(),
    )
    def gives(self, number: int, by: str, to: str, scope: str, first: int, length: int | None, own: bool) -> None:
        """Give a course to somebody."""
        course = self.course(number)
        if course is None:
            return
        begins = self.today + timedelta(days=first)
        ends = begins + timedelta(days=length) if length else None
        sight = self.should(by, course)
        more = {"scope": scope, "valid_from": begins, "valid_to": ends, "own_talks": own}
        if not sight.arrange or not self.has(to, "therapist"):
            with pytest.raises(NotAllowed):
                services.assign(course=self.row(course), to=self.people[to], by=self.people[by], **more)
            return
        own = own and scope == "course" and (sight.own_talks or not self.hearing(course))
        row = services.assign(course=self.row(course), to=self.people[to], by=self.people[by], **more)
        ends = ends or (begins + timedelta(days=1) if scope == "evening" else None)
        if row.pk not in course.rows:
            course.rows[row.pk] = Given(to, scope, own, begins, ends)
            course.given.append(course.rows[row.pk])

    @rule(number=chance, by=st.sampled_from(CAST), which=chance)
    def takes_back(self, number: int, by: str, which: int) -> None:
        """Take a course from somebody."""
        course = self.course(number)
        if course is None:
            return
        rows = list(self.row(course).assignments.order_by("id"))
        row = rows[which % len(rows)]
        if not self.should(by, course).arrange:
            with pytest.raises(NotAllowed):
                services.end_assignment(assignment=row, by=self.people[by])
            return
        services.end_assignment(assignment=row, by=self.people[by])
        given = course.rows[row.pk]
        ends = max(self.today, given.first)
        given.last = ends if given.last is None else min(given.last, ends)

    @rule(number=chance, by=st.sampled_from(CAST))
    def ends_or_goes_on(self, number: int, by: str) -> None:
        """End a course, or let it go on."""
        course = self.course(number)
        if course is None:
            return
        sight, row = self.should(by, course), self.row(course)
        if course.state == "open":
            seen = row.parts.filter(kind="end").count()
            if not sight.write:
                with pytest.raises(NotAllowed):
                    services.end_course(course=row, reason="moved", words="", seen=seen, by=self.people[by])
                return
            services.end_course(course=row, reason="moved", words="", seen=seen, by=self.people[by])
            course.state = "ended"
            limit = self.today + timedelta(days=30)
            for each in course.given:
                if each.first > self.today:
                    each.last = each.first
                elif each.last is None or each.last > limit:
                    each.last = limit
        elif sight.content and self.has(by, "therapist"):
            services.reopen(course=row, by=self.people[by])
            course.state = "open"
            for each in self.standing(by, course):
                each.last = None if each.scope == "course" else each.last
        else:
            with pytest.raises(NotAllowed):
                services.reopen(course=row, by=self.people[by])

    @rule(number=chance)
    def is_erased(self, number: int) -> None:
        """Erase a course."""
        course = self.course(number)
        if course is not None and len(self.courses) > 2:
            services.erase_course(course=self.row(course), why="wish", by="keeper")
            course.state = "erased"

    @rule(number=chance, who=st.sampled_from(["clara", "birthe", "bo"]))
    def breaks_the_glass(self, number: int, who: str) -> None:
        """Break the glass."""
        course = self.course(number)
        if course is None:
            return
        about = f"course:{course.ident}"
        if not self.has(who, "leader"):
            with pytest.raises(NotAllowed):
                access.break_glass(about=about, reason="Der er fare for barnet", by=self.people[who])
            return
        access.break_glass(about=about, reason="Der er fare for barnet", by=self.people[who])
        self.glasses[who, course.ident] = self.now + timedelta(hours=1)

    @rule(hours=st.sampled_from([0.5, 0.75, 1, 5, 14, 24, 24 * 7, 24 * 31]))
    def time_goes(self, hours: float) -> None:
        """Let the clock go on."""
        self.now += timedelta(hours=hours)
        self.at(self.now.isoformat())

    @rule(who=st.sampled_from(["bo", "clara", "finn", "birthe"]), role=st.sampled_from(list(Role)[:3]))
    def changes_role(self, who: str, role: Role) -> None:
        """Give somebody a role, or take it away."""
        user = self.people[who]
        if who in self.gone:
            return
        if role.value in self.roles[who]:
            access.end_role(user=user, role=role, by="keeper")
            self.roles[who].discard(role.value)
        else:
            access.give_role(user=user, role=role, by="keeper")
            self.roles[who].add(role.value)

    @precondition(lambda self: not self.gone)
    @rule(who=st.sampled_from(["bo", "birthe"]))
    def leaves(self, who: str) -> None:
        """Somebody stops working here."""
        access.leave(user=self.people[who], by="keeper")
        self.gone.add(who)

    @rule(number=chance, who=st.sampled_from(CAST))
    def looks_everywhere(self, number: int, who: str) -> None:
        """Try every look at a course: what is allowed leaves its line, what is refused leaves nothing."""
        course = self.course(number)
        if course is None:
            return
        row, user, sight = self.row(course), self.people[who], self.should(who, course)
        member = Member.objects.get(course=row)
        about, person = f"course:{row.pk}", f"member:{member.pk}"
        looks: list[tuple[bool, Callable[[], Any], str, str]] = [
            (sight.content, lambda: record.look(course=row, by=user), "looked", about),
            (sight.evening, lambda: record.look_at_evening(course=row, by=user), "evening_looked", about),
            (sight.contact, lambda: record.look_at_people(course=row, by=user), "people_looked", about),
            (
                sight.content,
                lambda: record.look_at_history(course=row, member=member, kind="person", by=user),
                "history_looked",
                person,
            ),
            (
                sight.contact,
                lambda: record.look_at_identity(member=member, reason="ring", by=user),
                "identity_looked",
                person,
            ),
            (sight.content, lambda: notes.look_at_notes(member=member, by=user), "notes_looked", person),
            (
                sight.content and sight.own_talks,
                lambda: notes.look_at_notes(member=member, by=user, compartment="own_talks"),
                "own_talks_looked",
                person,
            ),
        ]
        for allowed, deed, action, thing in looks:
            lines = self.lines_of(deed, refused=not allowed)
            assert lines == ([(who, f"casework.{action}", thing)] if allowed else []), action

    def lines_of(self, deed: Callable[[], Any], *, refused: bool) -> list[tuple[str, str, str]]:
        """Do something and give the lines it left."""
        last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if refused:
            with pytest.raises((NotAllowed, ValueError)):
                deed()
        else:
            deed()
        return list(AuditEntry.objects.filter(pk__gt=last).order_by("pk").values_list("by", "action", "about"))

    @rule(number=chance, who=st.sampled_from(CAST), kind=st.sampled_from(["nickname", "name", "phone", "day", "tag"]))
    def searches(self, number: int, who: str, kind: str) -> None:
        """Look for a course: only what one may know of is found, and each find leaves its line."""
        course = self.course(number)
        if course is None:
            return
        text = {"name": f"{course.name} Hansen", "phone": course.phone, "day": course.begun.isoformat()}
        text |= {"nickname": course.nickname, "tag": "ingen"}
        therapist, admin = self.has(who, "therapist"), self.has(who, "administrator")
        barred = (kind == "tag" and not therapist) or (kind in {"name", "phone"} and not (therapist or admin))
        refused = barred or not self.has(who, "therapist", "administrator", "leader")
        found: list[UUID] = []

        def search() -> None:
            found.extend(each.ident for each in finding.look_for(kind=kind, text=text[kind], by=self.people[who]).rows)

        lines = self.lines_of(search, refused=refused)
        hits = [each for each in self.courses if each.begun == course.begun] if kind == "day" else [course]
        if kind == "nickname":
            said = set(course.nickname.split())
            hits = [each for each in self.courses if said <= set(each.nickname.split())]
        seen = {each.ident for each in hits if kind != "tag" and self.may_find(who, each, kind)}
        assert set(found) == (set() if refused else seen)
        expected = [(who, "casework.searched", f"search:{kind}")]
        expected += [(who, "casework.found", f"course:{each}") for each in found]
        assert lines == ([] if refused else expected)

    def may_find(self, who: str, course: Running, kind: str) -> bool:
        """Tell whether somebody may learn by searching that a course is there."""
        sight = self.should(who, course)
        if kind in {"name", "phone"}:
            whole = any(each.scope == "course" for each in self.standing(who, course))
            return course.state != "erased" and (whole or self.has(who, "administrator"))
        held = self.standing(who, course)
        has_it = bool(held) and (course.state == "open" or any(each.scope == "course" for each in held))
        return sight.any and (has_it or sight.arrange)

    # -- what must hold

    @invariant()
    def everybody_sees_what_they_should(self) -> None:
        """Ask every list for every person."""
        for who, user in self.people.items():
            should = {each.ident: self.should(who, each) for each in self.courses}
            for each in self.courses:
                held = queries.get_course(user, each.ident)
                assert (held.sight if held else rules.Sight()) == should[each.ident], (who, each.state)
            self._lists(who, user)

    def _lists(self, who: str, user: Any) -> None:
        living = [each for each in self.courses if each.state != "erased"]
        mine = {each.ident: self.standing(who, each) for each in living}
        whole = {ident for ident, held in mine.items() if any(one.scope == "course" for one in held)}
        evening = {ident for ident, held in mine.items() if any(one.scope == "evening" for one in held)}
        runs = {each.ident for each in living if each.state == "open"}
        arranges = self.has(who, "administrator", "leader")
        assert {each.ident for each in queries.mine(user)} == (whole | evening) & runs, who
        assert {each.ident for each in queries.mine(user, ended=True)} == whole - runs, who
        assert {each.pk for each in queries.tonight(user)} == evening & runs, who
        exists = {each.ident for each in living} if arranges else whole | (evening & runs)
        assert set(queries.visible(user).values_list("pk", flat=True)) == exists, who
        shorts = queries.shorts(user, [each.ident for each in self.courses])
        assert {each.ident for each in shorts} == exists, who
        waiting = {each.ident for each in living if each.state == "open" and not self._has_it(each)}
        assert {each.ident for each in queries.unassigned(user)} == (waiting if arranges else set()), who

    def _has_it(self, course: Running) -> bool:
        return any(each.scope == "course" for who in CAST for each in self.standing(who, course))

    def teardown(self) -> None:
        """Before all is undone: no line of the trail holds a word about anybody."""
        try:
            lines = "\n".join(map(str, AuditEntry.objects.values_list("by", "action", "about", "reason"))).casefold()
            assert "casework.course_opened" in lines or not self.courses
            assert not [word for word in self.words if word in lines]
        finally:
            super().teardown()


@promise
@pytest.mark.django_db
def test_nobody_ever_sees_a_course_outside_what_they_have(
    request: pytest.FixtureRequest, hire: Any, at: Callable[[str], Any]
) -> None:
    hire("birthe", "leader", "therapist")
    people = {who: request.getfixturevalue(who) for who in CAST[:-1]}
    people["birthe"] = type(people["alma"]).objects.get(handle="birthe")
    assert clock.today
    machine = type("Seeing", (Seeing,), {"people": people, "at": staticmethod(at)})
    run_state_machine_as_test(machine, settings=examples.bounded(12, 22))
