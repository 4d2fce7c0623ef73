"""The words of what a supervisor reads. Facts about cases and about use; nobody is compared and nothing is a merit."""

from goldseam_web.dashboard.language.phrases import NBSP

HEADLINE = (
    "{count} case of {therapist} is open to a word.",
    "{count} cases of {therapist} are open to a word.",
)
NOTHING_OPEN = "Nothing of {therapist}’s is open to a word."
RECORDED = "The open cases of {therapist}."

SINCE = "Since {day}"
SESSIONS_SINCE = (f"{{count}}{NBSP}session since", f"{{count}}{NBSP}sessions since")
NOT_OPENED = "nobody who treats has opened it"
HELP_ASKED = "help asked {day}"
ESCALATED = "escalated {day}"

WAITING_ESCALATED = "Something about {case} has waited since {day}."
WAITING_HELP = "{therapist} asks for a second pair of eyes: {case}."
WITH = "with {therapist}"

LEFT_TO_LEAD = "Something of {therapist}’s has waited since {day}, and nobody has opened it."
TOLD_AS_WELL = "Told as well: {names}."

TOO_FEW = "Fewer than five cases were asked in the last four weeks, so that no numbers are shown."
USE = "What became of the questions of the last four weeks, in {cases} cases."
ASKED, ANSWERED = "Asked", "Answered"
FINDINGS, LOOKED_AT, TALKED = "Findings in the answers", "Looked at", "Talked about"
OF_BEFORE = "{part} of {whole}"

HELP_KEPT = "Asked. Whoever supervises the case is told and can open it."
HELP_TAKEN_BACK = "Taken back."
