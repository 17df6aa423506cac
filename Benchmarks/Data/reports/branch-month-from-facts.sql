/* ---
title: {en: The consolidated month from facts, zh: 合并月报（自明细）}
description:
  en: >
    What branch-month says of the tree of today, counted from movements, accounts and their holders without any
    roll-up: what the roll-ups are compared with, in figures and in time.
  zh: 与 branch-month 相同的数字，直接由明细计算，不使用任何汇总表。
parameters:
  - {name: from, type: month, description: {en: first month, zh: 起始月份}}
  - {name: to, type: month, description: {en: last month, zh: 结束月份}}
columns:
  - {name: level, type: text, title: {en: Level, zh: 层级}}
  - {name: code, type: text, title: {en: Code, zh: 机构号}}
  - {name: name, type: text, title: {en: Name, zh: 名称}}
  - {name: month, type: text, title: {en: Month, zh: 月份}}
  - {name: accounts, type: integer, title: {en: Accounts, zh: 账户数}, format: grouped}
  - {name: clients, type: integer, title: {en: Clients, zh: 客户数}, format: grouped}
  - {name: new_accounts, type: integer, title: {en: New accounts, zh: 新开户数}, format: grouped}
  - {name: transactions, type: integer, title: {en: Transactions, zh: 交易笔数}, format: grouped}
  - {name: credits, type: amount, title: {en: Credits, zh: 贷方发生额}, unit: currency}
  - {name: debits, type: amount, title: {en: Debits, zh: 借方发生额}, unit: currency}
  - {name: balance_end, type: amount, title: {en: Balance at month end, zh: 月末余额}, unit: currency}
  - {name: balance_days, type: amount, title: {en: Balance days, zh: 余额积数}}
  - {name: adb, type: amount, title: {en: Average daily balance, zh: 日均余额}, unit: currency}
  - {name: loans_granted, type: integer, title: {en: Loans granted, zh: 发放贷款笔数}, format: grouped}
  - {name: loans_granted_amount, type: amount, title: {en: Amount of loans granted, zh: 发放贷款金额}, unit: currency}
roles: [head_office, branch, relationship_manager, risk, auditor, loader]
--- */
with period as (
  select to_date(:'from', 'YYYY-MM') as since, to_date(:'to', 'YYYY-MM') as until,
    (to_date(:'to', 'YYYY-MM') + interval '1 month')::date as day_after
), place as materialized (
  select p.org_unit_id as unit_id, p.code, p.name, p.level as rank, p.path, p.is_open,
    case p.level when 'head_office' then 'bank' else p.level::text end as level
  from bank.org_places(current_date) as p
), booked_below as (
  select above.unit_id, b.unit_id as branch_id
  from place as b
  cross join lateral unnest(string_to_array(b.path::text, '.')::integer[]) as above (unit_id)
), movement as (
  select t.branch_id, t.booked_on, case t.direction when 'credit' then t.amount else -t.amount end as amount, 1 as transactions
  from bank.transaction as t, period as p
  where t.booked_on < p.day_after
  union all
  select b.branch_id, b.balanced_on,
    b.balance - coalesce(lag(b.balance) over (partition by b.branch_id, b.account_id order by b.balanced_on), 0), 0
  from bank.account_balance as b, period as p
  where b.balanced_on < p.day_after
), event as (
  select branch_id, date_trunc('month', opened_on::timestamp)::date as month, count(*) as new_accounts,
    0::bigint as transactions, 0::numeric as credits, 0::numeric as debits, 0::numeric as movement_days,
    0::bigint as loans_granted, 0::numeric as loans_granted_amount
  from bank.account, period as p
  where opened_on < p.day_after
  group by 1, 2
  union all
  select branch_id, date_trunc('month', booked_on::timestamp)::date, 0, sum(transactions), sum(greatest(amount, 0)),
    sum(greatest(-amount, 0)),
    sum(amount * ((date_trunc('month', booked_on::timestamp) + interval '1 month')::date - booked_on)), 0, 0
  from movement
  group by 1, 2
  union all
  select branch_id, date_trunc('month', granted_on::timestamp)::date, 0, 0, 0, 0, 0, count(*), sum(amount)
  from bank.loan, period as p
  where granted_on < p.day_after
  group by 1, 2
), first_held as (
  -- The day from which a client counts at a unit: their first account anywhere below it.
  select b.unit_id, h.client_branch_id, h.client_id, min(a.opened_on) as counted_from
  from bank.account_holder as h
  join bank.account as a using (branch_id, account_id)
  join booked_below as b using (branch_id)
  cross join period as p
  where a.opened_on < p.day_after
  group by b.unit_id, h.client_branch_id, h.client_id
), unit_event as (
  select b.unit_id, e.month, 0::bigint as new_clients, e.new_accounts, e.transactions, e.credits, e.debits,
    e.movement_days, e.loans_granted, e.loans_granted_amount
  from event as e
  join booked_below as b using (branch_id)
  union all
  select unit_id, date_trunc('month', counted_from::timestamp)::date, count(*), 0, 0, 0, 0, 0, 0, 0
  from first_held
  group by 1, 2
  union all
  select u.unit_id, m.month::date, 0, 0, 0, 0, 0, 0, 0, 0
  from place as u, period as p, generate_series(p.since::timestamp, p.until, interval '1 month') as m (month)
), by_month as (
  select unit_id, greatest(month, (p.since - interval '1 month')::date) as month, sum(new_clients) as new_clients,
    sum(new_accounts) as new_accounts, sum(transactions) as transactions, sum(credits) as credits, sum(debits) as debits,
    sum(movement_days) as movement_days, sum(loans_granted) as loans_granted,
    sum(loans_granted_amount) as loans_granted_amount
  from unit_event, period as p
  group by 1, 2
), balance as (
  select *, (month + interval '1 month')::date - month as days, sum(new_accounts) over so_far as accounts,
    sum(new_clients) over so_far as clients, sum(credits - debits) over so_far as balance_end
  from by_month
  window so_far as (partition by unit_id order by month)
)
select u.level, u.code, u.name, to_char(b.month, 'YYYY-MM') as month, b.accounts, b.clients, b.new_accounts,
  b.transactions, round(b.credits, 2) as credits, round(b.debits, 2) as debits, round(b.balance_end, 2) as balance_end,
  round(d.balance_days, 2) as balance_days, round(d.balance_days / b.days, 2) as adb, b.loans_granted,
  round(b.loans_granted_amount, 2) as loans_granted_amount
from balance as b
cross join lateral (select b.days * (b.balance_end - b.credits + b.debits) + b.movement_days as balance_days) as d
join place as u using (unit_id)
cross join period as p
where b.month >= p.since and u.is_open
order by u.rank, length(u.code) * (u.code ~ '^\d+$')::integer, u.code, b.month
