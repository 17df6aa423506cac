-- What needs approval, and how it is carried out: one function an action, named in bank.approval_action. Each
-- calls the verb that was ordered. Triggers stand behind the verbs, so that an update by hand passes over no rule.

create or replace function bank.set_approval_rule(
  of_action text, roles text[], post_kinds text[], approvers integer, threshold numeric, expires_after_days integer,
  since date, until date, why text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  at constant timestamptz := clock_timestamp();
  waiting bigint;
  entry bigint;
begin
  if not exists (select 1 from bank.approval_action as a where a.code = of_action) then
    perform bank.refuse_order('approval_action_is_known', 'approval_rule', format('there is no action “%s”', of_action),
      format('Choose one of %s.', (select string_agg(a.code, ', ' order by a.code) from bank.approval_action as a)),
      'foreign_key_violation');
  end if;
  waiting := bank.await_approval('approval_rule', of_action || ' from ' || threshold,
    format('rule of %s from %s on', of_action, since),
    jsonb_build_object('action', of_action, 'roles', coalesce(roles, '{}'), 'post_kinds', coalesce(post_kinds, '{}'), 'approvers', approvers,
      'threshold', threshold, 'expires_after_days', expires_after_days, 'since', since, 'until', until, 'reason', why),
    null, null, '{}', why);
  if waiting is not null then
    return -waiting;
  end if;
  if not bank.approval_is_applied('approval_rule', of_action || ' from ' || threshold) then
    perform bank.require_role('head_office', 'risk');
  end if;
  -- The rule on record gives way on the days of the new one.
  with gone as (
    update bank.approval_rule as r set superseded_at = at
    where r.action = of_action and r.threshold = set_approval_rule.threshold and r.superseded_at is null
      and daterange(r.effective_from, r.effective_until) && daterange(since, set_approval_rule.until)
    returning r.*
  )
  insert into bank.approval_rule (action, approver_roles, approver_post_kinds, approvers, threshold, expires_after_days,
    effective_from, effective_until, reason, recorded_at)
  select g.action, g.approver_roles, g.approver_post_kinds, g.approvers, g.threshold, g.expires_after_days,
    g.effective_from, since, g.reason, at
  from gone as g where g.effective_from < since
  union all
  select g.action, g.approver_roles, g.approver_post_kinds, g.approvers, g.threshold, g.expires_after_days,
    set_approval_rule.until, g.effective_until, g.reason, at
  from gone as g
  where set_approval_rule.until is not null and (g.effective_until is null or g.effective_until > set_approval_rule.until)
  union all
  select of_action, coalesce(roles, '{}'), coalesce(post_kinds, '{}'), set_approval_rule.approvers, set_approval_rule.threshold,
    set_approval_rule.expires_after_days, since, set_approval_rule.until, why, at
  from (select count(*) from gone) as after_gone
  where set_approval_rule.approvers > 0;
  select max(r.approval_rule_id) into entry from bank.approval_rule as r
  where r.action = of_action and r.recorded_at = at;
  return coalesce(entry, 0);
end
$$;
comment on function bank.set_approval_rule(text, text[], text[], integer, numeric, integer, date, date, text) is 'Sets who approves an action from a day on; with 0 approvers nobody need any more. A rule on record for the same threshold gives way on those days. Returns the key of the rule, or the number of the approval it waits for, as a negative number';

create or replace function bank.apply_approval_rule(request jsonb) returns text
language plpgsql as $$
begin
  return bank.set_approval_rule(request ->> 'action',
    array(select jsonb_array_elements_text(request -> 'roles')),
    array(select jsonb_array_elements_text(request -> 'post_kinds')),
    (request ->> 'approvers')::integer, (request ->> 'threshold')::numeric, (request ->> 'expires_after_days')::integer,
    (request ->> 'since')::date, (request ->> 'until')::date, request ->> 'reason')::text;
end
$$;
comment on function bank.apply_approval_rule(jsonb) is 'Sets a rule that was approved';

-- Plans --------------------------------------------------------------------------------------------------

create or replace function bank.activate_plan(plan integer) returns bigint
language plpgsql as $$
declare
  known bank.plan;
  waiting bigint;
begin
  select * into known from bank.plan as p where p.plan_id = plan;
  waiting := bank.await_approval('plan_activation', plan::text, format('plan %s, version %s', known.code, known.version),
    jsonb_build_object('plan_id', plan, 'digest', encode(known.digest, 'hex')), null, null, '{}');
  if waiting is null then
    insert into bank.plan_activation (plan_id) values (plan) on conflict do nothing;
  end if;
  return waiting;
end
$$;
comment on function bank.activate_plan(integer) is 'Lets a version of a plan pay, or proposes that; returns the number of the approval it waits for, or null';

create or replace function bank.activate_new_plans() returns trigger
language plpgsql as $$
begin
  perform bank.activate_plan(p.plan_id) from entered as p;
  return null;
end
$$;
comment on function bank.activate_new_plans() is 'Trigger: a plan that is loaded may pay, unless a rule asks for a second person';
create or replace trigger plan_is_activated after insert on bank.plan
  referencing new table as entered for each statement execute function bank.activate_new_plans();

create or replace function bank.apply_plan_activation(request jsonb) returns text
language plpgsql as $$
begin
  return bank.activate_plan((request ->> 'plan_id')::integer)::text;
end
$$;
comment on function bank.apply_plan_activation(jsonb) is 'Lets a plan pay that was approved';

create or replace function bank.check_plan_activations() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from entered as p
    where (bank.approval_rule_for('plan_activation', null, bank.access_day())).approval_rule_id is not null
      and not bank.approval_is_applied('plan_activation', p.plan_id::text)) then
    perform bank.refuse_order('plan_activation_is_approved', 'plan_activation',
      'a plan comes into force by an approval', 'Load it with banyan plan load, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_plan_activations() is 'Trigger: while a rule asks for a second person, no plan is activated without one';
create or replace trigger plan_activation_is_approved after insert on bank.plan_activation
  referencing new table as entered for each statement execute function bank.check_plan_activations();
create or replace trigger plan_activation_stays before update or delete or truncate on bank.plan_activation
  for each statement execute function bank.refuse_alteration(
    'approvals_stay', 'what was proposed, decided and done stays on record', 'Order the contrary instead.');

-- Tiers, transfers, access -------------------------------------------------------------------------------

create or replace function bank.apply_tier_decision(request jsonb) returns text
language plpgsql as $$
begin
  return bank.decide_tier_review((request ->> 'review')::bigint, request ->> 'decided_by',
    (request ->> 'effective_from')::date, request ->> 'tier', request ->> 'reason')::text;
end
$$;
comment on function bank.apply_tier_decision(jsonb) is 'Decides a tier review as it was approved';

create or replace function bank.check_tier_decisions() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select n.tier_review_id into wrong
  from earlier as o join later as n using (tier_review_id)
  where o.decided_at is null and n.decided_at is not null
    and (bank.approval_rule_for('tier_decision', null, bank.access_day())).approval_rule_id is not null
    and not bank.approval_is_applied('tier_decision', n.tier_review_id::text)
  limit 1;
  if found then
    perform bank.refuse_order('tier_decision_is_approved', 'tier_review', format('review %s is decided by an approval', wrong.tier_review_id),
      'Propose it with banyan tier review decide, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_tier_decisions() is 'Trigger: while a rule asks for a second person, no tier review is decided without one';
create or replace trigger tier_decision_is_approved after update on bank.tier_review
  referencing old table as earlier new table as later for each statement execute function bank.check_tier_decisions();

create or replace function bank.apply_assignment_transfer(request jsonb) returns text
language plpgsql as $$
begin
  perform bank.apply_transfer((request ->> 'transfer')::bigint);
  return request ->> 'transfer';
end
$$;
comment on function bank.apply_assignment_transfer(jsonb) is 'Carries a transfer out that was approved';

create or replace function bank.check_approved_transfers() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select n.transfer_id into wrong
  from earlier as o join later as n using (transfer_id)
  where o.state <> 'effective' and n.state = 'effective'
    and (bank.approval_rule_for('assignment_transfer', n.clients, bank.access_day())).approval_rule_id is not null
    and not bank.approval_is_applied('assignment_transfer', n.transfer_id::text)
  limit 1;
  if found then
    perform bank.refuse_order('transfer_is_approved', 'transfer', format('transfer %s takes effect by an approval', wrong.transfer_id),
      'Let another person approve it: banyan approval list.');
  end if;
  return null;
end
$$;
comment on function bank.check_approved_transfers() is 'Trigger: while a rule asks for a second person, no transfer takes effect without one';
create or replace trigger transfer_is_approved after update on bank.transfer
  referencing old table as earlier new table as later for each statement execute function bank.check_approved_transfers();

create or replace function bank.check_approved_moves() returns trigger
language plpgsql as $$
declare
  today constant date := bank.access_day();
  moved bigint;
begin
  if (bank.approval_rule_for('assignment_transfer', null, today)).approval_rule_id is null then
    return null;
  end if;
  -- An approved transfer moves what stands on its list. What a contested claim has given goes back by the case.
  select count(distinct (n.branch_id, n.client_id, n.account_id)) into moved
  from earlier as o
  join later as n using (branch_id, assignment_id)
  where o.superseded_at is null and n.superseded_at is not null
    and not exists (
      select 1 from bank.approval as a
      join bank.transfer_item as i on i.transfer_id = a.subject_key::bigint
      where a.action = 'assignment_transfer' and a.state = 'applied' and a.closed_at = now() and i.fate <> 'stays'
        and i.branch_id = n.branch_id and i.client_id is not distinct from n.client_id
        and i.account_id is not distinct from n.account_id)
    and not exists (
      select 1 from bank.client_claim as c
      join bank.collision_case as k on k.subject_key = c.subject_key and k.decided_at is null
      where c.coverage_entry_id = n.entry_id);
  if moved > 0 and (bank.approval_rule_for('assignment_transfer', moved, today)).approval_rule_id is not null then
    perform bank.refuse_order('assignment_transfer_is_approved', 'assignment',
      format('to take %s from who has %s needs an approval', case moved when 1 then 'a client or account' else moved || ' clients or accounts' end,
        case moved when 1 then 'it' else 'them' end),
      'Propose a transfer with banyan transfer propose, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_approved_moves() is 'Trigger: while a rule asks for a second person, clients and accounts leave who has them by an approved transfer only, whichever verb or file asks for it';
create or replace trigger assignment_transfer_is_approved after update on bank.assignment
  referencing old table as earlier new table as later for each statement execute function bank.check_approved_moves();

create or replace function bank.apply_access_grant(request jsonb) returns text
language plpgsql as $$
begin
  return bank.enter_access_grant(request)::text;
end
$$;
comment on function bank.apply_access_grant(jsonb) is 'Grants access that was approved';

create or replace function bank.apply_access_revocation(request jsonb) returns text
language plpgsql as $$
begin
  return bank.revoke_access(request ->> 'login', request ->> 'role', request ->> 'unit', (request ->> 'on_day')::date,
    request ->> 'reason')::text;
end
$$;
comment on function bank.apply_access_revocation(jsonb) is 'Revokes access as it was approved';

create or replace function bank.check_new_grants() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  if (bank.approval_rule_for('access_grant', null, bank.access_day())).approval_rule_id is null then
    return null;
  end if;
  -- What remains of a grant that was given an end is no new one.
  select g.login, g.role into wrong from entered as g
  where not bank.approval_is_applied('access_grant', concat_ws(' ', g.login, g.role, g.org_unit_id))
    and not exists (
      select 1 from bank.access_grant as o
      where o.access_grant_id = g.continues_id and o.superseded_at = g.recorded_at
        and (o.login, o.role, o.employee_id, o.org_unit_id, o.post_kind, o.effective_from)
          is not distinct from (g.login, g.role, g.employee_id, g.org_unit_id, g.post_kind, g.effective_from)
        and (o.effective_until is null or o.effective_until > g.effective_until))
  limit 1;
  if found then
    perform bank.refuse_order('access_grant_is_approved', 'access_grant',
      format('%s for the login “%s” is granted by an approval', wrong.role, wrong.login),
      'Propose it with banyan access grant, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_new_grants() is 'Trigger: while a rule asks for a second person, no access is granted without one';
create or replace trigger access_grant_is_approved after insert on bank.access_grant
  referencing new table as entered for each statement execute function bank.check_new_grants();

create or replace function bank.check_ended_grants() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  if (bank.approval_rule_for('access_revocation', null, bank.access_day())).approval_rule_id is null then
    return null;
  end if;
  select o.login, o.role into wrong
  from earlier as o join later as n using (access_grant_id)
  where o.superseded_at is null and n.superseded_at is not null
    and not exists (
      select 1 from bank.approval as a
      where a.action = 'access_revocation' and a.state = 'applied' and a.closed_at = now()
        and a.request ->> 'login' = o.login and coalesce(a.request ->> 'role', o.role) = o.role)
  limit 1;
  if found then
    perform bank.refuse_order('access_revocation_is_approved', 'access_grant',
      format('%s of the login “%s” is revoked by an approval', wrong.role, wrong.login),
      'Propose it with banyan access revoke, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_ended_grants() is 'Trigger: while a rule asks for a second person, no access is revoked without one';
create or replace trigger access_revocation_is_approved after update on bank.access_grant
  referencing old table as earlier new table as later for each statement execute function bank.check_ended_grants();

-- For commands -------------------------------------------------------------------------------------------

create or replace function bank.open_approval(of_action text, key text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return (select a.approval_id from bank.approval as a
    where a.action = of_action and a.subject_key = key and a.state in ('proposed', 'approved') and a.expires_at > now());
end
$$;
comment on function bank.open_approval(text, text) is 'The number of the proposal about something that waits; null without one';
