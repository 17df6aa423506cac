"""Work of the benchmarks with asyncpg: `asyncpg_peer.py WORK CONNINFO ...` prints the seconds."""

import asyncio
import sys
import time
from datetime import date, timedelta

import asyncpg


async def round_trips(connection, count):
    statement = await connection.prepare("SELECT 1")
    start = time.perf_counter()
    total = 0
    for _ in range(int(count)):
        total += await statement.fetchval()
    seconds = time.perf_counter() - start
    assert total == int(count)
    return seconds


async def rows(connection, query):
    start = time.perf_counter()
    fetched = await connection.fetch(query)
    seconds = time.perf_counter() - start
    assert len(fetched) == 1_000_000 and len(fetched[0]) == 5
    return seconds


async def copy_in(connection, count):
    days = [date(2000, 1, 1) + timedelta(days=day) for day in range(365)]
    start = time.perf_counter()
    await connection.copy_records_to_table(
        "item",
        records=(
            (index, index % 1000, f"item {index}", days[index % 365], index / 4)
            for index in range(int(count))
        ),
    )
    return time.perf_counter() - start


async def main():
    work = {work.__name__: work for work in [round_trips, rows, copy_in]}[sys.argv[1]]
    connection = await asyncpg.connect(sys.argv[2])
    try:
        print(await work(connection, *sys.argv[3:]))
    finally:
        await connection.close()


asyncio.run(main())
