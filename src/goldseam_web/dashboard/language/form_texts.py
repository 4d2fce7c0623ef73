"""Labels of the fields of forms, what can be chosen, and what is said of an error."""

from goldseam_web.accounts.models import SecondLine
from goldseam_web.cases.models import SentBy

# ---------- acknowledging an alert ----------

CHOICE_REQUIRED = "Choose what you will do."
CHOICE_INVALID = "Choose one of those offered."
FINDINGS_CHANGED = "This page was out of date; look again before you choose."

# ---------- a member ----------

FIRST_NAME = "First name, or what they are called"
FIRST_NAME_REQUIRED = "Say what this person is called."
FAMILY_NAME = "Family name"
SAY_WHETHER_KNOWN = "You know somebody called {name} already; say below whether this is the same person."
ROLE = "Role"
EMAIL = "E-mail of their own"
EMAIL_INVALID = "That is no e-mail address; one looks like name@example.org."
PHONE = "Phone of their own"
SECOND_LINES = {
    SecondLine.BIRTH_YEAR: "Year of birth",
    SecondLine.OWN_NUMBER: "Number of the clinic’s own",
}
BIRTH_YEAR = "Year of birth, if under age"
PARTNERED = "Lives with a partner"
PARENT = "Is a parent"
IDEA = "Whose idea was it to come?"

NOT_KNOWN, YES, NO = "Not known", "Yes", "No"
CLIENT_ROLE, PARTNER_ROLE, PARENT_ROLE, CHILD_ROLE, OTHER_ROLE = (
    "Client",
    "Partner",
    "Parent",
    "Child",
    "Other",
)
OWN_IDEA, SHARED_IDEA, SOMEBODY_ELSES_IDEA = "Their own", "Shared", "Somebody else’s"
SENT_BY = {
    SentBy.COURT: "Somebody else’s: a court or an authority",
    SentBy.CHILD_PROTECTION: "Somebody else’s: child protection",
    SentBy.SCHOOL: "Somebody else’s: a school",
    SentBy.WORK: "Somebody else’s: an employer",
}

# ---------- a session ----------

DAY = "Day"
DAY_REQUIRED = "Give a day."
DAY_INVALID = "That is no day; one looks like 2026-11-26."
START = "Start"
START_REQUIRED = "Give a start."
START_INVALID = "That is no time; one looks like 15:30."
LENGTH = "Length"
LENGTH_IN_MINUTES = "Length in minutes"
LENGTH_REQUIRED = "Give a length."
LENGTH_INVALID = "That is no length; a session lasts 5 to 480 minutes."
MINUTES = "{minutes} minutes"
NO_SUCH_TIME = "The clocks go forward that night, and this time does not come; choose another one."
DAY_AND_START_TOGETHER = "A first session needs a day and a start; leave both empty to plan it later."
