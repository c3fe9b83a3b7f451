"""Somebody who writes for the first time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import icalendar
from django import forms as django_forms
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import Phone
from brobygger.ground.guards import public
from brobygger.ground.templatetags.house import said
from brobygger.privacy import seal

from . import forms, queries, rules, services, ticket
from .templatetags.questions import walk

#: Errors of reading a form's body that say nothing about what was in it.
UNREADABLE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, MultiPartParserError, BadRequest)


WISHES = ("write", "call", "time")
AGE = {
    "child": gettext_lazy("How old are you?"),
    "young": gettext_lazy("How old is the one it is about?"),
    "parent": gettext_lazy("How old is the child?"),
}


class Letter(django_forms.Form):
    """What every first letter may carry."""

    text = forms.Words(label=gettext_lazy("Your letter"))

    def __init__(self, *args: Any, door: Any, **options: Any) -> None:
        """Word the form as this door does."""
        super().__init__(*args, **options)
        self.fields["text"].label = said(door.prompt)
        self.fields["text"].widget.attrs |= {"rows": 9, "autocomplete": "off", "maxlength": forms.LONGEST}
        self.fields["text"].error_messages["required"] = gettext_lazy("Write a few words first. One line is enough.")
        # "I would rather not say" is already there, as the empty choice.
        bands = [band for band in forms.choices(catalogue.age_bands(door.key)) if band[0] != "unknown"]
        if bands:
            self.fields["age_band"] = _maybe(bands, AGE.get(door.key, AGE["parent"]))
        themes = forms.choices(catalogue.themes(door.key))
        if themes:
            self.fields["theme"] = _maybe(themes, gettext_lazy("What is it about?"))


def _maybe(choices: list[tuple[str, Any]], label: Any) -> django_forms.ChoiceField:
    """Offer a choice nobody has to make."""
    return django_forms.ChoiceField(
        choices=[("", gettext_lazy("I would rather not say")), *choices], label=label, required=False
    )


class Call(forms.Safely, Letter):
    """Asking to be rung: a number and when it is safe. Two choices, with the door and the wish four."""

    phone = Phone(label=gettext_lazy("Which number may we ring?"))
    when = django_forms.ChoiceField(
        choices=forms.WHEN, widget=django_forms.RadioSelect, label=gettext_lazy("When is it safe to ring?")
    )

    field_order = ("phone", "when", "message", "sender", "alias", "text")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make the words a wish and not a must."""
        super().__init__(*args, **options)
        self.fields["text"].required = False
        self.fields["text"].label = gettext_lazy("Do you want to say what it is about?")
        self.fields["text"].widget.attrs["rows"] = 4
        self.fields["phone"].error_messages["required"] = gettext_lazy("Write the number we may ring.")
        self.fields["when"].error_messages["required"] = gettext_lazy("Choose when it is safe to ring.")
        for name in ("theme", "age_band"):
            self.fields.pop(name, None)


class Time(Letter):
    """Asking for a time: where and when. Two choices, with the door and the wish four."""

    when = django_forms.ChoiceField(
        choices=forms.WHEN, widget=django_forms.RadioSelect, label=gettext_lazy("When suits you best?")
    )

    field_order = ("where", "when", "text")

    def __init__(self, *args: Any, door: Any, **options: Any) -> None:
        """Offer the ways to meet that this house has."""
        super().__init__(*args, door=door, **options)
        modes = forms.choices(catalogue.meeting_modes(door.key))
        self.fields["where"] = django_forms.ChoiceField(
            choices=modes, widget=django_forms.RadioSelect, label=gettext_lazy("Where would you like to meet?")
        )
        self.order_fields(self.field_order)
        self.fields["text"].required = False
        self.fields["text"].label = gettext_lazy("Do you want to say what it is about?")
        self.fields["text"].widget.attrs["rows"] = 4
        self.fields["where"].error_messages["required"] = gettext_lazy("Choose where you would like to meet.")
        self.fields["when"].error_messages["required"] = gettext_lazy("Choose when it suits you best.")
        self.fields.pop("theme", None)


class Sparring(Letter):
    """Asking for advice about a child nobody names."""

    where = django_forms.ChoiceField(
        choices=[("write", gettext_lazy("Write to me here")), ("sparring", gettext_lazy("Ten minutes on the phone"))],
        widget=django_forms.RadioSelect,
        label=gettext_lazy("How shall we answer?"),
        error_messages={"required": gettext_lazy("Choose how we shall answer.")},
    )
    phone = Phone(
        required=False,
        label=gettext_lazy("Your own number at work"),
        help_text=gettext_lazy("If we are to ring. We offer you times here first."),
    )

    field_order = ("profession", "text", "where", "phone")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask in the way that names nobody."""
        super().__init__(*args, **options)
        self.fields["profession"] = django_forms.ChoiceField(
            choices=forms.professions(),
            label=gettext_lazy("What do you work as?"),
            error_messages={"required": gettext_lazy("Choose what you work as.")},
        )
        self.order_fields(self.field_order)
        self.fields["text"].label = gettext_lazy("What are you thinking about?")
        self.fields["text"].help_text = gettext_lazy(
            "Write “a boy of six”. Leave out names, school and address. We need not know who the child is."
        )
        self.fields["text"].widget.attrs["rows"] = 6
        for name in ("theme", "age_band"):
            self.fields.pop(name, None)

    def clean_where(self) -> str:
        """Leave it empty when the answer is written."""
        return "sparring" if self.cleaned_data["where"] == "sparring" else ""


FORMS: dict[str, type[Letter]] = {"write": Letter, "call": Call, "time": Time, "sparring": Sparring}


def wish_at(door: str, wish: str | None) -> str:
    """Choose the form for what somebody wishes at a door; to write, when there is no such wish there."""
    return wish if wish in WISHES or (wish == "sparring" and door == "professional") else "write"


def came_from_here(request: HttpRequest) -> bool:
    """Tell whether a form was sent from one of our own pages."""
    return rules.came_from_here(
        site=request.headers.get("Sec-Fetch-Site"),
        origin=request.headers.get("Origin"),
        referer=request.headers.get("Referer"),
        here=f"{request.scheme}://{request.get_host()}",
    )


def body(request: HttpRequest) -> Any:
    """Read what was sent; None when it was too long or broken to be read at all, and then `unread` says which."""
    try:
        return request.POST
    except UNREADABLE as why:
        request.META["unread"] = forms.TOO_LONG if isinstance(why, RequestDataTooBig) else forms.UNREADABLE
        return None


def unread(request: HttpRequest) -> tuple[str, int]:
    """Say why a form could not be read, and with which status."""
    sentence = request.META.get("unread", forms.UNREADABLE)
    return str(sentence), 413 if sentence is forms.TOO_LONG else 400


#: Why a letter could not be sealed or put in; nothing of it is lost.
CANNOT_SEND = (seal.Busy, seal.TooLong, seal.NoKeys, services.CannotTake)


def unsent(why: Exception) -> tuple[str, int]:
    """Say why a letter could not be sent, and with which status."""
    if isinstance(why, seal.Busy):
        return _("Many are writing at this moment. Your text is still here; wait a minute and press again."), 503
    if isinstance(why, seal.TooLong):
        return str(forms.TOO_LONG), 422
    sentence = _(
        "We cannot take letters at this moment. Your text is still here; ring us, or try again a little later."
    )
    return sentence, 503


@public
def write(request: HttpRequest, door: str) -> HttpResponse:
    """Show a door, or take a letter through it."""
    facts = catalogue.door(door)
    if not facts.enabled:
        raise Http404
    if request.method == "POST":
        return _take(request, facts)
    wish = wish_at(door, request.GET.get("wish"))
    return _show(request, facts, wish, FORMS[wish](door=facts))


def _show(
    request: HttpRequest,
    facts: Any,
    wish: str,
    form: Letter,
    *,
    problem: str = "",
    token: ticket.Form | None = None,
    found: list[rules.Slip] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the page of a door with whatever was typed still in it."""
    now = clock.now()
    token = token or ticket.new_form(catalogue.answer_by(now).isoformat())
    context = {
        "door": facts,
        "wish": wish,
        "form": form,
        "token": token.sealed(),
        "due": datetime.fromisoformat(token.promised),
        "silent": not queries.letters_are_opened(),
        "open": catalogue.open_now(now),
        "lines": catalogue.lines(now, facts.key),
        "problem": problem,
        "kinds": rules.kinds(found or []),
        "may_keep": rules.may_keep(found or [], wish),
        "wishes": facts.key != "professional",
        "refers": facts.key == "professional" and catalogue.wording("referral") is not None,
    }
    return render(request, "door/write.html", context, status=status)


def _take(request: HttpRequest, facts: Any) -> HttpResponse:
    """Take a letter: check the form, ask about slips, seal, show the key."""
    data = body(request)
    if data is None:
        problem, status = unread(request)
        return _show(request, facts, "write", Letter(door=facts), problem=problem, status=status)
    wish = wish_at(facts.key, data.get("wish"))
    form = FORMS[wish](data, door=facts)
    if not came_from_here(request):
        return _show(request, facts, wish, form, problem=str(forms.PLANTED), status=403)
    try:
        token = ticket.read_form(data.get("token"))
    except seal.TokenExpired:
        return _show(request, facts, wish, form, problem=str(forms.EXPIRED), status=409)
    except seal.TokenForged:
        return _show(request, facts, wish, form, problem=str(forms.FORGED), status=409)
    if not form.is_valid():
        return _show(request, facts, wish, form, token=token, status=422)
    found = rules.slips_in(form.cleaned_data, wish)
    if not rules.decided(found, data.get("slip"), wish):
        return _show(request, facts, wish, form, token=token, found=found, status=422)
    return _send(request, facts, wish, form, token, mask=data.get("slip") == "mask")


def _send(request: HttpRequest, facts: Any, wish: str, form: Letter, token: ticket.Form, *, mask: bool) -> HttpResponse:
    """Seal the letter, put it in, and show the key."""
    written = clock.now()
    due = rules.promised(datetime.fromisoformat(token.promised), written, catalogue.answer_by)
    key = seal.read_key(token.key)
    try:
        payload = {
            "kind": "first",
            "box": seal.new_box(key).as_payload(),
            "door": facts.key,
            "wish": wish,
            "language": get_language(),
            "written_at": written.isoformat(),
            "answer_by": due.isoformat(),
            **_said(form.cleaned_data, wish, mask=mask),
        }
        # The same words sent again are the same letter; other words from the same page are another for the same box.
        letter = uuid5(UUID(token.letter), str(sorted(form.cleaned_data.items())))
        services.receive_letter(letter=letter, payload=payload | {"once": token.letter}, by="family")
    except CANNOT_SEND as why:
        problem, status = unsent(why)
        return _show(request, facts, wish, form, problem=problem, token=token, status=status)
    return _show_key(request, facts, wish, key, due)


#: What somebody may choose about a letter, in words its forms know.
_CHOSEN = ("where", "when", "theme", "age_band", "profession")


def _said(clean: dict[str, Any], wish: str, *, mask: bool) -> dict[str, Any]:
    """Put what was typed into the shape of a letter."""
    clean = rules.masked_in(clean, wish) if mask else clean
    typed = {name: str(clean.get(name) or "") for name in rules.GUARDED}
    said: dict[str, Any] = {name: clean.get(name) or None for name in _CHOSEN}
    said["text"] = typed["text"]
    if clean.get("phone"):
        said["reach"] = {
            "channel": clean.get("channel") or "call",
            "phone": clean["phone"],
            "when": clean.get("when") or "any",
            "message": bool(clean.get("message")),
            "sender": typed["sender"],
            "alias": typed["alias"],
        }
    return said


def _show_key(request: HttpRequest, facts: Any, wish: str, key: seal.ReturnKey, due: datetime) -> HttpResponse:
    """Show the return key, once."""
    starts = due.isoformat()
    context = {
        "door": facts,
        "wish": wish,
        "key": key.shown,
        "due": due,
        "calendar": ticket.calendar_token({"starts_at": starts, "ends_at": (due + timedelta(minutes=15)).isoformat()}),
    }
    return render(request, "door/key.html", context)


@public
def calendar(request: HttpRequest) -> HttpResponse:
    """Give a calendar file that says "Aftale" and an hour, and nothing else."""
    if request.method != "POST" or body(request) is None:
        raise Http404
    try:
        held = ticket.read_calendar(request.POST.get("calendar"))
    except (seal.TokenExpired, seal.TokenForged):
        raise Http404 from None
    event = icalendar.Event()
    event.add("uid", f"{held['starts_at'][:16].replace(':', '')}@aftale")
    event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
    event.add("dtstart", datetime.fromisoformat(held["starts_at"]).astimezone(UTC))
    event.add("dtend", datetime.fromisoformat(held["ends_at"]).astimezone(UTC))
    event.add("summary", _("Appointment"))
    file = icalendar.Calendar()
    file.add("prodid", "-//kalender//DA")
    file.add("version", "2.0")
    file.add_component(event)
    headers = {"Content-Disposition": 'attachment; filename="aftale.ics"'}
    return HttpResponse(file.to_ical(), content_type="text/calendar; charset=utf-8", headers=headers)


@public
def leave(request: HttpRequest) -> HttpResponse:
    """Send somebody away to a neutral page, and ask the browser to forget what it kept of ours."""
    response = HttpResponseRedirect(catalogue.house().exit_url)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@public
def asked(request: HttpRequest, codes: str, secret: str) -> HttpResponse:
    """Ask by a link, one question at a time, and say the same to everybody who sends: this side knows no link."""
    data = body(request) if request.method == "POST" else None
    if request.method == "POST" and data is None:
        return _question(request, codes, None, *unread(request))
    if data is None:
        return _question(request, codes, None)
    if not came_from_here(request):
        return _question(request, codes, data, _("The page was sent from somewhere else. Press again here."), 403)
    try:
        held = ticket.read_ticket(data.get("ticket"))
    except (seal.TokenExpired, seal.TokenForged):
        return _question(request, codes, data, _("The page had been open for a long time. Press once more."), 409)
    going = walk(codes, data)
    if going is None or not going.done:
        return _question(request, codes, data)
    try:
        payload = ticket.letter_by_link(held, secret, going.answers())
        letter = held.letter(f"sheet {secret} {sorted(going.answers().items())}")
        services.receive_letter(letter=letter, payload=payload, by="family")
    except CANNOT_SEND as why:
        return _question(request, codes, data, *unsent(why))
    return render(request, "door/sheet_sent.html")


def _question(request: HttpRequest, codes: str, data: Any, problem: str = "", status: int = 200) -> HttpResponse:
    going = walk(codes, data)
    if going is None:
        raise Http404
    status = 422 if going.problem and status == 200 else status
    context = {"walk": going, "problem": problem, "ticket": ticket.blank_ticket().sealed()}
    return render(request, "door/sheet.html", context | {"action": request.path}, status=status)
