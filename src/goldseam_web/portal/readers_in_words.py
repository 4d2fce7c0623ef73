"""Who can open the answers today, by name, as the access rules have it; "only" never stands before a name."""

from collections.abc import Sequence

from goldseam_web.accounts.queries import local_day
from goldseam_web.cases.readers import Reader, ReadsAs, readers_on, treating_readers
from goldseam_web.portal.opened_link import OpenedLink

AS_WHAT = {ReadsAs.COVER: "who covers", ReadsAs.SUPERVISOR: "who supervises the work"}
NOBODY = "Nobody here can open your answers at the moment; {clinic} has been told to name somebody."
IN_DANGER = "Where somebody is in danger, it may have to be told further."


def readers_today(link: OpenedLink) -> tuple[Reader, ...]:
    return readers_on(link.occasion.case, local_day(link.occasion.clinic, link.at))


def who_sees_this_answer(link: OpenedLink) -> str:
    """The same beside a question, where the first page has named everybody."""
    treating = treating_readers(link.occasion.case, local_day(link.occasion.clinic, link.at))
    return who_sees(treating or readers_today(link), "this answer")


def who_sees(readers: Sequence[Reader], what: str) -> str:
    """ "Ines and Bo see your answers."; whoever is there where nobody treats the case any more."""
    first = _first(readers)
    if not first:
        return ""
    comma = "" if first[0].reads_as == ReadsAs.THERAPIST else ","
    return f"{_joined([_named(r) for r in first])}{comma} {'sees' if len(first) == 1 else 'see'} {what}."


def who_else_can(readers: Sequence[Reader]) -> str:
    """ "So can Marta Lind, who supervises the work."; empty where nobody else can."""
    others = [_named(reader) for reader in readers[len(_first(readers)) :]]
    return f"So can {_joined(others, parted=', and ')}." if others else ""


def _first(readers: Sequence[Reader]) -> Sequence[Reader]:
    """Those who treat, who come first; else the first of those there are."""
    return [reader for reader in readers if reader.reads_as == ReadsAs.THERAPIST] or readers[:1]


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
    if reader.reads_as not in AS_WHAT:
        return reader.staff.called
    return f"{reader.staff.full_name}, {AS_WHAT[reader.reads_as]}"


def _joined(names: Sequence[str], *, parted: str = " and ") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{parted}{names[-1]}"
