"""What a report of an observational study should say, item by item, filled where the data and the program know it.

The items follow the headings of STROBE (von Elm et al. 2007, PLoS Med 4, e296), in our own words.
"""

from typing import TYPE_CHECKING

from goldseam.cohort.study_content import StudyContent
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl


AUTHORS = "to be written by the authors"
ITEMS = (
    ("title and abstract", "the design is named", AUTHORS),
    ("introduction", "background and aims", AUTHORS),
    (
        "methods",
        "design",
        "cohort of treated cases, rated session by session; sessions nested in members, in cases",
    ),
    ("methods", "setting, places and dates", AUTHORS),
    ("methods", "participants: who was eligible, how cases came into the table", AUTHORS),
    ("methods", "variables: episodes", "the criteria, with versions and parameters, stand under Methods"),
    ("methods", "measurement: the scale and its validity", AUTHORS),
    (
        "methods",
        "bias",
        "chance is drawn for the same sessions and shown beside every figure; what remains is said under each",
    ),
    (
        "methods",
        "study size",
        "the least each question needs stands in a table of its own; how the size came about: by the authors",
    ),
    (
        "methods",
        "quantitative variables",
        "ratings are used as given; none is cut into groups but by the criteria",
    ),
    ("methods", "statistical methods", "under Methods, and docs/methods/cohort.md of the program"),
    (
        "methods",
        "missing ratings",
        "sessions without a rating are not judged; they are counted under the data",
    ),
    ("methods", "loss to follow-up", "{endings}"),
    (
        "methods",
        "sensitivity analyses",
        (
            "other criteria beside the primary one; corrected shares over a range of sensitivities; with outcomes, "
            "both effects under all specifications"
        ),
    ),
    (
        "results",
        "participants: numbers at each stage",
        "under the data; {read} series read, {cases} counted",
    ),
    ("results", "descriptive data of the participants", AUTHORS),
    ("results", "outcome data", "a table per question, as CSV"),
    ("results", "main results with precision", "estimates with 95% intervals, each with what chance gives"),
    ("results", "other analyses", "{refused} of {questions} questions were refused; each says why"),
    ("discussion", "key results, limitations, interpretation, generalisability", AUTHORS),
    ("other", "funding", AUTHORS),
)


def reporting_checklist(study: StudyContent) -> "pl.DataFrame":
    """Fill the checklist for a study.

    Parameters
    ----------
    study : StudyContent
        With its answers.

    Returns
    -------
    polars.DataFrame
        ``part, item, answer``.
    """
    import polars as pl

    data = dict(study.answers[0].tables["data"].iter_rows())
    known = sum(data[f"cases ended: {kind}"] for kind in ("planned", "dropout"))
    rows = study.prevalence.table
    said = {
        "endings": "planned end and dropout are told apart" if known else "endings were not given",
        "read": f"{data['series (members)']:.0f}",
        "cases": counted(0 if rows.is_empty() else rows.row(0, named=True)["of"], "case"),
        "refused": str(sum(each.refused for each in study.answers)),
        "questions": str(len(study.answers)),
    }
    filled = [(part, item, answer.format(**said)) for part, item, answer in ITEMS]
    return pl.DataFrame(filled, schema=["part", "item", "answer"], orient="row")
