"""Several members, several views: relations, split alliance, case events, and the therapist beside the client."""

from goldseam.alliance.estimate import Estimate
from goldseam.alliance.events import case_events
from goldseam.alliance.relations import relation_map
from goldseam.alliance.split import SplitAlliance, split_alliance
from goldseam.alliance.surface import ResponseSurface, response_surface
from goldseam.alliance.therapist import therapist_client, unrecognised_strain
from goldseam.alliance.truth_bias import TruthAndBias, truth_and_bias

__all__ = [
    "Estimate",
    "ResponseSurface",
    "SplitAlliance",
    "TruthAndBias",
    "case_events",
    "relation_map",
    "response_surface",
    "split_alliance",
    "therapist_client",
    "truth_and_bias",
    "unrecognised_strain",
]
