"""A site of `django-survey-and-report` with one survey of twelve questions, to be run beside us in its own environment.

    python survey_site.py            make its tables and its survey
    gunicorn survey_site:application

Nothing of Goldseam is imported, and nothing of it imports this. The database is BENCHMARK_DATABASE (a name on the
PostgreSQL of BENCHMARK_PORT). Sessions, CSRF and sign-in are on, as a site of Django has them.
"""

import os
import sys

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

PARTS = [f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages", "staticfiles")]

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["BENCHMARK_DATABASE"],
            "HOST": "127.0.0.1",
            "PORT": os.environ["BENCHMARK_PORT"],
            "USER": "goldseam",
            "CONN_MAX_AGE": 60,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DEFAULT_SURVEY_PUBLISHING_DURATION=7,
    CHOICES_SEPARATOR=",",
    USER_DID_NOT_ANSWER="Left blank",
    EXCEL_COMPATIBLE_CSV=False,
    INSTALLED_APPS=[*PARTS, "survey"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only on this machine, only for a minute",
    STATIC_URL="/static/",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    USE_TZ=True,
)
django.setup()
urlpatterns = [path("survey/", include("survey.urls"))]
application = get_wsgi_application()


def make() -> int:
    """Twelve questions with the answers nought to ten, all on one page; the survey's number."""
    from django.core.management import call_command
    from survey.models import Question, Survey

    call_command("migrate", verbosity=0)
    survey = Survey.objects.create(
        name="Twelve", description="Twelve questions", need_logged_user=False, display_method=0
    )
    for number in range(12):
        Question.objects.create(
            text=f"Question {number}",
            order=number,
            required=True,
            survey=survey,
            type=Question.RADIO,
            choices=",".join(map(str, range(11))),
        )
    return survey.pk


if __name__ == "__main__":
    sys.stdout.write(f"{make()}\n")
