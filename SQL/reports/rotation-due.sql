/* ---
title: {en: Rotation due, zh: 轮岗到期}
description:
  en: >
    Who holds the same kind of post at the same unit for longer than the bank's limit for that kind allows,
    or will do so within some days. Years are counted over posts that follow each other without a gap.
  zh: >
    在同一机构同一岗位任职超过规定年限、或即将超过的人员。连续任职合并计算。
parameters:
  - {name: day, type: date, default: today, description: {en: the day, zh: 日期}}
  - {name: within, type: integer, default: 90, description: {en: days to look ahead, zh: 提前天数}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: kind, type: text, title: {en: Post, zh: 岗位}}
  - {name: since, type: date, title: {en: In it since, zh: 任职起始}}
  - {name: years, type: amount, title: {en: Years, zh: 任职年数}}
  - {name: limit_years, type: amount, title: {en: Limit, zh: 年限}}
  - {name: due_on, type: date, title: {en: Due on, zh: 到期日}}
  - {name: state, type: text, title: {en: State, zh: 状态}}
roles: [head_office, branch, relationship_manager, hr, risk, auditor, loader]
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
