-- Territories: which new clients are whose to win. Claims to them stand in claims.sql.

create or replace function bank.name_key(name text) returns text
language sql immutable as $$
  select nullif(lower(regexp_replace(btrim(normalize(name, nfkc)), '\s+', ' ', 'g')), '')
$$;
comment on function bank.name_key(text) is 'A name in the form in which names are compared: one width, small letters, single spaces';

create or replace function bank.control_limit_on(limit_code text, day date) returns integer
language plpgsql stable as $$
declare
  found_value integer;
begin
  select l.value into found_value from bank.control_limit as l
  where l.code = limit_code and daterange(l.effective_from, l.effective_until) @> day;
  if found_value is null then
    perform bank.refuse_order('control_limit_is_known', 'control_limit',
      format('there is no limit “%s” on %s', limit_code, day), 'Put it on record in bank.control_limit.',
      'foreign_key_violation');
  end if;
  return found_value;
end
$$;
comment on function bank.control_limit_on(text, date) is 'A limit of the bank''s own rules on a day';

create or replace function bank.territory_for(
  unit integer, client_industry text, client_size text, client_number text, client_name text, day date)
returns bank.territory
language plpgsql stable as $$
declare
  closest bank.territory;
begin
  select t.* into closest
  from bank.territory as t
  left join bank.org_unit as area on area.org_unit_id = t.org_unit_id
  where t.superseded_at is null and daterange(t.effective_from, t.effective_until) @> day
    and case when t.listed is not null then t.listed_key in (bank.name_key(client_number), bank.name_key(client_name))
      else (t.org_unit_id is null or area.path @> (select u.path from bank.org_unit as u where u.org_unit_id = unit))
        and (t.industry is null or t.industry = client_industry) and (t.size is null or t.size = client_size)
    end
  order by t.listed is null, t.industry is null, t.size is null, nlevel(area.path) desc nulls last, t.territory_id
  limit 1;
  return closest;
end
$$;
comment on function bank.territory_for(integer, text, text, text, text, date) is 'The territory that a client falls into on a day: a listed name first, then industry, size and the nearest unit; nothing when it is nobody''s';

create or replace function bank.territory_label(t bank.territory) returns text
language plpgsql stable as $$
begin
  return case when t.listed is not null then format('“%s”', t.listed) else concat_ws(', ',
    'unit ' || (select u.code from bank.org_unit as u where u.org_unit_id = t.org_unit_id),
    'industry ' || t.industry, 'size ' || t.size) end;
end
$$;
comment on function bank.territory_label(bank.territory) is 'What a territory is, for messages: unit B1, industry retail';

create or replace function bank.put_territories(drawn bank.territory[]) returns bigint
language plpgsql as $$
declare
  wrong record;
  put bigint;
begin
  select n.code, n.effective_from, n.effective_until into wrong
  from unnest(drawn) as n where n.effective_until <= n.effective_from limit 1;
  if found then
    perform bank.refuse_order('territory_dates_in_order', 'territory',
      format('the dates of territory %s are reversed: it would begin on %s and end before %s', wrong.code,
        wrong.effective_from, wrong.effective_until),
      'The end is the day after the last day.');
  end if;
  -- The exclusions would refuse these too, but could not say whose it is.
  select n.code, bank.territory_label(n) as label, t.code as taken_code, e.number, t.effective_from, t.effective_until
  into wrong
  from unnest(drawn) as n
  join bank.territory as t on t.superseded_at is null
    and daterange(t.effective_from, t.effective_until) && daterange(n.effective_from, n.effective_until)
    and (case when n.listed is not null then t.listed_key = bank.name_key(n.listed)
      else t.listed is null and (t.org_unit_id, t.industry, t.size) is not distinct from (n.org_unit_id, n.industry, n.size) end
      or (t.code = n.code and t.employee_id <> n.employee_id))
  join bank.employee as e on e.employee_id = t.employee_id
  limit 1;
  if found then
    perform bank.refuse_order('territory_is_exclusive', 'territory',
      format('%s cannot be territory %s: territory %s is %s''s from %s%s', wrong.label, wrong.code, wrong.taken_code,
        wrong.number, wrong.effective_from, coalesce(' until ' || wrong.effective_until, ' on')),
      format('End it first with banyan territory end %s, or narrow one of the two.', wrong.taken_code),
      'exclusion_violation');
  end if;
  insert into bank.territory
    (code, employee_id, org_unit_id, industry, size, listed, effective_from, effective_until, reason, recorded_at,
     batch_id, line_number)
  select n.code, n.employee_id, n.org_unit_id, n.industry, n.size, n.listed, n.effective_from, n.effective_until,
    n.reason, clock_timestamp(), n.batch_id, n.line_number
  from unnest(drawn) as n;
  get diagnostics put = row_count;
  return put;
end
$$;
comment on function bank.put_territories(bank.territory[]) is 'Records territories, and says whose it is where one is taken; returns how many';

create or replace function bank.add_territory(
  territory_code text, holder text, unit_code text default null, of_industry text default null,
  of_size text default null, listed_names text[] default null, since date default current_date,
  until date default null, why text default null) returns bigint
language plpgsql as $$
begin
  return (select bank.put_territories(array_agg(row(null, territory_code, bank.require_employee(holder),
    case when unit_code is not null then bank.require_org_unit(unit_code, since) end,
    of_industry, of_size, n.name, null, since, until, why, null, null, null, null, null)::bank.territory))
  from unnest(coalesce(nullif(listed_names, '{}'), array[null::text])) as n (name));
end
$$;
comment on function bank.add_territory(text, text, text, text, text, text[], date, date, text) is 'Gives a person a territory: an area, an industry, a size or several of these, or a list of names; returns the number of rows';

create or replace function bank.end_territory(territory_code text, ended_on date, why text default null) returns bigint
language plpgsql as $$
declare
  at constant timestamptz := clock_timestamp();
  ended bigint;
begin
  with gone as (
    update bank.territory as t set superseded_at = at
    where t.code = territory_code and t.superseded_at is null
      and (t.effective_until is null or t.effective_until > ended_on)
    returning t.*
  ), rest as (
    insert into bank.territory
      (code, employee_id, org_unit_id, industry, size, listed, effective_from, effective_until, reason,
       recorded_at, batch_id, line_number)
    select g.code, g.employee_id, g.org_unit_id, g.industry, g.size, g.listed, g.effective_from, ended_on,
      coalesce(why, g.reason), at, g.batch_id, g.line_number
    from gone as g
    where g.effective_from < ended_on
  )
  select count(*) into ended from gone;
  if ended = 0 then
    perform bank.refuse_order('territory_is_known', 'territory',
      format('there is no territory “%s” on %s or later', territory_code, ended_on),
      'See the codes with banyan territory list.', 'foreign_key_violation');
  end if;
  return ended;
end
$$;
comment on function bank.end_territory(text, date, text) is 'Ends a territory: the day is the first on which it is nobody''s; returns the number of rows';

create or replace function bank.check_territories() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select t.code, t.effective_from, e.number, e.joined_on into wrong
  from changed as t join bank.employee as e using (employee_id)
  where t.superseded_at is null and t.effective_from < e.joined_on
  limit 1;
  if found then
    perform bank.refuse_order('territory_begins_after_joining', 'territory',
      format('%s cannot have the territory %s from %s on, having joined on %s', wrong.number, wrong.code,
        wrong.effective_from, wrong.joined_on), 'Correct the first day.');
  end if;
  select t.code, x.axis, x.segment into wrong
  from changed as t
  cross join lateral (values ('industry'::bank.segment_axis, t.industry), ('size', t.size)) as x (axis, segment)
  where t.superseded_at is null and x.segment is not null and not exists (
    select 1 from bank.segment as g where g.axis = x.axis and g.code = x.segment)
  limit 1;
  if found then
    perform bank.refuse_order('territory_segment_is_known', 'territory',
      format('territory %s names the %s “%s”, which is not on record', wrong.code, wrong.axis, wrong.segment),
      format('Choose one of %s, or add it to bank.segment.', (
        select string_agg(g.code, ', ' order by g.rank) from bank.segment as g where g.axis = wrong.axis)),
      'foreign_key_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_territories() is 'Trigger: nobody has a territory before joining, and industry and size are ones that are on record';
create or replace trigger territory_after_insert after insert on bank.territory
  referencing new table as changed for each statement execute function bank.check_territories();

create or replace function bank.check_territory_history() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from earlier as o join later as n using (territory_id)
    where o.superseded_at is not null or n.superseded_at is null
      or (o.code, o.employee_id, o.org_unit_id, o.industry, o.size, o.listed, o.effective_from, o.effective_until)
        is distinct from
        (n.code, n.employee_id, n.org_unit_id, n.industry, n.size, n.listed, n.effective_from, n.effective_until))
    or (select count(*) from earlier) <> (select count(*) from later)
  then
    perform bank.refuse_order('territory_history_stays', 'territory',
      'a territory on record is superseded and not changed',
      'End it with bank.end_territory and draw another.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_territory_history() is 'Trigger: a territory on record may only be superseded, once';
create or replace trigger territory_is_only_superseded after update on bank.territory
  referencing old table as earlier new table as later
  for each statement execute function bank.check_territory_history();
create or replace trigger territory_stays before delete or truncate on bank.territory
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger client_claim_stays before delete or truncate on bank.client_claim
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger collision_case_stays before delete or truncate on bank.collision_case
  for each statement execute function bank.refuse_org_deletion();

create or replace function bank.place_incoming_territories(batch bigint) returns bigint
language plpgsql as $$
begin
  return (select bank.put_territories(array_agg(row(null, i.code, i.employee_id, i.org_unit_id, i.industry, i.size, i.listed,
    null, i.effective_from, i.effective_until, null, null, null, null, batch, i.line_number)::bank.territory
    order by i.line_number))
  from incoming as i);
end
$$;
comment on function bank.place_incoming_territories(bigint) is 'Inserts the incoming territories; returns how many';
