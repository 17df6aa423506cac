-- The org tree: what it looked like on any day, as we know it now or as we knew it then; the changes that
-- may be made to it; and the rules that hold on every day.

create or replace function bank.org_places(as_of date, known_at timestamptz default null)
returns table (
  org_unit_id integer, code text, name text, level bank.org_level, parent_id integer, path ltree,
  is_open boolean, effective_from date, effective_until date)
language plpgsql stable as $$
declare
  units integer[];
  homes integer[];
  versions bigint[];
  open_flags boolean[];
  placed integer[] := '{}';
  paths ltree[] := '{}';
  rung integer[];
  rung_paths ltree[];
begin
  with believed as (
    select v.* from bank.org_unit_version as v
    where (known_at is null and v.superseded_at is null)
      or (v.recorded_at <= known_at and (v.superseded_at is null or v.superseded_at > known_at))
  ), shown as (
    -- What the unit is on that day, or was on its last day before, or will be on its first day.
    select distinct on (b.org_unit_id) b.org_unit_id as unit, b.org_unit_version_id, b.parent_id,
      b.effective_from as opened, b.effective_until as closed,
      b.effective_from <= as_of and (b.effective_until is null or b.effective_until > as_of) as is_open
    from believed as b
    order by b.org_unit_id, b.effective_from > as_of,
      case when b.effective_from > as_of then b.effective_from - as_of else as_of - b.effective_from end
  ), inherited as (
    select s.from_unit_id, s.to_unit_id, s.effective_on, s.org_succession_id
    from bank.org_succession as s
    where (known_at is null and s.superseded_at is null)
      or (s.recorded_at <= known_at and (s.superseded_at is null or s.superseded_at > known_at))
  ), heir as (
    select distinct on (o.unit) o.unit, s.to_unit_id as home
    from shown as o join inherited as s on s.from_unit_id = o.unit and s.effective_on = o.closed
    where o.closed <= as_of
    order by o.unit, s.org_succession_id
  ), origin as (
    select distinct on (o.unit) o.unit, s.from_unit_id as home
    from shown as o join inherited as s on s.to_unit_id = o.unit and s.effective_on = o.opened
    where o.opened > as_of
    order by o.unit, s.org_succession_id
  )
  -- A unit that is open lies under its parent. One that has closed lies below its heir, and one that will
  -- open below its origin, so that what is booked there counts once in the tree of any day; without either
  -- it lies under its last or first parent.
  select array_agg(v.unit), array_agg(coalesce(h.home, o.home, v.parent_id)),
    array_agg(v.org_unit_version_id), array_agg(v.is_open)
  into units, homes, versions, open_flags
  from shown as v
  left join heir as h on h.unit = v.unit
  left join origin as o on o.unit = v.unit;

  select array_agg(u.unit), array_agg(u.unit::text::ltree) into rung, rung_paths
  from unnest(units, homes) as u (unit, home)
  where u.home is null;
  while rung is not null loop
    placed := placed || rung;
    paths := paths || rung_paths;
    select array_agg(u.unit), array_agg(r.path || u.unit::text) into rung, rung_paths
    from unnest(units, homes) as u (unit, home)
    join unnest(rung, rung_paths) as r (unit, path) on r.unit = u.home;
  end loop;

  return query
  select u.unit, o.code, v.name, v.level, u.home, p.path, u.is_open, v.effective_from, v.effective_until
  from unnest(units, homes, versions, open_flags) as u (unit, home, version, is_open)
  join unnest(placed, paths) as p (unit, path) on p.unit = u.unit
  join bank.org_unit_version as v on v.org_unit_version_id = u.version
  join bank.org_unit as o on o.org_unit_id = u.unit;
end
$$;
comment on function bank.org_places(date, timestamptz) is 'Where every unit that ever was stands in the tree of a day: open units under their parents, closed ones below their heirs, later ones below their origins; as known now, or as known at a time';

create or replace function bank.org_tree(as_of date default current_date, known_at timestamptz default null)
returns table (
  org_unit_id integer, code text, name text, level bank.org_level, parent_id integer, path ltree,
  effective_from date, effective_until date)
language plpgsql stable as $$
begin
  return query
  select p.org_unit_id, p.code, p.name, p.level, p.parent_id, p.path, p.effective_from, p.effective_until
  from bank.org_places(as_of, known_at) as p
  where p.is_open;
end
$$;
comment on function bank.org_tree(date, timestamptz) is 'The units that are open on a day with their place in its tree; as known now, or as known at a time';

create or replace function bank.tree_day(tree text, month_start date) returns date
language plpgsql stable as $$
begin
  if tree not in ('today', 'own') and tree !~ '^\d{4}-\d\d-\d\d$' then
    raise invalid_datetime_format;
  end if;
  return case tree
    when 'today' then current_date
    when 'own' then (month_start + interval '1 month')::date - 1
    else tree::date
  end;
exception
  when invalid_datetime_format or datetime_field_overflow then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('“%s” is no tree', tree),
      hint = 'Write tree=today, tree=own for the tree of each month, or a day such as tree=2025-12-31.';
end
$$;
comment on function bank.tree_day(text, date) is 'The day whose tree a report of a month shows: today''s, the month''s own last day, or a given one';

create or replace function bank.point_in_time(written text) returns timestamptz
language plpgsql stable as $$
begin
  return written::timestamptz;
exception
  when invalid_datetime_format or datetime_field_overflow then
    raise exception using
      errcode = 'invalid_datetime_format',
      message = format('“%s” is no point in time', written),
      hint = 'Write a day and a time, such as 2026-01-31 18:00+08.';
end
$$;
comment on function bank.point_in_time(text) is 'A point in time as people write it; refuses what is none';

-- Rules ------------------------------------------------------------------------------------------------

create or replace function bank.lock_org_tree() returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('org tree', 0));
end
$$;
comment on function bank.lock_org_tree() is 'Changes of the tree take turns: each must see what the other has made of it';

create or replace function bank.check_org_tree() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  perform bank.lock_org_tree();
  -- Between its first and its last day a unit is something on every day, unless it was opened again.
  select u.code, upper(gaps.hole) as until, lower(gaps.hole) as since into wrong
  from (
    select v.org_unit_id, unnest(
      datemultirange(daterange(min(v.effective_from),
        case when bool_or(v.effective_until is null) then null else max(v.effective_until) end))
      - range_agg(daterange(v.effective_from, v.effective_until))) as hole
    from bank.org_unit_version as v
    join (select distinct org_unit_id from changed) as c using (org_unit_id)
    where v.superseded_at is null
    group by v.org_unit_id
  ) as gaps
  join bank.org_unit as u using (org_unit_id)
  where not exists (
    select 1 from bank.org_change as o
    where o.code = u.code and o.kind = 'open' and o.effective_on = upper(gaps.hole))
  limit 1;
  if found then
    raise exception using
      errcode = 'check_violation', constraint = 'org_unit_has_no_gap',
      schema = 'bank', table = 'org_unit_version',
      message = format('unit %s would be nothing from %s to %s', wrong.code, wrong.since, wrong.until - 1),
      hint = 'Let its states follow each other without a gap; change them in one statement.';
  end if;

  -- On every day the unit above is open, and stands higher. So no unit can ever lie below itself.
  select u.code, v.effective_from, v.effective_until, v.level, pu.code as parent_code, v.parent_id,
    unnest(datemultirange(daterange(v.effective_from, v.effective_until))
      - coalesce(range_agg(daterange(p.effective_from, p.effective_until))
          filter (where p.level < v.level), '{}')) as hole
  into wrong
  from (
    select o.* from bank.org_unit_version as o
    join (select distinct org_unit_id from changed) as c using (org_unit_id)
    where o.superseded_at is null
    union
    select o.* from bank.org_unit_version as o
    join (select distinct org_unit_id from changed) as c on c.org_unit_id = o.parent_id
    where o.superseded_at is null
  ) as v
  left join bank.org_unit_version as p on p.org_unit_id = v.parent_id and p.superseded_at is null
  join bank.org_unit as u on u.org_unit_id = v.org_unit_id
  join bank.org_unit as pu on pu.org_unit_id = v.parent_id
  group by v.org_unit_version_id, u.code, v.effective_from, v.effective_until, v.level, pu.code, v.parent_id
  limit 1;
  if found then
    declare
      above record;
    begin
      select p.level, p.effective_from into above from bank.org_unit_version as p
      where p.org_unit_id = wrong.parent_id and p.superseded_at is null
        and daterange(p.effective_from, p.effective_until) @> lower(wrong.hole);
      if above.level is null then
        raise exception using
          errcode = 'check_violation', constraint = 'org_unit_parent_is_open',
          schema = 'bank', table = 'org_unit_version',
          message = format('unit %s lies under %s from %s on, but %s is not open on %s', wrong.code,
            wrong.parent_code, wrong.effective_from, wrong.parent_code, lower(wrong.hole)),
          hint = format('Move or close %s first, or choose another day.', wrong.code);
      end if;
      raise exception using
        errcode = 'check_violation', constraint = 'org_unit_parent_is_above',
        schema = 'bank', table = 'org_unit_version',
        message = format('unit %s has the level %s and cannot lie under %s, which has the level %s on %s', wrong.code,
          replace(wrong.level::text, '_', ' '), wrong.parent_code, replace(above.level::text, '_', ' '),
          lower(wrong.hole)),
        hint = 'A unit lies under one of a higher level: head office, region, branch, sub-branch, outlet, department, section, city office.';
    end;
  end if;

  -- Nobody holds a post where nothing is.
  select e.number, u.code, p.kind, p.effective_from,
    unnest(datemultirange(daterange(p.effective_from, p.effective_until))
      - coalesce(range_agg(daterange(v.effective_from, v.effective_until)), '{}')) as hole
  into wrong
  from bank.post as p
  join (select distinct org_unit_id from changed) as c using (org_unit_id)
  left join bank.org_unit_version as v on v.org_unit_id = p.org_unit_id and v.superseded_at is null
  join bank.employee as e using (employee_id)
  join bank.org_unit as u on u.org_unit_id = p.org_unit_id
  where p.superseded_at is null
  group by p.post_id, e.number, u.code
  limit 1;
  if found then
    raise exception using
      errcode = 'check_violation', constraint = 'post_unit_is_open',
      schema = 'bank', table = 'post',
      message = format('the post of %s as %s at %s from %s on lies outside the life of that unit, which is not open on %s',
        wrong.number, replace(wrong.kind, '_', ' '), wrong.code, wrong.effective_from, lower(wrong.hole)),
      hint = 'End the post or move the person first, or merge the unit into another, which takes its posts along.';
  end if;
  return null;
end
$$;
comment on function bank.check_org_tree() is 'Trigger: on every day the tree is a tree: no unit has a gap, each lies under an open unit of a higher level, and posts are held in open units only';

create or replace trigger org_tree_after_insert after insert on bank.org_unit_version
  referencing new table as changed for each statement execute function bank.check_org_tree();
create or replace trigger org_tree_after_update after update on bank.org_unit_version
  referencing new table as changed for each statement execute function bank.check_org_tree();
create or replace trigger org_tree_where_they_were after update on bank.org_unit_version
  referencing old table as changed for each statement execute function bank.check_org_tree();

create or replace function bank.refuse_org_deletion() returns trigger
language plpgsql as $$
begin
  raise exception using
    errcode = 'restrict_violation', constraint = 'org_history_stays', schema = 'bank', table = tg_table_name,
    message = format('%s of bank.%s is refused: history is superseded, never deleted', lower(tg_op), tg_table_name),
    hint = 'Take a wrong change back with bank.withdraw_org_change, or set superseded_at.';
end
$$;
comment on function bank.refuse_org_deletion() is 'Trigger: the history of organisation and people is superseded and never deleted';

create or replace trigger org_change_stays before delete or truncate on bank.org_change
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger org_unit_version_stays before delete or truncate on bank.org_unit_version
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger org_succession_stays before delete or truncate on bank.org_succession
  for each statement execute function bank.refuse_org_deletion();

create or replace function bank.begin_org_history() returns trigger
language plpgsql as $$
begin
  -- Whoever enters a unit, an import or psql, begins its history with it.
  insert into bank.org_unit_version
    (org_unit_id, name, level, parent_id, effective_from, effective_until, recorded_at, org_change_id)
  select a.org_unit_id, a.name, a.level, a.parent_id, a.opened_on, a.closed_on, clock_timestamp(),
    nullif(current_setting('bank.org_change', true), '')::bigint
  from added as a
  where a.closed_on is null or a.closed_on > a.opened_on;
  return null;
end
$$;
comment on function bank.begin_org_history() is 'Trigger: a unit that is entered is what it is from its opening on';

create or replace trigger org_unit_begins_its_history after insert on bank.org_unit
  referencing new table as added for each statement execute function bank.begin_org_history();

create or replace function bank.check_org_unit_follows() returns trigger
language plpgsql as $$
declare
  stray text;
begin
  select n.code into stray from entered as n
  where not exists (
    select 1 from bank.org_unit_version as v
    where v.org_unit_id = n.org_unit_id
      and (v.name, v.level) = (n.name, n.level) and v.parent_id is not distinct from n.parent_id)
  limit 1;
  if found then
    raise exception using
      errcode = 'check_violation', constraint = 'org_unit_follows_its_versions',
      schema = 'bank', table = 'org_unit',
      message = format('unit %s cannot be changed here: this table follows its dated history', stray),
      hint = 'Use bank.rename_org_unit, bank.move_org_unit and the like, which say from which day on.';
  end if;
  return null;
end
$$;
comment on function bank.check_org_unit_follows() is 'Trigger: org_unit shows what the versions say and is not changed by itself';

create or replace trigger org_unit_follows_its_versions after update on bank.org_unit
  referencing new table as entered for each statement execute function bank.check_org_unit_follows();

create or replace function bank.refresh_org_units(as_of date default current_date) returns bigint
language plpgsql as $$
declare
  refreshed bigint;
begin
  update bank.org_unit as u set
    name = p.name, level = p.level, path = p.path, parent_id = p.own_parent_id,
    opened_on = l.opened, closed_on = nullif(l.closed, 'infinity')
  from (
    select places.*, v.parent_id as own_parent_id
    from bank.org_places(as_of) as places
    join bank.org_unit_version as v on v.org_unit_id = places.org_unit_id and v.superseded_at is null
      and v.effective_from = places.effective_from
  ) as p
  join (
    select v.org_unit_id, min(v.effective_from) as opened,
      max(coalesce(v.effective_until, 'infinity')) as closed
    from bank.org_unit_version as v
    where v.superseded_at is null
    group by v.org_unit_id
  ) as l using (org_unit_id)
  where u.org_unit_id = p.org_unit_id
    and (u.name, u.level, u.path, u.parent_id, u.opened_on, u.closed_on)
      is distinct from (p.name, p.level, p.path, p.own_parent_id, l.opened, nullif(l.closed, 'infinity'));
  get diagnostics refreshed = row_count;

  -- employee is a small table that every server holds, so its unit may change.
  update bank.employee as e set (branch_id) = row (p.org_unit_id)
  from bank.post as p
  where p.employee_id = e.employee_id and p.superseded_at is null and p.is_main
    and daterange(p.effective_from, p.effective_until) @> as_of and e.branch_id <> p.org_unit_id;
  return refreshed;
end
$$;
comment on function bank.refresh_org_units(date) is 'Brings org_unit, and the unit of each employee, to what the dated history says of a day; every change does so for today, and every import, so that changes recorded ahead hold when their day has come';
