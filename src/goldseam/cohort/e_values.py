"""E-values: how strongly something unmeasured would have to go with both exposure and outcome."""

from math import exp, sqrt


def e_values(d: tuple[float, float, float]) -> tuple[float, float]:
    """E-values of a standardised difference (VanderWeele & Ding 2017, Ann Intern Med 167, 268-274).

    Parameters
    ----------
    d : tuple of float
        Estimate and 95% interval; a risk ratio is exp(.91 d).

    Returns
    -------
    estimate, limit : float
        How strongly something unmeasured would have to go with both, as a risk ratio, to explain all of it; of the end
        nearer to 0, 1 where the interval holds 0.
    """
    value, low, high = d
    near = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return e_value(exp(0.91 * abs(value))), e_value(exp(0.91 * near))


def e_value(ratio: float) -> float:
    """E-value of a risk ratio; of one below 1 that of its inverse (VanderWeele & Ding 2017).

    Parameters
    ----------
    ratio : float
        Above 0.

    Returns
    -------
    float
    """
    away = max(ratio, 1 / ratio)
    return away + sqrt(away * (away - 1))
