"""What the columns of a table of ratings are called, and how the names in them are compared."""

from unicodedata import normalize

KEYS = ("case", "rater", "scale", "phase")
REQUIRED = ("case", "rater", "scale", "session", "value")
COLUMNS = ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum", "date")
NUMBERS = ("session", "value", "minimum", "maximum")
ROW = "row"
FIRST_SERIAL_DATE = 30_000  # 1982 as spreadsheets count days


def folded(name: str) -> str:
    """A name as it is compared where case, width and the form of accents do not count."""
    return name.lower() if name.isascii() else normalize("NFKC", normalize("NFKC", name).casefold())
