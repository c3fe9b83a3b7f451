"""T2: the door cannot know the keys that open letters: neither by import, nor as a running half of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import grimp
import pytest

from tests import cluster
from tests.letters import Visitor
from tests.promises import searching
from tests.running import ROOT, House

pytestmark = pytest.mark.promise(
    "T2",
    da="De nøgler, der åbner breve, findes ikke dér, hvor brevene bliver skrevet. Den offentlige del kan køre helt "
    "uden dem.",
    en="The keys that open letters are not where letters are written. The public part can run entirely without them.",
)
#: What holds private keys, or people who work here.
FORBIDDEN = ("brobygger.privacy.keyring", "brobygger.privacy.ring", "brobygger.access", "brobygger.threads")

_LOADED = """
import importlib, pkgutil, sys
import django
django.setup()
import brobygger.door, config.wsgi
from django.conf import settings
from django.urls import get_resolver
for each in pkgutil.walk_packages(brobygger.door.__path__, "brobygger.door."):
    if ".tests" not in each.name and ".management" not in each.name:
        importlib.import_module(each.name)
assert len(get_resolver().url_patterns) > 3 and "brobygger.door.family" in sys.modules
print("\\n".join(name for name in sorted(sys.modules) if name.startswith({forbidden!r})))
print("databases:", *settings.DATABASES)
"""


def test_no_chain_of_imports_leads_from_the_door_to_a_key() -> None:
    graph = grimp.build_graph("brobygger")
    door = {each for each in graph.find_descendants("brobygger.door") if ".tests" not in each}
    chains = [
        graph.find_shortest_chain(importer=module, imported=key)
        for module in door
        for held in FORBIDDEN
        for key in {held, *graph.find_descendants(held)}
    ]

    assert len(door) > 8
    assert [chain for chain in chains if chain] == []


def test_the_public_half_loads_no_key_and_nobody_who_works_here() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("BROBYGGER_VAR")}
    env |= {"BROBYGGER_SIDE": "door", "BROBYGGER_TESTING": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    code = _LOADED.format(forbidden=(*FORBIDDEN, "django.contrib.sessions", "django.contrib.auth.models"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    *loaded, databases = done.stdout.splitlines()
    assert [each for each in loaded if each] == []
    assert "keys" not in databases


@pytest.fixture(scope="module")
def public_half(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The public half as a server of its own beside the shared house: no private key, only the street's login."""
    nowhere = tmp_path_factory.mktemp("nowhere")
    env = house.env | {
        "BROBYGGER_SIDE": "door",
        "BROBYGGER_MASTER_KEY_FILE": str(nowhere / "master.key"),
        "BROBYGGER_KEY_RING_FILE": str(nowhere / "ring.json"),
        "BROBYGGER_DOOR_KEYS_FILE": str(house.var / "door" / "public-keys.json"),
        "BROBYGGER_VAR": str(house.var),
    }
    for part in ("USER", "PASSWORD"):
        if f"BROBYGGER_PG_STREET_{part}" in env:
            env[f"BROBYGGER_PG_{part}"] = env[f"BROBYGGER_PG_STREET_{part}"]
    half = replace(house, port=cluster.free_port(), env=env, processes={})
    half.start("server")
    yield half
    half.stop()


def test_the_public_half_takes_a_letter_that_the_house_opens(house: House, public_half: House) -> None:
    ea = Visitor(public_half.url)
    text = "Jeg skriver til den halvdel, der ingen nøgler har."

    key = ea.write(text).key
    searching.until(lambda: searching.settled(house))
    page = ea.come_back(key)

    assert page.status == 200 and page.hidden("ticket")
    assert Visitor(house.url).come_back(key).status == 200
    said = house.ask(
        "from brobygger.threads.models import Thread\nfrom brobygger.threads.services import look\n"
        f"print([each.text for each in look(thread=Thread.objects.get(number={key[:4]!r}), by='keeper')])"
    )
    assert text in said


def test_the_public_half_shows_its_pages_and_no_others(public_half: House) -> None:
    ea = Visitor(public_half.url)
    pages = ["/", "/barn/", "/ung/", "/foraelder/", "/fagperson/", "/tilbage/", "/en/", "/healthz", "/robots.txt"]

    assert [ea.get(path).status for path in pages] == [200] * len(pages)
    assert {ea.get(path).status for path in ("/personale/", "/personale/listen/", "/en/staff/", "/admin/")} == {404}


def test_the_public_half_holds_no_key_file(public_half: House) -> None:
    for process in public_half.processes.values():
        opened = {os.readlink(each) for each in Path(f"/proc/{process.pid}/fd").iterdir() if each.is_symlink()}
        assert not any("ring" in each or "secret" in each or "keys.sqlite3" in each for each in opened), opened
