"""What the columns of a table of ratings are called, and how the names in them are compared."""

from unicodedata import normalize

KEYS = ("case", "rater", "scale", "phase")
REQUIRED = ("case", "rater", "scale", "session", "value")
COLUMNS = ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum", "step", "date")
NUMBERS = ("session", "value", "minimum", "maximum", "step")
ROW = "row"
FIRST_SERIAL_DATE = 30_000  # 1982 as spreadsheets count days


INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def folded(name: str) -> str:
    """A name as it is compared where case, width, the form of accents and what cannot be seen do not count."""
    if name.isascii():
        return name.lower()
    return normalize("NFKC", normalize("NFKC", name.translate(INVISIBLE)).casefold())
