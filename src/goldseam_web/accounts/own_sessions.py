"""Where somebody is signed in, told from each other by what they are on; ended one by one or all but this."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from goldseam_web.accounts.sessions import SessionStore, stored_key

SIGNED_IN = "signed_in"
DEVICE = "device"

# What the first words found in a browser's name mean; others say "Chrome" and "Safari" of themselves too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)
UNKNOWN = "a browser that does not say which"


@dataclass(frozen=True)
class OwnSession:
    """One sign-in. ``key`` is the stored hash of its key, which opens nothing."""

    key: str
    since: datetime | None
    device: str
    is_this: bool


def device_in_words(user_agent: str) -> str:
    """ "Firefox on Linux": enough to know one's own devices apart, and no more is kept."""
    browser = next((name for part, name in BROWSERS if part in user_agent), "")
    system = next((name for part, name in SYSTEMS if part in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser or system or UNKNOWN


def sign_ins_of(user_id: uuid.UUID, *, this: str | None, at: datetime) -> list[OwnSession]:
    """The running sign-ins of one person, this one first, then the latest. Whose one is stands inside it."""
    store, mine = SessionStore(), stored_key(this or "")
    found = []
    for row in Session.objects.filter(expire_date__gt=at).iterator():
        data = store.decode(row.session_data)
        if data.get(SESSION_KEY) == str(user_id):
            since = datetime.fromtimestamp(data[SIGNED_IN], tz=UTC) if SIGNED_IN in data else None
            device = data.get(DEVICE, UNKNOWN)
            found.append(OwnSession(row.session_key, since, device, row.session_key == mine))
    return sorted(found, key=lambda one: (not one.is_this, -(one.since.timestamp() if one.since else 0)))


def end_own_session(user_id: uuid.UUID, key: str) -> bool:
    """End one sign-in of this person; False where there is none of theirs with that key."""
    row = Session.objects.filter(session_key=key).first()
    if row is None or SessionStore().decode(row.session_data).get(SESSION_KEY) != str(user_id):
        return False
    row.delete()
    return True
