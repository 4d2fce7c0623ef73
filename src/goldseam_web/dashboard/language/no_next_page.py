"""The words of the clinic's one message to a client without a next appointment."""

from goldseam_web.measures.models import OutreachAnswer

WRITTEN = "A message goes to {name} within the hours they named."
WRITTEN_ALREADY = "Written to since the last session. Silence brings no second message."
NO_ANSWER = "{name} was written to on {day}; no answer yet."
ANSWERS = {
    OutreachAnswer.COME_AGAIN: "{name} would like to come again (said on {day}).",
    OutreachAnswer.ANOTHER_THERAPIST: "{name} would like to come to somebody else here (said on {day}).",
    OutreachAnswer.STOP_HERE: "{name} would like to stop here (said on {day}).",
    OutreachAnswer.DO_NOT_WRITE: "{name} asks not to be written to again (said on {day}).",
}
REASON = "“{reason}”"
