"""Rows and pages that are filled into what their template wrote once are, byte for byte, what the template writes."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.caseload.case_row import CaseRow
from goldseam_web.dashboard.caseload.row_sparkline import SparkPicture
from goldseam_web.lib.filled_html import FilledHtml
from goldseam_web.portal import pages, whole_form
from goldseam_web.portal.filled_pages import filled_page

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


FRAMES = st.builds(
    pages.Frame,
    brand=TEXTS,
    leave_url=TEXTS,
    exit_url=TEXTS,
    help_url=TEXTS,
    speak_url=TEXTS,
    link_url=TEXTS,
    privacy_url=TEXTS,
    zone=st.none() | st.builds(pages.Zone, words=TEXTS, minutes_ahead_of_utc=st.sampled_from([0, 120])),
)
OPTIONS = st.lists(
    st.builds(
        pages.AnswerOption,
        value=st.sampled_from(["0", "10"]),
        label=st.just("Not <at> all"),
        checked=st.booleans(),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
SEGMENTS = st.just((pages.Segment("0.60", "98.80", done=True),))
QUESTIONS = st.builds(
    pages.QuestionPage,
    url=TEXTS,
    number=st.just(1),
    total=st.just(12),
    segments=SEGMENTS,
    about=TEXTS,
    text=TEXTS,
    note=TEXTS,
    is_scale=st.booleans(),
    options=OPTIONS,
    item=TEXTS,
    shown=TEXTS,
    hidden=st.booleans(),
    error=TEXTS,
    sees_lead=TEXTS,
    sees_rest=TEXTS,
)
IN_FORM = st.builds(
    whole_form.QuestionInForm,
    name=TEXTS,
    about=TEXTS,
    text=TEXTS,
    note=TEXTS,
    is_scale=st.booleans(),
    options=OPTIONS,
    is_skipped=st.booleans(),
    error=TEXTS,
)
WHOLE = st.builds(
    whole_form.WholePage,
    url=TEXTS,
    title=TEXTS,
    questions=st.lists(IN_FORM, max_size=3).map(tuple),
    open=st.lists(st.sampled_from([1, 12]), max_size=2).map(tuple),
    shown=TEXTS,
    sees_lead=TEXTS,
    sees_rest=TEXTS,
    later_url=TEXTS,
)


@given(FRAMES, st.one_of(QUESTIONS, WHOLE), st.booleans())
def test_a_filled_page_of_questions_is_what_the_template_writes(frame, page, is_part):
    template = "portal/question.html" if isinstance(page, pages.QuestionPage) else "portal/all.html"
    written = render_to_string(template, {"frame": frame, "page": page, "is_part": is_part})
    assert filled_page(template, frame, page, is_part=is_part) == written
