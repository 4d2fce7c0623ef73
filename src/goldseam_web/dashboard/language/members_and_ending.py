"""The words of who takes part, who treats, and of how a case ends."""

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
