"""What a page names twice: an id, or two regions, forms or lists of links that a screen reader would call the same.

Somebody who jumps from region to region hears their names alone. Two of one name are two doors without a sign, and what
repeats on a page (an episode, a meeting, a question) gets one name for all as soon as its heading says only its kind.
Read with expressions, since every page of every test is looked at: our own templates are well-formed.
"""

import re
from collections import Counter
from html import unescape

ID = re.compile(r'<[a-z][^>]*?\sid="([^"]*)"')
LANDMARK = re.compile(r'<(section|form|nav|aside|[a-z]+(?=[^>]*\srole="region"))\b([^>]*)>')
LABEL = re.compile(r'\saria-label(ledby)?="([^"]*)"')
TAG = re.compile(r"<[^>]*>")


def named_twice(html: str) -> list[str]:
    """Ids, and names of regions with what kind they are of, that stand on the page more than once.

    Examples
    --------
    >>> page = '<section aria-labelledby="a b"><h2 id="a">Strain</h2><p id="b">Lea</p></section>'
    >>> named_twice(page)
    []
    >>> named_twice(page + '<section aria-label="Strain Lea"></section>')
    ['section Strain Lea']
    """
    counted = Counter([f"id {one}" for one in ID.findall(html)])
    for kind, attributes in LANDMARK.findall(html):
        label = LABEL.search(attributes)
        if label is None or re.search(r"\shidden\b", attributes):
            continue
        name = " ".join(_text(html, one) for one in label[2].split()) if label[1] else unescape(label[2])
        counted[f"{kind if kind in ('form', 'nav', 'aside') else 'section'} {name}"] += 1
    return [name for name, times in counted.items() if times > 1]


def _text(html: str, of_id: str) -> str:
    found = re.search(rf'<([a-z0-9]+)\b[^>]*?\sid="{re.escape(of_id)}"[^>]*>(.*?)</\1>', html, re.DOTALL)
    return " ".join(unescape(TAG.sub(" ", found[2])).split()) if found else ""
