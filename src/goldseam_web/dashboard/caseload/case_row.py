"""The row of a case in a list."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.caseload.row_sparkline import SparkPicture
from goldseam_web.lib.filled_html import FilledHtml


@dataclass(frozen=True)
class CaseRow:
    """One case. In the room there is no badge, sentence or sparkline. ``marks`` stand to whoever supervises.

    ``second_line`` tells the case apart from another of its name.
    """

    key: str
    url: str
    title: str
    about: str
    badge: Badge | None
    sentence: str
    spark: SparkPicture | None
    meeting: str
    answered: str
    marks: str = ""
    second_line: str = ""

    @property
    def html(self) -> SafeString:
        """The row as a list shows it."""
        spark = self.spark
        texts = {
            "key": self.key,
            "url": self.url,
            "title": self.title,
            "second_line": self.second_line,
            "about": self.about,
            "sentence": self.sentence,
            "marks": self.marks,
            "spark_label": spark.label if spark else "",
            "spark_lines": spark.lines if spark else "",
            "meeting": self.meeting,
            "answered": self.answered,
        }
        return _ROW.html(self.badge, texts)


def _written(badge: Badge | None, texts: Mapping[str, str]) -> str:
    return render_to_string("dashboard/parts/case_row.html", {"badge": badge, "row": texts})


_ROW: FilledHtml[Badge | None] = FilledHtml(_written)
