/* ---
title: {en: "This year against last, by unit", zh: 同比分析（按机构）}
description:
  en: >
    Each unit in a month and in the same month a year before, both on the tree of today, so that a unit that
    has moved or grown by a merger is compared with itself. Change in percent is of the average daily balance
    and counts from zero or less as nothing.
  zh: >
    各机构当月与上年同月对比，两年均按今日机构树，因此迁移或合并的机构按同口径比较。日均余额增幅以百分比表示，基数为零或负时不计算。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
  - {name: level, type: text, default: standard, choices: [standard, all, bank, region, branch, sub_branch, outlet, department, section, city_office], description: {en: "levels to show: standard is bank, region and branch", zh: 显示层级：standard 为全行、分行、网点}}
  - {name: under, type: unit, default: all, description: {en: "only this unit and what lies below it, or all", zh: 仅此机构及其下级，或 all}}
columns:
  - {name: level, type: text, title: {en: Level, zh: 层级}}
  - {name: code, type: text, title: {en: Code, zh: 机构号}}
  - {name: name, type: text, title: {en: Name, zh: 名称}}
  - {name: adb, type: amount, title: {en: Average daily balance, zh: 日均余额}, unit: currency}
  - {name: adb_last_year, type: amount, title: {en: A year before, zh: 上年同期日均}, unit: currency}
  - {name: adb_change, type: amount, title: {en: Change, zh: 增减额}, unit: currency}
  - {name: adb_change_percent, type: amount, title: {en: "Change in %", zh: 增幅}, format: percent}
  - {name: clients, type: integer, title: {en: Clients, zh: 客户数}, format: grouped}
  - {name: clients_change, type: integer, title: {en: Change of clients, zh: 客户增减}, format: grouped}
  - {name: loans_granted_amount, type: amount, title: {en: Loans granted, zh: 发放贷款}, unit: currency}
  - {name: loans_granted_last_year, type: amount, title: {en: Granted a year before, zh: 上年同期发放}, unit: currency}
chart: {kind: bar, category: name, values: [adb, adb_last_year], only: {level: branch}}
roles: [head_office, branch, relationship_manager, risk, auditor, loader]
--- */
with months as (
  select m.*, m.month = to_date(:'month', 'YYYY-MM') as is_this_year
  from bank.unit_months(
    (to_date(:'month', 'YYYY-MM') - interval '1 year')::date, to_date(:'month', 'YYYY-MM'), 'today', :'level', :'under') as m
), compared as (
  select n.rank, n.level, n.code, n.name, round(n.balance_days / n.days, 2) as adb,
    round(l.balance_days / l.days, 2) as adb_last_year, n.clients, l.clients as clients_last_year,
    n.loans_granted_amount, l.loans_granted_amount as loans_granted_last_year
  from months as n
  join months as l on l.org_unit_id = n.org_unit_id
    and l.month = (to_date(:'month', 'YYYY-MM') - interval '1 year')::date
  where n.is_this_year
)
select c.level, c.code, c.name, c.adb, c.adb_last_year, c.adb - c.adb_last_year as adb_change,
  case when c.adb_last_year > 0 then round(100 * (c.adb - c.adb_last_year) / c.adb_last_year, 1) end as adb_change_percent,
  c.clients, c.clients - c.clients_last_year as clients_change,
  round(c.loans_granted_amount, i.minor_unit_digits) as loans_granted_amount,
  round(c.loans_granted_last_year, i.minor_unit_digits) as loans_granted_last_year
from compared as c
cross join bank.institution as i
order by c.rank, length(c.code) * (c.code ~ '^\d+$')::integer, c.code
