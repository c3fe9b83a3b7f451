"""Pictures of the pages of groups and of placing: the finder, the list, an evening, a seat, a proposal, what if."""

from typing import TYPE_CHECKING

from tests.journeys import walking

if TYPE_CHECKING:
    from tests.journeys.pictures import Gallery

#: The newest evening Alma has led.
EVENING = """
from brobygger.ground import clock
from brobygger.groups.models import Meeting
led = Meeting.objects.filter(leads__user__handle="alma", starts_at__lte=clock.now(), group__kind="child")
print(led.exclude(state="cancelled").order_by("-starts_at").first().pk)
"""
#: Somebody who waits, and a group of what they wait for that has a free seat.
WAITS = """
from brobygger.groups import queries
from brobygger.groups.models import Group, Waiting
for row in Waiting.objects.filter(ended_on=None, member__course__state="open").select_related("member"):
    groups = [each for each in Group.objects.filter(offer=row.offer, state="open") if queries.chairs(each)]
    if groups:
        print(groups[0].pk, row.member.course_id, row.member_id)
        break
"""


def finder(drawn: "Gallery") -> None:
    """Draw the groups as anybody sees them."""
    drawn.visit(walking.at("catalogue:groups"), "85-groups-for-everybody")


def groups(drawn: "Gallery") -> None:
    """Draw the groups as the administrator sees them."""
    who, at = drawn.who, walking.at
    walking.sign_in(who, "finn")
    drawn.visit(at("groups:list"), "86-groups")
    who.send(who.find("main .worklist .what a").first)
    drawn.show("87-group")
    drawn.visit(at("groups:make"), "88-making-a-group")
    drawn.visit(at("groups:waiting"), "89-who-waits")
    group, course, member = who.house.ask(WAITS).split()
    drawn.visit(at("groups:offer", group=group, course=course, member=member), "90-offering-a-seat")
    drawn.visit(at("calendars:feeds"), "91-calendars")


def evening(drawn: "Gallery") -> None:
    """Draw an evening as the therapist who leads it sees it."""
    walking.sign_in(drawn.who, "alma")
    drawn.visit(walking.at("groups:evening", meeting=drawn.who.house.ask(EVENING)), "92-evening")


def placing(drawn: "Gallery") -> None:
    """Draw a proposal, why and why not, a press, and what one more group would bring."""
    who, at = drawn.who, walking.at
    walking.sign_in(who, "clara")
    drawn.visit(at("placement:start"), "93-places")
    who.send("main form button.action")
    proposal = who.page.url.removeprefix(who.house.url)
    who.find("main details summary").first.click()
    drawn.show("94-proposal")
    if who.find("main li details li a").count():
        who.open(who.find("main li details li a").first.get_attribute("href") or "")
        drawn.show("95-why-not")
    who.open(proposal)
    who.send(who.find("main .row .actions a").first)
    drawn.show("96-offering-what-was-proposed")
    for box in who.find("[name$=talks_done]").all():
        box.check()
    who.send("main form button.action")
    drawn.show("97-proposal-one-seat-offered")
    who.send(who.find("section[aria-labelledby=offered] a").first)
    drawn.show("98-seat")
    who.send(who.find("main > p a[href*='/hvorfor/']").first)
    drawn.show("99-why-this-seat")
    # In the same sitting: a code from the telephone is good once.
    _asking(drawn)


def _asking(drawn: "Gallery") -> None:
    """Draw what the leader asks: one more group, and a year of an invented service."""
    who, at = drawn.who, walking.at
    who.house.manage("simulate", "--seeds", "2", "--weeks", "12", "--groups", "3")
    drawn.visit(at("placement:what_if"), "100-what-if")
    who.find("[name=offer]").select_option("gruppe")
    who.send("main form button.action")
    drawn.show("101-side-by-side")
    if who.find("main p.actions a.action").count():
        who.send(who.find("main p.actions a.action").first)
        drawn.show("102-making-what-was-asked")
    who.open(at("placement:what_if") + "?what=leader")
    who.find("[name=place]").select_option("glostrup")
    who.send("main form button.action")
    drawn.show("103-nothing-gained")
    drawn.visit(at("placement:year"), "104-a-year-played")


#: Each with a browser of its own.
WALKS = (finder, groups, evening, placing)
