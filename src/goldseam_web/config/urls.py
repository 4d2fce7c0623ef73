"""Which door stands at which address."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from goldseam_web.config.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("account/", include("goldseam_web.accounts.urls")),
]


def _stands(module: str) -> bool:
    return bool(find_spec(module.rpartition(".")[0]) and find_spec(module))


_doors = [("c/", "goldseam_web.portal.urls"), ("", "goldseam_web.dashboard.urls")]
if settings.GOLDSEAM_DEMO:
    _doors.insert(0, ("demo/", "goldseam_web.demo.urls"))
urlpatterns += [path(prefix, include(door)) for prefix, door in _doors if _stands(door)]
