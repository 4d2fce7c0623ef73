"""Wrong codes of a second factor: whoever gives one knew the password, so they are counted, recorded and told."""

from datetime import datetime, timedelta

from django.db.models import F

from goldseam_web.accounts.lockout import pause_after
from goldseam_web.accounts.models import AccountMailKind, User, WrongCodes
from goldseam_web.accounts.sign_in import record_own_act
from goldseam_web.lib.transactions import one_transaction

FREE_CODES = 5  # before the first pause
LONGEST_PAUSE = timedelta(hours=1)
_TOLD_AT = 3
_TOLD_AGAIN_AFTER = 10


def codes_rest(user: User, *, at: datetime) -> bool:
    """Whether no code is looked at now, because too many were wrong."""
    wrong = WrongCodes.objects.filter(user=user).first()
    if wrong is None:
        return False
    return at < wrong.last_at + pause_after(wrong.failures, free=FREE_CODES, longest=LONGEST_PAUSE)


@one_transaction
def record_wrong_code(*, user: User, at: datetime) -> None:
    """Count one, put it on record, and tell the owner at the third and at every tenth after it."""
    WrongCodes.objects.get_or_create(user=user, defaults={"last_at": at})
    WrongCodes.objects.filter(user=user).update(failures=F("failures") + 1, last_at=at)
    failures = WrongCodes.objects.get(user=user).failures
    told = failures >= _TOLD_AT and (failures - _TOLD_AT) % _TOLD_AGAIN_AFTER == 0
    notice = AccountMailKind.WRONG_CODES if told else None
    record_own_act(user=user, action="staff.code_failed", at=at, notice=notice)


def forgive_wrong_codes(user: User) -> None:
    """A right code ends the count."""
    WrongCodes.objects.filter(user=user).delete()
