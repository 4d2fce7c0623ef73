"""The alliance and progress, within and between persons, in the words of a study."""

from collections.abc import Iterator

from goldseam.cohort.panel_analysis import (
    BACK,
    BETWEEN,
    COURSE,
    FORWARD,
    TABLES,
    Row,
)
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.within_between import WithinBetween
from goldseam.wording import counted

WITHIN_QUESTION = "Does progress follow the alliance?"
PUBLISHED_WITHIN = (0.05, 0.10)
"""Size of standardised lagged effects within persons, from memory: not read in the paper (Flückiger et al. 2020)."""
PUBLISHED_BETWEEN = (0.278, 0.256, 0.299)
"""Correlation of alliance and outcome with its 95% interval, 295 studies (Flückiger et al. 2018)."""


def within_answer(found: WithinBetween) -> StudyAnswer:
    """From session to session within persons, and in level between them."""
    name = "within-between"
    if found.refused:
        return refused_answer(name, WITHIN_QUESTION, found.refused)
    rows = [found.row(FORWARD), found.row(FORWARD, COURSE), found.row(BETWEEN, "error of own levels")]
    if all(row["refused"] for row in rows):
        return refused_answer(name, WITHIN_QUESTION, str(rows[0]["refused"]))
    level, course, between = rows
    parts = [
        f"Within persons, own levels removed: {_said(level)}",
        f"own straight courses removed, too: {_said(course)}",
    ]
    return StudyAnswer(
        name,
        WITHIN_QUESTION,
        f"Within persons: how many points higher {found.progress} is at the next session where {found.alliance} of "
        f"this session is a point higher than usual for that person, with {found.progress} of this session held, "
        "around the mean of all at each session; own levels, or own straight courses, removed. Between persons: how "
        f"many points higher the level that {found.progress} tends to is for a point of that level of "
        f"{found.alliance}, these levels being latent (their error of estimation taken off). The same in tables in "
        "which neither leads to the other.",
        f"{'; '.join(parts)}. Between persons: {_said(between, 'correlation')}.",
        {name: found.table},
        found.plot(),
        "Points are estimates in own SDs (between persons the correlation of own levels) with 95% intervals; crosses "
        "are what comes out where neither leads to the other.",
        tuple(_notes(found, level)),
        used={} if found.used is None else {f"{name}-rows": found.used},
    )


def _said(row: Row, unit: str = "in own SDs") -> str:
    if row["refused"] is not None:
        return f"not answered ({row['refused']})"
    chance = "" if row["chance"] is None else f"; by chance {row['chance']:.3f}"
    return (
        f"{row['estimate']:.3f} ({row['low']:.3f} to {row['high']:.3f}), {unit} {row['standardised']:.2f} "
        f"({row['standardised_low']:.2f} to {row['standardised_high']:.2f}){chance}"
    )


def _notes(found: WithinBetween, level: Row) -> Iterator[str]:
    if level["refused"] is None:
        pairs = level["pairs"] / level["persons"]
        yield (
            f"Bias of short series: with {pairs:.1f} pairs of neighbouring sessions a person, on average, least "
            f"squares around observed means gives {level['uncorrected']:.3f}; {level['bias_taken_off']:.3f} of it is "
            "bias and taken off (the column bias_taken_off has it for every row). The correction holds at any length, "
            "whatever the first rating."
        )
    back = found.row(BACK)
    if back["refused"] is None:
        yield (
            f"The other way round, {found.alliance} of the next session per point of {found.progress}: {_said(back)}. "
            "That it may be so is allowed for in the estimate of the first."
        )
    low, high = PUBLISHED_WITHIN
    r, r_low, r_high = PUBLISHED_BETWEEN
    yield (
        f"Published: within persons standardised lagged effects of about {low:.2f} to {high:.2f} (17 studies, 5,350 "
        "patients, sessions 1 to 7, Flückiger et al. 2020; the size is from memory), by methods that differ from this "
        f"one. Between persons a correlation of alliance and outcome of {r:.3f} ({r_low:.3f} to {r_high:.3f}; 295 "
        "studies, Flückiger et al. 2018), observed and with outcomes at the end."
    )
    if found.reliability == found.reliability:
        yield (
            f"Of the variance of estimated own levels of {found.alliance}, {100 * found.reliability:.0f}% is no error. "
            "Between persons everything that makes people differ goes with both; that part is no effect."
        )
    yield (
        "The part within persons is free of what does not change in a person, and not of what changes from session to "
        "session with both. Where own courses rise or fall at different pace, own levels do not hold that: the row "
        "with own straight courses removed does. Innovations are taken to be independent from session to session: "
        "error in single ratings makes the effect smaller, and is not corrected. Whether a session was rated is taken "
        "to have nothing to do with what would have been rated. It is an association."
    )
    yield (
        f"By chance is the mean over {counted(TABLES, 'table')} with the same sessions, ends and steps of the scales, "
        "drawn from own courses as fitted (between persons: unrelated ones), in which each rating goes on from itself "
        "alone. Intervals are clustered by therapist where ten are known, else by case."
    )
