/* ---
title: {en: Deferred pay due, zh: 到期递延薪酬}
description:
  en: >
    Instalments of deferred pay in the runs that count which are due up to a day. One is held while the
    person's departure audit is open: nothing of it may be paid, cancelled or brought forward then.
  zh: >
    有效核算中截至某日到期的递延薪酬分期。离任审计未结束期间，该员工的分期冻结，不得支付、取消或提前。
parameters:
  - {name: day, type: date, default: today, description: {en: the last day, zh: 截止日}}
columns:
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: month, type: text, title: {en: Month earned, zh: 所属月份}}
  - {name: instalment, type: integer, title: {en: Instalment, zh: 期次}}
  - {name: due_on, type: date, title: {en: Due on, zh: 到期日}}
  - {name: amount, type: amount, title: {en: Amount, zh: 金额}, unit: currency, total: sum}
  - {name: state, type: text, title: {en: State, zh: 状态}}
roles: [head_office, hr, relationship_manager, auditor]
--- */
select d.employee_number as person, to_char(d.month, 'YYYY-MM') as month, d.instalment::bigint as instalment, d.due_on,
  round(d.amount, i.minor_unit_digits) as amount,
  case when d.departure is null then 'free' else 'held by departure ' || d.departure end as state
from bank.deferred_pay(bank.report_day(:'day')) as d
cross join bank.institution as i
order by d.employee_number collate "C", d.due_on, d.month, d.instalment
