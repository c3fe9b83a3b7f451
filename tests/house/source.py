"""Reads the house as text and as syntax trees, for the checks beside this file."""

import ast
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ROOT / "brobygger"
#: Low to high: data flows forward, imports look back. The same order stands in pyproject.toml.
ORDER = [
    "ground", "series", "statistics", "privacy", "backups", "access", "catalogue", "content", "door", "threads",
    "outbox", "appointments", "intake", "consents", "casework", "groups", "calendars", "placement", "outcomes",
    "rights", "reports", "today",
]  # fmt: skip
#: Views are named by who is standing there.
VIEW_FILES = {"public", "family", "staff", "partner", "machine"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def rooms() -> list[str]:
    """Name the rooms that exist."""
    return sorted(path.name for path in ROOMS.iterdir() if (path / "__init__.py").exists() and path.is_dir())


def is_test(path: Path) -> bool:
    """Say whether a file belongs to the tests."""
    return "tests" in path.parts or path.name in {"conftest.py"}


def python_files(*, tests: bool = False, migrations: bool = False) -> Iterator[Path]:
    """Give the Python files of the rooms and of the configuration, relative to the checkout."""
    for folder in (ROOMS, ROOT / "config"):
        for path in sorted(folder.rglob("*.py")):
            short = path.relative_to(ROOT)
            if (tests or not is_test(short)) and (migrations or "migrations" not in short.parts):
                yield short


def templates() -> Iterator[Path]:
    """Give the templates, relative to the checkout."""
    for path in sorted(ROOMS.glob("*/templates/**/*.*")):
        if path.is_file():
            yield path.relative_to(ROOT)


def text(path: Path) -> str:
    """Read a file of the checkout."""
    return (ROOT / path).read_text(encoding="utf-8")


def tree(path: Path) -> ast.Module:
    """Read a Python file as a syntax tree."""
    return ast.parse(text(path), filename=str(path))


def public_functions(module: ast.Module) -> Iterator[Function]:
    """Give a module's own functions that others may call."""
    for node in module.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node


def clean(found: Iterable[str]) -> None:
    """Let a check pass when it found nothing; otherwise fail with every line of it."""
    lines = list(found)
    assert not lines, "\n" + "\n".join(lines)


def tracked() -> list[Path]:
    """Give every file that is, or is about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        names = [name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):  # a copy without its history
        names = [os.path.relpath(p, ROOT) for p in ROOT.rglob("*") if p.is_file()]
        names = [name for name in names if not name.startswith((".venv/", ".git/", "var/", "."))]
    return [Path(name) for name in sorted(set(names)) if (ROOT / name).is_file()]
