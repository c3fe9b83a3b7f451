"""Pages anyone may read. They ask for nothing, keep nothing and set no cookie."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from brobygger.ground import clock
from brobygger.ground.guards import public

from . import queries, rules, words
from .forms import Finder, GroupFinder
from .rules import NeverOpen

View = Callable[..., HttpResponse]


def furnished(view: View) -> View:
    """Mark a view as public, and say kindly that we are not ready where the house has not been furnished."""

    @public
    @wraps(view)
    def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except (queries.NotFurnished, NeverOpen):
            return render(request, "catalogue/not_yet.html", status=503)

    return inner


@furnished
def front(request: HttpRequest) -> HttpResponse:
    """Show the lit window: who we are, four doors, the promised hour, and who is there if we are not."""
    now = clock.now()
    house = queries.house()
    context = {
        "texts": house.texts,
        "number": queries.spaced(house.phone),
        "doors": queries.doors(),
        "answer": queries.answer_by(now),
        "open": queries.open_now(now),
        "lines": [line for line in queries.lines(now) if line.open.is_open],
        "offers": [offer for offer in queries.offers() if offer.audience != "professional"],
    }
    return render(request, "catalogue/front.html", context)


@furnished
def offers(request: HttpRequest) -> HttpResponse:
    """List what we offer; with an age or a place, say of each whether it fits, and why."""
    meant = {key for offer in queries.offers() for key in offer.places}
    places = [(place.key, place.name) for place in queries.places() if place.key in meant]
    asked = any(request.GET.get(field) for field in Finder.base_fields)
    form = Finder(request.GET if asked else None, places=places, language=get_language() or "da")
    context: dict[str, Any] = {"finder": form, "found": None, "meets": bool(queries.open_groups())}
    if asked and form.is_valid():
        found = queries.matches(form.situation())
        context["found"] = [match for match in found if match.yes]
        context["others"] = [match for match in found if not match.yes]
    else:
        context["offers"] = [(offer, _ages(offer)) for offer in queries.offers() if offer.audience != "professional"]
        context["for_professionals"] = [offer for offer in queries.offers() if offer.audience == "professional"]
    return render(request, "catalogue/offers.html", context)


@furnished
def groups(request: HttpRequest) -> HttpResponse:
    """List the groups one may begin in; with an age, a place or weeks, those that suit, and else what is near."""
    shown = [_group(row) for row in queries.open_groups()]
    places = {each["row"].place: each["place"] for each in shown}
    asked = any(request.GET.get(field) for field in GroupFinder.base_fields)
    form = GroupFinder(
        request.GET if asked else None,
        places=sorted(places.items(), key=lambda each: each[0]),
        language=get_language() or "da",
        week=clock.today().isocalendar().week,
    )
    context: dict[str, Any] = {"finder": form, "groups": shown, "asked": False, "house_rule": queries.welcome()}
    if asked and form.is_valid():
        situation, weeks = form.situation(), form.cleaned_data["weeks"]
        missed = [(each, rules.misses(situation, weeks, each["row"])) for each in shown]
        # Who asks for a child is told of a group for parents too, but apart.
        parents = [each for each, why in missed if not why and not each["ages"] and situation.age is not None]
        fits = [match for match in queries.matches(situation) if match.yes]
        grouped = {each["row"].offer for each in shown if each["row"].places != "open"}
        context |= {
            "asked": True,
            "groups": [each for each, why in missed if not why and each not in parents],
            "parents": parents,
            # What misses by one thing other than age can be asked for.
            "near": [(each, why[0]) for each, why in missed if len(why) == 1 and why[0] != "age"],
            "meanwhile": [match.offer for match in fits if match.offer.key not in grouped][:5],
        }
    return render(request, "catalogue/groups.html", {**context, "door": _door_to("family")})


def _group(row: Any) -> dict[str, Any]:
    """Put a group into words, with its offer and its place."""
    sibling = row.siblings_to and (row.siblings_to - 1) // 12
    return {
        "row": row,
        "offer": queries.offer(row.offer),
        "place": queries.place(row.place).name,
        "ages": words.months(row.months_from, row.months_to),
        "siblings_to": sibling,
        "begins": datetime.combine(row.dates[0], row.begins, clock.TZ),
        "ends": datetime.combine(row.dates[0], row.ends, clock.TZ),
    }


@furnished
def offer(request: HttpRequest, key: str) -> HttpResponse:
    """Show one offer: what it is, whom it is for, and what happens the first time."""
    found = queries.offer(key)
    named = {place.key: place for place in queries.places()}
    context = {
        "offer": found,
        "ages": _ages(found),
        "siblings_to": queries.facts(found).siblings_to,
        "places": [named[each] for each in found.places if each in named],
        "door": _door_to(found.audience),
        "meets": any(row.offer == found.key for row in queries.open_groups()),
    }
    return render(request, "catalogue/offer.html", context)


@furnished
def questions(request: HttpRequest) -> HttpResponse:
    """Show what people ask, and what we answer."""
    return render(request, "catalogue/questions.html", {"questions": queries.questions()})


@furnished
def kept(request: HttpRequest) -> HttpResponse:
    """Say what we do with what you write."""
    return render(request, "catalogue/kept.html", {"texts": queries.house().texts})


@public
def colours(request: HttpRequest) -> HttpResponse:
    """Give the house's colours as a stylesheet; under the address of its version it may be kept for ever.

    Only for the screen: on paper the printer's own black and white stays.
    """
    try:
        house = queries.house()
    except queries.NotFurnished:
        return HttpResponse("", content_type="text/css; charset=utf-8")
    day, night = (_properties(house.colours[part]) for part in ("day", "night"))
    css = f"@media screen{{:root{{{day}}}}}@media screen and (prefers-color-scheme:dark){{:root{{{night}}}}}"
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    known = request.GET.get("v") == house.version
    response["Cache-Control"] = "public, max-age=31536000, immutable" if known else "no-cache"
    return response


def _properties(named: dict[str, str]) -> str:
    return ";".join(f"--{name}:{named[name]}" for name in rules.COLOURS)


def _ages(offer: Any) -> str:
    """Say whom an offer is for by age; nothing where age does not matter."""
    facts = queries.facts(offer)
    return "" if facts.age_from is None and facts.age_to is None else words.ages(facts.age_from, facts.age_to)


def _door_to(audience: str) -> str:
    """Choose the door an offer leads to: its own if it is open, else the first that is."""
    wanted = {"young": "young", "professional": "professional"}.get(audience, "parent")
    open_doors = [door.key for door in queries.doors()]
    return wanted if wanted in open_doors or not open_doors else open_doors[0]
