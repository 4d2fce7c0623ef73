"""The set-up as six steps: the pages of each in their order, what each still lacks, and where the way leads on."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from goldseam_web.alerts.readiness import Need

# Where each thing of the list is put right; what is not here is no page's.
PAGES = {
    "numbers for urgent help": "office:urgent_help",
    "where clients reach it": "office:address",
    "charter of use": "office:charter",
    "administrator": "office:staff",
    "messages": "office:mail_server",
    "what is asked": "office:what_is_asked",
    "therapist": "office:staff",
    "cover": "office:away",
    "somebody to turn to": "office:escalation",
    "procedure for violence": "office:urgent_help",
    "somebody else to speak with": "office:somebody_else",
    "contact clients see": "office:consent",
    "when it may have to be told further": "office:consent",
}
# Where nothing is looked for, nothing is passed on.
NOT_WHERE_RECORD_ONLY = frozenset({"office:escalation", "office:progress", "office:rules"})


@dataclass(frozen=True)
class SetUpPage:
    """One page by its address and name."""

    route: str
    title: str

    @property
    def url(self) -> str:
        return reverse(self.route)


@dataclass(frozen=True)
class SetUpStep:
    """One of the six: its pages in the order they are gone through, and what of the list belongs to it."""

    title: str
    pages: tuple[SetUpPage, ...]
    subjects: tuple[str, ...]


STEPS = (
    SetUpStep(
        "The clinic",
        (
            SetUpPage("office:urgent_help", "Urgent help"),
            SetUpPage("office:consent", "Consent and contact"),
            SetUpPage("office:somebody_else", "Somebody else to speak with"),
            SetUpPage("office:escalation", "Opening hours, and who hears when"),
            SetUpPage("office:closing", "Closed days"),
        ),
        (
            *("numbers for urgent help", "procedure for violence", "contact clients see"),
            *("when it may have to be told further", "somebody else to speak with"),
        ),
    ),
    SetUpStep(
        "Where clients reach it",
        (SetUpPage("office:address", "Where clients reach it"),),
        ("where clients reach it",),
    ),
    SetUpStep(
        "The first administrator",
        (SetUpPage("office:charter", "Charter of use"), SetUpPage("mfa_index", "Your sign-in")),
        ("administrator", "charter of use"),
    ),
    SetUpStep(
        "Messages",
        (SetUpPage("office:mail_server", "Messages"), SetUpPage("office:mail_words", "Words of mails")),
        ("messages",),
    ),
    SetUpStep(
        "What is asked, and when",
        (
            SetUpPage("office:what_is_asked", "What is asked"),
            SetUpPage("office:rules", "How strain is found"),
            SetUpPage("office:progress", "What is expected of progress"),
        ),
        ("what is asked",),
    ),
    SetUpStep(
        "Colleagues",
        (SetUpPage("office:staff", "Staff"), SetUpPage("office:away", "Who is away")),
        ("therapist", "cover", "somebody to turn to"),
    ),
)
# What is gone through once; the other pages of a step are there for later.
WAY = (
    *("office:urgent_help", "office:consent", "office:somebody_else", "office:escalation", "office:closing"),
    *("office:address", "office:mail_server", "office:what_is_asked", "office:staff"),
)
# They can wait, and nobody comes by there again so soon.
GIVEN_ON_THE_WAY = frozenset({"procedure for violence", "contact clients see"})


@dataclass(frozen=True)
class ShownStep:
    """A step as the administrator's first page shows it: what it has and lacks, and its pages."""

    number: int
    title: str
    needs: tuple[tuple[Need, str], ...]
    pages: tuple[SetUpPage, ...]

    @property
    def lacks(self) -> int:
        return sum(not need.is_met for need, _url in self.needs)

    @property
    def stops(self) -> bool:
        return any(need.is_in_the_way for need, _url in self.needs)


def shown_steps(needs: Sequence[Need]) -> list[ShownStep]:
    """The six with what each still lacks, in their order."""
    return [
        ShownStep(
            number=number,
            title=step.title,
            needs=tuple((need, page_of(need)) for need in needs if need.subject in step.subjects),
            pages=tuple(page for page in step.pages if _is_there(page)),
        )
        for number, step in enumerate(STEPS, start=1)
    ]


def page_of(need: Need) -> str:
    """Where it is put right."""
    return reverse(PAGES[need.subject])


def goes_on_with(steps: Sequence[ShownStep]) -> SetUpPage | None:
    """The first page on the way that lacks something; None once nothing stops asking any more."""
    if not any(step.stops for step in steps):
        return None
    lacking = {
        PAGES[need.subject]
        for step in steps
        for need, _url in step.needs
        if need.is_in_the_way or (need.subject in GIVEN_ON_THE_WAY and not need.is_met)
    }
    found = (page for route in WAY for step in steps for page in step.pages if page.route == route)
    return next((page for page in found if page.route in lacking), None)


def next_page(route: str) -> tuple[int, SetUpPage] | None:
    """The page after this one on the way, with the number of its step; None where the way ends, or never was."""
    way = [page for page in WAY if not _left_out(page)]
    if route not in way[:-1]:
        return None
    following = way[way.index(route) + 1]
    return next(
        (number, page)
        for number, step in enumerate(STEPS, start=1)
        for page in step.pages
        if page.route == following
    )


def _is_there(page: SetUpPage) -> bool:
    return not _left_out(page.route)


def _left_out(route: str) -> bool:
    return settings.GOLDSEAM_RECORD_ONLY and route in NOT_WHERE_RECORD_ONLY
