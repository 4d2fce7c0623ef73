"""What every template may ask about the install."""

from django.conf import settings
from django.http import HttpRequest


def install(_request: HttpRequest) -> dict[str, bool]:
    return {"is_demo": settings.GOLDSEAM_DEMO, "record_only": settings.GOLDSEAM_RECORD_ONLY}
