-- Units of the org tree by code or name, how a rule refuses, and what a unit was on a day.

create or replace function bank.org_unit_on(unit integer, day date) returns bank.org_unit_version
language plpgsql stable as $$
declare
  found_version bank.org_unit_version;
begin
  select * into found_version from bank.org_unit_version as v
  where v.org_unit_id = unit and v.superseded_at is null
    and daterange(v.effective_from, v.effective_until) @> day;
  return found_version;
end
$$;
comment on function bank.org_unit_on(integer, date) is 'What a unit is on a day, as known now; nothing when it is not open';

create or replace function bank.org_unit_life(unit integer) returns text
language plpgsql stable as $$
declare
  opened date;
  closed date;
begin
  select min(effective_from), max(coalesce(effective_until, 'infinity')) into opened, closed
  from bank.org_unit_version where org_unit_id = unit and superseded_at is null;
  return case
    when opened is null then 'its opening was withdrawn'
    when closed = 'infinity' then format('it is open from %s on', opened)
    else format('it was open from %s to %s', opened, closed - 1)
  end;
end
$$;
comment on function bank.org_unit_life(integer) is 'From when until when a unit is open, in words';

create or replace function bank.require_org_unit(unit_code text, day date) returns integer
language plpgsql stable as $$
declare
  unit integer;
begin
  select org_unit_id into unit from bank.org_unit where code = unit_code;
  if unit is null then
    perform bank.refuse_order('org_unit_is_known', 'org_unit',
      format('there is no unit “%s” on record', unit_code),
      'Correct the code, or open the unit first.', 'foreign_key_violation');
  end if;
  if (bank.org_unit_on(unit, day)).org_unit_id is null then
    perform bank.refuse_order('org_unit_is_open', 'org_unit_version',
      format('unit %s is not open on %s: %s', unit_code, day, bank.org_unit_life(unit)),
      'Choose a day on which it is open, or correct its history first.');
  end if;
  return unit;
end
$$;
comment on function bank.require_org_unit(text, date) is 'The key of a unit that is open on a day; refuses a code that nobody knows and a unit that is closed';

create or replace function bank.find_org_unit(unit_code text, unit_name text, day date) returns integer
language plpgsql stable as $$
declare
  units integer[];
begin
  -- The code decides. A source without codes tells units by the names that they bear on that day.
  if unit_code is not null then
    select array_agg(org_unit_id) into units from bank.org_unit where code = unit_code;
  end if;
  if units is null and unit_name is not null then
    select array_agg(distinct v.org_unit_id) into units from bank.org_unit_version as v
    where v.name = unit_name and v.superseded_at is null
      and daterange(v.effective_from, v.effective_until) && daterange(day - 1, day, '[]');
    if cardinality(units) > 1 then
      perform bank.refuse_order('org_unit_name_is_clear', 'org_unit_version',
        format('%s units bear the name “%s” on %s: %s', cardinality(units), unit_name, day,
          (select string_agg(u.code, ', ' order by u.code) from bank.org_unit as u where u.org_unit_id = any (units))),
        'Give the code of the one that is meant.', 'cardinality_violation');
    end if;
  end if;
  return units[1];
end
$$;
comment on function bank.find_org_unit(text, text, date) is 'The key of a unit by its code, or else by the name that it bears on a day or bore the day before; null when nobody knows it';
