"""What a test may not leave behind: threads, open files, memory."""

import gc
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def open_files() -> int:
    """How many; none where the system does not say."""
    folder = Path("/proc/self/fd")
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


@contextmanager
def leaving_nothing() -> Iterator[None]:
    gc.collect()  # what other tests have left may go meanwhile, but nothing may be added
    threads, files = threading.active_count(), open_files()
    yield
    gc.collect()
    assert threading.active_count() <= threads
    assert open_files() <= files


def grown_bytes(work: Callable[[], None], again: Callable[[], None]) -> int:
    """By how much more is kept after `again` than after `work`."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        again()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
