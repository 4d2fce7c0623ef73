"""What an open page asks every few seconds: has anything changed since, and what is it now?"""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from goldseam_web.accounts.models import User
from goldseam_web.alerts.page_news import page_news
from goldseam_web.dashboard.caseload.build import caseload_page
from goldseam_web.dashboard.signal.alert_list import alerts_page
from goldseam_web.dashboard.staff_visit import StaffVisit, visit_of
from goldseam_web.lib.page_owner import page_owner
from goldseam_web.lib.polling import asked_by_the_browser


@require_GET
@asked_by_the_browser
def change_counter(request: HttpRequest) -> HttpResponseBase:
    """204 while nothing has changed, else the parts of the page that may have. Not a view of a case: not audited."""
    if not isinstance(request.user, User) or _is_somebody_elses(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    at = timezone.now()
    news = page_news(request.user.pk, at=at)
    if news is None:
        return HttpResponse(status=204)
    if news.room != request.GET.get("room", ""):
        # The whole page is another one now; what is being typed stays behind a curtain.
        return HttpResponse(status=204, headers={"HX-Refresh": "true", "Goldseam-Room": news.room})
    if str(news.counter) == request.GET.get("since"):
        return HttpResponse(status=204)
    visit = visit_of(request, at=at)
    if visit is None:
        return HttpResponse(status=204)
    return render(request, "dashboard/refreshed.html", _refreshed(request, visit))


def _is_somebody_elses(request: HttpRequest) -> bool:
    """Whether the page was made for who was signed in here before."""
    own = page_owner(request.user.pk)
    return request.GET.get("who", own) != own


def _refreshed(request: HttpRequest, visit: StaffVisit) -> dict[str, object]:
    context: dict[str, object] = {"visit": visit, "poll_page": request.GET.get("page", "")}
    if context["poll_page"] == "caseload" and visit.viewer.is_therapist:
        context["page"] = caseload_page(visit, query="", group=request.GET.get("group", ""))
    if context["poll_page"] == "alerts" and visit.viewer.is_therapist and visit.judging and not visit.in_room:
        context["page"] = alerts_page(visit)
    return context
