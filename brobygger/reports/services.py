"""Deeds with reports: asked for, counted and frozen, written beside, released, shown to a partner, handed out."""

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction

from brobygger.access import queries as people
from brobygger.access.guards import NotAllowed, require
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.privacy import services as audit
from brobygger.statistics import published

from . import queries, releasing, rules, tables
from .models import Agreement, Comment, Report
from .templatetags import export, waits

log = logging.getLogger(__name__)
#: The shape of the figures, for who reads them in ten years.
FORMAT = 1
LONGEST = 4000
KEEPER = "keeper"


class AlreadyReleased(Exception):
    """It has gone out: nothing about it changes any more."""


class NotOverYet(Exception):
    """The period goes on: its figures would be others tomorrow."""


class NotCounted(Exception):
    """The worker has not counted it yet."""


class Newer(Exception):
    """Something that shares days with it went out after it was counted; `with_whom` names what. Count it again."""

    def __init__(self, with_whom: list[Report]) -> None:
        """Name them."""
        super().__init__(str(len(with_whom)))
        self.with_whom = with_whom


class WouldTell(Exception):
    """Together with what has gone out before, it would give a hidden number away; `where` names the tables."""

    def __init__(self, where: list[str]) -> None:
        """Name the tables."""
        super().__init__(", ".join(where))
        self.where = where


# ---- Asked for, and counted ----


def ask(*, period: rules.Period, template: str, by: Any, partner: str = "") -> Report:
    """Ask for a report of a period that is over; the worker counts it. One that waits already is given again.

    Raises `NotOverYet`, `releasing.Crosses`, `NotAllowed`.
    """
    require(by, Permission.SEE_NUMBERS)
    if period.last >= clock.today():
        raise NotOverYet
    shape = queries.templates()[template]
    if shape["kind"] == "partner" and partner not in {row.key for row in catalogue.partners()}:
        raise ValueError(f"{partner} does not stand behind this house")
    if found := queries.crossing(period):
        raise releasing.Crosses(found)
    what = {"kind": shape["kind"], "template": template, "period_from": period.first, "period_to": period.last}
    what["partner"] = partner if shape["kind"] == "partner" else ""
    with transaction.atomic():
        waiting = Report.objects.select_for_update().filter(figures__isnull=True, trouble="", **what).first()
        if waiting:
            return waiting
        row = Report.objects.create(made_by=by, **what)
        audit.record(by=by, action="reports.asked", about=row, reason=f"{period.first} {period.last} {template}")
    return row


def make(*, period: rules.Period, template: str, by: Any, partner: str = "") -> Report:
    """Ask for a report and count it at once. Raises as `ask`, and `releasing.TooFew`."""
    row = ask(period=period, template=template, by=by, partner=partner)
    _count(row)
    row.refresh_from_db()
    return row


def again(*, report: Report, by: Any) -> Report:
    """Count a report anew that did not go out, with the words that were written; the old one is thrown away.

    Raises `AlreadyReleased`, and as `ask`.
    """
    with transaction.atomic():
        old = Report.objects.select_for_update().filter(pk=report.pk).first()
        discard(report=report, by=by)
        words = old.words if old else {}
        period = rules.Period(report.period_from, report.period_to)
        row = ask(period=period, template=report.template, partner=report.partner, by=by)
        Report.objects.filter(pk=row.pk).update(words=words)
    return row


def keep_up(*, by: str = KEEPER) -> int:
    """Count what was asked for, and let out what shall go out; a round of the worker. Tells how much there was."""
    asked = [*queries.asked()]
    for row in asked:
        try:
            _count(row)
        except releasing.TooFew:
            _stopped(row, "too_few", by=by)
        except NotAllowed:
            _stopped(row, "left", by=by)
        except Exception:
            log.exception("a report could not be counted")
            _stopped(row, "stopped", by=by)
    going = [*queries.going_out()]
    for row in going:
        _let_out(row, by=by)
    return len(asked) + len(going)


def _stopped(row: Report, why: str, *, by: str) -> None:
    with transaction.atomic():
        Report.objects.filter(pk=row.pk, figures__isnull=True).update(trouble=why, step="")
        audit.record(by=by, action="reports.stopped", about=row, reason=why)


def _count(row: Report) -> None:
    """Count a period and freeze the figures, small numbers withheld; nothing is locked meanwhile."""
    by, period = row.made_by, rules.Period(row.period_from, row.period_to)
    require(by, Permission.SEE_NUMBERS)
    shape = queries.templates()[row.template]
    _at(row, "reading")
    got = queries.gather(by, period, partner=row.partner)
    _at(row, "hiding")
    inputs = queries.inputs(got)
    figures = _figures(got, shape, inputs, lambda days: queries.gather(by, days, partner=row.partner))
    with transaction.atomic():
        held = Report.objects.select_for_update().filter(pk=row.pk, figures__isnull=True).first()
        if held is None:
            return
        held.figures, held.inputs, held.code, held.made_on, held.step = figures, inputs, rules.code(), got.on, ""
        held.save(update_fields=["figures", "inputs", "code", "made_on", "step"])
        told = f"{period.first} {period.last} {row.template}"
        audit.record(by=by, action="reports.made", about=held, reason=told)


def _at(row: Report, step: str) -> None:
    Report.objects.filter(pk=row.pk, figures__isnull=True).update(step=step)


def _figures(
    got: tables.Gathered, shape: dict[str, Any], inputs: str, other: Callable[[rules.Period], tables.Gathered]
) -> dict[str, Any]:
    """Put together what is frozen: the tables a template asks for, hidden where they must be, and what they count."""
    parts = set(shape["tables"])

    def asked(found: tables.Gathered) -> list[rules.Table]:
        return [table for table in queries.every_table(found) if table.key.partition(".")[0] in parts]

    made, out = asked(got), queries.released()
    earlier = [(rules.Period(each.period_from, each.period_to), each) for each in out]
    told = releasing.hidden(
        made,
        got.settings,
        period=got.period,
        as_of=f"{got.on} {inputs[:8]}",
        earlier=[(days, published.restored(each.figures["told"])) for days, each in earlier],
        recount=lambda days: releasing.figures(asked(other(days))),
        key=queries.hiding_key(),
    )
    curve = waits.waiting_curve(got) if releasing.shows(told, waits.rests_on(got), got.period) else None
    curves = {curve["key"]: curve} if curve else {}
    known = rules.definitions()
    return {
        "format": FORMAT,
        "house": catalogue.house().name,
        "period": {"first": got.period.first.isoformat(), "last": got.period.last.isoformat()},
        "settings": dict(got.settings),
        "shape": shape,
        "parts": {key: rules.label("", key) for key in shape["tables"]},
        #: A database may keep the names of a mapping in an order of its own.
        "order": sorted((table.key for table in made), key=[*known].index),
        "tables": {table.key: releasing.shown(table, told, got.period) for table in made},
        "curves": curves,
        "definitions": {key: known[key] for key in [*(table.key for table in made), *curves]},
        #: What the attacker of the next release begins with: what is shown here, and no number that is not.
        "told": published.plain(told),
        #: What it was held against, of those that share days with it.
        "beside": sorted(str(each.pk) for days, each in earlier if days.touches(got.period)),
    }


def write(*, report: Report, words: dict[str, str], by: Any) -> None:
    """Write beside the figures what they cannot say. Raises `AlreadyReleased`, `NotCounted`, `NotAllowed`."""
    require(by, Permission.SEE_NUMBERS)
    with transaction.atomic():
        row = _open(report)
        boxes = {box["key"] for box in row.figures["shape"]["boxes"]}
        said = {key: text.strip()[:LONGEST] for key, text in words.items() if key in boxes and text.strip()}
        Report.objects.filter(pk=row.pk).update(words=said)
        audit.record(by=by, action="reports.written", about=row)


def _open(report: Report) -> Report:
    """Hold a report that is counted and has not gone out."""
    row = Report.objects.select_for_update().filter(pk=report.pk).first()
    if row is None or row.released_on:
        raise AlreadyReleased
    if row.figures is None:
        raise NotCounted
    return row


# ---- Released ----


def ask_release(*, report: Report, by: Any) -> None:
    """Let the worker try whether a report may go out. Raises `AlreadyReleased`, `NotCounted`, `NotAllowed`."""
    require(by, Permission.SEE_NUMBERS)
    with transaction.atomic():
        row = _open(report)
        Report.objects.filter(pk=row.pk).update(letting_out=by.handle, refused={})
        audit.record(by=by, action="reports.release_asked", about=row)


def _let_out(row: Report, *, by: str) -> None:
    """Do what was pressed, and write down why not when it may not be."""
    why: dict[str, Any] = {}
    try:
        release(report=row, by=people.person(row.letting_out))
    except AlreadyReleased:
        why = {}
    except releasing.Crosses as crosses:
        why = {"why": "crosses", "reports": [str(each.pk) for each in crosses.with_whom]}
    except Newer as newer:
        why = {"why": "newer", "reports": [str(each.pk) for each in newer.with_whom]}
    except WouldTell as tells:
        why = {"why": "tells", "tables": tells.where}
    except Exception:
        log.exception("a report could not be released")
        why = {"why": "stopped"}
    with transaction.atomic():
        Report.objects.filter(pk=row.pk).update(letting_out="", refused=why)
        if why:
            audit.record(by=by, action="reports.held_back", about=row, reason=why["why"])


def release(*, report: Report, by: Any) -> None:
    """Let a report out, when nothing hidden can be worked out from it and all that went out before.

    It is tried with nothing locked, and anew when something else went out meanwhile. Raises `WouldTell`,
    `releasing.Crosses`, `Newer`, `AlreadyReleased`, `NotCounted`, `NotAllowed`.
    """
    require(by, Permission.SEE_NUMBERS)
    while True:
        before = queries.released()
        _try(Report.objects.get(pk=report.pk), before)
        with transaction.atomic():
            # Every row is held, in order, so that two releases do not pass each other unseen.
            held = {each.pk: each for each in Report.objects.defer("figures").select_for_update().order_by("pk")}
            if {each.pk for each in held.values() if each.released_on} != {each.pk for each in before}:
                continue
            row = _open(report)
            Report.objects.filter(pk=row.pk).update(released_on=clock.today(), letting_out="", refused={})
            audit.record(by=by, action="reports.released", about=row)
            return


def _try(row: Report, before: list[Report]) -> None:
    """Hold a report against everything that went out: the days they share, and what could be worked out from both."""
    if row.released_on:
        raise AlreadyReleased
    if row.figures is None:
        raise NotCounted
    period = rules.Period(row.period_from, row.period_to)
    near = [(each, rules.Period(each.period_from, each.period_to)) for each in before]
    if across := releasing.crossing(period, [days for _each, days in near]):
        raise releasing.Crosses([each for each, days in near if days in across])
    known = set(row.figures["beside"])
    # Of the very same data and days nothing can have moved between; they are laid side by side as they are.
    same = [each for each, days in near if days == period and _as_of(each) == _as_of(row)]
    newer = [each for each, days in near if days.touches(period) and each not in same and str(each.pk) not in known]
    if newer:
        raise Newer(newer)
    found = releasing.would_tell(row.figures["told"], [each.figures["told"] for each in before])
    if found:
        raise WouldTell([key for key in row.figures["order"] if releasing.speaks_of(row.figures, key, found)])


def _as_of(row: Report) -> str:
    return str(row.figures["told"]["as_of"])


def discard(*, report: Report, by: Any) -> None:
    """Throw away a report that has not gone out. Raises `AlreadyReleased`, `NotAllowed`."""
    require(by, Permission.SEE_NUMBERS)
    with transaction.atomic():
        row = Report.objects.select_for_update().filter(pk=report.pk).first()
        if row is None or row.released_on:
            raise AlreadyReleased
        audit.record(by=by, action="reports.discarded", about=row)
        row.delete()


# ---- Those who stand behind the house ----


def agree(*, user: Any, partner: str, until: date, by: Any, since: date | None = None, paper: str = "") -> Agreement:
    """Let a partner's coordinator see that partner's sheets from a day until (not on) another. Raises `NotAllowed`."""
    require(by, Permission.SEE_NUMBERS)
    if partner not in {row.key for row in catalogue.partners()} or user not in queries.coordinators():
        raise ValueError("an agreement is with a partner of today and its coordinator")
    with transaction.atomic():
        dates = {"valid_from": since or clock.today(), "valid_to": until}
        row = Agreement.objects.create(user=user, partner=partner, paper=paper, **dates)
        audit.record(by=by, action="reports.agreed", about=row, reason=f"{partner} {user.handle} {until}")
    return row


def end_agreement(*, agreement: Agreement, by: Any) -> None:
    """Let a coordinator see a partner's sheets no more, from now on. Raises `NotAllowed`."""
    require(by, Permission.SEE_NUMBERS)
    with transaction.atomic():
        audit.record(by=by, action="reports.agreement_ended", about=agreement)
        Agreement.objects.filter(pk=agreement.pk).delete()


def comment(*, report: Report, text: str, by: Any) -> None:
    """Keep what a partner's coordinator says of a released sheet; no words take it back. Raises `NotAllowed`."""
    if report not in queries.sheets(by):
        raise NotAllowed(Permission.SEE_PARTNER)
    said = text.strip()[:LONGEST]
    with transaction.atomic():
        mine = Comment.objects.filter(report=report, user=by)
        if said:
            told = {"text": said, "written_on": clock.today()}
            Comment.objects.update_or_create(report=report, user=by, defaults=told)
        else:
            mine.delete()
        audit.record(by=by, action="reports.commented", about=report)


# ---- For the evaluator ----


def hand_out(*, name: str, year: int, by: Any) -> tuple[str, bytes]:
    """Make the evaluator's file of a year: k-anonymous rows under pseudonyms of their own. Raises `NotAllowed`.

    That it was made, for whom and what it was like, is written down; the file itself is kept nowhere.
    """
    require(by, Permission.SEE_NUMBERS)
    period = rules.year(year)
    if period.last >= clock.today():
        raise NotOverYet
    got = queries.gather(by, period, named=str)
    made = export.made(got, name=name, key=queries.pseudonym_key(name))
    with transaction.atomic():
        said = f"{name[:80]} {year} {export.summary(made)}"
        audit.record(by=by, action="reports.handed_out", about="export:evaluator", reason=said)
    return export.filename(name, year), export.packed(made)
