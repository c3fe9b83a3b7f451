"""Somebody who comes back with the key."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.guards import public
from brobygger.privacy import seal

from . import correspondence, forms, queries, rules, services, ticket
from .public import body, came_from_here, unread
from .templatetags.questions import Walk, walk

#: How long a page waits for the keeper to say what came of it, in seconds.
PATIENCE = 6.0
#: What may be in the way of a new key or of burning, and what is said then.
CANNOT_NOW = (seal.Busy, seal.NoKeys, services.CannotTake)
NOT_NOW = gettext_lazy(
    "We cannot do that at this moment. Nothing has changed, and your key works. Try again a little later."
)
ACTIONS: dict[str, type[django_forms.Form] | None] = {
    "text": forms.More,
    "choose": None,
    "move": None,
    "cancel": None,
    "reach": forms.Reach,
    "unreach": None,
    "address": forms.Address,
    "withdraw": None,
    "name": forms.Named,
    "rights": forms.Rights,
    "seat": forms.Seat,
}
PREFIXES = {"text": "more"}
#: Whom the guard of slips need not warn: who has said who they are may write as they like, but for a CPR number.
WISHES = {"rights": "named"}


def _ask(
    request: HttpRequest, problem: str = "", status: int = 200, form: forms.KeyEntry | None = None
) -> HttpResponse:
    context = {"form": form or forms.KeyEntry(), "problem": problem, "token": ticket.new_form("").sealed()}
    return render(request, "door/back.html", context, status=status)


@public
def back(request: HttpRequest) -> HttpResponse:
    """Ask for the key, or open what it opens."""
    if request.method != "POST":
        return _ask(request)
    data = body(request)
    if data is None:
        return _ask(request, *unread(request))
    form = forms.KeyEntry(data)
    if not form.is_valid():
        return _ask(request, form=form, status=422)
    if not came_from_here(request):
        return _ask(request, _("The page was sent from somewhere else. Press again here."), 403, form)
    opened, problem, status = ticket.unlock(form.cleaned_data["key"])
    if opened is None:
        again = _made_on(data, form.cleaned_data["key"]) if status == 422 else None
        return _show_new(request, again, lent=True) if again else _ask(request, problem, status, form)
    read = correspondence.read(opened.answers)
    return _own_key(request, opened, read, data, form) if opened.lent else _thread(request, opened, read)


def _own_key(
    request: HttpRequest, opened: queries.Opened, read: correspondence.Correspondence, data: Any, form: forms.KeyEntry
) -> HttpResponse:
    """Change a key that others have seen for one that nobody has, the first time it is used; or say that it waits."""
    try:
        token = ticket.read_form(data.get("token"))
    except (seal.TokenExpired, seal.TokenForged):
        return _ask(request, _("The page had been open for a long time. Press once more to open."), 409, form)
    try:
        if queries.letters_are_opened():
            return _new_lock(request, opened, token, lent=True)
    except CANNOT_NOW:
        pass
    # The old one works as before; better that than a key that opens nothing yet.
    return _thread(request, opened, read, kept=True)


def _made_on(data: Any, typed: str) -> seal.ReturnKey | None:
    """Find the key this very page has made already out of a lent one."""
    try:
        return _made_before(typed, ticket.read_form(data.get("token")))
    except (seal.TokenExpired, seal.TokenForged):
        return None


def _show_new(request: HttpRequest, key: seal.ReturnKey, *, done: bool = True, lent: bool = False) -> HttpResponse:
    """Show a new key, once; `lent` says that the old one had been in other hands."""
    return render(request, "door/rekeyed.html", {"key": key.shown, "done": done, "lent": lent})


def _thread(
    request: HttpRequest, opened: queries.Opened, read: correspondence.Correspondence, *, kept: bool = False
) -> HttpResponse:
    """Show what lay in the box, newest first; `kept` says that a lent key could not be changed just now."""
    page = "door/referral.html" if read.ladder else "door/thread.html"
    return render(request, page, _page(read, ticket.of_box(opened, read.door), kept=kept))


def _page(read: correspondence.Correspondence, held: ticket.Ticket, **more: Any) -> dict[str, Any]:
    """Gather what the pages behind the key have in common."""
    standing = read.appointment
    return {
        "read": read,
        "ticket": held.sealed(),
        "number": held.number,
        "door": held.door,
        "today": correspondence.on_paper(clock.today()),
        "more": forms.More(prefix="more"),
        "reach_form": forms.Reach(prefix="reach"),
        "address_form": forms.Address(prefix="address"),
        "rights_form": forms.Rights(prefix="rights"),
        "may_name": read.named is None and not read.ended and queries.what_changes(held.door) is not None,
        "calendar": standing
        and ticket.calendar_token(
            {"starts_at": standing.starts_at.isoformat(), "ends_at": standing.ends_at.isoformat()}
        ),
        **more,
    }


@public
def act(request: HttpRequest, action: str) -> HttpResponse:
    """Do one thing with a box that is open: write more, choose, move, cancel, reach, address, name, rights, seat."""
    if request.method != "POST":
        return redirect("door:back")
    data = body(request)
    if data is None:
        return _ask(request, *unread(request))
    form = _form(action, data)
    if not came_from_here(request):
        problem = _("The page was sent from somewhere else. Nothing has been sent yet. Type your key and press again.")
        return _again(request, action, form, data, problem, 403)
    try:
        held = ticket.held_by(data)
    except (seal.TokenExpired, seal.TokenForged):
        problem = _("The page had been open for a long time. What you wrote is still here. Type your key to send it.")
        return _again(request, action, form, data, problem, 409)
    if isinstance(held, str):
        return _again(request, action, form, data, held, 422)
    if action == "name" and (anew := forms.under_other_words(data, held.door, _words(held.door).digest)):
        return _again(request, action, _form(action, anew), anew, str(forms.CHANGED_WORDS), 409, held)
    if form is not None and not form.is_valid():
        return _again(request, action, form, data, "", 422, held)
    found = rules.slips_in(form.cleaned_data, WISHES.get(action, "")) if form else []
    if not rules.decided(found, data.get("slip")):
        return _again(request, action, form, data, "", 422, held, found)
    return _done(request, action, held, form, data)


def _form(action: str, data: Any) -> django_forms.Form | None:
    kind = ACTIONS[action]
    return kind(data, prefix=PREFIXES.get(action, action)) if kind else None


@public
def sheet(request: HttpRequest) -> HttpResponse:
    """Ask one question at a time behind the key, and send what was answered when the last one is."""
    if request.method != "POST":
        return redirect("door:back")
    data = body(request)
    if data is None:
        return _ask(request, *unread(request))
    going = walk(str(data.get("codes", "")), data)
    if going is None:
        return _ask(request, _("These questions are not asked any more."), 422)
    if not came_from_here(request):
        return _question(request, going, data, None, _("The page was sent from somewhere else. Press again here."), 403)
    try:
        held = ticket.held_by(data)
    except (seal.TokenExpired, seal.TokenForged):
        problem = _("The page had been open for a long time. What you chose is still here. Type your key to go on.")
        return _question(request, going, data, None, problem, 409)
    if isinstance(held, str):
        return _question(request, going, data, None, held, 422)
    if not going.done:
        return _question(request, going, data, held, "", 422 if going.problem else 200)
    try:
        letter = held.letter(f"sheet {data.get('round')} {sorted(going.answers().items())}")
        payload = ticket.letter_of("sheet", held, going.answers(), {"round": data.get("round", "")})
        services.receive_letter(letter=letter, payload=payload, by="family")
    except (seal.NoKeys, seal.TooLong, services.CannotTake):
        return _question(request, going, data, held, str(NOT_NOW), 503)
    return render(request, "door/sheet_sent.html")


def _question(
    request: HttpRequest, going: Walk, data: Any, held: ticket.Ticket | None, problem: str, status: int
) -> HttpResponse:
    context = {"walk": going, "problem": problem, "ask_key": held is None, "round": data.get("round", "")}
    context |= {"ticket": (held or ticket.blank_ticket()).sealed(), "action": reverse("door:sheet")}
    context["door"] = held.door if held else ""
    return render(request, "door/sheet.html", context, status=status)


@public
def name(request: HttpRequest) -> HttpResponse:
    """Say what changes when somebody says who they are; take what they say when they send it."""
    data = body(request) if request.method == "POST" else None
    if data is None or "digest" in data:
        return act(request, "name")
    try:
        held = ticket.held_by(data)
    except (seal.TokenExpired, seal.TokenForged):
        return _ask(request, _("The page had been open for a long time. Type your key to go on."), 409)
    if isinstance(held, str):
        return _ask(request, held, 422)
    form = forms.Named(initial={"door": held.door}, prefix="name")
    return _again(request, "name", form, {"digest": _words(held.door).digest}, "", 200, held)


def _words(door: str) -> catalogue.Worded:
    """Find what this house says changes; 404 where nobody says who they are."""
    words = queries.what_changes(door)
    if words is None:
        raise Http404
    return words


def _again(
    request: HttpRequest,
    action: str,
    form: django_forms.Form | None,
    data: Any,
    problem: str,
    status: int,
    held: ticket.Ticket | None = None,
    found: list[rules.Slip] | None = None,
) -> HttpResponse:
    """Show what was typed once more, with what is missing; with the key to type when the page's ticket has run out."""
    context: dict[str, Any] = {
        "action": action,
        "form": form,
        "problem": problem,
        "ticket": (held or ticket.blank_ticket()).sealed(),
        "ask_key": held is None,
        "proposal": data.get("proposal", ""),
        "consent": data.get("consent", ""),
        "kinds": rules.kinds(found or []),
        "may_keep": rules.may_keep(found or []),
    }
    if isinstance(form, forms.Named):
        context |= {"words": _words(form.door_key).text.splitlines(), "digest": data.get("digest", "")}
        return render(request, "door/name.html", context, status=status)
    return render(request, "door/again.html", context, status=status)


def _done(
    request: HttpRequest, action: str, held: ticket.Ticket, form: django_forms.Form | None, data: Any
) -> HttpResponse:
    """Send what was asked, wait for what comes of it, and say so."""
    typed = sorted(form.cleaned_data.items()) if form else []
    letter, key = (
        held.letter(f"{action} {data.get('proposal', '')}{data.get('consent', '')} {typed}"),
        bytes.fromhex(held.receipt),
    )
    payload = _payload(action, held, form, data)
    try:
        services.receive_letter(letter=letter, payload=payload, by="family")
    except seal.TooLong:
        return _again(request, action, form, data, str(forms.TOO_LONG), 422, held)
    except (seal.NoKeys, services.CannotTake):
        problem = _("We cannot take letters at this moment. What you wrote is still here; try again a little later.")
        return _again(request, action, form, data, problem, 503, held)
    came = None if action in ("text", "rights") else queries.receipt_within(PATIENCE, letter, key)
    read = correspondence.read([came] if came else [])
    context = _page(read, held, action=action, news=read.entries[0] if read.entries else None)
    context["due"] = datetime.fromisoformat(payload["answer_by"]).astimezone(UTC)
    return render(request, "door/done.html", context)


def _payload(action: str, held: ticket.Ticket, form: django_forms.Form | None, data: Any) -> dict[str, Any]:
    """Make the letter a page asks for, with a mask over what its writer wishes hidden."""
    clean = form.cleaned_data if form else {}
    if data.get("slip") == "mask":
        clean = rules.masked_in(clean, WISHES.get(action, ""))
    payload = ticket.letter_of(action, held, clean, data)
    if isinstance(form, forms.Named):
        words = _words(held.door)
        payload["named"] = {"people": form.people, "carry": clean["carry"]}
        payload["consent"] = {"text": words.text, "digest": words.digest}
    return payload


@public
def burn(request: HttpRequest) -> HttpResponse:
    """Say what dies, ask for the key, and burn everything."""
    if request.method != "POST":
        return _burn_page(request, forms.KeyEntry())
    data = body(request)
    if data is None:
        return _burn_page(request, forms.KeyEntry(), *unread(request))
    form = forms.KeyEntry(data)
    if not form.is_valid():
        return _burn_page(request, form, status=422)
    if not came_from_here(request):
        return _burn_page(request, form, _("The page was sent from somewhere else. Press again here."), 403)
    opened, problem, status = ticket.unlock(form.cleaned_data["key"])
    if opened is None:
        return _burn_page(request, form, problem, status)
    letter = {"kind": "burn", "to": str(opened.box), "burn": opened.burn.hex()}
    number = UUID(int=int.from_bytes(opened.burn[:16], "big"))
    try:
        services.receive_letter(letter=number, payload=letter, by="family")
    except CANNOT_NOW:
        return _burn_page(request, form, str(NOT_NOW), 503)
    until = time.monotonic() + PATIENCE
    while queries.box_stands(opened.box) and time.monotonic() < until:
        time.sleep(0.15)
    return render(request, "door/burned.html", {"gone": not queries.box_stands(opened.box)})


def _burn_page(request: HttpRequest, form: Any, problem: str = "", status: int = 200) -> HttpResponse:
    return render(request, "door/burn.html", {"form": form, "problem": problem}, status=status)


@public
def rekey(request: HttpRequest) -> HttpResponse:
    """Give a box a new key, after somebody saw the old one."""
    if request.method != "POST":
        return _rekey_page(request, forms.KeyEntry())
    data = body(request)
    if data is None:
        return _rekey_page(request, forms.KeyEntry(), *unread(request))
    form = forms.KeyEntry(data)
    if not form.is_valid():
        return _rekey_page(request, form, status=422)
    try:
        token = ticket.read_form(data.get("token"))
    except (seal.TokenExpired, seal.TokenForged):
        token = ticket.new_form("")
    problem, status, opened = _("The page was sent from somewhere else. Press again here."), 403, None
    if came_from_here(request):
        opened, problem, status = ticket.unlock(form.cleaned_data["key"])
    if opened is None:
        again = status == 422 and _made_before(form.cleaned_data["key"], token)
        if again:
            return _show_new(request, again)
        return _rekey_page(request, form, problem, status)
    try:
        return _new_lock(request, opened, token)
    except CANNOT_NOW:
        return _rekey_page(request, form, str(NOT_NOW), 503)


def _new_lock(request: HttpRequest, opened: queries.Opened, token: ticket.Form, *, lent: bool = False) -> HttpResponse:
    """Ask for a new lock on a box that is open, wait for it, and show its key."""
    key = seal.ReturnKey(opened.number, seal.read_key(token.key).secret)
    made = seal.new_box(key, private=opened.private)
    letter = {"kind": "rekey", "to": str(opened.box), "post": opened.post.hex(), "box": made.as_payload()}
    services.receive_letter(letter=UUID(token.letter), payload=letter, by="family")
    # Pressed twice, the lock that comes is the first one's; the key is the same.
    until, old = time.monotonic() + PATIENCE, seal.token_hash(opened.post)
    while queries.has_lock(opened.box, old) and time.monotonic() < until:
        time.sleep(0.15)
    return _show_new(request, key, done=not queries.has_lock(opened.box, old), lent=lent)


def _made_before(typed: str, token: ticket.Form) -> seal.ReturnKey | None:
    """Find the key this very page has made already: who loads it again must not lose the only key that opens."""
    try:
        key = seal.ReturnKey(seal.read_key(typed).number, seal.read_key(token.key).secret)
        queries.open_box(key)
    except (seal.KeyMistyped, seal.WrongKey, seal.Busy, seal.NoKeys):
        return None
    ticket.patience.right(key.number)
    return key


def _rekey_page(request: HttpRequest, form: Any, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "problem": problem, "token": ticket.new_form("").sealed()}
    return render(request, "door/rekey.html", context, status=status)
