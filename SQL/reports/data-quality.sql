/* ---
title: {en: Data quality by branch, zh: 各网点数据质量}
description:
  en: >
    What is missing or disagrees in the data of each branch, with how many of how many: accounts without an
    owner, accounts that nobody looks after, clients without a name, an account or an identity number,
    movements whose file claims another balance than the movements add up to, and rows of its files that were
    kept out of the batches of the month. Files are the branch's by the folder that bears its code.
  zh: >
    各网点数据缺失或不一致之处及其比例：无户主账户、无人管理账户、缺姓名/无账户/无证件的客户、文件所报余额与发生额累计不符的交易、当月批次中被拒绝的行（文件所在文件夹名即网点号）。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: finding, type: text, title: {en: Finding, zh: 问题}}
  - {name: count, type: integer, title: {en: Count, zh: 数量}, format: grouped}
  - {name: of, type: integer, title: {en: Of, zh: 总数}, format: grouped}
  - {name: percent, type: amount, title: {en: Share, zh: 占比}, format: percent}
chart: {kind: bar, category: unit, values: [percent], series: finding}
roles: [head_office, auditor]
--- */
with bounds as (
  select to_date(:'month', 'YYYY-MM') as first_day, (to_date(:'month', 'YYYY-MM') + interval '1 month')::date as end_day
), covered as materialized (
  select distinct c.branch_id, c.account_id
  from bounds as b cross join lateral bank.covered_accounts(null, b.end_day - 1) as c
), account as (
  select a.branch_id, a.account_id,
    exists (select 1 from bank.account_holder as h where h.branch_id = a.branch_id and h.account_id = a.account_id and h.role = 'owner') as is_owned,
    exists (select 1 from covered as c where c.branch_id = a.branch_id and c.account_id = a.account_id) as is_covered
  from bank.account as a
  join bounds as b on a.opened_on < b.end_day
), client as (
  select c.branch_id, c.name is null or btrim(c.name) = '' as is_nameless,
    not exists (select 1 from bank.account_holder as h where h.client_branch_id = c.branch_id and h.client_id = c.client_id) as is_without_account,
    not exists (select 1 from bank.client_identity as i where i.branch_id = c.branch_id and i.client_id = c.client_id) as is_without_identity
  from bank.client as c
), opening as (
  select m.branch_id, m.account_id, sum(m.credits - m.debits) as balance
  from bank.account_month as m join bounds as b on m.month < b.first_day
  group by m.branch_id, m.account_id
), day as (
  -- Within a day the order of movements is not known, so a claimed balance is compared at the end of the day.
  select t.branch_id, t.account_id, t.booked_on,
    sum(case t.direction when 'credit' then t.amount else -t.amount end) as net, array_agg(t.reported_balance) as claimed
  from bank.transaction as t join bounds as b on t.booked_on >= b.first_day and t.booked_on < b.end_day
  group by t.branch_id, t.account_id, t.booked_on
), running as (
  select d.branch_id, d.claimed,
    coalesce(o.balance, 0) + sum(d.net) over (partition by d.branch_id, d.account_id order by d.booked_on) as balance
  from day as d
  left join opening as o using (branch_id, account_id)
), rejected as (
  select u.org_unit_id as branch_id, sum(x.rows_rejected) as count, sum(x.rows_read) as of
  from bank.batch as x
  join bounds as b on x.imported_at >= b.first_day and x.imported_at < b.end_day
  join bank.org_unit as u on u.code = split_part(x.file_name, '/', 1)
  group by u.org_unit_id
), counted as (
  select branch_id, 1 as place, 'account without an owner' as finding, count(*) filter (where not is_owned) as count, count(*) as of
  from account group by branch_id
  union all
  select branch_id, 2, 'account that nobody looks after', count(*) filter (where not is_covered), count(*) from account group by branch_id
  union all
  select branch_id, 3, 'client without a name', count(*) filter (where is_nameless), count(*) from client group by branch_id
  union all
  select branch_id, 4, 'client without an account', count(*) filter (where is_without_account), count(*) from client group by branch_id
  union all
  select branch_id, 5, 'client without an identity number', count(*) filter (where is_without_identity), count(*) from client group by branch_id
  union all
  select branch_id, 6, 'day whose claimed balances are all wrong',
    count(*) filter (where array_remove(claimed, null) <> '{}' and balance <> all (array_remove(claimed, null))),
    count(*) filter (where array_remove(claimed, null) <> '{}')
  from running group by branch_id
  union all
  select branch_id, 7, 'row kept out of a batch', count, of from rejected
)
select u.code as unit, c.finding, c.count::bigint as count, c.of::bigint as of,
  round(100.0 * c.count / nullif(c.of, 0), 2) as percent
from counted as c
join bank.org_unit as u on u.org_unit_id = c.branch_id
where c.count > 0
order by u.code collate "C", c.place
