"""What is said of progress beside what was to be expected, and of the shape of a course."""

ON_TRACK, NOT_ON_TRACK, MAY_NOT_BE_SAID = "on track", "not on track", "may not be said"
STABLE = "stable"
# By the science's word for each shape.
SHAPES = {
    STABLE: STABLE,
    "rising": "rising",
    "declining": "declining",
    "U": "down and up again (a U)",
    "inverted U": "up and down again (an inverted U)",
    "V": "one brief dip (a V)",
    "sawtooth": "several brief dips (a sawtooth)",
    "low early, then better": "low early, then better",
}
# Where nothing but its own scatter is known, a fall at the end makes that large, and stands out from nothing.
NOTHING_STANDS_OUT = "stable, as far as anything could stand out from its own scatter"

TRACK = (
    "{name}: {verdict}. Rated {value:.1f} at {session}, where {low:.1f} to {high:.1f} was to be expected after a start "
    "at {start:.1f} at {first}."
)
OUTSIDE_BAND = " Lower than that, and not so far that it is called not on track."
EARLIER = " Not on track before: {sessions}."
WHY_NOT = "{name}: may not be said, because {reason}."
ONE_RATING = "one rating is the start, and nothing comes after it yet"
TOO_LONG = "too few finished courses ran to {session} to know how often they are called not on track there"
OTHER_VERSION = "the questions have changed since these courses"

RATES = (
    "By this rule {per_look} of single looks and {per_case} of courses, over all their looks up to session {up_to}, "
    "are called not on track, whether or not they end well."
)
VALUE = " Of the courses called so, {value:.0%} ended worse than they began; of all, {poor:.0%}."
SHAPE = (
    "{name}, shape so far: {shape}. Of courses of {n} ratings in which nothing changes, {chance} are called so "
    "by chance."
)
TOO_SHORT = "Shape of a course: too short to say under {fewest} ratings."
LESS_THAN = "less than 1%"

LEARNT_FROM = (
    "Learnt from finished courses of this clinic, as fitted on {version}. It is about how somebody is doing, and says "
    "nothing of the work with a therapist."
)
TABLE_CAPTION = "{name}: rated and expected"
LABEL_BAND = "{label}; expected at the last session {low:.1f} to {high:.1f}"
