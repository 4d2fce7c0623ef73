"""Who sent a client here, and what they are told: the days on which the client came, and nothing else."""

from goldseam_web.cases.models import SentBy
from goldseam_web.portal.opened_link import OpenedLink

SENT = {
    SentBy.COURT: "A court or an authority asked that you come.",
    SentBy.CHILD_PROTECTION: "Child protection asked that you come.",
    SentBy.SCHOOL: "A school asked that you come.",
    SentBy.WORK: "An employer asked that you come.",
}
TOLD = (
    "They are told on which days you came, and nothing else: not what you answer, and not whether you answered or "
    "skipped."
)


def who_sent(link: OpenedLink) -> tuple[str, str] | None:
    """Who it was and what they are told, in two parts; None where nobody sent them."""
    sent_by = SentBy(link.member.sent_by)
    return (SENT[sent_by], TOLD) if sent_by in SENT else None
