"""What becomes of every field: each model names the fate of each of its columns in `FATES`."""

from enum import StrEnum
from typing import Any, Self


class Fate(StrEnum):
    """The ends a piece of stored data may come to; `means` says it in a sentence for docs/privacy.md."""

    means: str

    def __new__(cls, word: str, means: str) -> Self:
        """Give the word its sentence."""
        fate = str.__new__(cls, word)
        fate._value_ = word
        fate.means = means
        return fate

    KEPT = "kept", "About no person: how the house is furnished and run. Kept."
    LINK = "link", "A random id that points to another row; means nothing when either row is gone."
    WITH_THREAD = "with thread", "Sealed under the thread's own key; unreadable for ever when that key is destroyed."
    WITH_IDENTITY = "with identity", "Sealed under a key of its own; removed on wish, apart from the thread."
    UNTIL_END = "until end", "A clear fact the worklist needs; its row is deleted when the thread ends."
    WITH_BOX = "with box", "Belongs to a box; deleted when the box is burned, closed or has lain idle."
    WITH_ANSWER = "with answer", "Belongs to an answer on its way out; deleted after about 90 days, or with the box."
    LETTER = "letter", "Sealed to the key of the week; deleted as soon as the letter is opened."
    EMPTIED = "emptied", "Emptied as soon as the answer is given."
    DAY_AFTER = "day after", "Erased the day after it was needed."
    PASSING = "passing", "Waits to be sent or remembered for a moment; deleted within two days."
    COUNTED = "counted", "A count by week, without an id of anybody. Kept."
    TOKEN = "token", "The hash of a secret that only its owner has; deleted with its row."
    KEY = "key", "A wrapped key; overwritten and deleted when what it guards shall be gone."
    DUTY = "duty", "A weighing of our own duty to notify, under a key of its own; kept five years, then destroyed."
    WITH_COURSE = (
        "with course",
        "Sealed under a key of a named course or of one person in it; gone when that is destroyed.",
    )
    COURSE = "course", "A clear fact of a named course; its row is deleted when its period is over, or on wish."
    EVENING = "evening", "One sentence about a group's evening, under a key of its own; destroyed two years after."
    LOG = "log", "That something was destroyed, when and by what rule; says nothing about whom. Kept."
    STAFF = "staff", "About somebody who works here; kept while they do, and as long after as the law asks."
    AUDIT = "audit", "Who did what to which id, and when. Never content. Cannot be changed or deleted."


def without_fate(model: Any) -> list[str]:
    """Name the concrete fields of a model whose fate nobody has declared, and the fates without a field."""
    declared = getattr(model, "FATES", {})
    columns = {column.name for column in model._meta.concrete_fields}
    return sorted(columns ^ set(declared))
