-- The month of pay-month.sql and pay-month-plan.yaml in one statement, as somebody writes it who only wants the
-- totals: no line, no share, no source is kept.
set work_mem = '256MB';
set max_parallel_workers_per_gather = 2;
set jit = off;
set enable_sort = off;  -- the planner knows not how few persons there are for all these facts
with measured as (
  select s.employee_id, s.metric_id, sum(s.amount * s.share) as amount
  from (
    select a.employee_id, f.metric_id, a.share, sum(f.amount) as amount
    from bank.fact as f
    join bank.assignment as a on a.branch_id = f.client_branch_id and a.client_id = f.client_id
      and a.effective_from <= f.booked_on and (a.effective_until is null or a.effective_until > f.booked_on)
    where f.booked_on >= '2026-03-01' and f.booked_on < '2026-04-01' and a.superseded_at is null
    group by a.employee_id, f.metric_id, a.share
  ) as s
  group by s.employee_id, s.metric_id
), rate as (
  select n as component, 'm' || n % 10 as metric, t.lower, t.upper, (t.rate + n * 0.01) / 100 as rate
  from generate_series(0, 19) as n
  cross join (values (0, 10000, 0.1), (10000, 50000, 0.3), (50000, null, 0.5)) as t (lower, upper, rate)
), line as (
  select m.employee_id, r.component, round(sum((least(m.amount, r.upper) - r.lower) * r.rate), 2) as amount
  from measured as m
  join bank.metric as k using (metric_id)
  join rate as r on r.metric = k.code and m.amount > r.lower
  group by m.employee_id, r.component
)
select e.number, sum(l.amount) as earned
from line as l
join bank.employee as e using (employee_id)
group by e.number
order by e.number collate "C";
