"""The words of the joint view: what whoever treats the case reads alone, and what is shown to all of them."""

from goldseam_web.measures.own_measures import GROUP_THERAPIST, SELF_THERAPIST

TITLE = "Joint view"
LEDE = (
    "A picture to look at with all of them: how each rated the work with you, by first name, and nothing else. Each "
    "of them releases it alone, on the page that their own word opens. Nobody in the case sees this page, or whether "
    "it is on."
)
OFF = "It is off. Nothing opens, whatever anybody has released."
HELD = "Kept until each has been seen alone."
WAITS = (
    "It is on, and opens once each of them has released something, up to a session that all of them rated. Who has and "
    "who has not is told to nobody, so that nobody can be asked about it."
)
LOOK = "This is all they will see. Only you see it now."
LOOK_THEN = (
    "Once you show it, none of them can take it back, and each release is used up: for the next time everybody decides "
    "anew. It stays on this screen, in the room too, until you close it, three hours at most."
)
IS_SHOWN = "It was shown {moment} by {name}, on another screen or longer than three hours ago. Close it to begin anew."

# How months are written (Django's date formats).
MONTH, SHORT_MONTH, MONTH_AND_YEAR = "F", "M", "F Y"

# On the picture.
TITLES = {
    SELF_THERAPIST: "Each of you and {therapist}",
    GROUP_THERAPIST: "All of you and {therapist}, as each of you sees it",
}
FIRST_AND_LAST = "{name} gave {first:.1f} first and {last:.1f} last."
ONCE = "{name} gave {last:.1f}."
FROM_TO = "Higher is better, {least:g} to {most:g}. From {first_month} to {month}."
IN_ONE_MONTH = "Higher is better, {least:g} to {most:g}. In {month}."
