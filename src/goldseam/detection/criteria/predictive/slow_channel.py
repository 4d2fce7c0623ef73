"""What a channel for slow decline has to do, whatever it looks at."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from goldseam.arrays import Codes, Flags, Floats, Integers


@dataclass(frozen=True, eq=False)
class RatingInCourse:
    """What became of the episodes of some series at one rating of each; arrays of shape (n_active,).

    Attributes
    ----------
    at : ndarray of int
        Positions of the ratings.
    running : ndarray of bool
        Whether an episode still runs after the rating, or begins with it by a sudden drop.
    repaired, given_up : ndarray of bool
        Whether one ended with the rating.
    held : ndarray of float
        Mean of the two ratings that made it a repair, less the population's mean, in points.
    level : ndarray of float
        Mean of the later ratings of the episode, less the population's mean, in points.
    """

    at: Integers
    running: Flags
    repaired: Flags
    given_up: Flags
    held: Floats
    level: Floats


class SlowChannel(ABC):
    """Finds declines too slow for any single rating to show.

    Attributes
    ----------
    usual : ndarray of float, shape (n_ratings,)
        Mean of the population at each rating's session.
    verdict : ndarray of int8, shape (n_ratings,)
        Members of `Verdict`: *met* where a decline would open an episode, were none running.
    """

    usual: Floats
    verdict: Codes

    @abstractmethod
    def begin(self, order: Integers) -> None:
        """Begin with the first ratings of some series.

        Parameters
        ----------
        order : ndarray of int, shape (n,)
            The series, from the longest to the shortest.
        """

    @abstractmethod
    def declined(self, rating: RatingInCourse) -> Flags:
        """Take in one rating of each series; see `RatingInCourse`.

        Parameters
        ----------
        rating : RatingInCourse
            Of the first so many series that have one.

        Returns
        -------
        ndarray of bool, shape (n_active,)
            Where a slow decline would open an episode; those in which one is running or ended are not asked.
        """

    @abstractmethod
    def baseline(self, at: Integers) -> Floats:
        """The level that ratings are held against, as just judged, in points.

        Parameters
        ----------
        at : ndarray of int, shape (n_active,)
            Positions of the ratings, as last given to `declined`.

        Returns
        -------
        ndarray of float, shape (n_active,)
        """

    @abstractmethod
    def chance(self, at: Integers) -> Floats:
        """Probability of so large a decline.

        Parameters
        ----------
        at : ndarray of int, shape (n,)
            Positions of ratings.

        Returns
        -------
        ndarray of float, shape (n,)
            From 0 to 1.
        """

    @abstractmethod
    def limit(self, at: Integers) -> Floats:
        """The highest ratings that would have opened the episodes that begin there.

        Parameters
        ----------
        at : ndarray of int, shape (n,)
            Positions of ratings at which a slow decline opened an episode.

        Returns
        -------
        ndarray of float, shape (n,)
            In points.
        """
