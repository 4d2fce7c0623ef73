"""The sentences a client can choose from for the page at the end, and what each choice makes of it."""

from collections.abc import Mapping, Sequence

from goldseam_web.alerts.look_back_tables import MendingWords, StayedOpen
from goldseam_web.alerts.services.look_back_choices import Lines, LookBackWords
from goldseam_web.measures.mending_tables import Mended
from goldseam_web.portal.own_seams import ToldMending

NO_DAYS = "With {therapist} it got harder, and it was mended."
# In what they tapped for whom they work with, as they said yes to this mending.
TAPPED: Mapping[MendingWords, tuple[Mended, str]] = {
    MendingWords.UNDERSTAND_BETTER: (
        Mended.UNDERSTAND_BETTER,
        "With {therapist} it got harder, and we understand each other better.",
    ),
    MendingWords.DID_DIFFERENTLY: (
        Mended.DID_DIFFERENTLY,
        "With {therapist} it got harder, and I did something differently.",
    ),
}
STAYED_OPEN: Mapping[StayedOpen, str] = {
    StayedOpen.NOT_ALL_SAID: "Not everything was said.",
    StayedOpen.STILL_AHEAD: "Something of what I came for is still ahead.",
    StayedOpen.WITH_EACH_OTHER: "Something between us is still open.",
    StayedOpen.LATER: "Something is left for later, and that is all right.",
}


def sentences_for(one: ToldMending) -> dict[MendingWords, str]:
    """Those that exist for this mending: by its days, without them, and what they tapped of it themselves."""
    found = {
        MendingWords.DAYS: one.by_days,
        MendingWords.NO_DAYS: NO_DAYS.format(therapist=one.therapist),
    }
    for way, (tap, sentence) in TAPPED.items():
        if tap in one.taps:
            found[way] = sentence.format(therapist=one.therapist)
    return found


def sentence_chosen(one: ToldMending, words: LookBackWords) -> str:
    """By its days where nothing was chosen, or what was chosen is no more: they said later that it was not so."""
    return sentences_for(one)[way_chosen(one, words)]


def way_chosen(one: ToldMending, words: LookBackWords) -> MendingWords:
    way = words.mendings.get(one.number, MendingWords.DAYS)
    return way if way in sentences_for(one) else MendingWords.DAYS


def what_stays_open(words: LookBackWords, *, several: bool) -> tuple[str, ...]:
    return tuple(text for one, text in open_sentences(several=several).items() if one in words.stayed_open)


def open_sentences(*, several: bool) -> dict[StayedOpen, str]:
    """Between whom, where somebody comes alone, would be left to guess."""
    return {one: text for one, text in STAYED_OPEN.items() if several or one != StayedOpen.WITH_EACH_OTHER}


def lines_of(told: Sequence[ToldMending], words: LookBackWords) -> Lines:
    """What the others would read; only in couples and families is anything shown to others."""
    return Lines(
        numbers=tuple(one.number for one in told),
        mended=tuple(sentence_chosen(one, words) for one in told),
        stayed_open=what_stays_open(words, several=True),
    )
