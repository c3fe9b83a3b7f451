"""Inside a house, for the bench: a year of courses with what was answered in them, and the report counted of it."""

import csv
import random
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from brobygger.access.models import User
from brobygger.casework.models import Course, Member, Part
from brobygger.ground import clock
from brobygger.outcomes import instruments, queries
from brobygger.outcomes.models import Round, Sheet
from brobygger.privacy import keyring
from brobygger.reports import queries as reading
from brobygger.reports import releasing, rules, services

#: How many answers a course has, and how many courses are written at a time.
MANY, BATCH = (1, 3, 3, 4, 4, 5), 1000
ENDINGS = ("completed", "completed", "family_stopped", "moved")
HOMES = ("both", "mother", "father", "shared")
HARD = ("konflikt", "oekonomi", "ensomhed", "brud", "vold")


def _peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _hurry() -> None:
    """Do not wait for the disk at every batch: what is measured is the reading."""
    for alias in ("default", "keys"):
        link = connections[alias]
        quick = ["PRAGMA synchronous=OFF", "PRAGMA cache_size=-200000"]
        with link.cursor() as cursor:
            for each in quick if link.vendor == "sqlite" else ["SET synchronous_commit=off"]:
                cursor.execute(each)


@dataclass
class Life:
    """One course to be written: its days, its child and how it felt at each answer."""

    number: int
    opened: date
    ended: date
    levels: list[float]
    ident: UUID
    child: UUID


def fill(size: int, file: str) -> None:
    """Write so many answers, sealed, into the house, and the same into a plain file; say how many courses, and how."""
    _hurry()
    began, dice, asked = time.perf_counter(), random.Random(size), instruments.newest("who5")
    assert asked is not None
    made = number = 0
    with open(file, "w", newline="") as plain:
        told = csv.writer(plain)
        told.writerow(["course", "answered", "day", "from_end", "score"])
        while made < size:
            lives = []
            while len(lives) < BATCH and made < size:
                number += 1
                lives.append(_life(dice, number, min(size - made, dice.choice(MANY))))
                made += len(lives[-1].levels)
            _write(lives, asked, dice, told)
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connections[alias].vendor == "postgresql" else "ANALYZE")
    print(f"{number} {time.perf_counter() - began:.1f} {_peak():.0f}")


def _life(dice: random.Random, number: int, many: int) -> Life:
    ended = date(clock.today().year - 1, 1, 1) + timedelta(days=dice.randrange(365))
    opened = ended - timedelta(days=dice.randint(90, 360))
    start, growth = dice.gauss(46, 18), dice.gauss(9, 17)
    levels = [start + growth * at / max(1, many - 1) for at in range(many)]
    return Life(number, opened, ended, levels, uuid4(), uuid4())


def _write(lives: list[Life], asked: instruments.Instrument, dice: random.Random, told: Any) -> None:
    """Write some courses with all that is in them: a key for each course and each child, everything sealed."""
    keys = keyring.new_data_keys([each.ident for each in lives], kind="course")
    own = keyring.new_data_keys([each.child for each in lives], kind="member")
    rows: dict[type, list[Any]] = {each: [] for each in (Course, Member, Part, Round, Sheet)}
    bodies: list[tuple[Any, tuple[UUID, Any, str]]] = []
    for life, key, mine in zip(lives, keys, own, strict=True):
        rows[Course].append(_course(life, key))
        rows[Member].append(Member(id=life.child, course_id=life.ident, position=0, key=mine))
        bodies += _known(life, key, mine, dice)
        for asking, sheet, body in _answered(life, asked, dice, told):
            rows[Round].append(asking)
            bodies.append((sheet, (mine, body, queries.place(sheet.pk))))
    for (row, _thing), sealed in zip(bodies, keyring.seal_many(thing for _row, thing in bodies), strict=True):
        row.sealed = sealed
        rows[type(row)].append(row)
    for model, listed in rows.items():
        model.objects.bulk_create(listed, batch_size=2000)  # type: ignore[attr-defined]


def _course(life: Life, key: UUID) -> Course:
    days = {"opened_on": life.opened, "last_entry_on": life.ended, "ended_on": life.ended}
    return Course(id=life.ident, key=key, nickname=f"Bænk {life.number}", state="ended", **days)


def _known(life: Life, key: UUID, mine: UUID, dice: random.Random) -> Iterator[tuple[Part, tuple[UUID, Any, str]]]:
    """Say what is known of a course and of its child."""
    known = {
        "living": {"with": dice.choice(HOMES), "words": ""},
        "problems": {"keys": dice.sample(HARD, 2), "words": ""},
        "end": {"reason": dice.choice(ENDINGS), "words": ""},
        "person": {"role": "child", "called": "Liv", "birth": f"{life.opened.year - dice.randint(9, 18)}-05"},
    }
    for kind, body in known.items():
        theirs = kind == "person"
        about = {"about": life.child, "member_id": life.child} if theirs else {"about": life.ident}
        part = Part(id=uuid4(), course_id=life.ident, kind=kind, number=1, **about)
        yield part, (mine if theirs else key, body, keyring.place("part", part.pk, "sealed"))


def _answered(
    life: Life, asked: instruments.Instrument, dice: random.Random, told: Any
) -> Iterator[tuple[Round, Sheet, dict[str, Any]]]:
    """Answer at the start, on the way and at the end; the first and the last within their days."""
    for at, level in enumerate(life.levels):
        last = at == len(life.levels) - 1 and at > 0
        moment = "start" if not at else "end" if last else "during"
        between = 40 + (life.ended - life.opened).days * at // (2 * len(life.levels))
        way = timedelta(days=between if at else dice.randint(0, 20))
        on = life.ended + timedelta(days=dice.randint(-10, 20)) if last else life.opened + way
        values = [min(5, max(0, round(level / 20 + dice.gauss(0, 0.7)))) for _each in asked.items]
        days = {"due_on": on, "opens_on": on - timedelta(days=14), "closes_on": on + timedelta(days=28)}
        row = Round(id=uuid4(), member_id=life.child, by_id=life.child, moment=moment, state="done", **days)
        row.number, row.instruments = at * (moment == "during"), [list(asked.pin)]
        sheet = Sheet(id=uuid4(), round=row, instrument=asked.key, version=asked.version, answered_on=on, mode="tablet")
        said = {item.ident: value for item, value in zip(asked.items, values, strict=True)}
        score = instruments.score(asked, dict(said))
        told.writerow([life.number, on.isoformat(), (on - life.opened).days, (on - life.ended).days, score])
        yield row, sheet, {"answers": said, "score": score, "language": "da", "low": [], "corrections": []}


# ---- Counted ----


@contextmanager
def _timed(module: Any, name: str, seconds: dict[str, float], kept: dict[str, Any]) -> Iterator[None]:
    """Time what a module does under a name while the report is made, and keep what it gave."""
    true: Callable[..., Any] = getattr(module, name)

    def timing(*args: Any, **more: Any) -> Any:
        began = time.perf_counter()
        kept[name] = true(*args, **more)
        seconds[name] = seconds.get(name, 0) + time.perf_counter() - began
        return kept[name]

    setattr(module, name, timing)
    try:
        yield
    finally:
        setattr(module, name, true)


def count() -> None:
    """Make last year's report as the leader does; say how long it took where, the peak, the pairs and their mean."""
    seconds: dict[str, float] = {}
    kept: dict[str, Any] = {}
    clara, before = User.objects.get(handle="clara"), _peak()
    began, work = time.perf_counter(), time.process_time()
    with (
        _timed(reading, "gather", seconds, kept),
        _timed(reading, "every_table", seconds, kept),
        _timed(reading, "inputs", seconds, kept),
        _timed(releasing, "hidden", seconds, kept),
    ):
        services.make(period=rules.year(clock.today().year - 1), template="year", by=clara)
    whole, work = time.perf_counter() - began, time.process_time() - work
    well = next(table for table in kept["every_table"] if table.key == "S9.wellbeing")
    pairs, mean = well.counts[rules.TOTAL, "both"], well.means[rules.TOTAL, "change"]
    parts = " ".join(f"{name}={seconds[name]:.2f}" for name in ("gather", "every_table", "inputs", "hidden"))
    print(f"{pairs} {mean:.9f} {whole:.2f} {work:.2f} {before:.0f} {_peak():.0f} {parts}")
