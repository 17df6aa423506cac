/* ---
title: {en: Collisions of claims to new clients, zh: 新客户归属争议}
description:
  en: >
    Cases in which several people claim one new client, by the day of the claim that opened them: who claims,
    in whose territory the client lies, how long the case has been open, and who decided it and why.
  zh: >
    多人争取同一新客户的案件：主张人、所属营销区域、历时天数、裁决人及理由。
parameters:
  - {name: from, type: date, description: {en: first day of opening, zh: 立案起始日}}
  - {name: to, type: date, default: today, description: {en: last day of opening, zh: 立案结束日}}
  - {name: state, type: text, default: all, choices: [all, open, decided], description: {en: which cases, zh: 案件状态}}
columns:
  - {name: collision_case, type: integer, title: {en: Case, zh: 案件号}}
  - {name: client, type: text, title: {en: Client, zh: 客户}}
  - {name: opened_on, type: date, title: {en: Opened on, zh: 立案日}}
  - {name: claimants, type: text, title: {en: Claimants, zh: 主张人}}
  - {name: territory, type: text, title: {en: Territory, zh: 区域}}
  - {name: days, type: integer, title: {en: Days, zh: 天数}, format: grouped}
  - {name: state, type: text, title: {en: State, zh: 状态}}
  - {name: winner, type: text, title: {en: Winner, zh: 归属}}
  - {name: decided_by, type: text, title: {en: Decided by, zh: 裁决人}}
  - {name: reason, type: text, title: {en: Reason, zh: 理由}}
roles: [head_office, branch, relationship_manager, risk, auditor]
--- */
select c.collision_case_id as collision_case, c.subject as client, c.opened_on,
  (select string_agg(e.number, ', ' order by l.client_claim_id)
   from bank.client_claim as l join bank.employee as e using (employee_id)
   where l.collision_case_id = c.collision_case_id) as claimants,
  (select string_agg(distinct t.code, ', ')
   from bank.client_claim as l join bank.territory as t using (territory_id)
   where l.collision_case_id = c.collision_case_id) as territory,
  (coalesce(c.decided_at::date, bank.report_day(:'to')) - c.opened_on)::bigint as days,
  case when c.decided_at is null then 'open' else 'decided' end as state,
  w.number as winner, d.number as decided_by, c.decision_reason as reason
from bank.collision_case as c
left join bank.employee as w on w.employee_id = c.winner_id
left join bank.employee as d on d.employee_id = c.decided_by_id
where c.opened_on >= bank.report_day(:'from') and c.opened_on <= bank.report_day(:'to')
  and :'state' in ('all', case when c.decided_at is null then 'open' else 'decided' end)
order by c.opened_on, c.collision_case_id
