/* ---
title: {en: "Pay cost by branch, tier and component", zh: 绩效薪酬成本（网点、等级、项目）}
description:
  en: >
    What the runs that count have cost in some months, by branch, tier or component of the plan, or by all
    three: people paid and the sum of their lines. Whatever it is cut by, the total is the same.
  zh: >
    所选月份有效核算的薪酬成本，按网点、等级、方案项目或三者汇总：人数与金额。无论如何分组，合计相同。
parameters:
  - {name: from, type: month, description: {en: first month, zh: 起始月份}}
  - {name: to, type: month, description: {en: last month, zh: 结束月份}}
  - {name: by, type: text, default: all, choices: [all, branch, tier, component], description: {en: what it is cut by, zh: 分组}}
columns:
  - {name: branch, type: text, title: {en: Branch, zh: 网点}}
  - {name: tier, type: text, title: {en: Tier, zh: 等级}}
  - {name: component, type: text, title: {en: Component, zh: 项目}}
  - {name: title, type: text, title: {en: Title, zh: 项目名称}}
  - {name: people, type: integer, title: {en: People, zh: 人数}, format: grouped}
  - {name: amount, type: amount, title: {en: Amount, zh: 金额}, unit: currency, total: sum}
  - {name: share_percent, type: amount, title: {en: Share, zh: 占比}, format: percent}
roles: [hr, auditor]
--- */
with line as (
  select case when :'by' in ('all', 'branch') then u.code end as branch,
    case when :'by' in ('all', 'tier') then coalesce(s.tier, 'none') end as tier,
    case when :'by' in ('all', 'component') then l.component end as component,
    case when :'by' in ('all', 'component') then l.title end as title, l.employee_id, l.amount
  from bank.pay_line as l
  join bank.pay_statement as s using (branch_id, pay_run_id, employee_id)
  join report.pay_run as r using (pay_run_id)
  join bank.org_unit as u on u.org_unit_id = l.branch_id
  where r.counts and to_date(r.month, 'YYYY-MM') between to_date(:'from', 'YYYY-MM') and to_date(:'to', 'YYYY-MM')
)
select branch, tier, component, min(title) as title, count(distinct employee_id) as people,
  round(sum(amount), i.minor_unit_digits) as amount,
  round(100 * sum(amount) / nullif(sum(sum(amount)) over (), 0), 2) as share_percent
from line
cross join bank.institution as i
group by branch, tier, component, i.minor_unit_digits
order by branch collate "C", tier collate "C", sum(amount) desc, component collate "C"
