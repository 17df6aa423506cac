-- Routine audits: the plan, random samples that a seed gives again, findings and what follows of them.

create or replace function bank.acting_or_named(named text) returns integer
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  acting constant integer := bank.acting_person();
  key constant integer := case when named is not null then bank.require_employee(named) end;
begin
  if acting is not null and key is distinct from acting and key is not null then
    perform bank.refuse_order('inspection_is_in_the_own_name', 'inspection_finding',
      format('the login “%s” is not %s''s', session_user, named), 'Act in your own name.');
  elsif acting is null and key is null then
    perform bank.refuse_order('inspection_names_a_person', 'inspection_finding',
      format('the login “%s” is nobody''s, so the person must be named', session_user), 'Name the person with --by.');
  end if;
  return coalesce(acting, key);
end
$$;
comment on function bank.acting_or_named(text) is 'The person of the session''s login; for a login that is nobody''s, the one who is named';

create or replace function bank.set_inspection_plan(
  plan_code text, what text, how_often text, size integer, since date, until date, why text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  at constant timestamptz := clock_timestamp();
  entry bigint;
begin
  perform bank.require_role('auditor', 'risk');
  with gone as (
    update bank.inspection_plan as p set superseded_at = at
    where p.code = plan_code and p.superseded_at is null
      and daterange(p.effective_from, p.effective_until) && daterange(since, set_inspection_plan.until)
    returning p.*
  )
  insert into bank.inspection_plan (code, population, frequency, sample_size, effective_from, effective_until, reason, recorded_at)
  select g.code, g.population, g.frequency, g.sample_size, g.effective_from, since, g.reason, at
  from gone as g where g.effective_from < since
  union all
  select g.code, g.population, g.frequency, g.sample_size, set_inspection_plan.until, g.effective_until, g.reason, at
  from gone as g
  where set_inspection_plan.until is not null and (g.effective_until is null or g.effective_until > set_inspection_plan.until)
  union all
  select plan_code, what, how_often, size, since, set_inspection_plan.until, why, at from (select count(*) from gone) as after_gone;
  select p.inspection_plan_id into entry from bank.inspection_plan as p
  where p.code = plan_code and p.superseded_at is null and p.effective_from = since;
  return entry;
end
$$;
comment on function bank.set_inspection_plan(text, text, text, integer, date, date, text) is 'Sets a routine audit from a day on; what was planned for those days gives way. Returns its key';

create or replace function bank.inspection_population(what text, from_day date, until_day date, known_at timestamptz)
returns table (item_key text, description text, employee_id integer)
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  perform bank.require_role('auditor', 'risk');
  if what = 'assignments' then
    return query
    select u.code || '/' || a.assignment_id,
      format('%s looks after %s, share %s, from %s%s', e.number, coalesce('client ' || c.number, 'account ' || n.number),
        trim_scale(a.share), a.effective_from, coalesce(' until ' || a.effective_until, '')), a.employee_id
    from bank.assignment as a
    join bank.org_unit as u on u.org_unit_id = a.branch_id
    join bank.employee as e on e.employee_id = a.employee_id
    left join bank.client as c on c.branch_id = a.branch_id and c.client_id = a.client_id
    left join bank.account as n on n.branch_id = a.branch_id and n.account_id = a.account_id
    where daterange(a.effective_from, a.effective_until) && daterange(from_day, until_day)
      and a.recorded_at <= known_at and (a.superseded_at is null or a.superseded_at > known_at);
  elsif what = 'pay_lines' then
    return query
    select format('%s/%s/%s', r.pay_run_id, e.number, l.line_number),
      format('%s %s of %s: %s', e.number, l.title, to_char(r.month, 'YYYY-MM'), trim_scale(l.amount)), l.employee_id
    from bank.pay_run as r
    join bank.pay_line as l on l.pay_run_id = r.pay_run_id
    join bank.employee as e on e.employee_id = l.employee_id
    where r.month >= from_day and r.month < until_day and r.computed_at <= inspection_population.known_at and r.part_of_id is null
      and not exists (
        select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id and n.computed_at <= inspection_population.known_at);
  elsif what = 'credit_files' then
    return query
    select u.code || '/' || l.number, format('loan %s of %s, %s', l.number, l.granted_on, trim_scale(l.amount)), (
      select min(a.employee_id) from bank.assignment as a
      where a.branch_id = l.branch_id and a.account_id = l.account_id and a.role = 'main'
        and daterange(a.effective_from, a.effective_until) @> l.granted_on
        and a.recorded_at <= known_at and (a.superseded_at is null or a.superseded_at > known_at))
    from bank.loan as l
    join bank.batch as b on b.batch_id = l.batch_id
    join bank.org_unit as u on u.org_unit_id = l.branch_id
    where l.granted_on >= from_day and l.granted_on < until_day and b.imported_at <= known_at;
  end if;
end
$$;
comment on function bank.inspection_population(text, date, date, timestamptz) is 'What a routine audit draws from: assignments that hold on a day of the period, pay lines of its months in the runs that count, or loans granted in it, all as the platform believed at a time';

create or replace function bank.inspection_draw(what text, from_day date, until_day date, known_at timestamptz, seed text, size integer)
returns table ("position" integer, item_key text, description text, employee_id integer, population_size bigint, population_digest bytea)
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  return query
  with item as materialized (
    select p.item_key, p.description, p.employee_id from bank.inspection_population(what, from_day, until_day, known_at) as p
  ), whole as (
    select count(*) as many, sha256(convert_to(coalesce(string_agg(i.item_key, e'\n' order by i.item_key collate "C"), ''), 'UTF8')) as digest
    from item as i
  ), drawn as (
    select row_number() over (
      order by sha256(convert_to(seed || e'\n' || i.item_key, 'UTF8')), i.item_key collate "C")::integer as place, i.*
    from item as i
  )
  select d.place, d.item_key, d.description, d.employee_id, w.many, w.digest
  from drawn as d cross join whole as w
  where d.place <= size
  order by d.place;
end
$$;
comment on function bank.inspection_draw(text, date, date, timestamptz, text, integer) is 'The items of a population whose SHA-256 of seed, line feed and key come first: the same seed and population give the same sample on every server';

create or replace function bank.draw_inspection_sample(plan_code text, from_day date, until_day date, chosen_seed text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  plan bank.inspection_plan;
  sample bigint;
  months integer;
begin
  perform bank.require_role('auditor', 'risk');
  select * into plan from bank.inspection_plan as p
  where p.code = plan_code and p.superseded_at is null and daterange(p.effective_from, p.effective_until) @> from_day;
  if not found then
    perform bank.refuse_order('inspection_plan_is_known', 'inspection_sample', format('no audit plan “%s” is in force on %s', plan_code, from_day),
      'See the plans with banyan inspection plans, or set one.', 'foreign_key_violation');
  end if;
  months := case plan.frequency when 'monthly' then 1 when 'quarterly' then 3 else 12 end;
  if until_day <> (from_day + make_interval(months => months))::date then
    perform bank.refuse_order('inspection_sample_is_of_a_period', 'inspection_sample',
      format('plan %s is %s, so a sample from %s on ends with %s', plan_code, plan.frequency, to_char(from_day, 'YYYY-MM'),
        to_char(from_day + make_interval(months => months - 1), 'YYYY-MM')),
      'Choose such a period.');
  elsif until_day > bank.access_day() then
    perform bank.refuse_order('inspection_sample_is_of_a_period', 'inspection_sample',
      format('the period ends on %s and is not over', until_day - 1), 'Choose one that is over.');
  elsif btrim(chosen_seed) = '' then
    perform bank.refuse_order('inspection_sample_has_a_seed', 'inspection_sample', 'a sample without a seed cannot be drawn again', 'Give a seed.');
  end if;
  insert into bank.inspection_sample (inspection_plan_id, period_from, period_until, seed, population_size, population_digest)
  select plan.inspection_plan_id, from_day, until_day, chosen_seed, coalesce(max(d.population_size), 0),
    coalesce((array_agg(d.population_digest))[1], sha256(''))
  from bank.inspection_draw(plan.population, from_day, until_day, now(), chosen_seed, 1) as d
  returning inspection_sample_id into sample;
  insert into bank.inspection_sample_item (inspection_sample_id, position, item_key, description, employee_id)
  select sample, d."position", d.item_key, d.description, d.employee_id
  from bank.inspection_draw(plan.population, from_day, until_day, now(), chosen_seed, plan.sample_size) as d;
  return sample;
end
$$;
comment on function bank.draw_inspection_sample(text, date, date, text) is 'Draws the sample of a plan and a period by a seed, once; returns its number';

create or replace function bank.verify_inspection_sample(sample bigint)
returns table (found text, item_key text, detail text)
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  drawn record;
begin
  perform bank.require_role('auditor', 'risk');
  select s.*, p.population, p.sample_size into drawn
  from bank.inspection_sample as s join bank.inspection_plan as p using (inspection_plan_id) where s.inspection_sample_id = sample;
  if not found then
    perform bank.refuse_order('inspection_sample_is_known', 'inspection_sample', format('there is no sample %s on record', sample),
      'See the numbers with banyan inspection plans.', 'foreign_key_violation');
  end if;
  return query
  with anew as (
    select * from bank.inspection_draw(drawn.population, drawn.period_from, drawn.period_until, drawn.drawn_at, drawn.seed, drawn.sample_size)
  ), recorded as (
    select i."position", i.item_key from bank.inspection_sample_item as i where i.inspection_sample_id = sample
  )
  select 'population differs', null::text, format('it had %s items and has %s', drawn.population_size, coalesce(max(a.population_size), 0))
  from anew as a
  having coalesce((array_agg(a.population_digest))[1], sha256('')) <> drawn.population_digest
  union all
  select case when r.item_key is null then 'not on record' else 'not drawn again' end, coalesce(r.item_key, a.item_key),
    format('place %s', coalesce(r."position", a."position"))
  from recorded as r full join anew as a on a.item_key = r.item_key and a."position" = r."position"
  where r.item_key is null or a.item_key is null;
end
$$;
comment on function bank.verify_inspection_sample(bigint) is 'Draws a sample again from its seed and names what differs; no row when it is the same';

create or replace function bank.record_inspection_finding(
  sample bigint, of_item text, how_severe text, what text, responsible text, due date, named text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  finding bigint;
begin
  perform bank.require_role('auditor', 'risk');
  if of_item is not null and not exists (
    select 1 from bank.inspection_sample_item as i where i.inspection_sample_id = sample and i.item_key = of_item) then
    perform bank.refuse_order('inspection_finding_item_fk', 'inspection_finding', format('sample %s has no item “%s”', sample, of_item),
      'See the items with banyan inspection show.', 'foreign_key_violation');
  end if;
  insert into bank.inspection_finding (inspection_sample_id, item_key, severity, description, responsible_id, found_by_id, found_on, due_on)
  values (sample, of_item, how_severe, what, bank.require_employee(responsible), bank.acting_or_named(named), bank.access_day(), due)
  returning inspection_finding_id into finding;
  return finding;
end
$$;
comment on function bank.record_inspection_finding(bigint, text, text, text, text, date, text) is 'Records what an audit has found, who puts it right and until when; returns its number';

create or replace function bank.open_finding(finding bigint) returns bank.inspection_finding
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known bank.inspection_finding;
begin
  select * into known from bank.inspection_finding as f where f.inspection_finding_id = finding for update;
  if not found then
    perform bank.refuse_order('inspection_finding_is_known', 'inspection_finding', format('there is no finding %s on record', finding),
      'See the numbers with banyan inspection findings.', 'foreign_key_violation');
  elsif known.closed_at is not null then
    perform bank.refuse_order('inspection_finding_is_open', 'inspection_finding', format('finding %s was closed on %s', finding, known.closed_at::date),
      'Record another one if something is wrong again.', 'restrict_violation');
  end if;
  return known;
end
$$;
comment on function bank.open_finding(bigint) is 'A finding that is open, locked; refuses any other';

create or replace function bank.rectify_finding(finding bigint, how text, named text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known constant bank.inspection_finding := bank.open_finding(finding);
  person constant integer := bank.acting_or_named(named);
begin
  if person <> known.responsible_id then
    perform bank.require_role('head_office', 'branch', 'risk');
  end if;
  update bank.inspection_finding as f
  set rectification = how, rectified_by_id = person, rectified_by = session_user, rectified_at = clock_timestamp()
  where f.inspection_finding_id = finding;
end
$$;
comment on function bank.rectify_finding(bigint, text, text) is 'The responsible person, or who leads there, says how a finding was put right; again, until it is closed';

create or replace function bank.reassign_finding(finding bigint, to_person text, why text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known constant bank.inspection_finding := bank.open_finding(finding);
  person constant integer := bank.require_employee(to_person);
begin
  perform bank.require_role('auditor', 'risk');
  if bank.acting_person() = known.responsible_id then
    perform bank.refuse_order('inspection_reassignment_is_by_another', 'inspection_reassignment',
      format('finding %s is the own one of who would give it away', finding), 'Let another person do it.');
  end if;
  insert into bank.inspection_reassignment (inspection_finding_id, position, former_id, responsible_id, reason)
  select finding, 1 + count(*), known.responsible_id, person, coalesce(why, '')
  from bank.inspection_reassignment as r where r.inspection_finding_id = finding;
  update bank.inspection_finding as f set responsible_id = person where f.inspection_finding_id = finding;
end
$$;
comment on function bank.reassign_finding(bigint, text, text) is 'Makes another person responsible for a finding that is open, with a reason on record';

create or replace function bank.close_finding(finding bigint, verdict text, named text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known constant bank.inspection_finding := bank.open_finding(finding);
  person constant integer := bank.acting_or_named(named);
begin
  perform bank.require_role('auditor', 'risk');
  if exists (select 1 from bank.inspection_reassignment as r where r.inspection_finding_id = finding and r.former_id = person) then
    perform bank.refuse_order('inspection_finding_closer_is_another', 'inspection_finding',
      format('finding %s was theirs before another person became responsible', finding), 'Let another person close it.');
  end if;
  update bank.inspection_finding as f
  set opinion = verdict, closed_by_id = person, closed_by = session_user, closed_at = clock_timestamp()
  where f.inspection_finding_id = known.inspection_finding_id;
end
$$;
comment on function bank.close_finding(bigint, text, text) is 'Another person than the responsible one finds it right and closes it, with an opinion';

create or replace function bank.check_findings() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select o.inspection_finding_id, o.closed_at into wrong
  from earlier as o left join later as n using (inspection_finding_id)
  where o.closed_at is not null
    or (to_jsonb(o) - '{responsible_id,rectification,rectified_by_id,rectified_by,rectified_at,opinion,closed_by_id,closed_by,closed_at}'::text[])
      is distinct from
       (to_jsonb(n) - '{responsible_id,rectification,rectified_by_id,rectified_by,rectified_at,opinion,closed_by_id,closed_by,closed_at}'::text[])
    or (o.responsible_id <> n.responsible_id and not exists (
      select 1 from bank.inspection_reassignment as r
      where r.inspection_finding_id = n.inspection_finding_id and r.former_id = o.responsible_id
        and r.responsible_id = n.responsible_id and r.recorded_at = now()))
  limit 1;
  if found then
    perform bank.refuse_order('inspection_finding_stays_as_it_is', 'inspection_finding',
      format('finding %s stays as it was recorded', wrong.inspection_finding_id),
      'Only its rectification, its closing and another responsible person are recorded.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_findings() is 'Trigger: a finding is rectified, closed, or given to another person with a reason, and otherwise stays as it is';
create or replace trigger inspection_finding_after_update after update on bank.inspection_finding
  referencing old table as earlier new table as later for each statement execute function bank.check_findings();
create or replace trigger inspection_finding_stays before delete or truncate on bank.inspection_finding
  for each statement execute function bank.refuse_alteration(
    'inspections_stay', 'what was audited and found stays on record', 'Record what is new beside it.');
create or replace trigger inspection_reassignment_stays before update or delete or truncate on bank.inspection_reassignment
  for each statement execute function bank.refuse_alteration(
    'inspections_stay', 'what was audited and found stays on record', 'Record what is new beside it.');
create or replace trigger inspection_plan_stays before delete or truncate on bank.inspection_plan
  for each statement execute function bank.refuse_alteration(
    'inspections_stay', 'what was audited and found stays on record', 'Record what is new beside it.');
create or replace trigger inspection_sample_stays before update or delete or truncate on bank.inspection_sample
  for each statement execute function bank.refuse_alteration(
    'inspections_stay', 'what was audited and found stays on record', 'Record what is new beside it.');
create or replace trigger inspection_sample_item_stays before update or delete or truncate on bank.inspection_sample_item
  for each statement execute function bank.refuse_alteration(
    'inspections_stay', 'what was audited and found stays on record', 'Record what is new beside it.');

-- Accountability -----------------------------------------------------------------------------------------

create or replace function bank.record_accountability(
  person text, action_kind text, how_many numeric, on_day date, why text, finding bigint, named text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  entry bigint;
begin
  perform bank.require_role('hr', 'risk');
  if finding is not null and not exists (select 1 from bank.inspection_finding as f where f.inspection_finding_id = finding) then
    perform bank.refuse_order('accountability_finding_fk', 'accountability', format('there is no finding %s on record', finding),
      'See the numbers with banyan inspection findings.', 'foreign_key_violation');
  end if;
  insert into bank.accountability (employee_id, kind, points, happened_on, reason, inspection_finding_id, decided_by_id)
  values (bank.require_employee(person), action_kind, how_many, on_day, why, finding, bank.acting_or_named(named))
  returning accountability_id into entry;
  return entry;
end
$$;
comment on function bank.record_accountability(text, text, numeric, date, text, bigint, text) is 'Records what a person was called to account for, with violation points; returns its number';

create or replace function bank.withdraw_accountability(entry bigint, why text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  perform bank.require_role('hr', 'risk');
  if bank.acting_person() = (select a.employee_id from bank.accountability as a where a.accountability_id = entry) then
    perform bank.refuse_order('accountability_decider_is_another', 'accountability',
      format('record %s is about the person who would withdraw it', entry), 'Let another person do it.');
  end if;
  update bank.accountability as a set withdrawn_reason = why, withdrawn_by = session_user, withdrawn_at = clock_timestamp()
  where a.accountability_id = entry and a.withdrawn_at is null;
  if not found then
    perform bank.refuse_order('accountability_counts', 'accountability', format('no record %s of accountability counts', entry),
      'See the numbers with banyan accountability list.', 'foreign_key_violation');
  end if;
end
$$;
comment on function bank.withdraw_accountability(bigint, text) is 'Says that a record of accountability counts no more, and why';

create or replace function bank.check_accountability() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from earlier as o left join later as n using (accountability_id)
    where o.withdrawn_at is not null
      or (to_jsonb(o) - '{withdrawn_reason,withdrawn_by,withdrawn_at}'::text[])
        is distinct from (to_jsonb(n) - '{withdrawn_reason,withdrawn_by,withdrawn_at}'::text[])) then
    perform bank.refuse_order('accountability_stays_as_it_is', 'accountability', 'a record of accountability is only ever withdrawn, once',
      'Withdraw it and record another one.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_accountability() is 'Trigger: a record of accountability changes only by being withdrawn';
create or replace trigger accountability_after_update after update on bank.accountability
  referencing old table as earlier new table as later for each statement execute function bank.check_accountability();
create or replace trigger accountability_stays before delete or truncate on bank.accountability
  for each statement execute function bank.refuse_alteration(
    'inspections_stay', 'what was audited and found stays on record', 'Record what is new beside it.');

create or replace function bank.violation_points(employee integer, from_day date, until_day date) returns numeric
language plpgsql stable as $$
begin
  return (
    select sum(a.points) from bank.accountability as a
    where a.employee_id = employee and a.withdrawn_at is null and a.happened_on >= from_day and a.happened_on < until_day);
end
$$;
comment on function bank.violation_points(integer, date, date) is 'The violation points of a person for a period, whose last day is not in it; null for none on record. Scorecards read it as the measure violation_points';
