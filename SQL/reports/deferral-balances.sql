/* ---
title: {en: "Deferred pay: balances by person and year", zh: 递延薪酬余额（按人按年）}
description:
  en: >
    What was deferred of each person's pay in the runs that count, corrections included, by the year in which
    it was earned, and what became of it: released for payment, forfeited by malus, and outstanding, of which a
    part is due up to a day. Deferred is released plus forfeited plus outstanding, and nothing of it is ever
    below zero. Beside it, what clawback has taken in that year. A risk deposit is pay that is deferred.
  zh: >
    有效核算（含更正）中每人按所属年度的递延薪酬及其去向：已发放、已扣减（止付）与余额（其中截至某日已到期部分）。
    递延合计等于已发放加已扣减加余额，任何一项都不低于零；另列当年追索扣回金额。风险金即递延薪酬。
parameters:
  - {name: day, type: date, default: today, description: {en: the day, zh: 日期}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: name, type: text, title: {en: Name, zh: 姓名}}
  - {name: year, type: integer, title: {en: Year earned, zh: 所属年度}}
  - {name: deferred, type: amount, title: {en: Deferred, zh: 递延合计}, unit: currency, total: sum}
  - {name: released, type: amount, title: {en: Released, zh: 已发放}, unit: currency, total: sum}
  - {name: forfeited, type: amount, title: {en: Forfeited, zh: 已扣减}, unit: currency, total: sum}
  - {name: outstanding, type: amount, title: {en: Outstanding, zh: 余额}, unit: currency, total: sum}
  - {name: due, type: amount, title: {en: Of it due, zh: 其中已到期}, unit: currency, total: sum}
  - {name: taken_back, type: amount, title: {en: Taken back, zh: 追索扣回}, unit: currency, total: sum}
  - {name: next_due, type: date, title: {en: Next due, zh: 下次到期}}
  - {name: last_due, type: date, title: {en: Last due, zh: 最后到期}}
chart: {kind: bar, category: person, values: [outstanding, released, forfeited]}
roles: [relationship_manager, hr, auditor]
--- */
with balance as (
  select b.employee_id, extract(year from b.earned_month)::bigint as year, max(b.branch_id) as branch_id, sum(b.deferred) as deferred,
    sum(b.released) as released, sum(b.forfeited) as forfeited, sum(b.outstanding) as outstanding,
    coalesce(sum(b.outstanding) filter (where b.due_on <= bank.report_day(:'day')), 0) as due,
    min(b.due_on) filter (where b.due_on > bank.report_day(:'day')) as next_due, max(b.due_on) as last_due
  from bank.deferral_balances(null, false) as b
  where b.earned_month <= bank.report_day(:'day')
  group by b.employee_id, extract(year from b.earned_month)
), recovery as (
  select n.employee_id, extract(year from n.month)::bigint as year, max(n.branch_id) as branch_id, -sum(n.amount) as taken_back
  from bank.pay_entry as n
  where n.class = 'clawback' and n.superseded_at is null and n.month <= bank.report_day(:'day')
  group by n.employee_id, extract(year from n.month)
), person_year as (
  select employee_id, year, coalesce(b.branch_id, r.branch_id) as branch_id, coalesce(b.deferred, 0) as deferred,
    coalesce(b.released, 0) as released, coalesce(b.forfeited, 0) as forfeited, coalesce(b.outstanding, 0) as outstanding,
    coalesce(b.due, 0) as due, coalesce(r.taken_back, 0) as taken_back, b.next_due, b.last_due
  from balance as b
  full join recovery as r using (employee_id, year)
)
select u.code as unit, e.number as person, e.name, p.year, round(p.deferred, i.minor_unit_digits) as deferred,
  round(p.released, i.minor_unit_digits) as released, round(p.forfeited, i.minor_unit_digits) as forfeited,
  round(p.outstanding, i.minor_unit_digits) as outstanding, round(p.due, i.minor_unit_digits) as due,
  round(p.taken_back, i.minor_unit_digits) as taken_back, p.next_due, p.last_due
from person_year as p
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = p.branch_id
cross join bank.institution as i
order by u.code collate "C", e.number collate "C", p.year
