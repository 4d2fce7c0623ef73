"""What the demo's templates may use."""

from collections.abc import Sequence
from dataclasses import dataclass

import segno
from django.utils.safestring import SafeString, mark_safe

from goldseam_web.demo.queries import Colleague, OpenLink
from goldseam_web.demo.sent_messages import SentMessage
from goldseam_web.lib.addresses import host_of, is_loopback


@dataclass(frozen=True)
class LinkCard:
    """A client's link, and its QR code where a phone could reach it."""

    who: str
    display_name: str
    path: str
    qr: SafeString | None


@dataclass(frozen=True)
class TourPage:
    """Where to begin: the colleague to be, and the links of the session that has just ended."""

    therapist: Colleague | None
    others: tuple[Colleague, ...]
    to_play: tuple[LinkCard, ...]
    more_links: tuple[LinkCard, ...]
    signed_in_as: str
    looks_back: tuple[tuple[str, str], ...]

    @property
    def names(self) -> str:
        return " and ".join(link.display_name for link in self.to_play)

    @property
    def for_phones(self) -> bool:
        return any(link.qr for link in self.to_play)


@dataclass(frozen=True)
class OutboxPage:
    """The messages, newest first."""

    messages: tuple[SentMessage, ...]


def tour_page(
    *,
    links: Sequence[OpenLink],
    staff: Sequence[Colleague],
    base_url: str,
    signed_in_as: str,
    looks_back: Sequence[tuple[str, str]] = (),
) -> TourPage:
    """Put the session that ended last in front, and its therapist."""
    first = links[0] if links else None
    cards = [(link, _card(link, base_url)) for link in links]
    therapist = next((c for c in staff if first is None or c.id == first.therapist_id), None)
    return TourPage(
        therapist=therapist,
        others=tuple(colleague for colleague in staff if colleague != therapist),
        to_play=tuple(card for link, card in cards if first and link.encounter_id == first.encounter_id),
        more_links=tuple(card for link, card in cards if first and link.encounter_id != first.encounter_id),
        signed_in_as=signed_in_as,
        looks_back=tuple(looks_back),
    )


def _card(link: OpenLink, base_url: str) -> LinkCard:
    reachable = not is_loopback(host_of(base_url))
    return LinkCard(link.who, link.display_name, link.path, _qr(base_url + link.path) if reachable else None)


def _qr(address: str) -> SafeString:
    """Dark on light in both themes: a camera wants it so. The drawing holds nothing but squares."""
    drawing = segno.make(address, error="m", micro=False).svg_inline(scale=4, light="#fff", svgclass="qr")
    return mark_safe(drawing)  # noqa: S308  made from modules of a QR code
