"""The files of a study: report, tables, charts, JSON, and a script of R that recomputes the main tables."""

import json
from typing import TYPE_CHECKING, Any

from goldseam.cohort.minimum_table import minimum_table
from goldseam.cohort.study_content import StudyContent
from goldseam.cohort.study_pdf import pdf_missing, report_pdf
from goldseam.cohort.study_report import answer_svg, report_page

if TYPE_CHECKING:
    import polars as pl


R_SCRIPT = """# Recomputes the main tables of this study from per-case.csv and says how far they differ.
# Rscript recompute.R, in this folder; cumulative incidence needs the package survival, which comes with R.
cases <- read.csv("per-case.csv")
worst <- 0
compare <- function(name, ours, theirs) {
  apart <- max(abs(ours - theirs))
  cat(sprintf("%-44s %.3g\\n", name, apart))
  worst <<- max(worst, apart)
}
shares <- read.csv("prevalence.csv")
for (i in seq_len(nrow(shares))) {
  if (is.na(shares$observed[i])) next
  id <- gsub("-", ".", shares$group[i], fixed = TRUE)
  counted <- cases[[paste0("counts_", id)]] == 1
  seen <- mean(cases[[paste0("flagged_", id)]][counted])
  chance <- mean(cases[[paste0("chance_", id)]][counted])
  compare(paste("cases flagged,", shares$group[i]), seen, shares$observed[i])
  compare(paste("by chance,", shares$group[i]), chance, shares$chance[i])
  compare(paste("excess,", shares$group[i]), seen - chance, shares$excess[i])
}
corrected <- if (file.exists("corrected.csv")) read.csv("corrected.csv") else NULL
if (!is.null(corrected) && any(!is.na(corrected$corrected))) {
  said <- corrected[!is.na(corrected$corrected), ]
  again <- (shares$observed[1] - shares$chance[1]) / (said$sensitivity - shares$chance[1])
  compare("corrected shares", pmin(pmax(again, 0), 1), said$corrected)
}
if (file.exists("onset.csv") && requireNamespace("survival", quietly = TRUE)) {
  onset <- read.csv("onset.csv")
  risk <- cases[!is.na(cases$entry), ]
  end <- ifelse(is.na(risk$end) | risk$end == "", "censored", risk$end)
  kinds <- c("censored", "first onset", "planned", "dropout")
  risk$event <- factor(end, levels = kinds)
  fit <- survival::survfit(survival::Surv(entry - 1, time, event) ~ 1, data = risk, id = number)
  at <- summary(fit, times = onset$session, extend = TRUE)
  place <- match("first onset", fit$states)
  compare("first onset, cumulative incidence", at$pstate[, place], onset$incidence)
  half <- qnorm(.975) * at$std.err[, place]
  compare("first onset, upper end of the interval", pmin(at$pstate[, place] + half, 1), onset$high)
}
cat(sprintf("largest difference %.3g\\n", worst))
if (worst > 1e-6) quit(status = 1)
"""


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
        if drawn := answer_svg(answer):
            files[f"{answer.name}.svg"] = drawn
    if study.deviations is not None:
        files["deviations.csv"] = study.deviations
    files["minimums.csv"] = minimum_table()
    files["study.json"] = json.dumps(json_content(study), indent=1, allow_nan=False) + "\n"
    if not study.per_case.is_empty():
        files["per-case.csv"] = study.per_case
        files["recompute.R"] = R_SCRIPT
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
