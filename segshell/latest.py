"""What was made last, kept for a next call that asks for the same."""

import threading
from collections.abc import Callable, Hashable
from typing import Any


class Latest:
    """One slot: what was made last, with what it was made for; owned by whoever calls again and again.

    More than one would hold the weights of several networks in memory.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[Hashable, Any] | None = None

    def get(self, wanted: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made for an equal `wanted` before, else make it and forget the one before.

        When `make` raises, the slot is empty.
        """
        with self._lock:
            if self._held is None or self._held[0] != wanted:
                self._held = None  # first, so that two are never held at once
                self._held = (wanted, make())
            return self._held[1]
