/* ---
title: {en: Client bands and movement between them, zh: 客户层级迁徙}
description:
  en: >
    Clients on the last day of the month before the first and on that of the last month, by the band in which
    they stood on each, with the balance of the accounts that they own. Who was not on record or in no band
    stands under none. The sum over all lines is the bank's clients and balance.
  zh: >
    起始月前一日与结束月末客户所处层级的迁徙：客户数及其名下账户余额。当时未建档或无层级者列为 none。各行之和即全行客户与余额。
parameters:
  - {name: from, type: month, description: {en: first month, zh: 起始月份}}
  - {name: to, type: month, description: {en: last month, zh: 结束月份}}
  - {name: under, type: unit, default: all, description: {en: "only this unit and what lies below it, or all", zh: 仅此机构及其下级，或 all}}
columns:
  - {name: band_from, type: text, title: {en: Band before, zh: 期初层级}}
  - {name: band_to, type: text, title: {en: Band after, zh: 期末层级}}
  - {name: movement, type: text, title: {en: Movement, zh: 变动}}
  - {name: clients, type: integer, title: {en: Clients, zh: 客户数}, format: grouped, total: sum}
  - {name: balance_from, type: amount, title: {en: Balance before, zh: 期初余额}, unit: currency, total: sum}
  - {name: balance_to, type: amount, title: {en: Balance after, zh: 期末余额}, unit: currency, total: sum}
chart: {kind: bar, category: band_to, values: [clients], series: movement}
roles: [head_office, branch, relationship_manager, risk, auditor]
--- */
with bounds as (
  select to_date(:'from', 'YYYY-MM') as first_day, (to_date(:'to', 'YYYY-MM') + interval '1 month')::date as end_day
), below as (
  select p.org_unit_id
  from bank.org_places(current_date) as p
  where :'under' = 'all' or p.path <@ (select t.path from bank.org_places(current_date) as t where t.code = :'under')
), balance as (
  select h.client_branch_id as branch_id, h.client_id,
    sum(m.credits - m.debits) filter (where m.month < b.first_day) as balance_from, sum(m.credits - m.debits) as balance_to
  from bounds as b
  join bank.account_month as m on m.month < b.end_day
  join bank.account_holder as h on h.branch_id = m.branch_id and h.account_id = m.account_id and h.role = 'owner'
  group by h.client_branch_id, h.client_id
), banded as (
  select c.branch_id, c.client_id, f.segment as band_from, t.segment as band_to
  from bank.client as c
  join below as w on w.org_unit_id = c.branch_id
  cross join bounds as b
  left join bank.client_segment as f on f.branch_id = c.branch_id and f.client_id = c.client_id and f.axis = 'band'
    and f.superseded_at is null and daterange(f.effective_from, f.effective_until) @> b.first_day - 1
  left join bank.client_segment as t on t.branch_id = c.branch_id and t.client_id = c.client_id and t.axis = 'band'
    and t.superseded_at is null and daterange(t.effective_from, t.effective_until) @> b.end_day - 1
)
select coalesce(d.band_from, 'none') as band_from, coalesce(d.band_to, 'none') as band_to,
  case when d.band_from is null and d.band_to is null then 'none' when d.band_from is null then 'new' when d.band_to is null then 'left'
    when t.rank > f.rank then 'up' when t.rank < f.rank then 'down' else 'stayed' end as movement,
  count(*) as clients, round(coalesce(sum(s.balance_from), 0), i.minor_unit_digits) as balance_from,
  round(coalesce(sum(s.balance_to), 0), i.minor_unit_digits) as balance_to
from banded as d
cross join bank.institution as i
left join balance as s using (branch_id, client_id)
left join bank.segment as f on f.axis = 'band' and f.code = d.band_from
left join bank.segment as t on t.axis = 'band' and t.code = d.band_to
group by d.band_from, d.band_to, f.rank, t.rank, i.minor_unit_digits
order by f.rank nulls first, t.rank nulls first
