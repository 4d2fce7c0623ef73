"""The words of who agreed to what, and when."""

from goldseam_web.cases.consent_tables import Purpose
from goldseam_web.cases.readers import ReadsAs

NOT_ASKED = "Not asked yet: before the first question {name} reads what this is, and says yes or no."
AGREED = "Agreed to the questions on {day}, {how}."
NEW_WORDS = (
    "Agreed to the questions on {day}, {how}, to earlier words; the new ones come before the next question."
)
NOT_READ = "Agreed to the questions on {day}, {how}; the words themselves come before the next question."
DECLINED = "Has not agreed to the questions ({day}, {how}). Nothing is asked."
WITHDRAWN = "Does not want to be asked any more, since {day} ({how})."
RESEARCH_YES = "Research: yes, {day}."
RESEARCH_NO = "Research: no, {day}."
RESEARCH_OPEN = "Research: nothing said."

PURPOSES = {
    Purpose.CARE: "The questions, and that staff read them",
    Purpose.RESEARCH: "Research, without the name",
}
VERSION, NO_VERSION = "version {number}", "no text shown"
RECORDED_BY = "kept by {name}"

SIGNED_ON_NEEDED = "Give the day that stands on the paper."
VERSION_SINCE = "Version {number}, since {day}"
VERSION_SHIPPED = "Version {number}, as it comes with Goldseam"
SAY_YES_OR_NO = "Say whether they agreed to the questions."
YES, NO, NOTHING = "yes", "no", "nothing"
KEPT = "Kept for {name}."

PARTS_OF_SHEET = (
    ("care", "What is asked"),
    ("feedback", "Who reads it"),
    ("limits", "When it may have to be told further"),
    ("research", "Research, if you like"),
)
READS_AS = {
    ReadsAs.THERAPIST: "whom you meet",
    ReadsAs.COVER: "who covers",
    ReadsAs.SUPERVISOR: "who supervises the work",
}
READS_AS_IN_TRAINING = {
    ReadsAs.THERAPIST: "whom you meet, in training",
    ReadsAs.COVER: "who covers, in training",
}
# To the guardian of a young person, who may meet none of them.
READS_AS_OF_YOUNG = {**READS_AS, ReadsAs.THERAPIST: "who works with {young}"}
READS_AS_IN_TRAINING_OF_YOUNG = {
    ReadsAs.THERAPIST: "who works with {young}, in training",
    ReadsAs.COVER: "who covers, in training",
}
AND, WHO_TREATS = " and ", "Whoever you meet"

COLUMNS = (
    *("person", "purpose", "answer", "version", "hash_of_words"),
    *("said_on", "how", "stored_at", "stored_by", "said_by"),
)
FILE_NAME = "consent-{day}.csv"
