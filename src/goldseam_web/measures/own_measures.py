"""The names in our own measures that rules and pages know: measures, scales, items and the answers that count."""

ALLIANCE_MEASURE = "goldseam-alliance"
PROGRESS_MEASURE = "goldseam-progress"
# What one member of a family answers about a child: scales and items of its own, so that nothing is ever mixed.
CHILD_MEASURE = "goldseam-child"
# Asked beside the alliance at some sessions, of everybody in the case alike (`home_calendar`).
HOME_MEASURE = "goldseam-home"
OWN_MEASURES = (ALLIANCE_MEASURE, PROGRESS_MEASURE, CHILD_MEASURE, HOME_MEASURE)

# Scales, named for the relation they rate: client and therapist; the others and the therapist; the members with each
# other; all of them together and the therapist.
SELF_THERAPIST = "self_therapist"
OTHER_THERAPIST = "other_therapist"
WITHIN = "within"
# One of the two answers behind it: whether all of them want the same from coming.
WITHIN_GOAL = "within_goal"
GROUP_THERAPIST = "group_therapist"
THERAPIST_VIEW = "therapist_view"
# The facets of the alliance with the therapist: their scales, and what they are called.
FACETS = {"self_goal": "goal", "self_task": "task", "self_bond": "bond", "self_safety": "safety"}

# Of progress, what is drawn and compared, by how much it tells: well-being, and the domains that are asked about.
PROGRESS_SCALES = (
    *("wellbeing", "relationship", "parenting", "household", "close_relationships", "work_study", "hope"),
)

# Of the members with each other: whether somebody could speak openly with the others there.
SPEAK_OPENLY_ITEM = "within_safety"

# The direct question, the answers to it that say there was strain, and the question that follows them.
TENSION_ITEM = "tension"
TENSION_CLEARLY = "clearly"
TENSION_SAID = ("little", TENSION_CLEARLY)
TENSION_NOT_DENIED = (*TENSION_SAID, "unsure")
FOLLOW_UP_ITEM = "worked_out"

# Whether something was settled at home as it is here: one question, in no finding, baseline or repair.
HOME_ITEM = "home_settled"
# Where others were there, a form with that question would have thirteen. This one gives way: no rule compares its
# ratings, and its scale has no other item, so that the series has a gap there and no mean of fewer items.
GIVES_WAY_TO_HOME = "other_bond"
