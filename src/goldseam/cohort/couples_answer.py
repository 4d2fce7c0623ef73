"""Actor, partner and shared effects in the words of a study."""

from collections.abc import Iterator

from goldseam.cohort.actor_partner import ActorPartner
from goldseam.cohort.couple_analysis import ACTOR, PARTNER, SHARED, TOGETHER
from goldseam.cohort.panel_analysis import COURSE, TABLES, Row
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.wording import counted

COUPLES_QUESTION = "What do members of a couple have from each other?"
PUBLISHED_COUPLES = (0.297, 48, 40)
"""Correlation of alliance and outcome in couples and families: r, studies, samples (Friedlander et al. 2018)."""


def couples_answer(found: ActorPartner) -> StudyAnswer:
    """The part of the own and of the partner's alliance in what comes next."""
    name = "couples"
    if found.refused:
        return refused_answer(name, COUPLES_QUESTION, found.refused)
    actor, partner = found.row(ACTOR), found.row(PARTNER)
    if actor["refused"]:
        return refused_answer(name, COUPLES_QUESTION, str(actor["refused"]))
    return StudyAnswer(
        name,
        COUPLES_QUESTION,
        f"Within couples: how many points higher a member's {found.outcome} is at the next session where that member's "
        f"own {found.alliance} (actor), or the partner's (partner), is a point higher at this session than usual for "
        "them, the other ratings of both held, around the mean of all at each session; own levels of both removed. "
        "Members are not told apart, unless the same two names occur in every couple.",
        f"Actor: {_said(actor)}. Partner: {_said(partner)}.",
        {name: found.table},
        found.plot(),
        "Points are estimates in own SDs with 95% intervals (common fate: a correlation); crosses are what comes out "
        "where none of the ratings leads to another.",
        tuple(_notes(found, actor, partner)),
        used={} if found.used is None else {f"{name}-rows": found.used},
    )


def _said(row: Row) -> str:
    if row["refused"] is not None:
        return f"not answered ({row['refused']})"
    chance = "" if row["chance"] is None else f"; by chance {row['chance']:.3f}"
    return (
        f"{row['estimate']:.3f} ({row['low']:.3f} to {row['high']:.3f}), standardised {row['standardised']:.2f} "
        f"({row['standardised_low']:.2f} to {row['standardised_high']:.2f}){chance}"
    )


def _notes(found: ActorPartner, actor: Row, partner: Row) -> Iterator[str]:
    taken = [f"{row['bias_taken_off']:.3f}" for row in (actor, partner) if row["bias_taken_off"] is not None]
    yield (
        f"{counted(actor['couples'], 'couple')}, {actor['pairs']} pairs of neighbouring sessions that both rated. "
        f"Bias of short series taken off: {' and '.join(taken)}. Where both are a point higher: "
        f"{_said(found.row(TOGETHER))}."
    )
    course = found.row(ACTOR, removed=COURSE), found.row(PARTNER, removed=COURSE)
    yield f"Own straight courses removed, too: actor {_said(course[0])}; partner {_said(course[1])}."
    if found.roles is not None:
        apart = [found.row(each, f"{found.roles[0]} less {found.roles[1]}") for each in (ACTOR, PARTNER)]
        yield (
            f"Members are called {found.roles[0]} and {found.roles[1]} throughout, which is taken as roles. Difference "
            f"between the roles: actor {_said(apart[0])}; partner {_said(apart[1])}."
        )
    if SHARED in found.table.get_column("effect"):
        yield (
            f"Common fate, between couples: the level of {found.outcome} that both members share, per point of the "
            f"level of {found.alliance} that they share (latent: from covariances between members): "
            f"{_said(found.row(SHARED, 'couples', 'error of own levels'))}. Everything that makes couples differ goes "
            "with both; that is no effect."
        )
    r, studies, samples = PUBLISHED_COUPLES
    yield (
        f"Published: a correlation of alliance and outcome of {r:.3f} in couples and families ({studies} studies, "
        f"{samples} samples, Friedlander et al. 2018), between persons and not from session to session."
    )
    yield (
        f"By chance is the mean over {counted(TABLES, 'table')} with the same couples, sessions and scales in which "
        "none of the ratings leads to another, with levels, courses and innovations that go together as fitted; where "
        "these are known poorly it is off by about an error. What changes in both members from session to session is "
        "not held: these are associations. Intervals are clustered by therapist where ten are known, else by couple."
    )
