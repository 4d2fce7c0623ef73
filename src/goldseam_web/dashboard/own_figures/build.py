"""From a therapist's own answers to the page that shows what they say together."""

from datetime import timedelta

from django.urls import reverse

from goldseam import AskedAbout, Interval
from goldseam_web.alerts.lot_queries import LOOKED_BACK, own_rates, questions_waiting
from goldseam_web.alerts.own_guesses import OwnGuesses, own_guesses
from goldseam_web.cases.queries import case_title
from goldseam_web.dashboard.language import lot_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.own_figures.page import GuessFigure, OwnFigure, OwnFiguresPage, WaitingQuestion
from goldseam_web.dashboard.staff_visit import StaffVisit

LATELY = timedelta(weeks=26)
FEWEST_STRAINS = 10


def own_figures_page(visit: StaffVisit) -> OwnFiguresPage:
    """For whoever looks, of themselves."""
    rates = own_rates(visit.viewer, at=visit.at)
    rows = (
        (say.RIGHT, rates.predictive_value, rates.flagged),
        (say.MISSED, rates.missed, rates.others),
        (say.FOUND, rates.sensitivity, None),
    )
    return OwnFiguresPage(
        figures=tuple(OwnFigure(name, _share(share), _rests_on(share, about)) for name, share, about in rows),
        guesses=_guesses(visit),
        waiting=_waiting(visit),
        weeks=LOOKED_BACK.days // 7,
        weeks_lately=LATELY.days // 7,
    )


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


def _guesses(visit: StaffVisit) -> tuple[GuessFigure, ...]:
    """Over the long time and lately, so that what changes shows."""
    both = [own_guesses(visit.viewer, since=visit.at - back) for back in (LOOKED_BACK, LATELY)]
    return tuple(
        GuessFigure(name, *(text(one) for one in both))
        for name, text in (
            (say.HIGHER, _higher),
            (say.FOLLOWS, _follows),
            (say.UNSEEN, _unseen),
            (say.RATED_BY_BOTH, _rated_by_both),
        )
    )


def _higher(guesses: OwnGuesses) -> str:
    points = guesses.beside.directional if guesses.beside else None
    if points is None:
        return say.NOT_ENOUGH
    return say.POINTS.format(value=points.value, low=points.low, high=points.high)


def _follows(guesses: OwnGuesses) -> str:
    moves = guesses.beside.truth if guesses.beside else None
    if moves is None:
        return say.NOT_ENOUGH
    return say.OF_A_POINT.format(value=moves.value, low=moves.low, high=moves.high)


def _unseen(guesses: OwnGuesses) -> str:
    """A count however few; a share from ten on."""
    told = say.UNSEEN_OF.format(unseen=guesses.unseen, strains=guesses.strains)
    if guesses.strains < FEWEST_STRAINS:
        return told
    from scipy.stats import binomtest

    ends = binomtest(guesses.unseen, guesses.strains).proportion_ci(method="wilson")
    return f"{told} {say.INTERVAL.format(low=ends.low, high=ends.high)}"


def _rated_by_both(guesses: OwnGuesses) -> str:
    found = guesses.beside
    if found is None:
        return say.NONE_BY_BOTH
    return say.CLIENTS_AND_SESSIONS.format(clients=found.n_dyads, sessions=found.n_sessions)


def _waiting(visit: StaffVisit) -> tuple[WaitingQuestion, ...]:
    return tuple(
        WaitingQuestion(
            title=case_title(lot.case),
            day=long_day(lot.encounter.local_date, today=visit.viewer.today),
            url=reverse("dashboard:case", args=[lot.case_id]),
        )
        for lot in questions_waiting(visit.viewer, at=visit.at)
    )
