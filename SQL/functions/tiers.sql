-- The ladder of tiers: what each may do and gets, and who stands where.

create or replace function bank.require_tier(tier_code text) returns integer
language plpgsql stable as $$
declare
  found_rank integer;
begin
  select rank into found_rank from bank.tier where code = tier_code;
  if found_rank is null then
    perform bank.refuse_order('tier_is_known', 'tier', format('there is no tier “%s”', tier_code),
      format('Choose one of %s.', (select string_agg(code, ', ' order by rank) from bank.tier)), 'foreign_key_violation');
  end if;
  return found_rank;
end
$$;
comment on function bank.require_tier(text) is 'The rank of a tier by its code; refuses one that nobody knows';

create or replace function bank.tier_on(employee integer, day date) returns text
language plpgsql stable as $$
begin
  return (
    select t.tier from bank.employee_tier as t
    where t.employee_id = employee and t.superseded_at is null
      and daterange(t.effective_from, t.effective_until) @> day);
end
$$;
comment on function bank.tier_on(integer, date) is 'The tier of a person on a day; null for none';

create or replace function bank.tier_terms_on(tier_code text, day date) returns bank.tier_terms
language plpgsql stable as $$
declare
  terms bank.tier_terms;
begin
  select * into terms from bank.tier_terms as t
  where t.tier = tier_code and t.superseded_at is null and daterange(t.effective_from, t.effective_until) @> day;
  return terms;
end
$$;
comment on function bank.tier_terms_on(text, date) is 'What a tier means on a day; nothing where no terms are on record';

create or replace function bank.tier_may_serve(tier_code text, band text, day date) returns boolean
language plpgsql stable as $$
declare
  terms bank.tier_terms := bank.tier_terms_on(tier_code, day);
begin
  return terms.tier is null or terms.client_bands = '{}' or band = any (terms.client_bands);
end
$$;
comment on function bank.tier_may_serve(text, text, date) is 'Whether a tier may serve a client band on a day; true where the ladder says nothing about it';

create or replace function bank.set_tier_terms(
  tier_code text, effective_from date, effective_until date default null, client_bands text[] default '{}',
  powers text[] default '{}', ticket_limit numeric default null, client_capacity integer default null,
  coefficient numeric default null, base_pay numeric default null, title text default null,
  rank integer default null, batch bigint default null, line bigint default null) returns bigint
language plpgsql as $$
declare
  at timestamptz := clock_timestamp();
  terms bigint;
  same record;
begin
  insert into bank.tier as t (code, rank, title)
  select tier_code, coalesce(set_tier_terms.rank, (select coalesce(max(x.rank), 0) + 1 from bank.tier as x)),
    coalesce(set_tier_terms.title, tier_code)
  where not exists (select 1 from bank.tier as x where x.code = tier_code);

  select t.* into same from bank.tier_terms as t
  where t.tier = tier_code and t.superseded_at is null and t.effective_from = set_tier_terms.effective_from;
  if found and (same.effective_until, same.client_bands, same.powers, same.ticket_limit, same.client_capacity,
      same.coefficient, same.base_pay) is not distinct from (coalesce(set_tier_terms.effective_until, same.effective_until),
      coalesce(set_tier_terms.client_bands, '{}'), coalesce(set_tier_terms.powers, '{}'), set_tier_terms.ticket_limit,
      set_tier_terms.client_capacity, set_tier_terms.coefficient, set_tier_terms.base_pay)
  then
    return null;
  end if;
  -- Terms on record give way on the days of the new ones; what lies before or after them stays.
  with gone as (
    update bank.tier_terms as t set superseded_at = at
    where t.tier = tier_code and t.superseded_at is null
      and (t.effective_until is null or t.effective_until > set_tier_terms.effective_from)
      and (set_tier_terms.effective_until is null or t.effective_from < set_tier_terms.effective_until)
      -- Open terms end where terms for a later day begin.
      and not (set_tier_terms.effective_until is null and t.effective_from > set_tier_terms.effective_from)
    returning t.*
  )
  insert into bank.tier_terms (tier, effective_from, effective_until, client_bands, powers, ticket_limit,
    client_capacity, coefficient, base_pay, recorded_at, batch_id, line_number)
  select g.tier, g.effective_from, set_tier_terms.effective_from, g.client_bands, g.powers, g.ticket_limit,
    g.client_capacity, g.coefficient, g.base_pay, at, null::bigint, null::bigint
  from gone as g where g.effective_from < set_tier_terms.effective_from
  union all
  select g.tier, set_tier_terms.effective_until, g.effective_until, g.client_bands, g.powers, g.ticket_limit,
    g.client_capacity, g.coefficient, g.base_pay, at, null, null
  from gone as g
  where set_tier_terms.effective_until is not null
    and (g.effective_until is null or g.effective_until > set_tier_terms.effective_until)
  union all
  select tier_code, set_tier_terms.effective_from, coalesce(set_tier_terms.effective_until, (
      select min(n.effective_from) from bank.tier_terms as n
      where n.tier = tier_code and n.superseded_at is null and n.effective_from > set_tier_terms.effective_from)),
    coalesce(set_tier_terms.client_bands, '{}'), coalesce(set_tier_terms.powers, '{}'), set_tier_terms.ticket_limit,
    set_tier_terms.client_capacity, set_tier_terms.coefficient, set_tier_terms.base_pay, at, batch, line
  from (select count(*) from gone) as after_gone;
  select max(t.tier_terms_id) into terms from bank.tier_terms as t
  where t.tier = tier_code and t.effective_from = set_tier_terms.effective_from and t.superseded_at is null;
  return terms;
end
$$;
comment on function bank.set_tier_terms(text, date, date, text[], text[], numeric, integer, numeric, numeric, text, integer, bigint, bigint) is 'Says what a tier means from a day on; terms on record give way on those days, and a tier that is new is added to the ladder. Returns the key, or null when it is on record so';

create or replace function bank.place_incoming_tier_terms(batch bigint) returns bigint
language plpgsql as $$
declare
  i record;
  placed bigint := 0;
begin
  for i in select * from incoming order by effective_from, line_number loop
    if bank.set_tier_terms(i.tier, i.effective_from, i.effective_until, bank.split_codes(i.client_bands),
      bank.split_codes(i.powers), i.ticket_limit, i.client_capacity, i.coefficient, i.base_pay, i.title, i.rank,
      batch, i.line_number) is not null
    then
      placed := placed + 1;
    end if;
  end loop;
  return placed;
end
$$;
comment on function bank.place_incoming_tier_terms(bigint) is 'Takes the incoming terms of tiers in, by their days; returns how many were new';

create or replace function bank.settle_incoming_tier_terms() returns void
language plpgsql as $$
begin
  -- In the form in which they are on record, so that they can be compared.
  update incoming as i set
    client_bands = array_to_string(bank.split_codes(i.client_bands), ';'),
    powers = array_to_string(bank.split_codes(i.powers), ';'),
    effective_until = coalesce(i.effective_until, (
      select t.effective_until from bank.tier_terms as t
      where t.tier = i.tier and t.effective_from = i.effective_from and t.superseded_at is null));
end
$$;
comment on function bank.settle_incoming_tier_terms() is 'Writes the lists of incoming tier terms as they are kept, and ends those that have ended on record';

create or replace function bank.split_codes(list text) returns text[]
language sql immutable as $$
  select coalesce(array_agg(trim(code) order by position), '{}')
  from regexp_split_to_table(coalesce(list, ''), '[;,|]') with ordinality as c (code, position)
  where trim(code) <> ''
$$;
comment on function bank.split_codes(text) is 'The codes of a list that is separated by ; , or |';

create or replace function bank.set_employee_tier(
  employee_number text, tier_code text, effective_from date, review bigint default null) returns bigint
language plpgsql as $$
declare
  person integer := bank.require_employee(employee_number);
  at timestamptz := clock_timestamp();
  held bigint;
begin
  perform bank.require_tier(tier_code);
  -- From the day until a later day for which another tier is on record.
  with gone as (
    update bank.employee_tier as t set superseded_at = at
    where t.employee_id = person and t.superseded_at is null
      and daterange(t.effective_from, t.effective_until) @> set_employee_tier.effective_from
    returning t.*
  )
  insert into bank.employee_tier
    (employee_id, tier, effective_from, effective_until, recorded_at, batch_id, line_number, tier_review_id)
  select g.employee_id, g.tier, g.effective_from, set_employee_tier.effective_from, at, g.batch_id, g.line_number, g.tier_review_id
  from gone as g where g.effective_from < set_employee_tier.effective_from
  union all
  select person, tier_code, set_employee_tier.effective_from, coalesce((select g.effective_until from gone as g), (
      select min(n.effective_from) from bank.employee_tier as n
      where n.employee_id = person and n.superseded_at is null and n.effective_from > set_employee_tier.effective_from)),
    at, null, null, review
  from (select count(*) from gone) as after_gone;
  select max(t.employee_tier_id) into held from bank.employee_tier as t
  where t.employee_id = person and t.superseded_at is null and t.effective_from = set_employee_tier.effective_from;
  return held;
end
$$;
comment on function bank.set_employee_tier(text, text, date, bigint) is 'Records the tier of a person from a day on, until a later day for which another is on record; returns its key';

create or replace trigger tier_terms_stays before delete or truncate on bank.tier_terms
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger employee_tier_stays before delete or truncate on bank.employee_tier
  for each statement execute function bank.refuse_org_deletion();
