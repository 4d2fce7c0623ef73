"""The client's pages: parse, one call, render. A GET writes nothing: mail scanners follow links."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page

from goldseam_web.accounts.queries import crisis_lines
from goldseam_web.audit.services import Actor
from goldseam_web.cases.queries import next_meeting
from goldseam_web.measures.models import Audience
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import LinkState, Question, audiences_of
from goldseam_web.measures.services import choose_audience, save_answer, submit_response
from goldseam_web.portal import notices, pages
from goldseam_web.portal.forms import BACK, Posted, elapsed_ms, shown_mark
from goldseam_web.portal.visits import Visit, client_page, guarded, remember_device


@client_page
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Who will see the answers, before anything is asked. Starting is a POST."""
    if visit.state != LinkState.OPEN:
        return notices.not_usable(request, visit)
    if request.method == "POST":
        response = _go_on(visit)
        remember_device(response, visit)
        return response
    return _page(request, visit, "start", pages.start_page(visit))


@client_page
def later(request: HttpRequest, visit: Visit) -> HttpResponse:
    if visit.state != LinkState.OPEN:
        return notices.not_usable(request, visit)
    return _page(request, visit, "later", pages.later_page(visit))


@client_page
def question(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """One item a page. The number is its place among all that may be asked, so that it never shifts."""
    if visit.state != LinkState.OPEN:
        return _not_open(request, visit)
    asked = _question_at(visit, number)
    if request.method == "POST":
        # The form says which item it showed: numbers could have moved if somebody was marked away meanwhile.
        item = request.POST.get("item", asked.item.key if asked else "")
        return _answered(request, visit, visit.form.find(item))
    return _question_page(request, visit, asked) if asked else _go_on(visit, resume=True)


@client_page
def who(request: HttpRequest, visit: Visit) -> HttpResponse:
    """After a strain answer the client says who may take it up. Not an item, and not counted as one."""
    if visit.state != LinkState.OPEN:
        return _not_open(request, visit)
    if not visit.form.tension_said:
        return _go_on(visit, resume=True)
    if request.method == "POST":
        return _chosen(request, visit)
    return _page(request, visit, "who", pages.who_page(visit))


@client_page
def done(request: HttpRequest, visit: Visit) -> HttpResponse:
    if visit.state != LinkState.DONE:
        return redirect(visit.url("start"))
    meeting = next_meeting(visit.member, after=visit.at)
    return _page(request, visit, "done", pages.done_page(visit, meeting.starts_at if meeting else None))


@client_page
def answers(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The client's own answers: alone in treatment, and on the device they were given on."""
    if visit.state != LinkState.DONE or not visit.may_see_own_answers:
        return redirect(visit.url("start"))
    return _page(request, visit, "answers", pages.own_answers(visit))


@client_page
def crisis_help(request: HttpRequest, visit: Visit) -> HttpResponse:
    lines = crisis_lines(visit.occasion.clinic)
    return _page(request, visit, "help", pages.help_page(lines, visit.url("start")))


@csrf_exempt
@gzip_page
def general_help(request: HttpRequest) -> HttpResponse:
    """Help for somebody whose link leads nowhere: nobody knows which clinic it was."""
    return guarded(_page(request, None, "help", pages.help_page([], "")))


@csrf_exempt
@gzip_page
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001 - any other address
    return guarded(notices.unknown(request))


def _page(
    request: HttpRequest, visit: Visit | None, name: str, page: object, *, status: int = 200
) -> HttpResponse:
    context = {"frame": pages.frame(visit), "page": page}
    return render(request, f"portal/{name}.html", context, status=status)


def _question_page(request: HttpRequest, visit: Visit, asked: Question, error: str = "") -> HttpResponse:
    page = pages.question_page(visit, asked, shown=shown_mark(visit, asked), error=error)
    return _page(request, visit, "question", page, status=400 if error else 200)


def _question_at(visit: Visit, number: int) -> Question | None:
    """The question of that number if it applies now."""
    if not 1 <= number <= len(visit.form.questions):
        return None
    return visit.form.find(visit.form.questions[number - 1].item.key)


def _answered(request: HttpRequest, visit: Visit, asked: Question | None) -> HttpResponse:
    """Keep one answer and go where the client wants to go."""
    if asked is None:
        return _go_on(visit, resume=True)
    posted = Posted.read(request.POST, asked, answered=asked.item.key in visit.form.answers)
    if posted.error:
        return _question_page(request, visit, asked, posted.error)
    if posted.gives:
        elapsed = elapsed_ms(visit, asked, request.POST.get("shown", ""))
        try:
            save_answer(
                occasion=visit.occasion,
                item=asked.item.key,
                given=posted.given,
                at=visit.at,
                device=visit.device,
                elapsed_ms=elapsed,
            )
        except ValidationError:
            # Between reading and keeping, the link was taken back or the question fell away.
            return redirect(visit.url("start"))
    return _away_from(visit.afresh(), asked, posted.go)


def _away_from(visit: Visit, asked: Question, go: str) -> HttpResponse:
    """Where a question's form leads: back, on, or first to the choice of who may take up a strain."""
    if go == BACK:
        return _back_from(visit, asked)
    if asked.item.key == TENSION_ITEM and visit.form.tension_said:
        return redirect(visit.url("who"))
    return _after(visit, asked.item.key)


def _back_from(visit: Visit, asked: Question) -> HttpResponse:
    earlier = visit.form.before(asked.item.key) if visit.form.find(asked.item.key) else None
    if earlier is None:
        return redirect(visit.url("start"))
    if earlier.item.key == TENSION_ITEM and visit.form.tension_said:
        return redirect(visit.url("who"))
    return redirect(_url_of(visit, earlier))


def _after(visit: Visit, item: str) -> HttpResponse:
    """The next question on the first device, where one may look back; elsewhere the next unanswered one."""
    following = visit.form.after(item) if visit.on_first_device else None
    return redirect(_url_of(visit, following)) if following else _go_on(visit)


def _go_on(visit: Visit, *, resume: bool = False) -> HttpResponse:
    """Go to the next unanswered question. Without one the form is complete; a GET then only leads to the start."""
    following = visit.form.next_unanswered
    if following is not None:
        return redirect(_url_of(visit, following))
    if resume:
        return redirect(visit.url("start"))
    return _submitted(visit)


def _submitted(visit: Visit) -> HttpResponse:
    try:
        submit_response(
            occasion=visit.occasion,
            at=visit.at,
            actor=Actor.client(visit.member.id),
            device=visit.device,
        )
    except ValidationError:
        return redirect(visit.url("start"))
    return redirect(visit.url("done"))


def _url_of(visit: Visit, asked: Question) -> str:
    places = [question.item.key for question in visit.form.questions]
    return visit.url("question", number=places.index(asked.item.key) + 1)


def _not_open(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A second tap on the last page is told what the first one was told."""
    if visit.state == LinkState.DONE:
        return redirect(visit.url("done" if request.method == "POST" else "start"))
    return notices.not_usable(request, visit)


def _chosen(request: HttpRequest, visit: Visit) -> HttpResponse:
    tension = visit.form.find(TENSION_ITEM)
    if tension is None:
        return _go_on(visit, resume=True)
    if request.POST.get("go") == BACK:
        return redirect(_url_of(visit, tension))
    given = request.POST.get("audience", "")
    if given not in audiences_of(visit.occasion):
        page = pages.who_page(visit, error="Choose one of these.")
        return _page(request, visit, "who", page, status=400)
    try:
        choose_audience(occasion=visit.occasion, audience=Audience(given), at=visit.at)
    except ValidationError:
        return redirect(visit.url("start"))
    return _after(visit.afresh(), TENSION_ITEM)
