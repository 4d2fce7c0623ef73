"""The words of what members said about settling things at home, or with others, as they do in the meetings."""

from goldseam_web.measures.home_answers import SKIPPED_HOME

TITLE = "Settled at home as in the meetings"
TITLE_ALONE = "Settled with others as in the meetings"
NOTE = (
    "Everybody is asked every fourth week, from the fifth session on, whatever they answered. It stands by itself "
    "and is compared with nothing."
)
WHEN = "{session}, {day}"
LAST = {
    "yes": "Asked at {session}, {name} said that something was settled at home as in the meetings.",
    "partly": "Asked at {session}, {name} said that something was settled at home in part as in the meetings.",
    "no": "Asked at {session}, {name} said that it was tried at home and did not work.",
    "not_tried": "Asked at {session}, {name} said that it was not tried at home.",
    "nothing": "Asked at {session}, {name} said that there was nothing to settle at home.",
    SKIPPED_HOME: "Asked at {session}, {name} left the question out.",
}
LAST_ALONE = {
    "yes": "Asked at {session}, {name} said that something was settled with someone as in the meetings.",
    "partly": "Asked at {session}, {name} said that something was settled with someone in part as in the meetings.",
    "no": "Asked at {session}, {name} said that it was tried with someone and did not work.",
    "not_tried": "Asked at {session}, {name} said that it was not tried with anyone.",
    "nothing": "Asked at {session}, {name} said that there was nothing to settle with anyone.",
    SKIPPED_HOME: "Asked at {session}, {name} left the question out.",
}
ANSWERS = {
    "yes": "yes",
    "partly": "in part",
    "no": "tried, and it did not work",
    "not_tried": "not tried",
    "nothing": "nothing to settle",
    SKIPPED_HOME: "skipped",
}
