"""Shares of the variance of ratings in the words of a study."""

from collections.abc import Iterator
from typing import Any

from goldseam.cohort.nested_ratings import PARTS
from goldseam.cohort.one_with_many import SHUFFLES, OneWithMany
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.wording import counted

MANY_QUESTION = "How much do therapists, cases, members and sessions differ in ratings?"


def many_answer(found: OneWithMany) -> StudyAnswer:
    """The shares, with what shuffled units give beside them."""
    name = "one-with-many"
    if found.refused:
        return refused_answer(name, MANY_QUESTION, found.refused)
    rows = [row for row in found.table.to_dicts() if row["refused"] is None]
    said = "; ".join(f"{row['part']} {_said(row)}" for row in rows)
    return StudyAnswer(
        name,
        MANY_QUESTION,
        "Shares of the variance of ratings around the mean of all at each session, one therapist being rated by many: "
        "what all clients of a therapist have in common; what members of a case have in common beyond it; what a "
        "member's ratings have in common beyond that; what members of a case have in common at one session; the rest, "
        "error in single ratings included.",
        f"{said[0].upper()}{said[1:]}.",
        {name: found.table} | ({} if found.reciprocity.is_empty() else {"reciprocity": found.reciprocity}),
        found.plot(),
        "Points are shares with 95% intervals; crosses are what comes out where units are shuffled over the part.",
        tuple(_notes(found)),
        used={} if found.used is None else {f"{name}-rows": found.used},
    )


def _notes(found: OneWithMany) -> Iterator[str]:
    yield (
        f"{counted(found.therapists, 'therapist')}, {counted(found.cases, 'case')} ({found.families} with several "
        f"members), {counted(found.members, 'member')}, {counted(found.ratings, 'rating')}; every member counts alike. "
        "The shares come from products of pairs of ratings and can come out below 0: then the part cannot be told from "
        "none. Intervals are those of a jackknife over therapists."
    )
    for row in found.table.to_dicts():
        if row["refused"] is not None:
            yield f"{row['part']}: not told apart, {row['refused']}."
    yield (
        f"By chance is the mean over {counted(SHUFFLES, 'shuffle')} in which the part has no variance (cases over "
        "therapists, members over the cases of their therapist, ratings of a session over everybody)."
    )
    yield from _reciprocity(found)
    yield (
        "Cases are not given to therapists at random: the share of therapists holds what their clients bring, and is "
        f"no effect of a therapist. No published split into these {len(PARTS)} parts was found to set beside."
    )


def _reciprocity(found: OneWithMany) -> Iterator[str]:
    """The other side of the reciprocal design."""
    if found.reciprocity.is_empty():
        yield "How therapists rate their cases is not in these tables, or no scale of theirs was named."
        return
    parts = []
    for row in found.reciprocity.to_dicts():
        said = f"not answered ({row['refused']})"
        if row["refused"] is None:
            chance = "" if row["chance"] is None else f", by chance {row['chance']:.2f}"
            said = f"{row['correlation']:.2f} ({row['low']:.2f} to {row['high']:.2f}){chance}"
        parts.append(f"{row['level']} {said}")
    yield (
        "Reciprocity, the correlation of what members' ratings of a therapist and the therapist's ratings of their "
        f"case have in common at each level: {'; '.join(parts)}. At the level of therapists: whether those whom all "
        "clients rate high rate all of them high; of case and member: whether whom a therapist rates higher than "
        "others rates that therapist higher; of sessions: whether both are higher at the same sessions."
    )


def _said(row: dict[str, Any]) -> str:
    value, low, high = (100 * row[each] for each in ("share", "low", "high"))
    said = f"{value:.1f}% ({low:.1f} to {high:.1f})"
    if row["chance"] is None:
        return said
    return f"{said}, by chance {100 * row['chance']:.1f} (95% below {100 * row['chance_most']:.1f})"
