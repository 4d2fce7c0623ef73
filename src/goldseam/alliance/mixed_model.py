"""A linear model with random effects per group, by restricted maximum likelihood.

With :math:`y_i = X_i b + Z_i u_i + e_i`, :math:`u_i ~ N(0, s^2 L L')` and :math:`e_i ~ N(0, s^2 I)`, the criterion
depends on the lower triangle of L alone once b and s are at their best values (Bates, Maechler, Bolker & Walker
2015, J Stat Softw 67(1), section 3.4). Per group only sums of squares and products are kept.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class MixedModel:
    """What restricted maximum likelihood gives.

    Attributes
    ----------
    fixed : ndarray, shape (p,)
        Fixed effects b, in the units of y per unit of each column of X.
    fixed_covariance : ndarray, shape (p, p)
        Their sampling covariance.
    random : ndarray, shape (n_groups, q)
        Best linear unbiased predictions of the groups' deviations.
    random_covariance : ndarray, shape (q, q)
        Covariance of the groups' deviations, s^2 L L'.
    residual_variance : float
        s^2, in squared units of y, above 0.
    converged : bool
        Whether the search for L came to an end.
    """

    fixed: Floats
    fixed_covariance: Floats
    random: Floats
    random_covariance: Floats
    residual_variance: float
    converged: bool


@dataclass(frozen=True, eq=False)
class _CrossProducts:
    """Sums of squares and products: of each group with Z, of all groups without."""

    zz: Floats
    zx: Floats
    zy: Floats
    xx: Floats
    xy: Floats
    yy: float
    n: int

    @classmethod
    def of(cls, y: Floats, x: Floats, z: Floats, group: Integers) -> Self:
        n_groups = int(group.max()) + 1

        def summed(rows: Floats) -> Floats:
            total = np.zeros((n_groups, *rows.shape[1:]))
            np.add.at(total, group, rows)
            return total

        return cls(
            zz=summed(z[:, :, None] * z[:, None, :]),
            zx=summed(z[:, :, None] * x[:, None, :]),
            zy=summed(z * y[:, None]),
            xx=x.T @ x,
            xy=x.T @ y,
            yy=float(y @ y),
            n=len(y),
        )


@dataclass(frozen=True, eq=False)
class _Profiled:
    """Everything that follows from one L."""

    fixed: Floats
    information: Floats
    residual_variance: float
    criterion: float
    inner: Floats


def fit_mixed(y: Floats, x: Floats, z: Floats, group: Integers) -> MixedModel:
    """Fit the model.

    Parameters
    ----------
    y : ndarray, shape (n,)
        The outcome, in any unit.
    x : ndarray, shape (n, p)
        Predictors of the fixed effects; of full rank, with fewer columns than rows.
    z : ndarray, shape (n, q)
        Predictors of the random effects, on scales of similar size.
    group : ndarray of int, shape (n,)
        0 to n_groups - 1, each at least once.

    Returns
    -------
    MixedModel
    """
    from scipy.optimize import minimize

    products = _CrossProducts.of(y, x, z, group)
    lower = np.tril_indices(z.shape[1])
    diagonal = lower[0] == lower[1]
    bounds = [(0.0, None) if on else (None, None) for on in diagonal]

    def criterion(theta: Floats) -> float:
        return _profiled(_cholesky_factor(theta, lower), products).criterion

    options = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500}
    fits = [
        minimize(criterion, diagonal * start, method="L-BFGS-B", bounds=bounds, options=options)
        for start in (0.3, 1.0)
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    return _fitted_model(_cholesky_factor(best.x, lower), products, converged=bool(best.success))


def _cholesky_factor(theta: Floats, lower: tuple[NDArray[np.intp], ...]) -> Floats:
    size = int(lower[0].max()) + 1
    factor = np.zeros((size, size))
    factor[lower] = theta
    return factor


def _profiled(factor: Floats, products: _CrossProducts) -> _Profiled:
    """Best b and s for one L, and -2 log restricted likelihood up to a constant."""
    scaled_x, scaled_y = factor.T @ products.zx, products.zy @ factor
    middle = np.eye(len(factor)) + factor.T @ products.zz @ factor
    solved_x = np.linalg.solve(middle, scaled_x)
    solved_y = np.linalg.solve(middle, scaled_y[:, :, None])[:, :, 0]
    information = products.xx - np.einsum("gqa,gqb->ab", scaled_x, solved_x)
    right = products.xy - np.einsum("gqa,gq->a", scaled_x, solved_y)
    fixed = np.linalg.solve(information, right)
    squares = products.yy - float(np.sum(scaled_y * solved_y)) - float(right @ fixed)
    freedom = products.n - len(fixed)
    variance = max(squares, np.finfo(float).tiny) / freedom
    determinants = np.linalg.slogdet(middle)[1].sum() + np.linalg.slogdet(information)[1]
    return _Profiled(fixed, information, variance, float(freedom * np.log(variance) + determinants), middle)


def _fitted_model(factor: Floats, products: _CrossProducts, *, converged: bool) -> MixedModel:
    solved = _profiled(factor, products)
    left = (products.zy - products.zx @ solved.fixed) @ factor
    random = np.linalg.solve(solved.inner, left[:, :, None])[:, :, 0] @ factor.T
    covariance: Floats = np.asarray(solved.residual_variance * np.linalg.inv(solved.information), np.float64)
    return MixedModel(
        fixed=solved.fixed,
        fixed_covariance=covariance,
        random=random,
        random_covariance=solved.residual_variance * factor @ factor.T,
        residual_variance=solved.residual_variance,
        converged=converged,
    )
