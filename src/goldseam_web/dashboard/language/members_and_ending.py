"""The words of who takes part, who treats, and of how a case ends."""

from goldseam_web.alerts.services.case_deletion import InTheWay
from goldseam_web.cases.models import RestReason, TherapistPart

TAKES_PART = "Takes part, and is asked."
PAUSED = "Asked nothing since {day}."
IS_NOT_ASKED = "Takes part, and is asked nothing."
LEFT = "Takes no more part since {day}."

RESTS = {
    RestReason.IN_HOSPITAL: "In hospital: asked nothing since {day}.",
    RestReason.BEREAVED: "Bereaved: asked nothing since {day}.",
}
DIED = "Died. Nothing has been asked or sent since {day}, in any case."
LOOK_AGAIN = "Look again on {day}."
LOOK_AGAIN_NOW = "{name}: asked nothing since {day}. Is it time to ask again?"

WAS_A_MISTAKE = "That was a mistake"

PAUSE, GO_ON = "Ask nothing for now", "Go on asking"
WITHDRAWS, AGREES_AGAIN = "Does not want to be asked", "Wants to be asked again"
LEAVES, COMES_BACK = "Takes no more part", "Takes part again"
CHANGED = "Noted for {name}."

WHO_ELSE, AS_WHAT = "Who", "As what"
AS_COVER, AS_CO_THERAPIST = "Covers for a while", "Co-therapist"
FIRST_DAY, LAST_DAY = "First day", "Last day"
PARTS = {
    TherapistPart.MAIN: "treats the case, {first} to {last}",
    TherapistPart.CO_THERAPIST: "co-therapist, {first} to {last}",
    TherapistPart.COVER: "covers, {first} to {last}",
}
PARTS_OPEN = {
    TherapistPart.MAIN: "treats the case since {first}",
    TherapistPart.CO_THERAPIST: "co-therapist since {first}",
    TherapistPart.COVER: "covers since {first}",
}
THERAPISTS_KEPT = "Kept. Clients read the names before they answer."
THERAPIST_NEEDED = "Choose one of the colleagues."
THERAPIST_AND_DAYS_NEEDED = "Choose a colleague, and give the first day."

ENDED = "This case ended on {day}: {how}."
SINCE = "The ending has been talked about since {day}."
STILL_OPEN = "{name}: {what}, since {day}; nobody has said what became of it."
REASON_NEEDED = "Say how the case ended; nothing has been changed."
CASE_ENDED = "The case has ended. Its sessions ahead are called off."
DONE = {
    "last_phase": "Noted. What falls from now on is told as the fall of an ending.",
    "no_last_phase": "Noted. The ending is off again.",
    "reopen": "The case is open again, with the sessions that still lie ahead.",
}
JOINED = "{name} is in the case now. Ask {name} alone by which ways messages may be sent."

IN_THE_WAY = {
    InTheWay.ANSWERED: "Somebody has answered, or begun to.",
    InTheWay.AGREED: "Somebody has said whether they agree to be asked, or has chosen a word.",
    InTheWay.SENT: "A message has left the house, or may have.",
    InTheWay.CARD: "A card was made for somebody.",
    InTheWay.HELD: "A session took place.",
    InTheWay.NOTED: "Something was noted: an event, what was seen in a session, or what somebody said alone.",
    InTheWay.DOUBLE: "Somebody was found to be the same as another entry; the page of the person can take that back.",
    InTheWay.HOLD: "It has to be kept for a legal reason.",
}
PERSON_GOES = "{name}: name, addresses and safe ways, unless known here from elsewhere."
SESSIONS_GO = "Sessions that were planned: {number}, with their links, which then lead nowhere."
REST_GOES = "Mails that wait, who treats the case, and who was named for whom."
SAY_YES_TO_DELETE = "Nothing is deleted: say that you have looked at it."
WRITTEN_MEANWHILE = "Something was written in this case at the same moment. Nothing is deleted; look again."
DELETED = "The case is deleted."
