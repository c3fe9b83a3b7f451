"""Invented people and letters for the demo. Nobody here exists; every address ends in .example."""

from typing import Any

from brobygger.intake.rules import Call

#: handle, first name, title, role, profession. Fourteen at work, then the partner's coordinator and the operator.
_PSYCHOLOGIST = {"da": "psykolog", "en": "psychologist"}
_VISITOR = {"da": "sundhedsplejerske", "en": "health visitor"}
_THERAPIST = {"da": "familieterapeut", "en": "family therapist"}
PEOPLE: list[tuple[str, str, dict[str, str], str, str]] = [
    ("alma", "Alma", _THERAPIST, "therapist", "family_therapist"),
    ("bo", "Bo", _THERAPIST, "therapist", "family_therapist"),
    ("signe", "Signe", _THERAPIST, "therapist", "family_therapist"),
    ("mikkel", "Mikkel", _PSYCHOLOGIST, "therapist", "psychologist"),
    ("jonna", "Jonna", _THERAPIST, "therapist", "family_therapist"),
    ("peter", "Peter", _PSYCHOLOGIST, "therapist", "psychologist"),
    ("aisha", "Aisha", _PSYCHOLOGIST, "therapist", "psychologist"),
    ("lone", "Lone", _VISITOR, "therapist", "health_visitor"),
    ("rasmus", "Rasmus", _THERAPIST, "therapist", "family_therapist"),
    ("nadia", "Nadia", _PSYCHOLOGIST, "therapist", "psychologist"),
    ("birgit", "Birgit", _THERAPIST, "therapist", "family_therapist"),
    ("finn", "Finn", {"da": "administrator", "en": "administrator"}, "administrator", "other"),
    ("gro", "Gro", {"da": "kommunikation", "en": "communications"}, "communications", "other"),
    ("clara", "Clara", {"da": "leder", "en": "leader"}, "leader", "other"),
    ("dan", "Dan", {"da": "koordinator i kommunen", "en": "coordinator in the municipality"}, "partner", "other"),
    ("ole", "Ole", {"da": "drift", "en": "operations"}, "operator", "other"),
]

#: door, wish, hours ago, what it says, what is asked besides, and how far it has come.
LETTERS: list[dict[str, Any]] = [
    {
        "door": "parent",
        "wish": "write",
        "ago": 1.2,
        "until": "waits",
        "age_band": "3-10",
        "text": "Min mand falder i søvn på sofaen hver aften. Ungerne kan godt se det. Jeg ved ikke, hvad jeg "
        "skal sige til dem.",
    },
    {
        "door": "parent",
        "wish": "time",
        "ago": 3.5,
        "until": "waits",
        "where": "home",
        "when": "morning",
        "age_band": "0-2",
        "text": "Hun er seks uger og græder i timevis. Jeg er alene om det, og jeg er så træt.",
    },
    {
        "door": "child",
        "wish": "write",
        "ago": 6,
        "until": "waits",
        "text": "min mor drikker og så sover hun. jeg laver mad til min lillebror. er det min skyld",
    },
    {
        "door": "young",
        "wish": "write",
        "ago": 9,
        "until": "waits",
        "text": "Jeg er flyttet hjemmefra, men jeg ligger stadig vågen og tænker på, om min far er okay. Er "
        "jeg for gammel til jer?",
    },
    {
        "door": "professional",
        "wish": "write",
        "ago": 20,
        "until": "waits",
        "text": "Jeg har en dreng på seks i klassen, som er blevet meget stille. Hvordan spørger jeg uden at "
        "skræmme ham?",
    },
    {
        "door": "professional",
        "wish": "sparring",
        "ago": 2.5,
        "until": "waits",
        "where": "sparring",
        "profession": "teacher",
        "text": "En pige på ni kommer for sent hver mandag og siger, at hun har passet sin lillebror. Må jeg tage "
        "ti minutter med jer om det?",
    },
    {
        "door": "parent",
        "wish": "call",
        "ago": 15,
        "until": "taken",
        "when": "morning",
        "phone": "+4530000001",
        "text": "Ring hellere end at skrive. Min kæreste ser min telefon om aftenen.",
    },
    {
        "door": "parent",
        "wish": "write",
        "ago": 22,
        "until": "taken",
        "age_band": "3-10",
        "text": "Jeg er stoppet med at drikke for to år siden. Min søn spørger til det nu. Hvordan svarer jeg "
        "ham ærligt?",
    },
    {
        "door": "parent",
        "wish": "time",
        "ago": 30,
        "until": "answered",
        "where": "house",
        "when": "any",
        "text": "Vi vil gerne tale med nogen sammen. Det er svært at blive enige om noget.",
    },
    {
        "door": "young",
        "wish": "time",
        "ago": 34,
        "until": "answered",
        "where": "house",
        "when": "afternoon",
        "text": "Må min søster komme med? Hun er 22.",
    },
    {
        "door": "parent",
        "wish": "time",
        "ago": 40,
        "until": "chosen",
        "where": "house",
        "when": "morning",
        "channel": "sms",
        "phone": "+4530000002",
        "text": "Vi vil gerne se huset, før min datter skal med.",
    },
    {
        "door": "parent",
        "wish": "time",
        "ago": 44,
        "until": "chosen",
        "where": "house",
        "when": "afternoon",
        "text": "Min bror har det ikke godt, og det fylder hele familien.",
    },
    {
        "door": "parent",
        "wish": "time",
        "ago": 46,
        "until": "chosen",
        "where": "home",
        "when": "any",
        "text": "Det er nemmest, hvis I kommer her. Jeg har tre små.",
    },
    {
        "door": "parent",
        "wish": "write",
        "ago": 52,
        "until": "key",
        "where": "house",
        "age_band": "3-10",
        "text": "Jeg er bange for, at jeg er den, der ødelægger det. Kan man bare komme og snakke?",
    },
]

ANSWERS = [
    "Tak, fordi du skrev. Det er ikke din skyld, og du er ikke den eneste. Vil du tale med os om det? Her er "
    "tre tider.",
    "Det lyder hårdt at stå med alene. Vi vil gerne hjælpe. Se om en af tiderne passer dig; ellers skriver du bare.",
    "Godt du skrev. Det, du beskriver, er der mange familier, der kender. Kom forbi, så ser vi på det sammen.",
]

#: What the administrator wrote down while people talked.
CALLS = [
    Call(
        channel="phone", door="parent", what="ring", when="morning", text="Hun vil helst tale med en kvinde.",
        reach={
            "channel": "call", "phone": "+4530000002", "when": "morning",
            "message": False, "sender": "", "alias": "L.",
        },
    ),
    Call(channel="walk_in", door="young", what="key", text="Han vil selv skrive i aften."),
]  # fmt: skip

#: Families that professionals have sent on: first name, number, profession, how much is told, hours ago, how far.
REFERRALS: list[dict[str, Any]] = [
    {
        "first_name": "Mette", "phone": "+4530000011", "profession": "health_visitor", "share": "ladder", "ago": 290,
        "age": {"n": 6, "unit": "months"}, "steps": ["trying", "contact"], "text": "Jeg vil gerne sove om natten igen.",
    },
    {"first_name": "Yusra", "phone": "+4530000012", "profession": "midwife", "share": "contact", "ago": 4,
     "age": None, "expecting": True, "interpreter": "arabisk", "steps": ["trying"]},
    {"first_name": "Lene", "phone": "+4530000013", "profession": "teacher", "share": "none", "ago": 2,
     "age": {"n": 8, "unit": "years"}, "steps": []},
    {"first_name": "Lene", "phone": "+4530000013", "profession": "health_visitor", "share": "contact", "ago": 1,
     "age": {"n": 8, "unit": "years"}, "steps": []},
]  # fmt: skip
