"""The people who work here, the roles they hold by date, the glass a leader broke, and guesses at somebody's keys."""

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from brobygger.access.roles import Permission, Profession, Role
from brobygger.ground import clock
from brobygger.privacy.fields import Fate

SHORTEST_REASON = 10


class People(BaseUserManager["User"]):
    """Finds and makes people; `services.hire` is the way a person comes to work here."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make a person who holds no role yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by address, whatever the case of its letters."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who works in the house, or a partner's coordinator. Never a family."""

    email = models.EmailField(_("e-mail"), unique=True)
    handle = models.SlugField(max_length=40, unique=True)
    first_name = models.CharField(max_length=60)
    title = models.JSONField(default=dict)
    #: Decides how long what the person writes in a course is kept.
    profession = models.CharField(max_length=20, choices=Profession, default=Profession.OTHER)
    is_active = models.BooleanField(default=True)
    calendar_token = models.CharField(max_length=64, null=True, unique=True, editable=False)
    #: Where the person is signed in now, oldest first: a random id, and when. A session without its seat is over.
    seats = models.JSONField(default=list, editable=False)

    #: What `queries.permissions` found out about this person today, with the day.
    _may: tuple[date, frozenset[Permission]] | None = None

    objects = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["handle", "first_name"]

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.STAFF,
        "email": Fate.STAFF,
        "handle": Fate.STAFF,
        "first_name": Fate.STAFF,
        "title": Fate.STAFF,
        "profession": Fate.STAFF,
        "password": Fate.STAFF,
        "last_login": Fate.STAFF,
        "is_active": Fate.STAFF,
        "calendar_token": Fate.TOKEN,
        "seats": Fate.PASSING,
    }

    class Meta:
        ordering = ("first_name", "handle")
        constraints = (
            # One address is one person, however it is typed.
            models.CheckConstraint(name="email_is_lower_case", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="profession_is_known", condition=Q(profession__in=Profession.values)),
        )

    def __str__(self) -> str:
        """Say what colleagues call the person."""
        return self.first_name


class Held(models.QuerySet["Membership"]):
    """Words for sets of memberships."""

    def on(self, day: date) -> "Held":
        """Those that hold on a day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class Membership(models.Model):
    """A role held from a day until (not including) a day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    valid_from = models.DateField(default=clock.today)
    valid_to = models.DateField(null=True, blank=True)

    objects = Held.as_manager()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "user", "role", "valid_from", "valid_to"), Fate.STAFF)

    class Meta:
        ordering = ("role", "valid_from")
        constraints = (
            models.CheckConstraint(
                name="membership_end_follows_start",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="membership_role_is_known", condition=Q(role__in=Role.values)),
            models.UniqueConstraint(
                name="one_open_membership_per_role", fields=("user", "role"), condition=Q(valid_to=None)
            ),
        )

    def __str__(self) -> str:
        """Say who holds what."""
        return f"{self.user} · {self.role}"


class Glass(models.Model):
    """One person's look at one thing that is not theirs, for one hour, for a reason."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="glasses")
    about = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)
    broken_at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        ("id", "user", "about", "reason", "broken_at", "until"), Fate.AUDIT
    )

    class Meta:
        ordering = ("-broken_at",)
        indexes = (models.Index(name="glass_by_thing", fields=("about", "user", "until")),)
        constraints = (
            models.CheckConstraint(name="glass_closes_again", condition=Q(until__gt=F("broken_at"))),
            models.CheckConstraint(
                name="glass_has_a_reason", condition=GreaterThanOrEqual(Length("reason"), SHORTEST_REASON)
            ),
        )

    def __str__(self) -> str:
        """Say who looked at what."""
        return f"{self.user} · {self.about}"


class Guesses(models.Model):
    """How often somebody has lately been wrong about one person's key, from one device or from none we know."""

    #: A keyed hash of the account, the key and the device: it names nobody, and no address is kept.
    lot = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveSmallIntegerField(default=0)
    until = models.DateTimeField()
    last = models.DateTimeField()

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("lot", "count", "until", "last"), Fate.PASSING)

    class Meta:
        indexes = (models.Index(name="guesses_by_age", fields=("last",)),)

    def __str__(self) -> str:
        """Say how many."""
        return str(self.count)
