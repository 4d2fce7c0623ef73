"""What a study says of how ratings hang together: with progress, in couples, between therapists, and before dropout."""

from collections.abc import Iterator
from dataclasses import replace

from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.study_answer import StudyAnswer, refused_answer


def relation_answers(
    cohort: Cohort,
    progress: Cohort | None,
    by_therapist: Cohort | None,
    model: ChanceModel | None,
    refused: str | None,
    *,
    seed: int,
) -> Iterator[StudyAnswer]:
    """The questions that the tables can be asked: of progress, of couples, of therapists, of splits.

    Parameters
    ----------
    cohort : Cohort
        The alliance.
    progress : Cohort or None
        Ratings of progress, where they are given.
    by_therapist : Cohort or None
        Therapists' ratings of their cases, where a scale of theirs is named.
    model : ChanceModel or None
        None where the norms of the cohort cannot be fitted.
    refused : str or None
        Why not.
    seed : int
        Of drawn tables.

    Yields
    ------
    StudyAnswer
    """
    if progress is not None:
        from goldseam.cohort.within_between import within_between_of
        from goldseam.cohort.within_between_answer import within_answer

        yield within_answer(within_between_of(cohort, progress, seed=seed))
    if (cohort.per_case == 2).any():
        from goldseam.cohort.actor_partner import actor_partner_of
        from goldseam.cohort.couples_answer import couples_answer

        yield couples_answer(actor_partner_of(cohort, progress, seed=seed))
    if cohort.cases.get_column("therapist").count():
        from goldseam.cohort.one_with_many import one_with_many_of
        from goldseam.cohort.one_with_many_answer import many_answer

        yield many_answer(one_with_many_of(cohort, by_therapist, seed=seed))
    if (cohort.per_case > 1).any() and cohort.cases.get_column("ending").eq("dropout").any():
        yield _split(cohort, model, refused)


def _split(cohort: Cohort, model: ChanceModel | None, refused: str | None) -> StudyAnswer:
    from goldseam.cohort.split_answer import SPLIT_QUESTION, split_answer
    from goldseam.cohort.split_dropout import split_dropout_of

    if model is None:
        return refused_answer("split-dropout", SPLIT_QUESTION, str(refused))
    return split_answer(split_dropout_of(cohort, replace(model, cohort=cohort)))
