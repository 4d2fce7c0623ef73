"""What a client's page asks, read from its HTML as a browser has it."""

import re
from collections import defaultdict
from dataclasses import dataclass
from html import unescape

from django.http import HttpResponse

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CHOICE = re.compile(r'<input type="radio"[^>]*?\sname="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class ShownForm:
    """``item`` is "" on the page of all questions; ``scales`` says of each field with answers whether it is a scale."""

    item: str
    shown: str
    scales: dict[str, bool]

    @property
    def is_scale(self) -> bool:
        return self.scales["answer"]

    @property
    def chosen(self) -> dict[str, str]:
        """Something for each: 6 on a scale, "no" else."""
        return {name: "6" if is_scale else "no" for name, is_scale in self.scales.items()}


def shown_form(response: HttpResponse) -> ShownForm:
    html = response.content.decode()
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(html)}
    values = defaultdict(set)
    for name, value in CHOICE.findall(html):
        values[name].add(value)
    scales = {name: "10" in given for name, given in values.items()}
    return ShownForm(hidden.get("item", ""), hidden.get("shown", ""), scales)
