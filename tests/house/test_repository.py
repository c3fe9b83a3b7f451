"""What lies in the repository: reasons beside dependencies, no machine's own paths, the commands we run."""

import re
from collections.abc import Iterable
from pathlib import Path

from django.core.management import get_commands

from tests.house import source

#: Everything a timer, a service file or a make target runs. One list; deploy/ and the Makefile are checked against it.
COMMANDS = {"backup", "demo", "furnish", "install", "migrate", "restore", "rotate", "sweep", "words", "worker"}
#: Files that would tie the house to one machine.
UNWANTED = {".python-version", "uv.lock", ".installed"}
#: Written in parts, so that this file does not accuse itself.
ELSEWHERE = re.compile(
    "|".join(
        ["pypi" + r"\.org", "python" + r"hosted\.org", r"registry\.npm" + "js", r"--(?:extra-)?index" + "-url [a-z]+:"]
        + [r"(?<![\w.$/})-])/" + name + r"/[\w.]" for name in ("work", "root", "home", "tmp/plan", "opt/wheels")]
    )
)
TEXTS = {".py", ".toml", ".md", ".html", ".css", ".js", ".txt", ".lock", ".po", ".service", ".timer", ".svg", ""}


def reasonless(pyproject: str) -> list[str]:
    """Name the dependencies without a reason on the line above."""
    found, inside, above = [], False, ""
    for line in map(str.strip, pyproject.splitlines()):
        if re.match(r"(dependencies|dev|\w[\w-]*) = \[$", line):
            inside = True
        elif line == "]":
            inside = False
        elif line.startswith("[tool."):
            break
        elif inside and line.startswith('"') and not above.startswith("#"):
            found.append(line.strip('",'))
        above = line
    return found


def tied(path: Path, text: str) -> list[str]:
    """Name what ties a file to one machine or one registry."""
    return [f"{path}: {hit.group(0)}" for hit in ELSEWHERE.finditer(text)]


def called(text: str) -> set[str]:
    """Give the commands a Makefile or a service file runs through manage.py."""
    return {name.replace("-", "_") for name in re.findall(r"manage\.py ([a-z][a-z_-]*)", text)}


def missing(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    """Name what is wanted and not there."""
    return sorted(set(wanted) - set(there))


def test_every_dependency_has_a_reason() -> None:
    """Nobody adds a package without saying in a line what it is for."""
    source.clean(reasonless(source.text(Path("pyproject.toml"))))


def test_nothing_ties_the_house_to_one_machine() -> None:
    """A clone works anywhere: no interpreter pinned, no registry named, no path of somebody's machine."""
    files = source.tracked()
    source.clean(str(path) for path in files if path.name in UNWANTED)
    texts = [path for path in files if path.suffix in TEXTS]
    source.clean(line for path in texts for line in tied(path, source.text(path)))


def test_the_commands_production_runs_exist() -> None:
    """A timer that calls a command nobody wrote fails at night; here it fails by day."""
    runs = [path for path in source.tracked() if path.name == "Makefile" or path.parts[0] == "deploy"]
    wanted = COMMANDS.union(*(called(source.text(path)) for path in runs))
    source.clean(missing(wanted, get_commands()))


def test_planted_faults_in_the_repository_are_seen() -> None:
    """Planted: a package without a reason, a machine's path, a registry, a command nobody wrote."""
    fault = '[project]\ndependencies = [\n  # Why.\n  "good",\n  "bad==1",\n]\n'
    fault += '[dependency-groups]\ndev = [\n  "worse",\n]\n'
    assert reasonless(fault) == ["bad==1", "worse"]
    assert tied(Path("a"), "see /" + "work/shared/x") and tied(Path("a"), "https://pypi" + ".org/simple")
    assert tied(Path("a"), "the home/place, https://a.dk/work/x and ./work/x") == []
    assert missing(called("\t.venv/bin/python manage.py fly --high"), ["demo"]) == ["fly"]
