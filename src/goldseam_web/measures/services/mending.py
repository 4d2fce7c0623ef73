"""Keeping what a client says of a mending. The response is locked already.

Who takes the yes back hides with it what was said of the mending, and loses nothing: it is read only beside a yes.
"""

from collections.abc import Collection
from datetime import datetime

from goldseam_web.measures.mending_tables import Elsewhere, Mended, MendingTap, MetElsewhere
from goldseam_web.measures.models import Response


def keep_taps(response: Response, taps: Collection[Mended], *, at: datetime) -> None:
    """Keep them beside the client's yes; what is tapped twice is there once, and what was tapped before stands."""
    MendingTap.objects.bulk_create(
        (
            MendingTap(clinic_id=response.clinic_id, response=response, what=what, said_at=at)
            for what in Mended
            if what in taps
        ),
        ignore_conflicts=True,
    )


def keep_elsewhere(
    response: Response, place: Elsewhere, *, device: str, is_of_sender: bool, at: datetime
) -> None:
    """Keep the client's own tap, of this device alone."""
    MetElsewhere.objects.bulk_create(
        [
            MetElsewhere(
                clinic_id=response.clinic_id,
                response=response,
                device=device,
                is_of_sender=is_of_sender,
                place=place,
                said_at=at,
            )
        ],
        update_conflicts=True,
        unique_fields=["response", "device"],
        update_fields=["place", "said_at"],
    )
