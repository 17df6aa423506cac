/* ---
title: {en: People by unit and tier, zh: 各机构等级人数}
description:
  en: >
    How many people hold which tier on the last day of a month, by the unit where they work, with those who
    hold none, against the last day of the month before.
  zh: >
    月末各机构各等级人数（含未定级），与上月末对比。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: tier, type: text, title: {en: Tier, zh: 等级}}
  - {name: title, type: text, title: {en: Title, zh: 等级名称}}
  - {name: people, type: integer, title: {en: People, zh: 人数}, format: grouped, total: sum}
  - {name: people_before, type: integer, title: {en: A month before, zh: 上月末}, format: grouped, total: sum}
  - {name: change, type: integer, title: {en: Change, zh: 增减}, format: grouped, total: sum}
roles: [head_office, branch, hr, risk, auditor]
--- */
with bounds as (
  select to_date(:'month', 'YYYY-MM') - 1 as day_before, (to_date(:'month', 'YYYY-MM') + interval '1 month')::date - 1 as day
), held as (
  select e.branch_id, coalesce(t.tier, 'none') as tier, s.is_now, count(*) as people
  from bounds as b
  cross join lateral (values (b.day, true), (b.day_before, false)) as s (day, is_now)
  join bank.employee as e on e.joined_on <= s.day
  left join bank.employee_tier as t on t.employee_id = e.employee_id and t.superseded_at is null
    and daterange(t.effective_from, t.effective_until) @> s.day
  group by e.branch_id, coalesce(t.tier, 'none'), s.is_now
), counted as (
  select branch_id, tier, coalesce(sum(people) filter (where is_now), 0)::bigint as people,
    coalesce(sum(people) filter (where not is_now), 0)::bigint as people_before
  from held
  group by branch_id, tier
)
select u.code as unit, c.tier, t.title, c.people, c.people_before, c.people - c.people_before as change
from counted as c
join bank.org_unit as u on u.org_unit_id = c.branch_id
left join bank.tier as t on t.code = c.tier
order by u.code collate "C", t.rank desc nulls last
