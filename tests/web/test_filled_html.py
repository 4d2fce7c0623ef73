"""Rows that are filled into what their template wrote once are, byte for byte, what the template writes."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.caseload.case_row import CaseRow
from goldseam_web.dashboard.caseload.row_sparkline import SparkPicture
from goldseam_web.lib.filled_html import FilledHtml

TEXTS = st.text(st.sampled_from("aé<&>\"' {}%\ue000\ue001title"), max_size=12)
BADGES = st.builds(
    Badge,
    text=st.sampled_from(["Possible strain", "Steady"]),
    icon=st.just("check"),
    css=st.just("steady"),
    is_new=st.booleans(),
)
LINES = st.sampled_from(["", '<polyline class="l0" points="1,2 3,4"/>']).map(SafeString)
ROWS = st.builds(
    CaseRow,
    key=TEXTS,
    url=TEXTS,
    title=TEXTS,
    about=TEXTS,
    badge=st.none() | BADGES,
    sentence=TEXTS,
    spark=st.none() | st.builds(SparkPicture, label=TEXTS, lines=LINES),
    meeting=TEXTS,
    answered=TEXTS,
    marks=TEXTS,
    second_line=TEXTS,
)


@given(ROWS)
def test_a_filled_row_is_what_the_template_writes(row):
    texts = {name: getattr(row, name) for name in CaseRow.__dataclass_fields__}
    texts |= {"spark_label": row.spark.label, "spark_lines": row.spark.lines} if row.spark else {}
    written = render_to_string("dashboard/parts/case_row.html", {"badge": row.badge, "row": texts})
    assert row.html == written


def test_what_is_no_html_is_escaped_and_html_is_not():
    filled = FilledHtml(lambda shape, texts: f"<{shape}>{texts['one']}{texts['two']}</{shape}>")
    texts = {"one": "<script>", "two": SafeString("<b>2</b>")}
    assert filled.html("p", texts) == "<p>&lt;script&gt;<b>2</b></p>"


def test_of_each_shape_the_template_is_asked_once():
    asked = []

    def write(shape, texts):
        asked.append(shape)
        return f"{shape}: {texts['name']}"

    filled = FilledHtml(write)
    assert [filled.html("a", {"name": each}) for each in ("Lea", "Tomas", "")] == [
        "a: Lea",
        "a: Tomas",
        "a: ",
    ]
    assert filled.html("b", {"name": "Lea"}) == "b: Lea"
    assert asked == ["a", "a", "b"]
