"""Work of the benchmarks with DuckDB: `duckdb_peer.py WORK FOLDER ...` prints the seconds.

`totals` reads the facts, assignments and people of a month from Parquet files and computes what each person earns
by twenty graduated tables; the totals go into a file. `convert` makes the Parquet files of CSV files.
"""

import sys
import time

import duckdb

COLUMNS = {
    "fact": "{'branch_id': 'integer', 'client_id': 'bigint', 'metric_id': 'integer', 'booked_on': 'date',"
    " 'amount': 'decimal(18, 2)'}",
    "assignment": "{'branch_id': 'integer', 'client_id': 'bigint', 'employee_id': 'integer', 'share': 'decimal(4, 2)',"
    " 'effective_from': 'date', 'effective_until': 'date'}",
    "employee": "{'employee_id': 'integer', 'number': 'varchar'}",
    "metric": "{'metric_id': 'integer', 'code': 'varchar'}",
}

TOTALS = """
with fact as (
  select * from '{0}/fact.parquet'
), assignment as (
  select * from '{0}/assignment.parquet'
), measured as (
  select employee_id, metric_id, sum(amount * share) as amount
  from (
    select a.employee_id, f.metric_id, a.share, sum(f.amount) as amount
    from fact as f
    join assignment as a on a.branch_id = f.branch_id and a.client_id = f.client_id
      and a.effective_from <= f.booked_on and (a.effective_until is null or a.effective_until > f.booked_on)
    where f.booked_on >= date '2026-03-01' and f.booked_on < date '2026-04-01'
    group by all
  )
  group by all
), rate as (
  select n as component, 'm' || (n % 10) as metric, t.lower, t.upper, (t.rate + n * 0.01)::decimal(4, 2) * 0.01::decimal(3, 2) as rate
  from range(20) as s (n)
  cross join (values (0, 10000, 0.1), (10000, 50000, 0.3), (50000, null, 0.5)) as t (lower, upper, rate)
), line as (
  select m.employee_id, r.component,
    round(sum((coalesce(least(m.amount, r.upper), m.amount) - r.lower)::decimal(22, 4) * r.rate), 2) as amount
  from measured as m
  join '{0}/metric.parquet' as k using (metric_id)
  join rate as r on r.metric = k.code and m.amount > r.lower
  group by all
)
select e.number, sum(l.amount)::decimal(18, 2) as earned
from line as l
join '{0}/employee.parquet' as e using (employee_id)
group by all
order by e.number
"""


def convert(connection, folder):
    start = time.perf_counter()
    for name, columns in COLUMNS.items():
        connection.execute(
            f"copy (select * from read_csv('{folder}/{name}.csv', columns = {columns}, header = false))"
            f" to '{folder}/{name}.parquet' (format parquet)"
        )
    return time.perf_counter() - start


def totals(connection, folder):
    start = time.perf_counter()
    rows = connection.execute(TOTALS.format(folder)).fetchall()
    seconds = time.perf_counter() - start
    with open(f"{folder}/duckdb-totals.csv", "w") as file:
        file.writelines(f"{number},{earned}\n" for number, earned in rows)
    return seconds


connection = duckdb.connect()
print({"convert": convert, "totals": totals}[sys.argv[1]](connection, *sys.argv[2:]))
