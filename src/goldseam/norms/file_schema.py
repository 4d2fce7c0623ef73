"""Files of norms: their published JSON Schema, ``norms.schema.json``, and how large they can be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from goldseam.content_files import ContentFile
from goldseam.exceptions import NormsError

NORMS_FILE = ContentFile("goldseam.norms", "norms.schema.json", NormsError, 5_000_000, 100_000)
_MOST_ENTRIES = 2_000


def checked_content(content: object, file: str | Path | None) -> Mapping[str, Any]:
    """The content, once the schema holds; `NormsError` at the first place where it does not."""
    scales = content.get("scales") if isinstance(content, Mapping) else None
    if isinstance(scales, list) and len(scales) > _MOST_ENTRIES:
        raise NormsError(
            f"{len(scales)} entries", file=file, where="scales", allowed=f"up to {_MOST_ENTRIES:,}"
        )
    return NORMS_FILE.checked(content, file)
