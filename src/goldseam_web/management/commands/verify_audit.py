"""Prove that the record of who did and who saw what is unbroken."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goldseam_web.audit.queries import ChainReport, leads_to, verify_chain

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Walk the whole audit chain and report every entry that was changed, removed, forged or put in between, "
        "and whether it still leads to every place it had got to."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", action="store_true", help="print the last head alone, to be kept elsewhere"
        )
        parser.add_argument(
            "--expect", metavar="LINE", help="a head printed earlier, which must be in the chain"
        )

    def handle(self, *, head: bool, expect: str | None, **_options: Any) -> None:
        report = verify_chain()
        if head:
            if report.last_head is None:
                raise CommandError("Nothing has been sealed yet; the worker does it.")
            self.stdout.write(str(report.last_head))
            return
        faults = [*_faults(report), *_expected(expect)]
        if faults:
            raise CommandError(
                f"The audit chain of {report.sealed} sealed entries is BROKEN. "
                + " ".join(faults)
                + " Keep this database as it is and compare it with a back-up; if you have put a back-up in "
                "place, goldseam-web restored says so."
            )
        for restore in report.restores:
            self.stdout.write(
                f"Told: a back-up that ended with entry {restore.count} was put in place at {restore.at}."
            )
        self.stdout.write(
            f"The audit chain is unbroken: {report.sealed} entries sealed, "
            f"{report.unsealed} waiting for the worker to seal them. {_since(report)}"
        )


def _faults(report: ChainReport) -> Iterator[str]:
    if report.broken:
        yield f"{len(report.broken)} entries do not fit; positions: {_listed(report.broken)}."
    if report.forged:
        yield f"{len(report.forged)} unsealed entries that were not written here: {_listed(report.forged)}."
    if report.lost_heads:
        last = report.lost_heads[-1]
        ends = "ends before entry" if last.count > report.sealed else "no longer leads to entry"
        yield f"It {ends} {last.count}, which was sealed at {last.at}."
    if report.forged_lines:
        yield f"Lines of the file of heads are not ours or are missing before: {_listed(report.forged_lines)}."


def _expected(line: str | None) -> Iterator[str]:
    if line is None:
        return
    words = line.split()
    if len(words) < 3 or not words[0].isdecimal():
        raise CommandError("--expect: a line as verify-audit --head prints it: count, time, seal.")
    if not leads_to(count=int(words[0]), seal=words[2]):
        yield f"It does not lead to the head that was given, entry {words[0]}."


def _listed(numbers: Iterable[int]) -> str:
    shown = list(numbers)
    return ", ".join(map(str, shown[:_SHOWN])) + (", ..." if len(shown) > _SHOWN else "")


def _since(report: ChainReport) -> str:
    if report.first_head is None:
        return "Where it had got to is not known: the file of heads is empty."
    return f"Heads are known from entry {report.first_head.count} ({report.first_head.at}) on."
