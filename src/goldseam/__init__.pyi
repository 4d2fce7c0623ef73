# The public names of Goldseam, listed here once: type checkers and editors read this file, and at run time
# `__init__.py` reads from it which names there are and where each lives.

from goldseam import (
    datasets as datasets,
)
from goldseam.alliance import (
    Estimate as Estimate,
    ResponseSurface as ResponseSurface,
    SplitAlliance as SplitAlliance,
    TruthAndBias as TruthAndBias,
    case_events as case_events,
    relation_map as relation_map,
    response_surface as response_surface,
    split_alliance as split_alliance,
    therapist_client as therapist_client,
    truth_and_bias as truth_and_bias,
    unrecognised_strain as unrecognised_strain,
)
from goldseam.change import (
    ReliableChange as ReliableChange,
    reliable_change as reliable_change,
    scoring_facts as scoring_facts,
)
from goldseam.cohort import (
    ActorPartner as ActorPartner,
    EpisodePrevalence as EpisodePrevalence,
    OneWithMany as OneWithMany,
    Study as Study,
    WithinBetween as WithinBetween,
    actor_partner as actor_partner,
    episode_prevalence as episode_prevalence,
    one_with_many as one_with_many,
    study as study,
    within_between as within_between,
)
from goldseam.detection import (
    Counts as Counts,
    Criterion as Criterion,
    Detection as Detection,
    Parameter as Parameter,
    criteria as criteria,
    detect as detect,
)
from goldseam.detection.criteria.fused.evidence_strengths import (
    EvidenceStrengths as EvidenceStrengths,
)
from goldseam.detection.evidence_fit import (
    fit_evidence as fit_evidence,
)
from goldseam.detection.interval_check import (
    IntervalCheck as IntervalCheck,
    check_interval as check_interval,
)
from goldseam.exceptions import (
    GoldseamError as GoldseamError,
    InputError as InputError,
    MeasureError as MeasureError,
    MissingExtraError as MissingExtraError,
    NormsError as NormsError,
    ParameterError as ParameterError,
    RangeUnknownError as RangeUnknownError,
    TableError as TableError,
    TableNote as TableNote,
    TableWarning as TableWarning,
)
from goldseam.inspection import (
    RatingsReport as RatingsReport,
    inspect_ratings as inspect_ratings,
)
from goldseam.instruments import (
    Item as Item,
    Measure as Measure,
    Question as Question,
    Respondent as Respondent,
    list_measures as list_measures,
    load_measure as load_measure,
)
from goldseam.norms import (
    Norms as Norms,
    PersonNorms as PersonNorms,
    ScaleNorms as ScaleNorms,
    fit_norms as fit_norms,
)
from goldseam.operating import (
    AskedAbout as AskedAbout,
    ErrorRates as ErrorRates,
    Interval as Interval,
    NormsCheck as NormsCheck,
    NullRate as NullRate,
    OperatingPoint as OperatingPoint,
    Share as Share,
    ThresholdSearch as ThresholdSearch,
    VerifiedRates as VerifiedRates,
    check_norms as check_norms,
    find_threshold as find_threshold,
    measure_norms as measure_norms,
    measured_error_rates as measured_error_rates,
    null_rate as null_rate,
    observed_share as observed_share,
    operating_characteristics as operating_characteristics,
    operating_curve as operating_curve,
    shipped_error_rates as shipped_error_rates,
    verified_rates as verified_rates,
)
from goldseam.scoring import (
    Score as Score,
    score_response as score_response,
)
from goldseam.series import (
    RatingSeries as RatingSeries,
)
from goldseam.series.read_options import (
    ReadOptions as ReadOptions,
)
from goldseam.series.reading import (
    read_ratings as read_ratings,
)
from goldseam.series.single_series import (
    SeriesName as SeriesName,
    single_series as single_series,
)
from goldseam.simulate import (
    EvidenceModel as EvidenceModel,
    SimulatedSeries as SimulatedSeries,
    Simulation as Simulation,
    SimulationModel as SimulationModel,
    items_for_score as items_for_score,
    model_of_norms as model_of_norms,
    simulate as simulate,
    simulate_series as simulate_series,
)
from goldseam.trajectory import (
    CourseShapes as CourseShapes,
    ExpectedCourse as ExpectedCourse,
    GrowthModel as GrowthModel,
    SingleShape as SingleShape,
    TrackLook as TrackLook,
    TrackRate as TrackRate,
    TrackRule as TrackRule,
    course_shapes as course_shapes,
    expected_course as expected_course,
    fit_growth as fit_growth,
    single_shape as single_shape,
)
