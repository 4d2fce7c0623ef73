"""The names in our own measures that rules and pages know: measures, scales, items and the answers that count."""

ALLIANCE_MEASURE = "goldseam-alliance"
PROGRESS_MEASURE = "goldseam-progress"
OWN_MEASURES = (ALLIANCE_MEASURE, PROGRESS_MEASURE)

# Scales, named for the relation they rate: client and therapist; the others and the therapist; the members with each
# other; all of them together and the therapist.
SELF_THERAPIST = "self_therapist"
OTHER_THERAPIST = "other_therapist"
WITHIN = "within"
GROUP_THERAPIST = "group_therapist"
THERAPIST_VIEW = "therapist_view"
# The facets of the alliance with the therapist: their scales, and what they are called.
FACETS = {"self_goal": "goal", "self_task": "task", "self_bond": "bond", "self_safety": "safety"}

# The direct question, the answers to it that say there was strain, and the question that follows them.
TENSION_ITEM = "tension"
TENSION_CLEARLY = "clearly"
TENSION_SAID = ("little", TENSION_CLEARLY)
TENSION_NOT_DENIED = (*TENSION_SAID, "unsure")
FOLLOW_UP_ITEM = "worked_out"
