"""T3 and T4: canaries fly through a running house, by every door and every mistake, and none of them lands anywhere.

T3 is about what is said, T4 about who said it.
"""

import random
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from brobygger.door.rules import form_code
from tests.letters import UUID, Colleague, Page, Visitor, sign_in
from tests.promises import searching
from tests.running import House

t3 = pytest.mark.promise(
    "T3",
    da="Det, du skriver, og det, vi svarer, ligger ingen steder i klar tekst: ikke i databasen, ikke i en log, ikke i "
    "en midlertidig fil og ikke i en sikkerhedskopi.",
    en="What you write and what we answer is nowhere in clear text: not in the database, not in a log, not in a "
    "temporary file and not in a backup.",
)
t4 = pytest.mark.promise(
    "T4",
    da="Vi gemmer ikke, hvor du kom fra: hverken din internetadresse eller hvilken telefon eller computer du brugte.",
    en="We do not keep where you came from: neither your internet address nor which phone or computer you used.",
)


def canary(kind: str) -> str:
    """Breed a word that exists nowhere else, of letters alone so that nobody takes it for a number."""
    return kind + "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _each in range(14))


@dataclass
class Walk:
    """What was said, by whom, and what the house showed to those it was meant for."""

    since: float
    said: dict[str, str] = field(default_factory=dict)
    traces: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def say(self, what: str, text: str = "") -> str:
        """Remember something that must land nowhere."""
        self.said[what] = text or canary(what)
        return self.said[what]


@pytest.fixture(scope="module")
def walk(house: House) -> Iterator[Walk]:
    """Walk through the whole house with canaries in every pocket."""
    walked = Walk(since=time.time() - 1)
    ea = Visitor(house.url, headers=_traces(walked))
    bo, clara = sign_in(house, "bo", "clara")
    key = _first_letters(walked, ea)
    searching.until(lambda: searching.settled(house))
    _answered(walked, ea, bo, clara, key)
    searching.until(lambda: searching.settled(house))
    _mistakes(walked, ea, key)
    _asked(walked, ea)
    searching.until(lambda: searching.settled(house))
    yield walked
    for each in (ea, bo, clara):
        each.close()


def _traces(walked: Walk) -> dict[str, str]:
    """What proxies and browsers say about a visitor."""
    dice = random.SystemRandom()
    four = ".".join(str(dice.randint(16, 250)) for _each in range(4))
    six = "2001:db8:" + ":".join(f"{dice.randint(4096, 65535):x}" for _each in range(6))
    walked.traces |= {"v4": four, "v6": six}
    walked.traces |= {name: canary(name) for name in ("agent", "hint", "from", "via", "country", "cookie", "etag")}
    of = walked.traces
    return {
        "X-Forwarded-For": f"{four}, 10.0.0.1",
        "Forwarded": f'for="[{six}]";proto=https',
        "X-Real-IP": four,
        "CF-Connecting-IP": six,
        "True-Client-IP": four,
        "User-Agent": f"Mozilla/5.0 ({of['agent']})",
        "Sec-CH-UA": f'"{of["hint"]}";v="1"',
        "From": f"{of['from']}@example.com",
        "Via": f"1.1 {of['via']}",
        "X-Country": of["country"],
        "Cookie": f"sporing={of['cookie']}",
        "If-None-Match": f'"{of["etag"]}"',
        "Accept-Language": "da",
    }


def _first_letters(walked: Walk, ea: Visitor) -> str:
    """Write through every door, and ask to be rung."""
    for door in ("child", "young", "professional"):
        walked.say(f"keyof{door}", ea.write(walked.say(f"first{door}"), door).key)
    digits = f"20{random.SystemRandom().randint(0, 999_999):06}"
    walked.said["number"], walked.said["spoken"] = f"45{digits}", " ".join(re.findall("..", digits))
    page = ea.write(
        walked.say("firstparent"),
        wish="call",
        phone=walked.said["spoken"],
        when="evening",
        sender=walked.say("sender"),
        alias=walked.say("alias"),
    )
    _sent_on(walked, ea)
    walked.say("key", page.key)
    walked.say("secret", page.key[5:].replace("-", ""))
    return page.key


def _sent_on(walked: Walk, ea: Visitor) -> None:
    """Send a family on, with canaries in everything a referrer may type."""
    digits = f"21{random.SystemRandom().randint(0, 999_999):06}"
    walked.said["theirs"] = f"45{digits}"
    page = ea.refer(
        share="ladder",
        phone=digits,
        first_name=walked.say("firstname"),
        interpreter=walked.say("interpreter"),
        text=walked.say("wishes"),
    )
    assert page.status == 200, page.words[:1500]
    for number, key in enumerate(re.findall(r'data-key="([^"]+)"', page.text)):
        walked.say(f"secret{number}", key[5:].replace("-", ""))


def _answered(walked: Walk, ea: Visitor, bo: Colleague, clara: Colleague, key: str) -> None:
    """Let Bo take it, read it, open the number, answer with visits; let the family choose and say where."""
    one = bo.thread(key[:4])
    assert bo.do("intake:take", thread=one).status == 302
    page = bo.see("intake:thread", thread=one)
    walked.shown += [page.words, bo.do("intake:contact", {"reason": "de vil ringes op"}, thread=one).words]
    visits = bo.get(bo.at("intake:thread", thread=one) + "?where=home")
    times = re.findall(r'name="times" value="([^"]+)"', visits.text)[:3]
    form = {"where": "home", "times": times, "seen": 99, "text": walked.say("stale")}
    assert bo.do("intake:answer", form, thread=one).status == 422
    form |= {"seen": visits.hidden("seen"), "text": walked.say("answer")}
    assert bo.do("intake:answer", form, thread=one).status == 302
    back = ea.come_back(key)
    walked.shown.append(back.words)
    booked = ea.act(back, "choose", proposal=back.all("proposal")[0])
    kept = ea.act(booked, "address", address=walked.say("address"))
    assert kept.status == 200
    day = bo.see("today:day")
    slip = re.search(rf'href="([^"]*/{UUID}/)"', day.text)
    assert slip, day.words[:800]
    walked.shown.append(bo.get(slip[1]).words)
    assert clara.get(slip[1]).status == 404
    assert clara.see("intake:thread", thread=one).status == 200


def _mistakes(walked: Walk, ea: Visitor, key: str) -> None:
    """Do everything wrong that can be done wrong, with a canary in each."""
    page = ea.come_back(key)
    ea.act(page, "text", text=walked.say("more"))
    walked.say("cpr", "010203-4567")
    assert ea.act(ea.come_back(key), "text", text=f"{walked.say('slip')} 010203-4567").status == 422
    assert ea.act(ea.come_back(key), "text", text=f"{walked.say('masked')} 010203-4567", slip="mask").status == 200
    assert ea.act(ea.come_back(key), "reach", phone=walked.say("nophone"), channel="call", when="any").status == 422
    parent = ea.at("door:write", door="parent")
    token = ea.get(parent).hidden("token")
    pages: list[Page] = [
        ea.send("", walked.say("notoken")),
        ea.send(token, walked.say("toolong") * 600),
        ea.post(parent, {"token": token, "text": walked.say("planted")}, {"Origin": "https://evil.example"}),
        ea.post(parent, f"token={token}&text={walked.say('badbytes')}%E6%F8".encode()),
        ea.post(parent, (f"text={walked.say('huge')}" * 12_000).encode()),
        ea.post(parent, b"&".join(b"a=%s" % walked.say("many").encode() for _each in range(80))),
        ea.post(parent, {"token": token, "text": walked.say("charset")}, {"Content-Type": "text/plain; charset=x"}),
        ea.post(ea.at("door:back"), {"key": walked.say("wrongkey")}),
        ea.post(ea.at("door:back"), {"key": walked.say("unknown", "9ZZZ-2QPH-13R1-M027")}),
        ea.get("/" + walked.say("path")),
        ea.get(parent + "?wish=" + walked.say("query")),
        ea.ask("PUT", parent, walked.say("verb").encode()),
        ea.post(parent, {"token": token, "text": "x"}, {"Referer": "https://" + walked.say("referer") + ".example/"}),
    ]
    assert {each.status for each in pages} <= {200, 400, 403, 404, 405, 409, 413, 422}, [p.status for p in pages]
    old = walked.say("rekeyed", ea.rekey(key).key)
    assert ea.come_back(old).status == 200


def _asked(walked: Walk, ea: Visitor) -> None:
    """Answer by a link that is nobody's: what stands in its address is a secret, and is told like one that is right."""
    path = ea.at("door:asked", codes=form_code("who5", "1"), secret=walked.say("linksecret"))
    sent = {"ticket": ea.get(path).hidden("ticket"), "at": "6", "go": "send"}
    done = ea.post(path, sent | {f"said-{number}": "5" for number in range(1, 6)})
    assert done.status == 200 and "ticket" not in done.text, done.words[:800]
    assert ea.get(f"/svar/{walked.say('nocode')}/{walked.say('nolink')}/").status == 404


@t3
def test_those_it_was_meant_for_have_read_it(walk: Walk) -> None:
    """The canaries did fly: what must not lie anywhere was shown where it should be."""
    read = " ".join(walk.shown)

    for name in ("firstparent", "answer", "alias", "sender", "address"):
        assert walk.said[name] in read, name
    assert walk.said["spoken"] in read or walk.said["number"] in read


@t3
def test_no_word_lies_anywhere_in_clear(walk: Walk, house: House, tmp_path: Path) -> None:
    assert len(walk.said) > 25
    assert searching.found_in(house, walk.said.values(), walk.since, tmp_path) == []


@t4
def test_no_trace_of_a_visitor_lies_anywhere(walk: Walk, house: House, tmp_path: Path) -> None:
    assert len(walk.traces) == 9
    assert searching.found_in(house, walk.traces.values(), walk.since, tmp_path) == []


@t3
@pytest.mark.parametrize("where", ["log", "folder", "table"])
def test_a_canary_that_lands_is_found(where: str, house: House, tmp_path: Path) -> None:
    """Planted: the search must find what is there, or it proves nothing."""
    landed, since = canary("landed"), time.time() - 1
    if where == "table":
        house.ask(f"from brobygger.privacy.services import record; record(by='x', action='x.y', about='a:{landed}')")
    else:
        file = house.var / "planted.log" if where == "log" else tmp_path / "planted"
        file.write_bytes(b"xy" + sorted(searching.disguises(landed))[-1] + b"z")
    try:
        assert searching.found_in(house, [landed], since, tmp_path) != []
    finally:
        (house.var / "planted.log").unlink(missing_ok=True)


def test_a_disguise_is_seen_through() -> None:
    import base64

    for lead in range(5):
        coded = base64.b64encode(b"x" * lead + b"kanariefugl i buret" + b"yyy")
        assert any(each in coded for each in searching.disguises("kanariefugl i buret"))
