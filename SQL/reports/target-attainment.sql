/* ---
title: {en: Target attainment, zh: 目标完成情况}
description:
  en: >
    What people and units were to reach in a month and what they reached, metric by metric, by the run that counts: a
    person by credited shares, a unit by all accounts booked there, the pool included. A target is reached when the
    unrounded figure is; percent is cut, never rounded up. Without a run of the month nothing was measured.
  zh: >
    当月个人与机构各指标的目标与实际（按有效核算）：个人按分成计入，机构按在该机构开立的全部账户（含公共池）。是否完成按未舍入数值判断，百分比舍去尾数不进位。当月未核算则无实际值。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
  - {name: of, type: text, default: all, choices: [all, people, units], description: {en: whose targets, zh: 个人或机构}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: name, type: text, title: {en: Name, zh: 姓名}}
  - {name: metric, type: text, title: {en: Metric, zh: 指标}}
  - {name: target, type: amount, title: {en: Target, zh: 目标}}
  - {name: actual, type: amount, title: {en: Actual, zh: 实际}}
  - {name: missing, type: amount, title: {en: Missing, zh: 差额}}
  - {name: percent, type: amount, title: {en: Attained, zh: 完成率}, format: percent}
  - {name: is_reached, type: text, title: {en: Reached, zh: 是否完成}}
chart: {kind: bar, category: name, values: [percent], series: metric}
roles: [relationship_manager, branch, hr, auditor]
--- */
with bounds as (
  select to_date(:'month', 'YYYY-MM') as first_day,
    extract(day from to_date(:'month', 'YYYY-MM') + interval '1 month - 1 day') as days
), counting as materialized (
  select r.pay_run_id from report.pay_run as r where r.counts and r.month = :'month'
), credited as (
  -- Several plans may have run the month; each has credited all of it.
  select c.branch_id, c.employee_id, c.metric, sum(c.credited) as amount
  from report.pay_credit_total as c
  where c.pay_run_id = (select max(k.pay_run_id) from counting as k)
  group by c.branch_id, c.employee_id, c.metric
), measured as (
  select c.branch_id, c.employee_id, v.metric, c.amount / v.divisor as amount
  from credited as c
  cross join bounds as b
  cross join lateral (
    select case c.metric when 'deposit_balance_days' then 'deposit_average_daily_balance' else c.metric end as metric,
      case c.metric when 'deposit_balance_days' then b.days else 1 end as divisor) as v
), wanted as (
  select t.branch_id, t.employee_id, t.metric, t.amount,
    case when t.employee_id is null
      then (select sum(m.amount) from measured as m where m.branch_id = t.branch_id and m.metric = t.metric)
      else coalesce(
        (select sum(m.amount) from measured as m where m.employee_id = t.employee_id and m.metric = t.metric),
        (select split_part(g.known, '/', 1)::numeric / coalesce(nullif(split_part(g.known, '/', 2), ''), '1')::numeric
         from bank.pay_statement as s
         join counting as k using (pay_run_id)
         cross join lateral (select s.inputs #>> array['metrics', 'month', t.metric] as known) as g
         where s.employee_id = t.employee_id and g.known is not null
         limit 1)) end as reached
  from bank.target as t
  join bounds as b on t.month = b.first_day
  where t.superseded_at is null
    and case :'of' when 'people' then t.employee_id is not null when 'units' then t.employee_id is null else true end
), compared as (
  -- What every run measures of everybody is nothing where it credited nothing; other metrics are not known then.
  select w.*, coalesce(w.reached, case
    when w.metric in ('deposit_average_daily_balance', 'loans_granted_amount', 'loans_granted_count')
      and exists (select 1 from counting) then 0 end) as actual
  from wanted as w
)
select u.code as unit, e.number as person, coalesce(e.name, u.name) as name, c.metric, round(c.amount, 2) as target,
  round(c.actual, 2) as actual, round(greatest(c.amount - c.actual, 0), 2) as missing,
  trunc(100 * c.actual / nullif(c.amount, 0), 2) as percent,
  case when c.actual is null then null when c.actual >= c.amount then 'yes' else 'no' end as is_reached
from compared as c
join bank.org_unit as u on u.org_unit_id = c.branch_id
left join bank.employee as e on e.employee_id = c.employee_id
order by u.code collate "C", e.number collate "C" nulls first, c.metric
