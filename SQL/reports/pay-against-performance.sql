/* ---
title: {en: Pay against performance, zh: 薪酬与业绩对照}
description:
  en: >
    What each person earned in the run that counts for a month beside what was measured: average daily
    balance and loans granted by shares, what was earned for 10,000 of each balance, and the ranks of both
    within the bank. A great difference of the ranks deserves a look at the arithmetic of the statement.
  zh: >
    当月每人应得绩效与业绩对照：按分成的日均余额、发放贷款、每万元日均的应得额，以及两者在全行的名次。名次差距大者宜核查其核算过程。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: name, type: text, title: {en: Name, zh: 姓名}}
  - {name: tier, type: text, title: {en: Tier, zh: 等级}}
  - {name: earned, type: amount, title: {en: Earned, zh: 应得}, unit: currency, total: sum}
  - {name: adb, type: amount, title: {en: Average daily balance, zh: 日均余额}, unit: currency}
  - {name: loans_granted_amount, type: amount, title: {en: Loans granted, zh: 发放贷款}, unit: currency, total: sum}
  - {name: earned_per_10000, type: amount, title: {en: "Earned per 10,000", zh: 每万元应得}, unit: currency}
  - {name: rank_of_pay, type: integer, title: {en: Rank of pay, zh: 薪酬名次}, format: grouped}
  - {name: rank_of_adb, type: integer, title: {en: Rank of balance, zh: 日均名次}, format: grouped}
  - {name: difference, type: integer, title: {en: Difference, zh: 名次差}, format: grouped}
roles: [relationship_manager, hr, auditor]
--- */
with credited as (
  select c.employee_id, sum(c.credited) filter (where c.metric = 'deposit_balance_days') as balance_days,
    sum(c.credited) filter (where c.metric = 'loans_granted_amount') as loans_granted_amount
  from report.pay_run as r
  join report.pay_credit_total as c using (pay_run_id)
  where r.counts and r.month = :'month' and c.employee_id is not null
  group by c.employee_id
), paid as (
  select s.employee_id, s.branch_id, min(s.tier) as tier, sum(s.earned) as earned
  from bank.pay_statement as s
  join report.pay_run as r using (pay_run_id)
  where r.counts and r.month = :'month'
  group by s.employee_id, s.branch_id
), measured as (
  select p.*, coalesce(c.loans_granted_amount, 0) as loans_granted_amount,
    coalesce(c.balance_days, 0) / extract(day from to_date(:'month', 'YYYY-MM') + interval '1 month' - interval '1 day') as adb
  from paid as p
  left join credited as c using (employee_id)
), ranked as (
  select *, rank() over (order by earned desc) as rank_of_pay, rank() over (order by adb desc) as rank_of_adb
  from measured
)
select u.code as unit, e.number as person, e.name, m.tier, round(m.earned, i.minor_unit_digits) as earned, round(m.adb, 2) as adb,
  round(m.loans_granted_amount, i.minor_unit_digits) as loans_granted_amount,
  case when m.adb > 0 then round(10000 * m.earned / m.adb, 2) end as earned_per_10000,
  m.rank_of_pay, m.rank_of_adb, m.rank_of_adb - m.rank_of_pay as difference
from ranked as m
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = m.branch_id
cross join bank.institution as i
order by m.rank_of_pay, e.number collate "C"
