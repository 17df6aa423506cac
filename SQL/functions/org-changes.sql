-- What may be done to the org tree: each change is one function, whoever calls it: banyan, psql or an
-- import. A change is recorded as it was ordered and supersedes what was believed of the days it touches.

create or replace function bank.apply_org_change(ordered bank.org_change) returns bigint
language plpgsql as $$
declare
  unit integer;
  present bank.org_unit_version;
  change bigint;
  at timestamptz;
begin
  perform bank.lock_org_tree();
  at := clock_timestamp();
  if ordered.kind = 'open' then
    ordered.code := coalesce(ordered.code, ordered.name);
    change := bank.apply_org_opening(ordered, at);
  elsif ordered.kind = 'withdraw' then
    change := bank.apply_org_withdrawal(ordered, at);
  else
    unit := bank.find_org_unit(ordered.code, ordered.former_name, ordered.effective_on);
    if unit is null and ordered.kind = 'rename' and exists (
      select 1 from bank.org_unit_version as n
      join bank.org_unit_version as f on f.org_unit_id = n.org_unit_id and f.superseded_at is null
      where n.name = ordered.name and n.superseded_at is null and f.name = ordered.former_name
        and daterange(n.effective_from, n.effective_until) @> ordered.effective_on)
    then
      return null;  -- renamed so already
    end if;
    if unit is null and ordered.known_since is not null then
      -- The source begins in the middle: what it changes first was there before.
      perform bank.apply_org_opening(row(null, 'open', coalesce(ordered.code, ordered.former_name),
        ordered.known_since, null, coalesce(ordered.former_name, ordered.code), ordered.level,
        ordered.parent_code, null, null, null,
        'taken to be there: the source changes it without having opened it', null, null, null, null
        )::bank.org_change, at);
      at := clock_timestamp();
      unit := bank.find_org_unit(ordered.code, ordered.former_name, ordered.effective_on);
    end if;
    if unit is null then
      perform bank.refuse_order('org_unit_is_known', 'org_unit',
        format('there is no unit “%s” on record', coalesce(ordered.code, ordered.former_name, '')),
        'Correct the code, or open the unit first.', 'foreign_key_violation');
    end if;
    select u.code into ordered.code from bank.org_unit as u where u.org_unit_id = unit;
    if ordered.kind in ('close', 'merge') and exists (
      select 1 from bank.org_unit_version as v where v.org_unit_id = unit and v.superseded_at is null
      having max(coalesce(v.effective_until, 'infinity')) = ordered.effective_on)
    then
      return null;  -- closed so already
    end if;
    present := bank.org_unit_on(unit, ordered.effective_on
      - case when ordered.kind in ('close', 'merge') then 1 else 0 end);
    if present.org_unit_id is null then
      perform bank.refuse_order('org_unit_is_open', 'org_unit_version',
        format('unit %s is not open on %s: %s', ordered.code, ordered.effective_on, bank.org_unit_life(unit)),
        'Choose a day on which it is open, or correct its history first.');
    end if;
    change := case ordered.kind
      when 'close' then bank.apply_org_closure(ordered, unit, at)
      when 'merge' then bank.apply_org_merger(ordered, unit, at)
      when 'split' then bank.apply_org_split(ordered, present, at)
      else bank.apply_org_alteration(ordered, present, at)
    end;
  end if;
  if change is not null and current_setting('bank.org_refresh_later', true) is distinct from 'on' then
    perform bank.refresh_org_units();
  end if;
  return change;
end
$$;
comment on function bank.apply_org_change(bank.org_change) is 'Does what a row of org_change orders and records it; returns its key, or null when all of it is on record already';

create or replace function bank.apply_org_opening(ordered bank.org_change, at timestamptz) returns bigint
language plpgsql as $$
declare
  unit integer;
  life record;
  present bank.org_unit_version;
  parent integer;
  change bigint;
begin
  select org_unit_id into unit from bank.org_unit where code = ordered.code;
  if unit is not null then
    present := bank.org_unit_on(unit, ordered.effective_on);
    if present.name = ordered.name then
      return null;  -- open already
    end if;
    -- A unit that has closed may open again.
    if exists (
      select 1 from bank.org_unit_version as v
      where v.org_unit_id = unit and v.superseded_at is null
        and (v.effective_until is null or v.effective_until > ordered.effective_on))
    then
      perform bank.refuse_order('org_unit_code_is_unique', 'org_unit',
        format('there is a unit with the code %s already, “%s”: %s', ordered.code,
          (select name from bank.org_unit where org_unit_id = unit), bank.org_unit_life(unit)),
        'Give the new unit another code, or rename, move or correct the one on record.', 'unique_violation');
    end if;
  end if;
  if ordered.level = 'head_office' then
    if ordered.parent_code is not null then
      perform bank.refuse_order('org_unit_version_head_office_has_no_parent', 'org_unit_version',
        format('unit %s is the head office and cannot lie under %s', ordered.code, ordered.parent_code),
        'Leave the unit above out.');
    end if;
  elsif ordered.parent_code is null then
    perform bank.refuse_order('org_unit_version_head_office_has_no_parent', 'org_unit_version',
      format('unit %s has no unit above', ordered.code), 'Only the head office has none; name one.');
  else
    parent := bank.require_org_unit(ordered.parent_code, ordered.effective_on);
  end if;
  change := bank.log_org_change(ordered, at);
  if unit is null then
    perform set_config('bank.org_change', change::text, true);
    insert into bank.org_unit (org_unit_id, code, name, level, parent_id, path, opened_on, batch_id, line_number)
    overriding system value
    select key, ordered.code, ordered.name, ordered.level, parent,
      case when parent is null then key::text::ltree
        else (select u.path || key::text from bank.org_unit as u where u.org_unit_id = parent) end,
      ordered.effective_on, ordered.batch_id, ordered.line_number
    from (select nextval(pg_get_serial_sequence('bank.org_unit', 'org_unit_id'))::integer as key) as drawn;
    perform set_config('bank.org_change', '', true);
  else
    insert into bank.org_unit_version
      (org_unit_id, name, level, parent_id, effective_from, recorded_at, org_change_id)
    values (unit, ordered.name, ordered.level, parent, ordered.effective_on, at, change);
  end if;
  return change;
end
$$;
comment on function bank.apply_org_opening(bank.org_change, timestamptz) is 'Opens a unit; null when it is open already under that name';

create or replace function bank.apply_org_alteration(
  ordered bank.org_change, present bank.org_unit_version, at timestamptz) returns bigint
language plpgsql as $$
declare
  parent integer;
  line ltree;
  gone bigint[] := '{}';
  fresh bank.org_unit_version[] := '{}';
  change bigint;
begin
  if ordered.kind = 'change_level' and 'head_office' in (present.level, ordered.level)
    and present.level <> ordered.level
  then
    perform bank.refuse_order('org_unit_version_head_office_has_no_parent', 'org_unit_version',
      format('unit %s has the level %s on %s and cannot have the level %s', ordered.code, present.level,
        ordered.effective_on, ordered.level),
      'The head office stays what it is, and there is only one; choose another level.');
  end if;
  if ordered.kind = 'move' then
    if present.level = 'head_office' then
      perform bank.refuse_order('org_unit_version_head_office_has_no_parent', 'org_unit_version',
        format('unit %s is the head office and cannot lie under %s', ordered.code, ordered.parent_code),
        'Move other units.');
    end if;
    parent := bank.require_org_unit(ordered.parent_code, ordered.effective_on);
    select t.path into line from bank.org_tree(ordered.effective_on) as t where t.org_unit_id = parent;
    if line ~ format('*.%s.*', present.org_unit_id)::lquery then
      perform bank.refuse_order('org_unit_is_not_below_itself', 'org_unit_version',
        format('unit %s cannot move under %s, which %s on %s: that would make a cycle', ordered.code,
          ordered.parent_code,
          case when parent = present.org_unit_id then 'is the unit itself'
            else 'lies below ' || ordered.code end, ordered.effective_on),
        format('Choose a unit above that is not below %s, or move %s first.', ordered.code, ordered.parent_code));
    end if;
  end if;
  if (ordered.kind = 'rename' and present.name = ordered.name)
    or (ordered.kind = 'change_level' and present.level = ordered.level)
    or (ordered.kind = 'move' and present.parent_id = parent)
  then
    return null;  -- so already
  end if;
  select * into gone, fresh from bank.alter_versions(present.org_unit_id, ordered.effective_on,
    case ordered.kind when 'rename' then ordered.name end,
    case ordered.kind when 'change_level' then ordered.level end, parent, null, gone, fresh);
  change := bank.log_org_change(ordered, at);
  perform bank.put_org_versions(change, at, gone, fresh);
  return change;
end
$$;
comment on function bank.apply_org_alteration(bank.org_change, bank.org_unit_version, timestamptz) is 'Renames a unit, moves it or changes its level; null when it is so already';

create or replace function bank.require_other_unit(
  unit integer, successor integer, ordered bank.org_change) returns void
language plpgsql stable as $$
begin
  if unit = successor then
    perform bank.refuse_order('org_succession_is_between_two', 'org_succession',
      format('unit %s cannot continue its own business when it closes on %s', ordered.code, ordered.effective_on),
      'Name another unit.');
  elsif exists (
    select 1 from bank.org_unit_version as v
    where v.org_unit_id = unit and v.level = 'head_office' and v.superseded_at is null)
  then
    perform bank.refuse_order('org_unit_version_one_head_office', 'org_unit_version',
      format('unit %s is the head office and cannot close into %s', ordered.code, ordered.other_code),
      'A bank keeps its head office; close other units.');
  end if;
end
$$;
comment on function bank.require_other_unit(integer, integer, bank.org_change) is 'Refuses a unit as its own successor, and a head office that closes into another unit';

create or replace function bank.apply_org_closure(
  ordered bank.org_change, unit integer, at timestamptz) returns bigint
language plpgsql as $$
declare
  rest text;
  total bigint;
  successor integer;
  gone bigint[] := '{}';
  fresh bank.org_unit_version[] := '{}';
  change bigint;
begin
  select string_agg(distinct u.code, ', ' order by u.code) into rest
  from bank.org_unit_version as v join bank.org_unit as u using (org_unit_id)
  where v.parent_id = unit and v.superseded_at is null
    and (v.effective_until is null or v.effective_until > ordered.effective_on);
  if rest is not null then
    perform bank.refuse_order('org_unit_has_no_open_children', 'org_unit_version',
      format('unit %s cannot close on %s while units lie under it: %s', ordered.code, ordered.effective_on, rest),
      'Close or move them first, or merge the unit into a successor, which takes them along.');
  end if;
  select string_agg(distinct e.number, ', ' order by e.number) into rest
  from bank.post as p join bank.employee as e using (employee_id)
  where p.org_unit_id = unit and p.superseded_at is null
    and (p.effective_until is null or p.effective_until > ordered.effective_on);
  if rest is not null then
    perform bank.refuse_order('org_unit_has_no_posts', 'post',
      format('unit %s cannot close on %s while people hold posts there: %s', ordered.code, ordered.effective_on, rest),
      'End or move their posts first, or merge the unit into a successor, which takes them along.');
  end if;
  if ordered.other_code is not null then
    successor := bank.require_org_unit(ordered.other_code, ordered.effective_on);
    perform bank.require_other_unit(unit, successor, ordered);
  else
    select count(*) into total from bank.account where branch_id = unit;
    if total = 0 then
      select count(*) into total from bank.client where branch_id = unit;
      rest := 'clients';
    else
      rest := 'accounts';
    end if;
    if total > 0 then
      perform bank.refuse_order('org_unit_has_no_business', 'org_unit',
        format('unit %s cannot close on %s: %s %s kept there', ordered.code, ordered.effective_on, total,
          case when total = 1 then rtrim(rest, 's') || ' is' else rest || ' are' end),
        'Name the successor where they go on.');
    end if;
  end if;
  select * into gone, fresh from bank.close_versions(unit, ordered.effective_on, gone, fresh);
  change := bank.log_org_change(ordered, at);
  if successor is not null then
    insert into bank.org_succession (from_unit_id, to_unit_id, effective_on, recorded_at, org_change_id)
    values (unit, successor, ordered.effective_on, at, change);
  end if;
  perform bank.put_org_versions(change, at, gone, fresh);
  return change;
end
$$;
comment on function bank.apply_org_closure(bank.org_change, integer, timestamptz) is 'Closes a unit under which nothing is left, and says which unit continues its business';

create or replace function bank.apply_org_merger(
  ordered bank.org_change, unit integer, at timestamptz) returns bigint
language plpgsql as $$
declare
  successor integer := bank.require_org_unit(ordered.other_code, ordered.effective_on);
  child integer;
  gone bigint[] := '{}';
  fresh bank.org_unit_version[] := '{}';
  change bigint;
begin
  if exists (
    select 1 from bank.org_unit_version as v
    where v.org_unit_id = successor and v.parent_id = unit and v.superseded_at is null
      and (v.effective_until is null or v.effective_until > ordered.effective_on))
  then
    perform bank.refuse_order('org_unit_is_not_below_itself', 'org_unit_version',
      format('unit %s cannot be merged into %s, which lies under it on %s or later', ordered.code,
        ordered.other_code, ordered.effective_on),
      format('Move %s under another unit first.', ordered.other_code));
  end if;
  perform bank.require_other_unit(unit, successor, ordered);
  change := bank.log_org_change(ordered, at);
  insert into bank.org_succession (from_unit_id, to_unit_id, effective_on, recorded_at, org_change_id)
  values (unit, successor, ordered.effective_on, at, change);
  perform bank.move_posts(unit, successor, ordered.effective_on, null, change, at);
  for child in
    select distinct v.org_unit_id from bank.org_unit_version as v
    where v.parent_id = unit and v.superseded_at is null
      and (v.effective_until is null or v.effective_until > ordered.effective_on)
    order by 1
  loop
    select * into gone, fresh from bank.alter_versions(
      child, ordered.effective_on, null, null, successor, unit, gone, fresh);
  end loop;
  select * into gone, fresh from bank.close_versions(unit, ordered.effective_on, gone, fresh);
  perform bank.put_org_versions(change, at, gone, fresh);
  return change;
end
$$;
comment on function bank.apply_org_merger(bank.org_change, integer, timestamptz) is 'Closes a unit into its successor, which takes its units and posts and continues its business';

create or replace function bank.apply_org_split(
  ordered bank.org_change, present bank.org_unit_version, at timestamptz) returns bigint
language plpgsql as $$
declare
  change bigint;
  opening bank.org_change;
begin
  if present.level = 'head_office' then
    perform bank.refuse_order('org_unit_version_one_head_office', 'org_unit_version',
      format('unit %s is the head office and cannot be split', ordered.code), 'Open a unit under it instead.');
  end if;
  if exists (
    select 1 from bank.org_unit as u
    join bank.org_succession as s on s.to_unit_id = u.org_unit_id and s.from_unit_id = present.org_unit_id
      and s.effective_on = ordered.effective_on and s.superseded_at is null
    where u.code = ordered.other_code)
  then
    return null;  -- split so already
  elsif exists (select 1 from bank.org_unit where code = ordered.other_code) then
    perform bank.refuse_order('org_unit_code_is_unique', 'org_unit',
      format('there is a unit with the code %s already, “%s”', ordered.other_code,
        (select name from bank.org_unit where code = ordered.other_code)),
      format('Give the unit that is split off %s another code.', ordered.code), 'unique_violation');
  end if;
  change := bank.log_org_change(ordered, at);
  perform set_config('bank.org_change', change::text, true);
  insert into bank.org_unit (org_unit_id, code, name, level, parent_id, path, opened_on, batch_id, line_number)
  overriding system value
  select key, ordered.other_code, ordered.name, coalesce(ordered.level, present.level),
    present.parent_id, (select u.path || key::text from bank.org_unit as u where u.org_unit_id = present.parent_id),
    ordered.effective_on, ordered.batch_id, ordered.line_number
  from (select nextval(pg_get_serial_sequence('bank.org_unit', 'org_unit_id'))::integer as key) as drawn;
  perform set_config('bank.org_change', '', true);
  insert into bank.org_succession (from_unit_id, to_unit_id, effective_on, recorded_at, org_change_id)
  select present.org_unit_id, u.org_unit_id, ordered.effective_on, at, change
  from bank.org_unit as u where u.code = ordered.other_code;
  return change;
end
$$;
comment on function bank.apply_org_split(bank.org_change, bank.org_unit_version, timestamptz) is 'Opens a unit beside another, as its origin; what goes over to it is moved afterwards';

create or replace function bank.apply_org_withdrawal(ordered bank.org_change, at timestamptz) returns bigint
language plpgsql as $$
declare
  wrong bank.org_change;
  later bigint;
  gone bigint[];
  fresh bank.org_unit_version[];
  change bigint;
begin
  select * into wrong from bank.org_change where org_change_id = ordered.withdraws_id;
  if wrong.org_change_id is null then
    perform bank.refuse_order('org_change_is_known', 'org_change',
      format('there is no change %s on record', ordered.withdraws_id),
      'See the numbers with banyan org history.', 'foreign_key_violation');
  elsif wrong.kind = 'withdraw' then
    perform bank.refuse_order('org_change_is_no_withdrawal', 'org_change',
      format('change %s is itself a withdrawal', ordered.withdraws_id), 'Order the change again instead.');
  end if;
  select coalesce(min(v.superseded_by_id), 0) into later from (
    select superseded_by_id from bank.org_unit_version
    where org_change_id = wrong.org_change_id and superseded_at is not null
    union all
    select superseded_by_change_id from bank.post
    where org_change_id = wrong.org_change_id and superseded_at is not null
  ) as v;
  if later > 0 then
    perform bank.refuse_order(
      case when exists (select 1 from bank.org_change where withdraws_id = wrong.org_change_id)
        then 'org_change_is_withdrawn_once' else 'org_change_is_the_latest' end, 'org_change',
      format('change %s (%s %s on %s) cannot be withdrawn: change %s (%s on %s) has replaced what it recorded',
        wrong.org_change_id, wrong.kind, wrong.code, wrong.effective_on, later,
        (select kind from bank.org_change where org_change_id = later),
        (select effective_on from bank.org_change where org_change_id = later)),
      format('Withdraw change %s first, or order the right state as a new change.', later));
  end if;
  select array_agg(v.org_unit_version_id) into gone
  from bank.org_unit_version as v where v.org_change_id = wrong.org_change_id;
  select array_agg(v) into fresh
  from bank.org_unit_version as v where v.superseded_by_id = wrong.org_change_id;
  ordered.code := wrong.code;
  ordered.effective_on := wrong.effective_on;
  change := bank.log_org_change(ordered, at);
  update bank.org_succession set superseded_at = at, superseded_by_id = change
  where org_change_id = wrong.org_change_id and superseded_at is null;
  if exists (select 1 from unnest(fresh)) then
    -- What it had closed opens again before its posts return.
    perform bank.put_org_versions(change, at, gone, fresh);
    perform bank.restore_posts(wrong.org_change_id, change, at);
  else
    perform bank.restore_posts(wrong.org_change_id, change, at);
    perform bank.put_org_versions(change, at, gone, fresh);
    update bank.org_unit as u set closed_on = u.opened_on
    where u.org_unit_id in (select v.org_unit_id from bank.org_unit_version as v where v.org_change_id = wrong.org_change_id);
  end if;
  return change;
end
$$;
comment on function bank.apply_org_withdrawal(bank.org_change, timestamptz) is 'Takes a change back: what it recorded is superseded by what was believed before it';
