-- Orders about the org tree as people and files give them.

create or replace function bank.open_org_unit(
  code text, name text, level bank.org_level, parent_code text, opened_on date, reason text default null) returns bigint
language plpgsql as $$
begin
  return bank.apply_org_change(row(null, 'open', code, opened_on, null, name, level, parent_code, null, null, null,
    reason, null, null, null, null)::bank.org_change);
end
$$;
comment on function bank.open_org_unit(text, text, bank.org_level, text, date, text) is 'Opens a unit; returns the number of the change, or null when it is open already under that name';

create or replace function bank.close_org_unit(
  code text, closed_on date, successor_code text default null, reason text default null) returns bigint
language plpgsql as $$
begin
  return bank.apply_org_change(row(null, 'close', code, closed_on, null, null, null, null, successor_code, null, null,
    reason, null, null, null, null)::bank.org_change);
end
$$;
comment on function bank.close_org_unit(text, date, text, text) is 'Closes a unit: the day is the first on which it is not open. It is refused while units or posts are left there, or accounts without a successor; returns the number of the change';

create or replace function bank.rename_org_unit(
  code text, name text, effective_on date, reason text default null) returns bigint
language plpgsql as $$
begin
  return bank.apply_org_change(row(null, 'rename', code, effective_on, null, name, null, null, null, null, null,
    reason, null, null, null, null)::bank.org_change);
end
$$;
comment on function bank.rename_org_unit(text, text, date, text) is 'Renames a unit from a day on, until a later day for which a renaming is on record; returns the number of the change, or null when it is called so already';

create or replace function bank.move_org_unit(
  code text, parent_code text, effective_on date, reason text default null) returns bigint
language plpgsql as $$
begin
  return bank.apply_org_change(row(null, 'move', code, effective_on, null, null, null, parent_code, null, null, null,
    reason, null, null, null, null)::bank.org_change);
end
$$;
comment on function bank.move_org_unit(text, text, date, text) is 'Moves a unit, with all that lies below it, under another one from a day on; returns the number of the change, or null when it lies there already';

create or replace function bank.change_org_level(
  code text, level bank.org_level, effective_on date, reason text default null) returns bigint
language plpgsql as $$
begin
  return bank.apply_org_change(row(null, 'change_level', code, effective_on, null, null, level, null, null, null, null,
    reason, null, null, null, null)::bank.org_change);
end
$$;
comment on function bank.change_org_level(text, bank.org_level, date, text) is 'Raises or lowers a unit to another level from a day on; returns the number of the change, or null when it has that level already';

create or replace function bank.merge_org_units(
  code text, successor_code text, effective_on date, reason text default null) returns bigint
language plpgsql as $$
begin
  return bank.apply_org_change(row(null, 'merge', code, effective_on, null, null, null, null, successor_code, null, null,
    reason, null, null, null, null)::bank.org_change);
end
$$;
comment on function bank.merge_org_units(text, text, date, text) is 'Merges a unit into a successor, which takes its units and posts and continues its business; returns the number of the change';

create or replace function bank.split_org_unit(
  code text, new_code text, new_name text, effective_on date, children text[] default '{}',
  people text[] default '{}', reason text default null) returns bigint
language plpgsql as $$
declare
  change bigint;
  child text;
begin
  change := bank.apply_org_change(row(null, 'split', code, effective_on, null, new_name, null, null, new_code, null, null,
    reason, null, null, null, null)::bank.org_change);
  foreach child in array children loop
    perform bank.apply_org_change(row(null, 'move', child, effective_on, null, null, null, new_code, null, null, null,
      format('split of %s', code), null, null, null, null)::bank.org_change);
  end loop;
  if cardinality(people) > 0 then
    perform bank.move_posts(
      (select org_unit_id from bank.org_unit as u where u.code = split_org_unit.code),
      (select org_unit_id from bank.org_unit as u where u.code = new_code), effective_on, people, change,
      clock_timestamp());
    perform bank.refresh_org_units();
  end if;
  return change;
end
$$;
comment on function bank.split_org_unit(text, text, text, date, text[], text[], text) is 'Opens a new unit out of another, and moves some of its units and people there; returns the number of the change';

create or replace function bank.withdraw_org_change(change bigint, reason text default null) returns bigint
language plpgsql as $$
begin
  return bank.apply_org_change(row(null, 'withdraw', '', current_date, null, null, null, null, null, null, change,
    reason, null, null, null, null)::bank.org_change);
end
$$;
comment on function bank.withdraw_org_change(bigint, text) is 'Takes back a change that was wrong, as long as no later change has replaced what it recorded; returns the number of the withdrawal';

create or replace function bank.place_incoming_org_changes(batch bigint) returns bigint
language plpgsql as $$
declare
  i record;
  placed bigint := 0;
  rule text;
  message text;
  advice text;
begin
  perform set_config('bank.org_refresh_later', 'on', true);
  for i in select * from incoming order by line_number loop
    begin
      if bank.apply_org_change(row(null, i.kind, i.code, i.effective_on, i.former_name, i.name, i.level,
        i.parent_code, i.other_code, i.known_since, null, i.reason, null, null, batch, i.line_number
        )::bank.org_change) is not null
      then
        placed := placed + 1;
      end if;
    exception when integrity_constraint_violation or cardinality_violation then
      get stacked diagnostics rule = constraint_name, message = message_text, advice = pg_exception_hint;
      insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
      values (batch, i.line_number, 1, 'IMP-0403', null, coalesce(i.code, i.former_name, i.name),
        bank.refusal_sentence(message, advice, rule));
    end;
  end loop;
  perform set_config('bank.org_refresh_later', 'off', true);
  perform bank.refresh_org_units();
  return placed;
end
$$;
comment on function bank.place_incoming_org_changes(bigint) is 'Makes the incoming changes of the org tree in the order of their file, and rejects those that a rule refuses; returns how many changed something';
