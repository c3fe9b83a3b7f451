"""How long it takes to find a course, and to list them, as the house grows: part `finding` of tests.bench.

Courses as a house keeps them after many years: at most 2,000 run, 150 of them new and given to nobody; the therapist
has 30. Three people in each, named as people in Denmark are (a few names are everywhere, most are rare). A search is
timed whole, with the lines it leaves on the disk, and its reading alone.
"""

from tests import running

SIZES = (1_000, 100_000)

_FILL = """
import datetime, itertools, random, uuid
from brobygger.access.models import User
from brobygger.casework import record, rules, services
from brobygger.casework.models import Assignment, Course, IdentityCard, Member, Part
from brobygger.ground import clock
from brobygger.privacy import blind
from brobygger.privacy.models import BlindToken
from brobygger.threads.models import Thread
from django.db import connections
for alias in ("default", "keys"):
    link = connections[alias]
    quick = ["PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000"]
    with link.cursor() as cursor:
        for each in quick if link.vendor == "sqlite" else ["SET synchronous_commit=off"]:
            cursor.execute(each)
have, want = Course.objects.count(), {size}
dice, today, day = random.Random(want), clock.today(), datetime.timedelta(days=1)
alma = User.objects.get(handle="alma")
staff = [each for each in User.objects.filter(memberships__role="therapist") if each != alma]
common = "Nielsen Jensen Hansen Andersen Pedersen Christensen Larsen Soerensen Rasmussen Petersen Madsen Olsen".split()
first = "Mette Anne Kirsten Hanne Peter Jens Lars Michael Henrik Thomas Soeren Camilla Louise Maria Emma Ida".split()
ends = ["gaard", "holm", "lund", "bjerg", "kjaer", "dal", "toft", "vang", "skov", "berg"]
rare = ["".join(each).capitalize() for each in itertools.product("bdfghklmnprst", "aeioy", "lmnrst", ends)]
share = [4.2, 4.2, 3.5, 2.7, 2.6, 2.0, 1.9, 1.8, 1.6, 1.3, 1, 1]
lastnames = dice.choices(common + rare, share + [70 / len(rare)] * len(rare), k=want)
firsts = dice.choices(first + rare, [1.5] * len(first) + [76 / len(rare)] * len(rare), k=3 * want)
known = {{}}
def digest(kind, text):
    found = known.get((kind, text))
    if found is None:
        found = known[kind, text] = blind.digest(kind, text)
    return found
if not have:
    for number in range(30):
        course = services.open_course(people=[{{"role": role, "called": "Liv", "name": f"Liv {{rare[number]}}",
            "phone": f"2400{{number:04}}"}} for role in ("mother", "father", "child")],
            agreed={{"how": "phone"}}, by=alma, worker=alma)
        record.write_part(course=course, kind="tags", body={{"tags": ["skole"]}}, seen=0, by=alma)
        record.write_part(course=course, kind="living", body={{"with": "mother"}}, seen=0, by=alma)
    have = 30
taken = set(Course.objects.values_list("nickname", flat=True))
for start in range(have, want, 5000):
    many = range(start, min(start + 5000, want))
    ids = [uuid.uuid4() for _each in many]
    threads = [Thread(id=uuid.uuid4(), key=each, box=uuid.uuid4(), number=f"{{at % 1048576:05X}}"[-4:], week="2026-W47",
        facts=b"-") for at, each in zip(many, ids)]
    Thread.objects.bulk_create(threads)
    courses, members, parts, held, tokens = [], [], [], [], []
    for at, ident, thread in zip(many, ids, threads):
        opened, runs = today - (at // 50) * day, at < 2000
        taken.add(nickname := rules.nickname(dice, taken))
        courses.append(Course(id=ident, key=ident, nickname=nickname, thread=thread, opened_on=opened,
            last_entry_on=opened, state="open" if runs else "ended", ended_on=None if runs else opened))
        if not runs or at >= 180:
            held.append(Assignment(id=uuid.uuid4(), course_id=ident, user=staff[at % len(staff)], valid_from=opened,
                valid_to=None if runs else opened))
        nick = rules.nick_words(nickname)
        nick = [("nickname", each) for each in [*nick, *rules.pairs(nick)]]
        tokens += [BlindToken(digest=digest(*each), about=ident, course=ident) for each in nick]
        for place in range(3):
            member = Member(id=uuid.uuid4(), course_id=ident, position=place, key=ident)
            members.append(member)
            parts.append(Part(id=uuid.uuid4(), course_id=ident, member=member, about=member.pk, kind="person",
                number=1, sealed=b"-"))
            words = rules.words(f"{{firsts[3 * at + place]}} {{lastnames[at]}}")
            said = [("name", each) for each in [*words, *rules.pairs(words)]]
            said += [("phone", f"{{40000000 + 2 * at + place}}")] if place < 2 else []
            tokens += [BlindToken(digest=digest(*each), about=member.pk, course=ident) for each in said]
    for rows in (courses, members, parts, held):
        type(rows[0]).objects.bulk_create(rows, batch_size=2000)
    BlindToken.objects.bulk_create(tokens, batch_size=5000)
for alias in ("default", "keys"):
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connections[alias].vendor == "postgresql" else "ANALYZE")
"""
_TIME = """
import datetime, json, time
from brobygger.access.models import User
from brobygger.casework import finding, queries, record
from brobygger.casework.models import Course
alma, finn, clara = (User.objects.get(handle=each) for each in ("alma", "finn", "clara"))
mine = Course.objects.filter(assignments__user=alma).order_by("pk")[3]
other = Course.objects.exclude(assignments__user=alma).order_by("nickname")[7]
day = Course.objects.exclude(assignments__user=alma).order_by("opened_on")[5].opened_on.isoformat()
box = Course.objects.filter(thread__isnull=False).order_by("pk")[11].thread.number
looks = [
    ("nickname, whole", finn, "nickname", other.nickname),
    ("nickname, one word", finn, "nickname", other.nickname.split()[0]),
    ("name everywhere", finn, "name", "Hansen"), ("two names everywhere", finn, "name", "Mette Hansen"),
    ("name of nobody", finn, "name", "Quistgaard"), ("rare name", finn, "name", "Liv Balgaard"),
    ("number", finn, "phone", "24000005"), ("box", finn, "box", box), ("day", finn, "day", day),
    ("nickname, whole", alma, "nickname", mine.nickname), ("name everywhere", alma, "name", "Hansen"),
    ("rare name", alma, "name", "Liv Balgaard"), ("number", alma, "phone", "24000005"), ("tag", alma, "tag", "skole"),
    ("day", alma, "day", mine.opened_on.isoformat()), ("box", alma, "box", box),
]
shown = [each.pk for each in Course.objects.order_by("opened_on")[:50]]
deeds = {}
for name, who, kind, text in looks:
    search = lambda kind=kind, text=text, who=who: finding.look_for(kind=kind, text=text, by=who).rows
    reads = lambda kind=kind, text=text, who=who: queries.shorts(
        who, finding._idents(kind, text, finding._among(kind, who))[: finding.MOST])
    deeds[f"{who.handle}: {name}"] = search
    deeds[f"{who.handle}: {name}, read"] = reads
deeds["alma: one's own courses"] = lambda: queries.mine(alma)
deeds["finn: courses nobody has"] = lambda: queries.unassigned(finn)
deeds["clara: fifty lines"] = lambda: queries.shorts(clara, shown)
deeds["alma: does it exist"] = lambda: [queries.get_course(alma, mine.pk)]
deeds["alma: a course, opened"] = lambda: record.look(course=mine, by=alma).people
deeds["finn: its people, opened"] = lambda: record.look_at_people(course=mine, by=finn).people
times, rows = {each: [] for each in deeds}, {}
# Round after round, so that what else the machine does is shared by all.
for _each in range(60):
    for name, deed in deeds.items():
        began = time.perf_counter()
        rows[name] = len(deed())
        times[name].append(time.perf_counter() - began)
print(json.dumps({name: [sorted(taken)[6] * 1000, rows[name]] for name, taken in times.items()}))
"""


def finding() -> None:
    """Time each search and each list, with the lines they leave, at a thousand and at a hundred thousand courses."""
    import json

    print("Finding and listing courses, milliseconds (the quickest tenth of 60) and rows")
    found: list[dict[str, tuple[float, int]]] = []
    with running.house("ditrum", start=False) as house:
        for size in SIZES:
            house.ask(_FILL.format(size=size))
            found.append(json.loads(house.ask(_TIME).splitlines()[-1]))
    for name, (before, rows) in found[0].items():
        after, more = found[1][name]
        told = f"{before:.2f} ms ({rows}) -> {after:.2f} ms ({more})"
        print(f"  {name:36} {told:36} {after / before:.2f} x")
