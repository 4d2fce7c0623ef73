"""A cohort of cases: how often episodes occur beside chance, when, what they are like, and a whole study of them."""

from goldseam.cohort.actor_partner import ActorPartner, actor_partner
from goldseam.cohort.one_with_many import OneWithMany, one_with_many
from goldseam.cohort.prevalence import EpisodePrevalence, episode_prevalence
from goldseam.cohort.whole_study import Study, study
from goldseam.cohort.within_between import WithinBetween, within_between

__all__ = [
    "ActorPartner",
    "EpisodePrevalence",
    "OneWithMany",
    "Study",
    "WithinBetween",
    "actor_partner",
    "episode_prevalence",
    "one_with_many",
    "study",
    "within_between",
]
