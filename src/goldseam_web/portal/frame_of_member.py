"""What stands around a page that belongs to no request: help, somebody else and privacy are those of the latest one."""

from dataclasses import replace
from datetime import datetime

from goldseam_web.cases.models import Member
from goldseam_web.measures.links import LinkState
from goldseam_web.measures.outreach_links import latest_request_to
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.pages import Frame, frame


def frame_of_member(member: Member, at: datetime) -> Frame:
    """Of the client's latest link about a session, if there was one; ``member`` comes with the clinic."""
    latest = latest_request_to(member)
    if latest is None:
        clinic = member.clinic
        return replace(frame(None), brand=clinic.name, leave_url=clinic.exit_url, exit_url=clinic.exit_url)
    token, occasion = latest
    link = OpenedLink(token, occasion, member, None, LinkState.OVER, "", at)
    return replace(frame(link), link_url="", zone=None)
