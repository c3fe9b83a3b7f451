"""Reports: figures that stand as they were counted, who behind the house may see which, and what those said of them."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.ground import clock
from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate

from . import rules

_REPORT = (
    *("id", "kind", "template", "period_from", "period_to", "partner", "figures", "words", "inputs", "code"),
    *("asked_at", "step", "trouble", "made_on", "letting_out", "refused", "released_on"),
)


class Report(Row):
    """The figures of a period, frozen: small numbers are withheld before they are kept. No row about anybody.

    Asked for at a press and counted by the worker; from then on the database itself refuses to change a figure, and
    once it is released also a word (`migrations/_kept.py`). `figures` hold the tables, the curves, the definitions with
    their days, and the settings they were made under.
    """

    kind = models.CharField(max_length=7, choices=[(each, each) for each in rules.KINDS])
    template = models.SlugField(max_length=40)
    period_from, period_to = models.DateField(), models.DateField()
    #: The key of who stands behind the house, on a partner's sheet.
    partner = models.SlugField(max_length=40, blank=True, default="")
    asked_at = models.DateTimeField(default=clock.now)
    #: How far the worker is, and what stopped it.
    step = models.CharField(max_length=9, choices=[(each, each) for each in rules.STEPS], blank=True, default="")
    trouble = models.CharField(max_length=9, choices=[(each, each) for each in rules.TROUBLES], blank=True, default="")
    figures: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    #: What the leader writes beside the figures, by box; free until it is released.
    words = models.JSONField(default=dict)
    #: The state of what went in, and of the code that counted it.
    inputs = models.CharField(max_length=32, blank=True, default="")
    code = models.CharField(max_length=32, blank=True, default="")
    made_on = models.DateField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: Who pressed "release", until the worker has tried it; and why it did not go out.
    letting_out = models.CharField(max_length=40, blank=True, default="")
    refused = models.JSONField(default=dict)
    released_on = models.DateField(null=True, db_index=True)

    FATES: ClassVar[dict[str, Fate]] = {**dict.fromkeys(_REPORT, Fate.KEPT), "made_by": Fate.STAFF}

    class Meta:
        """A period ends after it begins; a sheet for a partner names one; what goes out has been counted."""

        ordering: ClassVar = ["-period_to", "-asked_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="report_period_in_order"),
            models.CheckConstraint(condition=~Q(kind="partner") | ~Q(partner=""), name="a_sheet_names_its_partner"),
            models.CheckConstraint(
                condition=Q(figures__isnull=True, made_on__isnull=True, released_on__isnull=True)
                | Q(figures__isnull=False, made_on__isnull=False),
                name="what_goes_out_is_counted",
            ),
        ]


class Agreement(Row):
    """That a partner's coordinator may see that partner's released sheets, from a day until (not including) a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agreements")
    partner = models.SlugField(max_length=40)
    valid_from = models.DateField(default=clock.today)
    valid_to = models.DateField()
    #: Where what was signed lies: a number in somebody's files, not the paper itself.
    paper = models.CharField(max_length=120, blank=True, default="")

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        ("id", "user", "partner", "valid_from", "valid_to", "paper"), Fate.STAFF
    )

    class Meta:
        """It has an end, and ends after it begins."""

        ordering: ClassVar = ["partner", "-valid_from", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="agreement_ends_after_it_began")
        ]

    @property
    def last_day(self) -> date:
        """The last day on which they see anything."""
        return self.valid_to - timedelta(days=1)


class Comment(Row):
    """What a partner's coordinator says of a released sheet, before the steering meeting; one each, the newest."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    written_on = models.DateField(default=clock.today)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(("id", "report", "user", "text", "written_on"), Fate.STAFF)

    class Meta:
        """Everybody has one on a sheet."""

        ordering: ClassVar = ["written_on", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "user"], name="one_comment_each")]
