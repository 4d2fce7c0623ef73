"""A cohort of cases: how often episodes occur beside chance, when, what they are like, and a whole study of them."""

from goldseam.cohort.prevalence import EpisodePrevalence, episode_prevalence
from goldseam.cohort.whole_study import Study, study
from goldseam.cohort.within_between import WithinBetween, within_between

__all__ = ["EpisodePrevalence", "Study", "WithinBetween", "episode_prevalence", "study", "within_between"]
