"""Only services write; each deed names who did it; each public function says what it does and takes."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import source

WRITING = {
    "save", "create", "delete", "get_or_create", "update_or_create", "bulk_create", "bulk_update",
    "save_m2m", "aupdate", "acreate", "adelete", "asave", "execute", "executemany",
}  # fmt: skip
#: The trade files that must write, each for one reason.
TRADE = {
    # The key store is written only beside the keys themselves.
    "brobygger/privacy/keyring.py",
    # Puts triggers in place, from migrations alone; no row is written.
    "brobygger/ground/models.py",
    # Sets up the connection; no table of ours.
    "brobygger/ground/sqlite/base.py",
    # The letters' deeds, and what all deeds of a thread are made of: one file would hold two of them.
    "brobygger/threads/opening.py",
    "brobygger/threads/writing.py",
    # The way from a thread without a name to one behind a named course: one promise, read in one place.
    "brobygger/threads/crossing.py",
    # Our own duty, and referrals that look alike: each a subject of its own beside what a family agreed to.
    "brobygger/consents/weighing.py",
    "brobygger/consents/likeness.py",
    # What people in a course may be found by lies beside the keys, and so does the file that writes it.
    "brobygger/privacy/blind.py",
    # What is known of a course, and what somebody wrote about one person: each a subject of its own.
    "brobygger/casework/record.py",
    "brobygger/casework/notes.py",
    # A group's dated meetings and the rooms they take: what its deeds are made of.
    "brobygger/groups/dates.py",
    # The evening as it is told of, from two phones if need be: a subject of its own beside how a group is arranged.
    "brobygger/groups/evening.py",
    # How a record ends and what holds it back: a subject of its own beside what people ask about themselves.
    "brobygger/rights/endings.py",
    # Seats and who waits for one: a subject of its own beside the groups themselves and their dates.
    "brobygger/groups/seats.py",
    # Letters about seats, and what a day brings: done by the keeper with the deeds of the file above.
    "brobygger/groups/answers.py",
    # Who is asked and when, in the transaction that begins or ends a course; and what a box is told of it.
    "brobygger/outcomes/asking.py",
    "brobygger/outcomes/letters.py",
    # A backup's rows go into any table there is, whichever room's it is.
    "brobygger/backups/rows.py",
    # A course that goes on to a municipality: the bundle and the one row that says where it went, in one file.
    "brobygger/rights/handing.py",
    # Django's own commands make a user through the manager.
    "brobygger/access/models.py",
}
#: Reads a value, does no deed; there is nobody to name.
NO_DEEDS = {"brobygger/privacy/services.py": {"actor", "thing"}}
#: Called by privacy.retention alone, on the night's round: the keeper does it, and `today` is all there is to say.
ROUNDS = {"sweep"}
SPEAKING = {"services", "queries", "rules"}


def writes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give the calls that change a table."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            # A set of rows is updated by keyword; a dict, a hash and a set are not.
            if name in WRITING or (name == "update" and node.keywords and not node.args):
                yield name, node.lineno


def writers(path: Path, tree: ast.Module) -> list[str]:
    """Name the writes outside the services."""
    if (
        path.parts[0] != "brobygger"
        or path.stem == "services"
        or "management" in path.parts
        or path.as_posix() in TRADE
    ):
        return []
    return [f"{path}:{line} writes ({name}): a service does that" for name, line in writes(tree)]


def nameless(path: Path, tree: ast.Module) -> list[str]:
    """Name the deeds that do not say who does them, or can be called with values in the wrong places."""
    found = []
    for function in source.public_functions(tree):
        if function.name in NO_DEEDS.get(path.as_posix(), set()) | ROUNDS:
            continue
        if "by" not in {argument.arg for argument in function.args.kwonlyargs}:
            found.append(f"{path}:{function.lineno} {function.name} does not take `by`")
        if function.args.args or function.args.posonlyargs:
            found.append(f"{path}:{function.lineno} {function.name} takes values by place: name them")
    return found


def silent(path: Path, tree: ast.Module) -> list[str]:
    """Name the public functions without a docstring or with an untyped value."""
    found = []
    for function in source.public_functions(tree):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        arguments += [extra for extra in (function.args.vararg, function.args.kwarg) if extra]
        untyped = [argument.arg for argument in arguments if argument.annotation is None]
        if untyped or function.returns is None:
            found.append(f"{path}:{function.lineno} {function.name} lacks types: {untyped or 'what it returns'}")
        if not ast.get_docstring(function):
            found.append(f"{path}:{function.lineno} {function.name} has no docstring")
    return found


def test_only_services_write() -> None:
    """Whoever looks for what can change a table reads one file a room."""
    source.clean(line for path in source.python_files() for line in writers(path, source.tree(path)))


def test_a_page_that_writes_is_seen() -> None:
    """Planted: rows made, changed and deleted in a page; a dict and a hash left in peace."""
    fault = "Letter.objects.create(x=1)\nrows.filter(a=1).update(b=2)\nletter.delete()\nletter.save()\n"
    fault += "Box.objects.bulk_create([])\n"
    assert len(writers(Path("brobygger/door/family.py"), ast.parse(fault))) == 5
    peace = "facts.update({'a': 1})\nhashed.update(b'x')\nwords.update(more)\n"
    assert writers(Path("brobygger/door/family.py"), ast.parse(peace)) == []
    assert writers(Path("brobygger/door/services.py"), ast.parse(fault)) == []


def test_every_deed_says_who_did_it() -> None:
    """`by=` names the actor, and values go in by name."""
    paths = [path for path in source.python_files() if path.stem == "services"]
    source.clean(line for path in paths for line in nameless(path, source.tree(path)))


def test_a_nameless_deed_is_seen() -> None:
    """Planted: a deed without an actor, and one with its values by place."""
    fault = "def take(*, thread): ...\ndef answer(thread, *, by): ...\ndef _inner(x): ...\ndef good(*, by): ...\n"
    found = nameless(Path("brobygger/threads/services.py"), ast.parse(fault))
    assert [line.split(" ")[1] for line in found] == ["take", "answer"]


def test_public_functions_say_what_they_do() -> None:
    """Services, queries and rules are what other rooms read: typed, with a sentence."""
    paths = [path for path in source.python_files() if path.stem in SPEAKING]
    source.clean(line for path in paths for line in silent(path, source.tree(path)))


def test_a_silent_function_is_seen() -> None:
    """Planted: no types, no docstring; and one without a return type."""
    fault = 'def a(x, *y): ...\ndef b(x: int):\n    """Say."""\ndef c(x: int) -> int:\n    """Say."""\n'
    assert len(silent(Path("brobygger/door/rules.py"), ast.parse(fault))) == 3
