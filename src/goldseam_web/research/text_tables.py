"""Tables and descriptions as text, as files of an export hold them."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any


def delimited(columns: Sequence[str], rows: Iterable[Sequence[Any]], delimiter: str, missing: str) -> str:
    """A header and a line a row; ``missing`` stands where there is nothing."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([missing if cell is None or cell == "" else cell for cell in row] for row in rows)
    return written.getvalue()


def as_json(content: Any) -> str:
    """Indented, with every letter as it is written."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
