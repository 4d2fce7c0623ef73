"""The words of how somebody may be reached, and of what became of a mail to them."""

from goldseam_web.outbox.models import MessageState

NEVER = "Never write or call"
BY_MAIL = "By e-mail, to {email}"
BY_PHONE = "By telephone, at {phone}"
VOICEMAIL = "A message may be left on the voicemail"
REMINDERS = "One reminder, when the questions are still open"
NOT_BEFORE, NOT_AFTER = "Not before", "Not after"
HOURS_NEEDED = "Give a time; one looks like 08:00."
HOW_NEEDED = "Say how they were asked; what was not asked alone is not kept."
ASKED = "Asked on {day}, {how}."
NOT_ASKED = "Not asked yet, so nothing is sent to them."
KEPT = "Kept for {name}."

MAILS = {
    MessageState.PENDING: "a mail waits for {when}",
    MessageState.SENDING: "a mail is on its way",
    MessageState.SENT: "mail sent {when}",
    MessageState.FAILED: "the mail could not be delivered: is the address right?",
    MessageState.UNCERTAIN: "nobody knows whether the mail arrived: show the link, or send it again",
}
NO_MAIL = "no mail: no safe way to write is known"
NOT_READY = "no mail: your clinic is not ready to ask by mail; its administrator sees what is missing"
NOT_READY_YET = (
    "Nothing was sent: your clinic is not ready to ask by mail. Its administrator sees what is missing."
)
SENT_AGAIN = "A mail goes out within the hours {name} named."
NOT_REACHED = "A mail to {name} could not be delivered."
PERHAPS_NOT_REACHED = "Nobody knows whether a mail to {name} arrived."
