-- Assignments: what keeps them sound, who is on record on a day, and the verbs that change them.
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

-- Names for messages

create or replace function bank.scope_label(scope bank.coverage_scope) returns text
language plpgsql stable as $$
begin
  return case
      when scope.client_id is not null then 'client ' || (
        select number from bank.client as c
        where c.branch_id = scope.branch_id and c.client_id = scope.client_id)
      else 'account ' || (
        select number from bank.account as a
        where a.branch_id = scope.branch_id and a.account_id = scope.account_id)
    end || coalesce(' for ' || scope.product_line, '');
end
$$;
comment on function bank.scope_label(bank.coverage_scope) is 'What an assignment is about, for messages: client C1 for loans';

create or replace function bank.client_scope(client_number text, line text default null)
returns bank.coverage_scope
language plpgsql stable as $$
declare
  found_scope bank.coverage_scope;
begin
  perform bank.require_product_line(line);
  begin
    select c.branch_id, c.client_id, null::bigint, line into strict found_scope
    from bank.client as c where c.number = client_number;
  exception
    when no_data_found then
      raise exception using errcode = 'no_data_found',
        message = format('there is no client “%s” on record', client_number),
        hint = 'Check the number, or import the client first.';
    when too_many_rows then
      raise exception using errcode = 'cardinality_violation',
        message = format('several branches have a client “%s”', client_number),
        hint = 'Name the client by branch and key.';
  end;
  -- A client that was merged is the one that survives.
  select s.branch_id, s.client_id into found_scope.branch_id, found_scope.client_id
  from bank.surviving_client(found_scope.branch_id, found_scope.client_id) as s;
  return found_scope;
end
$$;
comment on function bank.client_scope(text, text) is 'The scope of a client by number, for all products or one line; of a merged client it is that of the survivor';

create or replace function bank.account_scope(account_number text, line text default null)
returns bank.coverage_scope
language plpgsql stable as $$
declare
  found_scope bank.coverage_scope;
begin
  perform bank.require_product_line(line);
  begin
    select a.branch_id, null::bigint, a.account_id, line into strict found_scope
    from bank.account as a where a.number = account_number;
  exception
    when no_data_found then
      raise exception using errcode = 'no_data_found',
        message = format('there is no account “%s” on record', account_number),
        hint = 'Check the number, or import the account first.';
    when too_many_rows then
      raise exception using errcode = 'cardinality_violation',
        message = format('several branches have an account “%s”', account_number),
        hint = 'Name the account by branch and key.';
  end;
  return found_scope;
end
$$;
comment on function bank.account_scope(text, text) is 'The scope of one account by number, for all products or one line';

create or replace function bank.require_product_line(line text) returns void
language plpgsql stable as $$
begin
  if line is not null and not exists (select 1 from bank.product_line where code = line) then
    raise exception using errcode = 'no_data_found',
      message = format('there is no product line “%s”; there are %s', line,
        (select string_agg(code, ', ' order by code) from bank.product_line)),
      hint = 'Use one of them, or add yours to bank.product_line.';
  end if;
end
$$;
comment on function bank.require_product_line(text) is 'Refuses a product line that is not on record; null is all products';

create or replace function bank.employee_keys(numbers text[]) returns integer[]
language plpgsql stable as $$
declare
  keys integer[];
  unknown text;
begin
  select array_agg(e.employee_id order by n.place),
    min(n.number) filter (where e.employee_id is null)
  into keys, unknown
  from unnest(numbers) with ordinality as n (number, place)
  left join bank.employee as e on e.number = n.number;
  if unknown is not null then
    raise exception using errcode = 'no_data_found',
      message = format('there is no employee “%s” on record', unknown),
      hint = 'Check the number, or import the employee first.';
  end if;
  return coalesce(keys, '{}');
end
$$;
comment on function bank.employee_keys(text[]) is 'The keys of employees by their numbers, in the order given';

-- What keeps the rows sound

create or replace function bank.check_shares() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  -- Of every scope that was touched, the shares and main managers that begin and end on each day, summed up
  -- from the first day on: each sum must be exactly 1 and one, or, where everything has ended, none.
  with step as (
    select s.branch_id, s.client_id, s.account_id, coalesce(s.product_line, '') as line,
      s.share, (s.role = 'main')::integer as mains, s.effective_from, s.effective_until
    from (
      select distinct branch_id, client_id, coalesce(product_line, '') as line
      from changed where client_id is not null
    ) as touched
    join bank.assignment as s
      on s.branch_id = touched.branch_id and s.client_id = touched.client_id
      and coalesce(s.product_line, '') = touched.line
    where s.superseded_at is null
    union all
    select s.branch_id, s.client_id, s.account_id, coalesce(s.product_line, ''),
      s.share, (s.role = 'main')::integer, s.effective_from, s.effective_until
    from (
      select distinct branch_id, account_id, coalesce(product_line, '') as line
      from changed where account_id is not null
    ) as touched
    join bank.assignment as s
      on s.branch_id = touched.branch_id and s.account_id = touched.account_id
      and coalesce(s.product_line, '') = touched.line
    where s.superseded_at is null
  ), daily as (
    select branch_id, client_id, account_id, line, day, sum(share) as share, sum(mains) as mains
    from (
      select branch_id, client_id, account_id, line, effective_from as day, share, mains from step
      union all
      select branch_id, client_id, account_id, line, effective_until, -share, -mains
      from step where effective_until is not null
    ) as change
    group by branch_id, client_id, account_id, line, day
  ), total as (
    select branch_id, client_id, account_id, line, day,
      sum(share) over so_far as share, sum(mains) over so_far as mains
    from daily
    window so_far as (partition by branch_id, client_id, account_id, line order by day)
  )
  select t.*, bank.scope_label(row(t.branch_id, t.client_id, t.account_id, nullif(t.line, ''))) as label
  into wrong
  from total as t
  where (t.share, t.mains) not in ((1, 1), (0, 0))
  order by t.branch_id, t.client_id, t.account_id, t.line, t.day
  limit 1;
  if not found then
    return null;
  end if;
  if wrong.share not in (0, 1) then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_shares_sum_to_one',
      schema = 'bank', table = 'assignment',
      message = format('the shares of %s sum to %s on %s, not to 1', wrong.label, wrong.share, wrong.day),
      hint = 'Change all the shares of a day in one statement.';
  end if;
  raise exception using
    errcode = 'check_violation', constraint = 'assignment_has_one_main',
    schema = 'bank', table = 'assignment',
    message = format('%s has %s on %s, not one', wrong.label,
      case wrong.mains when 0 then 'no main relationship manager'
        else wrong.mains || ' main relationship managers' end, wrong.day),
    hint = 'Say who of them is the main one.';
end
$$;
comment on function bank.check_shares() is 'Trigger: on every day that a scope is assigned, its shares sum to exactly 1 and one person is the main manager';

create or replace trigger assignment_shares_after_insert
  after insert on bank.assignment
  referencing new table as changed
  for each statement execute function bank.check_shares();

create or replace trigger assignment_shares_after_update
  after update on bank.assignment
  referencing new table as changed
  for each statement execute function bank.check_shares();

create or replace function bank.keep_assignment() returns trigger
language plpgsql as $$
begin
  raise exception using
    errcode = 'restrict_violation', constraint = 'assignment_keeps_its_history',
    schema = 'bank', table = 'assignment',
    message = format('%s of bank.assignment is refused: what was believed stays on record', lower(tg_op)),
    hint = 'Use the functions of SQL/functions/assignments.sql; a row may only be superseded, once.';
end
$$;
comment on function bank.keep_assignment() is 'Trigger: an assignment may be superseded once; nothing else in it changes, and none is deleted';

-- The condition is the server's own work, so that superseding many rows calls no function.
create or replace trigger assignment_is_only_superseded
  before update on bank.assignment
  for each row when (
    (old.branch_id, old.assignment_id, old.client_id, old.account_id, old.product_line, old.employee_id,
      old.role, old.share, old.effective_from, old.effective_until, old.recorded_at, old.batch_id,
      old.line_number, old.entry_id, old.continues_id)
    is distinct from
    (new.branch_id, new.assignment_id, new.client_id, new.account_id, new.product_line, new.employee_id,
      new.role, new.share, new.effective_from, new.effective_until, new.recorded_at, new.batch_id,
      new.line_number, new.entry_id, new.continues_id)
    or old.superseded_at is not null or new.superseded_at is null)
  execute function bank.keep_assignment();

create or replace trigger assignment_is_never_deleted
  before delete or truncate on bank.assignment
  for each statement execute function bank.keep_assignment();

-- Who looks after what, as of two dates

create or replace function bank.assignment_as_of(
  valid_on date, known_at timestamptz default null, of_branch integer default null,
  of_client bigint default null, of_account bigint default null)
returns setof bank.assignment
language plpgsql stable as $$
begin
  -- Without a date of knowledge, what counts now: the partial indexes serve that.
  if known_at is null then
    return query
    select s.* from bank.assignment as s
    where s.superseded_at is null
      and s.effective_from <= valid_on and (s.effective_until is null or s.effective_until > valid_on)
      and (of_branch is null or s.branch_id = of_branch)
      and (of_client is null or s.client_id = of_client)
      and (of_account is null or s.account_id = of_account);
  else
    return query
    select s.* from bank.assignment as s
    where s.recorded_at <= known_at and (s.superseded_at is null or s.superseded_at > known_at)
      and s.effective_from <= valid_on and (s.effective_until is null or s.effective_until > valid_on)
      and (of_branch is null or s.branch_id = of_branch)
      and (of_client is null or s.client_id = of_client)
      and (of_account is null or s.account_id = of_account);
  end if;
end
$$;
comment on function bank.assignment_as_of(date, timestamptz, integer, bigint, bigint) is 'The assignments of a day as they were believed at a moment; without one, as they are believed now. Optionally of one branch, client or account. Rows come as they stand: see account_coverage_as_of for which of them an account follows';

create or replace function bank.account_coverage_as_of(
  valid_on date, line text, known_at timestamptz default null, of_branch integer default null)
returns table (
  branch_id integer, account_id bigint, client_branch_id integer, client_id bigint,
  assignment_branch_id integer, assignment_id bigint, employee_id integer,
  role bank.assignment_role, share numeric)
language plpgsql stable as $$
begin
  -- Its own assignment before its owner's, that of the line before the general one; where there is none,
  -- the account lies in the pool of its branch.
  return query
  with held as (
    select a.branch_id, a.account_id, h.client_branch_id, h.client_id
    from bank.account as a
    left join bank.account_holder as h
      on h.branch_id = a.branch_id and h.account_id = a.account_id and h.role = 'owner'
    where a.opened_on <= valid_on and (of_branch is null or a.branch_id = of_branch)
  ), believed as materialized (
    select s.*, (s.product_line is null)::integer as is_general
    from bank.assignment_as_of(valid_on, known_at) as s
    where s.product_line is null or s.product_line = line
  ), candidate as (
    select h.branch_id, h.account_id, h.client_branch_id, h.client_id, b.branch_id as assignment_branch_id,
      b.assignment_id, b.employee_id, b.role, b.share, b.is_general as rank
    from held as h
    join believed as b on b.branch_id = h.branch_id and b.account_id = h.account_id
    union all
    select h.branch_id, h.account_id, h.client_branch_id, h.client_id, b.branch_id,
      b.assignment_id, b.employee_id, b.role, b.share, 2 + b.is_general
    from held as h
    join believed as b on b.branch_id = h.client_branch_id and b.client_id = h.client_id
    union all
    select h.branch_id, h.account_id, h.client_branch_id, h.client_id, null, null, null, null, 1, 4
    from held as h
  ), ranked as (
    select c.*, min(c.rank) over (partition by c.branch_id, c.account_id) as first_rank
    from candidate as c
  )
  select r.branch_id, r.account_id, r.client_branch_id, r.client_id, r.assignment_branch_id,
    r.assignment_id, r.employee_id, r.role, r.share
  from ranked as r
  where r.rank = r.first_rank;
end
$$;
comment on function bank.account_coverage_as_of(date, text, timestamptz, integer) is 'Who has each account open on a day, for one product line: account before client, line before general. An account without anybody has one row with no employee and a share of 1: it lies in the pool of its branch';

-- The verbs

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

create or replace function bank.assignments_of(
  scopes bank.coverage_scope[], since date, until date)
returns setof bank.assignment
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
  return query
  select s.*
  from (select distinct x.* from unnest(scopes) as x) as x
  join bank.assignment as s on s.branch_id = x.branch_id and s.client_id = x.client_id
    and coalesce(s.product_line, '') = coalesce(x.product_line, '')
  where s.superseded_at is null and (until is null or s.effective_from < until)
    and (s.effective_until is null or s.effective_until > since)
  union all
  select s.*
  from (select distinct x.* from unnest(scopes) as x) as x
  join bank.assignment as s on s.branch_id = x.branch_id and s.account_id = x.account_id
    and coalesce(s.product_line, '') = coalesce(x.product_line, '')
  where s.superseded_at is null and (until is null or s.effective_from < until)
    and (s.effective_until is null or s.effective_until > since);
end
$$;
comment on function bank.assignments_of(bank.coverage_scope[], date, date) is 'The assignments that count now of exactly these scopes, on any day of a span';

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

create or replace function bank.coverage_scopes(
  of_person text default null, of_branch text default null, on_day date default current_date,
  known_at timestamptz default null)
returns bank.coverage_scope[]
language plpgsql stable as $$
declare
  person constant integer := case when of_person is not null then (bank.employee_keys(array[of_person]))[1] end;
  unit constant ltree := (select path from bank.org_unit where code = of_branch);
begin
  if of_branch is not null and unit is null then
    raise exception using errcode = 'no_data_found',
      message = format('there is no org unit “%s” on record', of_branch), hint = 'Check the code.';
  end if;
  return (
    select array_agg(distinct row(s.branch_id, s.client_id, s.account_id, s.product_line)::bank.coverage_scope)
    from bank.assignment_as_of(on_day, known_at) as s
    where (person is null or s.employee_id = person)
      and (unit is null or s.branch_id in (select u.org_unit_id from bank.org_unit as u where u.path <@ unit)));
end
$$;
comment on function bank.coverage_scopes(text, text, date, timestamptz) is 'The scopes that are assigned on a day: those of one person, of one unit and what lies below it, or both';

create or replace function bank.transfer_coverage(
  scopes bank.coverage_scope[], giver text, receivers text[], since date, until date default null,
  reason text default null)
returns setof bank.coverage_change
language plpgsql set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  entry bank.coverage_entry;
  giver_id constant integer := (bank.employee_keys(array[giver]))[1];
  receiver_ids constant integer[] := bank.employee_keys(receivers);
  dealt bank.proposed_assignment[];
begin
  if coalesce(cardinality(receivers), 0) = 0 or giver = any (receivers) then
    raise exception using errcode = 'invalid_parameter_value',
      message = format('%s cannot hand over to %s', giver,
        case when cardinality(receivers) > 0 then 'themselves' else 'nobody' end),
      hint = 'Name one or more other people; to leave clients to nobody, end their assignments.';
  end if;
  perform bank.plan_for_many(cardinality(scopes));
  perform bank.begin_coverage_change(scopes, since, until);
  -- Scopes are dealt to the receivers in turn, so that their loads grow alike.
  select array_agg(row(g.place, g.branch_id, g.client_id, g.account_id, g.product_line,
    receiver_ids[1 + (g.place - 1) % cardinality(receiver_ids)], since, until)::bank.proposed_assignment)
  into dealt
  from (
    select p.*, row_number() over (order by p.branch_id, p.client_id, p.account_id, p.product_line) as place
    from (
      select distinct s.branch_id, s.client_id, s.account_id, s.product_line
      from bank.assignments_of(scopes, since, until) as s where s.employee_id = giver_id
    ) as p
  ) as g;
  if dealt is null then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_is_there_to_change',
      schema = 'bank', table = 'assignment',
      message = format('%s has nothing from %s on among what is to be handed over', giver, since),
      hint = 'Choose a day on which they have clients, or another person.';
  end if;
  entry := bank.record_coverage_entry('transfer', scopes, since, until, reason, bank.heed_objections(dealt));

  return query
  with given as (
    select d.branch_id, coalesce(d.client_id, 0) as client_key, coalesce(d.account_id, 0) as account_key,
      coalesce(d.product_line, '') as line, d.employee_id as receiver_id
    from unnest(dealt) as d
  ), present as (
    select s.*, coalesce(s.client_id, 0) as client_key, coalesce(s.account_id, 0) as account_key,
      coalesce(s.product_line, '') as line
    from bank.assignments_of(scopes, since, until) as s
  ), touched as (
    -- What the giver has, and what the receiver has of it already: the shares are added up.
    select p.*, g.receiver_id, greatest(p.effective_from, since) as inner_from,
      nullif(least(coalesce(p.effective_until, 'infinity'), coalesce(until, 'infinity')), 'infinity') as inner_until
    from present as p
    join given as g using (branch_id, client_key, account_key, line)
    where p.employee_id in (giver_id, g.receiver_id)
  ), bound as (
    select branch_id, client_key, account_key, line, inner_from as day from touched
    union
    select branch_id, client_key, account_key, line, coalesce(inner_until, 'infinity') from touched
  ), segment as (
    select b.*, lead(b.day) over (
      partition by b.branch_id, b.client_key, b.account_key, b.line order by b.day) as next_day
    from bound as b
  ), merged as (
    select t.branch_id, t.client_id, t.account_id, t.product_line, t.receiver_id, g.day, g.next_day,
      min(t.role) as role, sum(t.share) as share
    from segment as g
    join touched as t using (branch_id, client_key, account_key, line)
    where t.inner_from <= g.day and coalesce(t.inner_until, 'infinity') >= g.next_day
    group by t.branch_id, t.client_id, t.account_id, t.product_line, t.receiver_id, g.day, g.next_day
  ), island as (
    -- Neighbouring days with the same role and share are one row.
    select m.*, sum(m.is_new) over (
      partition by m.branch_id, m.client_id, m.account_id, m.product_line order by m.day) as number
    from (
      select m.*, (lag(m.next_day) over w is distinct from m.day or lag(m.role) over w <> m.role
        or lag(m.share) over w <> m.share)::integer as is_new
      from merged as m
      window w as (partition by m.branch_id, m.client_id, m.account_id, m.product_line order by m.day)
    ) as m
  ), gone as (
    update bank.assignment as s
    set superseded_at = entry.made_at, superseding_entry_id = entry.coverage_entry_id
    from touched as t
    where s.branch_id = t.branch_id and s.assignment_id = t.assignment_id and s.superseded_at is null
    returning s.*
  ), came as (
    insert into bank.assignment
      (branch_id, client_id, account_id, product_line, employee_id, role, share,
       effective_from, effective_until, recorded_at, entry_id, continues_id)
    select g.branch_id, g.client_id, g.account_id, g.product_line, g.employee_id, g.role, g.share,
      g.effective_from, since, entry.made_at, entry.coverage_entry_id, g.assignment_id
    from gone as g where g.effective_from < since
    union all
    select g.branch_id, g.client_id, g.account_id, g.product_line, g.employee_id, g.role, g.share,
      until, g.effective_until, entry.made_at, entry.coverage_entry_id, g.assignment_id
    from gone as g where until is not null and (g.effective_until is null or g.effective_until > until)
    union all
    select i.branch_id, i.client_id, i.account_id, i.product_line, i.receiver_id, i.role, i.share,
      min(i.day), nullif(max(i.next_day), 'infinity'), entry.made_at, entry.coverage_entry_id, null
    from island as i
    group by i.branch_id, i.client_id, i.account_id, i.product_line, i.receiver_id, i.role, i.share, i.number
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
comment on function bank.transfer_coverage(bank.coverage_scope[], text, text[], date, date, text) is 'Puts one person, or several in turn, in the place of another in some scopes on a span of days: roles and shares stay, and a receiver who is in the team already has both shares. Returns every row that it superseded or recorded';

-- What a change comes to

create or replace function bank.coverage_effect(of_entry bigint)
returns table (
  person text, scopes_before bigint, scopes_after bigint, shares_before numeric, shares_after numeric,
  balance_change numeric)
language plpgsql set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  first_day constant date := (select effective_from from bank.coverage_entry where coverage_entry_id = of_entry);
begin
  perform bank.plan_for_many((
    select count(*)::integer from bank.assignment as s
    where s.entry_id = of_entry or s.superseding_entry_id = of_entry));
  return query
  with moved as (
    -- What the entry recorded counts for, what it superseded against, on its first day.
    select s.branch_id, s.client_id, s.account_id, s.employee_id, s.share,
      case when s.entry_id = of_entry then 1 else -1 end as sign
    from bank.assignment as s
    where (s.entry_id = of_entry or s.superseding_entry_id = of_entry)
      and s.effective_from <= first_day and (s.effective_until is null or s.effective_until > first_day)
  ), of_scope as (
    -- A client stands for the accounts that they own and that have no assignment of their own.
    select m.branch_id, m.client_id, m.account_id, coalesce(sum(a.credits - a.debits), 0) as balance
    from (select distinct x.branch_id, x.client_id, x.account_id from moved as x) as m
    left join bank.account_holder as h
      on h.client_branch_id = m.branch_id and h.client_id = m.client_id and h.role = 'owner'
      and not exists (
        select 1 from bank.assignment as s
        where s.branch_id = h.branch_id and s.account_id = h.account_id and s.superseded_at is null
          and s.effective_from <= first_day and (s.effective_until is null or s.effective_until > first_day))
    left join bank.account_month as a
      on a.branch_id = coalesce(h.branch_id, m.branch_id)
      and a.account_id = coalesce(h.account_id, m.account_id)
    group by m.branch_id, m.client_id, m.account_id
  ), change as (
    select m.employee_id, sum(m.sign) as scopes, sum(m.sign * m.share) as shares,
      coalesce(sum(m.sign * m.share * b.balance), 0) as balance
    from moved as m
    left join of_scope as b
      on b.branch_id = m.branch_id and coalesce(b.client_id, 0) = coalesce(m.client_id, 0)
      and coalesce(b.account_id, 0) = coalesce(m.account_id, 0)
    group by m.employee_id
  ), now_held as (
    select s.employee_id, count(*) as scopes, sum(s.share) as shares
    from bank.assignment as s
    where s.employee_id in (select c.employee_id from change as c) and s.superseded_at is null
      and s.effective_from <= first_day and (s.effective_until is null or s.effective_until > first_day)
    group by s.employee_id
  )
  select e.number, coalesce(h.scopes, 0) - c.scopes, coalesce(h.scopes, 0),
    coalesce(h.shares, 0) - c.shares, coalesce(h.shares, 0), c.balance
  from change as c
  join bank.employee as e using (employee_id)
  left join now_held as h using (employee_id)
  order by e.number collate "C";
end
$$;
comment on function bank.coverage_effect(bigint) is 'What an entry changed for each person on its first day: clients and accounts, the sum of shares, and the balance that the shares stand for. Within the transaction of the change it can be read before anybody commits it';
