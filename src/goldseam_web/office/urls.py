"""Addresses of the clinic's office."""

from django.urls import path

from goldseam_web.office import first_page, views

app_name = "office"
urlpatterns = [
    path("", views.office_home, name="home"),
    path("charter/", views.charter, name="charter"),
    path("set-up/<str:set_up_key>/", first_page.first_page, name="set_up"),
]
