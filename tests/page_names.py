"""What a page names twice: an id, or two regions, forms or lists of links that a screen reader would call the same.

Somebody who jumps from region to region hears their names alone. Two of one name are two doors without a sign, and what
repeats on a page (an episode, a meeting, a question) gets one name for all as soon as its heading says only its kind.
"""

from collections import Counter
from html.parser import HTMLParser

# What these are to a screen reader, once they have a name.
ROLES = {"section": "region", "form": "form", "nav": "navigation", "aside": "complementary"}
WITHOUT_END = frozenset(("input", "img", "br", "hr", "meta", "link", "source", "wbr"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.texts: dict[str, str] = {}
        self.landmarks: list[tuple[str, str, str]] = []
        self._open: list[tuple[str, str | None, bool]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        own = given.get("id")
        if own is not None:
            self.ids.append(own)
            self.texts[own] = ""
        unseen = "hidden" in given or any(hidden for _, _, hidden in self._open)
        if tag not in WITHOUT_END:
            self._open.append((tag, own, unseen))
        role = given.get("role") or ROLES.get(tag, "")
        if role in ROLES.values() and not unseen and ("aria-labelledby" in given or "aria-label" in given):
            self.landmarks.append((role, given.get("aria-labelledby", ""), given.get("aria-label", "")))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in WITHOUT_END:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while any(tag == one for one, *_ in self._open):
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        for _, own, _ in self._open:
            if own is not None:
                self.texts[own] += data


def named_twice(html: str) -> list[str]:
    """Ids, and names of regions with their role, that stand on the page more than once.

    Examples
    --------
    >>> page = '<section aria-labelledby="a b"><h2 id="a">Strain</h2><p id="b">Lea</p></section>'
    >>> named_twice(page)
    []
    >>> named_twice(page + '<section aria-label="Strain Lea"></section>')
    ['region Strain Lea']
    """
    reader = _Reader()
    reader.feed(html)
    names = (
        f"{role} {' '.join(' '.join(reader.texts.get(one, '') for one in by.split()).split()) or label}"
        for role, by, label in reader.landmarks
    )
    counted = Counter([*(f"id {one}" for one in reader.ids), *names])
    return [name for name, times in counted.items() if times > 1]
