"""The `goldseam-web` command: Django's own commands and ours, ours first."""

import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path

from goldseam_web.lib.file_rights import OTHERS
from goldseam_web.lib.written_out import WrittenOut

COMMANDS = {
    "start": "set up, or go on with, a clinic: make or upgrade what is needed, serve pages, work",
    "demo": "open a fictional clinic in the browser, with people and answers to try",
    "staff": "add a member of staff; say who supervises whom and who leads the clinic",
    "work": "run a worker alone: judge new answers, send what is due",
    "migrate": "bring the database to this version",
    "check": "say what is configured, what is wrong and what to do",
    "sign-out": "end the sessions of a member of staff, or of everybody",
    "reset-second-step": "let a member of staff who lost app and codes set them up anew",
    "key-sheet": "print the keys that a restore needs, or say that they are kept",
    "rotate-keys": "encrypt anew, under the first key, whatever is under another",
    "restored": "say that a back-up was put in place of the database",
    "verify-audit": "prove that the record of who did and saw what is unbroken",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; without any, say which there are."""
    os.umask(OTHERS)  # whatever a command makes, its owner's alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldseam_web.config.settings")
    # Whatever is said goes through one place; colours would be written out with the rest.
    os.environ["DJANGO_COLORS"] = "nocolor"
    sys.stdout, sys.stderr = WrittenOut(sys.stdout), WrittenOut(sys.stderr)
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0] in {"help", "-h", "--help"} and len(given) == 1):
        sys.stdout.write(overview())
        return
    if given[0] == "demo":
        set_apart(os.environ)
    from django.core.management import execute_from_command_line

    execute_from_command_line(
        ["goldseam-web", given[0].replace("-", "_") if given[0] in COMMANDS else given[0], *given[1:]]
    )


def set_apart(environment: MutableMapping[str, str]) -> None:
    """Give the demo a data folder and a database of its own, whatever the environment names for real work."""
    folder = Path(environment.get("GOLDSEAM_DATA", "data")) / "demo"
    for name in [name for name in environment if name.startswith("GOLDSEAM_")]:
        del environment[name]
    environment.update(GOLDSEAM_DATA=str(folder), GOLDSEAM_DEMO="on", GOLDSEAM_LOG_LEVEL="WARNING")


def overview() -> str:
    """List our commands, one a line."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {purpose}" for name, purpose in COMMANDS.items()]
    return "\n".join(
        [
            "usage: goldseam-web COMMAND [options]",
            "",
            *lines,
            "",
            "goldseam-web COMMAND --help explains one of them.",
            "Django's own commands work too; python -m django help lists them.",
            "",
        ]
    )
