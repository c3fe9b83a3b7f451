"""Deeds about people at work: hiring, roles, leaving, the calendar feed, and breaking the glass."""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from brobygger.access import queries
from brobygger.access.guards import NotAllowed, require
from brobygger.access.models import SHORTEST_REASON, Glass, Membership, User
from brobygger.access.roles import Permission, Role
from brobygger.ground import clock
from brobygger.privacy.services import record

__all__ = [
    "NotAllowed",
    "SayWhy",
    "break_glass",
    "end_calendar_token",
    "end_role",
    "give_role",
    "hire",
    "leave",
    "let_in_again",
    "note_failed_sign_in",
    "note_sign_in",
    "set_calendar_token",
]

GLASS_STAYS_OPEN = timedelta(hours=1)


class SayWhy(Exception):
    """A reason is needed, in words somebody else can read."""


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
) -> User:
    """Let a person begin to work here, with roles from a day (today if nothing is said).

    Without `totp_secret` the person is taken to a page that sets up the second factor at the first sign-in.
    """
    user = User(email=email.strip().lower(), handle=handle, first_name=first_name, title=title)
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
def end_role(*, user: User, role: Role, by: User | str) -> None:
    """Take a role from a person at once."""
    today = clock.today()
    open_ones = Membership.objects.filter(user=user, role=role, valid_to=None)
    open_ones.filter(valid_from__gt=today).delete()
    if open_ones.update(valid_to=today):
        record(by=by, action="access.role_ended", about=user, reason=str(Role(role).value))
    _forget_what_was_known(user)


@transaction.atomic
def leave(*, user: User, by: User | str) -> None:
    """Let a person stop working here: no sign-in, no roles, no calendar feed. The name stays on what was done."""
    for role in set(user.memberships.filter(valid_to=None).values_list("role", flat=True)):
        end_role(user=user, role=Role(role), by=by)
    Authenticator.objects.filter(user=user).delete()
    user.is_active = False
    user.calendar_token = None
    user.set_unusable_password()
    user.save()
    record(by=by, action="access.left", about=user)


@transaction.atomic
def let_in_again(*, user: User, password: str, by: User | str) -> None:
    """Give somebody who forgot the password or lost the phone a new start; every open session ends."""
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
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


def _forget_what_was_known(user: User) -> None:
    """Make the next question about this person's permissions ask the database."""
    user._may = None
