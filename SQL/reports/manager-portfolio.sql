/* ---
title: {en: Portfolio of each relationship manager, zh: 客户经理管户业绩}
description:
  en: >
    What each person's accounts came to in a month, in the run that counts: accounts with a balance, average
    daily balance and loans granted, by the person's shares, and by the branch where the accounts are booked.
    A branch's pool has what nobody looked after, without a person, so the lines booked at a branch sum to
    its consolidated month, and all of them to the bank's.
  zh: >
    有效核算中每位客户经理当月名下账户的业绩：有余额账户数、日均余额、发放贷款，均按分成计算，并按账户开户网点列示。无人管理的归入网点公共池（无工号），因此同一开户网点各行之和即该网点合并月报数，全部之和即全行数。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
columns:
  - {name: branch, type: text, title: {en: Branch, zh: 网点}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: position, type: text, title: {en: Position, zh: 归属}}
  - {name: booked_at, type: text, title: {en: Booked at, zh: 开户网点}}
  - {name: accounts, type: integer, title: {en: Accounts, zh: 账户数}, format: grouped}
  - {name: balance_days, type: amount, title: {en: Balance days, zh: 余额积数}, total: sum}
  - {name: adb, type: amount, title: {en: Average daily balance, zh: 日均余额}, unit: currency}
  - {name: loans_granted_amount, type: amount, title: {en: Amount of loans granted, zh: 发放贷款金额}, unit: currency, total: sum}
chart: {kind: bar, category: person, values: [adb], only: {position: manager}}
roles: [relationship_manager, hr, auditor]
--- */
with credited as (
  select c.employee_id, c.branch_id, r.month,
    count(distinct c.account_id) filter (where c.metric = 'deposit_balance_days') as accounts,
    coalesce(sum(c.credited) filter (where c.metric = 'deposit_balance_days'), 0) as balance_days,
    coalesce(sum(c.credited) filter (where c.metric = 'loans_granted_amount'), 0) as loans_granted_amount
  from report.pay_run as r
  join bank.pay_run_credit_set as n using (pay_run_id)
  join bank.pay_credit as c using (branch_id, credit_set_id)
  where r.counts and r.month = :'month'
  group by 1, 2, 3
)
select u.code as branch, e.number as person,
  case when e.number is null then 'pool' else 'manager' end as position, b.code as booked_at, c.accounts,
  c.balance_days,
  round(c.balance_days / extract(day from to_date(c.month, 'YYYY-MM') + interval '1 month' - interval '1 day'), 2)
    as adb,
  c.loans_granted_amount
from credited as c
left join bank.employee as e using (employee_id)
join bank.org_unit as b on b.org_unit_id = c.branch_id
join bank.org_unit as u on u.org_unit_id = coalesce(e.branch_id, c.branch_id)
order by u.code collate "C", e.number collate "C" nulls last, b.code collate "C"
