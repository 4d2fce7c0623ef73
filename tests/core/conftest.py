"""What the tests of the science share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def no_report_pdf(request: pytest.FixtureRequest) -> Iterator[None]:
    """A report as PDF takes seconds and many tests write reports: only the tests about it make one."""
    with pytest.MonkeyPatch.context() as patch:
        if not request.module.__name__.endswith("test_study_pdf"):
            patch.setattr("goldseam.cohort.study_files.pdf_missing", lambda: "left out")
        yield
