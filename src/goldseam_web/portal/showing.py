"""Showing a client's page: whole, or as the part of it that our script puts in the place of the one before."""

from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from goldseam_web.measures.queries import Question
from goldseam_web.portal import opened_link, pages
from goldseam_web.portal.filled_pages import filled_page
from goldseam_web.portal.forms import shown_mark
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.who_page import who_page

# Our script gives each answer a name of its own.
ANSWER_NAME = "X-Goldseam-Answer"


class GoOn(HttpResponseRedirect):
    """On to the next page, which comes along where our script asked: one request an answer instead of two.

    A browser without script is led there, for its way back would otherwise be one over forms to be sent again.
    """

    page: str = ""


def carried(response: HttpResponse) -> str:
    return response.page if isinstance(response, GoOn) else ""


def on_to(link: OpenedLink, address: str) -> GoOn:
    response = GoOn(address)
    asked = opened_link.question_behind(link, address)
    if asked is not None:
        response.page = _question_html(link, asked, is_part=True)
    elif address == link.url("who"):
        response.page = _html(link, "who", who_page(link), is_part=True)
    return response


def shown_page(
    link: OpenedLink | None, name: str, page: object, *, status: int = 200, after: object = None
) -> HttpResponse:
    return HttpResponse(_html(link, name, page, after=after), status=status)


def shown_question(link: OpenedLink, asked: Question, error: str = "") -> HttpResponse:
    return HttpResponse(_question_html(link, asked, error), status=400 if error else 200)


def _question_html(link: OpenedLink, asked: Question, error: str = "", *, is_part: bool = False) -> str:
    page = pages.question_page(link, asked, shown=shown_mark(link, asked), error=error)
    return filled_page("portal/question.html", pages.frame(link), page, is_part=is_part)


def _html(
    link: OpenedLink | None, name: str, page: object, *, is_part: bool = False, after: object = None
) -> str:
    context = {"frame": pages.frame(link), "page": page, "is_part": is_part, "after": after}
    return render_to_string(f"portal/{name}.html", context)
