"""The client's addresses. They say nothing about what they are for."""

from django.urls import path

from goldseam_web.portal import (
    card_page,
    consent_views,
    look_back_page,
    outreach_page,
    own_course_page,
    somebody_else,
    views,
    whole_form,
)

app_name = "portal"
urlpatterns = [
    path("", views.unknown, name="none"),
    path("help/", views.general_help, name="general-help"),
    path("speak/", somebody_else.speak_without_link, name="general-speak"),
    path("card/<str:card_token>/", card_page.standing_card, name="card"),
    path("card/<str:card_token>/then/", card_page.card_then, name="card-then"),
    path("card/<str:card_token>/help/", card_page.card_help, name="card-help"),
    path("card/<str:card_token>/speak/", card_page.card_speak, name="card-speak"),
    path("card/<str:card_token>/speak/received/", card_page.card_wish_received, name="card-wish-received"),
    path("card/<str:card_token>/leave/", card_page.card_leave, name="card-leave"),
    path("next/<str:outreach_token>/", outreach_page.going_on, name="going_on"),
    path("look/<str:look_token>/", look_back_page.look_back, name="look_back"),
    path("<str:token>/", views.start, name="start"),
    path("<str:token>/leave/", views.leave, name="leave"),
    path("<str:token>/later/", views.later, name="later"),
    path("<str:token>/help/", views.crisis_help, name="help"),
    path("<str:token>/speak/", somebody_else.speak_with_somebody, name="speak"),
    path("<str:token>/speak/received/", somebody_else.wish_received, name="wish-received"),
    path("<str:token>/privacy/", consent_views.privacy, name="privacy"),
    path("<str:token>/own/", own_course_page.own_course, name="own"),
    path("<str:token>/all/", whole_form.all_questions, name="all"),
    path("<str:token>/who/", views.who, name="who"),
    path("<str:token>/done/", views.done, name="done"),
    path("<str:token>/handed-over/", views.handed_over, name="handed_over"),
    path("<str:token>/<int:number>/", views.question, name="question"),
    path("<path:rest>/", views.unknown, name="unknown"),
]
