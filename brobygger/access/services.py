"""Deeds about people at work: hiring, roles, leaving, where one is signed in, the calendar feed, breaking the glass."""

import secrets
import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from brobygger.access import queries
from brobygger.access.guards import NotAllowed, require
from brobygger.access.models import SHORTEST_REASON, Glass, Guesses, Membership, User
from brobygger.access.roles import Permission, Profession, Role
from brobygger.ground import clock
from brobygger.privacy.services import record

__all__ = [
    "LastKey",
    "NotAllowed",
    "SayWhy",
    "break_glass",
    "count_guess",
    "end_calendar_token",
    "end_role",
    "forget_guess",
    "give_role",
    "hire",
    "keep_one_seat",
    "lay_key_away",
    "leave",
    "leave_every_seat",
    "leave_seat",
    "let_in_again",
    "look_at_codes",
    "note_factor",
    "note_failed_sign_in",
    "note_sign_in",
    "note_wrong_code",
    "set_calendar_token",
    "set_profession",
    "sweep",
    "take_seat",
]

GLASS_STAYS_OPEN = timedelta(hours=1)
#: Everybody mistypes; after so many mistakes each next try waits twice as long as the one before, up to the longest.
FREE_GUESSES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
#: After a quiet hour the count begins again.
FORGIVEN_AFTER = timedelta(hours=1)


class SayWhy(Exception):
    """A reason is needed, in words somebody else can read."""


class LastKey(Exception):
    """Nobody lays the last key away: a password alone opens nothing, and would let a stranger set up a new one."""


@transaction.atomic
def hire(
    *,
    email: str,
    handle: str,
    first_name: str,
    title: dict[str, str],
    roles: Iterable[Role],
    password: str,
    by: User | str,
    totp_secret: str | None = None,
    since: date | None = None,
    profession: str = Profession.OTHER,
) -> User:
    """Let a person begin to work here, with roles from a day (today if nothing is said).

    Without `totp_secret` the person is taken to a page that sets up the second factor at the first sign-in.
    """
    user = User(email=email.strip().lower(), handle=handle, first_name=first_name, title=title)
    user.profession = Profession(profession).value
    validate_password(password, user)
    user.set_password(password)
    user.save()
    record(by=by, action="access.hired", about=user)
    for role in roles:
        give_role(user=user, role=role, by=by, since=since)
    if totp_secret:
        TOTP.activate(user, totp_secret)
    return user


@transaction.atomic
def give_role(*, user: User, role: Role, by: User | str, since: date | None = None) -> Membership:
    """Give a person a role from a day on; a role already held stays as it is."""
    held, new = Membership.objects.get_or_create(
        user=user, role=role, valid_to=None, defaults={"valid_from": since or clock.today()}
    )
    if new:
        record(by=by, action="access.role_given", about=user, reason=str(Role(role).value))
    _forget_what_was_known(user)
    return held


@transaction.atomic
def set_profession(*, user: User, profession: str, by: User | str) -> None:
    """Set what somebody is by training. What they have written already keeps the profession they wrote it under."""
    chosen = Profession(profession)
    if user.profession == chosen:
        return
    user.profession = chosen.value
    user.save(update_fields=["profession"])
    record(by=by, action="access.profession_set", about=user, reason=str(chosen.value))


@transaction.atomic
def end_role(*, user: User, role: Role, by: User | str) -> None:
    """Take a role from a person at once; wherever they are signed in, that ends too."""
    today = clock.today()
    open_ones = Membership.objects.filter(user=user, role=role, valid_to=None)
    open_ones.filter(valid_from__gt=today).delete()
    if open_ones.update(valid_to=today):
        record(by=by, action="access.role_ended", about=user, reason=str(Role(role).value))
        _stand_up(user)
    _forget_what_was_known(user)


@transaction.atomic
def leave(*, user: User, by: User | str) -> None:
    """Let a person stop working here: no sign-in, no roles, no calendar feed. The name stays on what was done."""
    for role in set(user.memberships.filter(valid_to=None).values_list("role", flat=True)):
        end_role(user=user, role=Role(role), by=by)
    Authenticator.objects.filter(user=user).delete()
    user.is_active = False
    user.calendar_token = None
    user.seats = []
    user.set_unusable_password()
    user.save()
    record(by=by, action="access.left", about=user)


@transaction.atomic
def let_in_again(*, user: User, password: str, by: User | str) -> None:
    """Give somebody who forgot the password or lost the phone a new start; every open session ends."""
    validate_password(password, user)
    user.set_password(password)
    user.seats = []
    user.save(update_fields=["password", "seats"])
    Authenticator.objects.filter(user=user).delete()
    record(by=by, action="access.let_in_again", about=user)


@transaction.atomic
def set_calendar_token(*, user: User, by: User | str) -> str:
    """Make a new secret address for a person's calendar feed; the old one stops. It is told once and kept as a hash."""
    token = secrets.token_urlsafe(32)
    user.calendar_token = queries.token_hash(token)
    user.save(update_fields=["calendar_token"])
    record(by=by, action="access.calendar_opened", about=user)
    return token


@transaction.atomic
def end_calendar_token(*, user: User, by: User | str) -> None:
    """Close a person's calendar feed."""
    user.calendar_token = None
    user.save(update_fields=["calendar_token"])
    record(by=by, action="access.calendar_closed", about=user)


@transaction.atomic
def break_glass(*, about: str, reason: str, by: User) -> Glass:
    """Open something that is not one's own for an hour; the reason stays in the trail for those who may see looks."""
    require(by, Permission.BREAK_GLASS)
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise SayWhy
    now = clock.now()
    glass = Glass.objects.create(
        user_id=by.pk, about=about, reason=reason[:500], broken_at=now, until=now + GLASS_STAYS_OPEN
    )
    record(by=by, action="access.glass_broken", about=about, reason=glass.reason)
    return glass


@transaction.atomic
def note_sign_in(*, by: User) -> None:
    """Leave a trace that a person signed in."""
    record(by=by, action="access.signed_in", about=by)


@transaction.atomic
def note_failed_sign_in(*, email: str, by: str) -> None:
    """Leave a trace that somebody tried a wrong password on a person's account; of unknown addresses, nothing."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        record(by=by, action="access.sign_in_failed", about=user)


@transaction.atomic
def note_factor(*, what: str, by: User) -> None:
    """Leave a trace that a person took a key into use: `passkey_added`, `phone_added`, `codes_made`."""
    record(by=by, action=f"access.{what}", about=by)


@transaction.atomic
def look_at_codes(*, by: User) -> None:
    """Leave a trace that a person saw their spare codes."""
    record(by=by, action="access.codes_seen", about=by)


@transaction.atomic
def note_wrong_code(*, user: User, by: str) -> None:
    """Leave a trace of a wrong code: whoever gave it has the password already."""
    record(by=by, action="access.code_failed", about=user)


@transaction.atomic
def lay_key_away(*, what: str, seat: str, by: User, instead: bool = False) -> None:
    """Leave a trace that a key is laid away (`passkey_removed`), and end the person's other seats.

    The last key stays, unless a new phone is proven `instead`; then the old phone goes here.
    """
    # Two keys laid away at once wait for each other here, until the caller has laid its own away.
    _seats(by)
    if instead:
        Authenticator.objects.filter(user=by, type=Authenticator.Type.TOTP).delete()
    elif queries.only_key(by):
        raise LastKey
    record(by=by, action=f"access.{what}", about=by)
    keep_one_seat(user=by, seat=seat, by=by)


@transaction.atomic
def take_seat(*, user: User, by: User | str) -> str:
    """Let a person sit down at one more place, under a random number; the place sat at longest gives way."""
    seats = _seats(user)
    taken = {"id": secrets.token_urlsafe(12), "at": int(time.time())}
    kept = [*seats, taken][-settings.SEATS_AT_ONCE :]
    _sit(user, kept)
    if len(kept) <= len(seats):
        record(by=by, action="access.seat_gave_way", about=user)
    return str(taken["id"])


@transaction.atomic
def leave_seat(*, user: User, seat: str, by: User | str) -> None:
    """Let a person stand up from one place."""
    seats = _seats(user)
    left = [one for one in seats if one["id"] != seat]
    if len(left) < len(seats):
        _sit(user, left)
        record(by=by, action="access.signed_out", about=user)


@transaction.atomic
def keep_one_seat(*, user: User, seat: str, by: User | str) -> None:
    """End every place a person is signed in but one."""
    _sit(user, [one for one in _seats(user) if one["id"] == seat])
    record(by=by, action="access.signed_out_elsewhere", about=user)


@transaction.atomic
def leave_every_seat(*, user: User, by: User | str) -> None:
    """Sign a person out everywhere."""
    _sit(user, [])
    record(by=by, action="access.signed_out_everywhere", about=user)


@transaction.atomic
def count_guess(*, lot: str, by: str) -> timedelta:
    """Count one guess before it is checked, and tell how long to wait; nothing is counted while one must wait."""
    now = clock.now()
    Guesses.objects.filter(last__lt=now - FORGIVEN_AFTER).delete()
    fresh = {"until": now, "last": now}
    held, _new = Guesses.objects.select_for_update().get_or_create(lot=lot, defaults=fresh)
    if held.until > now:
        return held.until - now
    held.count, held.last = held.count + 1, now
    if held.count >= FREE_GUESSES:
        held.until = now + min(FIRST_WAIT * 2 ** min(held.count - FREE_GUESSES, 10), LONGEST_WAIT)
    held.save()
    return timedelta()


@transaction.atomic
def forget_guess(*, lot: str, by: str) -> None:
    """Take a right guess out of the count again."""
    held = Guesses.objects.select_for_update().filter(lot=lot).first()
    if held is not None and held.count > 1:
        held.count, held.until = held.count - 1, clock.now()
        held.save()
    elif held is not None:
        held.delete()


def sweep(now: datetime) -> int:
    """Forget old mistakes, and places nobody can still be sitting at."""
    gone, _kinds = Guesses.objects.filter(last__lt=now - FORGIVEN_AFTER).delete()
    oldest = time.time() - settings.SESSION_LONGEST
    for user in User.objects.exclude(seats=[]):
        with transaction.atomic():
            seats = _seats(user)
            left = [one for one in seats if one["at"] > oldest]
            if len(left) < len(seats):
                _sit(user, left)
                gone += len(seats) - len(left)
    return gone


def _seats(user: User) -> list[dict[str, Any]]:
    """Read where a person sits, and let nobody else change it meanwhile."""
    return list(User.objects.select_for_update().values_list("seats", flat=True).get(pk=user.pk))


def _sit(user: User, seats: list[dict[str, Any]]) -> None:
    """Write down where a person sits."""
    User.objects.filter(pk=user.pk).update(seats=seats)
    user.seats = seats


def _stand_up(user: User) -> None:
    """End every session of a person; the next click asks them to sign in."""
    _sit(user, [])


def _forget_what_was_known(user: User) -> None:
    """Make the next question about this person's permissions ask the database."""
    user._may = None
