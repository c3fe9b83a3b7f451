"""Who may do what in this house. This page is the whole truth: print it, read it, sign it.

A permission that is not written under a role is not given. Nobody holds a role without a date (`Membership`), a person
may hold more than one, and no permission opens a thread alone: `OPEN_LETTER` opens threads nobody has taken and one's
own; everybody else's stay shut, also to the leader, who must break the glass and say why.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """One thing a person may do."""

    SEE_WORKLIST = "see_worklist", _("See that letters wait, and until when; not what they say")
    TAKE = "take", _("Take a letter and be the one who answers")
    OPEN_LETTER = "open_letter", _("Read letters nobody has taken yet, and one's own")
    ANSWER = "answer", _("Answer a letter and propose times")
    HAND_OVER = "hand_over", _("Hand a thread over to a colleague")
    END = "end", _("End a thread, so that only a count is left")
    OPEN_CONTACT = "open_contact", _("See how a family wants to be reached, and say why")
    TAKE_CALL = "take_call", _("Write down a call or somebody who comes in, in one line")
    SEE_REFERRALS = "see_referrals", _("See who was referred, and write down that one rang; not what was said")
    KEEP_CONSENTS = "keep_consents", _("Write down a consent, and take one back for a family that rings")
    WEIGH_DUTY = "weigh_duty", _("Weigh our own duty to notify, and read a colleague's weighing")
    START_COURSE = "start_course", _("Begin a course, when a family says who they are")
    OPEN_COURSE = "open_course", _("Read and write in the courses one has, or stand in for an evening")
    SEE_COURSE_CONTACT = "see_course_contact", _("See that a course runs and how its people are reached; no notes")
    ARRANGE_COURSES = "arrange_courses", _("Say who has a course and who stands in; not read it")
    FIND_COURSES = "find_courses", _("Find a course, among those one may see")
    HANDLE_RIGHTS = "handle_rights", _("Take in what a person asks about themselves, and answer it")
    SEE_ENDINGS = "see_endings", _("See which records will be deleted, and hold one back with a reason")
    SEE_GROUPS = "see_groups", _("See the groups, their dates and their free places; no person")
    RUN_GROUPS = "run_groups", _("Run the evenings of groups one leads, and offer seats")
    ARRANGE_GROUPS = (
        "arrange_groups",
        _(
            "Make groups, move and call off meetings, say who leads, see who sits there, place those who wait: see"
            " their age, places, days, language, brothers and sisters and who is kept apart; no notes and none of"
            " their own words"
        ),
    )
    SEE_WAITING = "see_waiting", _("See who waits for a seat, under nicknames, since when and what is proposed")
    MAKE_FEEDS = "make_feeds", _("Give one's own telephone a secret calendar address, and take it back")
    SEE_OWN_DAY = "see_own_day", _("See one's own appointments, under box numbers")
    SEE_EVERY_DAY = "see_every_day", _("See everybody's appointments, under box numbers")
    SEE_VISIT_SLIP = "see_visit_slip", _("See the address of one's own home visit on the day itself")
    EDIT_HOURS = "edit_hours", _("Set one's own working hours")
    BREAK_GLASS = "break_glass", _("Open a colleague's thread for one hour, with a reason that is kept")
    SEE_LOOKS = "see_looks", _("See who has looked at what, and when")
    SEE_MORNING = "see_morning", _("See the morning's list: what is due, who comes, what did not get through")
    SEE_GAUGES = "see_gauges", _("See how many wait, how many hours are free, and whether the promise is kept")
    EXPORT_LOOKS = "export_looks", _("Take out who has looked at one family, for that family")
    SEE_NUMBERS = "see_numbers", _("See counts, with small numbers hidden")
    SEE_ROLES = "see_roles", _("See this table and who holds which role")
    SEE_PARTNER = "see_partner", _("See free places and one's own municipality's numbers")
    EDIT_PAGES = "edit_pages", _("Write the public pages")
    SEE_HEALTH = "see_health", _("See whether the machine is well")


class Role(models.TextChoices):
    """One kind of work in the house."""

    THERAPIST = "therapist", _("Therapist")
    ADMINISTRATOR = "administrator", _("Administrator")
    LEADER = "leader", _("Leader")
    COMMUNICATIONS = "communications", _("Communications")
    PARTNER = "partner", _("Partner's coordinator")
    OPERATOR = "operator", _("Operator of the machine")


class Profession(models.TextChoices):
    """What somebody is by training: the law of their record decides how long what they wrote is kept."""

    PSYCHOLOGIST = "psychologist", _("Psychologist")
    HEALTH_VISITOR = "health_visitor", _("Health visitor")
    MIDWIFE = "midwife", _("Midwife")
    NURSE = "nurse", _("Nurse")
    FAMILY_THERAPIST = "family_therapist", _("Family therapist")
    SOCIAL_WORKER = "social_worker", _("Social worker")
    PEDAGOGUE = "pedagogue", _("Pedagogue")
    OTHER = "other", _("Something else")


P = Permission

ROLES: dict[Role, frozenset[Permission]] = {
    Role.THERAPIST: frozenset(
        {
            P.SEE_WORKLIST,
            P.TAKE,
            P.OPEN_LETTER,
            P.ANSWER,
            P.HAND_OVER,
            P.END,
            P.OPEN_CONTACT,
            P.TAKE_CALL,
            P.SEE_REFERRALS,
            P.KEEP_CONSENTS,
            P.WEIGH_DUTY,
            P.START_COURSE,
            P.OPEN_COURSE,
            P.FIND_COURSES,
            P.HANDLE_RIGHTS,
            P.SEE_GROUPS,
            P.RUN_GROUPS,
            P.SEE_WAITING,
            P.MAKE_FEEDS,
            P.SEE_OWN_DAY,
            P.SEE_VISIT_SLIP,
            P.EDIT_HOURS,
            P.SEE_ROLES,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            P.SEE_WORKLIST,
            P.OPEN_CONTACT,
            P.TAKE_CALL,
            P.SEE_REFERRALS,
            P.KEEP_CONSENTS,
            P.SEE_COURSE_CONTACT,
            P.ARRANGE_COURSES,
            P.FIND_COURSES,
            P.SEE_GROUPS,
            P.ARRANGE_GROUPS,
            P.SEE_WAITING,
            P.MAKE_FEEDS,
            P.SEE_MORNING,
            P.SEE_EVERY_DAY,
            P.SEE_ROLES,
        }
    ),
    Role.LEADER: frozenset(
        {
            P.SEE_WORKLIST,
            P.HAND_OVER,
            P.SEE_EVERY_DAY,
            P.BREAK_GLASS,
            P.WEIGH_DUTY,
            P.ARRANGE_COURSES,
            P.FIND_COURSES,
            P.HANDLE_RIGHTS,
            P.SEE_ENDINGS,
            P.SEE_GROUPS,
            P.ARRANGE_GROUPS,
            P.SEE_WAITING,
            P.MAKE_FEEDS,
            P.SEE_GAUGES,
            P.SEE_LOOKS,
            P.EXPORT_LOOKS,
            P.SEE_NUMBERS,
            P.SEE_ROLES,
        }
    ),
    Role.COMMUNICATIONS: frozenset({P.EDIT_PAGES, P.SEE_ROLES}),
    Role.PARTNER: frozenset({P.SEE_PARTNER}),
    Role.OPERATOR: frozenset({P.SEE_HEALTH}),
}
