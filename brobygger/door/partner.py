"""A professional who sits with a parent, and sends the family on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django import forms as django_forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.forms import Phone
from brobygger.ground.guards import public
from brobygger.ground.templatetags.house import say_clock
from brobygger.privacy import seal

from . import correspondence, forms, queries, rules, services, ticket
from .public import CANNOT_SEND, body, came_from_here, unread, unsent

WISH = "referral"
#: The house has changed its words between the page and the press: nobody says yes to what nobody read.
NEW_WORDS = gettext_lazy(
    "The text the parent says yes to has just been changed. Nothing has been sent. Read the new one together, and tick "
    "again; the rest is still here."
)
SHARE = [
    ("none", gettext_lazy("Nothing")),
    ("contact", gettext_lazy("Only whether we have got in touch")),
    ("ladder", gettext_lazy("How it goes, step by step: begun, ended, helped on")),
]
UNITS = [("months", gettext_lazy("months")), ("years", gettext_lazy("years"))]


class Refer(django_forms.Form):
    """A family sent on, filled in by two people at one table. Nothing about the drinking is asked."""

    agreed = django_forms.BooleanField(
        label=gettext_lazy("The parent is here with me, has read this and says yes"),
        error_messages={
            "required": gettext_lazy("We may only have the number if the parent is with you and says yes.")
        },
    )
    share = django_forms.ChoiceField(
        choices=SHARE,
        widget=django_forms.RadioSelect,
        label=gettext_lazy("What may the one who refers be told afterwards?"),
        error_messages={"required": gettext_lazy("Let the parent choose what may be told afterwards.")},
    )
    first_name = forms.Plain(
        label=gettext_lazy("The parent's first name"),
        error_messages={"required": gettext_lazy("Write a first name to ask for.")},
    )
    phone = Phone(
        label=gettext_lazy("The parent's number"),
        error_messages={"required": gettext_lazy("Write the number we may ring.")},
    )
    when = django_forms.ChoiceField(
        choices=forms.WHEN,
        initial="any",
        widget=django_forms.RadioSelect,
        label=gettext_lazy("When is it safe to ring?"),
    )
    message = django_forms.BooleanField(required=False, label=gettext_lazy("We may leave a message if nobody answers"))
    text_message = django_forms.BooleanField(
        required=False, label=gettext_lazy("Send the parent a text message: who rings, and how to take it back")
    )
    age_n = django_forms.IntegerField(
        required=False, min_value=0, max_value=36, label=gettext_lazy("The youngest child's age")
    )
    age_unit = django_forms.ChoiceField(
        required=False, choices=UNITS, initial="years", label=gettext_lazy("Months or years?")
    )
    expecting = django_forms.BooleanField(required=False, label=gettext_lazy("They are expecting a child"))
    interpreter = forms.Plain(required=False, label=gettext_lazy("Interpreter: which language?"))
    text = forms.Words(
        required=False, label=gettext_lazy("What the parent wishes, in her or his own words"), max_length=1000
    )

    #: What stands folded, for whoever wants to say more.
    FOLDED = ("age_n", "age_unit", "expecting", "interpreter", "place", "profession", "text", "text_message")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer this house's places, and a text message only where one can be sent."""
        super().__init__(*args, **options)
        self.fields["phone"].widget.attrs["type"] = "tel"
        places = forms.choices(catalogue.places(), "name")
        if places:
            self.fields["place"] = django_forms.ChoiceField(
                choices=[("", gettext_lazy("It does not matter")), *places],
                required=False,
                label=gettext_lazy("Where suits best?"),
            )
        self.fields["profession"] = django_forms.ChoiceField(
            choices=[("", gettext_lazy("I would rather not say")), *forms.professions()[1:]],
            required=False,
            label=gettext_lazy("What do you work as?"),
        )
        self.fields["text"].widget.attrs |= {"rows": 3, "autocomplete": "off", "maxlength": 1000}
        if "sms" not in settings.CHANNELS_OFFERED:
            self.fields.pop("text_message")

    @property
    def first(self) -> list[django_forms.BoundField]:
        """Give what everybody fills in, after the consent."""
        return [self[name] for name in ("share", "first_name", "phone", "when", "message")]

    @property
    def more(self) -> list[django_forms.BoundField]:
        """Give what may be left out."""
        return [self[name] for name in self.FOLDED if name in self.fields]

    @property
    def unfolded(self) -> bool:
        """Tell whether something among what may be left out has been filled in or is wrong."""
        return any(
            self[name].errors or self[name].data for name in self.FOLDED if name in self.fields and name != "age_unit"
        )

    def clean(self) -> dict[str, Any]:
        """See that a number of months or years is what it says."""
        clean = super().clean() or {}
        if clean.get("age_n") is not None and clean.get("age_unit") != "months" and clean["age_n"] > 25:
            self.add_error("age_n", gettext_lazy("Are these months? Then choose months below."))
        return clean


@dataclass(frozen=True)
class Asked:
    """What a page of this door stands on: the words a parent says yes to, and what was typed."""

    words: catalogue.Worded
    form: Refer
    token: ticket.Referral | None = None


@public
def refer(request: HttpRequest) -> HttpResponse:
    """Show the referral page, or take a referral."""
    words = catalogue.wording("referral")
    if words is None or not catalogue.door("professional").enabled:
        raise Http404
    if request.method != "POST":
        return _show(request, Asked(words, Refer()))
    data = body(request)
    if data is None:
        problem, status = unread(request)
        return _show(request, Asked(words, Refer()), problem=problem, status=status)
    asked = Asked(words, Refer(data))
    if not came_from_here(request):
        return _read_again(request, words, data, forms.PLANTED, 403)
    try:
        token = ticket.read_referral(data.get("token"))
    except seal.TokenExpired as why:
        if why.payload.get("digest") != words.digest:
            return _read_again(request, words, data)
        return _show(request, asked, problem=str(forms.EXPIRED), status=409)
    except seal.TokenForged:
        return _read_again(request, words, data, forms.FORGED)
    if token.digest != words.digest:
        return _read_again(request, words, data)
    return _take(request, Asked(words, asked.form, token), data.get("slip"))


def _read_again(
    request: HttpRequest, words: catalogue.Worded, data: Any, problem: Any = NEW_WORDS, status: int = 409
) -> HttpResponse:
    """Show the words as they are now, with everything typed but the yes: we do not know to which words that was."""
    typed = data.copy()
    typed.pop("agreed", None)
    form = Refer(typed)
    form.errors.clear()
    return _show(request, Asked(words, form), problem=str(problem), status=status)


def _show(
    request: HttpRequest, asked: Asked, *, problem: str = "", found: list[rules.Slip] | None = None, status: int = 200
) -> HttpResponse:
    """Show the page with whatever was typed still in it."""
    promised = catalogue.answer_by(clock.now()).isoformat()
    token = asked.token or ticket.new_referral(promised, asked.words.digest)
    context = {
        "words": asked.words.text.splitlines(),
        "form": asked.form,
        "token": token.sealed(),
        "due": datetime.fromisoformat(token.promised),
        "silent": not queries.letters_are_opened(),
        "problem": problem,
        "kinds": rules.kinds(found or []),
        "may_keep": rules.may_keep(found or [], WISH),
    }
    return render(request, "door/refer.html", context, status=status)


def _take(request: HttpRequest, asked: Asked, slip: str | None) -> HttpResponse:
    """Take a referral whose page is ours: ask about slips, seal, show two keys."""
    form, token = asked.form, asked.token
    assert token is not None
    if not form.is_valid():
        return _show(request, asked, status=422)
    found = rules.slips_in(form.cleaned_data, WISH)
    if not rules.decided(found, slip, WISH):
        return _show(request, asked, found=found, status=422)
    clean = rules.masked_in(form.cleaned_data, WISH) if slip == "mask" else form.cleaned_data
    written = clock.now()
    due = rules.promised(datetime.fromisoformat(token.promised), written, catalogue.answer_by)
    letter = uuid5(UUID(token.letter), str(sorted(form.cleaned_data.items())))
    try:
        payload = {
            "kind": WISH,
            "once": token.letter,
            "box": seal.new_box(seal.read_key(token.key)).as_payload(),
            "referrer": {"box": seal.new_box(seal.read_key(token.own)).as_payload()},
            "door": "parent",
            "wish": WISH,
            "language": get_language(),
            "written_at": written.isoformat(),
            "answer_by": due.isoformat(),
            **_said(asked.words, clean),
        }
        services.receive_referral(letter=letter, payload=payload, by="family")
    except CANNOT_SEND as why:
        problem, status = unsent(why)
        return _show(request, asked, problem=problem, status=status)
    return _sent(request, token, clean, due)


def _said(words: catalogue.Worded, clean: dict[str, Any]) -> dict[str, Any]:
    """Put what the two of them filled in into the shape of a letter."""
    age = clean.get("age_n")
    return {
        "text": clean["text"],
        "referral": {
            "first_name": clean["first_name"],
            "age": None if age is None else {"n": age, "unit": clean.get("age_unit") or "years"},
            "expecting": clean["expecting"],
            "interpreter": clean["interpreter"],
            "place": clean.get("place", ""),
            "profession": clean["profession"],
            "share": clean["share"],
            "text_message": bool(clean.get("text_message")),
        },
        "consent": {
            "text": words.text,
            "digest": words.digest,
            "key": words.key,
            "how": "present",
            "days": words.days,
        },
        "reach": {
            "channel": "call",
            "phone": clean["phone"],
            "when": clean["when"],
            "message": clean["message"],
            "sender": "",
            "alias": clean["first_name"],
        },
    }


def _sent(request: HttpRequest, token: ticket.Referral, clean: dict[str, Any], due: datetime) -> HttpResponse:
    """Show both keys, once: the slip for the parent, and the referrer's own."""
    places = {row.key: row.name for row in catalogue.places()}
    house = catalogue.house()
    day = correspondence.on_paper(clock.local(due).date())
    by = {"house": house.name, "day": day, "hour": say_clock(due)}
    context = {
        "key": token.key,
        "own": token.own,
        "due": due,
        "due_day": day,
        "clean": clean,
        "number": catalogue.spaced(clean["phone"]),
        "place": places.get(clean.get("place", "")),
        "host": request.get_host(),
        "for_parent": _for_parent(by, catalogue.spaced(house.phone)),
        "for_record": _for_record(by),
    }
    return render(request, "door/referred.html", context)


def _for_parent(by: dict[str, str], phone: str) -> str:
    """Write the message a parent may get in the referrer's own way: until when we ring, how to take it back.

    It lies on a telephone that others may look at, so it does not say which house this is.
    """
    said = _("They ring you by %(day)s at %(hour)s.") % by
    if phone:
        return f"{said} " + _("If you change your mind, ring %(phone)s, or use your key.") % {"phone": phone}
    return f"{said} " + _("If you change your mind, use your key, or say so when they ring.")


def _for_record(by: dict[str, str]) -> str:
    """Write a sentence for the referrer's own record: nobody's name stands in it."""
    today = {"today": correspondence.on_paper(clock.today())}
    referred = _("Referred to %(house)s on %(today)s with the parent's consent.") % (by | today)
    return f"{referred} " + _("%(house)s rings the parent by %(day)s at %(hour)s.") % by
