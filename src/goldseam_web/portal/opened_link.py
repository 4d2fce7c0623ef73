"""A client's link once it is opened: what it stands for, what was answered, and where its form leads next.

Nothing is written here, and nothing read where the link was opened with all it stands on.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property, lru_cache
from zoneinfo import ZoneInfo

from django.urls import reverse

from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.cases.queries import display_name
from goldseam_web.measures.later_answers import STRAIN_WITH_CHOICE
from goldseam_web.measures.link_facts import CareConsent, LinkFacts
from goldseam_web.measures.links import LinkState, care_consent
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
        """The form as this device knows it: of what was answered on another, nobody who holds this one learns."""
        form = questionnaire(self.occasion, self.response, facts=self.facts)
        return replace(form, answers=self.facts.answers_on(self.device)) if self.facts else form

    @property
    def takes_answers(self) -> bool:
        """Whether it can be answered. A form that was sent can be gone through again, but not where it was sent."""
        if self.state == LinkState.DONE:
            return self.facts is not None and not self.facts.was_handed_in_on(self.device)
        return self.state == LinkState.OPEN

    @property
    def looks_open(self) -> bool:
        """Whether the link shows its start page: whoever takes the phone sees no difference once a form is sent."""
        return self.state in (LinkState.OPEN, LinkState.DONE)

    @property
    def may_be_thanked(self) -> bool:
        """Whether this device is known to have sent the form; a browser that sent it just now says so itself."""
        if self.state != LinkState.DONE or self.facts is None:
            return False
        here = {each.device for each in self.facts.later}
        known = self.facts.was_handed_in_on(self.device) or self.device in here
        # Browsers that keep no cookie are one device to us.
        return known and (bool(self.device) or self.facts.was_sent_just_now(self.at))

    @cached_property
    def consent(self) -> CareConsent:
        return self.facts.consent if self.facts else care_consent(self.member)

    @property
    def owes_consent(self) -> bool:
        """Whether the words in force come before the first question. A form begun on this device is gone on with."""
        return self.consent != CareConsent.AGREED and not self.form.answers

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
        return answer is not None and bool(self.device)

    @property
    def strain_with(self) -> str:
        """With which of two therapists there was tension, as it was said on this device; empty where it was not."""
        here = [each for each in self.facts.later if each.device == self.device] if self.facts else []
        if later := next((each.choice for each in here if each.item == STRAIN_WITH_CHOICE), ""):
            return later
        first = self.facts.answers.get(TENSION_ITEM) if self.facts else None
        said_here = first is not None and self.device != "" and first.device == self.device
        return self.response.strain_with if self.response is not None and said_here else ""

    @property
    def may_see_own_answers(self) -> bool:
        """In couples and families never: a partner may hold the phone."""
        alone = self.occasion.case.kind == CaseKind.INDIVIDUAL
        return alone and bool(self.device) and bool(self.form.answers)

    @cached_property
    def about_child(self) -> str:
        """What the child is called whom this form asks about; "" where somebody answers about themselves."""
        occasion = self.occasion
        return display_name(occasion.subject) if occasion.proxy_grant_id and occasion.subject else ""

    def url(self, name: str, number: int | None = None) -> str:
        return _start_of(self.token) + _end_of_address(name, number)

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
        return _start_of(self.token) + _end_of_address(name, None)

    def opened(self, facts: LinkFacts, state: LinkState) -> OpenedLink:
        return OpenedLink(
            self.token, facts.occasion, facts.member, facts.response, state, self.device, self.at, facts
        )


@lru_cache(maxsize=1024)  # a form is gone through page by page
def _start_of(token: str) -> str:
    return reverse("portal:start", kwargs={"token": token})


@cache
def _end_of_address(name: str, number: int | None) -> str:
    """What follows the start page's address, whatever the link: each page of a form names ten addresses of its link."""
    parts = {} if number is None else {"number": number}
    start = reverse("portal:start", kwargs={"token": "t"})
    return reverse(f"portal:{name}", kwargs={"token": "t", **parts}).removeprefix(start)


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
    on_the_one = link.on_one_page and asked.item.shown_after is None
    return link.url("all") if on_the_one else question_address(link, asked)


def question_address(link: OpenedLink, asked: Question) -> str:
    """Where a question stands alone, which it can also where all are on one page."""
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
    """The next question; after the last one, and from the page of all of them, what is still unanswered."""
    if link.on_one_page:
        return next_unanswered(link)
    after = link.form.after(item)
    return address_of(link, after) if after else next_unanswered(link)


def before_question(link: OpenedLink, asked: Question) -> str:
    """The question before, or the choice that followed it; else the start."""
    earlier = link.form.before(asked.item.key) if link.form.find(asked.item.key) else None
    if earlier is None:
        return link.url("start")
    if earlier.item.key == TENSION_ITEM and link.form.tension_said:
        return link.url("who")
    return address_of(link, earlier)
