"""The words of the one paper for whoever sent a client, and of whose idea it was to come."""

from goldseam_web.cases.models import Idea, SentBy

CAME = "{name} came to {clinic} on {days}."
CAME_FROM = "{name} came to {clinic} on {days} from {first} up to today."
CAME_UNTIL = "{name} came to {clinic} on {days} until {last}."
CAME_IN_TIME = "{name} came to {clinic} on {days} from {first} to {last}."
DAYS = ("{count} day", "{count} days")
NO_DAY = "no day"
DAYS_INVALID = "Give days such as 2026-11-26, the first not after the last."

IDEAS = {
    Idea.UNKNOWN: "Not known whose idea it was to come.",
    Idea.OWN: "Came by their own idea.",
    Idea.SHARED: "Came by a shared idea.",
    Idea.SOMEONE_ELSE: "Came by somebody else’s idea.",
}
SENT_BY = {
    SentBy.COURT: "A court or an authority asked that they come.",
    SentBy.CHILD_PROTECTION: "Child protection asked that they come.",
    SentBy.SCHOOL: "A school asked that they come.",
    SentBy.WORK: "An employer asked that they come.",
}
IDEA_KEPT = "Kept."
IDEA_KEPT_SENT = "Kept. On their first page {name} reads who sent them, and what they are told."
