"""A client's link once it is opened: what it stands for, what was answered, and from which device it was asked."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.urls import reverse

from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.measures.models import Occasion, Response
from goldseam_web.measures.queries import LinkState, Questionnaire, questionnaire


@dataclass(frozen=True)
class OpenedLink:
    """A link that stands for a request to answer, as it was when a page of it was asked for.

    ``built`` is its form where that is known already, as it is after an answer was kept.
    """

    token: str
    occasion: Occasion
    member: Member
    response: Response | None
    state: LinkState
    device: str
    at: datetime
    built: Questionnaire | None = None

    @cached_property
    def form(self) -> Questionnaire:
        return self.built or questionnaire(self.occasion, self.response)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.occasion.clinic.time_zone)

    @property
    def on_first_device(self) -> bool:
        """Whether earlier answers may be shown: only where they were given (or if there are none yet)."""
        if self.response is None:
            return True
        return bool(self.device) and secrets.compare_digest(self.device, self.response.device)

    @property
    def may_see_own_answers(self) -> bool:
        """In couples and families never: a partner may hold the phone."""
        alone = self.occasion.case.kind == CaseKind.INDIVIDUAL
        return alone and self.response is not None and self.on_first_device

    def url(self, name: str, **parts: int) -> str:
        return reverse(f"portal:{name}", kwargs={"token": self.token, **parts})
