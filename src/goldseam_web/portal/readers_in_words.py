"""Who can open the answers today, by name, as the access rules have it; "only" never stands before a name."""

from collections.abc import Sequence

from django.utils.formats import date_format

from goldseam_web.accounts.leaves import first_working_day_of
from goldseam_web.accounts.models import FormsMeanwhile
from goldseam_web.accounts.queries import local_day
from goldseam_web.cases.readers import Reader, ReadsAs, readers_on, treating_readers
from goldseam_web.portal.opened_link import OpenedLink

AS_WHAT = {ReadsAs.COVER: "who covers", ReadsAs.SUPERVISOR: "who supervises the work"}
IN_TRAINING = {ReadsAs.THERAPIST: "in training", ReadsAs.COVER: "who covers and is in training"}
NOBODY = "Nobody here can open your answers at the moment; {clinic} has been told to name somebody."


def readers_today(link: OpenedLink) -> tuple[Reader, ...]:
    return readers_on(link.occasion.case, local_day(link.occasion.clinic, link.at))


def who_sees_this_answer(link: OpenedLink, what: str = "this answer") -> str:
    """The same beside a question, where the first page has named everybody."""
    treating = treating_readers(link.occasion.case, local_day(link.occasion.clinic, link.at))
    return who_sees(treating or readers_today(link), what)


def who_sees(readers: Sequence[Reader], what: str) -> str:
    """ "Ines and Bo see your answers."; whoever is there where nobody treats the case any more, or they are away."""
    first = _first(readers)
    if first:
        comma = "," if _as_what(first[-1]) else ""
        parted = ", and " if any(_as_what(reader) for reader in first) else " and "
        names = _joined([_named(reader) for reader in first], parted=parted)
        return f"{names}{comma} {'sees' if len(first) == 1 else 'see'} {what}."
    if not readers:
        return ""
    unless = ", unless something cannot wait" if _there(readers) else ""
    return f"Nobody reads this before {_first_reading(readers)}{unless}."


def who_else_can(readers: Sequence[Reader]) -> str:
    """ "So can Marta Lind, who supervises the work."; empty where nobody else can. Who is away is said to be."""
    first = _first(readers)
    others = [_named(reader) for reader in _there(readers) if reader not in first]
    says = [_is_away(reader) for reader in readers if reader.is_away]
    if others and first:
        says.append(f"So can {_joined(others, parted=', and ')}.")
    elif others:
        says.insert(0, f"Then {_joined(others, parted=', and ')}, can.")
    return " ".join(says)


def _first(readers: Sequence[Reader]) -> Sequence[Reader]:
    """Those who treat and are there; else the first of those who are. Nobody, if forms are to wait for who is away."""
    there = _there(readers)
    treating = [reader for reader in readers if reader.reads_as == ReadsAs.THERAPIST]
    if treating and all(r.is_away and r.forms == FormsMeanwhile.WAIT for r in treating):
        return []
    return [reader for reader in there if reader.reads_as == ReadsAs.THERAPIST] or there[:1]


def _there(readers: Sequence[Reader]) -> list[Reader]:
    return [reader for reader in readers if not reader.is_away]


def _is_away(reader: Reader) -> str:
    until = f"until {date_format(reader.until, 'l, j F')}" if reader.until else "for now"
    return f"{_as_subject(reader)} is away {until}, and can open it too."


def _first_reading(readers: Sequence[Reader]) -> str:
    """ "Monday, 4 May": the first working day on which one of those who are away is back; else who that is."""
    away = [reader for reader in readers if reader.is_away]
    last_days = [reader.until for reader in away if reader.until is not None]
    if len(last_days) == len(away):
        day = first_working_day_of([one.staff for one in away], after=min(last_days))
        if day is not None:
            return date_format(day, "l, j F")
    return f"{_joined([_as_subject(one) for one in away], parted=' or ')} is back"


def who_came_since(link: OpenedLink, readers: Sequence[Reader]) -> str:
    """Who can open the answers today and could not when the link opened; empty where it is the same."""
    clinic, case = link.occasion.clinic, link.occasion.case
    asked, today = (local_day(clinic, moment) for moment in (link.occasion.opens_at, link.at))
    if asked >= today:
        return ""
    before = {reader.staff.pk for reader in readers_on(case, asked)}
    new = [reader.staff.full_name for reader in readers if reader.staff.pk not in before]
    return f"This has changed since you were asked: {_joined(new)} can read it too." if new else ""


def _named(reader: Reader) -> str:
    """What clients call their therapist; anybody else by full name, with what they are here."""
    name = reader.staff.called if reader.reads_as == ReadsAs.THERAPIST else reader.staff.full_name
    what = _as_what(reader)
    return f"{name}, {what}" if what else name


def _as_what(reader: Reader) -> str:
    """What is said beside the name: that somebody covers, supervises or is in training."""
    if reader.in_training and reader.reads_as in IN_TRAINING:
        return IN_TRAINING[reader.reads_as]
    return AS_WHAT.get(reader.reads_as, "")


def _as_subject(reader: Reader) -> str:
    """ "Bo Lee, who covers,"; a name alone takes no comma."""
    return f"{_named(reader)}," if _as_what(reader) else _named(reader)


def _joined(names: Sequence[str], *, parted: str = " and ") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{parted}{names[-1]}"
