"""Small pieces that every page uses: icons from the one sprite."""

from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from goldseam_web.lib.page_owner import page_owner

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon beside a word; it is hidden from screen readers because the word says it."""
    return _icon(name, extra)


@cache
def _icon(name: str, extra: str) -> SafeString:
    """Written once: a list of many cases shows hundreds, of a few kinds."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {extra}" if extra else "",
        static("goldseam/sprite.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def change_counter_url(context: Context) -> str:
    """Where an open page asks whether something has changed: since what it shows, and for which list."""
    page: Any = context.get("page")
    shell = context["visit"].shell
    asked = {"since": shell.change_counter, "page": context.get("poll_page", "")}
    asked["who"] = page_owner(context["request"].user.pk)
    if shell.room is not None:
        asked["room"] = shell.room.key
    if group := getattr(page, "group", ""):
        asked["group"] = group
    return f"{reverse('dashboard:change_counter')}?{urlencode(asked, safe='/', quote_via=quote)}"


@register.simple_tag(takes_context=True)
def lock_url(context: Context) -> str:
    """Where an open page asks whether its sign-in is locked, and for whom the page was made."""
    return f"{reverse('idle_lock')}?{urlencode({'who': page_owner(context['request'].user.pk)})}"
