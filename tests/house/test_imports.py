"""Data flows forward; imports look back, and come in only by the doors a room has."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import source

#: What any room may import of any earlier room.
OFFERED = {"services", "queries", "rules"}
#: The named doors beside them. The floor may be walked on everywhere.
DOORS = {
    # Functions alone, over plain values.
    "statistics": {"small", "change", "growth", "survival", "published", "hiding", "attack", "showing", "anonymity"},
    "privacy": {"seal", "keyring", "blind", "fields", "retention"},
    "access": {"guards", "roles"},
    # The walk through questions, one at a time: behind a key, by a link, and on a tablet at the meeting.
    "door": {"templatetags"},
    # Consents and what is known as sentences, for the paper a person is given; its people; what a person had set right.
    "consents": {"wording"},
    "casework": {"finding", "notes", "record", "templatetags"},
    # Who waits and the seat that is offered: what a proposal is made of, and what it ends in.
    "groups": {"seats", "templatetags"},
    # What was answered, question by question, for the paper a person is given; and the questions themselves.
    "outcomes": {"templatetags", "instruments"},
    # Why somebody was proposed their seat, for their own paper.
    "placement": {"templatetags"},
}
#: Of the house's own modules, rules may look at these: they hold no tables and ask nobody.
RULES_MAY_READ = {"rules", "clock", "roles"}


def imports(path: Path, tree: ast.Module) -> Iterator[tuple[str, bool, int]]:
    """Give every imported name in full, whether it is for types alone, and its line."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in for_types, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                around = path.parts[: len(path.parts) - node.level] if node.level else ()
                parts = [*around, *([node.module] if node.module else []), alias.name]
                yield ".".join(parts), id(node) in for_types, node.lineno


def wrong_doors(path: Path, tree: ast.Module) -> list[str]:
    """Say which imports come in by the window: another room's inside, or a later room."""
    here = path.parts[1]
    found = []
    for name, for_types, line in imports(path, tree):
        parts = name.split(".")
        if parts[0] != "brobygger" or len(parts) < 2 or parts[1] == here:
            continue
        room, inside = parts[1], parts[2] if len(parts) > 2 else ""
        if room not in source.ORDER or source.ORDER.index(room) > source.ORDER.index(here):
            found.append(f"{path}:{line} looks forward: {name}")
        elif (
            room != "ground"
            and inside not in OFFERED | DOORS.get(room, set())
            and not (for_types and inside == "models")
        ):
            found.append(f"{path}:{line} comes in by the window: {name}")
    return found


def impure(path: Path, tree: ast.Module) -> list[str]:
    """Say what a rules file leans on beside plain values and other rules."""
    found = []
    for name, _, line in imports(path, tree):
        parts = name.split(".")
        own = parts[0] == "brobygger" and parts[1:2] != ["statistics"]
        if parts[0] in {"django", "config", "allauth"} or (own and (len(parts) < 3 or parts[2] not in RULES_MAY_READ)):
            found.append(f"{path}:{line} is not plain: {name}")
    return found


def keyholders(path: Path, tree: ast.Module) -> list[str]:
    """Say where a page holds tables or keys."""
    return [
        f"{path}:{line} holds {name}: a page asks queries and services"
        for name, for_types, line in imports(path, tree)
        if path.stem in source.VIEW_FILES and not for_types and {"models", "keyring"} & set(name.split("."))
    ]


def test_rooms_come_in_by_the_door() -> None:
    """Data flows forward; imports look back."""
    paths = [path for path in source.python_files() if path.parts[0] == "brobygger" and len(path.parts) > 2]
    source.clean(line for path in paths for line in wrong_doors(path, source.tree(path)))


@pytest.mark.parametrize(
    "fault",
    [
        "from brobygger.threads.models import Thread",
        "import brobygger.today.staff",
        "from brobygger.privacy.models import AuditEntry",
        "from ..threads.models import Thread",
        "from ..privacy import keyring, models",
        "from brobygger.unheard_of import services",
    ],
)
def test_a_window_is_seen(fault: str) -> None:
    """Planted: a door that looks into rooms behind it."""
    assert wrong_doors(Path("brobygger/door/services.py"), ast.parse(fault))


def test_types_may_be_named_across_rooms() -> None:
    """A deed may say in its signature what it takes; only the type checker reads that."""
    types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from brobygger.catalogue.models import Offer\n"
    good = types + "from . import models\n"
    good += "from brobygger.catalogue import rules\nfrom brobygger.privacy.seal import seal\n"
    assert wrong_doors(Path("brobygger/door/services.py"), ast.parse(good)) == []


def test_rules_are_plain() -> None:
    """Domain rules work on plain values, so that a therapist could check them and a test takes microseconds."""
    paths = [path for path in source.python_files() if path.stem == "rules"]
    source.clean(line for path in paths for line in impure(path, source.tree(path)))


def test_a_rule_that_leans_on_django_is_seen() -> None:
    """Planted: Django and a table in the rules."""
    fault = ast.parse("from django.utils import timezone\nfrom brobygger.door.models import Letter\nimport datetime\n")
    assert len(impure(Path("brobygger/door/rules.py"), fault)) == 2


def test_pages_hold_no_tables_and_no_keys() -> None:
    """A view asks queries and services; it never holds a table or a private key itself."""
    source.clean(line for path in source.python_files() for line in keyholders(path, source.tree(path)))


def test_a_page_with_a_table_is_seen() -> None:
    """Planted: a page that reads a table and the key ring."""
    fault = ast.parse("from brobygger.door.models import Letter\nfrom brobygger.privacy import keyring\n")
    assert len(keyholders(Path("brobygger/door/family.py"), fault)) == 2


def test_the_contracts_hold() -> None:
    """The import contracts in pyproject.toml, run whole: indirect ways are seen too."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=source.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_see_a_door_with_keys(tmp_path: Path) -> None:
    """Planted: a small house whose door reaches the private keys through another module."""
    for name, code in {
        "door/services.py": "from brobygger.privacy import seal\n",
        "privacy/seal.py": "from brobygger.privacy import keyring\n",
        "privacy/keyring.py": "",
        "privacy/ring.py": "",
        "door/staff.py": "from brobygger.door import models\n",
        "door/models.py": "",
        "door/rules.py": "import django\n",
        "catalogue/services.py": "import config\nfrom brobygger.door import services\n",
        "attic/services.py": "",
    }.items():
        path = tmp_path / "brobygger" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    for room in [*source.ORDER, "attic"]:
        (tmp_path / "brobygger" / room).mkdir(exist_ok=True)
        (tmp_path / "brobygger" / room / "__init__.py").write_text("")
    (tmp_path / "brobygger/access/guards.py").write_text("")
    (tmp_path / "brobygger/__init__.py").write_text("")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(source.text(Path("pyproject.toml")))
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    for contract in ("Imports look back", "No room knows", "The door knows", "Views hold", "Rules are plain"):
        broken = [line for line in done.stdout.splitlines() if contract in line and "BROKEN" in line]
        assert broken, done.stdout + done.stderr
