"""A linear model with random effects per group, by maximum or restricted maximum likelihood.

With :math:`y_i = X_i b + Z_i u_i + e_i`, :math:`u_i ~ N(0, s^2 L L')` and :math:`e_i ~ N(0, s^2 I)`, the likelihood
depends on the lower triangle of L alone once b and s are at their best values (Bates, Maechler, Bolker & Walker
2015, J Stat Softw 67(1), section 3.4). Per group only sums of squares and products are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from goldseam.arrays import Floats, Integers

SINGULAR_BELOW = 1e-4
"""A diagonal element of L, in SDs of the residual, that counts as 0; as in lme4."""

FLAT, NEARLY_FLAT = 1e-7, 1e-5
"""Slope of the deviance per observation at which the search ends, and up to which it counts as ended."""

STARTS = (0.5, 0.05, 2.0)
"""Of the diagonal of L; the later ones are tried where the first leads to its edge."""


@dataclass(frozen=True, eq=False)
class MixedModel:
    """What the fit gives.

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
    log_likelihood : float
        Natural logarithm of the (restricted) likelihood, all constants included.
    conditional_covariance : ndarray, shape (n_groups, q, q)
        Of the groups' deviations around their predictions, were the fixed effects known.
    carried : ndarray, shape (n_groups, q, p)
        How far an error of the fixed effects carries into the predictions, with opposite sign.
    converged : bool
        Whether the search for L came to an end.
    singular : bool
        Whether a variance of the random effects is estimated as 0, or a correlation as 1 or -1.
    """

    fixed: Floats
    fixed_covariance: Floats
    random: Floats
    random_covariance: Floats
    residual_variance: float
    log_likelihood: float
    conditional_covariance: Floats
    carried: Floats
    converged: bool
    singular: bool

    def prediction_variance(self, x: Floats, z: Floats) -> Floats:
        """Squared error of each group's own x'b + z'u, that of the fixed effects included.

        Parameters
        ----------
        x : ndarray, shape (p,) or (n_groups, p)
            Weights of the fixed effects.
        z : ndarray, shape (q,) or (n_groups, q)
            Weights of the deviations.

        Returns
        -------
        ndarray, shape (n_groups,)
            In squared units of y; mean squared error of prediction (Henderson 1975, Biometrics 31, 423).
        """
        z = np.broadcast_to(z, self.random.shape)
        left = x - np.einsum("gq,gqp->gp", z, self.carried)
        of_fixed = np.einsum("gp,pr,gr->g", left, self.fixed_covariance, left)
        variance = of_fixed + np.einsum("gq,gqr,gr->g", z, self.conditional_covariance, z)
        return np.asarray(variance, np.float64)

    def raised(self, level: float) -> "MixedModel":
        """The same model of an outcome larger by `level`, whose first predictor is 1 throughout.

        Parameters
        ----------
        level : float
            In units of y.

        Returns
        -------
        MixedModel
        """
        return replace(self, fixed=self.fixed + level * np.eye(len(self.fixed))[0])

    def in_terms_of(self, change: Floats) -> "MixedModel":
        """The same model in other predictors, whose product with `change` are those it was fitted to.

        Parameters
        ----------
        change : ndarray, shape (p, p)
            With determinant 1; its first q rows and columns hold for the random effects.

        Returns
        -------
        MixedModel
        """
        own = change[: self.random.shape[1], : self.random.shape[1]]
        return replace(
            self,
            fixed=change @ self.fixed,
            fixed_covariance=change @ self.fixed_covariance @ change.T,
            random=self.random @ own.T,
            random_covariance=own @ self.random_covariance @ own.T,
            conditional_covariance=own @ self.conditional_covariance @ own.T,
            carried=own @ self.carried @ np.linalg.inv(change),
        )


@dataclass(frozen=True, eq=False)
class _CrossProducts:
    """Sums of squares and products: of each group with Z, of all groups without; the last column of `w` is y.

    `pairs` holds the products of the elements of each group's `zw`, so that one multiplication sums over all groups;
    `scale` brings the columns of Z to length 1 and right angles, which makes the search for L a short one.
    """

    zz: Floats
    zw: Floats
    pairs: Floats
    ww: Floats
    n: int
    scale: Floats

    @classmethod
    def of(cls, y: Floats, x: Floats, z: Floats, group: Integers) -> Self:
        n_groups = int(group.max()) + 1
        w = np.column_stack([x, y])

        def summed(left: Floats, right: Floats) -> Floats:
            columns = [
                np.bincount(group, left[:, a] * right[:, b], n_groups)
                for a in range(left.shape[1])
                for b in range(right.shape[1])
            ]
            stacked = np.stack(columns, axis=1).reshape(n_groups, left.shape[1], right.shape[1])
            return np.asarray(stacked, np.float64)

        zw = summed(z, w)
        pairs = np.einsum("gqa,grb->gqrab", zw, zw).reshape(-1, w.shape[1] ** 2)
        scale = np.linalg.inv(np.linalg.cholesky(z.T @ z / len(y))).T
        return cls(zz=summed(z, z), zw=zw, pairs=pairs, ww=w.T @ w, n=len(y), scale=scale)


@dataclass(frozen=True, eq=False)
class _Profiled:
    """Everything that follows from one L."""

    fixed: Floats
    information: Floats
    residual_variance: float
    deviance: float
    kept: Floats


def fit_mixed(y: Floats, x: Floats, z: Floats, group: Integers, *, restricted: bool = True) -> MixedModel:
    """Fit the model.

    Parameters
    ----------
    y : ndarray, shape (n,)
        The outcome, in any unit.
    x : ndarray, shape (n, p)
        Predictors of the fixed effects; of full rank, with fewer columns than rows.
    z : ndarray, shape (n, q)
        Predictors of the random effects.
    group : ndarray of int, shape (n,)
        0 to n_groups - 1, each at least once.
    restricted : bool
        Whether by restricted maximum likelihood, which allows for the fixed effects being estimated.

    Returns
    -------
    MixedModel
    """
    products = _CrossProducts.of(y, x, z, group)
    size = z.shape[1]
    lower = np.tril_indices(size)

    def factor(theta: Floats) -> Floats:
        triangle = np.zeros((size, size))
        triangle[lower] = theta
        return np.asarray(products.scale @ triangle, np.float64)

    def deviance(theta: Floats) -> tuple[float, Floats]:
        now = factor(theta)
        solved = _profiled(now, products, restricted=restricted)
        slope = products.scale.T @ _slope(now, solved, products, restricted=restricted)
        return solved.deviance / products.n, slope[lower] / products.n

    best, converged = _minimised(deviance, on_diagonal=lower[0] == lower[1])
    fitted = _fitted_model(factor(best), products, restricted=restricted)
    singular = bool(np.any(np.abs(best[lower[0] == lower[1]]) < SINGULAR_BELOW))
    return replace(fitted, converged=converged, singular=singular)


def _minimised(deviance: Callable[[Floats], tuple[float, Floats]], on_diagonal: Any) -> tuple[Floats, bool]:
    """The triangle of L with the smallest deviance, and whether the search came to an end.

    A search may stay at an edge, where a diagonal element is 0, that is no minimum: then it begins elsewhere too.
    """
    from scipy.optimize import minimize

    fits = []
    for start in STARTS:
        at = on_diagonal * start
        fits.append(minimize(deviance, at, method="BFGS", jac=True, options={"gtol": FLAT}))
        if fits[-1].success and np.all(np.abs(fits[-1].x[on_diagonal]) > SINGULAR_BELOW):
            break
    best = min(fits, key=lambda fit: float(fit.fun))
    return np.asarray(best.x, np.float64), bool(np.abs(best.jac).max() < NEARLY_FLAT)


def _inverses(matrices: Floats) -> tuple[Floats, float]:
    """Inverses of many small symmetric matrices, and the sum of the logarithms of their determinants."""
    if matrices.shape[1] != 2:
        return np.asarray(np.linalg.inv(matrices), np.float64), float(np.linalg.slogdet(matrices)[1].sum())
    a, b, c = matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 1]
    determinants = a * c - b * b
    inverses = np.empty_like(matrices)
    inverses[:, 0, 0], inverses[:, 1, 1] = c / determinants, a / determinants
    inverses[:, 0, 1] = inverses[:, 1, 0] = -b / determinants
    return inverses, float(np.log(determinants).sum())


def _between(matrices: Floats, factor: Floats) -> Floats:
    """F' M F for many small M, as one multiplication."""
    flat = matrices.reshape(len(matrices), -1) @ np.kron(factor, factor)
    return np.asarray(flat.reshape(matrices.shape), np.float64)


def _profiled(factor: Floats, products: _CrossProducts, *, restricted: bool) -> _Profiled:
    """Best b and s for one L, and -2 log likelihood."""
    inner, log_determinant = _inverses(np.eye(len(factor)) + _between(products.zz, factor))
    kept = _between(inner, factor.T)
    left = products.ww - (kept.reshape(-1) @ products.pairs).reshape(products.ww.shape)
    information = left[:-1, :-1]
    fixed: Floats = np.asarray(np.linalg.solve(information, left[:-1, -1]), np.float64)
    squares = max(float(left[-1, -1] - left[-1, :-1] @ fixed), np.finfo(float).tiny)
    freedom = products.n - len(fixed) if restricted else products.n
    deviance = freedom * (1 + np.log(2 * np.pi * squares / freedom)) + log_determinant
    if restricted:
        deviance += np.linalg.slogdet(information)[1]
    return _Profiled(fixed, information, squares / freedom, float(deviance), kept)


def _slope(factor: Floats, solved: _Profiled, products: _CrossProducts, *, restricted: bool) -> Floats:
    """How the deviance changes with each element of L: 2 (dD) L for D = L L'.

    With V = I + Z D Z', dD has the sums over groups of Z'V⁻¹Z, of -cc'/s² for c = Z'V⁻¹(y - Xb), and for restricted
    likelihood of -B (X'V⁻¹X)⁻¹ B' for B = Z'V⁻¹X.
    """
    rest = np.eye(len(factor)) - products.zz @ solved.kept
    weighted = rest @ products.zw
    residual = weighted[:, :, -1] - weighted[:, :, :-1] @ solved.fixed
    change = np.tensordot(rest, products.zz, axes=([0, 2], [0, 1]))
    change -= residual.T @ residual / solved.residual_variance
    if restricted:
        spread = weighted[:, :, :-1] @ np.linalg.inv(solved.information)
        change -= np.tensordot(spread, weighted[:, :, :-1], axes=([0, 2], [0, 2]))
    return 2 * change @ factor


def _fitted_model(factor: Floats, products: _CrossProducts, *, restricted: bool) -> MixedModel:
    solved = _profiled(factor, products, restricted=restricted)
    variance = solved.residual_variance
    predicted = solved.kept @ products.zw
    return MixedModel(
        fixed=solved.fixed,
        fixed_covariance=np.asarray(variance * np.linalg.inv(solved.information), np.float64),
        random=predicted[:, :, -1] - predicted[:, :, :-1] @ solved.fixed,
        random_covariance=variance * factor @ factor.T,
        residual_variance=variance,
        log_likelihood=-solved.deviance / 2,
        conditional_covariance=variance * solved.kept,
        carried=predicted[:, :, :-1],
        converged=False,
        singular=False,
    )
