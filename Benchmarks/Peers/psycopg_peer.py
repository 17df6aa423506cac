"""Work of the benchmarks with psycopg 3: `psycopg_peer.py WORK CONNINFO ...` prints the seconds.

Values travel in binary form, psycopg's fastest, and its implementation must be the one in C.
"""

import sys
import time
from datetime import date, timedelta

import psycopg


def round_trips(connection, count):
    with connection.cursor(binary=True) as cursor:
        for _ in range(10):
            cursor.execute("SELECT 1", prepare=True)
        start = time.perf_counter()
        total = 0
        for _ in range(int(count)):
            total += cursor.execute("SELECT 1").fetchone()[0]
        seconds = time.perf_counter() - start
    assert total == int(count)
    return seconds


def pipelined(connection, pipelines, statements):
    connection.execute("SELECT 1", prepare=True)
    start = time.perf_counter()
    total = 0
    for _ in range(int(pipelines)):
        with connection.pipeline():
            cursors = [
                connection.execute("SELECT 1", prepare=True, binary=True)
                for _ in range(int(statements))
            ]
        total += sum(cursor.fetchone()[0] for cursor in cursors)
    seconds = time.perf_counter() - start
    assert total == int(pipelines) * int(statements)
    return seconds


def rows(connection, query):
    start = time.perf_counter()
    with connection.cursor(binary=True) as cursor:
        fetched = cursor.execute(query).fetchall()
    seconds = time.perf_counter() - start
    assert len(fetched) == 1_000_000 and len(fetched[0]) == 5
    return seconds


def copy_out(connection, query):
    start = time.perf_counter()
    count = 0
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int8", "text", "numeric", "timestamptz", "bool"])
            for _ in copy.rows():
                count += 1
    seconds = time.perf_counter() - start
    assert count == 1_000_000
    return seconds


def copy_in(connection, count):
    days = [date(2000, 1, 1) + timedelta(days=day) for day in range(365)]
    start = time.perf_counter()
    with connection.cursor() as cursor:
        with cursor.copy("COPY item FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "int4", "text", "date", "float8"])
            for index in range(int(count)):
                row = (index, index % 1000, f"item {index}", days[index % 365], index / 4)
                copy.write_row(row)
    return time.perf_counter() - start


def main():
    assert psycopg.pq.__impl__ == "binary", "psycopg does not use its implementation in C"
    works = [round_trips, pipelined, rows, copy_out, copy_in]
    work = {work.__name__: work for work in works}[sys.argv[1]]
    with psycopg.connect(sys.argv[2], autocommit=True) as connection:
        print(work(connection, *sys.argv[3:]))


main()
