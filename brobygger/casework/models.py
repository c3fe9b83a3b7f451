"""A named course and the people in it. Clear columns say that it exists; everything known is under keys of its own."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from brobygger.ground import clock
from brobygger.ground.models import Row
from brobygger.privacy.fields import Fate

from . import rules


class Course(Row):
    """A family's way through the house, under a nickname drawn here. What is known stands in its parts, sealed."""

    class State(models.TextChoices):
        """Where it is. `erasing` lasts while its keys and rows are being destroyed."""

        OPEN = "open"
        ENDED = "ended"
        HANDED_OVER = "handed_over"
        ERASING = "erasing"

    key = models.UUIDField()
    nickname = models.CharField(max_length=60, unique=True)
    #: The family's own conversation, where it has a return key; gone when the family burns it.
    thread = models.OneToOneField("threads.Thread", null=True, on_delete=models.SET_NULL, related_name="course")
    state = models.CharField(max_length=11, choices=State, default=State.OPEN)
    opened_on = models.DateField(default=clock.today)
    ended_on = models.DateField(null=True)
    #: The last day anything was written in it: its period is counted from here.
    last_entry_on = models.DateField(default=clock.today, db_index=True)

    FATES: ClassVar[dict[str, Fate]] = {
        "key": Fate.KEY,
        **dict.fromkeys(("id", "nickname", "thread", "state", "opened_on", "ended_on", "last_entry_on"), Fate.COURSE),
    }

    class Meta:
        """An end follows a start, and an open course has none."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("opened_on")), name="course_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(ended_on__isnull=True), name="an_open_course_has_no_end"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_on"], name="courses_by_day"),
            # The few that run, among all that are kept.
            models.Index(fields=["opened_on"], name="courses_that_run", condition=Q(state="open")),
        ]


class Member(Row):
    """One person in a course: what is known of them is under their own key, and can be handed out or erased alone."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="members")
    position = models.PositiveSmallIntegerField()
    key = models.UUIDField()
    #: The key of the child's own talks; none until there are any.
    own_key = models.UUIDField(null=True)
    #: Being destroyed: only then do notes let themselves be deleted.
    erasing = models.BooleanField(default=False)

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "course", "position", "erasing"), Fate.COURSE),
        **dict.fromkeys(("key", "own_key"), Fate.KEY),
    }

    class Meta:
        """In the order they were written down."""

        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "position"], name="one_member_a_position")]


class IdentityCard(Row):
    """Who a person is and how they are reached, under a key of its own: it can be taken back or destroyed alone."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="card")
    key = models.UUIDField()
    sealed = models.BinaryField()

    FATES: ClassVar[dict[str, Fate]] = {
        "id": Fate.COURSE,
        "member": Fate.COURSE,
        "key": Fate.KEY,
        "sealed": Fate.WITH_IDENTITY,
    }


class Part(Row):
    """One thing known of a course or of one person in it, as it stood when it was written. A later number corrects it.

    `about` is the course's id, or the member's: two who write the same part at once get one number each or are told.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="parts")
    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="parts")
    about = models.UUIDField()
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in rules.PARTS])
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "course", "member", "about", "kind", "number", "written_by", "written_at"), Fate.COURSE),
        "sealed": Fate.WITH_COURSE,
    }

    class Meta:
        """One version a number."""

        ordering: ClassVar = ["kind", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["about", "kind", "number"], name="one_version_a_number")
        ]


class Note(Row):
    """What somebody here wrote about one person. Never changed: a correction is a note of its own that points back.

    The database refuses to change it, and to delete it unless its course or its person is being erased.
    """

    class Compartment(models.TextChoices):
        """Whose words it holds: the record's, or what a child said in talks of its own."""

        RECORD = "record"
        OWN_TALKS = "own_talks"

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="notes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notes")
    compartment = models.CharField(max_length=9, choices=Compartment, default=Compartment.RECORD)
    corrects = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="corrections")
    sealed = models.BinaryField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: Which rule of the record the writer is under (access.rules.PROFESSIONS), as it was that day.
    profession = models.CharField(max_length=20)
    written_at = models.DateTimeField(default=clock.now)

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(
            ("id", "course", "member", "compartment", "corrects", "written_by", "profession", "written_at"),
            Fate.COURSE,
        ),
        "sealed": Fate.WITH_COURSE,
    }

    class Meta:
        """In the order they were written."""

        ordering: ClassVar = ["written_at", "id"]


class Draft(Row):
    """A note somebody has begun, sealed as the note will be; theirs alone, gone when it is a note or after a month."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="drafts")
    compartment = models.CharField(max_length=9, choices=Note.Compartment)
    #: The page it was begun on: it becomes the note's id, so that a note sent twice is one.
    once = models.UUIDField(unique=True)
    corrects = models.UUIDField(null=True)
    sealed = models.BinaryField()
    saved_at = models.DateTimeField(default=clock.now)

    FATES: ClassVar[dict[str, Fate]] = {
        **dict.fromkeys(("id", "user", "member", "compartment", "once", "corrects", "saved_at"), Fate.COURSE),
        "sealed": Fate.WITH_COURSE,
    }


class Assignment(Row):
    """That somebody here has a course, from a day until (not including) a day: the whole of it, or one evening."""

    class Scope(models.TextChoices):
        """How much of it: everything, or what one needs to run an evening."""

        COURSE = "course"
        EVENING = "evening"

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    scope = models.CharField(max_length=7, choices=Scope, default=Scope.COURSE)
    #: May read what a child said in talks of its own.
    own_talks = models.BooleanField(default=False)
    valid_from = models.DateField(default=clock.today)
    valid_to = models.DateField(null=True)

    FATES: ClassVar[dict[str, Fate]] = dict.fromkeys(
        ("id", "course", "user", "scope", "own_talks", "valid_from", "valid_to"), Fate.COURSE
    )

    class Meta:
        """An end follows a start, and an evening has one."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="assignment_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(scope="evening") | Q(valid_to__isnull=False, own_talks=False), name="an_evening_has_an_end"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "valid_from"], name="whose_courses")]
