"""A cohort of cases: how often episodes occur beside chance, when, what they are like, and a whole study of them."""

from goldseam.cohort.prevalence import EpisodePrevalence, episode_prevalence
from goldseam.cohort.whole_study import Study, study

__all__ = ["EpisodePrevalence", "Study", "episode_prevalence", "study"]
