/* ---
title: Rotation due
description: >
  Who holds the same kind of post at the same unit for longer than the bank's limit for that kind allows, or
  will do so within some days. Years are counted over posts that follow each other without a gap.
parameters:
  - {name: day, type: text, description: the day as YYYY-MM-DD, default: today}
  - {name: within, type: integer, description: days to look ahead, default: 90}
columns:
  - {name: unit, type: text, title: Unit}
  - {name: person, type: text, title: Person}
  - {name: kind, type: text, title: Post}
  - {name: since, type: date, title: In it since}
  - {name: years, type: amount, title: Years}
  - {name: limit_years, type: amount, title: Limit}
  - {name: due_on, type: date, title: Due on}
  - {name: state, type: text, title: State}
--- */
with spell as (
  select p.employee_id, p.org_unit_id, p.kind,
    unnest(range_agg(daterange(p.effective_from, p.effective_until))) as days
  from bank.post as p
  where p.superseded_at is null
  group by p.employee_id, p.org_unit_id, p.kind
), limited as (
  select s.employee_id, s.org_unit_id, s.kind, lower(s.days) as since, l.rotation_years,
    (lower(s.days) + make_interval(months => (l.rotation_years * 12)::integer))::date as due_on
  from spell as s
  join bank.duty_limit as l on l.kind = s.kind and daterange(l.effective_from, l.effective_until) @> bank.report_day(:'day')
  where s.days @> bank.report_day(:'day') and l.rotation_years is not null
)
select u.code as unit, e.number as person, l.kind, l.since,
  round((bank.report_day(:'day') - l.since) / 365.25, 1) as years, l.rotation_years as limit_years, l.due_on,
  case when l.due_on <= bank.report_day(:'day') then 'overdue' else 'due soon' end as state
from limited as l
join bank.employee as e using (employee_id)
join bank.org_unit as u using (org_unit_id)
where l.due_on <= bank.report_day(:'day') + :'within'::integer
order by l.due_on, e.number collate "C"
