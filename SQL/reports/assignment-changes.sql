/* ---
title: {en: Changes of assignments, zh: 管户变更}
description:
  en: >
    Every assignment that an order or a file began or ended within some days, by the day on which it was
    recorded: who looks after which client or account from when until when, who ordered it and why. An order
    that changes a share ends one assignment and begins another.
  zh: >
    所选日期内由指令或文件记录的管户开始与结束：谁自何时至何时管理哪个客户或账户、由谁下达及理由。变更分成的指令结束一条并开始一条。
parameters:
  - {name: from, type: date, description: {en: first day of recording, zh: 记录起始日}}
  - {name: to, type: date, default: today, description: {en: last day of recording, zh: 记录结束日}}
  - {name: under, type: unit, default: all, description: {en: "only clients and accounts of this unit and below it, or all", zh: 仅此机构及其下级的客户与账户，或 all}}
columns:
  - {name: recorded_on, type: date, title: {en: Recorded on, zh: 记录日}}
  - {name: entry, type: integer, title: {en: Order, zh: 指令号}}
  - {name: verb, type: text, title: {en: Verb, zh: 操作}}
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: subject, type: text, title: {en: Client or account, zh: 客户或账户}}
  - {name: effect, type: text, title: {en: Effect, zh: 变更}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: role, type: text, title: {en: Role, zh: 角色}}
  - {name: share_percent, type: amount, title: {en: Share, zh: 分成}, format: percent}
  - {name: effective_from, type: date, title: {en: From, zh: 起始日}}
  - {name: effective_until, type: date, title: {en: Until, zh: 截止日}}
  - {name: ordered_by, type: text, title: {en: Ordered by, zh: 下达人}}
  - {name: reason, type: text, title: {en: Reason, zh: 理由}}
roles: [head_office, branch, risk, auditor, loader]
--- */
with below as (
  select p.org_unit_id
  from bank.org_places(current_date) as p
  where :'under' = 'all' or p.path <@ (select t.path from bank.org_places(current_date) as t where t.code = :'under')
), changed as (
  select a.*, s.effect, s.at, s.order_id
  from bank.assignment as a
  cross join lateral (values
    ('begins', a.recorded_at, a.entry_id), ('ends', a.superseded_at, a.superseding_entry_id)) as s (effect, at, order_id)
  where s.order_id is not null and s.at >= bank.report_day(:'from') and s.at < bank.report_day(:'to') + 1
)
select c.at::date as recorded_on, o.coverage_entry_id as entry, o.verb::text as verb, u.code as unit,
  coalesce(l.number, t.number) as subject, c.effect, e.number as person, c.role::text as role,
  round(100 * c.share, 2) as share_percent, c.effective_from, c.effective_until, o.made_by as ordered_by, o.reason
from changed as c
join below as w on w.org_unit_id = c.branch_id
join bank.coverage_entry as o on o.coverage_entry_id = c.order_id
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = c.branch_id
left join bank.client as l on l.branch_id = c.branch_id and l.client_id = c.client_id
left join bank.account as t on t.branch_id = c.branch_id and t.account_id = c.account_id
order by o.coverage_entry_id, coalesce(l.number, t.number) collate "C", c.effect desc, e.number collate "C", c.effective_from
