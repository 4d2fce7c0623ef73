"""Files of the kinds people have: each is read to the same ratings as the plain one, or refused with its faults named.

The course is the one of ``shared/cases/ratings/00_ok.csv``: what a file is read to is compared with it, cell by cell.
"""

import gzip
import warnings
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from goldseam import (
    MissingExtraError,
    ParameterError,
    TableError,
    TableNote,
    TableWarning,
    detect,
    read_ratings,
)

VALUES = (7.5, 7.25, 7.5, 7.75, 7.5, 3.0, 7.25, 7.5)
HEADER = "case,rater,scale,session,value,minimum,maximum"
ROWS = [f"007,client,alliance,{session},{value},0,10" for session, value in enumerate(VALUES, start=1)]
PLAIN = "\n".join([HEADER, *ROWS]) + "\n"
SHORT = "case,rater,scale,session,value"


def lines(change: Callable[[int, str], str] = lambda _session, row: row, header: str = HEADER) -> str:
    """The plain file with each row changed."""
    return "\n".join([header, *(change(session, row) for session, row in enumerate(ROWS, start=1))]) + "\n"


def replaced(session: int, old: str, new: str) -> str:
    """The plain file with something else in the row of one session."""
    return lines(lambda number, row: row.replace(old, new) if number == session else row)


def with_column(name: str, cells: Callable[[int], str]) -> str:
    return lines(lambda session, row: f"{row},{cells(session)}", header=f"{HEADER},{name}")


def decimal_comma(delimiter: str) -> str:
    return PLAIN.replace(",", delimiter).replace(".", ",")


READ: dict[str, tuple[bytes, str | None, dict[str, object]]] = {
    "plain": (PLAIN.encode(), None, {}),
    "byte order mark": (b"\xef\xbb\xbf" + PLAIN.encode(), None, {}),
    "semicolon, decimal comma": (
        decimal_comma(";").encode(),
        "semicolon-separated; decimal comma in column value",
        {},
    ),
    "tab, decimal comma": (decimal_comma("\t").encode(), "tab-separated; decimal comma", {}),
    "tab": (PLAIN.replace(",", "\t").encode(), "tab-separated", {}),
    "bar": (PLAIN.replace(",", "|").encode(), "bar-separated", {}),
    "space, as R writes tables": (
        lines(lambda _s, row: row.replace(",", " "), header=HEADER.replace(",", " ")).encode(),
        "space-separated",
        {},
    ),
    "row names of R": (
        lines(lambda s, row: f'"{s}",{row}', header=f'"",{HEADER}').encode(),
        None,
        {},
    ),
    "semicolon, decimal point": (PLAIN.replace(",", ";").encode(), "semicolon-separated", {}),
    "utf-16 with mark": (PLAIN.encode("utf-16"), "UTF-16", {}),
    "utf-16 big end first, with mark": (b"\xfe\xff" + PLAIN.encode("utf-16-be"), "UTF-16", {}),
    "utf-16 without mark": (PLAIN.encode("utf-16-le"), "utf-16-le", {}),
    "blank rows, carriage returns": (PLAIN.replace("\n", "\r\n").encode() + b"\r\n\r\n,,,,,,\r\n", None, {}),
    "old line ends": (PLAIN.replace("\n", "\r").encode(), None, {}),
    "blank rows inside": (PLAIN.replace("\n007", "\n\n007", 3).encode(), None, {}),
    "sep line": (b"sep=,\n" + PLAIN.encode(), None, {}),
    "sep line, semicolon": (b"sep=;\r\n" + decimal_comma(";").encode(), "semicolon-separated", {}),
    "point for missing, none there": (with_column("remark", lambda _s: ".").encode(), None, {}),
    "names in capitals": (PLAIN.replace(HEADER, HEADER.upper()).encode(), "columns CASE for case", {}),
    "names with blanks": (PLAIN.replace(HEADER, HEADER.replace(",", " , ")).encode(), None, {}),
    "quoted cells": (lines(lambda _s, row: '"' + row.replace(",", '","') + '"').encode(), None, {}),
    "quoted decimal comma": (
        lines(
            lambda s, row: row.replace(f",{VALUES[s - 1]},", f',"{str(VALUES[s - 1]).replace(".", ",")}",')
        ).encode(),
        "decimal comma in column value",
        {},
    ),
    "quoted line end in a remark": (with_column("remark", lambda _s: '"well,\nfine"').encode(), None, {}),
    "title above the header": (b"Export of the clinic\n\n" + PLAIN.encode(), "header in row 3", {}),
    "Qualtrics, three header rows": (
        PLAIN.replace(
            HEADER,
            f'{HEADER}\n"Case id",Who,Scale,"Session, number",Score,Min,Max\n"{{""ImportId"":""QID1""}}",x,x,x,x,x,x',
        ).encode(),
        "a header of 3 rows, as Qualtrics writes it",
        {},
    ),
    "labels of sessions": (
        lines(lambda s, row: row.replace(f",{s},", f",session_{s}_arm_1,", 1)).encode(),
        "labels of sessions session_1_arm_1, session_2_arm_1",
        {},
    ),
    "visits": (
        lines(lambda s, row: row.replace(f",{s},", f",Visit {s},", 1)).encode(),
        "labels of sessions Visit 1",
        {},
    ),
    "other names": (
        PLAIN.replace("case,", "ID,").replace("value", "WAI_total").encode(),
        None,
        {"columns": {"case": "ID", "value": "WAI_total"}},
    ),
    "other names, other capitals": (
        PLAIN.replace("case,", "Id,").encode(),
        None,
        {"columns": {"case": "ID"}},
    ),
    "no rater, no scale": (
        PLAIN.replace("rater,scale,", "").replace("client,alliance,", "").encode(),
        None,
        {"constants": {"rater": "client", "scale": "alliance"}},
    ),
    "a range that no column states": (
        lines(lambda _s, row: row.removesuffix(",0,10"), header=SHORT).encode(),
        None,
        {"value_range": (0, 10)},
    ),
    "numbers with a plus and blanks": (PLAIN.replace(",7.", ", +7.").encode(), None, {}),
    "sessions with a decimal": (
        lines(lambda s, row: row.replace(f",{s},", f",{s}.0,", 1)).encode(),
        None,
        {},
    ),
    "cells beyond the header, empty": (lines(lambda _s, row: row + ",,").encode(), None, {}),
    "a column without a name": (with_column("", lambda _s: "x").encode(), None, {}),
    "end-of-file mark of DOS": (PLAIN.encode() + b"\x1a", None, {}),
    "stated delimiter": (decimal_comma(";").encode(), None, {"delimiter": ";", "decimal": ","}),
    "stated decimal comma": (decimal_comma(";").encode(), "semicolon", {"decimal": ","}),
}


@pytest.mark.parametrize("kind", READ)
def test_a_file_is_read_to_the_same_ratings(kind: str, tmp_path: Path) -> None:
    content, told, options = READ[kind]
    path = tmp_path / "ratings.csv"
    path.write_bytes(content)
    if told is None:
        table = read_ratings(path, **options)  # type: ignore[arg-type]
    else:
        with pytest.warns(TableNote, match=told):
            table = read_ratings(path, **options)  # type: ignore[arg-type]
    assert table.get_column("value").to_list() == list(VALUES)
    assert table.get_column("session").to_list() == list(range(1, 9))
    assert table.select("case", "rater", "scale", "minimum", "maximum").unique().rows() == [
        ("007", "client", "alliance", 0.0, 10.0)
    ]


def test_windows_letters_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(PLAIN.replace("client", "Müller – €").encode("cp1252"))
    with pytest.warns(TableNote, match=r"r\.csv: read as Windows-1252$"):
        assert set(read_ratings(path)["rater"]) == {"Müller – €"}
    path.write_bytes(PLAIN.replace("client", "Łukasz").encode("iso-8859-2"))
    assert set(read_ratings(path, encoding="iso-8859-2")["rater"]) == {"Łukasz"}


@pytest.mark.parametrize("word", [".", "N/A", "#N/A", "NULL", "null", "-", "n/a", "None"])
def test_words_for_missing_are_told(word: str, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(replaced(4, "7.75", word))
    with pytest.warns(TableNote, match=r"in column value for missing, in 1 row"):
        assert read_ratings(path)["value"].to_list() == [7.5, 7.25, 7.5, None, 7.5, 3.0, 7.25, 7.5]


DATES = [
    (lambda day: f"{day:02d}.03.2024", "%d.%m.%Y"),
    (lambda day: f"{day}.3.2024", "%d.%m.%Y"),
    (lambda day: f"{day:02d}.03.2024 14:30", "%d.%m.%Y"),
    (lambda day: f"2024/03/{day:02d}", "%Y/%m/%d"),
    (lambda day: f"202403{day:02d}", "%Y%m%d"),
    (lambda day: f"{day:02d}-Mar-2024", "%d-%b-%Y"),
    (lambda day: str(45351 + day), "days, as spreadsheets do"),
    (lambda day: f"03/{day + 12:02d}/2024", "%m/%d/%Y"),
    (lambda day: f"{day + 12:02d}/03/2024", "%d/%m/%Y"),
]


@pytest.mark.parametrize(("written", "told"), DATES)
def test_dates_that_can_only_mean_one_thing_are_recognised(
    written: Callable[[int], str], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_text(with_column("date", written))
    with pytest.warns(TableNote, match=told):
        found = read_ratings(path)["date"].to_list()
    later = 12 if "/2024" in written(1) else 0  # days beyond 12, which can be no month
    assert found == [date(2024, 3, day + later) for day in range(1, 9)]


def test_dates_with_day_or_month_first_have_to_be_stated(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(with_column("date", lambda day: f"0{day}/03/2024"))
    with pytest.raises(TableError, match=r"not a date in 8 rows .*--date-format %m/%d/%Y"):
        read_ratings(path)
    assert read_ratings(path, date_format="%d/%m/%Y")["date"][1] == date(2024, 3, 2)
    assert read_ratings(path, date_format="%m/%d/%Y")["date"][1] == date(2024, 2, 3)
    with pytest.raises(TableError, match="allowed: a date as %Y"):
        read_ratings(path, date_format="%Y")


REFUSED = {
    "one session twice": (PLAIN + ROWS[5] + "\n", r"row 10, column session: .*already in row 7"),
    "a column twice": (
        with_column("value", lambda s: str(VALUES[s - 1])),
        r"column value: there are several columns",
    ),
    "a column twice but for capitals": (
        lines(lambda s, row: f"{row},{s}", header=HEADER.replace("value", "Value") + ",VALUE"),
        r"column value: there are several columns of this name; given \"'Value' and 'VALUE'\"",
    ),
    "a short row": (PLAIN + "007,client,alliance,9\n", r"row 10: the row ends too early; given '4 cells'"),
    "a long row": (PLAIN + "007,client,alliance,9,7,0,10,x\n", r"row 10: the row has too many cells"),
    "dates as sessions": (
        lines(lambda s, row: row.replace(f",{s},", f",2024030{s},", 1)),
        r"column session: dates, not numbers of sessions",
    ),
    "two ranges in a series": (
        replaced(8, ",0,10", ",0,40"),
        r"column maximum: the range changes within a series",
    ),
    "a code without a range": (
        lines(
            lambda s, row: row.removesuffix(",0,10") if s != 4 else "007,client,alliance,4,-99", header=SHORT
        ),
        r"1 of scale alliance are -99 \(row 5\)",
    ),
    "dates that fall": (
        with_column("date", lambda s: f"2024-03-{29 - s}"),
        r"the dates fall while the sessions rise",
    ),
    "one row a person": ("id,srs_s1,srs_s2,srs_s3\n7,3,4,5\n", r"--wide 'srs_s\{session\}'"),
    "words as numbers": (replaced(4, "7.75", "good"), r"row 5, column value: not a number; given 'good'"),
    "a decimal comma among points": (
        lines(lambda s, row: row.replace(",7.75,", ',"7,75",') if s == 4 else row),
        r"row 5, column value: not a number; given '7,75'",
    ),
    "thousands or decimal comma": (
        lines(lambda s, row: row.replace(f",{VALUES[s - 1]},", ',"7,250",')),
        r"not a number in 8 rows .*given '7,250'",
    ),
    "labels of different kinds": (
        lines(lambda s, row: row.replace(f",{s},", f",{'visit' if s % 2 else 'phone'} {s},", 1)),
        r"row 2, column session: not a number",
    ),
    "an open quote": (PLAIN.replace("client", '"client', 1), r"is not text with columns"),
    "a control character": (
        PLAIN.replace("client", "cl\x01ient", 1),
        r"is not text \(a control character in row 2\)",
    ),
    "no header": ("\n".join(ROWS), r"there is no column case, rater, scale, session, value"),
    "a header alone": (HEADER + "\n", r"the table has no rows"),
    "blanks alone": (" \n\n", r"the file is empty"),
    "half a session": (replaced(4, ",4,", ",4.5,"), r"row 5, column session: not the number of a session"),
    "row names of R without a name": (
        lines(lambda s, row: f"{s} {row}".replace(",", " "), header=HEADER.replace(",", " ")),
        r"the row has too many cells, as do 7 more",
    ),
    "two files one after the other": (
        PLAIN + PLAIN.replace("007", "008"),
        r"row 10, column session: not a number; given 'session'",
    ),
    "a decimal comma without quotes": (PLAIN.replace("7.25", "7,25"), r"row 3: the row has too many cells"),
    "sessions from nought": (
        lines(lambda s, row: row.replace(f",{s},", f",{s - 1},", 1)),
        r"row 2, column session",
    ),
    "a unit with the value": (replaced(2, "7.25", "7.25 points"), r"row 3, column value: not a number"),
    "a percentage": (replaced(2, "7.25", "72%"), r"row 3, column value: not a number"),
    "a name left out below": (replaced(3, "007,", ","), r"row 4, column case: no name"),
    "years of two digits": (with_column("date", lambda s: f"0{s}.03.24"), r"not a date in 8 rows"),
    "a date that does not exist": (
        with_column("date", lambda s: f"{27 + s if s < 5 else s}.02.2024"),
        r"row \d+, column date: not a date",
    ),
    "a sum below": (PLAIN + "Total,,,,59.25,,\n", r"row 10, column rater: no name"),
}


@pytest.mark.filterwarnings("ignore::goldseam.TableWarning")
@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_read_rightly_is_refused(kind: str, tmp_path: Path) -> None:
    content, message = REFUSED[kind]
    path = tmp_path / "ratings.csv"
    path.write_text(content)
    with pytest.raises(TableError, match=message):
        read_ratings(path)


def test_all_faults_are_named_at_once_with_counts_and_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    bad = [
        "a,b,c,1,x,0,10",
        "a,b,c,2,y,0,10",
        ",b,c,3,5,0,10",
        "a,b,c,one,5,0,10",
        "a,b,c,5,11,0,10",
        "a,b,c,6,5,9,3",
    ]
    path.write_text("\n".join([HEADER, *ROWS, *bad, ROWS[0]]))
    with pytest.raises(TableError) as refused:
        read_ratings(path)
    twice = "case 007, rater client, scale alliance: this session is already in row 2; given 1"
    assert str(refused.value).splitlines() == [
        f"{path}: 6 kinds of faults",
        "  row 12, column case: no name; given None; allowed: a name in every row",
        "  row 13, column session: not a number; given 'one'; allowed: a finite number",
        "  row 10, column value: not a number in 2 rows (rows 10, 11); given 'x'; allowed: a finite number",
        "  row 15, column minimum: impossible range; given 9; allowed: a number below the maximum 3",
        "  row 14, column value: outside the scale's range; given 11; allowed: 0 to 10, or empty if not rated",
        f"  row 16, column session: {twice}; allowed: each session once",
    ]
    assert len(refused.value.faults) == 6


WIDE = """id,srs_s1,srs_s2,srs_s3,srs_s4,srs_s5,srs_s6,age
007,35,36,35,36,20,35,40
008,30,31,,30,31,,50
009,,,,,,,60
"""


def test_a_wide_table_becomes_one_row_a_rating(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(WIDE)
    with pytest.warns(TableNote, match=r"6 columns srs_s\{session\} as ratings"):
        table = read_ratings(
            path, wide="srs_s{session}", columns={"case": "id"}, constants={"rater": "client", "scale": "SRS"}
        )
    rows = table.select("case", "session", "value").rows()
    assert rows[:6] == [("007", s, v) for s, v in enumerate((35, 36, 35, 36, 20, 35), start=1)]
    # session 3 was attended and not rated; nothing says that there was a sixth
    assert rows[6:] == [("008", 1, 30), ("008", 2, 31), ("008", 3, None), ("008", 4, 30), ("008", 5, 31)]


def test_what_is_told_of_a_wide_table_names_rows_of_the_file_each_once(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("id,S1,S2,S3\na,5,6,5\n,,,\nb ,5,-99,-99\n" + "".join(f"c{k},5,6,5\n" for k in range(8)))
    how = {"wide": "S{session}", "columns": {"case": "id"}, "constants": {"rater": "r", "scale": "s"}}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        read_ratings(path, missing=[-99], **how)  # type: ignore[arg-type]
        with pytest.raises(TableError, match=r"2 of scale s are -99 \(row 4\)"):
            read_ratings(path, **how)  # type: ignore[arg-type]
    assert str(told[0].message).endswith("blanks at the ends of names, taken away in 1 row(s) (row 4)")


def test_a_wide_table_of_several_scales_and_an_error_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("person,bond_1,task_1,bond_2,task_2\nA,5,6,4,x\n")
    options = {"wide": "{scale}_{session}", "columns": {"case": "person"}, "constants": {"rater": "client"}}
    with (
        pytest.raises(TableError, match="row 2, column value: not a number; given 'x'"),
        pytest.warns(TableNote),
    ):
        read_ratings(path, **options)  # type: ignore[arg-type]
    path.write_text(path.read_text().replace("x", "7"))
    with pytest.warns(TableNote):
        table = read_ratings(path, **options)  # type: ignore[arg-type]
    assert table.sort("scale", "session").select("scale", "session", "value").rows() == [
        ("bond", 1, 5), ("bond", 2, 4), ("task", 1, 6), ("task", 2, 7)
    ]  # fmt: skip
    with pytest.raises(TableError, match="no column fits the pattern"):
        read_ratings(path, wide="S{session}", columns={"case": "person"})
    with pytest.raises(ParameterError, match="wide: not a pattern"):
        read_ratings(path, wide="bond", columns={"case": "person"})


def test_redcap_events_and_repeats_are_sessions(tmp_path: Path) -> None:
    path = tmp_path / "redcap.csv"
    events = "record_id,redcap_event_name,wai\n1,baseline_arm_1,\n" + "".join(
        f"1,session_{s}_arm_1,{5 + s % 2}\n" for s in range(1, 5)
    )
    options = {
        "columns": {"value": "wai"},
        "constants": {"rater": "client", "scale": "WAI"},
        "layout": "redcap",
    }
    path.write_text(events)
    with pytest.warns(TableNote, match=r"redcap, 1 row\(s\) without a session left out"):
        table = read_ratings(path, **options)  # type: ignore[arg-type]
    assert table.select("case", "session", "value").rows() == [("1", s, 5 + s % 2) for s in range(1, 5)]
    repeats = "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,wai\n" + "".join(
        f"1,treatment_arm_1,srs,{s},{s}\n" for s in range(1, 4)
    )
    path.write_text(repeats)
    with pytest.warns(TableNote, match="redcap"):
        table = read_ratings(path, **options)  # type: ignore[arg-type]
    assert table["session"].to_list() == [1, 2, 3]


def test_qualtrics_previews_are_left_out_and_sessions_follow_the_dates(tmp_path: Path) -> None:
    path = tmp_path / "qualtrics.csv"
    rows = [
        "StartDate,EndDate,Status,Finished,RecordedDate,ExternalReference,Q1",
        "Start Date,End Date,Response Type,Finished,Recorded Date,External Data Reference,How was it?",
        ",".join(['"{""ImportId"":""x""}"'] * 7),
        "2024-03-01 10:00:00,2024-03-01 10:01:00,Survey Preview,True,2024-03-01 10:01:01,test,1",
        "2024-03-09 10:00:00,2024-03-09 10:01:00,IP Address,True,2024-03-09 10:01:01,007,6",
        "2024-03-02 10:00:00,2024-03-02 10:01:00,IP Address,True,2024-03-02 10:01:01,007,7",
        "2024-03-16 10:00:00,2024-03-16 10:01:00,IP Address,False,2024-03-16 10:01:01,007,2",
    ]
    path.write_text("\n".join(rows) + "\n")
    with pytest.warns(
        TableNote, match=r"header of 3 rows.*qualtrics, 2 row\(s\) .*sessions numbered by the dates"
    ):
        table = read_ratings(
            path, layout="qualtrics", columns={"value": "Q1"}, constants={"rater": "client", "scale": "bond"}
        )
    assert table.sort("session").select("case", "session", "value").rows() == [("007", 1, 7), ("007", 2, 6)]


def test_the_session_of_formr_is_a_person(tmp_path: Path) -> None:
    path = tmp_path / "formr.csv"
    path.write_text(
        "session,created,modified,ended,expired,bond\n"
        "XyZ,2024-03-01 10:00:00,,2024-03-01 10:05:00,,7\nXyZ,2024-03-08 10:00:00,,2024-03-08 10:05:00,,6\n"
        "XyZ,2024-03-15 10:00:00,,,2024-03-16 10:00:00,\n"
    )
    with pytest.warns(TableNote, match="formr, 1 row"):
        table = read_ratings(
            path, layout="formr", columns={"value": "bond"}, constants={"rater": "client", "scale": "bond"}
        )
    assert table.select("case", "session", "value").rows() == [("XyZ", 1, 7), ("XyZ", 2, 6)]


def test_sessions_can_be_numbered_by_dates(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(
        "case,rater,scale,date,value\nA,c,s,2024-03-08,6\nA,c,s,2024-03-01,7\nB,c,s,2024-05-01,5\n"
    )
    with pytest.warns(TableNote, match="sessions numbered by the dates of each series, the first one 1"):
        table = read_ratings(path)
    assert table.select("case", "session", "value").rows() == [("A", 2, 6), ("A", 1, 7), ("B", 1, 5)]
    path.write_text(path.read_text() + "B,c,s,2024-05-01,6\nB,c,s,,6\n")
    with pytest.raises(TableError, match=r"row 6, column date: no date in 1 row"):
        read_ratings(path)


def test_the_same_session_twice_by_date_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("case,rater,scale,date,value\nA,c,s,2024-03-08,6\nA,c,s,2024-03-08,7\n")
    with pytest.raises(TableError, match="already in row 2"), pytest.warns(TableNote):
        read_ratings(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": {"case": "ID"}}, "there is no column ID for case"),
        ({"columns": {"person": "case"}}, "columns: no such column; given 'person'"),
        ({"constants": {"person": "x"}}, "constants: no such column"),
        ({"layout": "excel"}, "layout: no such layout; given 'excel'; allowed: redcap, qualtrics, formr"),
        ({"sessions": "rows"}, "sessions: no such choice"),
        ({"sessions": "dates"}, "there is no column date"),
        ({"encoding": "none-such"}, "is not text"),
        ({"encoding": "ascii", "columns": {"rater": "rater"}}, "is not text"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_text(PLAIN.replace("client", "Müller"), encoding="utf-8")
    with pytest.raises((TableError, ParameterError), match=message):
        read_ratings(path, **options)  # type: ignore[arg-type]


def frame() -> pl.DataFrame:
    return pl.read_csv(PLAIN.encode(), schema_overrides={"case": pl.String})


def test_a_workbook_is_read(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["About this file"])
    sheet = book.create_sheet("ratings")
    sheet.append([*HEADER.split(","), "date"])
    for session, value in enumerate(VALUES, start=1):
        sheet.append(["007", "client", "alliance", session, value, 0, 10, datetime(2024, 3, session)])  # noqa: DTZ001
    path = tmp_path / "r.xlsx"
    book.save(path)
    table = read_ratings(path, sheet="ratings")
    assert table["value"].to_list() == list(VALUES)
    assert table["case"][0] == "007"
    assert table["date"][7] == date(2024, 3, 8)
    with pytest.raises(TableError, match="no such sheet; given 'none'"):
        read_ratings(path, sheet="none")
    with pytest.raises(TableError, match="there is no column case"):
        read_ratings(path)  # the first sheet with cells holds no ratings


def test_a_formula_whose_result_was_not_saved_is_no_empty_cell(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(SHORT.split(","))
    book.active.append(["007", "client", "alliance", 1, "=3+4"])
    book.save(tmp_path / "r.xlsx")
    with pytest.raises(TableError, match=r"row 2: a formula without its result; given '=3[+]4'"):
        read_ratings(tmp_path / "r.xlsx")


def test_two_encodings_in_one_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(
        PLAIN.replace("client", "Müller").encode() + "007,Müller,bond,1,5,0,10\n".encode("cp1252")
    )
    with pytest.raises(TableError, match="mixes UTF-8 and another encoding"):
        read_ratings(path)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("7", "007", "that are the same number, taken for different ones: '007' and '7'"),
        ("7", "7.0", "that are the same number"),
        ("Anna", "Anna\u200b", "in forms that differ"),
        ("Anna", "NA", "'NA' taken for a name like any other"),
    ],
)
def test_names_that_may_be_one_or_none_are_told(one: str, other: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(PLAIN.replace("007", one) + PLAIN.replace("007", other).split("\n", 1)[1])
    with pytest.warns(TableWarning) as caught:
        assert read_ratings(path)["case"].n_unique() == 2
    assert any(told in str(each.message) for each in caught)


def test_spss_and_stata_labels_and_declared_missing_values(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    table = frame().with_columns(rater=pl.lit(1.0))
    table = table.with_columns(value=pl.when(pl.col("session") == 4).then(99.0).otherwise("value"))
    path = tmp_path / "r.sav"
    pyreadstat.write_sav(
        table, str(path), variable_value_labels={"rater": {1.0: "client", 2.0: "therapist"}},
        missing_ranges={"value": [99.0]},
    )  # fmt: skip
    with pytest.warns(
        TableNote, match=r"labels of column rater: 1 = client, 2 = therapist; missing in column value: 99"
    ):
        read = read_ratings(path)
    assert read["value"].to_list() == [7.5, 7.25, 7.5, None, 7.5, 3.0, 7.25, 7.5]
    assert set(read["rater"]) == {"client"}
    stata = tmp_path / "r.dta"
    pyreadstat.write_dta(frame(), str(stata))
    assert read_ratings(stata)["value"].to_list() == list(VALUES)
    stata.write_bytes(stata.read_bytes()[:700])
    with pytest.raises(TableError, match="is not a file of Stata"):
        read_ratings(stata)
    stata.write_bytes(b"no such thing")
    with pytest.raises(TableError, match=r"r\.dta: is not a file of Stata"):
        read_ratings(stata)


def test_a_data_frame_of_r_is_read(tmp_path: Path) -> None:
    rdata = pytest.importorskip("rdata")
    pandas = pytest.importorskip("pandas")
    columns = {name: frame()[name].to_list() for name in HEADER.split(",")}
    path = tmp_path / "r.rds"
    rdata.write_rds(path, pandas.DataFrame(columns))
    assert read_ratings(path)["value"].to_list() == list(VALUES)
    path.write_bytes(gzip.compress(b"no such thing"))
    with pytest.raises(TableError, match="is not a file of R"):
        read_ratings(path)


def test_an_extra_that_is_not_there_is_named_with_its_install_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "r.xlsx").write_bytes(b"PK")
    with pytest.raises(MissingExtraError, match=r'needs openpyxl.*pip install "goldseam\[files\]"'):
        read_ratings(tmp_path / "r.xlsx")


def test_parquet_with_other_names_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "r.parquet"
    frame().rename({"case": "ID"}).write_parquet(path)
    assert read_ratings(path, columns={"case": "ID"})["value"].to_list() == list(VALUES)
    with pytest.raises(TableError, match="there is no column case; given 'ID, rater"):
        read_ratings(path)


def test_every_command_reads_through_the_same_door(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(decimal_comma(";").encode())
    with pytest.warns(TableWarning, match="semicolon-separated"):
        found = detect(path)
    assert found.events.select("onset_session", "nadir").rows() == [(6, 3.0)]
