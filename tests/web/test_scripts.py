"""What is offered to be said: every text was reviewed, asks or leaves a gap, and claims nothing nobody knows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldseam_web.config.settings import PACKAGE
from goldseam_web.dashboard.language import help_options
from goldseam_web.dashboard.language.help_options import GAP, HelpText

REVIEWED = (Path(__file__).parent / "reviewed_scripts.txt").read_text(encoding="utf-8").splitlines()

# What happened, whose part it was, what the client felt: four numbers do not tell.
CLAIMS = re.compile(
    r"\b(I|we) (was|were|have|had|did|made|moved|held|missed|hurt|pushed|rushed|failed|lost)\b"
    r"|\b(I|we) (should|may|might|must) have\b"
    r"|\b(my|our|your) (fault|mistake|part in|anger|hurt|disappointment)\b"
    r"|\byou (were|felt|feel|seemed|seem|are|must have|may have|might have)\b(?! (not )?told)"
    r"|\b(sorry|apologi[sz]e|regret|quick with|slow to|too fast|missed you|let you down|upset|angry|hurt by)\b",
    re.IGNORECASE,
)
# A person is never the one who deviates: a split is two views with their numbers.
NEVER_SAID = re.compile(r"odd one out|outlier|resistan(t|ce)|difficult", re.IGNORECASE)


def texts(value: object) -> Iterator[HelpText]:
    if isinstance(value, HelpText):
        yield value
    elif isinstance(value, tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


ALL = sorted(
    {f"{each.title} | {each.text}" for value in vars(help_options).values() for each in texts(value)}
)


def test_every_text_is_on_the_reviewed_list_and_no_other() -> None:
    assert ALL == REVIEWED


@pytest.mark.parametrize("script", ALL)
def test_what_is_offered_to_be_said_asks_or_leaves_a_gap(script: str) -> None:
    for said in re.findall(r"“([^”]*)”", script):
        assert said.endswith("?") or GAP in said, said


@pytest.mark.parametrize("script", ALL)
def test_no_text_states_what_happened_whose_part_it_was_or_what_was_felt(script: str) -> None:
    assert not CLAIMS.search(script.replace(f"I {GAP}", ""))


@pytest.mark.parametrize(
    "said",
    [
        "“I moved us on to what seemed important to me. I can see how that missed you.”",
        "“I held on to my way of doing it. That may not have suited you.”",
        "“I was quick with an answer and slow to listen.”",
        "“I may have made it hard to say no to me.”",
        "“I may have had a part in that. What did I do, or leave out?”",
        "“I had a sense we were after different things last time. How was it for you?”",
        "“You felt left out. I am sorry.”",
    ],
)
def test_the_vocabulary_refuses_what_was_once_offered(said: str) -> None:
    assert CLAIMS.search(said)


def test_no_page_tells_of_a_person_who_deviates() -> None:
    pages = [
        *(PACKAGE / "dashboard" / "language").glob("*.py"),
        *(PACKAGE / "portal").glob("*.py"),
        *(PACKAGE / "templates").rglob("*.html"),
        *(PACKAGE / "templates").rglob("*.txt"),
    ]
    assert len(pages) > 60
    assert [page.name for page in pages if NEVER_SAID.search(page.read_text(encoding="utf-8"))] == []
