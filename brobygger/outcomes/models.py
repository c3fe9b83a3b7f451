"""Who is to be asked and when, what they answered (sealed), and which instruments we may use."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.casework.queries import LIVING
from brobygger.ground import clock
from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate

from . import instruments, rules


class Round(Row):
    """That somebody is to be asked about somebody, once: at which moment, with which questions, between which days.

    The questions are pinned with their versions when the round is made, by the age at the beginning of the course.
    """

    class State(models.TextChoices):
        """Due; answered; said no to; nobody came; or its course has gone."""

        DUE = "due"
        DONE = "done"
        SKIPPED = "skipped"
        MISSED = "missed"
        STOPPED = "stopped"

    member = models.ForeignKey("casework.Member", on_delete=models.CASCADE, related_name="rounds")
    #: Who answers: the same person, or a grown-up for a young child.
    by = models.ForeignKey("casework.Member", null=True, on_delete=models.SET_NULL, related_name="answers_for")
    moment = models.CharField(max_length=6, choices=[(each, each) for each in rules.MOMENTS])
    number = models.PositiveSmallIntegerField(default=0)
    due_on, opens_on, closes_on = models.DateField(), models.DateField(), models.DateField(db_index=True)
    state = models.CharField(max_length=7, choices=State, default=State.DUE)
    why_not = models.CharField(max_length=12, choices=[(each, each) for each in rules.WHY_NOT], blank=True, default="")
    instruments = models.JSONField(default=list)
    #: The hash of the secret in a link; the secret itself is in the message or on the slip alone.
    token = models.BinaryField(null=True)
    token_until = models.DateField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    reminded_on = models.DateField(null=True)
    #: The family's box says that it waits.
    told_on = models.DateField(null=True)
    made_on = models.DateField(default=clock.today)
    #: Somebody has said yes to being asked half a year after; without it nobody is.
    agreed_on = models.DateField(null=True)
    #: An answer was so low that somebody should look: since when, until when, and who did. Why is in the sheet, sealed.
    low_on, look_by, seen_on = (models.DateField(null=True) for _each in range(3))
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(
            (
                *("id", "member", "by", "moment", "number", "due_on", "opens_on", "closes_on", "state", "why_not"),
                *("instruments", "token_until", "reminded", "reminded_on", "told_on", "made_on", "agreed_on"),
                *("low_on", "look_by", "seen_on", "seen_by"),
            ),
            Fate.COURSE,
        ),
        "token": Fate.TOKEN,
    }

    class Meta:
        """Once for each pair, moment and number; what is over has no link."""

        ordering: ClassVar = ["due_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "by", "moment", "number"], name="asked_once_at_a_moment"),
            models.UniqueConstraint(fields=["token"], name="one_round_a_link"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="round_closes_after_it_opens"),
            # What was missed keeps its link for a while: a letter may have been sent in time, and not be opened yet.
            models.CheckConstraint(
                condition=Q(state__in=["due", "missed"]) | Q(token__isnull=True), name="what_is_over_has_no_link"
            ),
            models.CheckConstraint(
                condition=Q(token__isnull=True, token_until__isnull=True)
                | Q(token__isnull=False, token_until__isnull=False),
                name="a_link_has_its_last_day",
            ),
            models.CheckConstraint(condition=~Q(state="due") | Q(why_not=""), name="what_is_due_has_no_reason_against"),
            models.CheckConstraint(
                condition=Q(seen_on__isnull=True) | Q(low_on__isnull=False), name="seen_is_what_was_low"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["closes_on"], name="rounds_that_are_due", condition=Q(state="due")),
            models.Index(
                fields=["look_by"], name="rounds_to_look_at", condition=Q(low_on__isnull=False, seen_on__isnull=True)
            ),
        ]

    @property
    def unagreed(self) -> bool:
        """Tell whether nobody has said yes to being asked half a year after."""
        return self.moment == rules.AFTER and self.agreed_on is None


#: Half a year after, without a yes: nobody is asked.
UNAGREED = Q(moment=rules.AFTER, agreed_on=None)


def open_on(day: date) -> Q:
    """Say which rounds may be answered on a day."""
    here = Q(member__erasing=False, member__course__state__in=LIVING)
    return here & Q(state=Round.State.DUE, opens_on__lte=day, closes_on__gte=day) & ~UNAGREED


class Sheet(Row):
    """What somebody answered to one instrument, under the key of the one it is about; its own day, and how.

    Sealed: the answers, the count, the language, why it was low, and what stood there before it was set right. One a
    round and instrument: sent twice, or from two telephones, it is the first.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="sheets")
    instrument, version = models.SlugField(max_length=40), models.CharField(max_length=8)
    answered_on = models.DateField(db_index=True)
    kept_at = models.DateTimeField(default=clock.now)
    mode = models.CharField(max_length=9, choices=[(each, each) for each in instruments.MODES])
    #: Who typed it, or sat beside; nobody when the family sent it itself.
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    #: A second person held the paper beside what was typed.
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(
            ("id", "round", "instrument", "version", "answered_on", "kept_at", "mode", "kept_by", "checked_by"),
            Fate.COURSE,
        ),
        "sealed": Fate.WITH_COURSE,
    }

    class Meta:
        """One a round and instrument; nobody checks themselves."""

        ordering: ClassVar = ["answered_on", "kept_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "instrument"], name="answered_once"),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("kept_by")), name="another_checks_the_paper"
            ),
        ]


class Licence(Row):
    """That somebody here has confirmed that we may use an instrument, in one version. About no family."""

    instrument, version = models.SlugField(max_length=40), models.CharField(max_length=8)
    confirmed_on = models.DateField(default=clock.today)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "instrument", "version", "confirmed_on"), Fate.KEPT),
        "confirmed_by": Fate.STAFF,
    }

    class Meta:
        """Confirmed once a version."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instrument", "version"], name="one_licence_a_version")
        ]
