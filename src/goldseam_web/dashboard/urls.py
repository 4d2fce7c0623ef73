"""Addresses of the staff pages."""

from django.urls import path

from goldseam_web.dashboard.views import caseload, cases, encounters, frame, new_case, signals

app_name = "dashboard"
urlpatterns = [
    path("", caseload.home, name="caseload"),
    path("supervised/", caseload.supervised, name="supervised"),
    path("alerts/", signals.alerts, name="alerts"),
    path("cases/new/", new_case.new_case, name="new_case"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/encounters/new/", encounters.new_encounter, name="new_encounter"),
    path("encounters/<uuid:encounter_id>/", encounters.encounter, name="encounter"),
    path("encounters/<uuid:encounter_id>/end/", encounters.end, name="end_encounter"),
    path("encounters/<uuid:encounter_id>/guess/", encounters.guess, name="guess"),
    path("links/<uuid:occasion_id>/", encounters.link, name="link"),
    path("signals/<uuid:signal_id>/", signals.signal, name="signal"),
    path("episodes/<uuid:episode_id>/strain/", cases.strain, name="say_strain"),
    path("pulse/", frame.pulse, name="pulse"),
    path("theme/", frame.theme, name="theme"),
    path("room-view/", frame.room_view, name="room_view"),
]
