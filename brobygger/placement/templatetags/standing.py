"""The groups as the solver reads them: whom each is for, its room, when it meets; and why others take nobody."""

from typing import TYPE_CHECKING

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups import queries as seating
from brobygger.groups import rules as sitting
from brobygger.groups.templatetags.waiting import begun, chairs_of, runs_out
from brobygger.placement.rules import Group

from .known import Known, hours

if TYPE_CHECKING:
    from brobygger.groups.models import Group as Row


def written(known: Known) -> tuple[list[Group], dict[str, str]]:
    """Write each group as the solver reads it; and why others take nobody."""
    asked = {row.offer for row in known.rows if known.grown(row)}
    chairs = {at: _chairs(beside, asked) for at, beside in known.parallels().items()}
    found, shut = list[Group](), dict[str, str]()
    for row in known.groups:
        if row.kind == "cafe" or known.beside(row):
            continue
        group = _group(row, known, chairs.get(str(row.pk), 0))
        if isinstance(group, Group):
            found.append(group)
        else:
            shut[str(row.pk)] = group
    return sorted(found, key=lambda each: each.key), shut


def _chairs(beside: "list[Row]", asked: set[str]) -> int:
    """Count the chairs beside a group: of what some parent waits for, when one does; nobody can have the others."""
    waited = [each for each in beside if each.offer in asked]
    return sum(map(chairs_of, waited or beside))


def _group(row: "Row", known: Known, parent_seats: int) -> Group | str:
    """Write one group down, or say why it takes nobody: "no_dates", "begun"."""
    room, coming = seating.starts(row)
    if not coming:
        return "no_dates"
    ahead, seats, today = seating.opening(row) in coming, known.seated[row.pk], clock.today()
    if begun(row, coming):
        return "begun"
    [(weekdays, start, end, weeks)], first = hours(row), (room or coming)[0]
    on = clock.local(first.starts_at).date()
    ends = runs_out(row, coming)
    new = len(seating.beginners(row, seats).get(room[0].pk, ())) if room else 0
    led = row.leaders.filter(seating.standing_on(max(today, clock.local(coming[0].starts_at).date()))).count()
    return Group(
        key=str(row.pk),
        name=row.name,
        place=row.place,
        weekday=weekdays[0],
        also=frozenset(weekdays[1:]),
        start=start,
        end=end,
        later=(on.year - today.year) * 12 + on.month - today.month,
        left=sum(each.starts_at >= first.starts_at for each in coming) if ends else None,
        fewest=catalogue.house().placement["fewest_meetings_left"],
        last=clock.local(coming[-1].starts_at).date().isoformat() if ends else "",
        months_from=row.months_from,
        months_to=row.months_to - 1,
        seats_free=len(seating.chairs(row)),
        parity=weeks,
        siblings_to=row.siblings_to - 1 if row.siblings_to else 0,
        newcomers=None if ahead else max(0, row.newcomers - new) if room else 0,
        # Open for families, or enough are coming already: no more are needed for it to begin.
        running=row.state == "open" or len(seats) >= row.smallest,
        smallest=max(1, row.smallest - len(seats)),
        leaders=max(0, row.leaders_at_once - led),
        language=row.language,
        needs_talks=row.talks_before > 0,
        parent_seats=parent_seats,
        kind=row.kind,
        mean_months=_mean_months(row, known),
    )


def _mean_months(row: "Row", known: Known) -> int | None:
    """Say how old those are who sit in a group of children, as far as it is known."""
    members = [seat.member_id for seat in known.seated[row.pk]] if row.kind != "parent" else []
    born = [sitting.months(str(known.said[each].get("birth") or ""), clock.today()) for each in members]
    ages = [each for each in born if each is not None]
    return round(sum(ages) / len(ages)) if ages else None
