/* ---
title: {en: Load and fit of each relationship manager, zh: 客户经理负荷与匹配}
description:
  en: >
    What everybody looks after on the last day of a month against what their tier may carry, and whether it
    suits them: clients as main manager, accounts, average daily balance of the month by share; clients of a
    band that the tier may not serve; clients of an industry that is none of the person's specialities, where
    they have any; and clients whose last contact is longer ago than the cadence of their band asks for.
  zh: >
    月末每位客户经理的管户量与其等级容量之比及匹配情况：主办客户数、账户数、按分成的月日均余额；等级不可服务的客户层级、超出专长的行业、联系超期的客户。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: tier, type: text, title: {en: Tier, zh: 等级}}
  - {name: clients, type: integer, title: {en: Clients, zh: 客户数}, format: grouped, total: sum}
  - {name: capacity, type: integer, title: {en: Capacity, zh: 容量}, format: grouped}
  - {name: load_percent, type: amount, title: {en: Load, zh: 负荷}, format: percent}
  - {name: accounts, type: integer, title: {en: Accounts, zh: 账户数}, format: grouped}
  - {name: adb, type: amount, title: {en: Average daily balance, zh: 日均余额}, unit: currency}
  - {name: outside_band, type: integer, title: {en: Outside band, zh: 超层级客户}, format: grouped, total: sum}
  - {name: outside_speciality, type: integer, title: {en: Outside speciality, zh: 超专长客户}, format: grouped, total: sum}
  - {name: contacts_overdue, type: integer, title: {en: Contacts overdue, zh: 联系超期}, format: grouped, total: sum}
  - {name: finding, type: text, title: {en: Finding, zh: 结论}}
chart: {kind: bar, category: person, values: [load_percent]}
roles: [head_office, branch, relationship_manager, risk, auditor]
--- */
with bounds as (
  select to_date(:'month', 'YYYY-MM') as first_day,
    (to_date(:'month', 'YYYY-MM') + interval '1 month')::date - 1 as last_day,
    extract(day from to_date(:'month', 'YYYY-MM') + interval '1 month' - interval '1 day')::integer as days
), covered as materialized (
  select c.* from bounds as b cross join lateral bank.covered_accounts(null, b.last_day) as c
), balanced as (
  select m.branch_id, m.account_id,
    b.days * coalesce(sum(m.credits - m.debits) filter (where m.month < b.first_day), 0)
      + coalesce(sum(m.movement_days) filter (where m.month = b.first_day), 0) as balance_days
  from bank.account_month as m cross join bounds as b
  where m.month <= b.first_day
  group by m.branch_id, m.account_id, b.days
), carried as (
  select c.employee_id, count(*) as accounts, sum(c.share * coalesce(d.balance_days, 0)) as balance_days
  from covered as c
  left join balanced as d using (branch_id, account_id)
  group by c.employee_id
), owned as (
  select s.employee_id, s.branch_id, s.client_id
  from bank.assignment as s cross join bounds as b
  where s.superseded_at is null and s.role = 'main' and s.client_id is not null
    and daterange(s.effective_from, s.effective_until) @> b.last_day
  union
  select c.employee_id, c.client_branch_id, c.client_id
  from covered as c
  where c.role = 'main' and c.client_id is not null
), judged as (
  select o.employee_id, count(*) as clients,
    count(*) filter (where band.segment is not null and not bank.tier_may_serve(tier.code, band.segment, b.last_day))
      as outside_band,
    count(*) filter (where industry.segment is not null and known.codes is not null
      and industry.segment <> all (known.codes)) as outside_speciality,
    count(*) filter (where cadence.every_days is not null
      and coalesce(contact.last_on, first_held.since) < b.last_day - cadence.every_days) as contacts_overdue
  from owned as o
  cross join bounds as b
  cross join lateral (select bank.tier_on(o.employee_id, b.last_day) as code) as tier
  left join bank.client_segment as band
    on band.branch_id = o.branch_id and band.client_id = o.client_id and band.axis = 'band'
    and band.superseded_at is null and daterange(band.effective_from, band.effective_until) @> b.last_day
  left join bank.client_segment as industry
    on industry.branch_id = o.branch_id and industry.client_id = o.client_id and industry.axis = 'industry'
    and industry.superseded_at is null and daterange(industry.effective_from, industry.effective_until) @> b.last_day
  left join lateral (
    select array_agg(k.speciality) as codes from bank.employee_speciality as k
    where k.employee_id = o.employee_id and k.superseded_at is null
      and daterange(k.effective_from, k.effective_until) @> b.last_day) as known on true
  left join lateral (
    select a.every_days from bank.contact_cadence as a
    where a.band in (band.segment, '*') and daterange(a.effective_from, a.effective_until) @> b.last_day
    order by a.band = '*' limit 1) as cadence on true
  left join lateral (
    select max(t.contacted_on) as last_on from bank.client_contact as t
    where t.branch_id = o.branch_id and t.client_id = o.client_id and t.contacted_on <= b.last_day) as contact on true
  left join lateral (
    -- Who was never spoken to is overdue from the day on which somebody had them first.
    select min(f.effective_from) as since from bank.assignment as f
    where f.superseded_at is null and f.branch_id = o.branch_id and f.client_id = o.client_id) as first_held on true
  group by o.employee_id
), summed as (
  select e.employee_id, e.number, u.code as unit, bank.tier_on(e.employee_id, b.last_day) as tier,
    coalesce(j.clients, 0) as clients, coalesce(c.accounts, 0) as accounts,
    round(coalesce(c.balance_days, 0) / b.days, 2) as adb, coalesce(j.outside_band, 0) as outside_band,
    coalesce(j.outside_speciality, 0) as outside_speciality, coalesce(j.contacts_overdue, 0) as contacts_overdue
  from bank.employee as e
  join bank.org_unit as u on u.org_unit_id = e.branch_id
  cross join bounds as b
  left join carried as c on c.employee_id = e.employee_id
  left join judged as j on j.employee_id = e.employee_id
  where c.employee_id is not null or j.employee_id is not null
), measured as (
  select s.*, (bank.tier_terms_on(s.tier, b.last_day)).client_capacity as capacity
  from summed as s cross join bounds as b
)
select unit, number as person, tier, clients, capacity::bigint as capacity,
  round(100.0 * clients / nullif(capacity, 0), 1) as load_percent, accounts, adb, outside_band, outside_speciality,
  contacts_overdue,
  coalesce(nullif(concat_ws(', ',
    case when clients > capacity then 'over capacity' end,
    case when outside_band > 0 then 'band too high for the tier' end,
    case when outside_speciality > 0 then 'outside the speciality' end,
    case when contacts_overdue > 0 then 'contacts overdue' end), ''), 'fits') as finding
from measured
order by unit collate "C", number collate "C"
