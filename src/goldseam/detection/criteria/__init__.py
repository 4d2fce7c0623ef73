"""Every criterion; a new one is a file in this folder and a line in `CRITERIA`."""

from goldseam.detection.criteria.changepoint import Changepoint
from goldseam.detection.criteria.cusum import Cusum
from goldseam.detection.criteria.direct_question import DirectQuestion
from goldseam.detection.criteria.drop.median_of_three import MedianOfThree
from goldseam.detection.criteria.drop.previous_drop import PreviousDrop
from goldseam.detection.criteria.drop.running_maximum import RunningMaximum
from goldseam.detection.criteria.drop_and_return.mclaughlin import McLaughlinType
from goldseam.detection.criteria.drop_and_return.stiles import StilesType
from goldseam.detection.criteria.drop_and_return.strauss import StraussType
from goldseam.detection.criteria.episode_regression import EpisodeRegression
from goldseam.detection.criteria.ewma import Ewma
from goldseam.detection.criteria.fused import Fused
from goldseam.detection.criteria.gumz import GumzLenient, GumzStrict
from goldseam.detection.criteria.kalman import Kalman
from goldseam.detection.criteria.low_level import LowLevel
from goldseam.detection.criteria.own_mean import OwnMean
from goldseam.detection.criteria.predictive import Predictive
from goldseam.detection.criteria.predictive_1 import Predictive1
from goldseam.detection.criteria.reliable_drop import ReliableDrop
from goldseam.detection.criteria.segmentation import Segmentation
from goldseam.detection.criteria.stevens.global_course import StevensGlobal
from goldseam.detection.criteria.stevens.local import StevensLocal
from goldseam.detection.criteria.sudden.gains_and_losses import SuddenGain, SuddenLoss
from goldseam.detection.criteria.sudden.sudden_drop import SuddenDrop
from goldseam.detection.criteria.xmr import XmR
from goldseam.detection.engine.criterion import Criterion

CRITERIA: tuple[type[Criterion], ...] = (
    Changepoint,
    Cusum,
    DirectQuestion,
    EpisodeRegression,
    Ewma,
    Fused,
    GumzLenient,
    GumzStrict,
    Kalman,
    LowLevel,
    McLaughlinType,
    MedianOfThree,
    OwnMean,
    Predictive,
    Predictive1,
    PreviousDrop,
    ReliableDrop,
    RunningMaximum,
    Segmentation,
    StevensGlobal,
    StevensLocal,
    StilesType,
    StraussType,
    SuddenDrop,
    SuddenGain,
    SuddenLoss,
    XmR,
)
