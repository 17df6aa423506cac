/* ---
title: {en: Statement of one relationship manager, zh: 客户经理薪酬单}
description:
  en: >
    The lines of one person's pay in the runs that count: what each was measured on and what it came to, with
    what is deferred at the end of each month's lines. `banyan pay explain` has the arithmetic of each line.
  zh: >
    一名员工有效核算中的薪酬明细：每项的计算基数与金额，每月末列示递延部分。每项算法见 banyan pay explain。
parameters:
  - {name: person, type: text, description: {en: number of the person, zh: 工号}}
  - {name: from, type: month, description: {en: first month, zh: 起始月份}}
  - {name: to, type: month, description: {en: last month, zh: 结束月份}}
columns:
  - {name: month, type: text, title: {en: Month, zh: 月份}}
  - {name: plan, type: text, title: {en: Plan, zh: 方案}}
  - {name: line, type: integer, title: {en: Line, zh: 行号}, format: grouped}
  - {name: component, type: text, title: {en: Component, zh: 项目}}
  - {name: title, type: text, title: {en: Title, zh: 名称}}
  - {name: basis, type: amount, title: {en: Basis, zh: 基数}}
  - {name: amount, type: amount, title: {en: Amount, zh: 金额}, unit: currency, total: sum}
roles: [relationship_manager, hr, auditor]
--- */
with statement as (
  select s.*, r.month, r.plan
  from bank.pay_statement as s
  join report.pay_run as r using (pay_run_id)
  join bank.employee as e using (employee_id)
  where r.counts and e.number = :'person'
    and to_date(r.month, 'YYYY-MM') between to_date(:'from', 'YYYY-MM') and to_date(:'to', 'YYYY-MM')
)
select s.month, s.plan, l.line_number::bigint as line, l.component, l.title,
  round(l.basis_total / coalesce(l.basis_divisor, 1), 2) as basis, round(l.amount, i.minor_unit_digits) as amount
from statement as s
join bank.pay_line as l using (branch_id, pay_run_id, employee_id)
cross join bank.institution as i
union all
select s.month, s.plan, null, 'deferred', 'Deferred', null, round(-s.deferred, i.minor_unit_digits)
from statement as s
cross join bank.institution as i
order by 1, 2, 3 nulls last
