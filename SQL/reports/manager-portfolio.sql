/* ---
title: Portfolio of each relationship manager
description: >
  What each person's accounts came to in a month, in the run that counts: accounts with a balance, average
  daily balance and loans granted, by the person's shares. A branch's pool has what nobody looked after, without
  a person, so the sum over all lines is the bank's.
parameters:
  - {name: month, type: month, description: the month}
columns:
  - {name: branch, type: text, title: Branch}
  - {name: person, type: text, title: Person}
  - {name: position, type: text, title: Position}
  - {name: accounts, type: integer, title: Accounts}
  - {name: balance_days, type: amount, title: Balance days}
  - {name: adb, type: amount, title: Average daily balance}
  - {name: loans_granted_amount, type: amount, title: Amount of loans granted}
--- */
with credited as (
  select c.employee_id, case when c.employee_id is null then c.branch_id end as pool_branch_id, r.month,
    count(distinct c.account_id) filter (where c.metric = 'deposit_balance_days') as accounts,
    coalesce(sum(c.credited) filter (where c.metric = 'deposit_balance_days'), 0) as balance_days,
    coalesce(sum(c.credited) filter (where c.metric = 'loans_granted_amount'), 0) as loans_granted_amount
  from bank.pay_credit as c
  join report.pay_run as r using (pay_run_id)
  where r.counts and r.month = :'month'
  group by 1, 2, 3
)
select u.code as branch, e.number as person,
  case when e.number is null then 'pool' else 'manager' end as position, c.accounts,
  c.balance_days,
  round(c.balance_days / extract(day from to_date(c.month, 'YYYY-MM') + interval '1 month' - interval '1 day'), 2)
    as adb,
  c.loans_granted_amount
from credited as c
left join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = coalesce(e.branch_id, c.pool_branch_id)
order by u.code collate "C", e.number collate "C" nulls last
