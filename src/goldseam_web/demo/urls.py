"""Addresses of the demo's own pages, known only when GOLDSEAM_DEMO is on."""

from django.urls import path

from goldseam_web.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.tour, name="tour"),
    path("sign-in/<uuid:staff_id>/", views.sign_in, name="sign_in"),
    path("mail/", views.mail, name="mail"),
]
