-- Who looks after what, as of two dates.

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
