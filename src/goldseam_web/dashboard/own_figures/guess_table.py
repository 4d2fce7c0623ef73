"""How a therapist's ratings lie beside clients', as a table: over the long time and lately, so that a change shows."""

from dataclasses import dataclass
from datetime import timedelta

from goldseam_web.alerts.lot_queries import LOOKED_BACK
from goldseam_web.alerts.own_guesses import OwnGuesses
from goldseam_web.dashboard.language import lot_words as say
from goldseam_web.dashboard.language.phrases import signed

LATELY = timedelta(weeks=26)
BOTH_TIMES = (LOOKED_BACK, LATELY)
FEWEST_STRAINS = 10


@dataclass(frozen=True)
class GuessFigure:
    """One figure of a therapist's ratings beside clients': over the long time, and lately."""

    name: str
    long: str
    lately: str


@dataclass(frozen=True)
class GuessTable:
    """``words`` are to the therapist, or as they and whoever supervises read them alike."""

    words: say.GuessWords
    figures: tuple[GuessFigure, ...]
    weeks: int = LOOKED_BACK.days // 7
    weeks_lately: int = LATELY.days // 7


def guess_table(words: say.GuessWords, long: OwnGuesses, lately: OwnGuesses) -> GuessTable:
    """Of what was found since each of BOTH_TIMES."""
    rows = (
        (words.higher, _higher),
        (words.follows, _follows),
        (words.unseen, _unseen),
        (words.rests_on, _rated_by_both),
    )
    return GuessTable(words, tuple(GuessFigure(name, text(long), text(lately)) for name, text in rows))


def _higher(guesses: OwnGuesses) -> str:
    points = guesses.beside.directional if guesses.beside else None
    if points is None:
        return say.NOT_ENOUGH
    return say.POINTS.format(value=signed(points.value), low=signed(points.low), high=signed(points.high))


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
