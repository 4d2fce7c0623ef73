"""What the columns of the exported tables hold, and the words that may stand in them where they are few."""

from collections.abc import Mapping

# Of each column: its meaning, and its words.
SCALE = "which relation or condition was rated"
MEANINGS: Mapping[str, Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "ratings": {
        "case": ("one treatment of an individual, a couple or a family", {}),
        "rater": (
            "a member of the case, rating one therapist (-2: the next); in another case a person has another name",
            {},
        ),
        "scale": (SCALE, {}),
        "phase": (
            "when it was asked",
            {"pre": "before the session, about the time since the last one", "post": "after the session"},
        ),
        "session": ("number of the session among those that took place", {}),
        "value": ("mean of the items of the scale; empty: the session was attended and not rated", {}),
        "minimum": ("lowest possible value", {}),
        "maximum": ("highest possible value", {}),
        "date": ("day of the session, all days of a case moved by the same number of whole weeks", {}),
    },
    "cases": {
        "case": ("as in ratings", {}),
        "modality": (
            "who is treated",
            {"individual": "one person", "couple": "a couple", "family": "a family"},
        ),
        "therapist": ("who held the last session", {}),
        "ending": (
            "how it ended; empty: for another reason",
            {
                "planned": "as planned",
                "dropout": "clients stopped coming",
                "ongoing": "had not ended on the day of the export",
            },
        ),
        "members_in_data": ("members who agreed to research, whose ratings are here", {}),
    },
    "episodes": {
        "case": ("as in ratings", {}),
        "session": ("session at which it was found", {}),
        "rater": ("whose ratings fell", {}),
        "confirmed": (
            "whether client or therapist said that there was strain; empty: nobody said anything",
            {"yes": "one of them said so", "no": "the therapist said that there was none"},
        ),
        "status": ("how the ratings went on by the day of the export", {}),
        "repair_session": ("session from which on ratings were back; empty: not", {}),
        "client_said_repaired": ("the client's own word after the return", {"yes": "said that it was"}),
    },
    "evidence": {
        **{
            name: ("as in ratings", {})
            for name in ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum")
        },
        "item_goal": ("what the value is the mean of: we worked toward what the client wants changed", {}),
        "item_task": ("what the value is the mean of: the way of working fitted", {}),
        "item_bond": ("what the value is the mean of: understood, on their side", {}),
        "item_safety": ("what the value is the mean of: could say it when something did not fit", {}),
        "tension": (
            "the direct question; empty: not sure, or left out",
            {"0": "no", "1": "a little", "2": "clearly"},
        ),
        "strain_confirmed": (
            "whether there was strain, as client or therapist said when asked; empty: nobody was asked, or answered",
            {"1": "one of them said so", "0": "there was none"},
        ),
        "asked_by_chance": (
            "why the session was asked about; empty as strain_confirmed",
            {"1": "by lot, with nothing found; of clients seen alone", "0": "a strain was found"},
        ),
    },
    "outcomes": {
        "case": ("as in ratings", {}),
        "after": (
            "well-being (0 to 10, higher is better) at the last rated session; empty: not over, or rated once",
            {},
        ),
        "before": ("well-being at the first rated session", {}),
        "members_rated": ("members in the data whose mean both are", {}),
        "before_session": ("number of the first rated session", {}),
        "before_date": ("its day, moved as in ratings", {}),
        "after_session": (
            "number of the last rated session; where somebody left early it is no end of treatment",
            {},
        ),
        "after_date": ("its day, moved as in ratings", {}),
    },
    "sessions": {
        "case": ("as in ratings", {}),
        "session": ("as in ratings", {}),
        "members_there": ("members in the data who were there", {}),
        "another_therapist": (
            "another therapist than at the session before",
            {"yes": "another", "no": "the same, or the first session"},
        ),
    },
}
NUMBERS = {
    *("session", "value", "minimum", "maximum", "members_in_data", "repair_session", "members_there"),
    *("item_goal", "item_task", "item_bond", "item_safety", "tension", "strain_confirmed", "asked_by_chance"),
    *("after", "before", "members_rated", "before_session", "after_session"),
}


def direction(higher_is_better: bool) -> str:  # noqa: FBT001 - what it is about is in its name
    """Which way a scale goes."""
    return "higher is better" if higher_is_better else "lower is better"
