-- Prospects, key persons and groups of clients; and the history that these and the segments keep.

create or replace function bank.keep_client_history() returns trigger
language plpgsql as $$
begin
  perform bank.refuse_order(tg_table_name || '_keeps_its_history', tg_table_name,
    format('%s of bank.%s is refused: what was believed stays on record', lower(tg_op), tg_table_name),
    'Use the functions of SQL/functions/clients.sql and client-records.sql; a row may only be superseded, once.',
    'restrict_violation');
  return null;
end
$$;
comment on function bank.keep_client_history() is 'Trigger: what is believed of a client may be superseded once; nothing else in it changes, and none is deleted';

-- The conditions are the server's own work, so that superseding many rows calls no function.
create or replace trigger client_segment_is_only_superseded
  before update on bank.client_segment
  for each row when (
    (old.branch_id, old.client_segment_id, old.client_id, old.axis, old.segment, old.effective_from,
      old.effective_until, old.recorded_at, old.recorded_by, old.reason, old.batch_id, old.line_number)
    is distinct from
    (new.branch_id, new.client_segment_id, new.client_id, new.axis, new.segment, new.effective_from,
      new.effective_until, new.recorded_at, new.recorded_by, new.reason, new.batch_id, new.line_number)
    or old.superseded_at is not null or new.superseded_at is null)
  execute function bank.keep_client_history();
create or replace trigger client_segment_is_never_deleted
  before delete or truncate on bank.client_segment
  for each statement execute function bank.keep_client_history();

create or replace trigger client_group_member_is_only_superseded
  before update on bank.client_group_member
  for each row when (
    (old.branch_id, old.client_group_member_id, old.client_id, old.client_group_id, old.role, old.effective_from,
      old.effective_until, old.recorded_at, old.recorded_by, old.reason, old.batch_id, old.line_number)
    is distinct from
    (new.branch_id, new.client_group_member_id, new.client_id, new.client_group_id, new.role, new.effective_from,
      new.effective_until, new.recorded_at, new.recorded_by, new.reason, new.batch_id, new.line_number)
    or old.superseded_at is not null or new.superseded_at is null)
  execute function bank.keep_client_history();
create or replace trigger client_group_member_is_never_deleted
  before delete or truncate on bank.client_group_member
  for each statement execute function bank.keep_client_history();

create or replace trigger key_person_is_only_superseded
  before update on bank.key_person
  for each row when (
    (old.branch_id, old.key_person_id, old.client_id, old.name, old.position, old.relationship_strength,
      old.recorded_at, old.recorded_by, old.batch_id, old.line_number)
    is distinct from
    (new.branch_id, new.key_person_id, new.client_id, new.name, new.position, new.relationship_strength,
      new.recorded_at, new.recorded_by, new.batch_id, new.line_number)
    or old.superseded_at is not null or new.superseded_at is null)
  execute function bank.keep_client_history();
create or replace trigger key_person_is_never_deleted
  before delete or truncate on bank.key_person
  for each statement execute function bank.keep_client_history();

-- Prospects

create or replace function bank.add_prospect(
  client_number text, client_name text, of_kind bank.client_kind, branch_code text, since date default current_date,
  why text default null) returns void
language plpgsql as $$
declare
  known record;
  scope bank.coverage_scope;
begin
  -- Numbers are unique in the bank; imports of clients take turns with this.
  perform pg_advisory_xact_lock(hashtextextended('import of clients', 0));
  select c.name, u.code into known
  from bank.client as c join bank.org_unit as u on u.org_unit_id = c.branch_id
  where c.number = client_number;
  if found then
    perform bank.refuse_order('client_number_is_unique', 'client',
      format('the number “%s” is taken by %s at %s', client_number, coalesce(known.name, 'a client without a name'), known.code),
      'Use another number, or put that client back to prospect with banyan client segment.', 'unique_violation');
  end if;
  insert into bank.client (branch_id, number, name, kind)
  values (bank.require_org_unit(branch_code, since), client_number, client_name, of_kind)
  returning branch_id, client_id into scope.branch_id, scope.client_id;
  perform bank.set_segments('status', array[scope], '{prospect}', since, null, why);
end
$$;
comment on function bank.add_prospect(text, text, bank.client_kind, text, date, text) is 'Enters somebody who is not a client yet, with the status prospect from a day on; when they become one, only the status changes';

create or replace function bank.mark_incoming_prospects(batch bigint) returns void
language plpgsql as $$
begin
  insert into bank.client_segment (branch_id, client_id, axis, segment, effective_from, batch_id, line_number)
  select c.branch_id, c.client_id, 'status', 'prospect', i.effective_from, c.batch_id, c.line_number
  from incoming as i
  join bank.client as c on c.branch_id = i.branch_id and c.number = i.number
  where c.batch_id = batch;
end
$$;
comment on function bank.mark_incoming_prospects(bigint) is 'Gives the clients that an import of prospects has inserted their status';

-- Key persons

create or replace function bank.set_key_person(
  client_number text, person_name text, person_position text, strength integer, why text default null) returns boolean
language plpgsql as $$
declare
  scope constant bank.coverage_scope := bank.client_scope(client_number);
  present bank.key_person;
  at timestamptz;
begin
  perform bank.lock_coverage(array[scope]);
  at := clock_timestamp();
  select * into present from bank.key_person as k
  where k.branch_id = scope.branch_id and k.client_id = scope.client_id and k.name = person_name
    and k.superseded_at is null;
  if (present.position, present.relationship_strength) = (person_position, strength) then
    return false;
  end if;
  update bank.key_person as k set superseded_at = at
  where k.branch_id = scope.branch_id and k.key_person_id = present.key_person_id;
  insert into bank.key_person (branch_id, client_id, name, position, relationship_strength, recorded_at, reason)
  values (scope.branch_id, scope.client_id, person_name, person_position, strength, at, why);
  return true;
end
$$;
comment on function bank.set_key_person(text, text, text, integer, text) is 'Records a person who decides at a client, or what they are and how well the bank stands with them now; what was believed before is superseded. Returns whether anything changed';

create or replace function bank.remove_key_person(client_number text, person_name text, why text) returns void
language plpgsql as $$
declare
  scope constant bank.coverage_scope := bank.client_scope(client_number);
begin
  perform bank.lock_coverage(array[scope]);
  update bank.key_person as k set superseded_at = clock_timestamp(), reason = coalesce(why, k.reason)
  where k.branch_id = scope.branch_id and k.client_id = scope.client_id and k.name = person_name
    and k.superseded_at is null;
  if not found then
    perform bank.refuse_order('key_person_is_known', 'key_person',
      format('%s has no key person “%s”; there are %s', bank.scope_label(scope), person_name, coalesce((
        select string_agg(k.name, ', ' order by k.name) from bank.key_person as k
        where k.branch_id = scope.branch_id and k.client_id = scope.client_id and k.superseded_at is null), 'none')),
      'Use the name as it is on record.', 'foreign_key_violation');
  end if;
end
$$;
comment on function bank.remove_key_person(text, text, text) is 'A person no longer decides at a client; what was believed stays on record with the reason';

create or replace function bank.place_incoming_key_persons(batch bigint) returns bigint
language plpgsql as $$
declare
  moment constant timestamptz := clock_timestamp();
  placed bigint;
begin
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
  select batch, i.line_number, 1, 'IMP-0301', 'name', i.name,
    format('this key person stands in line %s of the file already; keep one', i.first_line)
  from (
    select n.*, min(n.line_number) over (partition by n.branch_id, n.client_id, n.name) as first_line from incoming as n
  ) as i
  where i.line_number > i.first_line;
  with changed as (
    select i.*, k.key_person_id
    from incoming as i
    left join bank.key_person as k
      on k.branch_id = i.branch_id and k.client_id = i.client_id and k.name = i.name and k.superseded_at is null
    where (k.position, k.relationship_strength) is distinct from (i.position, i.relationship_strength)
      and i.relationship_strength between 1 and 5
      and not exists (select 1 from bank.rejected_row as r where r.batch_id = batch and r.line_number = i.line_number)
  ), gone as (
    update bank.key_person as k set superseded_at = moment
    from changed as c
    where k.branch_id = c.branch_id and k.key_person_id = c.key_person_id
    returning k.key_person_id
  )
  insert into bank.key_person
    (branch_id, client_id, name, position, relationship_strength, recorded_at, batch_id, line_number)
  select c.branch_id, c.client_id, c.name, c.position, c.relationship_strength, moment, batch, c.line_number
  from changed as c
  where (select count(*) from gone) >= 0;  -- superseded first
  get diagnostics placed = row_count;
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
  select batch, i.line_number, 1, 'IMP-0205', 'relationship_strength', i.relationship_strength::text,
    format('the strength %s is not from 1, hardly known, to 5, trusted; correct it', i.relationship_strength)
  from incoming as i
  where i.relationship_strength not between 1 and 5
    and not exists (select 1 from bank.rejected_row as r where r.batch_id = batch and r.line_number = i.line_number);
  return placed;
end
$$;
comment on function bank.place_incoming_key_persons(bigint) is 'Records the incoming key persons, and what has changed of those on record; returns how many rows are new';

-- Groups

create or replace function bank.client_group_key(group_code text) returns integer
language plpgsql stable as $$
declare
  key constant integer := (select g.client_group_id from bank.client_group as g where g.code = group_code);
begin
  if key is null then
    perform bank.refuse_order('client_group_is_known', 'client_group',
      format('there is no group “%s” on record', group_code),
      'See the codes with banyan client group list, or give a name to make it.', 'foreign_key_violation');
  end if;
  return key;
end
$$;
comment on function bank.client_group_key(text) is 'The key of a group by code; refuses one that nobody knows';

create or replace function bank.require_client_group(group_code text) returns integer
language plpgsql as $$
declare
  key constant integer := bank.client_group_key(group_code);
begin
  perform 1 from bank.client_group as g where g.client_group_id = key for update;
  return key;
end
$$;
comment on function bank.require_client_group(text) is 'The key of a group by code, locked for a change; refuses one that nobody knows';

create or replace function bank.put_in_group(
  group_code text, client_number text, as_role bank.group_role default 'member', since date default current_date,
  until date default null, group_name text default null, why text default null, batch bigint default null,
  line bigint default null) returns boolean
language plpgsql as $$
declare
  scope constant bank.coverage_scope := bank.client_scope(client_number);
  into_group integer;
  moment timestamptz;
begin
  if until <= since then
    perform bank.refuse_order('client_group_member_dates_in_order', 'client_group_member',
      format('the dates are reversed: it would begin on %s and end before %s', since, until),
      'The end is the day after the last day.');
  end if;
  if group_name is not null then
    insert into bank.client_group (code, name) values (group_code, group_name) on conflict (code) do nothing;
  end if;
  into_group := bank.require_client_group(group_code);
  moment := clock_timestamp();
  if exists (
    select 1 from bank.client_group_member as m
    where m.branch_id = scope.branch_id and m.client_id = scope.client_id and m.client_group_id = into_group
      and m.superseded_at is null and m.role = as_role and m.effective_from <= since
      and (m.effective_until is null or m.effective_until >= until))
  then
    return false;
  end if;
  perform bank.cut_group_membership(scope, into_group, since, until, moment, why);
  insert into bank.client_group_member
    (branch_id, client_id, client_group_id, role, effective_from, effective_until, recorded_at, reason, batch_id, line_number)
  values (scope.branch_id, scope.client_id, into_group, as_role, since, until, moment, why, batch, line);
  return true;
end
$$;
comment on function bank.put_in_group(text, text, bank.group_role, date, date, text, text, bigint, bigint) is 'Puts a client into a group from a day on, or on a span of days, as its head or a member, whatever is on record for them; with a name a group that is not on record is made. Returns whether anything changed';

create or replace function bank.cut_group_membership(
  scope bank.coverage_scope, of_group integer, since date, until date, moment timestamptz, why text) returns bigint
language plpgsql as $$
declare
  cut bigint;
begin
  with gone as (
    update bank.client_group_member as m set superseded_at = moment
    where m.branch_id = scope.branch_id and m.client_id = scope.client_id and m.client_group_id = of_group
      and m.superseded_at is null and (until is null or m.effective_from < until)
      and (m.effective_until is null or m.effective_until > since)
    returning m.*
  ), rest as (
    insert into bank.client_group_member
      (branch_id, client_id, client_group_id, role, effective_from, effective_until, recorded_at, reason, batch_id, line_number)
    select g.branch_id, g.client_id, g.client_group_id, g.role, g.effective_from, since, moment, why, g.batch_id, g.line_number
    from gone as g where g.effective_from < since
    union all
    select g.branch_id, g.client_id, g.client_group_id, g.role, until, g.effective_until, moment, why, g.batch_id, g.line_number
    from gone as g where until is not null and (g.effective_until is null or g.effective_until > until)
  )
  select count(*) into cut from gone;
  return cut;
end
$$;
comment on function bank.cut_group_membership(bank.coverage_scope, integer, date, date, timestamptz, text) is 'Takes a span of days out of a client''s membership in a group; what lay before and after stays. Returns how many rows it superseded';

create or replace function bank.leave_group(
  group_code text, client_number text, since date, why text default null) returns void
language plpgsql as $$
declare
  scope constant bank.coverage_scope := bank.client_scope(client_number);
  of_group constant integer := bank.require_client_group(group_code);
begin
  if bank.cut_group_membership(scope, of_group, since, null, clock_timestamp(), why) = 0 then
    perform bank.refuse_order('client_group_member_is_there', 'client_group_member',
      format('%s is not in the group %s on %s or later', bank.scope_label(scope), group_code, since),
      'See its clients with banyan client group show.');
  end if;
end
$$;
comment on function bank.leave_group(text, text, date, text) is 'A client is no longer in a group from a day on';

create or replace function bank.check_group_heads() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  -- Writers of one group take turns, so that none overlooks the other's head.
  perform 1 from bank.client_group as g
  where g.client_group_id in (select c.client_group_id from changed as c)
  order by g.client_group_id for update;
  select g.code, bank.scope_label(row(m.branch_id, m.client_id, null, null)) as head, m.effective_from, m.effective_until,
    bank.scope_label(row(o.branch_id, o.client_id, null, null)) as other, o.effective_from as other_from
  into wrong
  from changed as c
  join bank.client_group_member as o on o.client_group_id = c.client_group_id and o.superseded_at is null and o.role = 'head'
    and o.branch_id = c.branch_id and o.client_group_member_id = c.client_group_member_id
  join bank.client_group_member as m on m.client_group_id = c.client_group_id and m.superseded_at is null and m.role = 'head'
    and (m.branch_id, m.client_group_member_id) <> (o.branch_id, o.client_group_member_id)
    and daterange(m.effective_from, m.effective_until) && daterange(o.effective_from, o.effective_until)
  join bank.client_group as g on g.client_group_id = c.client_group_id
  limit 1;
  if found then
    perform bank.refuse_order('client_group_has_one_head', 'client_group_member',
      format('%s cannot lead the group %s from %s on: %s leads it from %s%s', wrong.other, wrong.code, wrong.other_from,
        wrong.head, wrong.effective_from, coalesce(' until ' || wrong.effective_until, ' on')),
      'Make the one on record a member first, or let it leave.', 'exclusion_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_group_heads() is 'Trigger: a group has one head a day';
create or replace trigger client_group_member_heads_after_insert after insert on bank.client_group_member
  referencing new table as changed for each statement execute function bank.check_group_heads();

create or replace function bank.group_member_as_of(valid_on date, known_at timestamptz default null)
returns setof bank.client_group_member
language plpgsql stable as $$
begin
  return query
  select m.* from bank.client_group_member as m
  where (known_at is null and m.superseded_at is null
      or m.recorded_at <= known_at and (m.superseded_at is null or m.superseded_at > known_at))
    and m.effective_from <= valid_on and (m.effective_until is null or m.effective_until > valid_on);
end
$$;
comment on function bank.group_member_as_of(date, timestamptz) is 'The clients of all groups on a day as they were believed at a moment; without one, as they are believed now';
