"""What the settings read from outside: the environment, files of secrets, the data folder."""

import contextlib
import os
import secrets
from collections import ChainMap
from pathlib import Path

import environ
from environ.fileaware_mapping import FileAwareMapping

from goldseam_web.lib.kept_settings import read_kept

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

env = environ.FileAwareEnv()


def words(name: str) -> list[str]:
    """Read a list of values parted by commas or line ends."""
    raw = env.str(name, default="")
    return [value.strip() for value in raw.replace("\n", ",").split(",") if value.strip()]


def data_folder(path: str) -> Path:
    """Make the data folder, closed to other users of the machine; `check` says so if that cannot be done."""
    folder = Path(path).expanduser().resolve()
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def read_what_was_kept(folder: Path) -> None:
    """Let what was set up in the browser count wherever the environment says nothing."""
    env.ENVIRON = FileAwareMapping(env=ChainMap(os.environ, read_kept(folder)))


def secret(name: str, *, kept_in: Path) -> str:
    """Take a secret from the environment or its file, else from the data folder, making it there once."""
    given = env.str(name, default="").strip()
    return given or _kept_secret(kept_in)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()


def _write_once(path: Path, value: str) -> None:
    """Publish the whole file at once: of two processes starting together, the first one's secret stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(f"{value}\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
