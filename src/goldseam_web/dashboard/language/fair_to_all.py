"""What is said of a low or falling *fair to all of us*: the work with all of them together, in each one's own view."""

from goldseam_web.dashboard.language.phrases import ByReader

LOW = ByReader(
    "About {session} {name} rated how fair you were to all of them {value:g} of 10, below the middle.",
    "About {session} {name} rated how fair {therapist} was to all of them {value:g} of 10, below the middle.",
)
FELL = ByReader(
    "About {session} {name} rated how fair you were to all of them {value:g} of 10; "
    "before, it was {usual:.1f} on average.",
    "About {session} {name} rated how fair {therapist} was to all of them {value:g} of 10; "
    "before, it was {usual:.1f} on average.",
)
# Of those who rated that session: each view with its number, in the members' own order.
VIEW = "{name} {value:g}"
VIEWS = "The same session as each of them saw it: {views}."
NOTE = "This is one answer, and it raises no alert by itself."
