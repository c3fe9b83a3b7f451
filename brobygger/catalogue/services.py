"""The deeds of this room: furnish the house from its file, all of it or nothing; and show the groups to the public."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from brobygger.ground import clock
from brobygger.privacy import services as audit

from . import rules
from .blueprint import BadHouse, Blueprint, Problem, across, read
from .models import (
    AgeBand,
    Closure,
    Dated,
    Door,
    House,
    Line,
    MeetingMode,
    Offer,
    OpenGroup,
    OpeningHours,
    Partner,
    Place,
    Promise,
    Question,
    RecordNumber,
    Retention,
    Theme,
    Welcome,
    Word,
    Wording,
)
from .sections import WEEKDAYS

__all__ = ["BadHouse", "Blueprint", "Problem", "furnish", "furnish_with", "publish_groups", "read"]

Row = dict[str, Any]
_TABLES: dict[str, type[Dated] | type[Closure]] = {
    "welcome": Welcome,
    "hours": OpeningHours,
    "closures": Closure,
    "promises": Promise,
    "places": Place,
    "offers": Offer,
    "partners": Partner,
    "lines": Line,
    "questions": Question,
    "doors": Door,
    "consents": Wording,
    "themes": Theme,
    "age_bands": AgeBand,
    "meeting_modes": MeetingMode,
    "retention": Retention,
    "kle": RecordNumber,
    **dict.fromkeys(rules.WORD_LISTS, Word),
}


def furnish(*, path: Path, by: str) -> list[str]:
    """Furnish the house from its file and say what changed. A wrong file raises BadHouse, and nothing is changed."""
    return furnish_with(data=read(path), by=by)


@transaction.atomic
def furnish_with(*, data: Blueprint, by: str) -> list[str]:
    """Make the house what its file says, and say what changed, a sentence each; nothing at all when it was so already.

    A house keeps its key for life: another house's file is refused, so that a slip of the finger cannot turn the
    families of one service into those of another.
    """
    if problems := [Problem(data.file, 0, str(where[0]), why) for where, why in across(data.rows)]:
        raise BadHouse(problems)
    wanted = {**data.rows["house"][0], "placement": next(iter(data.rows["placement"]), rules.placement())}
    asked = next(iter(data.rows["measuring"]), {}) | {"measures": data.rows["measures"]}
    shown = next(iter(data.rows["report"]), {})
    wanted["report"] = {name: value for name, value in shown.items() if value is not None}
    wanted["report"] |= {"norms": data.rows["norms"]} if data.rows["norms"] else {}
    wanted["measuring"] = {name: value for name, value in asked.items() if value is not None}
    standing = House.objects.select_for_update().first()
    if standing and standing.key != wanted["key"]:
        why = _('this house is "%(old)s" already; "%(new)s" needs a house of its own.')
        raise BadHouse([Problem(data.file, 0, "house.key", why % {"old": standing.key, "new": wanted["key"]})])

    changes = [*_house_changes(standing, wanted)]
    for name, model in _TABLES.items():
        changes.extend(_replace(name, model, _expanded(name, data.rows[name])))
    if not changes:
        return []
    house = standing or House()
    for field, value in {**wanted, "version": _version(data)}.items():
        setattr(house, field, value)
    house.save()
    audit.record(by=by, action="catalogue.house_furnished", about=house, reason=f"{len(changes)} changes")
    return changes


def _version(data: Blueprint) -> str:
    """Name the state of the house by what it says; the same file gives the same name."""
    return hashlib.blake2b(repr(data.rows).encode(), digest_size=5).hexdigest()


def _expanded(name: str, rows: list[Row]) -> list[Row]:
    """Turn the rows of the file into the rows of the table."""
    if name == "hours":
        rows = [
            {
                "key": f"{day}-{row['opens']:%H%M}",
                "weekday": WEEKDAYS.index(day),
                **{field: row[field] for field in ("opens", "closes", "valid_from", "valid_to")},
            }
            for row in rows
            for day in row["days"]
        ]
    if name == "welcome":
        rows = [{"key": "house", **row} for row in rows]
    if name in rules.WORD_LISTS:
        rows = [{"of": name, **row} for row in rows]
    return [{**row, "position": number} for number, row in enumerate(rows)] if name != "closures" else rows


def _house_changes(standing: House | None, wanted: Row) -> Iterator[str]:
    if standing is None:
        yield _("the house %(name)s is new") % {"name": wanted["name"]}
        return
    for field, value in wanted.items():
        if getattr(standing, field) != value:
            yield _said("house", "", field, getattr(standing, field), value)


def _replace(name: str, model: Any, wanted: list[Row]) -> Iterator[str]:
    """Make a table what the file says; a row that stays keeps its id."""
    table = model.objects.filter(of=name) if model is Word else model.objects.all()
    standing = {_identity(row.__dict__): row for row in table}
    added, moved = [], False
    for row in wanted:
        found = standing.pop(_identity(row), None)
        if found is None:
            added.append(model(**row))
            continue
        changed = {field: getattr(found, field) for field, value in row.items() if getattr(found, field) != value}
        for field, old in changed.items():
            setattr(found, field, row[field])
            if field == "position":
                moved = True
            else:
                yield _said(name, _named(row), field, old, row[field])
        if changed:
            found.save()
    if standing:
        model.objects.filter(pk__in=[row.pk for row in standing.values()]).delete()
        names = ", ".join(_named(row.__dict__) for row in standing.values())
        yield _("%(what)s: %(count)s removed (%(names)s)") % {"what": name, "count": len(standing), "names": names}
    if added:
        model.objects.bulk_create(added)
        names = ", ".join(_named(row.__dict__) for row in added)
        yield _("%(what)s: %(count)s added (%(names)s)") % {"what": name, "count": len(added), "names": names}
    if moved and not added and not standing:
        yield _("%(what)s: the order changed") % {"what": name}


@transaction.atomic
def publish_groups(*, rows: Callable[[], list[Row]], by: str) -> bool:
    """Let the public finder show these groups and no others, and say whether anything is new; the rest stays as it was.

    A row says `group` (the key it is known by), and the fields of OpenGroup but for `updated_on`. `rows` is asked once
    nobody else publishes: of two who changed a group in the same moment, the later one knows of the earlier.
    """
    House.objects.select_for_update().first()
    standing = {row.group: row for row in OpenGroup.objects.all()}
    wanted = {row["group"]: row for row in rows()}
    gone = standing.keys() - wanted.keys()
    new = [
        OpenGroup(id=standing[group].pk if group in standing else uuid4(), **row, updated_on=clock.today())
        for group, row in wanted.items()
        if group not in standing or any(getattr(standing[group], field) != value for field, value in row.items())
    ]
    if not gone and not new:
        return False
    OpenGroup.objects.filter(group__in=gone).delete()
    for row in new:
        known = row.group in standing
        row.save(force_insert=not known, force_update=known)
    told = f"{len(new)} told, {len(gone)} gone"
    audit.record(by=by, action="catalogue.groups_published", about="catalogue:groups", reason=told)
    return True


def _identity(row: Row) -> tuple[Any, Any]:
    return (row["key"], row["valid_from"]) if "key" in row else (row["first_day"], None)


def _named(row: Row) -> str:
    return str(row["key"]) if "key" in row else f"{row['first_day']}"


def _said(what: str, key: str, field: str, old: Any, new: Any) -> str:
    """Say one change: short values in full, texts only that they changed."""
    name = f"{what} {key}".strip()
    if all(isinstance(value, str | int | date | time | None) for value in (old, new)):
        return f"{name}: {field} {_value(old)} -> {_value(new)}"
    return _("%(name)s: %(field)s changed") % {"name": name, "field": field}


def _value(value: Any) -> str:
    if value == rules.MIDNIGHT:
        return "24:00"
    return "–" if value in (None, "") else f"{value:%H:%M}" if isinstance(value, time) else str(value)
