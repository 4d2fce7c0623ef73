"""The report of a study as PDF: the page of HTML as it is printed, without the network."""

from typing import Any

from goldseam.exceptions import MissingExtraError
from goldseam.extras import extra


def report_pdf(page: str) -> bytes:
    """The page on paper: A4, tagged, with bookmarks; the same page gives the same bytes on one machine.

    Parameters
    ----------
    page : str
        `goldseam.cohort.study_report.report_page`.

    Returns
    -------
    bytes

    Raises
    ------
    MissingExtraError
        WeasyPrint is not installed, or Pango is not, which it lays text out with.
    """
    weasyprint = _weasyprint()
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    written: bytes = weasyprint.HTML(string=page, url_fetcher=nothing).write_pdf(pdf_tags=True)
    return written


def pdf_missing() -> str | None:
    """What has to be installed for a PDF, in words; None where it can be written."""
    try:
        _weasyprint()
    except MissingExtraError as error:
        return str(error)
    return None


def _weasyprint() -> Any:
    try:
        return extra("weasyprint", "study")
    except OSError:  # the library is there, the system's own one is not
        allowed = "apt install libpango-1.0-0 libpangoft2-1.0-0, or brew install pango"
        raise MissingExtraError("report.pdf needs Pango, which is not installed", allowed=allowed) from None
