"""Reading: who works here, who may do what today, and whether a glass is broken."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db.models import Prefetch

from brobygger.access.models import Glass, Membership, User
from brobygger.access.roles import ROLES, Permission, Role
from brobygger.ground import clock


@dataclass(frozen=True)
class Line:
    """One row of the roles page: a permission, and for each role whether it is given."""

    permission: Permission
    given: tuple[bool, ...]


@dataclass(frozen=True)
class Holder:
    """One role and the people who hold it today, each with the day it began."""

    role: Role
    people: tuple[tuple[User, date], ...]


def permissions(user: User) -> frozenset[Permission]:
    """Gather what a person may do today; asked once for each person object and day."""
    today = clock.today()
    known = user._may
    if known is None or known[0] != today:
        held = Membership.objects.filter(user=user).on(today).values_list("role", flat=True)
        known = (today, frozenset().union(*(ROLES[Role(role)] for role in held)))
        user._may = known
    return known[1] if user.is_active else frozenset()


def colleagues(permission: Permission) -> list[User]:
    """List the people at work who may do a thing today, by first name."""
    roles = [role for role, given in ROLES.items() if permission in given]
    held = Membership.objects.filter(role__in=roles).on(clock.today()).values("user")
    return list(User.objects.filter(is_active=True, pk__in=held))


def person(handle: str) -> User | None:
    """Find a person by handle, also one who has left: old lines still say who did what."""
    return User.objects.filter(handle=handle).first()


def by_email(email: str) -> User | None:
    """Find a person by work e-mail, whatever the case of its letters."""
    return User.objects.filter(email=email.strip().lower()).first()


def passkeys(user: User) -> list[Authenticator]:
    """List a person's passkeys, oldest first."""
    return list(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("created_at"))


def has_phone(user: User) -> bool:
    """Tell whether a person has a phone that shows codes."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def only_key(user: User) -> bool:
    """Tell whether a person has one key and no other; spare codes are none."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).count() <= 1


def seats(user: User) -> list[datetime]:
    """Tell since when a person is signed in, at each place, newest first."""
    return [datetime.fromtimestamp(one["at"], UTC) for one in reversed(user.seats)]


def everybody() -> list[User]:
    """List everybody who works or has worked here."""
    return list(User.objects.all())


def handles() -> dict[str, str]:
    """Name everybody who works or has worked here, by id, for the trail."""
    return {str(pk): handle for pk, handle in User.objects.values_list("pk", "handle")}


def token_hash(token: str) -> str:
    """Turn a calendar token into what the database keeps. The token is 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_calendar_token(token: str) -> User | None:
    """Find the person at work whose calendar feed this is."""
    return User.objects.filter(calendar_token=token_hash(token), is_active=True).first() if token else None


def glass_open(user: User, about: str) -> bool:
    """Tell whether this person has broken the glass in front of this thing within the hour, and may still do so."""
    return (
        Permission.BREAK_GLASS in permissions(user)
        and Glass.objects.filter(user=user, about=about, until__gt=clock.now()).exists()
    )


def table() -> list[Line]:
    """Lay out every permission against every role, for the page a data protection officer signs."""
    return [Line(permission, tuple(permission in ROLES[role] for role in Role)) for permission in Permission]


def table_mark() -> str:
    """Give the table a mark that changes when a right does, so that a signed page can be held against today's."""
    told = "\n".join(f"{role}:{','.join(sorted(ROLES[role]))}" for role in Role)
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def holders() -> list[Holder]:
    """List each role and who holds it today."""
    today = clock.today()
    at_work = User.objects.filter(is_active=True).prefetch_related(
        Prefetch("memberships", queryset=Membership.objects.on(today), to_attr="held_today")
    )
    people = list(at_work)
    return [
        Holder(role, tuple((one, held.valid_from) for one in people for held in one.held_today if held.role == role))
        for role in Role
    ]


def roles_held(user: User) -> list[Membership]:
    """List the roles a person holds today."""
    return list(Membership.objects.filter(user=user).on(clock.today()))


def demo_code(user: User) -> str:
    """Compute the code this person's phone would show now. Exists for the demo, where there is no phone."""
    if not settings.DEMO:
        raise RuntimeError("only in the demo")
    factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if factor is None:
        return ""
    return format_hotp_value(hotp_value(decrypt(factor.data["secret"]), int(time.time()) // app_settings.TOTP_PERIOD))


def demo_people() -> list[tuple[User, list[Role], str]]:
    """List the demo's people with their roles and the code each would see now. Exists for the demo alone."""
    if not settings.DEMO:
        raise RuntimeError("only in the demo")
    people = User.objects.filter(is_active=True)
    return [(one, [Role(held.role) for held in roles_held(one)], demo_code(one)) for one in people]
