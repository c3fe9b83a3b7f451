"""Whom an offer is for, with reasons a parent can read."""

import pytest
from django.utils import translation

from brobygger.catalogue import rules, words
from brobygger.catalogue.rules import OfferFacts, Reason, Situation

GROUP = OfferFacts(
    "gruppe",
    age_from=9,
    age_to=15,
    siblings_to=24,
    relations=rules.RELATIONS,
    past_counts=True,
    places=("glostrup",),
    area=("glostrup", "hvidovre"),
)
VISIT = OfferFacts("hjemmebesoeg", age_from=0, age_to=8, at_home=True, area=("gladsaxe",), area_only=True)
LINE = OfferFacts("telefon")
PLACES = {"glostrup": {"da": "Glostrup", "en": "Glostrup"}, "hvidovre": {"da": "Hvidovre", "en": "Hvidovre"}}


@pytest.mark.parametrize(
    ("offer", "situation", "yes", "keys"),
    [
        (GROUP, Situation(), True, ["ages", "sibling_welcome"]),
        (GROUP, Situation(age=9), True, ["age_fits", "sibling_welcome"]),
        (GROUP, Situation(age=15), True, ["age_fits", "sibling_welcome"]),
        (GROUP, Situation(age=8), False, ["too_young"]),
        (GROUP, Situation(age=25), False, ["too_old"]),
        # A welcome and no filter: an older sibling, with the little one or alone.
        (GROUP, Situation(age=17, with_younger_sibling=True), True, ["sibling_fits"]),
        (GROUP, Situation(age=24), True, ["sibling_may"]),
        # Past use counts.
        (GROUP, Situation(in_the_past=True), True, ["ages", "sibling_welcome", "past_counts"]),
        (GROUP, Situation(age=10, place="glostrup"), True, ["age_fits", "sibling_welcome", "place_fits"]),
        (GROUP, Situation(age=10, place="hvidovre"), False, ["place_other", "age_fits", "sibling_welcome"]),
        (GROUP, Situation(municipality="hvidovre"), True, ["ages", "sibling_welcome", "area_fits"]),
        (GROUP, Situation(municipality="skagen"), True, ["ages", "sibling_welcome", "area_any"]),
        (VISIT, Situation(age=0), True, ["age_fits", "at_home"]),
        (VISIT, Situation(age=9), False, ["too_old", "at_home"]),
        (VISIT, Situation(age=3, place="anywhere"), True, ["age_fits", "at_home"]),
        (VISIT, Situation(municipality="gladsaxe"), True, ["ages", "at_home", "area_fits"]),
        (VISIT, Situation(municipality="herlev"), False, ["area_other", "ages", "at_home"]),
        (LINE, Situation(), True, []),
        (LINE, Situation(age=40), True, ["any_age"]),
    ],
)
def test_what_fits_and_why(offer, situation, yes, keys):
    fit = rules.fits(offer, situation)

    assert (fit.yes, [reason.key for reason in fit.reasons]) == (yes, keys)


@pytest.mark.parametrize("relation", rules.RELATIONS)
def test_step_and_bonus_relations_count_like_the_others(relation):
    fit = rules.fits(GROUP, Situation(relation=relation))

    assert fit.yes and f"relation_{relation}" in [reason.key for reason in fit.reasons]


def test_a_relation_the_house_does_not_work_with_is_told_where_to_go_on():
    fit = rules.fits(GROUP, Situation(relation="neighbour"))

    assert not fit.yes and fit.reasons[0] == Reason("relation_other", (), speaks_for=False)
    assert rules.fits(LINE, Situation(relation="neighbour")).yes


def test_every_reason_can_be_said_in_both_languages():
    situations = [
        Situation(age=age, place=place, relation=relation, municipality=municipality, with_younger_sibling=sibling)
        for age in (None, 0, 9, 17, 40)
        for place in (None, "glostrup", "hvidovre")
        for relation in (None, "neighbour", *rules.RELATIONS)
        for municipality in (None, "gladsaxe", "skagen")
        for sibling in (False, True)
    ]
    reasons = {
        reason for offer in (GROUP, VISIT, LINE) for each in situations for reason in rules.fits(offer, each).reasons
    }

    assert {reason.key for reason in reasons} == set(words.SENTENCES)
    for language in ("da", "en"):
        with translation.override(language):
            said = [words.sentence(reason, PLACES) for reason in reasons]
        assert all(text and "%" not in text for text in said)


def test_a_reason_reads_as_people_speak():
    with translation.override("en"):
        assert words.sentence(Reason("age_fits", (("from", 2), ("to", 9))), {}) == (
            "The age fits: it is for children aged 2–9 years."
        )
        assert words.sentence(Reason("place_other", (("places", ("glostrup", "hvidovre")),)), PLACES) == (
            "We only meet in Glostrup or Hvidovre."
        )
        assert words.ages(10, None) == "from 10 years"
        assert words.ages(0, 1) == "0–1 year"
        assert words.one_or_other(["a", "b", "c"]) == "a, b or c"
