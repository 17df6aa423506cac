-- Files of assignments: what is new on record goes through the same rules as the verbs, row by row. Rows that
-- go against one go to quarantine with all the rows of their client or account; the rest is loaded.

create or replace function bank.level_incoming_assignments() returns void
language plpgsql as $$
begin
  -- A file is of clients or of accounts. With both columns, one of them empty, the rest is said once.
  alter table incoming add column if not exists client_id bigint;
  alter table incoming add column if not exists account_id bigint;
  -- Where a file has no roles, the person with the largest share is the main one, and of equals the first.
  update incoming as i
  set role = case when exists (
      select 1 from incoming as o
      where o.branch_id = i.branch_id and coalesce(o.client_id, 0) = coalesce(i.client_id, 0)
        and coalesce(o.account_id, 0) = coalesce(i.account_id, 0)
        and coalesce(o.product_line, '') = coalesce(i.product_line, '') and o.line_number <> i.line_number
        and daterange(o.effective_from, case when o.effective_until > o.effective_from then o.effective_until end)
          && daterange(i.effective_from, case when i.effective_until > i.effective_from then i.effective_until end)
        and (o.role = 'main' or o.role is null and (o.share, -o.line_number) > (i.share, -i.line_number)))
    then 'assisting' else 'main' end
  where i.role is null;
end
$$;
comment on function bank.level_incoming_assignments() is 'Gives incoming assignments a client and an account column, of which one is empty, and makes the person with the largest share the main manager where the file names no roles';

create or replace function bank.reject_incoming(batch bigint) returns bigint
language plpgsql as $$
declare
  rejected bigint;
begin
  -- Every reason that was found, and none twice.
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
  select batch, o.line_number, row_number() over (partition by o.line_number order by o.first_found), o.code,
    null, o.value, o.reason
  from (
    select f.line_number, f.code, f.value, f.reason, min(f.found) as first_found
    from found_wrong as f group by f.line_number, f.code, f.value, f.reason
  ) as o;
  select count(distinct f.line_number) into rejected from found_wrong as f;
  return rejected;
end
$$;
comment on function bank.reject_incoming(bigint) is 'Writes what was noted in "found_wrong" to quarantine; returns the number of rows';

create or replace function bank.note_wrong_days() returns void
language plpgsql as $$
begin
  insert into found_wrong (line_number, value, reason)
  select i.line_number, i.effective_until::text,
    format('the dates are reversed: it would begin on %s and end before %s; the end is the day after the last day',
      i.effective_from, i.effective_until)
  from incoming as i where i.effective_until <= i.effective_from;

  insert into found_wrong (line_number, reason)
  select distinct on (i.line_number) i.line_number,
    format('%s is %s''s from %s%s%s, and line %s gives it to %s from %s%s; send the change as coverage_changes, or choose days on which nobody has it',
      bank.scope_label(row(i.branch_id, i.client_id, i.account_id, i.product_line)), e.number, s.effective_from,
      coalesce(' until ' || s.effective_until, ''),
      coalesce(' (batch ' || s.batch_id || coalesce(', line ' || s.line_number, '') || ')', ' (entry ' || s.entry_id || ')'),
      i.line_number, g.number, i.effective_from, coalesce(' until ' || i.effective_until, ''))
  from incoming as i
  join bank.assignment as s on s.branch_id = i.branch_id and s.superseded_at is null
    and (s.client_id = i.client_id or s.account_id = i.account_id)
    and coalesce(s.product_line, '') = coalesce(i.product_line, '')
    and s.effective_from < coalesce(i.effective_until, 'infinity') and coalesce(s.effective_until, 'infinity') > i.effective_from
  join bank.employee as e on e.employee_id = s.employee_id
  join bank.employee as g on g.employee_id = i.employee_id
  order by i.line_number, s.role, s.effective_from;

  insert into found_wrong (line_number, value, reason)
  select distinct on (i.line_number) i.line_number, e.number,
    format('lines %s and %s give %s to %s on the same days; keep one of them, with the whole share',
      o.line_number, i.line_number, bank.scope_label(row(i.branch_id, i.client_id, i.account_id, i.product_line)), e.number)
  from incoming as i
  join incoming as o on o.branch_id = i.branch_id and o.employee_id = i.employee_id
    and coalesce(o.client_id, 0) = coalesce(i.client_id, 0) and coalesce(o.account_id, 0) = coalesce(i.account_id, 0)
    and coalesce(o.product_line, '') = coalesce(i.product_line, '') and o.line_number < i.line_number
    and o.effective_from < coalesce(i.effective_until, 'infinity') and coalesce(o.effective_until, 'infinity') > i.effective_from
  join bank.employee as e on e.employee_id = i.employee_id
  order by i.line_number, o.line_number;
end
$$;
comment on function bank.note_wrong_days() is 'Notes incoming assignments whose dates are reversed, whose days are taken by what is on record, or that name a person twice a day';

create or replace function bank.note_wrong_shares() returns void
language plpgsql as $$
begin
  -- The first day on which the shares of a client or account do not sum to 1, or not one person is the main
  -- manager, with the rows of that day.
  insert into found_wrong (line_number, reason)
  with part as (
    select i.*, coalesce(i.client_id, 0) as client_key, coalesce(i.account_id, 0) as account_key,
      coalesce(i.product_line, '') as line
    from incoming as i
    where i.effective_until is null or i.effective_until > i.effective_from
  ), daily as (
    select branch_id, client_key, account_key, line, day, sum(share) as share, sum(mains) as mains
    from (
      select p.branch_id, p.client_key, p.account_key, p.line, p.effective_from as day, p.share,
        (p.role = 'main')::integer as mains
      from part as p
      union all
      select p.branch_id, p.client_key, p.account_key, p.line, p.effective_until, -p.share, -(p.role = 'main')::integer
      from part as p where p.effective_until is not null
    ) as change
    group by branch_id, client_key, account_key, line, day
  ), total as (
    select d.branch_id, d.client_key, d.account_key, d.line, d.day,
      sum(d.share) over so_far as share, sum(d.mains) over so_far as mains
    from daily as d
    window so_far as (partition by d.branch_id, d.client_key, d.account_key, d.line order by d.day)
  ), wrong as (
    select distinct on (t.branch_id, t.client_key, t.account_key, t.line) t.*
    from total as t
    where (t.share, t.mains) not in ((1, 1), (0, 0))
    order by t.branch_id, t.client_key, t.account_key, t.line, t.day
  ), told as (
    select w.branch_id, w.client_key, w.account_key, w.line, case when w.share = 1 then
        format('%s has %s on %s: %s; say who of them is the main one',
          bank.scope_label(row(w.branch_id, nullif(w.client_key, 0), nullif(w.account_key, 0), nullif(w.line, ''))),
          case w.mains when 0 then 'no main relationship manager' else w.mains || ' main relationship managers' end,
          w.day, p.lines)
      else
        format('the shares of %s sum to %s on %s, not to 1: %s; correct them, or send the row that is missing',
          bank.scope_label(row(w.branch_id, nullif(w.client_key, 0), nullif(w.account_key, 0), nullif(w.line, ''))),
          trim_scale(w.share), w.day, p.lines)
      end as reason
    from wrong as w
    cross join lateral (
      select string_agg(format('line %s has %s of %s', p.line_number, trim_scale(p.share), e.number), ', ' order by p.line_number)
        as lines
      from part as p
      join bank.employee as e on e.employee_id = p.employee_id
      where p.branch_id = w.branch_id and p.client_key = w.client_key and p.account_key = w.account_key
        and p.line = w.line and p.effective_from <= w.day and (p.effective_until is null or p.effective_until > w.day)
    ) as p
  )
  select p.line_number, t.reason
  from part as p
  join told as t using (branch_id, client_key, account_key, line);
end
$$;
comment on function bank.note_wrong_shares() is 'Notes all incoming rows of a client or account whose shares do not sum to 1, or that has not one main manager, on some day';

create or replace function bank.note_objections(counting boolean) returns text[]
language plpgsql as $$
declare
  slice bank.proposed_assignment[];
  heard text[] := '{}';
  first_person integer := 0;
  last_person integer;
begin
  -- Person by person, as their capacity asks, some ten thousands of rows at a time.
  loop
    select max(p.employee_id) into last_person
    from (
      select n.employee_id, sum(n.assignments) over (order by n.employee_id) as so_far, n.assignments
      from (
        select i.employee_id, count(*) as assignments from incoming as i
        where i.employee_id > first_person group by i.employee_id
      ) as n
    ) as p
    where p.so_far <= 50000 or p.so_far = p.assignments;
    exit when last_person is null;
    select array_agg(row(i.line_number, i.branch_id, i.client_id, i.account_id, i.product_line, i.employee_id,
      i.effective_from, i.effective_until)::bank.proposed_assignment)
    into slice
    from incoming as i
    where i.employee_id > first_person and i.employee_id <= last_person
      and not exists (select 1 from found_wrong as f where f.line_number = i.line_number);
    with objection as (
      -- What stands in no rule is never let pass, and says itself what to do.
      select o.place, coalesce(r.action, 'refuse') as action,
        o.objection || case when r.action = 'refuse' then '; choose somebody else, or see bank.coverage_rule' else '' end as objection
      from bank.coverage_objections(slice, counting) as o
      left join bank.coverage_rule as r on r.code = o.rule
    ), refused as (
      insert into found_wrong (line_number, reason)
      select o.place, o.objection
      from objection as o where o.action = 'refuse'
    )
    select heard || array_agg(o.objection order by o.objection) into heard
    from (select distinct o.objection from objection as o where o.action = 'warn' limit 100) as o;
    first_person := last_person;
  end loop;
  return heard[1:100];
end
$$;
comment on function bank.note_objections(boolean) is 'Notes incoming assignments that a rule of coverage refuses, counting those of each person or looking at each by itself; returns the first hundred objections that the rules let pass';

create or replace function bank.note_companions() returns void
language plpgsql as $$
begin
  -- Without one of its rows a team is not whole.
  insert into found_wrong (line_number, reason)
  select i.line_number, format('line %s of %s is refused, and without it the rest is not whole; correct that line and send all of them again',
    min(f.line_number), bank.scope_label(row(i.branch_id, i.client_id, i.account_id, i.product_line)))
  from incoming as i
  join incoming as o on o.branch_id = i.branch_id and coalesce(o.client_id, 0) = coalesce(i.client_id, 0)
    and coalesce(o.account_id, 0) = coalesce(i.account_id, 0)
    and coalesce(o.product_line, '') = coalesce(i.product_line, '')
  join found_wrong as f on f.line_number = o.line_number
  where not exists (select 1 from found_wrong as w where w.line_number = i.line_number)
  group by i.line_number, i.branch_id, i.client_id, i.account_id, i.product_line;
end
$$;
comment on function bank.note_companions() is 'Notes the incoming assignments of a client or account of which another row is refused';

create or replace function bank.place_incoming_assignments(batch bigint) returns bigint
language plpgsql set enable_nestloop = on as $$
declare
  warned text[];
  placed bigint;
begin
  perform bank.plan_for_many((select count(*)::integer from incoming));
  create temporary table found_wrong (
    found bigint generated always as identity, line_number bigint not null, code text not null default 'IMP-0404',
    value text, reason text not null) on commit drop;
  perform bank.lock_coverage((
    select array_agg(distinct row(i.branch_id, i.client_id, i.account_id, null)::bank.coverage_scope) from incoming as i));
  perform bank.note_wrong_days();
  perform bank.note_wrong_shares();
  -- A row that stays out takes no room: who has too many is counted when all else is known.
  warned := bank.note_objections(false);
  perform bank.note_companions();
  warned := warned || bank.note_objections(true);
  perform bank.note_companions();
  perform bank.reject_incoming(batch);
  insert into bank.assignment
    (branch_id, client_id, account_id, product_line, employee_id, role, share, effective_from, effective_until,
     batch_id, line_number)
  select i.branch_id, i.client_id, i.account_id, i.product_line, i.employee_id, i.role::bank.assignment_role, i.share,
    i.effective_from, i.effective_until, batch, i.line_number
  from incoming as i
  where not exists (select 1 from found_wrong as f where f.line_number = i.line_number);
  get diagnostics placed = row_count;
  drop table found_wrong;
  if placed > 0 and cardinality(warned) > 0 then
    insert into bank.coverage_entry (verb, effective_from, warnings, made_at, batch_id)
    select 'import', min(s.effective_from), warned, now(), batch from bank.assignment as s where s.batch_id = batch;
  end if;
  return placed;
end
$$;
comment on function bank.place_incoming_assignments(bigint) is 'Inserts the incoming assignments that no rule refuses, and rejects the others with all rows of their client or account; what the rules let pass is kept as an entry of the batch. Returns how many were placed';
