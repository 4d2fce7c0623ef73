"""Numbers in sentences: one case, two cases."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with what it counts, in the singular where it is one.

    Parameters
    ----------
    number : int
        0 or more.
    one : str
        What is counted, in the singular.
    many : str, optional
        In the plural; with an *s* if not given.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "case"), counted(0, "case"), counted(1, "series", "series")
    ('1 case', '0 cases', '1 series')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"
