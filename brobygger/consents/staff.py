"""A family's consents and referral, and our own duty, for those who work here."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brobygger.access import queries as people
from brobygger.access.guards import guard, may
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.door import rules as door
from brobygger.intake import queries as intake
from brobygger.threads import services as conversations

from . import forms, likeness, queries, rules, services, weighing, wording


def _line(request: HttpRequest, thread: UUID) -> Any:
    """Fetch the worklist's row of a thread the viewer may see, or answer 404."""
    line = intake.get_line(request.user, thread)
    if line is None:
        raise Http404
    return line


@guard(Permission.KEEP_CONSENTS)
def family(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Show who may know what about a family, as sentences."""
    return _family(request, _line(request, thread))


def _family(request: HttpRequest, line: Any, form: forms.Record | None = None, status: int = 200) -> HttpResponse:
    services.look(thread=line.enquiry.thread, by=request.user)
    given = [wording.say(each) for each in queries.consents(line.enquiry.thread)]
    context = {
        "line": line,
        "standing": [each for each in given if each.given.standing],
        "closed": [each for each in given if not each.given.standing],
        "form": form or forms.Record(),
    }
    return render(request, "consents/family.html", context, status=status)


@guard(Permission.KEEP_CONSENTS)
@require_POST
def record(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Write down a consent."""
    line, form = _line(request, thread), forms.Record(request.POST)
    if not form.is_valid():
        return _family(request, line, form, 422)
    sentence = form.sentence(request.user.first_name)
    until = form.cleaned_data["until"]
    once = form.cleaned_data["once"]
    try:
        services.record(thread=line.enquiry.thread, sentence=sentence, until=until, by=request.user, once=once)
    except services.TooMany:
        form.add_error(None, _("There are too many consents to show the family. Take back some that are over first."))
        return _family(request, line, form, 422)
    messages.success(request, _("Written down. The family sees it with their key, unless it was given in confidence."))
    return redirect("consents:family", thread=thread)


@guard(Permission.KEEP_CONSENTS)
@require_POST
def withdraw(request: HttpRequest, thread: UUID, consent: UUID) -> HttpResponse:
    """Take a consent back for a family that rings or says so."""
    found = queries.get_consent(request.user, thread, consent)
    if found is None:
        raise Http404
    try:
        services.withdraw(consent=found, by=request.user)
        messages.success(request, _("Taken back. Nothing more is shared on it."))
    except services.AlreadyClosed:
        messages.info(request, _("It had been taken back already."))
    return redirect("consents:family", thread=thread)


def _sent(request: HttpRequest, thread: UUID) -> queries.Sent:
    """Fetch the referral of a thread the viewer may see, or answer 404."""
    sent = queries.get_referral(request.user, thread)
    if sent is None:
        raise Http404
    return sent


@guard(Permission.SEE_REFERRALS)
def referral(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Show a referral: whom to ring, how far it has come, and what its referrer may be told."""
    return _referral(request, _sent(request, thread))


def _referral(
    request: HttpRequest,
    sent: queries.Sent,
    *,
    form: forms.Step | None = None,
    card: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    services.look(thread=sent.referral.thread, by=request.user)
    context = {
        "sent": sent,
        "line": sent.line,
        "ladder": [(name, wording.step(name)) for name in rules.STEPS[:5]],
        "step": wording.step(sent.referral.step),
        "reason": wording.REASONS.get(sent.referral.reason, ""),
        "profession": door.PROFESSIONS.get(str(sent.said.get("profession"))),
        "place": _place(str(sent.said.get("place") or "")),
        "form": form or (forms.Step(steps=sent.next_steps) if sent.next_steps else None),
        "card": card,
        "spaced": catalogue.spaced(card["phone"]) if card else "",
        "rings": sent.may_ring and sent.line.card and may(request.user, Permission.OPEN_CONTACT),
    }
    return render(request, "consents/referral.html", context, status=status)


def _place(key: str) -> Any:
    return next((place.name for place in catalogue.places() if place.key == key), key)


@guard(Permission.OPEN_CONTACT)
@require_POST
def ring(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Show the number of a family that agreed to be rung; the reason is written for you, and the look is kept."""
    sent = _sent(request, thread)
    if not sent.may_ring:
        raise Http404
    card = conversations.look_at_card(
        thread=sent.referral.thread, reason=_("to ring a family that was sent on to us"), by=request.user
    )
    return _referral(request, sent, card=card)


@guard(Permission.SEE_REFERRALS)
@require_POST
def move(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Say how far a referral has come."""
    sent = _sent(request, thread)
    form = forms.Step(request.POST, steps=sent.next_steps)
    if not form.is_valid():
        return _referral(request, sent, form=form, status=422)
    clean = form.cleaned_data
    try:
        services.move(referral=sent.referral, to=clean["to"], reason=clean.get("reason", ""), by=request.user)
        messages.success(request, _("Written down. Whoever sent them on is told what the family agreed to, no more."))
    except rules.OutOfStep:
        messages.info(request, _("A colleague wrote something else in the meantime. Look at it again."))
    return redirect("consents:referral", thread=thread)


@guard(Permission.SEE_REFERRALS)
@require_POST
def decide(request: HttpRequest, thread: UUID, pair: UUID) -> HttpResponse:
    """Say whether two referrals with the same number are the same family."""
    found = queries.get_pair(request.user, thread, pair)
    if found is None:
        raise Http404
    likeness.decide(pair=found, same=request.POST.get("same") == "yes", by=request.user)
    messages.success(request, _("Written down. Nothing was merged; both stay as they are until you end one."))
    return redirect("consents:referral", thread=thread)


@guard(Permission.WEIGH_DUTY)
def duties(request: HttpRequest) -> HttpResponse:
    """List the weighings of our duty that this person wrote, or is the second of."""
    listed = queries.duties(request.user)
    waiting = [each for each in listed if each.second_id == request.user.pk and not hasattr(each, "reading")]
    rest = [each for each in listed if each not in waiting]
    return render(request, "consents/duties.html", {"waiting": waiting, "rest": rest})


@guard(Permission.WEIGH_DUTY)
def weigh(request: HttpRequest, thread: UUID) -> HttpResponse:
    """Write down how one weighed our own duty to notify, for a second person to read."""
    line = _line(request, thread)
    others = [one for one in people.colleagues(Permission.WEIGH_DUTY) if one != request.user]
    form = forms.Weigh(request.POST if request.method == "POST" else None, people=others)
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        said = {name: clean[name] for name in rules.WEIGHED}
        second = people.person(clean["second"])
        duty = weighing.weigh(about=thread, said=said, second=second, by=request.user, once=clean["once"])
        messages.success(request, _("Written down. It cannot be changed now, by anybody."))
        return redirect("consents:duty", duty=duty.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "consents/weigh.html", {"line": line, "form": form}, status=status)


@guard(Permission.WEIGH_DUTY)
def duty(request: HttpRequest, duty: UUID) -> HttpResponse:
    """Show a weighing to one of the two it is for; the second person says there what they think."""
    found = queries.get_duty(request.user, duty)
    if found is None:
        raise Http404
    form = forms.ReadSecond(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            weighing.read_second(duty=found, agrees=clean["agrees"] == "yes", words=clean["words"], by=request.user)
            messages.success(request, _("Written down beside it. Neither can be changed."))
        except (weighing.NotTheSecond, weighing.AlreadyRead):
            messages.info(request, _("Only the second person may say so, and only once."))
        return redirect("consents:duty", duty=duty)
    opened = weighing.look_at_duty(duty=found, by=request.user)
    status = 422 if request.method == "POST" else 200
    return render(request, "consents/duty.html", {"weighing": opened, "form": form}, status=status)
