"""What import contracts cannot see: which way the tables point, and that every row knows its clinic."""

import pytest
from django.apps import apps
from django.db.models import Model

# From the left to the right: a table may point at its own room and at those to the right of it.
ROOMS = ["research", "alerts", "measures", "concerns", "outbox", "cases", "accounts", "audit"]
OURS = [model for model in apps.get_models() if model._meta.app_label in ROOMS]

# What is above clinics or beside them: the clinic itself, the key before there is one, a sign-in and what is
# counted and written to it, and the record, which holds a bare id.
WITHOUT_CLINIC = {"Clinic", "User", "WrongCodes", "AccountMail", "SetUpKey", "AuditEntry"}
OF_A_CLINIC = [model for model in OURS if model.__name__ not in WITHOUT_CLINIC]


# Rows that no page or message names: the chain needs an order, a join table needs nothing.
NEVER_SHOWN = {"AuditEntry", "OccasionMeasure"}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_foreign_keys_point_the_right_way(model: type[Model]) -> None:
    own = ROOMS.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if field.is_relation and not field.auto_created and field.related_model:
            other = field.related_model._meta.app_label
            assert other not in ROOMS or ROOMS.index(other) >= own, (
                f"{model.__name__}.{field.name} -> {other}"
            )


@pytest.mark.parametrize("model", OF_A_CLINIC, ids=lambda model: model.__name__)
def test_every_row_knows_its_clinic(model: type[Model]) -> None:
    assert model._meta.get_field("clinic").null is False


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_public_identifiers_tell_nothing(model: type[Model]) -> None:
    if model.__name__ in NEVER_SHOWN:
        return
    key = model._meta.pk
    while key.is_relation:
        key = key.target_field
    assert key.get_internal_type() == "UUIDField"
