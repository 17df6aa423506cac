/* ---
title: {en: Mandatory leave due, zh: 强制休假到期}
description:
  en: >
    Who must be on leave in one piece, by the bank's limit for the kind of post held, and has not been, or
    will be due within some days. Leave in one piece counts whether or not it was ordered; who never took any
    is counted from the first day in the post.
  zh: >
    按岗位规定应连续休假而尚未休假、或即将到期的人员。连续休假不论是否强制均计入；从未休假者自任职首日起算。
parameters:
  - {name: day, type: date, default: today, description: {en: the day, zh: 日期}}
  - {name: within, type: integer, default: 90, description: {en: days to look ahead, zh: 提前天数}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: kind, type: text, title: {en: Post, zh: 岗位}}
  - {name: last_leave, type: date, title: {en: Last long leave, zh: 上次连续休假}}
  - {name: days_needed, type: integer, title: {en: Days, zh: 应休天数}}
  - {name: due_on, type: date, title: {en: Due on, zh: 到期日}}
  - {name: planned, type: date, title: {en: Planned from, zh: 计划起始}}
  - {name: state, type: text, title: {en: State, zh: 状态}}
roles: [head_office, branch, relationship_manager, hr, auditor, loader]
--- */
with held as (
  select p.employee_id, p.org_unit_id, p.kind, lower(spell.days) as since
  from bank.post as p
  cross join lateral (
    select unnest(range_agg(daterange(o.effective_from, o.effective_until))) as days
    from bank.post as o
    where o.employee_id = p.employee_id and o.kind = p.kind and o.superseded_at is null) as spell
  where p.superseded_at is null and p.is_main
    and daterange(p.effective_from, p.effective_until) @> bank.report_day(:'day') and spell.days @> bank.report_day(:'day')
), due as (
  select h.*, l.leave_days, taken.last_day,
    (coalesce(taken.last_day + 1, h.since) + make_interval(months => l.leave_every_months))::date as due_on,
    (select min(n.first_day) from bank.employee_leave as n
     where n.employee_id = h.employee_id and n.first_day > bank.report_day(:'day')
       and n.last_day - n.first_day + 1 >= l.leave_days) as planned
  from held as h
  join bank.duty_limit as l on l.kind = h.kind and daterange(l.effective_from, l.effective_until) @> bank.report_day(:'day')
  left join lateral (
    select max(t.last_day) as last_day from bank.employee_leave as t
    where t.employee_id = h.employee_id and t.first_day <= bank.report_day(:'day')
      and t.last_day - t.first_day + 1 >= l.leave_days) as taken on true
  where l.leave_days is not null
)
select u.code as unit, e.number as person, d.kind, d.last_day as last_leave, d.leave_days::bigint as days_needed,
  d.due_on, d.planned,
  case when d.due_on > bank.report_day(:'day') then 'due soon' when d.planned is not null then 'overdue, planned' else 'overdue' end as state
from due as d
join bank.employee as e using (employee_id)
join bank.org_unit as u using (org_unit_id)
where d.due_on <= bank.report_day(:'day') + :'within'::integer
order by d.due_on, e.number collate "C"
