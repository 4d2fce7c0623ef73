"""A link as a QR code."""

import segno

QUIET = 4  # modules of white around a QR code that scanners need


def qr_code(text: str) -> tuple[int, str]:
    """A QR code as one SVG path of dark runs, without style attributes; and its size with the quiet zone."""
    code = segno.make(text, error="m", micro=False)
    rows = [[bool(cell) for cell in row] for row in code.matrix]
    return len(rows) + 2 * QUIET, "".join(_runs(row, y) for y, row in enumerate(rows))


def _runs(row: list[bool], y: int) -> str:
    """Dark stretches of one row."""
    found, x = [], 0
    while x < len(row):
        end = x
        while end < len(row) and row[end]:
            end += 1
        if end > x:
            found.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h-{end - x}z")
        x = end + 1
    return "".join(found)
