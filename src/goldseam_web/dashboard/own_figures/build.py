"""From a therapist's own answers to the page that shows what they say together."""

from django.urls import reverse

from goldseam import AskedAbout, Interval
from goldseam_web.accounts.queries import staff_behind, supervisors_of
from goldseam_web.alerts.lot_queries import LOOKED_BACK, own_rates, questions_waiting
from goldseam_web.alerts.own_guesses import own_guesses
from goldseam_web.cases.queries import case_title
from goldseam_web.dashboard.language import lot_words as say
from goldseam_web.dashboard.language.phrases import names_in_words
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.own_figures.guess_table import BOTH_TIMES, guess_table
from goldseam_web.dashboard.own_figures.page import OwnFigure, OwnFiguresPage, WaitingQuestion
from goldseam_web.dashboard.staff_visit import StaffVisit


def own_figures_page(visit: StaffVisit) -> OwnFiguresPage:
    """For whoever looks, of themselves."""
    rates = own_rates(visit.viewer, at=visit.at)
    rows = (
        (say.RIGHT, rates.predictive_value, rates.flagged),
        (say.MISSED, rates.missed, rates.others),
        (say.FOUND, rates.sensitivity, None),
    )
    both = [own_guesses(visit.viewer, since=visit.at - back) for back in BOTH_TIMES]
    return OwnFiguresPage(
        figures=tuple(OwnFigure(name, _share(share), _rests_on(share, about)) for name, share, about in rows),
        guesses=guess_table(say.OWN_GUESSES, *both),
        supervisors=names_in_words(names) if (names := supervisors_of(visit.viewer)) else "",
        shared_since=_shared_since(visit),
        waiting=_waiting(visit),
        weeks=LOOKED_BACK.days // 7,
    )


def _shared_since(visit: StaffVisit) -> str:
    since = staff_behind(visit.viewer).ratings_shared_at
    return long_day(since.astimezone(visit.zone).date(), today=visit.viewer.today) if since else ""


def _share(share: Interval | None) -> str:
    if share is None:
        return say.NOT_ENOUGH
    return say.ESTIMATED.format(value=share.value, low=share.low, high=share.high)


def _rests_on(share: Interval | None, about: AskedAbout | None) -> str:
    if about is None:
        return say.NEEDS_BOTH
    text = say.OF_ANSWERS if share else say.SO_FAR
    return text.format(
        strained=about.strained, answered=about.answered, sessions=about.sessions, needed=about.needed
    )


def _waiting(visit: StaffVisit) -> tuple[WaitingQuestion, ...]:
    return tuple(
        WaitingQuestion(
            title=case_title(lot.case),
            day=long_day(lot.encounter.local_date, today=visit.viewer.today),
            url=reverse("dashboard:case", args=[lot.case_id]),
        )
        for lot in questions_waiting(visit.viewer, at=visit.at)
    )
