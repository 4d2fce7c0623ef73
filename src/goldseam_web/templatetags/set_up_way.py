"""Where the pages of the set-up lead on."""

from typing import Any

from django import template
from django.template import Context

from goldseam_web.accounts.models import Role
from goldseam_web.office.set_up_steps import next_page

register = template.Library()


@register.simple_tag(takes_context=True)
def set_up_goes_on(context: Context) -> tuple[int, Any] | None:
    """The step and page after this one, for whoever runs the clinic; None where the way ends."""
    visit: Any = context.get("visit")
    if visit is None or Role.ADMINISTRATOR not in visit.viewer.roles:
        return None
    return next_page(context["request"].resolver_match.view_name)
