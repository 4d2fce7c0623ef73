"""Settings that were made in the browser: a file in the data folder, of which the environment is always the master.

It holds the mail server's password, so it is its owner's alone. `start` begins anew when it changes.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

FILE = "settings.json"
# Where the install is reached, by the names of the settings.
ADDRESS, CERTIFICATE, KEY = "GOLDSEAM_BASE_URL", "GOLDSEAM_TLS_CERTIFICATE", "GOLDSEAM_TLS_KEY"
PROXY, PORT = "GOLDSEAM_BEHIND_PROXY", "GOLDSEAM_PORT"
REACH = (ADDRESS, CERTIFICATE, KEY, PROXY, PORT)


def read_kept(folder: Path) -> dict[str, str]:
    """What was kept, by the name of the variable that would say the same; empty where nothing was."""
    try:
        kept: dict[str, str] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return kept


def keep(folder: Path, changes: Mapping[str, str | None]) -> None:
    """Change some of them, None to forget one. The whole file is put in place at once."""
    merged = {**read_kept(folder), **changes}
    kept = {name: value for name, value in sorted(merged.items()) if value is not None}
    draft = folder / f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(kept, stream, indent=1)
    draft.replace(folder / FILE)


def is_given_from_outside(name: str) -> bool:
    """Whether the environment says it, so that no page can change it."""
    return name in os.environ or f"{name}_FILE" in os.environ
