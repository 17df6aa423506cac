-- How what is believed of units is superseded: all of a change in one statement.

create or replace function bank.put_org_versions(
  change bigint, at timestamptz, gone bigint[], fresh bank.org_unit_version[]) returns void
language plpgsql as $$
begin
  -- In one statement, so that the rules see the tree before and after and nothing between.
  with superseded as (
    update bank.org_unit_version set superseded_at = at, superseded_by_id = change
    where org_unit_version_id = any (gone)
    returning org_unit_version_id
  )
  insert into bank.org_unit_version
    (org_unit_id, name, level, parent_id, effective_from, effective_until, recorded_at, org_change_id)
  select f.org_unit_id, f.name, f.level, f.parent_id, f.effective_from, f.effective_until, at, change
  from unnest(fresh) as f
  where (select count(*) from superseded) >= 0;
end
$$;
comment on function bank.put_org_versions(bigint, timestamptz, bigint[], bank.org_unit_version[]) is 'Supersedes some versions of units and records others in their place';

create or replace function bank.close_versions(
  unit integer, day date, inout gone bigint[], inout fresh bank.org_unit_version[])
language plpgsql as $$
declare
  v bank.org_unit_version;
begin
  for v in
    select * from bank.org_unit_version as o
    where o.org_unit_id = unit and o.superseded_at is null
      and (o.effective_until is null or o.effective_until > day)
    order by o.effective_from
  loop
    gone := gone || v.org_unit_version_id;
    if v.effective_from < day then
      v.effective_until := day;
      fresh := fresh || v;
    end if;
  end loop;
end
$$;
comment on function bank.close_versions(integer, date, bigint[], bank.org_unit_version[]) is 'Adds to two lists what must be superseded and recorded so that a unit ends on the day before the given one';

create or replace function bank.alter_versions(
  unit integer, day date, new_name text, new_level bank.org_level, new_parent integer, only_parent integer,
  inout gone bigint[], inout fresh bank.org_unit_version[])
language plpgsql as $$
declare
  v bank.org_unit_version;
  before bank.org_unit_version;
begin
  for v in
    select * from bank.org_unit_version as o
    where o.org_unit_id = unit and o.superseded_at is null
      and (o.effective_until is null or o.effective_until > day)
    order by o.effective_from
  loop
    if only_parent is not null then
      continue when v.parent_id is distinct from only_parent;
    else
      -- It holds until something else was ordered for a later day.
      before := coalesce(before, v);
      exit when (new_name is not null and v.name <> before.name)
        or (new_level is not null and v.level <> before.level)
        or (new_parent is not null and v.parent_id is distinct from before.parent_id);
    end if;
    gone := gone || v.org_unit_version_id;
    if v.effective_from < day then
      fresh := fresh || row(v.org_unit_version_id, v.org_unit_id, v.name, v.level, v.parent_id, v.effective_from,
        day, v.recorded_at, null, null, null)::bank.org_unit_version;
      v.effective_from := day;
    end if;
    v.name := coalesce(new_name, v.name);
    v.level := coalesce(new_level, v.level);
    v.parent_id := coalesce(new_parent, v.parent_id);
    fresh := fresh || v;
  end loop;
end
$$;
comment on function bank.alter_versions(integer, date, text, bank.org_level, integer, integer, bigint[], bank.org_unit_version[]) is 'Adds to two lists what must be superseded and recorded so that a unit has another name, level or parent from a day on, until a later day for which something else was ordered';

create or replace function bank.log_org_change(
  ordered bank.org_change, at timestamptz) returns bigint
language plpgsql as $$
declare
  change bigint;
begin
  insert into bank.org_change
    (kind, code, effective_on, former_name, name, level, parent_code, other_code, known_since, withdraws_id,
     reason, recorded_at, batch_id, line_number)
  values (ordered.kind, ordered.code, ordered.effective_on, ordered.former_name, ordered.name, ordered.level,
    ordered.parent_code, ordered.other_code, ordered.known_since, ordered.withdraws_id, ordered.reason, at,
    ordered.batch_id, ordered.line_number)
  returning org_change_id into change;
  return change;
end
$$;
comment on function bank.log_org_change(bank.org_change, timestamptz) is 'Puts an order on record; returns its key';
