"""How often one client may ask."""

from __future__ import annotations

import time
from math import ceil

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

# The hotline page searches at every key, for cards and for approved answers: that is counted by itself, at this
# many times the rate.
TYPING_FACTOR = 10
# New sessions an hour for one address. A hotline's seats share one, and each needs one.
SESSIONS_AN_HOUR = 600


class RateLimiter:
    """Counts requests by a client's name in windows of a minute that start with its first request; in the memory
    of this process."""

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self._counts = FixedWindowRateLimiter(MemoryStorage())
        self._asking = RateLimitItemPerMinute(a_minute)
        self._typing = RateLimitItemPerMinute(a_minute * TYPING_FACTOR)
        self._sessions = RateLimitItemPerHour(SESSIONS_AN_HOUR)

    async def wait(self, who: str, typing: bool = False) -> int:
        """Count a request. 0 when it may pass, else the seconds until the next one may."""
        if typing:
            return await self._hit(self._typing, "typing", who)
        return await self._hit(self._asking, "asking", who)

    async def may_start_session(self, subscriber: str) -> bool:
        """Count a new session of an address; False when it has had its share."""
        return not await self._hit(self._sessions, "sessions", subscriber)

    async def _hit(self, item: RateLimitItem, kind: str, who: str) -> int:
        if await self._counts.hit(item, kind, who):
            return 0
        opens = (await self._counts.get_window_stats(item, kind, who)).reset_time
        return max(1, ceil(opens - time.time()))
