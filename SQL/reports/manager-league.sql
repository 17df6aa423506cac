/* ---
title: {en: League table of relationship managers, zh: 客户经理排名}
description:
  en: >
    Everybody who was credited with something in the run that counts for a month, by rank in the bank and in
    the own unit: average daily balance and loans granted, by shares, and the change of the average daily
    balance against the month before, where a run of that counts. Equal figures have equal ranks.
  zh: >
    当月有效核算中所有客户经理的全行及本机构排名：按分成的日均余额与发放贷款，以及与上月（有有效核算时）相比的日均余额变动。数值相同则名次相同。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
  - {name: by, type: text, default: adb, choices: [adb, growth, loans], description: {en: what decides the rank, zh: 排名依据}}
columns:
  - {name: rank, type: integer, title: {en: Rank, zh: 名次}, format: grouped}
  - {name: rank_in_unit, type: integer, title: {en: Rank in unit, zh: 机构内名次}, format: grouped}
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: name, type: text, title: {en: Name, zh: 姓名}}
  - {name: tier, type: text, title: {en: Tier, zh: 等级}}
  - {name: adb, type: amount, title: {en: Average daily balance, zh: 日均余额}, unit: currency}
  - {name: adb_change, type: amount, title: {en: Change, zh: 较上月}, unit: currency}
  - {name: loans_granted_amount, type: amount, title: {en: Loans granted, zh: 发放贷款}, unit: currency, total: sum}
  - {name: accounts, type: integer, title: {en: Accounts, zh: 账户数}, format: grouped}
chart: {kind: bar, category: person, values: [adb]}
roles: [relationship_manager, hr, auditor]
--- */
with credited as (
  select to_date(r.month, 'YYYY-MM') as month, c.employee_id,
    sum(c.credited) filter (where c.metric = 'deposit_balance_days') as balance_days,
    sum(c.credited) filter (where c.metric = 'loans_granted_amount') as loans_granted_amount,
    count(distinct c.account_id) filter (where c.metric = 'deposit_balance_days') as accounts
  from report.pay_run as r
  join bank.pay_run_credit_set as n using (pay_run_id)
  join bank.pay_credit as c using (branch_id, credit_set_id)
  where r.counts and c.employee_id is not null
    and to_date(r.month, 'YYYY-MM') in (to_date(:'month', 'YYYY-MM'), (to_date(:'month', 'YYYY-MM') - interval '1 month')::date)
  group by 1, 2
), measured as (
  select month, employee_id, accounts, coalesce(loans_granted_amount, 0) as loans_granted_amount,
    round(coalesce(balance_days, 0) / ((month + interval '1 month')::date - month), 2) as adb
  from credited
), compared as (
  select n.*, case when exists (select 1 from measured as b where b.month < n.month) then n.adb - coalesce(l.adb, 0) end as adb_change
  from measured as n
  left join measured as l on l.employee_id = n.employee_id and l.month < n.month
  where n.month = to_date(:'month', 'YYYY-MM')
), valued as (
  select *, case :'by' when 'adb' then adb when 'growth' then adb_change else loans_granted_amount end as value
  from compared
)
select rank() over (order by v.value desc nulls last) as rank,
  rank() over (partition by e.branch_id order by v.value desc nulls last) as rank_in_unit,
  u.code as unit, e.number as person, e.name, bank.tier_on(e.employee_id, (v.month + interval '1 month')::date - 1) as tier,
  v.adb, v.adb_change, round(v.loans_granted_amount, i.minor_unit_digits) as loans_granted_amount, v.accounts
from valued as v
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = e.branch_id
cross join bank.institution as i
order by 1, e.number collate "C"
