"""The trail as the leader reads it: each deed in words, each thread by its box number while it lives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from brobygger.access.roles import Role

#: A deed without words here is shown by its own name: better odd than silent.
DEEDS = {
    "threads.looked": _("read the thread"),
    "threads.contact_looked": _("saw how a family may be reached"),
    "appointments.address_looked": _("saw the address of a visit"),
    "access.glass_broken": _("broke the glass"),
    "intake.taken": _("took the letter"),
    "intake.handed_over": _("handed it over"),
    "intake.arrived": _("a letter arrived"),
    "intake.signposted": _("helped them on"),
    "threads.answered": _("gave an answer"),
    "threads.letter_opened": _("opened a letter"),
    "threads.shredded": _("destroyed the thread"),
    "threads.ended": _("ended the thread"),
    "threads.burned": _("burned everything"),
    "threads.expired": _("nobody came back in time"),
    "threads.rekeyed": _("made a new key"),
    "threads.contact_given": _("gave a way to be reached"),
    "threads.contact_taken_back": _("took the number back"),
    "appointments.proposed": _("offered times"),
    "appointments.chosen": _("picked a time"),
    "appointments.called_off": _("called a time off"),
    "appointments.address_given": _("gave an address for the visit"),
    "appointments.address_destroyed": _("destroyed the address of a visit"),
    "appointments.hours_set": _("set working hours"),
    "access.signed_in": _("signed in"),
    "access.sign_in_failed": _("could not sign in"),
    "access.hired": _("began to work here"),
    "access.role_given": _("was given a role"),
    "access.role_ended": _("no longer holds a role"),
    "access.left": _("left"),
    "access.let_in_again": _("was let in again"),
    "access.calendar_opened": _("opened a calendar feed"),
    "access.calendar_closed": _("closed a calendar feed"),
    "catalogue.house_furnished": _("furnished the house"),
    "intake.call_taken": _("wrote down a call"),
    "intake.call_counted": _("counted a call"),
    "intake.call_undone": _("took a counted call back"),
    "intake.rung": _("rang"),
    "threads.contact_used": _("opened a way to be reached, to send word"),
    "outbox.written": _("wrote a message to send"),
    "outbox.sent": _("sent word"),
    "outbox.failed": _("could not send word"),
    "outbox.uncertain": _("does not know whether word arrived"),
    "outbox.tried_again": _("tried to send word again"),
    "outbox.given_up": _("saw to a message that did not get through"),
    "consents.referral_received": _("wrote down a referral"),
    "consents.referral_came_too_late": _("left a referral that was sent again too late"),
    "consents.recorded": _("wrote down a consent"),
    "consents.withdrawn": _("took a consent back"),
    "consents.expired": _("let a consent run out"),
    "consents.withdrawn_in_confidence": _("took back a consent given in confidence"),
    "consents.expired_in_confidence": _("let a consent given in confidence run out"),
    "consents.looked": _("looked at consents or a referral"),
    "consents.disclosed": _("told the referrer"),
    "consents.lookalike_decided": _("decided about two referrals"),
    "consents.duty_weighed": _("weighed our duty to notify"),
    "consents.duty_read": _("read a weighing as the second person"),
    "consents.duty_looked": _("opened a weighing of our duty"),
    "consents.duty_destroyed": _("destroyed a weighing after its years"),
    "consents.let_go": _("let go of a referral that ended"),
    "access.passkey_added": _("made a passkey"),
    "access.passkey_removed": _("laid a passkey away"),
    "access.seat_gave_way": _("signed in at one place too many; the oldest ended"),
    "access.signed_out": _("signed out"),
    "access.signed_out_elsewhere": _("has a new password, or laid a key away; other sign-ins ended"),
    "access.signed_out_everywhere": _("signed out everywhere"),
    "today.looks_taken_out": _("took out the lines about a family"),
    "consents.recorded_in_confidence": _("wrote down a consent given in confidence"),
    "access.phone_added": _("set up a phone for codes"),
    "access.phone_removed": _("laid the phone for codes away"),
    "access.codes_made": _("made new spare codes"),
    "access.codes_seen": _("saw the spare codes"),
    "access.code_failed": _("gave a wrong code after the right password"),
    "privacy.shredded": _("destroyed a key"),
    "privacy.keys_turned": _("turned the keys"),
    "threads.misshapen_letter": _("threw a letter away that could not be read"),
    "threads.noise_thrown_away": _("threw noise away that was no letter"),
    "access.profession_set": _("set somebody's profession"),
    "rights.hold_placed": _("held a record back from ending"),
    "rights.hold_lifted": _("let a record end with its period again"),
    "rights.hold_looked": _("read why a record is held back"),
    "casework.course_opened": _("began a course with a family that gave its name"),
    "casework.looked": _("read a course"),
    "casework.evening_looked": _("read what an evening needs"),
    "casework.people_looked": _("saw who is in a course"),
    "casework.history_looked": _("read what stood in a course before"),
    "casework.notes_looked": _("read the notes about somebody"),
    "casework.own_talks_looked": _("read a child's own talks"),
    "casework.identity_looked": _("saw who somebody is"),
    "casework.written": _("wrote in a course"),
    "casework.note_written": _("wrote a note"),
    "casework.note_corrected": _("corrected a note"),
    "casework.person_added": _("wrote somebody down in a course"),
    "casework.identity_given": _("wrote down who somebody is"),
    "casework.identity_destroyed": _("destroyed who somebody is"),
    "casework.assigned": _("gave a course to somebody"),
    "casework.unassigned": _("took a course from somebody"),
    "casework.course_ended": _("ended a course"),
    "casework.course_handed_over": _("closed a course that went to a municipality"),
    "casework.course_reopened": _("let a course go on"),
    "casework.course_erased": _("destroyed a course"),
    "casework.person_erased": _("destroyed everything about somebody in a course"),
    "casework.searched": _("searched for a course"),
    "casework.found": _("found a course by searching"),
    "threads.named": _("led a family that said its name on behind the same key"),
    "threads.name_too_late": _("left a name that came after the end alone"),
    "rights.access_asked": _("wrote down that somebody asks to see what we know"),
    "rights.correction_asked": _("wrote down that somebody asks to have something set right"),
    "rights.erasure_asked": _("wrote down that somebody asks to be erased"),
    "rights.weigher_named": _("said who looks a request through"),
    "rights.person_chosen": _("said whom a request is about"),
    "rights.looked": _("looked at everything held about a person"),
    "rights.weighed": _("decided what is held back"),
    "rights.own_talks_weighed": _("decided about a child's own talks"),
    "rights.made_ready": _("made a paper ready to be handed out"),
    "rights.paper_looked": _("looked at a paper"),
    "rights.handed_out": _("handed out what we know"),
    "rights.access_done": _("answered a request"),
    "rights.access_refused": _("refused a request"),
    "rights.correction_done": _("set something right"),
    "rights.correction_refused": _("refused to set something right"),
    "rights.erasure_done": _("answered a wish to be erased"),
    "rights.erasure_refused": _("refused to erase"),
    "rights.erasure_decided": _("decided to erase"),
    "rights.handed_over": _("handed a course over to a municipality"),
    "rights.handed_over_again": _("got the same file once more"),
    "today.alarm_seen": _("spoke about an unusual opening"),
    "casework.imported": _("took in from a list kept before"),
    "backups.keys_made": _("made the keys of the backups"),
    "backups.made": _("made the night's backups"),
    "backups.restored": _("restored from a backup"),
    "backups.erasure_tried": _("tried to open what was erased"),
    "groups.evening_held": _("told of a group's evening"),
    "groups.evening_corrected": _("set right what was told of a group's evening"),
    "groups.mark_corrected": _("set right whether somebody came"),
    "groups.rang": _("rang, since somebody had not come"),
    "groups.sentence_destroyed": _("destroyed the sentence about an evening, which was two years old"),
    "calendars.feed_made": _("made a calendar address"),
    "calendars.feed_revoked": _("took a calendar address back"),
    "groups.waits": _("wrote down who waits for a seat in a group"),
    "groups.wait_ended": _("ended the waiting for a seat"),
    "groups.waiting_looked": _("looked at who waits for a seat"),
    "groups.person_looked": _("looked at a person and the groups"),
    "groups.roster_looked": _("looked at who has a seat in a group"),
    "groups.seat_offered": _("offered a seat in a group"),
    "groups.seat_taken": _("took a seat in a group"),
    "groups.seat_declined": _("said no thank you to a seat"),
    "groups.seat_withdrawn": _("took an offered seat back"),
    "groups.seat_lapsed": _("an offered seat was not answered in time"),
    "groups.seat_paused": _("put a seat on a break"),
    "groups.seat_resumed": _("ended the break of a seat"),
    "groups.seat_left": _("gave up a seat in a group"),
    "groups.away_noted": _("noted that somebody cannot come to a meeting"),
    "groups.coming_noted": _("noted that somebody comes after all"),
    "catalogue.groups_published": _("showed the public which groups have a place"),
    "groups.made": _("made a group"),
    "groups.changed": _("changed a group"),
    "groups.opened": _("opened a group"),
    "groups.closed": _("closed a group from a day on"),
    "groups.over": _("closed a group that was over"),
    "groups.extended": _("gave a group dates further ahead"),
    "groups.leaders_set": _("said who leads a group"),
    "groups.stood_in": _("let somebody stand in at a group's meeting"),
    "groups.meeting_moved": _("moved a group's meeting"),
    "groups.meeting_cancelled": _("called a group's meeting off"),
    "groups.family_rung": _("rang a family about a change in its group"),
    "groups.meeting_held_after_all": _("let a group's meeting be held after all"),
    "placement.proposed": _("made a proposal of who could sit where"),
    "placement.what_if": _("asked what would be if something were otherwise"),
    "placement.accepted": _("offered the seat that was proposed"),
    "placement.why_looked": _("looked at why a seat was proposed"),
    "placement.kept": _("kept which seats a proposal named, for the next one"),
    "placement.year_played": _("played a year of an invented service"),
    "threads.taken_back": _("took back something a family's box was told"),
    "groups.kept_apart": _("wrote down something about where somebody can have a seat"),
    "groups.together_again": _("changed something about where somebody can have a seat"),
    "outcomes.asked": _("wrote down who is asked how it goes"),
    "outcomes.end_asked": _("asked how it went, since the course ended"),
    "outcomes.answered": _("kept an answer to how it goes"),
    "outcomes.skipped": _("noted that somebody would rather not answer"),
    "outcomes.corrected": _("set an answer right"),
    "outcomes.checked": _("held a paper beside what was typed"),
    "outcomes.agreed": _("noted a yes to being asked once more, half a year after"),
    "outcomes.looked": _("looked at what was answered"),
    "outcomes.seen": _("has looked at an answer that was low"),
    "outcomes.reminded": _("reminded of a few questions"),
    "outcomes.link_made": _("made a link to a few questions"),
    "outcomes.link_sent": _("sent a link to a few questions"),
    "outcomes.handed_over": _("handed a tablet over with a few questions"),
    "outcomes.curve_told": _("laid what they answered themselves where their key opens it"),
    "outcomes.licence_confirmed": _("confirmed that we may use a questionnaire"),
    "outcomes.licence_taken_back": _("wrote down that we may not use a questionnaire any more"),
    "reports.asked": _("asked for a report of a period"),
    "reports.made": _("counted a period for a report"),
    "reports.stopped": _("could not count a period"),
    "reports.written": _("wrote words to a report"),
    "reports.release_asked": _("wanted to let a report out"),
    "reports.released": _("let a report out"),
    "reports.held_back": _("held a report back: it would tell too much"),
    "reports.commented": _("wrote comments to a sheet"),
    "reports.discarded": _("threw a report away"),
    "reports.agreed": _("let a partner see its sheets"),
    "reports.agreement_ended": _("let a partner see its sheets no more"),
    "reports.handed_out": _("made a file for an evaluator"),
}


#: Reasons that a machine wrote as a key.
KEYS = {
    "trying": _("We are trying to reach them"),
    "contact": _("In contact"),
    "started": _("Started"),
    "ended": _("Ended"),
    "not_started": _("Did not start"),
    "handed_on": _("Helped on to another place"),
    "answer": _("Word of an answer"),
    "asked": _("A link to a few questions"),
    "again": _("Reminder of a few questions"),
    "called_off": _("Word that a time is called off"),
    "moved": _("Word that a time is moved"),
    "reminder": _("Reminder of a time"),
    "referred": _("Word of who rings after a referral"),
    "sms": _("by text message"),
    "mail": _("by mail"),
    "declined": _("would rather not"),
    "left": _("has stopped here"),
    "not_reached": _("could not be reached"),
    "too_young": _("is too young for it"),
    "not_relevant": _("it makes no sense for them"),
    "names": _("with first names"),
    "roles": _("by work, without names"),
    "page": _("as a page"),
    "file": _("as a file"),
    "pdf": _("as a PDF"),
    "json": _("as a file"),
    "record": _("What we had written down"),
    "held": _("Something held back"),
    "whole": _("Given whole"),
    "nothing_opens": _("Nothing opened"),
    "something_opens": _("Something opened"),
    "cannot_tell": _("It could not be told"),
}


#: Reasons that a machine wrote as a word and somebody's handle.
WITH_A_NAME = {
    "rights.weigher_named": ("to ", _("to %(name)s")),
    "consents.duty_weighed": ("second:", _("%(name)s reads as the second person")),
    "intake.handed_over": ("to ", _("to %(name)s")),
}


@dataclass(frozen=True)
class Line:
    """One line of the trail."""

    at: datetime
    by: str
    deed: Any
    about: str
    reason: str


def told(action: str) -> Any:
    """Say a deed in words."""
    if action in DEEDS:
        return DEEDS[action]
    if action.startswith("threads.told_"):
        return _("told the family something")
    if action.endswith("_received"):
        return _("wrote to the house")
    return _("said how far a referral has come") if action.startswith("consents.referral_") else action


def lines(entries: Iterable[Any], names: dict[str, str]) -> list[Line]:
    """Put the trail into words; `names` are the box numbers of the threads that live and the staff's handles, by id."""
    found = []
    for entry in entries:
        _kind, _colon, ident = entry.about.partition(":")
        found.append(Line(entry.at, entry.by, told(entry.action), names.get(ident, ""), _why(entry)))
    return found


def _why(entry: Any) -> Any:
    """Say the reason of a line; a role by its name in the reader's language."""
    if entry.action.startswith("access.role_") and entry.reason in Role.values:
        return Role(entry.reason).label
    if entry.action.startswith("outbox.") or entry.action == "today.looks_taken_out":
        # "answer:sms", "names:page": what it was about, and how.
        return ", ".join(str(KEYS.get(each, each)) for each in entry.reason.split(":"))
    opening, words = WITH_A_NAME.get(entry.action, ("", ""))
    if opening and entry.reason.startswith(opening):
        return words % {"name": entry.reason.removeprefix(opening).strip()}
    keyed = ("outcomes.skipped", "consents.disclosed", "rights.handed_out", "rights.weighed")
    return KEYS.get(entry.reason, entry.reason) if entry.action in keyed else entry.reason
