"""The words of the question by lot, and of a therapist's own figures."""

from dataclasses import dataclass, replace

from goldseam_web.alerts.lot_tables import LotAnswer

PICKED_BY_LOT = (
    "{session} was picked by lot among those in which nothing was found. The question is the one that is asked where "
    "something was, so that what is missed can be counted."
)
ASKED_UNTIL = (
    "Until {day}. Nobody else reads your answer; it is counted with others, and changes nothing here. Leaving it out "
    "is all right."
)
MAY_BE_CHANGED = "Kept. You can change it until {day}."
CHOICES = (
    (LotAnswer.YES.value, "There was"),
    (LotAnswer.NO.value, "There was none"),
    (LotAnswer.CANNOT_SAY.value, "I cannot say"),
)
KEPT = "Kept. Your answer is counted with others, and read by nobody else."
OVER = "This question is over. Nothing was kept."

RIGHT = "Sessions with a finding in which there was strain"
MISSED = "Sessions with no finding in which there was strain"
FOUND = "Sessions with strain in which it was found"
OF_ANSWERS = "{strained} of {answered} that you answered, of {sessions}"
SO_FAR = "{answered} answers so far, of {sessions} sessions; {needed} are needed, from ten clients or more"
NEEDS_BOTH = "Both figures above, by how many sessions there were of each"
ESTIMATED = "{value:.0%} (95% interval {low:.0%} to {high:.0%})"
NOT_ENOUGH = "Not enough data"


@dataclass(frozen=True)
class GuessWords:
    """What a table of a therapist's ratings beside clients' says: to them, or of them."""

    title: str
    label: str
    higher: str
    follows: str
    unseen: str
    whose: str
    reading: str
    rests_on: str = "Rests on"


OWN_GUESSES = GuessWords(
    title="What you rated before you looked",
    label="Your ratings beside your clients’",
    higher="How much higher you rate the work than they do",
    follows="How far your rating moves when theirs moves by a point",
    unseen="Strains found at which your rating had not fallen and you had noted nothing",
    whose="you treat",
    reading="Below zero: you rate lower. 1: your rating follows theirs fully, 0: not at all",
)
SHARED_GUESSES = GuessWords(
    title="Rated before looking, shared by {therapist}",
    label="The therapist’s ratings beside the clients’",
    higher="How much higher {therapist} rates the work than clients do",
    follows="How far that rating moves when a client’s moves by a point",
    unseen="Strains found at which that rating had not fallen and none was noted",
    whose="in treatment with them",
    reading="Below zero: lower than clients. 1: it follows theirs fully, 0: not at all",
)


def shared_words(therapist: str) -> GuessWords:
    """For whoever supervises, and for the therapist alike."""
    words = SHARED_GUESSES
    return replace(
        words, title=words.title.format(therapist=therapist), higher=words.higher.format(therapist=therapist)
    )


POINTS = "{value} points ({low} to {high})"
OF_A_POINT = "{value:.2f} ({low:.2f} to {high:.2f})"
UNSEEN_OF = "{unseen} of {strains}"
INTERVAL = "(95% interval {low:.0%} to {high:.0%})"
CLIENTS_AND_SESSIONS = (
    "{clients} clients, {sessions} sessions that both rated; ten clients with three are needed"
)
NONE_BY_BOTH = "no session that both rated"
SHARED = "Whoever supervises you reads this table from now on. You can take that back here at any time."
TAKEN_BACK = "Taken back. Nobody but you reads this table."
