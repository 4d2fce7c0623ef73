"""The addresses of an install in demo mode."""

from django.urls import include, path

from goldseam_web.config.urls import urlpatterns as usual

urlpatterns = [path("demo/", include("goldseam_web.demo.urls")), *usual]
