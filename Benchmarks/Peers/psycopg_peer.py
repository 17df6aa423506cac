"""Work of the benchmarks with psycopg 3: `psycopg_peer.py WORK CONNINFO ...` prints the seconds.

Values travel in binary form, psycopg's fastest, and its implementation must be the one in C.
"""

import sys
import time
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

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


def pay_month(connection, branches, file):
    """The month of the people of some branches by twenty graduated tables, fact by fact."""
    tiers = ((0, 10000, "0.1"), (10000, 50000, "0.3"), (50000, None, "0.5"))
    start = time.perf_counter()
    measured = {}
    facts = connection.execute(
        "SELECT f.client_branch_id, f.client_id, f.booked_on, m.code, f.amount FROM bank.fact AS f"
        " JOIN bank.metric AS m USING (metric_id) JOIN bank.org_unit AS u ON u.org_unit_id = f.branch_id"
        " WHERE f.booked_on >= '2026-03-01' AND f.booked_on < '2026-04-01' AND u.code = ANY (%s)",
        (branches.split(","),),
    ).fetchall()
    for branch, client, day, code, amount in facts:
        for number, share in connection.execute(
            "SELECT e.number, a.share FROM bank.assignment AS a JOIN bank.employee AS e USING (employee_id)"
            " WHERE a.branch_id = %s AND a.client_id = %s AND a.superseded_at IS NULL AND a.effective_from <= %s"
            " AND (a.effective_until IS NULL OR a.effective_until > %s)",
            (branch, client, day, day),
            prepare=True,
        ):
            of_person = measured.setdefault(number, {})
            of_person[code] = of_person.get(code, 0) + amount * share
    earned = {}
    for number, of_person in measured.items():
        earned[number] = Decimal(0)
        for component in range(20):
            amount = of_person.get(f"m{component % 10}", Decimal(0))
            line = Decimal(0)
            for lower, upper, rate in tiers:
                if amount > lower:
                    part = (min(amount, upper) if upper else amount) - lower
                    line += part * (Decimal(rate) + component * Decimal("0.01")) / 100
            earned[number] += line.quantize(Decimal("0.01"), ROUND_HALF_UP)
    seconds = time.perf_counter() - start
    with open(file, "w") as totals:
        totals.writelines(f"{number},{total}\n" for number, total in earned.items())
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
    works = [round_trips, pipelined, rows, copy_out, copy_in, pay_month]
    work = {work.__name__: work for work in works}[sys.argv[1]]
    with psycopg.connect(sys.argv[2], autocommit=True) as connection:
        print(work(connection, *sys.argv[3:]))


main()
