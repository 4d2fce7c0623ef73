"""When an episode may be called repaired, with gold: what ratings, client and therapist each have to say."""

import pytest

from goldseam_web.alerts.models import Episode, EpisodeStatus, RepairDoubt
from goldseam_web.alerts.services import store_norms
from tests.core.ratings import T1, T1_NORMS
from tests.web import histories

# What the client says about a session, by session; the ratings are those of T1: onset 5, back in range 7, held 8.
# Confirmed: "a little" or "clearly" about a session from the onset to the repair. Contradicted: "clearly" or "not
# yet" about the repair session or a later one, until a later "yes, worked out".
WORDS = [
    ("nothing said", {}, False, False, False),
    ("a little, before the onset", {4: ("little", "yes")}, False, False, False),
    ("a little, at the onset, then silence", {5: ("little", "partly")}, True, False, False),
    ("clearly, during it, then silence", {6: ("clearly", "partly")}, True, False, False),
    ("a little, about the session of the repair", {7: ("little", "yes")}, True, False, True),
    ("clearly, about the session of the repair", {7: ("clearly", "partly")}, True, True, False),
    (
        "at the onset, not worked out by the repair",
        {5: ("little", "partly"), 7: ("little", "not_yet")},
        True,
        True,
        False,
    ),
    (
        "at the onset, worked out at the return",
        {5: ("little", "partly"), 7: ("little", "yes")},
        True,
        False,
        True,
    ),
    (
        "at the onset, worked out once it has held",
        {5: ("clearly", "not_yet"), 8: ("little", "yes")},
        True,
        False,
        True,
    ),
    ("worked out said before the return", {5: ("little", "yes")}, True, False, False),
    (
        "worked out, then clearly",
        {6: ("little", "partly"), 8: ("little", "yes"), 9: ("clearly", "partly")},
        True,
        True,
        False,
    ),
    ("not sure", {5: ("unsure", None)}, False, False, False),
    (
        "at the onset, not worked out after the repair",
        {5: ("little", "not_yet"), 8: ("little", "not_yet")},
        True,
        True,
        False,
    ),
    ("clearly again after the repair", {5: ("little", "yes"), 9: ("clearly", "partly")}, True, True, False),
    (
        "not yet, then worked out",
        {5: ("little", "not_yet"), 8: ("little", "not_yet"), 9: ("little", "yes")},
        True,
        False,
        True,
    ),
    ("only after the repair", {9: ("little", "yes")}, False, False, False),
]


@pytest.mark.parametrize(
    ("_name", "words", "confirmed", "contradicted", "gold"), WORDS, ids=[w[0] for w in WORDS]
)
def test_gold_follows_what_the_client_says(ruth, now, *, _name, words, confirmed, contradicted, gold):
    ines, case, who = ruth
    store_norms(clinic=ines.clinic, norms=T1_NORMS, at=now)
    held = histories.sessions(case, ines, len(T1), now)
    for k, (encounter, value) in enumerate(zip(held, T1, strict=True), start=1):
        tension, worked_out = words.get(k, ("no", None))
        follow_up = {"worked_out": worked_out} if worked_out else {}
        response = histories.rate(encounter, who, 5.0, {"tension": tension, **follow_up})
        histories.set_score(response, value)
        histories.judge([response])
    episode = Episode.objects.get(case=case)
    assert episode.status == EpisodeStatus.REPAIRED
    assert (episode.client_confirmed_at is not None) is confirmed
    assert (episode.contradicted_at is not None) is contradicted
    assert episode.mended is gold


SAID = {"yes": True, "no": False, "silence": None}


@pytest.mark.parametrize("status", EpisodeStatus.values)
@pytest.mark.parametrize("repaired", SAID)
@pytest.mark.parametrize("therapist", SAID)
@pytest.mark.parametrize("client", SAID)
def test_gold_needs_a_strain_that_somebody_confirms_and_the_clients_own_yes_to_the_repair(
    now, *, client, therapist, repaired, status
):
    """All pairs of both verdicts, silence among them: the therapist's "no" stands beside, never over."""
    episode = Episode(
        status=status,
        client_confirmed_at=now if SAID[client] else None,
        therapist_confirmed_at=now if SAID[therapist] else None,
        therapist_denied_at=now if SAID[therapist] is False else None,
        client_said_repaired_at=now if SAID[repaired] else None,
        contradicted_at=now if SAID[repaired] is False else None,
    )
    there_was_strain = client == "yes" or therapist == "yes"
    assert episode.mended is (status == "repaired" and there_was_strain and repaired == "yes")


@pytest.mark.parametrize("doubt", RepairDoubt.values)
def test_a_form_in_doubt_is_no_gold(now, doubt):
    known = {"status": "repaired", "client_confirmed_at": now, "client_said_repaired_at": now}
    assert Episode(**known).mended
    assert not Episode(**known, repair_doubt=doubt).mended
