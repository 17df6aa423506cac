/* ---
title: {en: Concentration of deposits, zh: 存款集中度}
description:
  en: >
    The greatest holders of deposits on the last day of a month, each with its share of all balances and the
    share of those up to it: clients by the accounts that they own, groups of clients, industries, or
    branches. What belongs to nobody named is left out of the list and stays in the whole.
  zh: >
    月末存款最大的持有者及其占比与累计占比：可按客户（名下账户）、客户集团、行业或网点。未归属部分不列示，但计入总额。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
  - {name: by, type: text, default: client, choices: [client, group, industry, branch], description: {en: what is compared, zh: 比较对象}}
  - {name: top, type: integer, default: 20, description: {en: how many, zh: 列示数量}}
  - {name: under, type: unit, default: all, description: {en: "only this unit and what lies below it, or all", zh: 仅此机构及其下级，或 all}}
columns:
  - {name: rank, type: integer, title: {en: Rank, zh: 名次}, format: grouped}
  - {name: code, type: text, title: {en: Code, zh: 代码}}
  - {name: name, type: text, title: {en: Name, zh: 名称}}
  - {name: clients, type: integer, title: {en: Clients, zh: 客户数}, format: grouped}
  - {name: balance, type: amount, title: {en: Balance, zh: 余额}, unit: currency, total: sum}
  - {name: share_percent, type: amount, title: {en: Share, zh: 占比}, format: percent}
  - {name: running_percent, type: amount, title: {en: Share so far, zh: 累计占比}, format: percent}
chart: {kind: bar, category: code, values: [share_percent]}
roles: [head_office, branch, relationship_manager, risk, auditor]
--- */
with bounds as (
  select (to_date(:'month', 'YYYY-MM') + interval '1 month')::date as end_day
), below as (
  select p.org_unit_id
  from bank.org_places(current_date) as p
  where :'under' = 'all' or p.path <@ (select t.path from bank.org_places(current_date) as t where t.code = :'under')
), balance as (
  select h.client_branch_id, h.client_id, m.branch_id as account_branch_id, sum(m.credits - m.debits) as balance
  from bounds as b
  join bank.account_month as m on m.month < b.end_day
  join below as w on w.org_unit_id = m.branch_id
  left join bank.account_holder as h on h.branch_id = m.branch_id and h.account_id = m.account_id and h.role = 'owner'
  group by h.client_branch_id, h.client_id, m.branch_id
), named as (
  select s.balance, s.client_id,
    case :'by' when 'client' then c.number when 'group' then g.code when 'industry' then i.segment else u.code end as code,
    case :'by' when 'client' then c.name when 'group' then g.name when 'industry' then i.title else u.name end as name
  from balance as s
  cross join bounds as b
  join bank.org_unit as u on u.org_unit_id = s.account_branch_id
  left join bank.client as c on c.branch_id = s.client_branch_id and c.client_id = s.client_id
  left join lateral (
    select x.code, x.name
    from bank.client_group_member as m join bank.client_group as x using (client_group_id)
    where m.branch_id = s.client_branch_id and m.client_id = s.client_id and m.superseded_at is null
      and daterange(m.effective_from, m.effective_until) @> b.end_day - 1
    order by x.code limit 1) as g on true
  left join lateral (
    select n.segment, t.title
    from bank.client_segment as n join bank.segment as t on t.axis = n.axis and t.code = n.segment
    where n.branch_id = s.client_branch_id and n.client_id = s.client_id and n.axis = 'industry' and n.superseded_at is null
      and daterange(n.effective_from, n.effective_until) @> b.end_day - 1) as i on true
), whole as (
  select nullif(sum(balance), 0) as balance from balance
), summed as (
  select code, min(name) as name, count(distinct client_id) as clients, sum(balance) as balance
  from named
  where code is not null
  group by code
), ranked as (
  select *, row_number() over (order by balance desc, code collate "C") as rank,
    sum(balance) over (order by balance desc, code collate "C" rows unbounded preceding) as running
  from summed
)
select r.rank, r.code, r.name, r.clients, round(r.balance, i.minor_unit_digits) as balance,
  round(100 * r.balance / w.balance, 2) as share_percent, round(100 * r.running / w.balance, 2) as running_percent
from ranked as r
cross join whole as w
cross join bank.institution as i
where r.rank <= :'top'::integer
order by r.rank
