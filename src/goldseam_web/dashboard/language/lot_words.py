"""The words of the question by lot, and of a therapist's own figures."""

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

HIGHER = "How much higher you rate the work than they do"
FOLLOWS = "How far your rating moves when theirs moves by a point"
UNSEEN = "Strains found at which your rating had not fallen and you had noted nothing"
RATED_BY_BOTH = "Rests on"
POINTS = "{value:+.1f} points ({low:+.1f} to {high:+.1f})"
OF_A_POINT = "{value:.2f} ({low:.2f} to {high:.2f})"
UNSEEN_OF = "{unseen} of {strains}"
INTERVAL = "(95% interval {low:.0%} to {high:.0%})"
CLIENTS_AND_SESSIONS = (
    "{clients} clients, {sessions} sessions that both rated; ten clients with three are needed"
)
NONE_BY_BOTH = "no session that you and a client rated"
