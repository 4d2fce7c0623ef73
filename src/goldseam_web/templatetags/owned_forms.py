"""Django's ``csrf_token``, which also says for whom the form was made. Every template has it (settings, builtins)."""

from typing import Any

from django import template
from django.template import Context
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from goldseam_web.lib.page_owner import OWNER_FIELD, page_owner

register = template.Library()


class OwnedForm(CsrfTokenNode):
    def render(self, context: Context) -> str:
        token = super().render(context)
        user: Any = getattr(context.get("request"), "user", None)
        if not token or user is None or not user.is_authenticated:
            return token
        return token + format_html(
            '<input type="hidden" name="{}" value="{}">', OWNER_FIELD, page_owner(user.pk)
        )


@register.tag("csrf_token")
def owned_csrf_token(_parser: Parser, _token: Token) -> OwnedForm:
    return OwnedForm()
