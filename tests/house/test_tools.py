"""The tools that read all the code: one hand, and types that fit."""

import subprocess
import sys
from pathlib import Path

from tests.house import source


def says(tool: str, *arguments: str, where: Path = source.ROOT) -> tuple[int, str]:
    """Run one of the tools and hear what it says."""
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_code_is_in_one_hand() -> None:
    """Ruff finds nothing to say."""
    code, said = says("ruff", "check", "--no-cache", "--output-format=concise", ".")
    assert code == 0, said


def test_the_types_fit() -> None:
    """Mypy finds nothing to say."""
    code, said = says("mypy")
    assert code == 0, said


def test_planted_faults_are_seen_by_the_tools(tmp_path: Path) -> None:
    """Planted: an unused import, a missing docstring, a function without types, a wrong argument."""
    # The types of Django itself take seconds to load, and have no part in this.
    settings = source.text(Path("pyproject.toml")).replace('plugins = ["mypy_django_plugin.main"]', "")
    (tmp_path / "pyproject.toml").write_text(settings)
    for folder in ("brobygger", "config"):
        (tmp_path / folder).mkdir()
    (tmp_path / "manage.py").write_text('"""Run."""\n')
    (tmp_path / "config/__init__.py").write_text("")
    (tmp_path / "brobygger/__init__.py").write_text("")
    fault = "import os\n\n\ndef say(word):\n    return word\n\n\n"
    fault += "def more(number: int) -> int:\n    return number\n\n\nmore('x')\n"
    (tmp_path / "brobygger/fault.py").write_text(fault)
    _, said = says("ruff", "check", "--no-cache", "--output-format=concise", ".", where=tmp_path)
    assert "F401" in said and "D103" in said and "D100" in said
    _, said = says("mypy", where=tmp_path)
    assert "no-untyped-def" in said and "arg-type" in said
