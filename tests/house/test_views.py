"""Every page is closed, or open on purpose; reading never writes."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from tests.house import source

#: Pages that are not ours and know themselves whom they let in: the sign-in library, and files without secrets.
OTHERS = ("allauth.", "django.contrib.staticfiles.", "django.views.static", "whitenoise.")
#: A look leaves a line in the trail, and changes nothing else: `look`, `look_at_address`. That is what a visit may do.
LOOK = "look"
#: What a class-based view runs on a plain visit.
VISITED = {"setup", "dispatch", "get", "get_context_data"}


def addresses(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Walk the tree of addresses and give every page in it."""
    for pattern in patterns:
        where = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, where)
        elif isinstance(pattern, URLPattern):
            yield where, pattern.callback


def unguarded(patterns: list[Any]) -> list[str]:
    """Name the pages that are neither guarded nor openly public, and those that claim to be both."""
    found = []
    for where, view in addresses(patterns):
        if view.__module__.startswith(OTHERS):
            continue
        guarded, public = getattr(view, "guarded_by", None), getattr(view, "openly_public", False)
        name = f"/{where} ({view.__module__}.{view.__name__})"
        if not guarded and not public:
            found.append(f"{name} is neither guarded nor openly public")
        elif guarded and public:
            found.append(f"{name} cannot be both guarded and public")
        elif public and view.__module__.endswith(".staff"):
            found.append(f"{name} is a staff page and stands open")
    return found


def services_in(module: ast.Module) -> tuple[set[str], set[str]]:
    """Name what in a view file stands for a room's deeds: whole modules, and single functions."""
    modules, functions = set(), set()
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "services":
                    modules.add(alias.asname or alias.name)
                elif (node.module or "").split(".")[-1] == "services":
                    functions.add(alias.asname or alias.name)
    return modules, functions


def posted_names(body: list[ast.stmt]) -> set[str]:
    """Give the names that are None unless something was posted: `data = … if request.method == "POST" else None`."""
    return {
        ast.unparse(node.targets[0])
        for node in body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.IfExp)
        and ast.unparse(node.value.test) == "request.method == 'POST'"
        and ast.unparse(node.value.orelse) == "None"
    }


def asks_for_post(test: ast.expr, names: set[str]) -> bool | None:
    """Read a condition: True if only POST comes in under it, False if only POST gets past it."""
    together = type(test.op) if isinstance(test, ast.BoolOp) else None
    parts = {ast.unparse(part) for part in (test.values if isinstance(test, ast.BoolOp) else [test])}
    if parts & {"request.method == 'POST'", *(f"{name} is not None" for name in names)} and together is not ast.Or:
        return True
    if parts & {"request.method != 'POST'", *(f"{name} is None" for name in names)} and together is not ast.And:
        return False
    return None


def leaves(body: list[ast.stmt]) -> bool:
    """Say whether a block always goes out of the function."""
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise)


def open_calls(body: list[ast.stmt], *, posted: bool = False) -> Iterator[ast.Call]:
    """Give the calls in a block that a GET can reach."""
    names = posted_names(body)
    for statement in body:
        if isinstance(statement, ast.If) and (only := asks_for_post(statement.test, names)) is not None:
            yield from open_calls(statement.body, posted=posted or only)
            yield from open_calls(statement.orelse, posted=posted or not only)
            posted = posted or (not only and leaves(statement.body))
            continue
        inner = [getattr(statement, block, None) for block in ("body", "orelse", "finalbody")]
        if isinstance(inner[0], list) and not isinstance(statement, source.Function):
            for block in inner:
                yield from open_calls(block or [], posted=posted)
            for handler in getattr(statement, "handlers", []):
                yield from open_calls(handler.body, posted=posted)
            heads = [getattr(statement, head, None) for head in ("test", "iter", "subject")]
            heads += [item.context_expr for item in getattr(statement, "items", [])]
            parts: list[ast.AST] = [head for head in heads if head is not None]
        else:
            parts = [statement]
        if not posted:
            yield from (node for part in parts for node in ast.walk(part) if isinstance(node, ast.Call))


def post_only(function: source.Function) -> bool:
    """Say whether a decorator turns everything but POST away."""
    said = [ast.unparse(decorator) for decorator in function.decorator_list]
    return any(text in {"require_POST", "require_http_methods(['POST'])"} for text in said)


def writing_gets(path: Path, module: ast.Module) -> list[str]:
    """Name the views in which a plain visit can reach a deed, directly or through a helper in the same file."""
    modules, functions = services_in(module)
    local = {node.name: node for node in module.body if isinstance(node, source.Function)}
    for view in (node for node in module.body if isinstance(node, ast.ClassDef)):
        methods = [node for node in view.body if isinstance(node, source.Function)]
        local |= {f"{view.name}.{node.name}": node for node in methods if node.name in VISITED}

    def doing(name: str) -> str | None:
        # A class beside the deeds is an exception or a plain value.
        return None if name[0].isupper() or name.startswith(LOOK) else name

    def deed(call: ast.Call, writing: set[str]) -> str | None:
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in modules:
            return doing(call.func.attr)
        if isinstance(call.func, ast.Name) and (call.func.id in functions or call.func.id in writing):
            return doing(call.func.id)
        return None

    writing: set[str] = set()
    reached: dict[str, str] = {}
    while True:
        before = len(writing)
        for name, node in local.items():
            if name in writing or post_only(node):
                continue
            hit = next((found for call in open_calls(node.body) if (found := deed(call, writing))), None)
            if hit:
                writing.add(name)
                reached[name] = hit
        if len(writing) == before:
            break
    return [f"{path}: a visit to {name} reaches {reached[name]}" for name in sorted(writing) if name[0] != "_"]


def test_every_page_is_guarded_or_openly_public() -> None:
    """Closed by default: a page nobody thought about is a page nobody may open."""
    source.clean(unguarded(get_resolver().url_patterns))


def test_a_forgotten_page_is_seen() -> None:
    """Planted: a page without a mark, one with both, and a staff page left open."""

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def both(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def staff(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    both.guarded_by = both.openly_public = "x"  # type: ignore[attr-defined]
    staff.openly_public = True  # type: ignore[attr-defined]
    staff.__module__ = "brobygger.threads.staff"
    assert len(unguarded([path("a/", page), path("b/", both), path("c/", staff)])) == 3


def test_reading_never_writes() -> None:
    """A link, a preview and a search engine only GET: none of them may change anything."""
    paths = [file for file in source.python_files() if file.stem in source.VIEW_FILES]
    source.clean(line for file in paths for line in writing_gets(file, source.tree(file)))


HEAD = "from brobygger.intake import services\nfrom brobygger.threads.services import answer\n"


def test_a_link_that_writes_is_seen() -> None:
    """Planted: deeds a GET reaches, in the open, under the wrong condition, and through a helper."""
    fault = ast.parse(
        HEAD
        + "def take(request):\n    services.take(by='x')\n"
        + "def reply(request):\n    if request.method != 'POST':\n        answer()\n    return 1\n"
        + "def sly(request):\n    if request.method != 'POST' and late:\n        return 0\n    return answer()\n"
        + "class Page(View):\n    def get(self, request):\n        answer()\n"
        + "    def post(self, request):\n        answer()\n"
        + "def via(request):\n    with lock():\n        return _help()\n"
        + "def _help():\n    return answer()\n"
    )
    found = writing_gets(Path("staff.py"), fault)
    assert [line.split()[-3] for line in found] == ["Page.get", "reply", "sly", "take", "via"]


def test_a_post_may_write() -> None:
    """The ways a page asks for POST are understood."""
    good = ast.parse(
        HEAD
        + "@require_POST\ndef take(request):\n    services.take(by='x')\n"
        + "def reply(request):\n    if request.method == 'POST' and form.is_valid():\n        answer()\n    return 1\n"
        + "def other(request):\n    if request.method != 'POST' or broken:\n        return 0\n    return _help()\n"
        + "def burn(request):\n    data = request.POST if request.method == 'POST' else None\n"
        + "    if data is None or not form.is_valid():\n        return 0\n    return _help()\n"
        + "def _help():\n    try:\n        return answer()\n    except services.Taken:\n        return 0\n"
    )
    assert writing_gets(Path("staff.py"), good) == []
