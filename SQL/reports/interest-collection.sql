/* ---
title: {en: "Interest collected against what was due, by unit", zh: 利息收回率（按机构）}
description:
  en: >
    What borrowers were to pay in a month by the repayment schedules, and what they paid in it, whenever it was due,
    by unit of the tree of today. The rates are what was paid over what was due, from exact amounts; they are rounded
    for print only, and are empty where nothing was due.
  zh: >
    按还款计划当月应还的本金与利息，以及当月实际收回数（不论何时到期），按今日机构树。收回率为实收与应收之比，按精确金额计算，仅在显示时四舍五入；无应收时为空。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
  - {name: level, type: text, default: standard, choices: [standard, all, bank, region, branch, sub_branch, outlet, department, section, city_office], description: {en: "levels to show: standard is bank, region and branch", zh: 显示层级：standard 为全行、分行、网点}}
  - {name: under, type: unit, default: all, description: {en: "only this unit and what lies below it, or all", zh: 仅此机构及其下级，或 all}}
columns:
  - {name: level, type: text, title: {en: Level, zh: 层级}}
  - {name: code, type: text, title: {en: Code, zh: 机构号}}
  - {name: name, type: text, title: {en: Name, zh: 名称}}
  - {name: loans_due, type: integer, title: {en: Loans due, zh: 应还贷款笔数}, format: grouped}
  - {name: interest_due, type: amount, title: {en: Interest due, zh: 应收利息}, unit: currency}
  - {name: interest_paid, type: amount, title: {en: Interest paid, zh: 实收利息}, unit: currency}
  - {name: interest_percent, type: amount, title: {en: Interest collected, zh: 利息收回率}, format: percent}
  - {name: principal_due, type: amount, title: {en: Principal due, zh: 应还本金}, unit: currency}
  - {name: principal_paid, type: amount, title: {en: Principal paid, zh: 实还本金}, unit: currency}
  - {name: principal_percent, type: amount, title: {en: Principal collected, zh: 本金收回率}, format: percent}
chart: {kind: bar, category: name, values: [interest_percent], only: {level: branch}}
roles: [head_office, branch, risk, auditor]
--- */
with place as materialized (
  select p.*, case p.level when 'head_office' then 'bank' else p.level::text end as label
  from bank.org_places(current_date) as p
), unit as (
  select u.*
  from place as u
  where u.is_open
    and case :'level' when 'all' then true when 'standard' then u.label in ('bank', 'region', 'branch') else u.label = :'level' end
    and (:'under' = 'all' or u.path <@ (select t.path from place as t where t.code = :'under'))
), booked as (
  select branch_id, sum(loans_due) as loans_due, sum(interest_due) as interest_due, sum(interest_paid) as interest_paid,
    sum(principal_due) as principal_due, sum(principal_paid) as principal_paid
  from (
    select branch_id, count(distinct loan_id) as loans_due, sum(interest) as interest_due, 0::numeric as interest_paid,
      sum(principal) as principal_due, 0::numeric as principal_paid
    from bank.repayment_due
    where due_on >= to_date(:'month', 'YYYY-MM') and due_on < to_date(:'month', 'YYYY-MM') + interval '1 month'
    group by branch_id
    union all
    select branch_id, 0, 0, sum(interest), 0, sum(principal)
    from bank.repayment
    where paid_on >= to_date(:'month', 'YYYY-MM') and paid_on < to_date(:'month', 'YYYY-MM') + interval '1 month'
    group by branch_id
  ) as due_and_paid
  group by branch_id
), summed as (
  select u.level, u.label, u.code, u.name, coalesce(sum(b.loans_due), 0) as loans_due,
    coalesce(sum(b.interest_due), 0) as interest_due, coalesce(sum(b.interest_paid), 0) as interest_paid,
    coalesce(sum(b.principal_due), 0) as principal_due, coalesce(sum(b.principal_paid), 0) as principal_paid
  from unit as u
  left join place as p on p.path <@ u.path
  left join booked as b on b.branch_id = p.org_unit_id
  group by u.level, u.label, u.code, u.name
)
select s.label as level, s.code, s.name, s.loans_due::bigint as loans_due,
  round(s.interest_due, i.minor_unit_digits) as interest_due, round(s.interest_paid, i.minor_unit_digits) as interest_paid,
  round(100 * s.interest_paid / nullif(s.interest_due, 0), 4) as interest_percent,
  round(s.principal_due, i.minor_unit_digits) as principal_due, round(s.principal_paid, i.minor_unit_digits) as principal_paid,
  round(100 * s.principal_paid / nullif(s.principal_due, 0), 4) as principal_percent
from summed as s
cross join bank.institution as i
order by s.level, length(s.code) * (s.code ~ '^\d+$')::integer, s.code
