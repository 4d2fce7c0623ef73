"""Every criterion; a new one is a file in this folder and a line in `CRITERIA`.

They are listed by name, and `goldseam.detection.detect` loads them when they are asked for: loading all takes longer
than judging a course with one.
"""

from collections.abc import Mapping

CRITERIA: Mapping[tuple[str, int], str] = {
    ("changepoint", 1): "changepoint.Changepoint",
    ("cusum", 1): "cusum.Cusum",
    ("direct-question", 1): "direct_question.DirectQuestion",
    ("direct-report", 1): "direct_report.DirectReport",
    ("dynamic-complexity-type", 1): "dynamic_complexity.DynamicComplexityType",
    ("episode-regression", 1): "episode_regression.EpisodeRegression",
    ("ewma", 1): "ewma.Ewma",
    ("fused", 1): "fused.Fused",
    ("gumz-lenient", 1): "gumz.GumzLenient",
    ("gumz-strict", 1): "gumz.GumzStrict",
    ("hidden-markov", 1): "hidden_markov.HiddenMarkov",
    ("kalman", 1): "kalman.Kalman",
    ("low-level", 1): "low_level.LowLevel",
    ("mclaughlin-type", 1): "drop_and_return.mclaughlin.McLaughlinType",
    ("median-of-three", 1): "drop.median_of_three.MedianOfThree",
    ("own-mean", 1): "own_mean.OwnMean",
    ("predictive", 1): "predictive_1.Predictive1",
    ("predictive", 2): "predictive.Predictive2",
    ("predictive", 3): "predictive.Predictive3",
    ("predictive", 4): "predictive.version_4.Predictive",
    ("previous-drop", 1): "drop.previous_drop.PreviousDrop",
    ("reliable-drop", 1): "reliable_drop.ReliableDrop",
    ("running-maximum", 1): "drop.running_maximum.RunningMaximum",
    ("segmentation", 1): "segmentation.Segmentation",
    ("stevens-global", 1): "stevens.global_course.StevensGlobal",
    ("stevens-local", 1): "stevens.local.StevensLocal",
    ("stiles-type", 1): "drop_and_return.stiles.StilesType",
    ("strauss-type", 1): "drop_and_return.strauss.StraussType",
    ("sudden-drop", 1): "sudden.sudden_drop.SuddenDrop",
    ("sudden-gain", 1): "sudden.gains_and_losses.SuddenGain",
    ("sudden-loss", 1): "sudden.gains_and_losses.SuddenLoss",
    ("xmr", 1): "xmr.XmR",
}
"""By id and version, where the class is: from this folder on."""

ON_TRIAL = frozenset({("predictive", 4)})
"""Versions that have to be asked for: who names no version gets the newest of the others."""
