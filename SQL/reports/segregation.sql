/* ---
title: {en: Segregation of duties, zh: 职责分离}
description:
  en: >
    Who holds roles that one person should not hold together, who decided about whose work and how often, who
    approve each other's proposals, logins that have left no trace for long, rights beyond the post, and
    memberships of group roles that no grant gives. Which roles exclude each other and which posts they go
    with stand in bank.access_conflict and bank.access_role_post. For auditors.
  zh: >
    同时持有互斥角色的人员、谁审批了谁的工作及次数、互相审批、长期无操作的登录名、超出岗位的权限、无授权的组角色成员。供审计使用。
parameters:
  - {name: dormant_days, type: integer, default: 90, description: {en: days without a trace after which a login is dormant, zh: 视为休眠的无操作天数}}
columns:
  - {name: finding, type: text, title: {en: Finding, zh: 发现}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: login, type: text, title: {en: Login, zh: 登录名}}
  - {name: about, type: text, title: {en: About, zh: 对象}}
  - {name: times, type: integer, title: {en: Times, zh: 次数}}
  - {name: detail, type: text, title: {en: Detail, zh: 说明}}
roles: [auditor]
--- */
with held as (
  select g.access_grant_id, g.login, g.role, g.employee_id, e.number, g.org_unit_id, g.effective_from
  from bank.access_grant as g
  left join bank.employee as e using (employee_id)
  where g.superseded_at is null and daterange(g.effective_from, g.effective_until) @> bank.access_day()
), login as (
  select * from bank.access_logins()
), place as (
  select p.org_unit_id, p.code, p.path from bank.org_places(bank.access_day()) as p
), post as (
  select p.employee_id, p.kind, p.org_unit_id, k.title, k.approves
  from bank.post as p join bank.post_kind as k using (kind)
  where p.superseded_at is null and daterange(p.effective_from, p.effective_until) @> bank.access_day()
), conflict as (
  select distinct coalesce(a.number, b.number) as person,
    case when a.login = b.login then a.login else least(a.login, b.login) || ', ' || greatest(a.login, b.login) end as login,
    c.role || ' and ' || c.other_role as about, c.reason
  from bank.access_conflict as c
  join held as a on a.role = c.role
  join held as b on b.role = c.other_role and (b.login = a.login or b.employee_id = a.employee_id)
), decision as (
  -- Decisions that are on record today: of tier reviews, claims, departures and handovers. Who proposed is a
  -- person, or the person behind the login of the entry.
  select 'tier review' as kind, r.decided_by_id as decider_id, coalesce(b.employee_id, 0) as author_id,
    case when b.employee_id is null then r.proposed_by end as author_login
  from bank.tier_review as r
  left join lateral (
    select g.employee_id from bank.access_grant as g
    where g.login = r.proposed_by and g.superseded_at is null
      and daterange(g.effective_from, g.effective_until) @> r.proposed_at::date limit 1) as b on true
  where r.decided_by_id is not null
  union all
  select 'collision of claims', c.decided_by_id, l.employee_id, null
  from bank.collision_case as c join bank.client_claim as l using (collision_case_id)
  where c.decided_by_id is not null and not l.from_territory
  union all
  select 'departure audit', d.auditor_id, d.opened_by_id, null from bank.departure as d where d.auditor_id is not null
  union all
  select 'witness of a handover', h.witness_id, h.giver_id, null from bank.handover as h where h.witness_signed_on is not null
  union all
  select 'acceptance of a transfer', r.employee_id, t.proposed_by_id, null
  from bank.transfer as t join bank.transfer_receiver as r using (transfer_id)
  where r.accepted_at is not null
  union all
  select 'approval of ' || replace(a.action, '_', ' '), d.employee_id, coalesce(a.proposed_by_id, a.named_id, 0),
    case when coalesce(a.proposed_by_id, a.named_id) is null then a.proposed_by end
  from bank.approval_decision as d join bank.approval as a using (approval_id)
  where d.approves
), mutual as (
  select a.employee_id as one_id, b.employee_id as other_id, count(distinct a.approval_id) + count(distinct b.approval_id) as times
  from bank.approval_decision as a
  join bank.approval as of_a using (approval_id)
  join bank.approval_decision as b on b.employee_id = of_a.proposed_by_id and b.approves
  join bank.approval as of_b on of_b.approval_id = b.approval_id and of_b.proposed_by_id = a.employee_id
  where a.approves and a.employee_id < b.employee_id
  group by a.employee_id, b.employee_id
), finding as (
  select 1 as place, 'incompatible roles' as finding, person, login, about, null::bigint as times, reason as detail from conflict
  union all
  select 2, case when d.decider_id = d.author_id then 'decided about own work' else 'decided about the work of another' end,
    p.number, null, coalesce(a.number, d.author_login), count(*), d.kind
  from decision as d
  left join bank.employee as p on p.employee_id = d.decider_id
  left join bank.employee as a on a.employee_id = d.author_id
  group by d.decider_id, d.author_id, d.author_login, p.number, a.number, d.kind
  union all
  select 2, 'approve each other''s proposals', p.number, null, o.number, m.times, 'what one proposes the other approves, both ways'
  from mutual as m
  join bank.employee as p on p.employee_id = m.one_id
  join bank.employee as o on o.employee_id = m.other_id
  union all
  select 3, 'dormant login', (select min(h.number) from held as h where h.login = l.login), l.login,
    (select string_agg(h.role, ', ' order by h.role) from held as h where h.login = l.login), null,
    coalesce('last trace on ' || l.last_act::date, 'no trace at all')
  from login as l
  where exists (
      select 1 from held as h where h.login = l.login and h.effective_from <= bank.access_day() - :'dormant_days'::integer)
    and coalesce(l.last_act, '-infinity') < bank.access_day() - :'dormant_days'::integer
  union all
  select 4, 'right beyond the post', h.number, h.login, h.role, null,
    coalesce('holds ' || (select string_agg(distinct p.kind, ', ') from post as p where p.employee_id = h.employee_id), 'holds no post')
  from held as h
  where h.employee_id is not null
    and exists (select 1 from bank.access_role_post as f where f.role = h.role)
    and not exists (
      select 1 from post as p join bank.access_role_post as f on f.role = h.role and f.post_kind = p.kind
      where p.employee_id = h.employee_id)
  union all
  select 4, 'right beyond the post', h.number, h.login, h.role || ' of ' || u.code, null,
    'the posts are at ' || (
      select string_agg(distinct w.code, ', ') from post as p join place as w using (org_unit_id) where p.employee_id = h.employee_id)
  from held as h
  join place as u using (org_unit_id)
  where exists (select 1 from post as p where p.employee_id = h.employee_id)
    and not exists (
      select 1 from post as p join place as w using (org_unit_id)
      where p.employee_id = h.employee_id and u.path <@ w.path)
  union all
  select 5, 'membership without a grant', null, l.login, m.group_role, null, 'it gives no row by itself; `banyan access revoke`, or revoke it on the server'
  from login as l
  cross join lateral unnest(l.group_roles) as m (group_role)
  join bank.access_role as r on r.group_role = m.group_role
  where not exists (select 1 from held as h where h.login = l.login and h.role = r.code)
  union all
  select 6, 'login beyond the policies', (select min(h.number) from held as h where h.login = l.login), l.login, null, null,
    case when l.exists_here then 'is a superuser, passes over row security or owns the schema' else 'the server has no such login any more' end
  from login as l
  where not l.is_subject and exists (select 1 from held as h where h.login = l.login)
)
select finding, person, login, about, times, detail
from finding
order by place, finding, person collate "C", login collate "C", about collate "C", detail collate "C"
