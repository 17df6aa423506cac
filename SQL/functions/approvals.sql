-- Maker and checker. A verb that may need a second person asks bank.await_approval, which lets it act, or puts
-- the order on record as a proposal. When enough others have approved, the order is carried out, once, by the
-- same verb: in that transaction, and in no other, bank.await_approval lets it act.

create or replace function bank.approval_rule_for(of_action text, size numeric, day date) returns bank.approval_rule
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  found_rule bank.approval_rule;
begin
  select * into found_rule from bank.approval_rule as r
  where r.action = of_action and r.superseded_at is null and daterange(r.effective_from, r.effective_until) @> day
    and (size is null or r.threshold <= size)
  order by r.threshold desc limit 1;
  return found_rule;
end
$$;
comment on function bank.approval_rule_for(text, numeric, date) is 'The rule that an action of some size needs approval by on a day: that of the highest threshold reached; nothing if it needs none';

create or replace function bank.approval_is_applied(of_action text, key text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  -- An application bears the time of its transaction, so no other transaction can lean on it.
  return exists (
    select 1 from bank.approval as a
    where a.action = of_action and a.subject_key = key and a.state = 'applied' and a.closed_at = now());
end
$$;
comment on function bank.approval_is_applied(text, text) is 'Whether an approved proposal about something is being carried out in this transaction';

create or replace function bank.await_approval(
  of_action text, key text, about text, request jsonb, size numeric, named integer, concerned integer[],
  why text default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  rule bank.approval_rule := bank.approval_rule_for(of_action, size, bank.access_day());
  acting constant integer := bank.acting_person();
  proposal bank.approval;
begin
  if rule.approval_rule_id is null then
    return null;
  end if;
  if exists (
    select 1 from bank.approval as a
    where a.action = of_action and a.subject_key = key and a.state = 'applied' and a.closed_at = now()
      and (a.subject, a.request, a.amount, a.named_id, a.concerned_ids)
        is not distinct from (about, await_approval.request, size, named, coalesce(concerned, '{}'))) then
    return null;
  end if;
  perform bank.require_role(variadic (select a.proposer_roles from bank.approval_action as a where a.code = of_action));
  -- Two who propose the same take turns.
  perform pg_advisory_xact_lock(hashtextextended('approval of ' || of_action || ' ' || key, 0));
  update bank.approval as a set state = 'expired', closed_at = now(), closed_by = session_user
  where a.action = of_action and a.subject_key = key and a.state in ('proposed', 'approved') and a.expires_at <= now();
  select * into proposal from bank.approval as a
  where a.action = of_action and a.subject_key = key and a.state in ('proposed', 'approved');
  if not found then
    insert into bank.approval (action, subject_key, subject, request, amount, approval_rule_id, approvers,
      proposed_by_id, named_id, concerned_ids, reason, expires_at)
    values (of_action, key, about, request, size, rule.approval_rule_id, rule.approvers, acting, named,
      coalesce(concerned, '{}'), why, now() + make_interval(days => rule.expires_after_days))
    returning * into proposal;
  elsif (proposal.request, proposal.amount) is distinct from (request, size) then
    perform bank.refuse_order('approval_is_open_once', 'approval',
      format('another order about %s waits as approval %s', proposal.subject, proposal.approval_id),
      'Let it be decided, or withdraw it first.', 'unique_violation');
  end if;
  return proposal.approval_id;
end
$$;
comment on function bank.await_approval(text, text, text, jsonb, numeric, integer, integer[], text) is 'Asked by every verb that may need a second person: null lets it act, because no rule is in force or because this very order was approved and is being carried out; otherwise the number of the proposal that now waits';

create or replace function bank.known_approval(approval bigint) returns bank.approval
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  proposal bank.approval;
begin
  select * into proposal from bank.approval as a where a.approval_id = approval for update;
  if not found then
    perform bank.refuse_order('approval_is_known', 'approval', format('there is no approval %s on record', approval),
      'See the numbers with banyan approval list.', 'foreign_key_violation');
  elsif proposal.closed_at is not null then
    perform bank.refuse_order('approval_is_open', 'approval',
      format('approval %s (%s) is %s since %s', approval, proposal.subject, proposal.state, proposal.closed_at::date),
      'Propose it anew if it is still wanted.', 'restrict_violation');
  elsif proposal.expires_at <= now() then
    perform bank.refuse_order('approval_is_open', 'approval',
      format('approval %s (%s) has expired on %s', approval, proposal.subject, proposal.expires_at::date),
      'Propose it anew if it is still wanted.', 'restrict_violation');
  end if;
  return proposal;
end
$$;
comment on function bank.known_approval(bigint) is 'A proposal that is open, locked; refuses any other';

create or replace function bank.decide_approval(approval bigint, approves boolean, why text default null)
returns bank.approval_state
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  proposal constant bank.approval := bank.known_approval(approval);
  acting constant integer := bank.acting_person();
begin
  if acting is null then
    perform bank.refuse_order('approval_is_a_persons', 'approval_decision',
      format('the login “%s” is nobody''s, and a decision is a person''s own', session_user),
      'Decide under a login that was granted to a person.');
  end if;
  insert into bank.approval_decision (approval_id, employee_id, approves, reason)
  values (approval, acting, decide_approval.approves, why);
  if not approves then
    update bank.approval as a set state = 'rejected', closing_reason = why, closed_by = session_user, closed_at = now()
    where a.approval_id = approval;
    return 'rejected';
  end if;
  if (select count(*) from bank.approval_decision as d where d.approval_id = approval and d.approves) < proposal.approvers then
    return 'proposed';
  end if;
  if proposal.state = 'proposed' then
    update bank.approval as a set state = 'approved' where a.approval_id = approval;
  end if;
  return bank.apply_approval(approval);
end
$$;
comment on function bank.decide_approval(bigint, boolean, text) is 'The person of the session approves or rejects a proposal; the last approval that is needed carries it out. Returns the state that it has then: approved means that something stands in the way';

create or replace function bank.apply_approval(approval bigint) returns bank.approval_state
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  proposal constant bank.approval := bank.known_approval(approval);
  carried_out_by constant text := (select a.apply_function from bank.approval_action as a where a.code = proposal.action);
  done text;
  message text;
  advice text;
begin
  if proposal.state <> 'approved' then
    perform bank.refuse_order('approval_comes_first', 'approval',
      format('approval %s (%s) is not approved: %s of %s have approved', approval, proposal.subject,
        (select count(*) from bank.approval_decision as d where d.approval_id = approval and d.approves), proposal.approvers),
      format('Let them decide: banyan approval approve %s.', approval));
  end if;
  begin
    update bank.approval as a set state = 'applied', obstacle = null, closed_by = session_user, closed_at = now()
    where a.approval_id = approval;
    execute format('select bank.%I($1)', carried_out_by) into done using proposal.request;
    return 'applied';
  exception when integrity_constraint_violation or cardinality_violation or no_data_found or invalid_parameter_value then
    get stacked diagnostics message = message_text, advice = pg_exception_hint;
  end;
  update bank.approval as a
  set obstacle = rtrim(message, '.') || coalesce('; ' || lower(left(nullif(advice, ''), 1)) || rtrim(substr(advice, 2), '.'), '')
  where a.approval_id = approval;
  return 'approved';
end
$$;
comment on function bank.apply_approval(bigint) is 'Carries an approved proposal out, once; what stands in the way is put on record, and it can be tried again until it expires. Returns the state that it has then';

create or replace function bank.withdraw_approval(approval bigint, why text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  proposal constant bank.approval := bank.known_approval(approval);
begin
  if session_user::text <> proposal.proposed_by
    and bank.acting_person() is distinct from coalesce(proposal.proposed_by_id, proposal.named_id, 0) then
    perform bank.refuse_order('approval_is_withdrawn_by_who_proposed_it', 'approval',
      format('approval %s (%s) was proposed by the login “%s”', approval, proposal.subject, proposal.proposed_by),
      'Who proposed it withdraws it; others reject it.');
  end if;
  update bank.approval as a set state = 'withdrawn', closing_reason = coalesce(why, ''), closed_by = session_user, closed_at = now()
  where a.approval_id = approval;
end
$$;
comment on function bank.withdraw_approval(bigint, text) is 'Who proposed something takes it back, with a reason';

create or replace function bank.expire_approvals() returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  expired bigint;
begin
  update bank.approval as a set state = 'expired', closed_at = now(), closed_by = session_user
  where a.approval_id in (
    select o.approval_id from bank.approval as o
    where o.state in ('proposed', 'approved') and o.expires_at <= now() for update skip locked);
  get diagnostics expired = row_count;
  return expired;
end
$$;
comment on function bank.expire_approvals() is 'Closes the proposals whose time is over; returns how many. It only tidies: what is over its time can be neither approved nor applied';

-- Guards -------------------------------------------------------------------------------------------------

create or replace function bank.check_approval_rules() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select k.kind, k.title into wrong from entered as r cross join unnest(r.approver_post_kinds) as p (kind)
  join bank.post_kind as k on k.kind = p.kind where k.manages_clients limit 1;
  if found then
    perform bank.refuse_order('approval_rule_is_not_for_managers', 'approval_rule',
      format('a post of kind %s manages clients, and who manages clients never approves', wrong.kind), 'Name another kind of post.');
  end if;
  select p.kind into wrong from entered as r cross join unnest(r.approver_post_kinds) as p (kind)
  where not exists (select 1 from bank.post_kind as k where k.kind = p.kind) limit 1;
  if found then
    perform bank.refuse_order('post_kind_is_known', 'approval_rule', format('there is no kind of post “%s”', wrong.kind),
      format('Choose of %s.', (select string_agg(k.kind, ', ' order by k.kind) from bank.post_kind as k where not k.manages_clients)),
      'foreign_key_violation');
  end if;
  select p.role into wrong from entered as r cross join unnest(r.approver_roles) as p (role)
  where not exists (select 1 from bank.access_role as k where k.code = p.role and k.changes) limit 1;
  if found then
    perform bank.refuse_order('access_role_is_known', 'approval_rule', format('there is no role “%s” that may decide', wrong.role),
      format('Choose of %s.', (select string_agg(k.code, ', ' order by k.code) from bank.access_role as k
        where k.changes and k.code not in ('relationship_manager', 'loader'))),
      'foreign_key_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_approval_rules() is 'Trigger: a rule names roles and posts that exist, and none that manages clients';
create or replace trigger approval_rule_after_insert after insert on bank.approval_rule
  referencing new table as entered for each statement execute function bank.check_approval_rules();

create or replace function bank.check_superseded_rules() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from earlier as o left join later as n using (approval_rule_id)
    where o.superseded_at is not null or n.superseded_at is null
      or (to_jsonb(o) - 'superseded_at') is distinct from (to_jsonb(n) - 'superseded_at')) then
    perform bank.refuse_order('approval_rule_is_superseded_once', 'approval_rule',
      'a rule on record is only ever superseded, once', 'Set another one with banyan approval rule set.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_superseded_rules() is 'Trigger: a rule changes only by being superseded';
create or replace trigger approval_rule_is_superseded_once after update on bank.approval_rule
  referencing old table as earlier new table as later for each statement execute function bank.check_superseded_rules();
create or replace trigger approval_rule_stays before delete or truncate on bank.approval_rule
  for each statement execute function bank.refuse_alteration(
    'approvals_stay', 'what was proposed, decided and done stays on record', 'Order the contrary instead.');

create or replace function bank.check_new_approvals() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from entered as a
    where a.state <> 'proposed' or a.proposed_by <> session_user::text
      or a.proposed_by_id is distinct from bank.acting_person()) then
    perform bank.refuse_order('approval_begins_proposed', 'approval',
      'a proposal begins undecided and is that of the login and the person of the session', 'Propose it with the verb of the action.');
  end if;
  return null;
end
$$;
comment on function bank.check_new_approvals() is 'Trigger: nobody proposes in the name of another login, and nothing is entered as approved';
create or replace trigger approval_after_insert after insert on bank.approval
  referencing new table as entered for each statement execute function bank.check_new_approvals();

create or replace function bank.check_approvals() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select o.approval_id, o.state, n.state as wanted into wrong
  from earlier as o left join later as n using (approval_id)
  where o.closed_at is not null
    or (to_jsonb(o) - '{state,obstacle,closing_reason,closed_by,closed_at}'::text[])
      is distinct from (to_jsonb(n) - '{state,obstacle,closing_reason,closed_by,closed_at}'::text[])
    or not (n.state = o.state or (o.state, n.state) in (('proposed', 'approved'), ('proposed', 'rejected'),
      ('proposed', 'withdrawn'), ('proposed', 'expired'), ('approved', 'applied'), ('approved', 'rejected'),
      ('approved', 'withdrawn'), ('approved', 'expired')))
  limit 1;
  if found then
    perform bank.refuse_order('approval_goes_one_way', 'approval',
      format('approval %s is %s and cannot become %s', wrong.approval_id, wrong.state, coalesce(wrong.wanted::text, 'another one')),
      'Propose it anew if it is still wanted.', 'restrict_violation');
  end if;
  select n.approval_id, n.state, n.approvers, count(d.employee_id) filter (where d.approves) as approved into wrong
  from later as n left join bank.approval_decision as d using (approval_id)
  where n.state in ('approved', 'applied', 'rejected')
  group by n.approval_id, n.state, n.approvers
  having case when n.state = 'rejected' then count(d.employee_id) filter (where not d.approves) = 0
    else count(d.employee_id) filter (where d.approves) < n.approvers or count(d.employee_id) filter (where not d.approves) > 0 end
  limit 1;
  if found then
    perform bank.refuse_order('approval_is_decided_by_people', 'approval',
      format('approval %s cannot become %s: %s of %s have approved', wrong.approval_id, wrong.state, wrong.approved, wrong.approvers),
      'Let them decide with banyan approval approve or reject.');
  end if;
  select n.approval_id, n.expires_at into wrong
  from earlier as o join later as n using (approval_id)
  where (n.state in ('approved', 'applied') and o.state <> n.state and n.expires_at <= now())
    or (n.state = 'expired' and n.expires_at > now())
    or (n.state = 'applied' and n.closed_at <> now())
  limit 1;
  if found then
    perform bank.refuse_order('approval_expires', 'approval',
      format('approval %s expires on %s', wrong.approval_id, wrong.expires_at::date), 'Propose it anew if it is still wanted.');
  end if;
  return null;
end
$$;
comment on function bank.check_approvals() is 'Trigger: a proposal goes one way, is approved by people and not by an update, and is applied before it expires';
create or replace trigger approval_after_update after update on bank.approval
  referencing old table as earlier new table as later for each statement execute function bank.check_approvals();
create or replace trigger approval_stays before delete or truncate on bank.approval
  for each statement execute function bank.refuse_alteration(
    'approvals_stay', 'what was proposed, decided and done stays on record', 'Order the contrary instead.');

create or replace function bank.check_approval_decisions() returns trigger
language plpgsql as $$
declare
  wrong record;
  today constant date := bank.access_day();
begin
  for wrong in
    select d.approval_id, d.approves, e.number, d.login, a.state, a.expires_at, a.subject,
      d.login <> session_user::text or d.employee_id is distinct from bank.acting_person() as is_anothers,
      a.proposed_by = d.login as has_proposed_login,
      coalesce(d.employee_id in (a.proposed_by_id, a.named_id), false) as has_proposed,
      d.employee_id = any (a.concerned_ids) as is_concerned,
      r.approver_roles, r.approver_post_kinds,
      (select min(p.kind) from bank.post as p join bank.post_kind as k using (kind)
       where p.employee_id = d.employee_id and k.manages_clients and p.superseded_at is null
         and daterange(p.effective_from, p.effective_until) @> today) as managing,
      exists (select 1 from bank.access_grant as g
       where g.employee_id = d.employee_id and g.role = 'relationship_manager' and g.superseded_at is null
         and daterange(g.effective_from, g.effective_until) @> today) as has_managers_role,
      exists (select 1 from bank.grants_in_force(d.login) as g where g.role = any (r.approver_roles))
        or exists (select 1 from bank.post as p
          where p.employee_id = d.employee_id and p.kind = any (r.approver_post_kinds) and p.superseded_at is null
            and daterange(p.effective_from, p.effective_until) @> today) as may_approve
    from entered as d
    join bank.approval as a using (approval_id)
    join bank.approval_rule as r using (approval_rule_id)
    join bank.employee as e on e.employee_id = d.employee_id
  loop
    if wrong.is_anothers then
      perform bank.refuse_order('approval_is_a_persons', 'approval_decision',
        format('the login “%s” is not %s''s', session_user, wrong.number), 'Decide under a login that was granted to the person.');
    elsif wrong.has_proposed then
      perform bank.refuse_order('approval_is_anothers', 'approval_decision',
        format('%s has proposed approval %s (%s) and cannot decide about it', wrong.number, wrong.approval_id, wrong.subject),
        'Let another person decide; who proposed it can withdraw it.');
    elsif wrong.has_proposed_login then
      perform bank.refuse_order('approval_is_anothers', 'approval_decision',
        format('approval %s (%s) was proposed under the login “%s”, which cannot decide about it', wrong.approval_id, wrong.subject, wrong.login),
        'Let another person decide under their own login.');
    elsif wrong.is_concerned then
      perform bank.refuse_order('approval_is_not_of_who_is_concerned', 'approval_decision',
        format('approval %s (%s) is about %s, who cannot decide about it', wrong.approval_id, wrong.subject, wrong.number),
        'Let another person decide.');
    elsif wrong.managing is not null or wrong.has_managers_role then
      perform bank.refuse_order('approval_is_not_of_managers', 'approval_decision',
        format('%s is a %s, and who manages clients proposes and never approves', wrong.number,
          replace(coalesce(wrong.managing, 'relationship_manager'), '_', ' ')),
        'Let risk control or another deciding unit do it.');
    elsif not wrong.may_approve then
      perform bank.refuse_order('approval_is_of_the_right_person', 'approval_decision',
        format('%s may not decide about approval %s (%s): it needs %s', wrong.number, wrong.approval_id, wrong.subject,
          concat_ws(', or ', 'a role of ' || nullif(array_to_string(wrong.approver_roles, ', '), ''),
            'a post of ' || nullif(array_to_string(wrong.approver_post_kinds, ', '), ''))),
        'Let such a person decide.');
    elsif wrong.state not in ('proposed', 'approved') or (wrong.state = 'approved' and wrong.approves) or wrong.expires_at <= now() then
      perform bank.refuse_order('approval_is_open', 'approval_decision',
        format('approval %s (%s) is %s', wrong.approval_id, wrong.subject,
          case when wrong.expires_at <= now() then 'expired' else wrong.state::text end),
        case when wrong.state = 'approved' then format('Carry it out with banyan approval apply %s.', wrong.approval_id)
          else 'Propose it anew if it is still wanted.' end, 'restrict_violation');
    end if;
  end loop;
  return null;
end
$$;
comment on function bank.check_approval_decisions() is 'Trigger: who decides is the person of the session, has not proposed it, is not concerned, manages no clients, and is one whom the rule names';
create or replace trigger approval_decision_after_insert after insert on bank.approval_decision
  referencing new table as entered for each statement execute function bank.check_approval_decisions();
create or replace trigger approval_decision_stays before update or delete or truncate on bank.approval_decision
  for each statement execute function bank.refuse_alteration(
    'approvals_stay', 'what was proposed, decided and done stays on record', 'Order the contrary instead.');
