"""Deeds with times: offered, chosen, moved, called off. The database refuses a double booking; these say it kindly."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction

from brobygger.ground import clock
from brobygger.outbox import services as outbox
from brobygger.privacy import keyring
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import queries, rules
from .models import Appointment, Proposal, Reserved, VisitAddress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brobygger.threads.models import Thread

KEEPER = "keeper"
FAMILY = "family"
#: How often a booking looks for another room when somebody was first in one.
ATTEMPTS = 3


class TimeIsTaken(Exception):
    """Somebody else was first."""


class TimeIsPast(Exception):
    """The time has gone by."""


class RoomIsTaken(Exception):
    """Something else is in that room then; `days` are the moments that clash, as far as they are known."""

    def __init__(self, days: "Iterable[datetime]" = ()) -> None:
        """Keep when."""
        self.days = sorted(days)
        super().__init__(*map(str, self.days))


class WorkerIsBusy(Exception):
    """Somebody who was to be there has something else; `user` says who, where it is known, and `days` when."""

    def __init__(self, user: Any = None, days: "Iterable[datetime]" = ()) -> None:
        """Keep who and when."""
        self.user, self.days = user, sorted(days)
        super().__init__(str(user), *map(str, self.days))


class NotOffered(Exception):
    """This time was never offered to this family, or is not offered any more."""


class NotTheDay(Exception):
    """An address is shown on the day of the visit, to the one who goes there."""


def propose(*, thread: "Thread", worker: Any, where: str, times: list[queries.Choice], by: Any) -> list[dict[str, str]]:
    """Offer a family some times with one member of staff, and give them as an answer carries them.

    The times offered before are withdrawn. Raises `TimeIsPast` and `TimeIsTaken` when one of them cannot be kept.
    """
    now, taken = clock.now(), queries.busy(worker, clock.now())
    for time in times:
        if time.starts_at <= now:
            raise TimeIsPast
        if any(rules.clashes(rules.span(where, time.starts_at, time.ends_at), other) for other in taken):
            raise TimeIsTaken
    with transaction.atomic():
        # The thread before any hour or room, as whoever moves a group's meeting holds it: else two wait for each other.
        thread_queries.kept_still([thread.pk])
        Proposal.objects.filter(thread=thread).delete()
        made = [
            Proposal.objects.create(
                thread=thread,
                worker=worker,
                where=where,
                place=time.place if where == "house" else "",
                starts_at=time.starts_at,
                ends_at=time.ends_at,
            )
            for time in times
        ]
        audit.record(by=by, action="appointments.proposed", about=thread)
    return [_said(each) for each in made]


def _said(time: Proposal | Appointment) -> dict[str, str]:
    """Write a time as an answer carries it."""
    return {
        "id": str(time.pk),
        "starts_at": time.starts_at.isoformat(),
        "ends_at": time.ends_at.isoformat(),
        "where": time.where,
        "place": time.place,
        "with": time.worker.first_name,
    }


def keep_up(*, by: str = KEEPER) -> int:
    """Do what families have asked for about their times, and tell how much there was."""
    asked = thread_queries.requests(("choose", "move", "cancel", "address"))
    for request in asked:
        if not request.thread.ending:
            {"choose": _choose, "move": _move, "cancel": _cancel, "address": _address}[request.kind](request)
        if request.kind == "address":
            # The words live under a key of their own now, or nowhere.
            threads.drop_words(message=request.ident, by=by)
        else:
            threads.mark_handled(request=request.ident, by=by)
    return len(asked)


def _tell(request: thread_queries.Request, body: dict[str, Any]) -> None:
    threads.tell(
        thread=request.thread,
        body=body,
        receipt=request.body.get("receipt"),
        letter=UUID(request.body["letter"]),
        by=KEEPER,
    )


def _choose(request: thread_queries.Request) -> None:
    """Book the time a family chose, or say why not."""
    try:
        booked = choose(thread=request.thread, proposal=UUID(str(request.body["proposal"])), by=FAMILY)
    except (TimeIsTaken, TimeIsPast, NotOffered, ValueError) as refusal:
        news = {TimeIsPast: "time_past", TimeIsTaken: "time_taken"}.get(type(refusal), "time_gone")
        _tell(request, {"news": news, "times": _still_open(request.thread)})
        return
    _tell(request, {"news": "booked", "appointment": _said(booked)})


def choose(*, thread: "Thread", proposal: UUID, by: Any) -> Appointment:
    """Book an offered time. The time that stood before is given up in the same transaction, or kept when it fails.

    Raises `NotOffered`, `TimeIsPast` or `TimeIsTaken`. Choosing the same time twice is choosing it once.
    """
    offered = Proposal.objects.select_related("worker").filter(pk=proposal, thread=thread).first()
    if offered is None:
        standing = queries.standing([thread.pk]).get(thread.pk)
        if standing is not None and standing.pk == proposal:
            return standing
        raise NotOffered
    if offered.starts_at <= clock.now():
        raise TimeIsPast
    for _attempt in range(ATTEMPTS):
        try:
            return _exchange(offered, by=by)
        except IntegrityError:
            # Another talk took the room in the same moment; there may be a room beside it.
            continue
    raise TimeIsTaken


def book(*, thread: "Thread", worker: Any, choice: queries.Choice, where: str, by: Any) -> Appointment:
    """Book a time that was agreed while talking, and leave it in the family's box as well.

    Offered and chosen in one transaction. Raises `TimeIsPast` or `TimeIsTaken`; then what stood and what was offered
    before stays as it was.
    """
    with transaction.atomic():
        (offered,) = propose(thread=thread, worker=worker, where=where, times=[choice], by=by)
        booked = choose(thread=thread, proposal=UUID(offered["id"]), by=by)
        # What was offered before is offered no longer: the list of times is empty, not unsaid.
        threads.tell(thread=thread, body={"news": "booked", "appointment": _said(booked), "times": []}, by=by)
    return booked


def _exchange(offered: Proposal, *, by: Any) -> Appointment:
    """Give up the time that stood, and book the one that was offered."""
    thread = offered.thread
    with transaction.atomic():
        thread_queries.kept_still([thread.pk])
        given_up = list(Appointment.objects.filter(thread=thread, cancelled=False, ends_at__gt=clock.now()))
        Appointment.objects.filter(pk__in=[old.pk for old in given_up]).update(cancelled=True)
        _refuse_the_road(offered)
        booked = _book(offered)
        for old in given_up:
            # Last: the key of an address does not come back when the new time is refused.
            call_off(appointment=old, by=by)
        Appointment.objects.filter(thread=thread, cancelled=True).delete()
        Proposal.objects.filter(pk=offered.pk).delete()
        outbox.remind(thread=thread, starts_at=booked.starts_at, by=by)
        audit.record(by=by, action="appointments.chosen", about=thread)
    return booked


def _refuse_the_road(offered: Proposal) -> None:
    """Refuse a time that leaves no road to another visit; the database knows meetings, not roads."""
    wide = rules.span(offered.where, offered.starts_at, offered.ends_at)
    if any(rules.clashes(wide, other) for other in queries.busy(offered.worker, offered.starts_at)):
        raise TimeIsTaken


def _book(offered: Proposal) -> Appointment:
    """Write the appointment, under the number of the proposal, in a free room when it is in the house."""
    room = None
    if offered.where == "house":
        room = queries.free_room(offered.place, offered.starts_at, offered.ends_at)
        if room is None:
            raise TimeIsTaken
    return Appointment.objects.create(
        id=offered.pk,
        thread=offered.thread,
        number=offered.thread.number,
        worker=offered.worker,
        where=offered.where,
        place=offered.place,
        room=room,
        starts_at=offered.starts_at,
        ends_at=offered.ends_at,
    )


def _still_open(thread: "Thread") -> list[dict[str, str]]:
    """List the offered times that can still be chosen."""
    return [_said(each) for each in queries.offered(thread)]


def _move(request: thread_queries.Request) -> None:
    """Offer new times with the same person at the same place; the old one stands until a new one is chosen."""
    standing = queries.standing([request.thread.pk]).get(request.thread.pk)
    if standing is None:
        _tell(request, {"news": "nothing_stands"})
        return
    found = queries.free(standing.worker, where=standing.where)
    same_place = [each for each in found if standing.where != "house" or each.place == standing.place]
    times = rules.spread(same_place)
    offered = propose(thread=request.thread, worker=standing.worker, where=standing.where, times=times, by=KEEPER)
    _tell(request, {"news": "new_times" if offered else "no_times", "times": offered})


def _cancel(request: thread_queries.Request) -> None:
    standing = queries.standing([request.thread.pk]).get(request.thread.pk)
    if standing is None:
        _tell(request, {"news": "nothing_stands"})
        return
    call_off(appointment=standing, by=FAMILY)
    _tell(request, {"news": "called_off", "appointment": None, "times": _still_open(request.thread)})


def call_off(*, appointment: Appointment, by: Any) -> None:
    """Call an appointment off; an address given for it is destroyed at once."""
    with transaction.atomic():
        thread_queries.kept_still([appointment.thread_id])
        forget_address(appointment=appointment, by=by)
        Appointment.objects.filter(pk=appointment.pk).update(cancelled=True)
        outbox.drop_reminders(thread=appointment.thread, by=by)
        audit.record(by=by, action="appointments.called_off", about=appointment.thread)


def call_off_and_tell(*, appointment: Appointment, by: Any) -> None:
    """Call an appointment off from the house's side, and tell the family."""
    with transaction.atomic():
        call_off(appointment=appointment, by=by)
        times = _still_open(appointment.thread)
        body = {"news": "called_off_by_us", "appointment": None, "times": times, "from": by.first_name}
        threads.tell(thread=appointment.thread, body=body, by=by)
        params = {"starts_at": appointment.starts_at.isoformat()}
        outbox.notify(thread=appointment.thread, kind="called_off", params=params, by=by)


def _address(request: thread_queries.Request) -> None:
    """Keep an address for a visit that stands; one that comes without a visit is not kept."""
    standing = queries.standing([request.thread.pk]).get(request.thread.pk)
    if standing is None or standing.where != "home":
        _tell(request, {"news": "nothing_stands"})
        return
    with transaction.atomic():
        forget_address(appointment=standing, by=FAMILY)
        key = keyring.new_data_key(about=standing.pk, kind="address")
        sealed = keyring.seal(key, {"address": request.body["address"]}, context=f"address:{standing.pk}:1")
        VisitAddress.objects.create(appointment=standing, key=key, sealed=sealed)
        audit.record(by=FAMILY, action="appointments.address_given", about=request.thread)
    _tell(request, {"news": "address_kept", "appointment": _said(standing) | {"address": "known"}})


def forget_address(*, appointment: Appointment, by: Any) -> None:
    """Destroy the address of a visit."""
    with transaction.atomic():
        for address in VisitAddress.objects.filter(appointment=appointment):
            keyring.shred(address.key)
            address.delete()
            audit.record(by=by, action="appointments.address_destroyed", about=appointment.thread)


def let_go(*, thread: "Thread", by: Any) -> None:
    """Destroy what this room holds of a thread that ends: addresses with their keys, times, offers."""
    with transaction.atomic():
        for appointment in Appointment.objects.filter(thread=thread).select_related("thread"):
            forget_address(appointment=appointment, by=by)
            appointment.delete()
        Proposal.objects.filter(thread=thread).delete()


def carry(*, of: "Thread", to: "Thread", by: Any) -> None:
    """Let times and offers follow a family into its new thread, as they stand; in the caller's transaction."""
    with transaction.atomic():
        Appointment.objects.filter(thread=of).update(thread=to)
        Proposal.objects.filter(thread=of).update(thread=to)


def reserve(
    *, of: UUID, workers: "Iterable[Any]", place: str, room: int | None, starts_at: datetime, ends_at: datetime, by: Any
) -> None:
    """Take a room and some people's time for a thing of another room. Raises `RoomIsTaken`, `WorkerIsBusy`."""
    reserve_all(wanted=[rules.Wanted(of, tuple(workers), place, room, starts_at, ends_at)], by=by)


def reserve_all(*, wanted: "Iterable[rules.Wanted]", by: Any) -> None:
    """Take rooms and people's time for some things together, in the caller's transaction.

    What they had taken before is given up, and stands again when this is refused. Raises `RoomIsTaken`, `WorkerIsBusy`.
    """
    listed = list(wanted)
    taken, busy = queries.clashes(listed)
    if taken:
        raise RoomIsTaken(taken)
    for user, days in busy.items():
        raise WorkerIsBusy(user, days)
    with transaction.atomic():
        Reserved.objects.filter(of__in=[each.of for each in listed]).delete()
        for each in listed:
            _reserve(each)


def _reserve(wanted: rules.Wanted) -> None:
    """Write down what a thing takes; somebody may be first in the same moment."""
    rows = [{"worker": worker} for worker in wanted.workers]
    rows += [{"place": wanted.place, "room": wanted.room}] if wanted.room else []
    try:
        with transaction.atomic():
            for row in rows:
                Reserved.objects.create(of=wanted.of, starts_at=wanted.starts_at, ends_at=wanted.ends_at, **row)
    except IntegrityError as why:
        if "one_talk_in_a_room" in str(why):
            raise RoomIsTaken([wanted.starts_at]) from why
        raise WorkerIsBusy(None, [wanted.starts_at]) from why


def release(*, of: UUID, by: Any) -> None:
    """Give a room and people's time free again, in the caller's transaction."""
    with transaction.atomic():
        Reserved.objects.filter(of=of).delete()


def look_at_address(*, appointment: Appointment, by: Any) -> str | None:
    """Open the address of a visit, on its day, to the one who goes there. Raises `NotTheDay`; writes down the look."""
    if clock.local(appointment.starts_at).date() != clock.today() or appointment.worker_id != by.pk:
        raise NotTheDay
    address = VisitAddress.objects.filter(appointment=appointment).first()
    if address is None:
        return None
    with transaction.atomic():
        audit.record(by=by, action="appointments.address_looked", about=appointment.thread)
    opened = keyring.open_sealed(address.key, bytes(address.sealed), context=f"address:{appointment.pk}:1")
    return str(opened["address"])


def set_hours(*, worker: Any, hours: list[rules.Hours], by: Any) -> None:
    """Set somebody's working hours from today on; what stood before is kept, dated."""
    today = clock.today()
    with transaction.atomic():
        worker.hours.filter(valid_from__gte=today).delete()
        worker.hours.filter(valid_to__isnull=True).update(valid_to=today)
        for each in hours:
            worker.hours.create(
                weekday=each.weekday, opens=each.opens, closes=each.closes, place=each.place, valid_from=today
            )
        audit.record(by=by, action="appointments.hours_set", about=worker)


def sweep(now: datetime) -> int:
    """Destroy the addresses of past visits and offers whose time has gone by, and tell how many there were."""
    today = clock.local(now).date()
    midnight = datetime.combine(today, datetime.min.time(), clock.TZ)
    past = VisitAddress.objects.filter(appointment__starts_at__lt=midnight).select_related("appointment__thread")
    addresses = list(past)
    for address in addresses:
        forget_address(appointment=address.appointment, by=KEEPER)
    with transaction.atomic():
        offers, _rows = Proposal.objects.filter(starts_at__lt=now - timedelta(days=2)).delete()
        Reserved.objects.filter(ends_at__lt=now - timedelta(days=2)).delete()
    return len(addresses) + offers
