"""An engine for tables that are too long for one process: Dask, started here or joined where it runs.

What a lost worker had is computed again by another one: tasks read files and write files, the same ones each time.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from goldseam.exceptions import ParameterError
from goldseam.extras import extra
from goldseam.progress import with_progress

Item = TypeVar("Item")
Found = TypeVar("Found")
ENGINE = re.compile(r"dask(?:://(?P<address>[^\s/]+:\d+))?")
SECONDS = 20
"""That a running cluster has to answer within."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}


@dataclass(frozen=True, eq=False)
class DaskEngine:
    """Runs tasks on the workers of a cluster.

    Attributes
    ----------
    client : distributed.Client
        Connected.
    """

    client: Any

    def run(self, task: Callable[[Item], Found], items: Sequence[Item], what: str) -> list[Found]:
        """What a task gives for each item.

        Parameters
        ----------
        task : callable
            Of a module, with nothing but its item; it may be run twice.
        items : sequence
            Small: they are sent.
        what : str
            In a word or two, before the bar.

        Returns
        -------
        list
            In the order of the items.
        """
        futures = self.client.map(task, items, pure=False)
        try:
            return [future.result() for future in with_progress(futures, what)]
        finally:
            self.client.cancel(futures)


@contextmanager
def dask_engine(name: str, jobs: int) -> Iterator[DaskEngine]:
    """Start a cluster of processes on this machine, or join one that runs.

    Parameters
    ----------
    name : str
        ``dask``, or ``dask://HOST:PORT`` of a scheduler.
    jobs : int
        Processes, where they are started here.

    Yields
    ------
    DaskEngine
        Ended with the block, and with it what was started.

    Raises
    ------
    ParameterError
        There is no such engine, or nothing answers at the address.
    MissingExtraError
        Dask is not installed.
    """
    found = ENGINE.fullmatch(name)
    if found is None:
        raise ParameterError(
            "no such engine", where="--engine", given=name, allowed="dask, or dask://HOST:PORT of a scheduler"
        )
    distributed = extra("distributed", "distributed")
    address = found["address"]
    if address is None:
        # threads within a task would only wait for those of the others
        environment = {"distributed.nanny.pre-spawn-environ": {**ONE_THREAD, **_own_folder()}}
        with extra("dask", "distributed").config.set(environment):
            started = distributed.LocalCluster(
                n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs="ERROR"
            )
        with started, distributed.Client(started) as client:
            yield DaskEngine(client)
        return
    try:
        client = distributed.Client(f"tcp://{address}", timeout=SECONDS)
    except OSError:
        raise ParameterError(
            "no scheduler answers", where="--engine", given=name, allowed="the address of a running one"
        ) from None
    with client:
        yield DaskEngine(client)


def _own_folder() -> dict[str, str]:
    """Where the package was found, for processes that are started."""
    path = os.environ.get("PYTHONPATH")
    return {} if path is None else {"PYTHONPATH": path}
