"""Numbers for urgent help: a clinic keeps its own, and the record of each change keeps what stood there before."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Max

from goldseam_web.accounts.crisis_line_table import HelpNumber
from goldseam_web.accounts.models import Clinic, CrisisLine
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.lib.transactions import locked, one_transaction

# Letters are not dialled by the link on a phone: 0800 REFUGE would call 0800.
DIALLED = re.compile(r"\+?[0-9(][0-9 ()/.-]*")
FEWEST_DIGITS = 2


@one_transaction
def set_crisis_lines(
    *, clinic: Clinic, lines: Iterable[HelpNumber], checked_on: date, at: datetime, actor: Actor = SYSTEM
) -> None:
    """Replace the clinic's numbers for urgent help, in the order shown."""
    clinic.crisis_lines.all().delete()
    CrisisLine.objects.bulk_create(
        CrisisLine(clinic=clinic, position=k, checked_on=checked_on, **_columns(line))
        for k, line in enumerate(lines)
    )
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.crisis_lines")


@one_transaction
def add_crisis_line(*, clinic: Clinic, given: HelpNumber, at: datetime, actor: Actor) -> CrisisLine:
    """Put a number behind the others; refused is what no phone dials, and what these people were given already."""
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    _check(clinic, given)
    last = clinic.crisis_lines.aggregate(last=Max("position"))["last"]
    line = CrisisLine.objects.create(
        clinic=clinic,
        position=0 if last is None else last + 1,
        checked_on=local_day(clinic, at),
        **_columns(given),
    )
    details = {"number": line.number, "kind": line.kind}
    record_about(
        line, at=at, actor=actor, action="crisis_line.add", object_kind="crisis_line", details=details
    )
    return line


@one_transaction
def change_crisis_line(*, line: CrisisLine, given: HelpNumber, at: datetime, actor: Actor) -> None:
    """Put other words or another number in its place, looked at today; the same ones say that they still hold."""
    clinic = locked(Clinic.objects.filter(pk=line.clinic_id)).get()
    _check(clinic, given, besides=line)
    before = {"number": line.number, "kind": line.kind}
    for column, value in _columns(given).items():
        setattr(line, column, value)
    line.checked_on = local_day(clinic, at)
    line.save()
    details = {"number": line.number, "kind": line.kind, "before": before}
    record_about(
        line, at=at, actor=actor, action="crisis_line.change", object_kind="crisis_line", details=details
    )


@one_transaction
def remove_crisis_line(*, line: CrisisLine, at: datetime, actor: Actor) -> None:
    """Take a number away, also the last one: a wrong number is worse than none, and readiness says what is missing."""
    details = {"number": line.number, "kind": line.kind}
    record_about(
        line, at=at, actor=actor, action="crisis_line.remove", object_kind="crisis_line", details=details
    )
    line.delete()


def _columns(line: HelpNumber) -> dict[str, str]:
    return {
        "name": line.name,
        "number": line.number,
        "hours": line.hours,
        "kind": line.kind,
        "source": line.source,
    }


def _check(clinic: Clinic, given: HelpNumber, *, besides: CrisisLine | None = None) -> None:
    """Refuse what a phone would not dial, and a second row for the same number and people."""
    check_dialled(given.number, field="number")
    digits = _digits(given.number)
    others = clinic.crisis_lines.filter(kind=given.kind)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    for other in others:
        if _digits(other.number) == digits:
            raise ValidationError({"number": f"{other.number} is there already, as {other.name}."})


def check_dialled(number: str, *, field: str) -> None:
    """Refuse, for that field of a form, what no phone dials."""
    if not DIALLED.fullmatch(number) or len(_digits(number)) < FEWEST_DIGITS:
        message = (
            f"{number!r} cannot be dialled; give two digits or more, with spaces, +, -, /, . or brackets."
        )
        raise ValidationError({field: message})


def _digits(number: str) -> str:
    return "".join(character for character in number if character in "+0123456789")
