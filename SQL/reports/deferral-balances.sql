/* ---
title: {en: "Deferred pay: balances by person and year", zh: 递延薪酬余额（按人按年）}
description:
  en: >
    What was deferred of each person's pay in the runs that count, by the year in which it was earned: what
    has come due up to a day and what is still to come. Deferred is due plus outstanding.
  zh: >
    有效核算中每人按所属年度的递延薪酬：截至某日已到期与未到期。递延合计等于已到期加未到期。
parameters:
  - {name: day, type: date, default: today, description: {en: the day, zh: 日期}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: name, type: text, title: {en: Name, zh: 姓名}}
  - {name: year, type: integer, title: {en: Year earned, zh: 所属年度}}
  - {name: deferred, type: amount, title: {en: Deferred, zh: 递延合计}, unit: currency, total: sum}
  - {name: due, type: amount, title: {en: Due so far, zh: 已到期}, unit: currency, total: sum}
  - {name: outstanding, type: amount, title: {en: Outstanding, zh: 未到期}, unit: currency, total: sum}
  - {name: next_due, type: date, title: {en: Next due, zh: 下次到期}}
  - {name: last_due, type: date, title: {en: Last due, zh: 最后到期}}
chart: {kind: bar, category: person, values: [outstanding, due]}
roles: [relationship_manager, hr, auditor]
--- */
select u.code as unit, e.number as person, e.name, left(r.month, 4)::bigint as year,
  round(sum(d.amount), i.minor_unit_digits) as deferred,
  round(coalesce(sum(d.amount) filter (where d.due_on <= bank.report_day(:'day')), 0), i.minor_unit_digits) as due,
  round(coalesce(sum(d.amount) filter (where d.due_on > bank.report_day(:'day')), 0), i.minor_unit_digits) as outstanding,
  min(d.due_on) filter (where d.due_on > bank.report_day(:'day')) as next_due, max(d.due_on) as last_due
from bank.deferral_instalment as d
join report.pay_run as r using (pay_run_id)
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = d.branch_id
cross join bank.institution as i
where r.counts and to_date(r.month, 'YYYY-MM') <= bank.report_day(:'day')
group by u.code, e.number, e.name, left(r.month, 4), i.minor_unit_digits
order by u.code collate "C", e.number collate "C", left(r.month, 4)
