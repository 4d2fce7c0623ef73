"""Words that tell somebody who reads over a shoulder what a message is about."""

import re
import unicodedata

# Beginnings of words, in small letters. Whoever shares a home, a phone or a mailbox may read a subject or a signature.
CLINICAL = (
    "abuse",
    "addict",
    "alliance",
    "anxi",
    "behavio",
    "bereave",
    "clinic",
    "counsel",
    "couple",
    "crisis",
    "depress",
    "disorder",
    "divorce",
    "famil",
    "grief",
    "health",
    "marriage",
    "marital",
    "mental",
    "patient",
    "psych",
    "relationship",
    "rupture",
    "session",
    "strain",
    "suicid",
    "symptom",
    "tension",
    "therap",
    "trauma",
    "treatment",
    "violence",
    "wellbeing",
    "well-being",
)
_FOUND = re.compile(rf"(?:{'|'.join(map(re.escape, CLINICAL))})", re.IGNORECASE)


def clinical_words(text: str) -> list[str]:
    """The words of a text that would tell, as they are read: with accents, in wide letters or broken unseen, too."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    words = re.findall(r"[\w'-]+", unicodedata.normalize("NFKC", seen))
    return [word for word in words if _FOUND.search(_without_accents(word))]


def _without_accents(word: str) -> str:
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter)
    )


def names_treatment(text: str) -> bool:
    """Whether a text tells what it is about."""
    return bool(clinical_words(text))
