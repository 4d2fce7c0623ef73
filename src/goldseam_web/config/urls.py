"""Which door stands at which address."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from goldseam_web.config.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("account/", include("goldseam_web.accounts.urls")),
]
if settings.GOLDSEAM_DEMO:
    urlpatterns.append(path("demo/", include("goldseam_web.demo.urls")))
for _prefix, _door in (("c/", "goldseam_web.portal"), ("", "goldseam_web.dashboard")):
    if find_spec(_door):
        urlpatterns.append(path(_prefix, include(f"{_door}.urls")))
