"""The files of a study: report, tables, charts, JSON, and a script of R that recomputes the main tables."""

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from goldseam.cohort.minimum_table import minimum_table
from goldseam.cohort.study_content import StudyContent
from goldseam.cohort.study_pdf import pdf_missing, report_pdf
from goldseam.cohort.study_report import report_page

if TYPE_CHECKING:
    import polars as pl


MOST_ROWS = 1_000_000
"""Of a table that R recomputes another from: it would take minutes to read more."""


def study_files(study: StudyContent) -> "dict[str, str | bytes | pl.DataFrame]":
    """Every file of a study by its name; the same study gives the same bytes, the PDF on one machine with its fonts.

    Parameters
    ----------
    study : StudyContent
        With its answers.

    Returns
    -------
    dict of str to (str, bytes or polars.DataFrame)
        No ``report.pdf`` where `pdf_missing` says why.

    Raises
    ------
    MissingExtraError
        Altair, which draws the charts, is not installed.
    """
    page = report_page(study)
    files: dict[str, str | bytes | pl.DataFrame] = {"report.html": page}
    if not pdf_missing():
        files["report.pdf"] = report_pdf(page)
    for answer in study.answers:
        files |= {f"{name}.csv": table for name, table in answer.tables.items()}
        files |= {f"{name}.csv": table for name, table in answer.used.items() if table.height <= MOST_ROWS}
        if drawn := answer.svg:
            files[f"{answer.name}.svg"] = drawn
    if study.deviations is not None:
        files["deviations.csv"] = study.deviations
    files["minimums.csv"] = minimum_table()
    files["study.json"] = json.dumps(json_content(study), indent=1, allow_nan=False) + "\n"
    if not study.per_case.is_empty():
        files["per-case.csv"] = study.per_case
        files["recompute.R"] = (resources.files("goldseam.cohort") / "recompute.R").read_text(
            encoding="utf-8"
        )
    return files


def json_content(study: StudyContent) -> dict[str, Any]:
    """Settings and answers as plain JSON content.

    Parameters
    ----------
    study : StudyContent
        With its answers.

    Returns
    -------
    dict
    """
    figure = study.prevalence.corrected.figure if study.prevalence.corrected else None
    return {
        **study.settings,
        "plan": None if study.plan is None else {"sha256": study.plan.sha256, **study.plan.content},
        "answers": [
            {
                "name": each.name,
                "question": each.question,
                "estimand": each.estimand,
                "sentence": each.sentence,
                "refused": each.refused,
                "notes": list(each.notes),
                "tables": {name: table.fill_nan(None).to_dicts() for name, table in each.tables.items()},
            }
            for each in study.answers
        ],
        "corrected_figure": None if figure is None else list(figure),
    }
