"""The tables of one house. All text is `{"da": ..., "en": ...}`; all that changes over the years is dated.

`valid_to` is the first day a row no longer holds. Rows of the same key follow each other; `services.furnish` refuses
any two that hold on the same day, for neither database can say that alone.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate

from . import rules


def all_kept(*fields: str) -> dict[str, Fate]:
    """Declare that these fields are kept: nothing in this room is about a person who came."""
    return dict.fromkeys(("id", *fields), Fate.KEPT)


#: Where a house's file gives no first day: since before there was a house.
ALWAYS = date(2000, 1, 1)


class Dated(Row):
    """A row with a natural key that holds from one day to another; `position` is its order in the house's file."""

    key = models.SlugField(max_length=40)
    valid_from = models.DateField(default=ALWAYS)
    valid_to = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ("position",)
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="%(class)s_ends_after_it_begins",
            ),
            models.UniqueConstraint(fields=("key", "valid_from"), name="%(class)s_once_from_a_day"),
        )

    def __str__(self) -> str:
        return self.key


DATED = ("key", "valid_from", "valid_to", "position")


class House(Row):
    """This house: one row. `version` changes whenever anything in the room does."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    neutral_title = models.JSONField(default=dict)
    exit_url = models.URLField()
    phone = models.CharField(max_length=20, blank=True, default="")
    secure_email = models.CharField(max_length=120, blank=True, default="")
    address = models.CharField(max_length=120, blank=True, default="")
    municipality = models.CharField(max_length=40)
    colours, texts = models.JSONField(default=dict), models.JSONField(default=dict)
    #: ISO week numbers in which no group meets (school holidays); letters are answered as ever.
    closed_weeks = models.JSONField(default=list)
    placement, measuring = models.JSONField(default=rules.placement), models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    version = models.CharField(max_length=12)

    FATES: ClassVar[dict[str, Fate]] = all_kept(
        *("key", "name", "neutral_title", "exit_url", "phone", "secure_email", "address", "municipality"),
        *("colours", "texts", "closed_weeks", "placement", "measuring", "report", "version"),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(exit_url__startswith="https://"), name="house_exit_is_https"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def colours_version(self) -> str:
        """Name the state of the colours, for an address that may be kept for ever."""
        return self.version


class Welcome(Dated):
    """Whom the house is for; age limits and area changed over the years. Offers without ages of their own follow it."""

    age_from = models.PositiveSmallIntegerField(default=0)
    age_to = models.PositiveSmallIntegerField()
    siblings_to = models.PositiveSmallIntegerField(null=True, blank=True)
    relations = models.JSONField(default=list)
    past_counts = models.BooleanField(default=False)
    area = models.JSONField(default=list)
    area_only = models.BooleanField(default=False)

    FATES: ClassVar[dict[str, Fate]] = all_kept(
        *DATED, "age_from", "age_to", "siblings_to", "relations", "past_counts", "area", "area_only"
    )

    class Meta(Dated.Meta):
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(age_to__gte=F("age_from")), name="welcome_ages_in_order"),
        )


class Offer(Dated):
    """Something the house does for families, or for professionals."""

    class For(models.TextChoices):
        """Who comes to it."""

        CHILD = "child"
        FAMILY = "family"
        PARENT = "parent"
        YOUNG = "young"
        PROFESSIONAL = "professional"

    audience = models.CharField(max_length=12, choices=For)
    name = models.JSONField()
    lead = models.JSONField()
    about = models.JSONField(default=list)
    first_time = models.JSONField(default=list)
    tell_the_child = models.JSONField(default=list)
    rhythm = models.JSONField(default=dict)
    led_by = models.JSONField(default=dict)
    starts_by = models.JSONField(default=dict)
    age_from = models.PositiveSmallIntegerField(null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(null=True, blank=True)
    siblings_to = models.PositiveSmallIntegerField(null=True, blank=True)
    any_age = models.BooleanField(default=False)
    places = models.JSONField(default=list)
    at_home = models.BooleanField(default=False)
    seats = models.PositiveSmallIntegerField(null=True, blank=True)

    FATES: ClassVar[dict[str, Fate]] = all_kept(
        *DATED,
        *("audience", "name", "lead", "about", "first_time", "tell_the_child", "rhythm", "led_by", "starts_by"),
        *("age_from", "age_to", "siblings_to", "any_age", "places", "at_home", "seats"),
    )

    class Meta(Dated.Meta):
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(age_to__isnull=True) | Q(age_from__isnull=True) | Q(age_to__gte=F("age_from")),
                name="offer_ages_in_order",
            ),
        )


class Place(Dated):
    """Somewhere people meet. `rooms` is how many talks there can be at once."""

    name = models.JSONField()
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in rules.PLACE_KINDS])
    rooms = models.PositiveSmallIntegerField(default=1)
    address = models.CharField(max_length=120, blank=True, default="")
    directions = models.JSONField(default=dict)

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "name", "kind", "rooms", "address", "directions")

    class Meta(Dated.Meta):
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(rooms__gt=0), name="place_has_a_room"),
        )


class OpeningHours(Dated):
    """Open hours on one weekday (Monday is 0); more than one row a day is a break between them. Key: "mon-0800"."""

    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "weekday", "opens", "closes")

    class Meta(Dated.Meta):
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="openinghours_close_after_they_open"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="openinghours_on_a_weekday"),
        )


class Closure(Row):
    """Days the house is closed, the last one included; public holidays need no row."""

    first_day = models.DateField(unique=True)
    last_day = models.DateField()
    reason = models.JSONField(default=dict)

    FATES: ClassVar[dict[str, Fate]] = all_kept("first_day", "last_day", "reason")

    class Meta:
        ordering = ("first_day",)
        constraints = (
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="closure_ends_after_it_begins"),
        )

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"


class Promise(Dated):
    """What the house promises: the answer to a letter ("answer"), a first talk ("first_talk", "first_talk_latest")."""

    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in rules.KINDS])
    hours = models.PositiveSmallIntegerField(null=True, blank=True)
    by = models.TimeField(null=True, blank=True)
    pauses_when_closed = models.BooleanField(default=True)

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "kind", "hours", "by", "pauses_when_closed")

    class Meta(Dated.Meta):
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind=rules.CLOCK_HOURS, hours__gt=0) | Q(kind=rules.NEXT_OPENING_DAY, by__isnull=False),
                name="promise_has_its_hour",
            ),
        )


class Partner(Dated):
    """Who stands behind the house; the list changed over the years."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in rules.PARTNER_KINDS])

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "name", "kind")


class Line(Dated):
    """Somebody else who can be rung, perhaps right now. `hours` is empty for who is there day and night."""

    number = models.CharField(max_length=20)
    name = models.JSONField()
    who = models.JSONField()
    hours = models.JSONField(default=list)
    doors = models.JSONField(default=list)

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "number", "name", "who", "hours", "doors")


class Question(Dated):
    """A question people ask, and what we answer."""

    question = models.JSONField()
    answer = models.JSONField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "question", "answer")


class Door(Dated):
    """How the house speaks to one kind of visitor before the first word is written."""

    enabled = models.BooleanField(default=True)
    name = models.JSONField()
    title = models.JSONField()
    lead = models.JSONField()
    prompt = models.JSONField()
    kept = models.JSONField()
    how_long = models.JSONField()
    readers = models.JSONField()
    must_tell = models.JSONField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(
        *DATED, "enabled", "name", "title", "lead", "prompt", "kept", "how_long", "readers", "must_tell"
    )


class Choice(Dated):
    """One choice in a form, in the house's own words; no doors named means every door shows it."""

    label = models.JSONField()
    doors = models.JSONField(default=list)

    class Meta(Dated.Meta):
        abstract = True


class Theme(Choice):
    """What it may be about; counted, never scored."""

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "label", "doors")


class AgeBand(Choice):
    """How old the child is, roughly; the bands the yearly figures are counted in."""

    age_from = models.PositiveSmallIntegerField(null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(null=True, blank=True)

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "label", "doors", "age_from", "age_to")


class MeetingMode(Choice):
    """A way to meet. The key is one of rules.MEETING_MODES, for later rooms must know what it takes."""

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "label", "doors")


class Wording(Dated):
    """The words somebody hears before they say yes to something, sentence by sentence, and how long that yes stands."""

    text = models.JSONField()
    days = models.PositiveSmallIntegerField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "text", "days")

    class Meta(Dated.Meta):
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(days__gt=0), name="wording_stands_some_days"),
        )


class Word(Dated):
    """One word staff choose from when they write down what they know; `of` says which of the house's lists it is in."""

    of = models.CharField(max_length=12, choices=[(name, name) for name in rules.WORD_LISTS])
    label = models.JSONField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "of", "label")

    class Meta(Dated.Meta):
        constraints = (
            Dated.Meta.constraints[0],
            models.UniqueConstraint(fields=("of", "key", "valid_from"), name="word_once_from_a_day"),
        )


class Retention(Dated):
    """How many years a course is kept because of the profession of those who wrote in it (the key), and who says so."""

    regime = models.CharField(max_length=12, choices=[(name, name) for name in rules.REGIMES])
    years = models.PositiveSmallIntegerField()
    counted_from = models.CharField(max_length=12, choices=[(name, name) for name in rules.COUNTED_FROM])
    law = models.JSONField()
    source = models.CharField(max_length=300, blank=True, default="")
    checked_on = models.DateField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(
        *DATED, "regime", "years", "counted_from", "law", "source", "checked_on"
    )

    class Meta(Dated.Meta):
        constraints = (
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(years__gt=0), name="retention_lasts_some_years"),
        )


class RecordNumber(Dated):
    """A number of the municipalities' record plan (KLE) that a course may be handed over under."""

    number = models.CharField(max_length=8)
    title = models.JSONField()
    source = models.CharField(max_length=300, blank=True, default="")
    checked_on = models.DateField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(*DATED, "number", "title", "source", "checked_on")


class OpenGroup(Row):
    """A group the public finder shows, as the groups' room last told it; how many seats are free is only a word."""

    class Weeks(models.TextChoices):
        """In which weeks it meets; nothing where only the dates can say it."""

        EVERY = "every"
        EVEN = "even"
        ODD = "odd"

    group = models.UUIDField(unique=True)
    offer, place = models.SlugField(max_length=40), models.SlugField(max_length=40)
    #: Of the child, in months; the upper ones are the first month too old. Without one, any age.
    months_from, months_to = models.PositiveSmallIntegerField(default=0), models.PositiveSmallIntegerField(null=True)
    siblings_to = models.PositiveSmallIntegerField(null=True)
    begins, ends = models.TimeField(), models.TimeField()
    weeks = models.CharField(max_length=5, choices=Weeks, blank=True, default="")
    #: The next days one may begin, as text; a group that all begin together has one.
    dates = models.JSONField(default=list)
    rolling, parents_too = models.BooleanField(default=True), models.BooleanField(default=False)
    talks_before, language = models.PositiveSmallIntegerField(default=0), models.CharField(max_length=3, default="")
    places = models.CharField(max_length=7, choices=[(name, name) for name in rules.PLACES])
    updated_on = models.DateField()

    FATES: ClassVar[dict[str, Fate]] = all_kept(
        *("group", "offer", "place", "months_from", "months_to", "siblings_to", "begins", "ends", "weeks", "dates"),
        *("rolling", "parents_too", "talks_before", "places", "language", "updated_on"),
    )
