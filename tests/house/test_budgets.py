"""What fits in a head: short files, short functions, few files a room, and no attic for what nobody could name."""

import ast
from collections.abc import Iterable
from pathlib import Path

from tests.house import source

#: A file of 300 lines is the aim; at 400 the room is doing two things.
FILE, FUNCTION, TEMPLATE, STYLESHEET, ROOM = 400, 40, 120, 900, 10
#: Words that say nothing about what is inside.
ATTICS = {"utils", "util", "helpers", "helper", "managers", "signals", "core", "base", "common", "misc", "tools"}
#: What Django calls its own files: a database engine has a base.py.
NAMED_BY_DJANGO = {"brobygger/ground/sqlite/base.py"}
#: Folders whose files are not the room's own furniture.
#: A room's sign and its switchboards are not counted as furniture.
UNCOUNTED = {"__init__.py", "apps.py", "urls.py"}
BESIDE = {"migrations", "tests", "management", "templatetags", "sqlite"}


def length(function: source.Function) -> int:
    """Count a function's lines, without its docstring: explaining costs nothing."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def long_functions(path: Path, tree: ast.Module) -> list[str]:
    """Name the functions that do more than one thing, by their length."""
    found = [node for node in ast.walk(tree) if isinstance(node, source.Function) and length(node) > FUNCTION]
    return [f"{path}:{node.lineno} {node.name} is {length(node)} lines long (at most {FUNCTION})" for node in found]


def too_long(path: Path, text: str) -> list[str]:
    """Name a file that is longer than its kind may be."""
    limit = {".py": FILE, ".css": STYLESHEET, ".html": TEMPLATE}.get(path.suffix)
    lines = len(text.splitlines())
    return [f"{path} is {lines} lines long (at most {limit})"] if limit and lines > limit else []


def attics(paths: Iterable[Path]) -> list[str]:
    """Name the files that are called after nothing."""
    return [str(path) for path in paths if path.stem in ATTICS and path.as_posix() not in NAMED_BY_DJANGO]


def crowded(paths: Iterable[Path]) -> list[str]:
    """Name the rooms with too much furniture; its sign and its switchboards are not furniture."""
    count: dict[str, int] = {}
    for path in paths:
        if path.parts[0] == "brobygger" and len(path.parts) > 2 and path.name not in UNCOUNTED:
            count[path.parts[1]] = count.get(path.parts[1], 0) + BESIDE.isdisjoint(path.parts)
    return [f"{room} has {number} files (at most {ROOM})" for room, number in count.items() if number > ROOM]


def signless(name: str, text: str) -> list[str]:
    """Name a room whose `__init__.py` does not say what it owns, in a few lines, or holds code."""
    tree = ast.parse(text)
    sign = ast.get_docstring(tree)
    if not sign:
        return [f"{name} has no sign on its door"]
    if len(tree.body) > 1 or len(text.splitlines()) > 14:
        return [f"{name}: the sign on the door is ten lines and no code"]
    return []


def test_files_are_short() -> None:
    """Each file is read in one sitting."""
    styles = [path.relative_to(source.ROOT) for path in source.ROOMS.glob("*/static/**/*.css")]
    tests = [path.relative_to(source.ROOT) for path in (source.ROOT / "tests").rglob("*.py")]
    paths = [*source.python_files(tests=True), *source.templates(), *styles, *tests]
    source.clean(line for path in paths for line in too_long(path, source.text(path)))


def test_functions_are_short() -> None:
    """Each function does one thing."""
    source.clean(line for path in source.python_files() for line in long_functions(path, source.tree(path)))


def test_rooms_have_room() -> None:
    """A room that outgrows its furniture becomes two rooms; nothing is put in an attic."""
    paths = list(source.python_files())
    source.clean(attics(paths))
    source.clean(crowded(paths))


def test_every_room_says_what_it_owns() -> None:
    """The deed of a room stands on its door."""
    signs = {room: source.text(Path("brobygger") / room / "__init__.py") for room in source.rooms()}
    source.clean(line for room, text in signs.items() for line in signless(room, text))
    assert set(signs) <= set(source.ORDER), "a new room needs a decision record and a place in the order"


def test_planted_excesses_are_seen() -> None:
    """Planted: too long, too many, called after nothing, without a sign."""
    body = "    x = 1\n" * 40
    assert long_functions(Path("a.py"), ast.parse(f"def a() -> None:\n{body}")) != []
    explained = f'def a() -> None:\n    """Say.\n\n    More.\n    """\n{body[:-10]}'
    assert long_functions(Path("a.py"), ast.parse(explained)) == []
    for name, limit in {"a.py": FILE, "a.css": STYLESHEET, "a.html": TEMPLATE}.items():
        assert too_long(Path(name), "\n" * (limit + 1)) and not too_long(Path(name), "\n" * limit)
    assert attics([Path("brobygger/door/utils.py"), Path("brobygger/door/clock.py")]) == ["brobygger/door/utils.py"]
    assert crowded([Path(f"brobygger/door/{number}.py") for number in range(11)]) != []
    assert crowded([Path(f"brobygger/door/tests/{number}.py") for number in range(11)]) == []
    assert signless("door", "") and signless("door", '"""Say."""\nimport os\n') and not signless("door", '"""Say."""\n')
