-- The life of a pay run: calculated, submitted, approved, posted, or superseded on the way. A posted run is never
-- superseded; what comes to be known later is paid as a difference by a later month (pay-corrections.sql).

create or replace function bank.pay_run_earned(run integer) returns numeric
language plpgsql stable as $$
begin
  return (select coalesce(sum(s.earned), 0) from bank.pay_statement as s where s.pay_run_id = run);
end
$$;
comment on function bank.pay_run_earned(integer) is 'What all people earned in a run, which is its size for rules of approval';

create or replace function bank.current_pay_run(run integer) returns bank.pay_run
language plpgsql stable as $$
declare
  known bank.pay_run;
  later integer;
begin
  select * into known from bank.pay_run as r where r.pay_run_id = run;
  if not found then
    perform bank.refuse_order('pay_run_is_known', 'pay_run', format('there is no pay run %s on record', run),
      'Make one with banyan pay run.', 'foreign_key_violation');
  elsif known.known_at is not null then
    perform bank.refuse_order('pay_run_is_by_all_that_is_known', 'pay_run',
      format('pay run %s is as of %s and pays nobody', run, to_char(known.known_at, 'YYYY-MM-DD HH24:MI:SS')),
      format('Name the run that counts for %s; banyan pay list shows it.', to_char(known.month, 'YYYY-MM')));
  elsif known.part_of_id is not null then
    perform bank.refuse_order('pay_run_is_of_its_month', 'pay_run',
      format('calculation %s of %s belongs to pay run %s and pays nobody by itself', run, to_char(known.month, 'YYYY-MM'), known.part_of_id),
      format('Name run %s.', known.part_of_id));
  end if;
  select n.pay_run_id into later from bank.pay_run as n where n.supersedes_id = run;
  if found then
    perform bank.refuse_order('pay_run_is_current', 'pay_posting', format('pay run %s was superseded by run %s', run, later),
      format('Name run %s.', later));
  end if;
  return known;
end
$$;
comment on function bank.current_pay_run(integer) is 'A run of a month that no other supersedes; refuses any other';

-- Submitted and approved --------------------------------------------------------------------------------------

create or replace function bank.submit_pay_run(run integer, why text) returns bigint
language plpgsql as $$
declare
  known constant bank.pay_run := bank.current_pay_run(run);
begin
  if not exists (select 1 from bank.pay_run_step as s where s.pay_run_id = run and s.step = 'submitted') then
    if exists (select 1 from bank.pay_posting as p where p.pay_run_id = run) then
      perform bank.refuse_order('pay_run_is_open', 'pay_run_step', format('pay run %s is posted', run),
        'What has changed since is paid by the run of a later month.', 'restrict_violation');
    end if;
    insert into bank.pay_run_step (pay_run_id, step, reason) values (known.pay_run_id, 'submitted', why);
  end if;
  return bank.await_pay_run_approval(run);
end
$$;
comment on function bank.submit_pay_run(integer, text) is 'Hands a pay run in to be decided. Returns the number of the approval that it waits for; null when it is approved because no rule asks for another person';

create or replace function bank.await_pay_run_approval(run integer) returns bigint
language plpgsql as $$
declare
  known constant bank.pay_run := bank.current_pay_run(run);
  waiting bigint;
begin
  if exists (select 1 from bank.pay_run_step as s where s.pay_run_id = run and s.step = 'approved') then
    return null;
  end if;
  waiting := bank.await_approval('pay_run_approval', run::text,
    format('pay run %s of %s, plan %s', run, to_char(known.month, 'YYYY-MM'), (
      select p.code from bank.plan as p where p.plan_id = known.plan_id)),
    jsonb_build_object('pay_run_id', run), bank.pay_run_earned(run), null, '{}');
  if waiting is null then
    insert into bank.pay_run_step (pay_run_id, step) values (run, 'approved');
  end if;
  return waiting;
end
$$;
comment on function bank.await_pay_run_approval(integer) is 'Approves a run that was submitted, or proposes that; returns the number of the approval it waits for, or null';

create or replace function bank.apply_pay_run_approval(request jsonb) returns text
language plpgsql as $$
begin
  return bank.await_pay_run_approval((request ->> 'pay_run_id')::integer)::text;
end
$$;
comment on function bank.apply_pay_run_approval(jsonb) is 'Approves a pay run that enough others have approved';

create or replace function bank.check_pay_run_steps() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  perform bank.current_pay_run(s.pay_run_id) from entered as s;
  select s.pay_run_id into wrong from entered as s
  where s.step = 'approved' and not exists (
    select 1 from bank.pay_run_step as f where f.pay_run_id = s.pay_run_id and f.step = 'submitted')
  limit 1;
  if found then
    perform bank.refuse_order('pay_run_is_submitted_first', 'pay_run_step', format('pay run %s is not submitted', wrong.pay_run_id),
      format('Submit it with banyan pay submit %s.', wrong.pay_run_id));
  end if;
  select s.pay_run_id into wrong from entered as s
  where s.step = 'approved'
    and (bank.approval_rule_for('pay_run_approval', bank.pay_run_earned(s.pay_run_id), bank.access_day())).approval_rule_id is not null
    and not bank.approval_is_applied('pay_run_approval', s.pay_run_id::text)
  limit 1;
  if found then
    perform bank.refuse_order('pay_run_is_approved_by_others', 'pay_run_step',
      format('pay run %s is approved by another person', wrong.pay_run_id), 'Submit it, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_pay_run_steps() is 'Trigger: only the run that counts is submitted, and while a rule asks for a second person, it is approved by one';
create or replace trigger pay_run_step_after_insert after insert on bank.pay_run_step
  referencing new table as entered for each statement execute function bank.check_pay_run_steps();
create or replace trigger pay_run_step_stays before update or delete or truncate on bank.pay_run_step
  for each statement execute function bank.refuse_alteration(
    'approvals_stay', 'what was proposed, decided and done stays on record', 'Order the contrary instead.');

-- Posted ------------------------------------------------------------------------------------------------------

create or replace function bank.post_pay_run(run integer) returns bigint
language plpgsql as $$
declare
  known constant bank.pay_run := bank.current_pay_run(run);
  waiting bigint;
begin
  if exists (select 1 from bank.pay_posting as p where p.pay_run_id = run) then
    perform bank.refuse_order('pay_posting_pk', 'pay_posting', format('pay run %s was posted already', run),
      'What has changed since is paid by the run of a later month.', 'unique_violation');
  end if;
  perform bank.require_postable(run);
  waiting := bank.await_approval('pay_run_posting', run::text,
    format('pay run %s of %s, plan %s', run, to_char(known.month, 'YYYY-MM'), (
      select p.code from bank.plan as p where p.plan_id = known.plan_id)),
    jsonb_build_object('pay_run_id', run), bank.pay_run_earned(run), null, '{}');
  if waiting is null then
    insert into bank.pay_posting (pay_run_id) values (run);
  end if;
  return waiting;
end
$$;
comment on function bank.post_pay_run(integer) is 'Posts a pay run for payment, or proposes that; returns the number of the approval it waits for, or null';

create or replace function bank.apply_pay_run_posting(request jsonb) returns text
language plpgsql as $$
begin
  return bank.post_pay_run((request ->> 'pay_run_id')::integer)::text;
end
$$;
comment on function bank.apply_pay_run_posting(jsonb) is 'Posts a pay run that was approved';

create or replace function bank.require_postable(run integer) returns void
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known constant bank.pay_run := bank.current_pay_run(run);
  is_posted constant boolean := exists (select 1 from bank.pay_posting as p where p.pay_run_id = run);
  wrong record;
begin
  if (bank.approval_rule_for('pay_run_approval', bank.pay_run_earned(run), bank.access_day())).approval_rule_id is not null
    and not exists (select 1 from bank.pay_run_step as s where s.pay_run_id = run and s.step = 'approved') then
    perform bank.refuse_order('pay_run_is_approved_first', 'pay_posting', format('pay run %s is not approved', run),
      format('Submit it with banyan pay submit %s, and let another person approve it.', run));
  end if;
  select e.number, n.class into wrong
  from bank.pay_entry as n join bank.employee as e using (employee_id) join bank.plan as p on p.plan_id = known.plan_id
  where n.month = known.month and n.plan_code = p.code
    and (n.superseded_at is null and n.recorded_at >= known.computed_at or n.superseded_at >= known.computed_at)
  order by e.number limit 1;
  if found then
    perform bank.refuse_order('pay_run_holds_all_entries', 'pay_posting',
      format('since pay run %s was calculated, an amount of %s was decided for %s', run, wrong.class, wrong.number),
      format('Run the month again: banyan pay run %s.', to_char(known.month, 'YYYY-MM')));
  end if;
  -- A correction may take back what was deferred, but nothing that was released or forfeited in the meantime.
  select e.number, i.due_on into wrong
  from bank.deferral_instalment as i
  join bank.employee as e using (employee_id)
  cross join lateral bank.deferral_balances(i.employee_id, true) as o
  where i.pay_run_id = run and i.amount < 0 and o.earned_month = i.corrects_month and o.due_on = i.due_on
    and o.outstanding + case when is_posted then 0 else i.amount end < 0
  limit 1;
  if found then
    perform bank.refuse_order('deferral_is_never_below_zero', 'pay_posting',
      format('since pay run %s was calculated, deferred pay of %s due on %s was released or forfeited', run, wrong.number, wrong.due_on),
      format('Run the month again: banyan pay run %s.', to_char(known.month, 'YYYY-MM')));
  end if;
end
$$;
comment on function bank.require_postable(integer) is 'Refuses to post a run that is not approved where a rule asks for that, or that does not know what was decided since it was calculated';

create or replace function bank.check_pay_postings() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  perform bank.lock_pay_runs(l.code) from entered as p join bank.pay_run as r using (pay_run_id) join bank.plan as l using (plan_id);
  perform bank.require_postable(p.pay_run_id) from entered as p;
  select p.pay_run_id into wrong from entered as p
  where (bank.approval_rule_for('pay_run_posting', bank.pay_run_earned(p.pay_run_id), bank.access_day())).approval_rule_id is not null
    and not bank.approval_is_applied('pay_run_posting', p.pay_run_id::text)
  limit 1;
  if found then
    perform bank.refuse_order('pay_posting_is_approved', 'pay_posting', format('pay run %s is posted by an approval', wrong.pay_run_id),
      'Propose it with banyan pay post, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_pay_postings() is 'Trigger: only the run that counts is posted, with all that was decided for its month, and while a rule asks for a second person, not without one';
create or replace trigger pay_posting_is_approved after insert on bank.pay_posting
  referencing new table as entered for each statement execute function bank.check_pay_postings();
create or replace trigger pay_posting_stays before update or delete or truncate on bank.pay_posting
  for each statement execute function bank.refuse_alteration(
    'approvals_stay', 'what was proposed, decided and done stays on record', 'Order the contrary instead.');

-- Superseded --------------------------------------------------------------------------------------------------

create or replace function bank.check_superseding_runs() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select r.pay_run_id, o.pay_run_id as former, to_char(o.month, 'YYYY-MM') as month, q.posted_at::date as posted_on,
    (r.month, p.code) is distinct from (o.month, f.code) as is_anothers, o.part_of_id, s.made_by, r.reason into wrong
  from entered as r
  join bank.plan as p on p.plan_id = r.plan_id
  join bank.pay_run as o on o.pay_run_id = r.supersedes_id
  join bank.plan as f on f.plan_id = o.plan_id
  left join bank.pay_posting as q on q.pay_run_id = o.pay_run_id
  left join bank.pay_run_step as s on s.pay_run_id = o.pay_run_id and s.step = 'submitted'
  where q.pay_run_id is not null or (r.month, p.code) is distinct from (o.month, f.code) or o.part_of_id is not null
    or s.pay_run_id is not null and coalesce(btrim(r.reason), '') = ''
  limit 1;
  if not found then
    update bank.approval as a
    set state = 'withdrawn', closing_reason = format('run %s supersedes it', r.pay_run_id), closed_by = session_user, closed_at = now()
    from entered as r
    where a.action in ('pay_run_approval', 'pay_run_posting') and a.subject_key = r.supersedes_id::text and a.closed_at is null;
    return null;
  elsif wrong.posted_on is not null then
    perform bank.refuse_order('posted_pay_run_stays', 'pay_run',
      format('pay run %s of %s was posted on %s and is never superseded', wrong.former, wrong.month, wrong.posted_on),
      'Run the next month: it pays the difference, and says which change caused it.', 'restrict_violation');
  elsif wrong.is_anothers or wrong.part_of_id is not null then
    perform bank.refuse_order('pay_run_supersedes_its_like', 'pay_run',
      format('pay run %s is not one of the same month and plan', wrong.former), 'Name the run that counts for them.');
  end if;
  perform bank.refuse_order('submitted_pay_run_is_superseded_with_a_reason', 'pay_run',
    format('pay run %s of %s was submitted by the login “%s”', wrong.former, wrong.month, wrong.made_by),
    format('Take its place with a reason: banyan pay supersede %s --reason ...', wrong.former), 'restrict_violation');
  return null;
end
$$;
comment on function bank.check_superseding_runs() is 'Trigger: a posted run is never superseded, one that was submitted only with a reason, and what others were to decide about it is withdrawn';
create or replace trigger pay_run_supersedes_in_order after insert on bank.pay_run
  referencing new table as entered for each statement execute function bank.check_superseding_runs();

create or replace function bank.lock_pay_runs(plan_code text) returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('pay runs of plan ' || plan_code, 0));
end
$$;
comment on function bank.lock_pay_runs(text) is 'Runs, postings and entries of one plan take turns until the transaction ends';
