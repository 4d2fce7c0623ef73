"""What is told of progress that is not on track. It is about how somebody is doing, and about nobody's work."""

from goldseam_web.dashboard.language.help_options import HelpText

TITLE = "Not on track: {name}"
TITLE_ALONE = "Not on track"
FOUND = (
    "{name}: rated {value:.1f} at {session}, where {low:.1f} to {high:.1f} was to be expected after a start at "
    "{start:.1f} at {first}."
)
ABOUT = (
    "Told since {day}, once, until a rating lies in the band again. It is about how somebody is doing, not about the "
    "work with a therapist: it is no strain, and nobody was written to."
)
ONLY_TREATING = "Nobody else of the family, or couple, sees it."
LOOKED = "Looked at by {name}, {day}."
NOT_LOOKED = "Nobody who treats has said yet that they looked."
KEPT = "Kept: you have looked at it."

# What the field's clinical support tools go through, and what supervision is for. Options, in no order.
SUPPORT = (
    HelpText(
        "listen",
        "Ask how it is, and leave room",
        "A rating says that, and never why. Ask alone: in a couple or family it is this person’s own answer.",
    ),
    HelpText(
        "target",
        "Go over what they come for",
        "Does the aim still fit, and the way you work toward it? The pages of the case hold both.",
    ),
    HelpText(
        "users",
        "Look at what stands around them",
        "What has happened in their life, who is on their side, and is anything else needed beside the meetings?",
    ),
    HelpText(
        "hand",
        "Bring it to supervision",
        "Together: the course on this page, what was tried, and what a next step could be. Whoever supervises you "
        "reads the same page.",
    ),
)

WAITS = "{title}: {scales}, since {session}."
WAITS_OF_MEMBER = "{title}: {name}, {scales}, since {session}."
LEFT_UNSEEN = "How somebody is doing in {case} is not on track, and has not been looked at since {day}."
LEFT_NOTE = "about progress, not about the work with a therapist"
