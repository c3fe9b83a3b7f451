"""T14 (of the running server): no line says who asked for what, and an error says nothing of what was written."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import running
from tests.letters import Visitor
from tests.promises import searching
from tests.promises.conftest import NIGHT
from tests.promises.test_t3_t4_canaries import canary
from tests.running import House

pytestmark = pytest.mark.promise(
    "T14",
    da="Serveren skriver ikke ned, hvem der har set hvad. Går noget galt, noterer den kun, hvor i programmet det "
    "skete.",
    en="The server does not write down who looked at what. If something goes wrong it notes only where in the program.",
)
#: A line of the log: when, how bad, which logger, and then only places in the program, types and numbers.
LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (WARNING|ERROR|CRITICAL) [\w.]+ [\w./:<> ,'-]+|\w[\w. ]* at [\w./:<> -]+"
)


@pytest.fixture(scope="module")
def lone_house() -> Iterator[House]:
    """A house of this module's own: the last test breaks it."""
    with running.house("ditrum", BROBYGGER_CLOCK=NIGHT) as built:
        yield built


def test_looking_around_leaves_no_line(lone_house: House) -> None:
    house, ea = lone_house, Visitor(lone_house.url)
    before = house.log
    key = ea.write("Kære hus").key
    for path in ("/", "/barn/", "/ung/?wish=time", "/en/parent/", "/tilbage/", "/spoergsmaal/", "/healthz", "/forlad/"):
        ea.get(path)
    searching.until(lambda: searching.settled(house))
    ea.come_back(key)

    assert house.log == before == ""


def test_the_server_was_told_to_keep_no_access_log(lone_house: House) -> None:
    """Asked of the process itself, not of a file that says how it should be started."""
    said = Path(f"/proc/{lone_house.processes['server'].pid}/cmdline").read_bytes().split(b"\0")

    assert b"--no-access-log" in said
    assert b"--access-log" not in said


def test_mistakes_and_crashes_say_type_and_place_alone(lone_house: House) -> None:
    house, ea = lone_house, Visitor(lone_house.url, headers={"User-Agent": canary("agent")})
    key = ea.write("Kære hus").key
    searching.until(lambda: searching.settled(house))
    page, token = ea.come_back(key), ea.door().hidden("token")
    said = {name: canary(name) for name in ("path", "text", "more", "key", "query", "name")}
    ea.get(f"/{said['path']}/?q={said['query']}")
    ea.post("/foraelder/", {"token": token, "text": said["text"]}, {})
    with searching.link(house, "door") as door:
        for table in ("door_letter", "door_answer", "door_box"):
            door.execute(f"DROP TABLE {table}" + ("" if house.env.get("BROBYGGER_DB") != "postgres" else " CASCADE"))
        door.commit()

    crashed = ea.post(ea.at("door:back"), {"key": key, said["name"]: said["key"]})
    kept = ea.send(token, said["text"])
    more = ea.act(page, "text", text=said["more"])
    searching.until(lambda: "door_letter" not in house.log and house.log.count("ERROR") >= 3)

    assert crashed.status == 500 and "Traceback" not in crashed.text
    assert kept.status == 503 and kept.typed("text") == said["text"], "what was written is not lost"
    assert more.status == 503 and more.typed("more-text") == said["more"]
    lines = [line for line in house.log.splitlines() if line.strip()]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert not [each for each in [*said.values(), key, "SELECT", "Traceback", "127.0.0.1"] if each in house.log]
    assert ea.get("/").status == 200
