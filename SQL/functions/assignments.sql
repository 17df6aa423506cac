-- Assignments: the verbs that change who looks after what. What scopes are called stands in assignment-scopes.sql, what
-- keeps the rows sound in assignment-history.sql, who is on record on a day in assignment-days.sql, the rules in
-- assignment-rules.sql, handing over in assignment-transfers.sql, and files in assignment-files.sql.
--
-- The contract for whatever builds on this:
--   * Rows of bank.assignment are only ever added, and superseded once. Use the verbs below; they lock the
--     clients and accounts in the order of their keys, so that two of them never wait for each other.
--   * bank.change_coverage is the one that all verbs come down to: for a set of scopes and a span of days it
--     puts one team in the place of whatever was there. bank.transfer_coverage puts one person in the place
--     of another, whatever the team. Both work on sets and return every row that they superseded or recorded.
--   * bank.assignment_as_of answers with both dates; bank.account_coverage_as_of resolves account over client
--     and line over general, and says who has an account or that it lies in its branch's pool.
--   * bank.coverage_objections is the one place that asks whether a person may have a client on a day; files
--     are asked the same.

create or replace function bank.lock_coverage(scopes bank.coverage_scope[]) returns void
language plpgsql as $$
begin
  -- Clients before accounts, each in the order of the keys: whoever locks in one order never waits in a
  -- circle. Foreign keys to these rows are not held up.
  perform 1 from bank.client as c
  where (c.branch_id, c.client_id) in (
    select s.branch_id, s.client_id from unnest(scopes) as s where s.client_id is not null)
  order by c.branch_id, c.client_id
  for no key update;
  perform 1 from bank.account as a
  where (a.branch_id, a.account_id) in (
    select s.branch_id, s.account_id from unnest(scopes) as s where s.account_id is not null)
  order by a.branch_id, a.account_id
  for no key update;
end
$$;
comment on function bank.lock_coverage(bank.coverage_scope[]) is 'Locks the clients and accounts of scopes until the transaction ends, in the one order that everybody uses';

create or replace function bank.begin_coverage_change(scopes bank.coverage_scope[], since date, until date) returns void
language plpgsql as $$
begin
  if until <= since then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_dates_in_order',
      schema = 'bank', table = 'assignment',
      message = format('the dates are reversed: it would begin on %s and end before %s', since, until),
      hint = 'The end is the day after the last day.';
  end if;
  perform bank.lock_coverage(scopes);
end
$$;
comment on function bank.begin_coverage_change(bank.coverage_scope[], date, date) is 'Refuses reversed dates, and locks what a change is about';

create or replace function bank.record_coverage_entry(
  verb bank.coverage_verb, scopes bank.coverage_scope[], since date, until date, reason text, warned text[])
returns bank.coverage_entry
language plpgsql as $$
declare
  entry bank.coverage_entry;
  last_recorded timestamptz;
begin
  -- The clock is read once the locks are held. Should it have been set back, time goes on all the same.
  select max(s.recorded_at) into last_recorded
  from (
    select a.recorded_at
    from unnest(scopes) as x
    join bank.assignment as a on a.branch_id = x.branch_id and a.client_id = x.client_id
    where a.superseded_at is null
    union all
    select a.recorded_at
    from unnest(scopes) as x
    join bank.assignment as a on a.branch_id = x.branch_id and a.account_id = x.account_id
    where a.superseded_at is null
  ) as s;
  insert into bank.coverage_entry (verb, effective_from, effective_until, reason, warnings, made_at, batch_id)
  values (verb, since, until, reason, warned,
    greatest(clock_timestamp(), last_recorded + interval '1 microsecond'),
    nullif(current_setting('bank.import_batch', true), '')::bigint)
  returning * into entry;
  if cardinality(warned) > 0 then
    raise warning '%', array_to_string(warned[1:3], '; ');
  end if;
  return entry;
end
$$;
comment on function bank.record_coverage_entry(bank.coverage_verb, bank.coverage_scope[], date, date, text, text[]) is 'The entry of a change whose scopes are locked and that nothing speaks against: its moment is after everything believed of them so far';

create or replace function bank.plan_for_many(scopes integer) returns void
language plpgsql as $$
begin
  -- The planner knows little of rows that functions and CTEs give, and for many of them would walk nested
  -- loops that take hours. The callers set enable_nestloop themselves, so that it ends with them.
  if scopes > 500 then
    perform set_config('enable_nestloop', 'off', true);
  end if;
end
$$;
comment on function bank.plan_for_many(integer) is 'Keeps the planner from nested loops in a change of many scopes; the caller sets enable_nestloop in its declaration, which takes it back';

create or replace function bank.require_free(
  scopes bank.coverage_scope[], since date, until date) returns void
language plpgsql as $$
declare
  winner record;
begin
  select s.*, e.number as person,
    bank.scope_label(row(s.branch_id, s.client_id, s.account_id, s.product_line)) as label,
    coalesce('by ' || n.made_by, 'by batch ' || s.batch_id) as source
  into winner
  from bank.assignments_of(scopes, since, until) as s
  join bank.employee as e using (employee_id)
  left join bank.coverage_entry as n on n.coverage_entry_id = s.entry_id
  order by s.branch_id, s.client_id, s.account_id, s.role, s.effective_from
  limit 1;
  if found then
    raise exception using
      errcode = 'exclusion_violation',
      constraint = case when winner.client_id is null
        then 'assignment_one_main_per_account' else 'assignment_one_main_per_client' end,
      schema = 'bank', table = 'assignment',
      message = format('%s is %s''s from %s%s', winner.label, winner.person, winner.effective_from,
        coalesce(' until ' || winner.effective_until, '')),
      detail = format('%s, share %s, was recorded %s on %s (assignment %s).', winner.role, winner.share,
        winner.source, winner.recorded_at, winner.assignment_id),
      hint = 'Reassign it from a day on, or choose days on which nobody has it.';
  end if;
end
$$;
comment on function bank.require_free(bank.coverage_scope[], date, date) is 'Refuses scopes that somebody has on a day of the span, and says who';

create or replace function bank.require_assigned(
  scopes bank.coverage_scope[], since date, doing text) returns void
language plpgsql as $$
declare
  missing record;
begin
  select bank.scope_label(x) as label, later.first_day into missing
  from unnest(scopes) as x
  left join (
    select s.branch_id, coalesce(s.client_id, 0) as client_id, coalesce(s.account_id, 0) as account_id,
      coalesce(s.product_line, '') as line, min(s.effective_from) as first_day
    from bank.assignments_of(scopes, since, null) as s
    group by 1, 2, 3, 4
  ) as later
    on later.branch_id = x.branch_id and later.client_id = coalesce(x.client_id, 0)
    and later.account_id = coalesce(x.account_id, 0) and later.line = coalesce(x.product_line, '')
  where later.first_day is null or later.first_day > since
  order by x.branch_id, x.client_id, x.account_id
  limit 1;
  if found then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_is_there_to_change',
      schema = 'bank', table = 'assignment',
      message = format('nobody looks after %s on %s%s, so there is nothing to %s from that day',
        missing.label, since, coalesce(', the next assignment begins on ' || missing.first_day, ''), doing),
      hint = 'Choose a day on which somebody has it, assign it, or correct the days before.';
  end if;
end
$$;
comment on function bank.require_assigned(bank.coverage_scope[], date, text) is 'Refuses scopes that nobody has on a day';

create or replace function bank.change_coverage(
  verb bank.coverage_verb, scopes bank.coverage_scope[], people integer[], roles bank.assignment_role[],
  shares numeric[], since date, until date default null, reason text default null)
returns setof bank.coverage_change
language plpgsql set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  entry bank.coverage_entry;
  team_size constant integer := coalesce(cardinality(people), 0);
  total constant numeric := (select coalesce(sum(share), 0) from unnest(shares) as share);
begin
  if team_size <> coalesce(cardinality(shares), 0) or team_size <> coalesce(cardinality(roles), 0) then
    raise exception using errcode = 'invalid_parameter_value',
      message = format('there are %s people, %s roles and %s shares; each person has one of each',
        team_size, coalesce(cardinality(roles), 0), coalesce(cardinality(shares), 0));
  end if;
  if (team_size > 0 and total <> 1) or exists (select 1 from unnest(shares) as share where share <= 0) then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_shares_sum_to_one',
      schema = 'bank', table = 'assignment',
      message = format('the shares %s sum to %s', array_to_string(shares, ' + '), total),
      hint = 'They must be above 0 and sum to exactly 1.';
  end if;
  if (select count(distinct person) from unnest(people) as person) <> team_size then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_person_once_a_day',
      schema = 'bank', table = 'assignment',
      message = 'one person is named twice', hint = 'Give each person one share.';
  end if;

  perform bank.plan_for_many(cardinality(scopes));
  -- Nothing is written before everything is found to be in order, and who comes too late does not even wait for
  -- a lock: to lose a race costs little.
  if verb = 'assign' then
    perform bank.require_free(scopes, since, until);
  end if;
  perform bank.begin_coverage_change(scopes, since, until);
  case verb
    when 'assign' then perform bank.require_free(scopes, since, until);
    when 'reassign', 'end' then perform bank.require_assigned(scopes, since, verb::text);
    else null;
  end case;
  entry := bank.record_coverage_entry(verb, scopes, since, until, reason,
    case when team_size = 0 then '{}' else bank.heed_objections((
      select array_agg(row(1, s.branch_id, s.client_id, s.account_id, s.product_line, p.person, since, until)::bank.proposed_assignment)
      from unnest(scopes) as s cross join unnest(people) as p (person))) end);

  -- One statement, so that the checks see its end only. Rows that say already what is asked for on all of
  -- the days stay as they are.
  return query
  with asked as (
    select branch_id, client_id, account_id, coalesce(product_line, '') as line
    from (select distinct s.* from unnest(scopes) as s) as x
  ), overlapping as (
    select s.*
    from asked as x
    join bank.assignment as s
      on s.branch_id = x.branch_id and s.client_id = x.client_id and coalesce(s.product_line, '') = x.line
    where s.superseded_at is null and (until is null or s.effective_from < until)
      and (s.effective_until is null or s.effective_until > since)
    union all
    select s.*
    from asked as x
    join bank.assignment as s
      on s.branch_id = x.branch_id and s.account_id = x.account_id and coalesce(s.product_line, '') = x.line
    where s.superseded_at is null and (until is null or s.effective_from < until)
      and (s.effective_until is null or s.effective_until > since)
  ), team as (
    select t.person, t.role, t.share from unnest(people, roles, shares) as t (person, role, share)
  ), settled as (
    -- Scopes whose team is the asked one on all of the days.
    select o.branch_id, o.client_id, o.account_id, coalesce(o.product_line, '') as line
    from overlapping as o
    left join team as t
      on t.person = o.employee_id and t.role = o.role and t.share = o.share
      and o.effective_from <= since
      and (o.effective_until is null or (until is not null and o.effective_until >= until))
    group by o.branch_id, o.client_id, o.account_id, coalesce(o.product_line, '')
    having count(*) = team_size and count(t.person) = team_size
  ), gone as (
    update bank.assignment as s
    set superseded_at = entry.made_at, superseding_entry_id = entry.coverage_entry_id
    from overlapping as o
    where s.branch_id = o.branch_id and s.assignment_id = o.assignment_id and s.superseded_at is null
      and not exists (
        select 1 from settled as d
        where d.branch_id = o.branch_id and d.line = coalesce(o.product_line, '')
          and coalesce(d.client_id, 0) = coalesce(o.client_id, 0)
          and coalesce(d.account_id, 0) = coalesce(o.account_id, 0))
    returning s.*
  ), remaining as (
    select g.branch_id, g.client_id, g.account_id, g.product_line, g.employee_id, g.role, g.share,
      g.effective_from, since as effective_until, g.assignment_id as continues_id
    from gone as g where g.effective_from < since
    union all
    select g.branch_id, g.client_id, g.account_id, g.product_line, g.employee_id, g.role, g.share,
      until, g.effective_until, g.assignment_id
    from gone as g where until is not null and (g.effective_until is null or g.effective_until > until)
  ), came as (
    insert into bank.assignment
      (branch_id, client_id, account_id, product_line, employee_id, role, share,
       effective_from, effective_until, recorded_at, entry_id, continues_id)
    select r.branch_id, r.client_id, r.account_id, r.product_line, r.employee_id, r.role, r.share,
      r.effective_from, r.effective_until, entry.made_at, entry.coverage_entry_id, r.continues_id
    from remaining as r
    union all
    select x.branch_id, x.client_id, x.account_id, nullif(x.line, ''), t.person, t.role, t.share,
      since, until, entry.made_at, entry.coverage_entry_id, null::bigint
    from asked as x cross join team as t
    where not exists (
      select 1 from settled as d
      where d.branch_id = x.branch_id and d.line = x.line
        and coalesce(d.client_id, 0) = coalesce(x.client_id, 0)
        and coalesce(d.account_id, 0) = coalesce(x.account_id, 0))
    returning *
  )
  select 'superseded', entry.coverage_entry_id, g.branch_id, g.assignment_id, g.client_id, g.account_id,
    g.product_line, g.employee_id, g.role, g.share, g.effective_from, g.effective_until
  from gone as g
  union all
  select 'recorded', entry.coverage_entry_id, c.branch_id, c.assignment_id, c.client_id, c.account_id,
    c.product_line, c.employee_id, c.role, c.share, c.effective_from, c.effective_until
  from came as c;
end
$$;
comment on function bank.change_coverage(bank.coverage_verb, bank.coverage_scope[], integer[], bank.assignment_role[], numeric[], date, date, text) is 'Puts one team in the place of whatever is on record for some scopes on a span of days, without an end: for all days from the first, planned changes included; an empty team leaves nobody. What lay before and after stays. Returns every row that it superseded or recorded';

create or replace function bank.first_is_main(team_size integer) returns bank.assignment_role[]
language sql immutable as $$
  select array_agg(case place when 1 then 'main' else 'assisting' end::bank.assignment_role order by place)
  from generate_series(1, team_size) as place
$$;
comment on function bank.first_is_main(integer) is 'The roles of a team whose first member is the main one';

create or replace function bank.assign(
  scope bank.coverage_scope, people text[], shares numeric[], since date, until date default null,
  reason text default null)
returns setof bank.coverage_change
language plpgsql as $$
begin
  return query select * from bank.change_coverage('assign', array[scope], bank.employee_keys(people),
    bank.first_is_main(cardinality(people)), shares, since, until, reason);
end
$$;
comment on function bank.assign(bank.coverage_scope, text[], numeric[], date, date, text) is 'Gives a scope that nobody has to a team; the first person is the main one. If somebody has it, it is refused and says who';

create or replace function bank.reassign(
  scope bank.coverage_scope, people text[], shares numeric[], since date, until date default null,
  reason text default null)
returns setof bank.coverage_change
language plpgsql as $$
begin
  return query select * from bank.change_coverage('reassign', array[scope], bank.employee_keys(people),
    bank.first_is_main(cardinality(people)), shares, since, until, reason);
end
$$;
comment on function bank.reassign(bank.coverage_scope, text[], numeric[], date, date, text) is 'Gives a scope to another team, or changes its shares, from a day on which somebody has it; the first person is the main one';

create or replace function bank.end_assignment(
  scope bank.coverage_scope, since date, until date default null, reason text default null)
returns setof bank.coverage_change
language plpgsql as $$
begin
  return query select * from bank.change_coverage('end', array[scope], '{}', '{}', '{}', since, until, reason);
end
$$;
comment on function bank.end_assignment(bank.coverage_scope, date, date, text) is 'Leaves a scope to nobody from a day on: what it holds lies in its branch''s pool then';

create or replace function bank.correct_assignment(
  scope bank.coverage_scope, people text[], shares numeric[], since date, until date default null,
  reason text default null)
returns setof bank.coverage_change
language plpgsql as $$
begin
  return query select * from bank.change_coverage('correct', array[scope], bank.employee_keys(people),
    coalesce(bank.first_is_main(cardinality(people)), '{}'), shares, since, until, reason);
end
$$;
comment on function bank.correct_assignment(bank.coverage_scope, text[], numeric[], date, date, text) is 'Says that the team of a span of days was another, or nobody, whatever is on record for them; the first person is the main one';
