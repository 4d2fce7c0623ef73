"""Response surfaces: against statsmodels, by hand, and on simulated truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import ParameterError
from goldseam.alliance import response_surface

# A table both programs can write down: 60 observations in 12 clusters of five.
N = np.arange(60)
X = (7.0 * N) % 11
Y = (5.0 * N + N // 7) % 11
Z = 3 + 0.4 * X - 0.2 * Y - 0.05 * X**2 + 0.08 * X * Y - 0.06 * Y**2 + ((13 * N) % 17 - 8) * 0.1
CLUSTERS = N // 5

# statsmodels 0.15.0: OLS(z, D).fit() with D = 1, x, y, x**2, xy, y**2 centred on 5, and t_test with the contrasts.
B = [3.24674149, 0.30770969, -0.45014368, -0.05242536, 0.08263452, -0.05951741]
B_ERRORS = [0.12046801, 0.020008, 0.02029162, 0.00725061, 0.00659473, 0.00741273]
A = [-0.14243399, -0.02930824, 0.75785337, -0.19457728, 0.00709205]
A_ERRORS = [0.02683888, 0.01061342, 0.0300635, 0.01386072, 0.01030282]
A_P = [2.14095392e-06, 7.84751100e-03, 1.53320180e-31, 1.16028059e-19, 4.94172582e-01]
# The same with fit(cov_type="cluster", cov_kwds={"groups": n // 5}, use_t=True).
CLUSTER_B_ERRORS = [0.08468968, 0.01740406, 0.01945843, 0.0068977, 0.00669159, 0.0057678]
CLUSTER_A_ERRORS = [0.0303317, 0.0153466, 0.02104878, 0.00669972, 0.00814044]
CLUSTER_A_P = [6.54495171e-04, 8.25749274e-02, 9.13008872e-13, 9.48602038e-12, 4.02252378e-01]


def test_least_squares_as_in_statsmodels() -> None:
    found = response_surface(X, Y, Z, midpoint=5)
    assert [each.value for each in found.coefficients.values()] == pytest.approx(B, rel=1e-6)
    assert [each.standard_error for each in found.coefficients.values()] == pytest.approx(B_ERRORS, rel=1e-5)
    assert [each.value for each in found.features.values()] == pytest.approx(A, rel=1e-6)
    assert [each.standard_error for each in found.features.values()] == pytest.approx(A_ERRORS, rel=1e-5)
    assert [each.p for each in found.features.values()] == pytest.approx(A_P, rel=1e-5)
    assert found.r_squared == pytest.approx(0.9413802683547813)
    assert (found.n, found.n_left_out, found.n_clusters) == (60, 0, None)


def test_errors_robust_to_clusters_as_in_statsmodels() -> None:
    found = response_surface(X, Y, Z, midpoint=5, clusters=[f"case-{each}" for each in CLUSTERS])
    assert [each.value for each in found.features.values()] == pytest.approx(A, rel=1e-6)
    assert [e.standard_error for e in found.coefficients.values()] == pytest.approx(
        CLUSTER_B_ERRORS, rel=1e-5
    )
    assert [e.standard_error for e in found.features.values()] == pytest.approx(CLUSTER_A_ERRORS, rel=1e-5)
    assert [each.p for each in found.features.values()] == pytest.approx(CLUSTER_A_P, rel=1e-5)
    assert found.n_clusters == 12


def test_a_surface_without_noise_gives_its_own_coefficients() -> None:
    """z = 2 + x - y + 3x² - 2xy + y² about the midpoint: a1 0, a2 2, a3 2, a4 6, a5 2."""
    x, y = X - 5, Y - 5
    found = response_surface(X, Y, 2 + x - y + 3 * x**2 - 2 * x * y + y**2, midpoint=5)
    assert [each.value for each in found.coefficients.values()] == pytest.approx([2, 1, -1, 3, -2, 1])
    assert [each.value for each in found.features.values()] == pytest.approx([0, 2, 2, 6, 2], abs=1e-9)


@pytest.mark.parametrize(
    ("truth", "congruence", "strict"),
    [
        (lambda x, y: -((x - y) ** 2), "met", "met"),
        (lambda x, y: -((x - y) ** 2) + x + y, "met", "not met"),
        (lambda x, y: -((x - y - 2) ** 2), "not met", "not met"),  # best where x is two above y
        (lambda x, y: x + 0 * y, "not met", "not met"),  # a level effect alone
        (lambda x, y: (x - y) ** 2, "not met", "not met"),  # disagreement goes with more
    ],
)
def test_congruence_on_simulated_truth(truth: object, congruence: str, strict: str) -> None:
    random = np.random.default_rng(4)
    x, y = random.normal(0, 1.5, (2, 2_000))
    z = truth(x, y) + random.normal(size=2_000)  # type: ignore[operator]
    found = response_surface(x, y, z, midpoint=0, confidence=0.999)
    assert (found.congruence, found.strict) == (congruence, strict)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Simulated truth, 400 sets of 30 clusters of 6 with a shared deviation; a4 is -.8; nominal 95%."""
    random = np.random.default_rng(9)
    held = 0
    clusters = np.repeat(np.arange(30), 6)
    for _ in range(400):
        x, y = random.normal(0, 1, (2, 180))
        shared = random.normal(size=30)[clusters]
        z = 0.5 * x + 0.3 * y - 0.2 * (x - y) ** 2 + shared + random.normal(size=180)
        a4 = response_surface(x, y, z, midpoint=0, clusters=clusters).features["a4"]
        held += a4.low <= -0.8 <= a4.high
    assert held / 400 == pytest.approx(0.95, abs=0.045)


@settings(deadline=None, max_examples=25)
@given(shift=st.integers(-5, 5), order=st.permutations(range(60)))
def test_neither_the_origin_nor_the_order_of_rows_matters(shift: int, order: list[int]) -> None:
    found = response_surface(X, Y, Z, midpoint=5, clusters=CLUSTERS)
    moved = response_surface(
        X[order] + shift, Y[order] + shift, Z[order], midpoint=5 + shift, clusters=CLUSTERS[order]
    )
    for name, each in found.features.items():
        assert moved.features[name].value == pytest.approx(each.value, abs=1e-9)
        assert moved.features[name].standard_error == pytest.approx(each.standard_error, rel=1e-6)


def test_changing_the_two_views_turns_the_line_of_disagreement_round() -> None:
    one, two = response_surface(X, Y, Z, midpoint=5), response_surface(Y, X, Z, midpoint=5)
    assert two.features["a3"].value == pytest.approx(-one.features["a3"].value)
    assert two.features["a4"].value == pytest.approx(one.features["a4"].value)


def test_missing_values_are_left_out_and_counted() -> None:
    x = np.append(X, [np.nan, 3.0, 3.0])
    y, z = np.append(Y, [1.0, np.nan, 3.0]), np.append(Z, [1.0, 1.0, np.nan])
    found = response_surface(x, y, z, midpoint=5)
    assert (found.n, found.n_left_out) == (60, 3)
    assert found.features == response_surface(X, Y, Z, midpoint=5).features
    labels = [None, *CLUSTERS[1:].tolist()]
    assert response_surface(X, Y, Z, midpoint=5, clusters=labels).n_left_out == 1


@pytest.mark.parametrize(
    ("x", "clusters", "reason"),
    [
        (X[:29], None, "29 complete observations, 30 needed"),
        (X, N // 10, "6 clusters, 10 needed"),
        (N % 2, None, "the two views take too few different values"),
        ([], None, "0 complete observations"),
    ],
)
def test_too_little_is_a_result(x: np.ndarray, clusters: np.ndarray | None, reason: str) -> None:
    found = response_surface(x, Y[: len(x)], Z[: len(x)], midpoint=5, clusters=clusters)
    assert (found.congruence, found.strict, found.coefficients) == ("not enough data", "not enough data", {})
    assert found.reason is not None
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"y": Y[:-1]}, "x, y and z differ in length; given '60, 59, 60'"),
        ({"x": ["a"] * 60}, "x: not numbers"),
        ({"z": np.where(N == 3, np.inf, Z)}, "z: not a list of finite numbers"),
        ({"midpoint": float("nan")}, "midpoint: impossible value"),
        ({"clusters": [1]}, "clusters: one cluster for each observation; given 1; allowed: 60"),
        ({"confidence": 1}, "confidence: impossible value"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, object], problem: str) -> None:
    arguments: dict[str, object] = {"x": X, "y": Y, "z": Z, "midpoint": 5.0}
    with pytest.raises(ParameterError, match=problem):
        response_surface(**{**arguments, **change})  # type: ignore[arg-type]
