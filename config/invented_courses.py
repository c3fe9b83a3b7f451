"""Invented families with a course in the demo. Nobody here exists; the numbers are the regulator's examples."""

from typing import Any

#: therapist, days ago it began, people, parts of the course, parts of a person by position; notes as (position, days
#: ago, text).
COURSES: list[dict[str, Any]] = [
    {
        "with": "alma",
        "began": 74,
        "how": "key",
        "people": [
            {"role": "mother", "called": "Mette", "name": "Mette Eksempelsen", "phone": "+4520000001"},
            {"role": "child", "called": "Liv", "birth": "2018-05", "name": "Liv Eksempelsen"},
            {"role": "sibling", "called": "Storm", "birth": "2021-02"},
            {"role": "father", "called": "Jens", "name": "Jens Eksempelsen", "phone": "+4520000002", "protected": True},
        ],
        "parts": {
            "living": {"with": "mother", "words": "Hos far hver anden weekend."},
            "offers": {"offers": [{"key": "minigruppe", "from": "", "to": ""}]},
            "elements": {"keys": ["barnet-i-centrum", "leg"]},
        },
        "persons": {
            0: {"contact": {"channel": "sms", "when": "evening", "message": False, "sender": "", "words": ""}},
            1: {"care": {"allergies": "Nødder", "remember": "Fortalte sidst om kaninen, der er flyttet."}},
            3: {
                "use": {"uses": [{"substance": "alkohol", "when": "now"}]},
                "custody": {"holder": "shared", "told": "ask", "words": ""},
            },
        },
        "notes": [
            (1, 60, "Liv tegnede huset med to døre. Hun vil gerne komme igen og bestemme legen selv."),
            (1, 32, "Liv sagde selv, at hun tager hovedtelefoner på, når de bliver høje derhjemme."),
            (0, 30, "Mor vil øve at sige det samme hver gang: Det er ikke din skyld."),
        ],
    },
    {
        "with": "alma",
        "began": 41,
        "how": "phone",
        "people": [
            {"role": "foster", "called": "Birthe", "name": "Birthe Opdigt", "phone": "+4520000003"},
            {"role": "child", "called": "Noah", "birth": "2014-11"},
        ],
        "parts": {"living": {"with": "foster", "words": ""}},
        "persons": {1: {"care": {"allergies": "", "remember": "Vil helst sidde ved vinduet."}}},
        "notes": [(1, 20, "Noah er stille i begyndelsen og siger mere, når vi går en tur i haven.")],
    },
    {
        "with": "bo",
        "began": 120,
        "how": "present",
        "people": [
            {"role": "father", "called": "Karim", "name": "Karim Påfund", "phone": "+4520000004"},
            {"role": "child", "called": "Yara", "birth": "2016-08"},
            {"role": "grandparent", "called": "Farmor"},
        ],
        "parts": {"living": {"with": "father", "words": ""}, "tags": {"tags": []}},
        "persons": {1: {"care": {"allergies": "Laktose", "remember": "Skal hentes af farmor om onsdagen."}}},
        "notes": [(1, 15, "Yara har fået en ven i gruppen.")],
        "tonight": "alma",
    },
    {
        "with": "mikkel",
        "began": 200,
        "how": "referral",
        "people": [
            {"role": "mother", "called": "Sofie", "name": "Sofie Tænkt", "phone": "+4520000005"},
            {"role": "child", "called": "Ella", "birth": "2026-03"},
        ],
        "parts": {"living": {"with": "both", "words": ""}},
        "persons": {},
        "notes": [(0, 90, "Kommer i babygruppen. Sover bedre, siden mormor er begyndt at hjælpe.")],
        "ended": "completed",
    },
]
