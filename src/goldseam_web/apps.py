"""The package itself is an app, so that its commands, templates and static files are found."""

from django.apps import AppConfig


class GoldseamWeb(AppConfig):
    name = "goldseam_web"
    label = "goldseam_web"
    verbose_name = "Goldseam"

    def ready(self) -> None:
        from goldseam_web.alerts.services.keeping import watch_cases
        from goldseam_web.config import checks  # noqa: F401  registers the system checks

        watch_cases()
