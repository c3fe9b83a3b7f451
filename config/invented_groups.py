"""Invented groups for the demo, and the first names of the families in them. Nobody here exists."""

from typing import Any

#: What a group is: the catalogue's offer and its name, where and when, for whom, who leads, and how it fills. Ages are
#: in months, the upper one the first that is too old; of the `full` seats some are on pause, others offered or left.
GROUPS: list[dict[str, Any]] = [
    {
        "offer": "babygruppe", "name": "Babygruppe Glostrup", "at": ("glostrup", 1), "kind": "pair",
        "every": 2, "weekday": 1, "even": True, "hours": ("10:00", "12:30"), "ages": (0, 13), "seats": 8,
        "leaders": ("lone", "alma"), "full": 7, "offered": 1, "left": 3,
    },
    {
        "offer": "babygruppe", "name": "Babygruppe Hillerød", "at": ("hilleroed", 1), "kind": "pair",
        "every": 2, "weekday": 2, "even": False, "hours": ("10:00", "12:30"), "ages": (0, 13), "seats": 8,
        "leaders": ("lone", "nadia"), "full": 5, "paused": 1, "left": 2,
    },
    {
        "offer": "babygruppe", "name": "Babygruppe Hvidovre", "at": ("hvidovre", 1), "kind": "pair",
        "every": 2, "weekday": 3, "even": True, "hours": ("10:00", "12:30"), "ages": (0, 13), "seats": 8,
        "leaders": ("lone", "signe"), "full": 8, "left": 4,
    },
    {
        "offer": "minigruppe", "name": "Minigruppe 6–8 år", "at": ("glostrup", 2), "kind": "child",
        "every": 2, "weekday": 0, "even": True, "hours": ("15:30", "17:00"), "ages": (72, 108), "seats": 6,
        "leaders": ("aisha", "nadia", "peter", "mikkel"), "meetings": 6, "begins": -4, "talks": 1, "full": 6,
    },
    {
        "offer": "foraeldregruppe", "name": "Forældre til minigruppen", "at": ("glostrup", 3), "kind": "parent",
        "every": 2, "weekday": 0, "even": True, "hours": ("15:30", "17:00"), "ages": (216, 1200), "seats": 8,
        "leaders": ("birgit", "rasmus"), "meetings": 6, "begins": -4, "beside": ("Minigruppe 6–8 år", [2, 4, 6]),
        "full": 5,
    },
    {
        "offer": "gruppe", "name": "Børnegruppe 9–11 år", "at": ("glostrup", 1), "kind": "child",
        "every": 2, "weekday": 1, "even": False, "hours": ("15:30", "17:30"), "ages": (108, 144), "siblings": 168,
        "seats": 8, "leaders": ("alma", "rasmus"), "talks": 1, "full": 8, "paused": 1, "left": 2,
    },
    {
        "offer": "gruppe", "name": "Børnegruppe 12–15 år", "at": ("glostrup", 2), "kind": "child",
        "every": 2, "weekday": 3, "even": True, "hours": ("16:00", "18:00"), "ages": (144, 192), "siblings": 228,
        "seats": 8, "leaders": ("bo", "jonna"), "talks": 1, "full": 6, "offered": 1, "left": 2,
    },
    {
        "offer": "gruppe", "name": "Ungegruppe", "at": ("glostrup", 1), "kind": "child",
        "every": 1, "weekday": 2, "hours": ("17:00", "19:30"), "ages": (192, 300), "seats": 10,
        "leaders": ("peter", "jonna"), "full": 9, "left": 5,
    },
    {
        "offer": "foraeldregruppe", "name": "Forældregruppe", "at": ("glostrup", 3), "kind": "parent",
        "every": 2, "weekday": 0, "even": False, "hours": ("19:00", "21:00"), "ages": (216, 1200), "seats": 10,
        "leaders": ("mikkel", "birgit"), "full": 7, "offered": 1, "left": 2,
    },
    {
        "offer": "aaben-cafe", "name": "Åben café", "at": ("glostrup", 4), "kind": "cafe",
        "every": 0, "weekday": 5, "hours": ("10:00", "13:00"), "ages": (0, 1200), "seats": 30,
        "leaders": ("signe", "birgit"), "full": 0,
    },
]  # fmt: skip

#: offer, and how many wait for a seat in it beside those who have one.
WAITING = (("babygruppe", 5), ("minigruppe", 4), ("gruppe", 8), ("foraeldregruppe", 3))

BABIES = (
    "Alba", "Anker", "Asta", "Bertil", "Billie", "Carlo", "Dagmar", "Ellie", "Elton", "Frej", "Gry", "Hjalte",
    "Ibi", "Karlo", "Laust", "Lærke", "Mynte", "Olga", "Pil", "Svend", "Tilde", "Ulf", "Vega", "Viggo", "Ylva",
)  # fmt: skip
CHILDREN = (
    "Adam", "Agnes", "Albert", "Amal", "Andrea", "Anton", "Astrid", "Aya", "Bjørn", "Cecilie", "Daniel", "Ditte",
    "Elias", "Emil", "Esther", "Felix", "Filippa", "Freja", "Gustav", "Hannah", "Idris", "Ida", "Jasmin", "Johan",
    "Josefine", "Kalle", "Karla", "Laura", "Lea", "Lukas", "Maja", "Malik", "Marius", "Mathilde", "Mie", "Milas",
    "Naja", "Nora", "Oliver", "Oskar", "Rosa", "Samir", "Sara", "Selma", "Silas", "Sofus", "Theo", "Thea", "Villads",
)  # fmt: skip
PARENTS = (
    "Anne", "Bettina", "Camilla", "Charlotte", "Dorte", "Fatima", "Gitte", "Hanne", "Henrik", "Ida", "Jakob", "Jane",
    "Katrine", "Kim", "Lars", "Lene", "Line", "Louise", "Mads", "Maria", "Morten", "Pernille", "Rikke", "Sanne",
    "Stine", "Thomas", "Tina", "Trine", "Ulla", "Zeynep",
)  # fmt: skip
#: What somebody cannot eat, and what to remember; most have neither.
CARE = (
    {"allergies": "Mælk", "remember": ""},
    {"allergies": "", "remember": "Vil gerne sidde ved døren."},
    {"allergies": "Nødder", "remember": "Fik en lillebror i sommer."},
    {"allergies": "", "remember": "Skal hentes præcis til tiden."},
    {"allergies": "Gluten", "remember": ""},
    {"allergies": "", "remember": "Bliver glad for en opgave i køkkenet."},
)
