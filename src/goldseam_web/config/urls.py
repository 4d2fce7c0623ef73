"""Which door stands at which address."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from goldseam_web.config.healthz import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("account/", include("goldseam_web.accounts.urls")),
    path("c/", include("goldseam_web.portal.urls")),
    path("office/", include("goldseam_web.office.urls")),
    path("", include("goldseam_web.dashboard.urls")),
]
handler500 = "goldseam_web.config.error_pages.server_error_or_away"
if settings.GOLDSEAM_DEMO:
    urlpatterns.insert(0, path("demo/", include("goldseam_web.demo.urls")))
