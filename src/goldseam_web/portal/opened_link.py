"""A client's link once it is opened: what it stands for, what was answered, and where its form leads next.

Nothing is written here, and nothing read where the link was opened with all it stands on.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.urls import reverse

from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.measures.link_facts import CareConsent, LinkFacts
from goldseam_web.measures.links import LinkState, care_consent, given_elsewhere
from goldseam_web.measures.models import Occasion, Response
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import Question, Questionnaire, questionnaire

# An address to go to, or None where nothing is left to ask and the form is complete.
Address = str | None


@dataclass(frozen=True)
class OpenedLink:
    """A link that stands for a request to answer, as it was when a page of it was asked for, or an answer was kept."""

    token: str
    occasion: Occasion
    member: Member
    response: Response | None
    state: LinkState
    device: str
    at: datetime
    facts: LinkFacts | None = None

    @cached_property
    def form(self) -> Questionnaire:
        return questionnaire(self.occasion, self.response, facts=self.facts)

    @cached_property
    def consent(self) -> CareConsent:
        return self.facts.consent if self.facts else care_consent(self.member)

    @property
    def owes_consent(self) -> bool:
        """Whether the words in force come before the first question. A form that was begun is gone on with."""
        return self.response is None and self.consent != CareConsent.AGREED

    @property
    def on_one_page(self) -> bool:
        """Whether this clinic's clients see all questions at once, and send them together."""
        return self.occasion.clinic.form_on_one_page

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.occasion.clinic.time_zone)

    def given_here(self, item: str) -> bool:
        """Whether the answer may be shown: only on the device it was given on, until that is told to forget."""
        answer = self.form.answers.get(item)
        return answer is not None and bool(self.device) and not given_elsewhere(answer, self.device)

    def given_elsewhere(self, item: str) -> bool:
        """Whether the answer stands because it was given on another device, or before this one forgot."""
        return given_elsewhere(self.form.answers.get(item), self.device)

    @property
    def may_see_own_answers(self) -> bool:
        """In couples and families never: a partner may hold the phone."""
        alone = self.occasion.case.kind == CaseKind.INDIVIDUAL
        return alone and self.response is not None and all(map(self.given_here, self.form.answers))

    def url(self, name: str, **parts: int) -> str:
        return reverse(f"portal:{name}", kwargs={"token": self.token, **parts})

    def after(self, facts: LinkFacts) -> "OpenedLink":
        """The same link once an answer was kept."""
        return replace(self, response=facts.response, facts=facts)


@dataclass(frozen=True)
class UnopenedLink:
    """A link of which nothing was read yet, as it came with a form: the form is read behind the lock."""

    token: str
    device: str
    at: datetime

    def url(self, name: str) -> str:
        return reverse(f"portal:{name}", kwargs={"token": self.token})

    def opened(self, facts: LinkFacts, state: LinkState) -> OpenedLink:
        return OpenedLink(
            self.token, facts.occasion, facts.member, facts.response, state, self.device, self.at, facts
        )


def question_behind(link: OpenedLink, address: str) -> Question | None:
    """The question of an address of this link, if it is one of a question."""
    number = address.removeprefix(link.url("start")).rstrip("/")
    return question_at(link, int(number)) if number.isdecimal() else None


def question_at(link: OpenedLink, number: int) -> Question | None:
    """The question of that number if it applies now."""
    if not 1 <= number <= len(link.form.questions):
        return None
    return link.form.find(link.form.questions[number - 1].item.key)


def address_of(link: OpenedLink, asked: Question) -> str:
    """The number is its place among all that may be asked, so that it never shifts.

    Where all are on one page it is that one; a follow-up has a page of its own.
    """
    if link.on_one_page and asked.item.shown_after is None:
        return link.url("all")
    places = [question.item.key for question in link.form.questions]
    return link.url("question", number=places.index(asked.item.key) + 1)


def next_unanswered(link: OpenedLink) -> Address:
    following = link.form.next_unanswered
    return address_of(link, following) if following else None


def resumed(link: OpenedLink) -> str:
    """The next unanswered question; with none left a page that was only opened leads to the start."""
    return next_unanswered(link) or link.url("start")


def after_question(link: OpenedLink, asked: Question) -> Address:
    """First to the choice of who may take up a strain, where one was said; then on."""
    if asked.item.key == TENSION_ITEM and link.form.tension_said:
        return link.url("who")
    return following(link, asked.item.key)


def following(link: OpenedLink, item: str) -> Address:
    """The next question that may be answered or looked at here; after the last one, what is still unanswered."""
    after = link.form.after(item)
    while after is not None and link.given_elsewhere(after.item.key):
        after = link.form.after(after.item.key)
    return address_of(link, after) if after else next_unanswered(link)


def before_question(link: OpenedLink, asked: Question) -> str:
    """The question before that was not answered elsewhere, or the choice that followed it; else the start."""
    earlier = link.form.before(asked.item.key) if link.form.find(asked.item.key) else None
    while earlier is not None and link.given_elsewhere(earlier.item.key):
        earlier = link.form.before(earlier.item.key)
    if earlier is None:
        return link.url("start")
    if earlier.item.key == TENSION_ITEM and link.form.tension_said:
        return link.url("who")
    return address_of(link, earlier)
