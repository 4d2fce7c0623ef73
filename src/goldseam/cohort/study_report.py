"""The report of a study as one page of HTML: no script, nothing fetched, every chart drawn in it."""

import json
from collections.abc import Iterable, Iterator
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

from goldseam.cohort.minimum_table import minimum_table
from goldseam.cohort.reporting_checklist import reporting_checklist
from goldseam.cohort.study_content import StudyContent
from goldseam.exceptions import MissingExtraError
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

    from goldseam.cohort.study_answer import StudyAnswer

MOST_ROWS = 60
STYLE = (
    "body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2933}"
    "h1{font-size:1.7rem}h2{font-size:1.25rem;margin-top:2.4rem;border-top:1px solid #cbd5e1;padding-top:1.2rem}"
    ".said{font-size:1.08rem}.estimand,.note,figcaption{color:#475569;font-size:.92rem}"
    ".refused{border-left:4px solid #b8860b;padding-left:.8rem}figure{margin:1rem 0;overflow-x:auto}"
    "p{overflow-wrap:anywhere}svg{max-width:100%;height:auto;overflow:visible}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;margin:.8rem 0}"
    "td,th{padding:.2rem .6rem;border-bottom:1px solid #e2e8f0;text-align:right;vertical-align:top}"
    "td:first-child,th:first-child,td.t,th.t{text-align:left}td.why{color:#475569;font-style:italic}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.82rem}"
)
PRINTED = (
    "@page{size:A4;margin:17mm 16mm 18mm}"
    "@page{@bottom-right{content:counter(page) ' of ' counter(pages);font:8pt sans-serif;color:#475569}}"
    "@media print{"
    "body{font-size:9.5pt;line-height:1.42;max-width:none;margin:0;padding:0}"
    "h1{font-size:17pt;margin-top:0}h2{font-size:12.5pt;margin-top:7mm;padding-top:3mm;break-after:avoid}"
    ".said{font-size:10.5pt}.estimand,.note,figcaption{font-size:8.5pt}"
    "h1,h2,.said{break-after:avoid}p{orphans:3;widows:3}"
    "figure{break-inside:avoid;margin:3mm 0}figure svg{max-height:230mm}"
    "table{font-size:7.6pt;line-height:1.3;margin:2mm 0}td,th{padding:.6mm 1.6mm}tr{break-inside:avoid}"
    "table.broad{font-size:6.8pt}.broad td,.broad th{padding:.6mm .9mm}"
    "pre{font-size:7pt;line-height:1.35}}"
)
BROAD = 8
"""Columns from which on a table is set smaller on paper."""
LIMITS = (
    "An episode here is a flag raised by a rule on ratings, not a rupture seen by anybody. Every figure stands "
    "beside what "
    "the same rule finds in ratings drawn from the fitted norms, with the same sessions, in which nothing happens."
)
DESCRIBES = " This is a description: no effect of repair on outcome is estimated, and no cause is shown."


def report_page(study: StudyContent) -> str:
    """The whole page.

    Parameters
    ----------
    study : StudyContent
        With its answers.

    Returns
    -------
    str
    """
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Ruptures and repairs: a study</title><style>{STYLE}{PRINTED}</style></head><body>"
        f"{report_body(study)}</body></html>\n"
    )


def report_body(study: StudyContent) -> str:
    """What stands on the page.

    Parameters
    ----------
    study : StudyContent
        With its answers.

    Returns
    -------
    str
    """
    parts = [
        f"<h1>Ruptures and repairs in {escape(str(study.settings['scale']))}</h1>",
        f"<p>{LIMITS}{'' if 'outcomes' in study.settings['read'] else DESCRIBES}</p>",
        *_plan(study),
        *(_section(each) for each in study.answers),
        "<h2>What each question needs</h2>",
        html_table(minimum_table()),
        *_methods(study),
        "<h2>Checklist for reporting</h2>",
        '<p class="note">After the headings of STROBE; what the program cannot know is left to the authors.</p>',
        html_table(reporting_checklist(study)),
    ]
    return "".join(parts)


def html_table(table: "pl.DataFrame") -> str:
    """A table of HTML: an estimate and its interval share a cell, an empty cell is a dash.

    Parameters
    ----------
    table : polars.DataFrame
        Of any columns; at most sixty rows are shown.

    Returns
    -------
    str
    """
    shown = _columns(table)
    text = {name: ' class="t"' if str(table.schema[name]) == "String" else "" for name in shown}
    head = "".join(f"<th{text[name]}>{escape(_heading(name, shown[name]))}</th>" for name in shown)
    rows = "".join(f"<tr>{_row(row, shown, text)}</tr>" for row in table.head(MOST_ROWS).to_dicts())
    more = table.height - MOST_ROWS
    rest = '<p class="note">' + counted(more, "more row") + " in the file.</p>" if more > 0 else ""
    broad = ' class="broad"' if len(shown) >= BROAD else ""
    return f'<div class="wide"><table{broad}><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{rest}'


def _columns(table: "pl.DataFrame") -> dict[str, tuple[str, str] | None]:
    """The columns shown, each with those of its interval; not the question of a section, nor what is always empty."""
    names = table.columns
    ends: dict[str, tuple[str, str] | None] = {
        name: (f"{name}_low", f"{name}_high") if f"{name}_low" in names else None for name in names
    }
    if "low" in names:
        ends[names[names.index("low") - 1]] = ("low", "high")
    taken = {end for pair in ends.values() if pair for end in pair} | {"question"}
    hidden = taken if "needs" not in names else taken - {"question"}
    shown = {name: pair for name, pair in ends.items() if name not in hidden | {"refused"}}
    if "refused" in names and not all(
        row["refused"] is None or _gap(row, shown) for row in table.head(MOST_ROWS).to_dicts()
    ):
        shown["refused"] = None
    return shown


def _gap(row: dict[str, Any], shown: Iterable[str]) -> list[str]:
    """The longest run of empty cells of a row: where the reason stands why it has no figures."""
    runs: list[list[str]] = [[]]
    for name in shown:
        if _empty(row[name]):
            runs[-1].append(name)
        elif runs[-1]:
            runs.append([])
    return max(runs, key=len)


def _row(row: dict[str, Any], shown: dict[str, tuple[str, str] | None], text: dict[str, str]) -> str:
    why = None if "refused" in shown else row.get("refused")
    gap = [] if why is None else _gap(row, shown)
    cells = []
    for name, ends in shown.items():
        if gap and name == gap[0]:
            cells.append(f'<td class="t why" colspan="{len(gap)}">{escape(str(why))}</td>')
        elif name not in gap:
            cells.append(f"<td{text[name]}>{escape(_interval_cell(row, name, ends))}</td>")
    return "".join(cells)


def _heading(name: str, ends: tuple[str, str] | None) -> str:
    return name.replace("_", " ") + (" (95% interval)" if ends else "")


def _interval_cell(row: dict[str, Any], name: str, ends: tuple[str, str] | None) -> str:
    if not ends or _empty(row[name]) or _empty(row[ends[0]]):
        return _cell(row[name])
    return f"{_cell(row[name])} ({_cell(row[ends[0]])} to {_cell(row[ends[1]])})"


def _section(answer: "StudyAnswer") -> str:
    said = "said refused" if answer.refused else "said"
    estimand = (
        f'<p class="estimand"><b>Estimand.</b> {escape(answer.estimand)}</p>' if answer.estimand else ""
    )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in answer.notes)
    tables = "".join(html_table(table) for table in answer.tables.values())
    return (
        f'<section id="{answer.name}"><h2>{escape(answer.question)}</h2><p class="{said}">{escape(answer.sentence)}</p>'
        f"{estimand}{_figure(answer)}{tables}{notes}</section>"
    )


def _figure(answer: "StudyAnswer") -> str:
    try:
        drawn = answer.svg
    except MissingExtraError as error:
        return f'<p class="note">{escape(str(error))}</p>'
    if not drawn:
        return ""
    return f"<figure>{drawn}<figcaption>{escape(answer.caption)}</figcaption></figure>"


def _plan(study: StudyContent) -> Iterator[str]:
    """The plan with its hash, and what was done beside it."""
    if study.plan is None or study.deviations is None:
        return
    yield "<h2>The plan, and what deviates from it</h2>"
    yield f"<p>SHA-256 of the plan, taken before the data were read: {study.plan.sha256}.</p>"
    yield html_table(study.deviations)
    yield f"<pre>{escape(study.plan.text)}</pre>"


def _methods(study: StudyContent) -> Iterator[str]:
    import polars as pl

    settings = study.settings
    criteria = settings["criteria"]
    yield "<h2>Methods</h2>"
    yield (
        f"<p>Primary criterion: {escape(criteria[0]['id'])} version {criteria[0]['version']}; beside it "
        f"{escape(', '.join(each['id'] for each in criteria[1:]) or 'none')}. {settings['draws']} bootstrap "
        "draws over cases, "
        f"norms {escape(settings['norms_in_draws'])}; {settings['tables_by_chance']} tables by chance, "
        f"{settings['tables_in_each_draw']} in each draw, of {settings['cases_in_tables_by_chance']} cases; "
        f"seed {settings['seed']}.</p>"
    )
    norms = settings["norms"]
    if norms:
        yield f"<p>Norms: {escape(norms['provenance'])} Hash {escape(norms['hash'])}.</p>"
    yield html_table(
        pl.DataFrame(
            [
                {
                    "criterion": f"{each['id']} {each['version']}",
                    "rule": each["title"],
                    "parameters": ", ".join(f"{name}={value}" for name, value in each["parameters"].items()),
                    "source": each["source"],
                }
                for each in criteria
            ]
        )
    )
    yield f"<pre>{escape(json.dumps({name: settings[name] for name in ('read', 'software')}, indent=1))}</pre>"


def _cell(value: Any) -> str:
    if _empty(value):
        return "–"
    if isinstance(value, float):
        return f"{value:.0f}" if value == int(value) else f"{value:.3f}"
    return str(value)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))
