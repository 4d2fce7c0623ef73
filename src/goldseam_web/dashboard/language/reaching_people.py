"""The words of how somebody may be reached, and of what became of a mail to them."""

from goldseam_web.outbox.models import MessageState

NEVER = "Never write or call"
VOICEMAIL = "A message may be left on the voicemail"
REMINDERS = "One reminder, when the questions are still open"
NOT_BEFORE, NOT_AFTER = "Not before", "Not after"
HOURS_NEEDED = "Give a time; one looks like 08:00."
HOW_NEEDED = "Say how they were asked; what was not asked alone is not kept."
ASKED = "Asked on {day}, {how}."
NOT_ASKED = "Not asked yet, so nothing is sent to them."
NOT_ASKED_YET = "Nothing is mailed to {names} yet: ask each alone how they may be reached (Who takes part)."
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

# ---------- one person entered twice ----------

ASKED_ON = "Asked on {day} how they may be reached."
SAME_BOTH = "Same names, and a contact in common."
SAME_NAME = "Same names."
SAME_CONTACT = "A contact in common, other names."
MERGED_ON = "Since {day} this is also {name} of another entry."
ONE_PERSON_NOW = "{name} is one person now. Answers stay in the case they were given in."
TWO_PEOPLE_AGAIN = "They are two people again, each with what was known before."
NOTHING_CHOSEN = "This page was out of date; look again."
