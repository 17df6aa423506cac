/* ---
title: {en: "Loans and those in arrears, by unit", zh: 贷款质量（按机构）}
description:
  en: >
    Loans granted up to the end of a month that still run, as their last file tells of them, by unit of the
    tree of today: all, those overdue, and those that ended unpaid. The ratio is the amount of loans overdue
    or unpaid to all that run or ended unpaid, from exact amounts; it is rounded for print only, so that no
    band is chosen by a rounded figure.
  zh: >
    截至月末已发放且按最新文件仍存续的贷款，按今日机构树：全部、逾期及到期未还。不良率为逾期与未还金额占存续及未还金额之比，按精确金额计算，仅在显示时四舍五入。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
  - {name: level, type: text, default: standard, choices: [standard, all, bank, region, branch, sub_branch, outlet, department, section, city_office], description: {en: "levels to show: standard is bank, region and branch", zh: 显示层级：standard 为全行、分行、网点}}
  - {name: under, type: unit, default: all, description: {en: "only this unit and what lies below it, or all", zh: 仅此机构及其下级，或 all}}
columns:
  - {name: level, type: text, title: {en: Level, zh: 层级}}
  - {name: code, type: text, title: {en: Code, zh: 机构号}}
  - {name: name, type: text, title: {en: Name, zh: 名称}}
  - {name: loans, type: integer, title: {en: Loans, zh: 贷款笔数}, format: grouped}
  - {name: amount, type: amount, title: {en: Amount, zh: 金额}, unit: currency}
  - {name: overdue, type: integer, title: {en: Overdue, zh: 逾期笔数}, format: grouped}
  - {name: overdue_amount, type: amount, title: {en: Amount overdue, zh: 逾期金额}, unit: currency}
  - {name: unpaid, type: integer, title: {en: Ended unpaid, zh: 到期未还笔数}, format: grouped}
  - {name: unpaid_amount, type: amount, title: {en: Amount unpaid, zh: 未还金额}, unit: currency}
  - {name: ratio_percent, type: amount, title: {en: Ratio, zh: 不良率}, format: percent}
chart: {kind: bar, category: name, values: [ratio_percent], only: {level: branch}}
roles: [head_office, branch, risk, auditor]
--- */
with place as materialized (
  select p.*, case p.level when 'head_office' then 'bank' else p.level::text end as label
  from bank.org_places(current_date) as p
), unit as (
  select u.*
  from place as u
  where u.is_open
    and case :'level' when 'all' then true when 'standard' then u.label in ('bank', 'region', 'branch') else u.label = :'level' end
    and (:'under' = 'all' or u.path <@ (select t.path from place as t where t.code = :'under'))
), booked as (
  select branch_id, count(*) filter (where status <> 'finished') as loans, sum(amount) filter (where status <> 'finished') as amount,
    count(*) filter (where status = 'overdue') as overdue, sum(amount) filter (where status = 'overdue') as overdue_amount,
    count(*) filter (where status = 'unpaid') as unpaid, sum(amount) filter (where status = 'unpaid') as unpaid_amount
  from bank.loan
  where granted_on < to_date(:'month', 'YYYY-MM') + interval '1 month'
  group by branch_id
), summed as (
  select u.level, u.label, u.code, u.name, coalesce(sum(b.loans), 0) as loans, coalesce(sum(b.amount), 0) as amount,
    coalesce(sum(b.overdue), 0) as overdue, coalesce(sum(b.overdue_amount), 0) as overdue_amount,
    coalesce(sum(b.unpaid), 0) as unpaid, coalesce(sum(b.unpaid_amount), 0) as unpaid_amount
  from unit as u
  left join place as p on p.path <@ u.path
  left join booked as b on b.branch_id = p.org_unit_id
  group by u.level, u.label, u.code, u.name
)
select s.label as level, s.code, s.name, s.loans::bigint as loans, round(s.amount, i.minor_unit_digits) as amount,
  s.overdue::bigint as overdue, round(s.overdue_amount, i.minor_unit_digits) as overdue_amount,
  s.unpaid::bigint as unpaid, round(s.unpaid_amount, i.minor_unit_digits) as unpaid_amount,
  round(100 * (s.overdue_amount + s.unpaid_amount) / nullif(s.amount, 0), 4) as ratio_percent
from summed as s
cross join bank.institution as i
order by s.level, length(s.code) * (s.code ~ '^\d+$')::integer, s.code
