"""Bytes both ways between two connections, of whatever protocol."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

__all__ = ["tunnel"]

_AT_ONCE = 64 * 1024

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def tunnel(one: Streams, other: Streams, patience_s: float) -> None:
    """Pass on what each says to the other, until both have said that nothing more comes.

    After the first of them has, the other one has `patience_s`; one that breaks ends both.
    """
    ways = [
        asyncio.create_task(_pump(one[0], other[1])),
        asyncio.create_task(_pump(other[0], one[1])),
    ]
    try:
        done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if left and all(way.exception() is None for way in done):
            await asyncio.wait(left, timeout=patience_s)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
    while data := await source.read(_AT_ONCE):
        goal.write(data)
        await goal.drain()
    if goal.can_write_eof():
        goal.write_eof()
    else:  # TLS cannot end one way alone
        goal.close()
