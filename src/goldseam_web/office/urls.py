"""Addresses of the clinic's office."""

from django.urls import path

from goldseam_web.office import (
    address,
    away,
    calls,
    closing,
    consent_office,
    first_page,
    mail_server,
    mail_words,
    named_person_list,
    staff_list,
    urgent_help,
    views,
    weeks,
    what_is_asked,
)

app_name = "office"
urlpatterns = [
    path("", views.office_home, name="home"),
    path("address/", address.address, name="address"),
    path("address/<str:phone_key>/", address.phone_check, name="phone_check"),
    path("away/", away.who_is_away, name="away"),
    path("away/<uuid:staff_id>/", away.leave_with_dates, name="leave"),
    path("calls/", calls.call_list, name="calls"),
    path("calls/<uuid:concern_id>/", calls.one_call, name="one_call"),
    path("charter/", views.charter, name="charter"),
    path("closed-days/", closing.closing, name="closing"),
    path("consent/", consent_office.consent_office, name="consent"),
    path("mail/", mail_server.mail_server, name="mail_server"),
    path("mail/words/", mail_words.mail_words, name="mail_words"),
    path("somebody-else/", named_person_list.named_person_list, name="somebody_else"),
    path("staff/", staff_list.staff_list, name="staff"),
    path("staff/<uuid:staff_id>/", staff_list.one_colleague, name="colleague"),
    path("staff/<uuid:staff_id>/change/", staff_list.change_colleague, name="change_colleague"),
    path("urgent-help/", urgent_help.urgent_help, name="urgent_help"),
    path("urgent-help/<uuid:line_id>/", urgent_help.one_line, name="one_line"),
    path("urgent-help/<uuid:line_id>/remove/", urgent_help.remove_line, name="remove_line"),
    path("weeks/", weeks.weeks, name="weeks"),
    path("what-is-asked/", what_is_asked.what_is_asked, name="what_is_asked"),
    path("set-up/<str:set_up_key>/", first_page.first_page, name="set_up"),
]
