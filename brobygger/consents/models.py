"""Who may know what: consents with the text that was shown, what was told on them, referrals, our own duty."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate

from . import rules


class ConsentText(models.Model):
    """A text that somebody said yes to, word for word as it stood on the page. About no person; never changed."""

    digest = models.CharField(max_length=64, primary_key=True)
    language = models.CharField(max_length=8)
    text = models.TextField()

    FATES: ClassVar[dict[str, Fate]] = {"digest": Fate.KEPT, "language": Fate.KEPT, "text": Fate.KEPT}


class Consent(Row):
    """A family's yes: who may know what, what for and until when. Who and what are sealed with the thread.

    A number that a referrer gave stands on one of these (threads.ContactCard.consent); the database refuses it
    without, and refuses to close a consent while a number still stands on it (migration 0002).
    """

    class Kind(models.TextChoices):
        """What a consent is for: that we ring, that a referrer is told how it goes, anything else."""

        CONTACT = "contact"
        STATUS = "status"
        OTHER = "other"

    thread = models.ForeignKey("threads.Thread", on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.ForeignKey(ConsentText, null=True, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    given_on = models.DateField()
    until = models.DateField()
    closed_on = models.DateField(null=True)
    #: "withdrawn", "expired" or "replaced".
    closing = models.CharField(max_length=10, blank=True, default="")

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "thread": Fate.UNTIL_END,
        "kind": Fate.UNTIL_END,
        "text": Fate.LINK,
        "sealed": Fate.WITH_THREAD,
        "given_on": Fate.UNTIL_END,
        "until": Fate.UNTIL_END,
        "closed_on": Fate.UNTIL_END,
        "closing": Fate.UNTIL_END,
    }

    class Meta:
        """A consent has an end, and says how it came to one."""

        ordering: ClassVar = ["given_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("given_on")), name="consent_ends_after_it_was_given"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, closing="") | (Q(closed_on__isnull=False) & ~Q(closing="")),
                name="consent_says_how_it_ended",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["until"], name="consents_standing", condition=Q(closed_on__isnull=True))
        ]


class Disclosure(Row):
    """Something that was told to somebody, and the consent it was told on."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="disclosures")
    what = models.CharField(max_length=12)
    on = models.DateField()

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "consent": Fate.UNTIL_END,
        "what": Fate.UNTIL_END,
        "on": Fate.UNTIL_END,
    }


class Referral(Row):
    """A family that somebody sent on to us: how far it has come, and until when a first talk must be offered."""

    thread = models.OneToOneField("threads.Thread", on_delete=models.CASCADE, related_name="referral")
    #: The referrer's own thread; empty when they have burned it.
    referrer = models.ForeignKey("threads.Thread", null=True, on_delete=models.SET_NULL, related_name="+")
    step = models.CharField(max_length=12, choices=[(step, step) for step in rules.STEPS], default="received")
    reason = models.CharField(max_length=12, blank=True, default="")
    #: We have spoken with the family.
    met = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    #: The last step the referrer was told.
    told = models.CharField(max_length=12, default="received")
    #: First name, the child's age, interpreter, place, the referrer's profession, the parent's own words.
    sealed = models.BinaryField()
    talk_by = models.DateTimeField(null=True)
    talk_latest = models.DateTimeField(null=True)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "thread": Fate.UNTIL_END,
        "referrer": Fate.UNTIL_END,
        "step": Fate.UNTIL_END,
        "reason": Fate.UNTIL_END,
        "met": Fate.UNTIL_END,
        "tries": Fate.UNTIL_END,
        "told": Fate.UNTIL_END,
        "sealed": Fate.WITH_THREAD,
        "talk_by": Fate.EMPTIED,
        "talk_latest": Fate.EMPTIED,
    }

    class Meta:
        """The clocks of first talks are read from the front of an index."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(talk_by__isnull=True, talk_latest__isnull=True) | Q(talk_latest__gte=F("talk_by")),
                name="talk_latest_after_talk_by",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["talk_by"], name="talks_due", condition=Q(talk_by__isnull=False)),
            models.Index(fields=["talk_by"], name="not_rung", condition=Q(step="received")),
        ]


class Lookalike(Row):
    """Two referrals that gave the same number: shown to a person, who decides. Nothing is ever merged."""

    one = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="+")
    #: Empty until a person has said "same" or "different".
    decided = models.CharField(max_length=9, blank=True, default="")

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.UNTIL_END,
        "one": Fate.UNTIL_END,
        "other": Fate.UNTIL_END,
        "decided": Fate.UNTIL_END,
    }

    class Meta:
        """Seen once a pair."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["one", "other"], name="one_lookalike_a_pair")]


class TalkCount(models.Model):
    """How many first talks were offered in time, by the week the referral came. No row about anybody."""

    week = models.CharField(max_length=8)
    how = models.CharField(max_length=8)  # in_time, late, too_late, none
    count = models.PositiveIntegerField(default=0)

    FATES: ClassVar[dict[str, Fate]] = {name: Fate.COUNTED for name in ("id", "week", "how", "count")}

    class Meta:
        """One row a week and kind."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["week", "how"], name="one_talk_count_a_kind")]


class Duty(Row):
    """What somebody here made of our own duty to notify: worried about what, decided what and why. Never changed.

    Under a key of its own: it must outlive the thread, and ends on its own day. The database refuses to change it.
    """

    #: The thread's id, no relation: the thread may be burned the same evening.
    about = models.UUIDField(db_index=True)
    key = models.UUIDField()
    sealed = models.BinaryField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kept_until = models.DateField(db_index=True)

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.DUTY,
        "about": Fate.LINK,
        "key": Fate.KEY,
        "sealed": Fate.DUTY,
        "written_by": Fate.DUTY,
        "written_at": Fate.DUTY,
        "second": Fate.DUTY,
        "kept_until": Fate.DUTY,
    }

    class Meta:
        """Two people: nobody is their own second."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(written_by=F("second")), name="duty_is_weighed_by_two")
        ]


class DutyReading(Row):
    """What the second person said to a weighing of our duty, once; never changed."""

    duty = models.OneToOneField(Duty, on_delete=models.CASCADE, related_name="reading")
    sealed = models.BinaryField()
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.DUTY,
        "duty": Fate.DUTY,
        "sealed": Fate.DUTY,
        "read_by": Fate.DUTY,
        "read_at": Fate.DUTY,
    }
