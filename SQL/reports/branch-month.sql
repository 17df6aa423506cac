/* ---
title: Consolidated month by branch, region and bank
description: >
  One row per org unit and month: accounts, clients, movements, balances and loans. A unit has what lies at
  it and below it; clients are counted once per unit. Balances are the running sum of movements. The average
  daily balance sums all days of the month and divides once at each level, rounded half up. The tree is that
  of today, of a given day, or of each month's own last day; what was booked at a unit that has closed since
  counts at its successor.
parameters:
  - {name: from, type: month, description: first month}
  - {name: to, type: month, description: last month}
  - {name: tree, type: text, default: today, description: "tree to report on: today, own for that of each month, or a day YYYY-MM-DD"}
columns:
  - {name: level, type: text, title: Level}
  - {name: code, type: text, title: Code}
  - {name: name, type: text, title: Name}
  - {name: month, type: text, title: Month}
  - {name: accounts, type: integer, title: Accounts}
  - {name: clients, type: integer, title: Clients}
  - {name: new_accounts, type: integer, title: New accounts}
  - {name: transactions, type: integer, title: Transactions}
  - {name: credits, type: amount, title: Credits}
  - {name: debits, type: amount, title: Debits}
  - {name: balance_end, type: amount, title: Balance at month end}
  - {name: balance_days, type: amount, title: Balance days}
  - {name: adb, type: amount, title: Average daily balance}
  - {name: loans_granted, type: integer, title: Loans granted}
  - {name: loans_granted_amount, type: amount, title: Amount of loans granted}
--- */
with bounds as (
  select to_date(:'from', 'YYYY-MM') as first_month, to_date(:'to', 'YYYY-MM') as last_month,
    (to_date(:'to', 'YYYY-MM') + interval '1 month')::date as first_day_after
), month_tree as (
  select month::date as month, bank.tree_day(:'tree', month::date) as tree_day
  from bounds, generate_series(first_month::timestamp, last_month, interval '1 month') as month
), place as materialized (
  select d.tree_day, p.org_unit_id, p.code, p.name, p.level, p.path, p.is_open
  from (select distinct tree_day from month_tree) as d
  cross join lateral bank.org_places(d.tree_day) as p
), unit as (
  select tree_day, org_unit_id as unit_id, code, name,
    case level when 'head_office' then 'bank' else level::text end as level
  from place
  where is_open and level in ('head_office', 'region', 'branch')
), booked_below as (
  -- A unit counts at each unit of its path.
  select u.tree_day, u.unit_id, b.org_unit_id as branch_id
  from place as b
  cross join lateral unnest(string_to_array(b.path::text, '.')::integer[]) as above (unit_id)
  join unit as u on u.tree_day = b.tree_day and u.unit_id = above.unit_id
), event as (
  -- Everything that happened, by branch and month; nothing here is averaged, so all of it adds up.
  select branch_id, date_trunc('month', opened_on::timestamp)::date as month,
    count(*) as new_accounts, 0::numeric as transactions, 0::numeric as credits, 0::numeric as debits,
    0::numeric as movement_days, 0::bigint as loans_granted, 0::numeric as loans_granted_amount
  from bank.account, bounds
  where opened_on < first_day_after
  group by 1, 2
  union all
  select branch_id, month, 0, sum(transactions), sum(credits), sum(debits), sum(movement_days), 0, 0
  from bank.account_month, bounds
  where month <= last_month
  group by 1, 2
  union all
  select branch_id, date_trunc('month', granted_on::timestamp)::date, 0, 0, 0, 0, 0, count(*), sum(amount)
  from bank.loan, bounds
  where granted_on < first_day_after
  group by 1, 2
), first_held as (
  -- The day from which a client counts at a unit: their first account anywhere below it.
  select b.tree_day, b.unit_id, h.client_branch_id, h.client_id, min(a.opened_on) as counted_from
  from bank.account_holder as h
  join bank.account as a using (branch_id, account_id)
  join booked_below as b using (branch_id)
  join bounds on a.opened_on < first_day_after
  group by b.tree_day, b.unit_id, h.client_branch_id, h.client_id
), unit_event as (
  select b.tree_day, b.unit_id, e.month, 0::bigint as new_clients, e.new_accounts, e.transactions, e.credits,
    e.debits, e.movement_days, e.loans_granted, e.loans_granted_amount
  from event as e
  join booked_below as b using (branch_id)
  union all
  select tree_day, unit_id, date_trunc('month', counted_from::timestamp)::date, count(*), 0, 0, 0, 0, 0, 0, 0
  from first_held
  group by 1, 2, 3
  union all
  -- Months in which a unit has nothing appear all the same.
  select u.tree_day, u.unit_id, m.month, 0, 0, 0, 0, 0, 0, 0, 0
  from unit as u, month_tree as m
), by_month as (
  -- All that lies before the first month is one sum, its opening.
  select tree_day, unit_id, greatest(month, (first_month - interval '1 month')::date) as month,
    sum(new_clients) as new_clients, sum(new_accounts) as new_accounts, sum(transactions) as transactions,
    sum(credits) as credits, sum(debits) as debits, sum(movement_days) as movement_days,
    sum(loans_granted) as loans_granted, sum(loans_granted_amount) as loans_granted_amount
  from unit_event, bounds
  group by 1, 2, 3
), balance as (
  select *,
    (month + interval '1 month')::date - month as days,
    sum(new_accounts) over so_far as accounts,
    sum(new_clients) over so_far as clients,
    sum(credits - debits) over so_far as balance_end
  from by_month
  window so_far as (partition by tree_day, unit_id order by month)
)
select u.level, u.code, u.name, to_char(m.month, 'YYYY-MM') as month,
  b.accounts::bigint, b.clients::bigint, b.new_accounts::bigint, b.transactions::bigint,
  round(b.credits, i.minor_unit_digits) as credits,
  round(b.debits, i.minor_unit_digits) as debits,
  round(b.balance_end, i.minor_unit_digits) as balance_end,
  round(d.balance_days, i.minor_unit_digits) as balance_days,
  round(d.balance_days / b.days, 2) as adb,
  b.loans_granted::bigint, round(b.loans_granted_amount, i.minor_unit_digits) as loans_granted_amount
from balance as b
cross join lateral (
  select b.days * (b.balance_end - b.credits + b.debits) + b.movement_days as balance_days) as d
join unit as u using (tree_day, unit_id)
join month_tree as m using (tree_day, month)
cross join bank.institution as i
order by array_position(array['bank', 'region', 'branch'], u.level), length(u.code) * (u.code ~ '^\d+$')::integer, u.code, m.month
