"""Addresses of the staff pages."""

from django.urls import path

from goldseam_web.dashboard import views as frame
from goldseam_web.dashboard.appointment_list import views as appointments
from goldseam_web.dashboard.case import views as case
from goldseam_web.dashboard.case.event_note_view import event_note
from goldseam_web.dashboard.case.goal_view import goals
from goldseam_web.dashboard.case.lot_questions import say_of_lot
from goldseam_web.dashboard.case.off_track_lines import say_looked
from goldseam_web.dashboard.caseload import views as caseload
from goldseam_web.dashboard.change_counter import change_counter
from goldseam_web.dashboard.encounter import views as encounter
from goldseam_web.dashboard.encounter.who_was_there import answered_in_company
from goldseam_web.dashboard.episode import views as episode
from goldseam_web.dashboard.joint.views import joint_view
from goldseam_web.dashboard.map_of_relations.views import relations
from goldseam_web.dashboard.own_figures.views import own_figures
from goldseam_web.dashboard.participation import views as participation
from goldseam_web.dashboard.participation.attendance_letter import attendance_letter, whose_idea
from goldseam_web.dashboard.participation.cards import standing_cards
from goldseam_web.dashboard.participation.consent import consent_export, say_consent
from goldseam_web.dashboard.participation.deleting_case import deleting_case
from goldseam_web.dashboard.participation.entered_twice import doubles
from goldseam_web.dashboard.participation.guardians_view import guardians, one_guardian
from goldseam_web.dashboard.participation.joining import join
from goldseam_web.dashboard.participation.no_next import no_next
from goldseam_web.dashboard.participation.own_words_page import words_for_own_answers
from goldseam_web.dashboard.participation.person import person
from goldseam_web.dashboard.participation.proxies_view import proxies
from goldseam_web.dashboard.participation.single_time_view import single_time
from goldseam_web.dashboard.participation.who_treats import who_treats
from goldseam_web.dashboard.signal import views as signal

app_name = "dashboard"
urlpatterns = [
    path("", caseload.home, name="caseload"),
    path("supervised/", caseload.supervised, name="supervised"),
    path("supervised/<uuid:staff_id>/", caseload.supervisee, name="supervisee"),
    path("alerts/", signal.alerts, name="alerts"),
    path("own-figures/", own_figures, name="own_figures"),
    path("lots/<uuid:lot_id>/", say_of_lot, name="answer_lot"),
    path("courses/<uuid:course_id>/", say_looked, name="look_at_course"),
    path("cases/new/", case.new_case, name="new_case"),
    path("cases/<uuid:case_id>/", case.case, name="case"),
    path("cases/<uuid:case_id>/relations/", relations, name="relations"),
    path("cases/<uuid:case_id>/members/", participation.members, name="members"),
    path("cases/<uuid:case_id>/members/new/", join, name="join"),
    path("cases/<uuid:case_id>/members/<int:position>/", person, name="person"),
    path("cases/<uuid:case_id>/members/<int:position>/same/", doubles, name="doubles"),
    path("cases/<uuid:case_id>/members/<int:position>/consent/", say_consent, name="say_consent"),
    path("cases/<uuid:case_id>/members/<int:position>/guardians/", guardians, name="guardians"),
    path(
        "cases/<uuid:case_id>/members/<int:position>/guardians/<uuid:guardian_id>/",
        one_guardian,
        name="one_guardian",
    ),
    path(
        "cases/<uuid:case_id>/members/<int:position>/attendance/", attendance_letter, name="attendance_letter"
    ),
    path("cases/<uuid:case_id>/members/<int:position>/idea/", whose_idea, name="whose_idea"),
    path("cases/<uuid:case_id>/proxies/", proxies, name="proxies"),
    path("cases/<uuid:case_id>/single-time/", single_time, name="single_time"),
    path("cases/<uuid:case_id>/joint-view/", joint_view, name="joint_view"),
    path("cases/<uuid:case_id>/own-words/", words_for_own_answers, name="own_words"),
    path("cases/<uuid:case_id>/cards/", standing_cards, name="cards"),
    path("cases/<uuid:case_id>/consent.csv", consent_export, name="consent_export"),
    path("cases/<uuid:case_id>/therapists/", who_treats, name="therapists"),
    path("cases/<uuid:case_id>/events/", event_note, name="event_note"),
    path("cases/<uuid:case_id>/goals/", goals, name="goals"),
    path("cases/<uuid:case_id>/ending/", participation.ending, name="ending"),
    path("cases/<uuid:case_id>/delete/", deleting_case, name="delete_case"),
    path("cases/<uuid:case_id>/no-next/", no_next, name="no_next"),
    path("cases/<uuid:case_id>/encounters/", appointments.appointments, name="appointments"),
    path("cases/<uuid:case_id>/encounters/new/", encounter.new_encounter, name="new_encounter"),
    path("encounters/<uuid:encounter_id>/", encounter.encounter, name="encounter"),
    path("encounters/<uuid:encounter_id>/end/", encounter.end, name="end_encounter"),
    path("encounters/<uuid:encounter_id>/correct/", encounter.correct, name="correct_encounter"),
    path("encounters/<uuid:encounter_id>/cancel/", appointments.cancel, name="cancel_encounter"),
    path("encounters/<uuid:encounter_id>/restore/", appointments.restore, name="restore_encounter"),
    path("encounters/<uuid:encounter_id>/guess/", encounter.guess, name="guess"),
    path("links/<uuid:occasion_id>/", encounter.link, name="link"),
    path("links/<uuid:occasion_id>/company/", answered_in_company, name="answered_in_company"),
    path("links/<uuid:occasion_id>/mail/", encounter.send_mail, name="send_mail"),
    path("signals/<uuid:signal_id>/", signal.signal, name="signal"),
    path("signals/<uuid:signal_id>/help/", signal.ask_to_look, name="ask_to_look"),
    path("cases/<uuid:case_id>/episodes/new/", episode.new_episode, name="new_episode"),
    path("episodes/<uuid:episode_id>/", episode.episode, name="episode"),
    path("episodes/<uuid:episode_id>/work/", episode.note, name="note_work"),
    path("episodes/<uuid:episode_id>/note/", episode.own_note, name="write_note"),
    path("episodes/<uuid:episode_id>/readers/", episode.readers, name="work_readers"),
    path("episodes/<uuid:episode_id>/end/", episode.how_it_stands, name="end_by_hand"),
    path("episodes/<uuid:episode_id>/strain/", case.strain, name="say_strain"),
    path("pulse/", change_counter, name="change_counter"),
    path("theme/", frame.theme, name="theme"),
    path("room-view/", frame.room_view, name="room_view"),
]
