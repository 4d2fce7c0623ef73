"""The words of the clinic's one message to a client without a next appointment."""

from goldseam_web.measures.outreach_tables import OutreachAnswer
from goldseam_web.outbox.models import MessageState

WRITTEN = "A message goes to {name} within the hours they named."
WRITTEN_ALREADY = "One message since the last session. Silence brings no second message."
NO_ANSWER = "{name} was written to on {day}; no answer yet."
NOT_SENT = {
    MessageState.PENDING: "The message to {name} has not left yet: it goes within the hours they named.",
    MessageState.SENDING: "The message to {name} has not left yet: it goes within the hours they named.",
    MessageState.FAILED: "The message to {name} could not be delivered; see whether the address is right.",
    MessageState.CANCELLED: "The message to {name} was called off before it left.",
    MessageState.UNCERTAIN: "The message to {name} may have arrived, so it is not sent twice; no answer yet.",
}
ANSWERS = {
    OutreachAnswer.COME_AGAIN: "{name} would like to come again (said on {day}).",
    OutreachAnswer.ANOTHER_THERAPIST: "{name} would like to come to somebody else here (said on {day}).",
    OutreachAnswer.STOP_HERE: "{name} would like to stop here (said on {day}).",
    OutreachAnswer.DO_NOT_WRITE: "{name} asks not to be written to again (said on {day}).",
}
REASON = "“{reason}”"
