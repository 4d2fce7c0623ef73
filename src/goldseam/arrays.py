"""The array types of the science: what an annotation says of the numbers in it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Numbers, NaN where there is none."""

Integers = NDArray[np.int64]
"""Counts, positions and session numbers."""

Flags = NDArray[np.bool_]
"""Whether something holds."""

Codes = NDArray[np.int8]
"""Members of an enumeration by their number, which takes an eighth of the memory of `Integers`."""
