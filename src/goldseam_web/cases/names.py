"""Names as they are kept, and as they are looked for."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

# Who is spoken of where no name is known, and more than one other.
SOMEBODY = "Somebody"
THE_OTHERS = "the others"


@dataclass(frozen=True)
class PersonNames:
    """What a person is called: first name, or whatever they are called, and family name.

    ``told_apart_by``: year of birth or number, by the word of `SecondLine`; most people have none.
    """

    display_name: str
    family_name: str
    told_apart_by: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, packed: str) -> Self:
        """Read what `PersonIdentity.names` holds."""
        return cls(*json.loads(packed))

    def __str__(self) -> str:
        return f"{self.display_name} {self.family_name}".strip()


def kept_name(text: str) -> str:
    """A name without what nobody sees: characters that steer, join, or turn the direction of other text."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cf"))
    return unicodedata.normalize("NFC", seen).strip()


def is_in_names(query: str, names: Iterable[str]) -> bool:
    """Whether what is looked for stands in any of these names, whatever the case and accents of its letters."""
    return any(_folded(query) in _folded(name) for name in names)


def alike(text: str) -> str:
    """A name as it is compared: without case, accents and spaces around it."""
    if text.isascii() and text.isprintable():  # nothing in it to take out, and no accents
        return text.strip().casefold()
    return _folded(kept_name(text))


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
