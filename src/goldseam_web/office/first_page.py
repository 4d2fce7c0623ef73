"""The set-up's first page: behind a one-time key, until there is an administrator."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.queries import kinds_without_a_line
from goldseam_web.accounts.set_up_key import opens_the_set_up
from goldseam_web.measures.services.first_clinic import begin_clinic
from goldseam_web.office.set_up_form import FirstForm


@require_http_methods(["GET", "HEAD", "POST"])
def first_page(request: HttpRequest, set_up_key: str) -> HttpResponse:
    """Ask for the clinic and its administrator, and make both. Without the key there is nothing here."""
    if not opens_the_set_up(set_up_key):
        raise Http404
    form = FirstForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _begun(request, form)
        except ValidationError as error:
            form.add_error(None, error)
    response = render(request, "office/first_page.html", {"form": form}, status=400 if form.errors else 200)
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _begun(request: HttpRequest, form: FirstForm) -> HttpResponse:
    """Make them, sign the administrator in and lead on: the second step at sign-in comes before anything else."""
    given = form.cleaned_data
    staff = begin_clinic(
        name=given["clinic"],
        country=given["country"],
        time_zone=given["time_zone"],
        email=given["email"],
        password=given["password"],
        full_name=given["full_name"],
        display_name=given["full_name"].split()[0],
        treats=given["treats"],
        age_of_consent=given["age_of_consent"],
        at=timezone.now(),
    )
    lacks_numbers = bool(kinds_without_a_line(staff.clinic))
    leads_to = reverse("office:urgent_help" if lacks_numbers else "office:home")
    signed_in = Login(user=staff.user, email=given["email"], redirect_url=leads_to)
    response: HttpResponse = perform_password_login(request, {"email": given["email"]}, signed_in)
    return response
