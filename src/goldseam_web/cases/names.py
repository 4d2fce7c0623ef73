"""Names as they are kept, and as they are looked for."""

import unicodedata
from collections.abc import Iterable

# Who is spoken of where no name is known, and more than one other.
SOMEBODY = "Somebody"
THE_OTHERS = "the others"


def kept_name(text: str) -> str:
    """A name without what nobody sees: characters that steer, join, or turn the direction of other text."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cf"))
    return unicodedata.normalize("NFC", seen).strip()


def is_in_names(query: str, names: Iterable[str]) -> bool:
    """Whether what is looked for stands in any of these names, whatever the case and accents of its letters."""
    return any(_folded(query) in _folded(name) for name in names)


def alike(text: str) -> str:
    """A name as it is compared: without case, accents and spaces around it."""
    return _folded(kept_name(text))


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
