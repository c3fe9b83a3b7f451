"""Deeds with answers: kept, left out, set right, checked, looked at; links made; licences confirmed.

Who is asked and when is in `asking`; what families send with a key or a link is in `letters`.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4, uuid5

from django.conf import settings as config
from django.db import IntegrityError, transaction

from brobygger.access.guards import NotAllowed, require
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.casework import record
from brobygger.ground import clock
from brobygger.groups.templatetags.boxes import spoken_of
from brobygger.privacy import keyring, seal
from brobygger.privacy import services as audit
from brobygger.threads import services as threads

from . import asking, instruments, queries, rules
from .instruments import SKIPPED, Instrument
from .models import Licence, Round, Sheet

if TYPE_CHECKING:
    from brobygger.casework.models import Member

FAMILY, KEEPER = "family", "keeper"
State = Round.State
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class NothingSaid(Exception):
    """A correction needs a reason, and something that is otherwise."""


class NoWay(Exception):
    """There is no telephone or mailbox of the one who answers that a link may be sent to."""


# ---- Kept ----


def keep_answer(
    *,
    round: Round,
    instrument: str,
    answers: Mapping[str, Any],
    mode: str,
    by: Any,
    answered_on: date | None = None,
    once: UUID | None = None,
    language: str = "da",
) -> Sheet:
    """Keep what somebody answered to one instrument of a round; the first one sent is the one that stands.

    `once` names the page it was sent from, and becomes the sheet's id: pressed twice, it is one. A question left out is
    `instruments.SKIPPED`. `answered_on` is the paper's own day. Raises `AlreadyAnswered`, `RoundIsOver`, `NotThatDay`,
    `NotThatWay`, `NeedsLicence`, `instruments.BadAnswer`, `NotAllowed`.
    """
    with transaction.atomic():
        row = _held(round, by)
        asked = _asked(row, instrument, mode)
        clean = instruments.read(asked, answers)
        known = Sheet.objects.filter(round=row, instrument=instrument).first()
        if known is not None:
            if known.pk == once:
                return known
            raise rules.AlreadyAnswered
        day = answered_on or clock.today()
        _may_be_kept(row, day, by)
        try:
            with transaction.atomic():
                sheet = _sheet(row, asked, clean, mode, day, by, once or uuid4(), language)
        except IntegrityError:
            raise rules.AlreadyAnswered from None
        _answered(row, by, mode)
        audit.record(by=by, action="outcomes.answered", about=row.member, reason=instrument)
    return sheet


def _held(round: Round, by: Any) -> Round:
    """Hold a round, and its course as it stands, in the caller's transaction. Raises `RoundIsOver`, `NotAllowed`."""
    course = Round.objects.filter(pk=round.pk).values_list("member__course_id", flat=True).first()
    if course is None or casework.kept_still(course) is None:
        raise rules.RoundIsOver
    if not isinstance(by, str) and not _may_write(by, course):
        raise NotAllowed("open_course")
    rows = Round.objects.select_for_update(of=("self",)).select_related("member__course__thread", "by")
    row = rows.filter(pk=round.pk, member__erasing=False).first()
    if row is None:
        raise rules.RoundIsOver
    return row


def _may_write(by: Any, course: UUID) -> bool:
    """Tell whether somebody has the course, and does not only look through a broken glass."""
    held = casework.get_course(by, course)
    # An ended course is written in no more, but for what is answered at its end and after.
    had = {row.ident for row in casework.mine(by, ended=True) if row.scope != "evening"}
    return held is not None and held.sight.content and (held.sight.write or course in had)


def _asked(row: Round, key: str, mode: str) -> Instrument:
    """Find the questions that were pinned, if they may be answered so. Raises as `keep_answer`."""
    found = next((each for each in queries.questions(row) if each.key == key), None)
    if found is None or mode not in instruments.MODES:
        raise instruments.BadAnswer(key)
    if queries.barred(found):
        raise rules.NeedsLicence
    if not found.may_be_shown(mode):
        raise rules.NotThatWay
    return found


def _may_be_kept(row: Round, day: date, by: Any) -> None:
    """Check that an answer comes in time: a family's while it was due, by the letter's day; a paper's by its own."""
    in_time = rules.may_be_dated(day, opens=row.opens_on, closes=row.closes_on, today=clock.today())
    if isinstance(by, str) and (row.state not in (State.DUE, State.MISSED) or not in_time):
        raise rules.RoundIsOver
    if not in_time:
        raise rules.NotThatDay


def _sheet(
    row: Round,
    asked: Instrument,
    clean: dict[str, int | str],
    mode: str,
    day: date,
    by: Any,
    ident: UUID,
    language: str,
) -> Sheet:
    """Seal and write one sheet, and note when somebody should look at it soon."""
    score = instruments.score(asked, clean)
    body: dict[str, Any] = {"answers": clean, "score": score, "language": language, "low": [], "corrections": []}
    sheet = Sheet(id=ident, round=row, instrument=asked.key, version=asked.version, answered_on=day, mode=mode)
    sheet.kept_by_id = getattr(by, "pk", None)
    sheet.sealed = keyring.seal(row.member.key, body, context=queries.place(ident))
    sheet.save(force_insert=True)
    asking.weigh(row, asked)
    sheet.refresh_from_db(fields=["sealed"])
    return sheet


def _answered(row: Round, by: Any, mode: str) -> None:
    """Close a round that is answered whole, and count the course's period from today."""
    if not queries.unanswered(row):
        over = {"state": State.DONE, "why_not": "", "token": None, "token_until": None}
        Round.objects.filter(pk=row.pk).update(**over)
        row.state = State.DONE
        asking.quiet(row, by, linked=row.token is not None)
        for heard in rules.ANSWERED:
            heard(row, mode)
    record.entered(row.member.course_id)


def keep_all(
    *, round: Round, answers: Mapping[str, Mapping[str, Any]], mode: str, by: Any, once: UUID, language: str = "da",
    answered_on: date | None = None,
) -> list[Sheet]:  # fmt: skip
    """Keep what somebody answered to every instrument of a round at once; all of it left out is a round left out.

    What is typed here is of the instruments named alone. Raises as `keep_answer`; then nothing of it is kept.
    """
    said = [value for each in answers.values() for value in each.values()]
    with transaction.atomic():
        row = _held(round, by)
        sent = Sheet.objects.filter(round=row, pk__in=[_page(once, each.key) for each in queries.questions(row)])
        if sent.exists():
            return list(sent)
        alone = mode in instruments.UNATTENDED
        asked = [each for each in queries.unanswered(row, mode) if alone or each.key in answers]
        if not asked:
            raise rules.AlreadyAnswered
        there = Sheet.objects.filter(round=row).exists()
        if not there and not any(isinstance(value, int) for value in said):
            skip(round=row, why="declined", by=by)
            return []
        more = {"mode": mode, "by": by, "language": language, "answered_on": answered_on}
        return [
            keep_answer(
                round=row, instrument=each.key, answers=_given(each, answers), once=_page(once, each.key), **more
            )
            for each in asked
        ]


def _given(each: Instrument, answers: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Give what was said to some questions; all of it left out where nothing was."""
    return answers.get(each.key) or dict.fromkeys((item.ident for item in each.items), SKIPPED)


def _page(once: UUID, instrument: str) -> UUID:
    """Name the sheet one page sends of one instrument."""
    return uuid5(once, instrument)


def skip(*, round: Round, why: str, by: Any) -> Round:
    """Leave a round out, because they wish it or nobody could be asked: always fine, and kept as left out.

    Said again, it is said once. Raises `RoundIsOver`, `NotAllowed`, `ValueError`.
    """
    if why not in rules.WHY_NOT:
        raise ValueError(why)
    with transaction.atomic():
        row = _held(round, by)
        if row.state == State.SKIPPED:
            return row
        if row.state not in (State.DUE, State.MISSED) or Sheet.objects.filter(round=row).exists():
            raise rules.RoundIsOver
        asking.quiet(row, by, linked=row.token is not None)
        row.state, row.why_not, row.token, row.token_until = State.SKIPPED, why, None, None
        row.save(update_fields=["state", "why_not", "token", "token_until"])
        audit.record(by=by, action="outcomes.skipped", about=row.member, reason=why)
    return row


# ---- Set right, checked ----


def correct(
    *, sheet: Sheet, answers: Mapping[str, Any], reason: str, by: Any, answered_on: date | None = None
) -> Sheet:
    """Set an answer right that was typed wrong; what stood there is kept beside it, with why and by whom.

    Raises `NothingSaid`, `NotThatDay`, `instruments.BadAnswer`, `RoundIsOver`, `NotAllowed`.
    """
    if not reason.strip():
        raise NothingSaid
    with transaction.atomic():
        row = _held(sheet.round, by)
        held = Sheet.objects.select_for_update().get(pk=sheet.pk)
        asked = instruments.get(held.instrument, held.version)
        if asked is None:
            raise rules.RoundIsOver
        body = _body(row.member, held)
        clean, day = instruments.read(asked, answers), answered_on or held.answered_on
        if clean == body["answers"] and day == held.answered_on:
            raise NothingSaid
        if not rules.may_be_dated(day, opens=row.opens_on, closes=row.closes_on, today=clock.today()):
            raise rules.NotThatDay
        before = {name: body[name] for name in ("answers", "score", "low")}
        before |= {"answered_on": held.answered_on.isoformat(), "at": clock.now().isoformat()}
        body["corrections"].append(before | {"by": by.first_name, "reason": " ".join(reason.split())[:300]})
        body |= {"answers": clean, "score": instruments.score(asked, clean)}
        held.sealed = keyring.seal(row.member.key, body, context=queries.place(held.pk))
        held.answered_on, held.checked_by = day, None
        held.save(update_fields=["sealed", "answered_on", "checked_by"])
        asking.weigh(row, asked)
        record.entered(row.member.course_id)
        audit.record(by=by, action="outcomes.corrected", about=row.member, reason=held.instrument)
    return held


def _body(member: "Member", sheet: Sheet) -> dict[str, Any]:
    """Open one sheet. Raises `RoundIsOver` when its key is gone."""
    try:
        body: dict[str, Any] = keyring.open_sealed(member.key, bytes(sheet.sealed), context=queries.place(sheet.pk))
    except keyring.Shredded:
        raise rules.RoundIsOver from None
    return body


def check_paper(*, sheet: Sheet, by: Any) -> None:
    """Note that a second person held the paper beside what was typed. Raises `NotAllowed` for who typed it."""
    known = queries.get_sheet(by, sheet.pk) is not None and _may_write(by, sheet.round.member.course_id)
    if not known or sheet.kept_by_id == by.pk or sheet.mode != "paper":
        raise NotAllowed("open_course")
    with transaction.atomic():
        Sheet.objects.filter(pk=sheet.pk).update(checked_by=by.pk)
        audit.record(by=by, action="outcomes.checked", about=sheet.round.member, reason=sheet.instrument)


# ---- Looked at ----


def look(*, member: "Member", by: Any) -> list[queries.Curve]:
    """Open what was answered about somebody, as curves, and write down who looked. Raises `NotAllowed`."""
    held = casework.get_course(by, member.course_id)
    if held is None or not held.sight.content or member.erasing:
        raise NotAllowed("open_course")
    with transaction.atomic():
        audit.record(by=by, action="outcomes.looked", about=member)
    return queries.curves(queries.opened(queries.sheets_of(member)))


def look_at_sheet(*, sheet: Sheet, by: Any) -> dict[str, Any]:
    """Open one sheet, with what stood there before, and write down who looked. Raises `NotAllowed`, `RoundIsOver`."""
    if queries.get_sheet(by, sheet.pk) is None:
        raise NotAllowed("open_course")
    with transaction.atomic():
        audit.record(by=by, action="outcomes.looked", about=sheet.round.member, reason=sheet.instrument)
    return _body(sheet.round.member, sheet)


def see(*, round: Round, by: Any) -> None:
    """Note that somebody has looked at an answer that was low, and sees to it. Raises `RoundIsOver`, `NotAllowed`."""
    with transaction.atomic():
        row = _held(round, by)
        if row.low_on is None:
            raise rules.RoundIsOver
        if row.seen_on is None:
            Round.objects.filter(pk=row.pk).update(seen_on=clock.today(), seen_by=by.pk)
            audit.record(by=by, action="outcomes.seen", about=row.member)


def agree(*, round: Round, by: Any) -> None:
    """Note that somebody has said yes to being asked once more, half a year after; a second time changes nothing.

    Without it nobody is asked then. Taken back with `skip`. Raises `RoundIsOver`, `NotAllowed`.
    """
    with transaction.atomic():
        row = _held(round, by)
        if row.moment != rules.AFTER or row.state != State.DUE:
            raise rules.RoundIsOver
        if row.unagreed:
            Round.objects.filter(pk=row.pk).update(agreed_on=clock.today())
            audit.record(by=by, action="outcomes.agreed", about=row.member)


# ---- Links ----


def make_link(*, round: Round, by: Any) -> str:
    """Make the secret of a link that answers a round once, for two weeks, to be printed or shown; give it once.

    A new one makes the one before worthless. Raises `RoundIsOver`, `NeedsYes`, `NotThatWay`, `NotAllowed`.
    """
    with transaction.atomic():
        row = _held(round, by)
        today = clock.today()
        if row.state != State.DUE or not row.opens_on <= today <= row.closes_on:
            raise rules.RoundIsOver
        if row.unagreed:
            raise rules.NeedsYes
        if not queries.unanswered(row, "sms"):
            raise rules.NotThatWay
        secret = "".join(secrets.choice(_LETTERS) for _each in range(26))
        until = min(row.closes_on, today + rules.LINK_LIVES)
        Round.objects.filter(pk=row.pk).update(token=seal.token_hash(secret.encode()), token_until=until)
        audit.record(by=by, action="outcomes.link_made", about=row.member)
    return secret


def send_link(*, round: Round, address: str, by: Any) -> None:
    """Send a link to the telephone of who has the family's key; `address` is where it opens, without its secret.

    What is written says no name, no service and no illness. Raises `NoWay`, and as `make_link`.
    """
    with transaction.atomic():
        row = _held(round, by)
        thread = row.member.course.thread
        # As in their box: of a child nobody hears who may not be told how it goes.
        if thread is None or thread.ending or spoken_of([row.member]).get(row.member_id, thread) != row.by_id:
            raise NoWay
        card = threads.open_card_to_send(thread=thread, by=KEEPER) or {}
        if card.get("channel") not in config.OUTBOX_CHANNELS:
            raise NoWay
        asking.word(thread=thread, kind="asked", by=by, link=f"{address}{make_link(round=row, by=by)}/")
        audit.record(by=by, action="outcomes.link_sent", about=row.member)


# ---- Licences ----


def confirm_licence(*, instrument: str, version: str, by: Any) -> Licence:
    """Note that somebody here has the right to use an instrument. Raises `NotAllowed`, `instruments.BadInstrument`."""
    require(by, Permission.ARRANGE_COURSES)
    if instruments.get(instrument, version) is None:
        raise instruments.BadInstrument(f"{instrument}-{version}")
    with transaction.atomic():
        row, new = Licence.objects.get_or_create(
            instrument=instrument, version=version, defaults={"confirmed_by_id": by.pk}
        )
        if new:
            audit.record(by=by, action="outcomes.licence_confirmed", about=row, reason=f"{instrument}-{version}")
    return row


def take_back_licence(*, instrument: str, version: str, by: Any) -> None:
    """Note that we may not use an instrument any more: nobody is asked with it from now on. Raises `NotAllowed`."""
    require(by, Permission.ARRANGE_COURSES)
    with transaction.atomic():
        for row in Licence.objects.filter(instrument=instrument, version=version):
            audit.record(by=by, action="outcomes.licence_taken_back", about=row, reason=f"{instrument}-{version}")
            row.delete()


def sweep(now: Any) -> int:
    """Do what a night brings: see `asking.sweep`."""
    return asking.sweep(now)
