"""The clinic an install begins with."""

from datetime import datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.charters import FIRST_CHARTER, set_charter
from goldseam_web.accounts.crisis_line_table import SEEN_ON, SHIPPED
from goldseam_web.accounts.crisis_lines import set_crisis_lines
from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.accounts.services import add_staff, open_clinic
from goldseam_web.accounts.set_up_key import use_up
from goldseam_web.audit.services import Actor
from goldseam_web.cases.services.guardians_named import set_age_of_consent
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.services.catalog import install_measures


@one_transaction
def begin_clinic(
    *,
    name: str,
    country: str,
    time_zone: str,
    email: str,
    password: str,
    full_name: str,
    display_name: str,
    treats: bool,
    at: datetime,
    age_of_consent: int | None = None,
) -> Staff:
    """Open the install's clinic, our own measures in use, with its first administrator, who may also treat clients.

    ``age_of_consent``: from which age somebody agrees alone, as they say; None leaves that as every clinic starts.
    Its numbers for urgent help are the shipped ones of the country, of which there may be none; the key is used up.
    """
    if Clinic.objects.exists():
        raise ValidationError("A clinic has been set up here already; sign in to go on.")
    clinic = open_clinic(name=name, time_zone=time_zone, at=at)
    Clinic.objects.filter(pk=clinic.pk).update(country=country)
    install_measures(clinic=clinic, at=at)
    set_crisis_lines(clinic=clinic, lines=SHIPPED.get(country, ()), checked_on=SEEN_ON, at=at)
    set_charter(clinic=clinic, text=FIRST_CHARTER, at=at)
    roles = [Role.ADMINISTRATOR, *([Role.THERAPIST] if treats else [])]
    staff = add_staff(
        clinic=clinic,
        email=email,
        password=password,
        full_name=full_name,
        display_name=display_name,
        roles=roles,
        at=at,
    )
    if age_of_consent is not None:
        set_age_of_consent(clinic=clinic, age=age_of_consent, at=at, actor=Actor.staff(staff.pk))
    use_up()
    return staff
