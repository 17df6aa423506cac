-- Doors for who runs the pay: what a run needs to know about people beside the credits.

drop function if exists bank.people_to_pay(date);
create or replace function bank.people_to_pay(month_start date, with_leaders boolean)
returns table (
  employee_id integer, number text, branch_id integer, tier text, post text, unit_code text, team_code text,
  leads text[], days_active integer)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  next_month constant date := (month_start + interval '1 month')::date;
  known_at constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return query
  with held as materialized (
    select p.employee_id, p.org_unit_id, p.kind, p.is_main, p.team_id, p.effective_from, p.effective_until
    from bank.post as p
    where p.recorded_at <= known_at and (p.superseded_at is null or p.superseded_at > known_at) and p.effective_from < next_month
      and (p.effective_until is null or p.effective_until > month_start)
  ), last_main as (
    -- The main post of the month's last day, or the last one held in it.
    select distinct on (h.employee_id) h.* from held as h where h.is_main
    order by h.employee_id, h.effective_from desc
  ), led as (
    select h.employee_id, array_agg(distinct coalesce(t.code, u.code)) as codes
    from held as h
    join bank.post_kind as k on k.kind = h.kind and k.leads
    join bank.org_unit as u on u.org_unit_id = h.org_unit_id
    left join bank.team as t on t.team_id = h.team_id
    where h.effective_until is null or h.effective_until >= next_month
    group by h.employee_id
  ), worked as (
    select d.employee_id, sum(upper(d.span) - lower(d.span))::integer as days
    from (
      select h.employee_id, unnest(range_agg(daterange(
        greatest(h.effective_from, month_start), least(h.effective_until, next_month)))) as span
      from held as h
      group by h.employee_id
    ) as d
    group by d.employee_id
  )
  select e.employee_id, e.number, e.branch_id, t.tier, m.kind, u.code, g.code, coalesce(l.codes, '{}'),
    -- Who has no post on record is paid from the day of joining.
    coalesce(w.days, greatest(next_month - greatest(e.joined_on, month_start), 0))
  from bank.employee as e
  left join bank.employee_tier as t
    on t.employee_id = e.employee_id and t.recorded_at <= known_at and (t.superseded_at is null or t.superseded_at > known_at) and t.effective_from < next_month
    and (t.effective_until is null or t.effective_until >= next_month)
  left join last_main as m on m.employee_id = e.employee_id
  join bank.org_unit as u on u.org_unit_id = coalesce(m.org_unit_id, e.branch_id)
  left join bank.team as g on g.team_id = m.team_id
  left join led as l on l.employee_id = e.employee_id
  left join worked as w on w.employee_id = e.employee_id
  where (with_leaders and l.codes is not null)
    or exists (
      select from bank.fact_month as f
      where f.employee_id = e.employee_id and f.month = month_start and known_at = 'infinity')
    or exists (
      -- As of an earlier time, of what was on record then.
      select from bank.fact as f
      where known_at < 'infinity' and f.employee_id = e.employee_id and f.booked_on >= month_start and f.booked_on < next_month
        and not f.batch_id = any (bank.batches_after(known_at)))
    or exists (
      select from bank.replaced_fact as f
      where known_at < 'infinity' and f.employee_id = e.employee_id and f.booked_on >= month_start and f.booked_on < next_month
        and f.batch_id = any (bank.batches_replaced_after(known_at)))
    -- One look at the index of what counts today for each person; of what was believed earlier there is none.
    or known_at = 'infinity' and (
      select true from bank.assignment as a
      where a.employee_id = e.employee_id and a.superseded_at is null and a.effective_from < next_month
        and (a.effective_until is null or a.effective_until > month_start)
      limit 1)
    or known_at < 'infinity' and exists (
      select from bank.assignment as a
      where a.employee_id = e.employee_id and a.recorded_at <= known_at
        and (a.superseded_at is null or a.superseded_at > known_at) and a.effective_from < next_month
        and (a.effective_until is null or a.effective_until > month_start))
  order by e.number collate "C";
end
$$;
comment on function bank.people_to_pay(date, boolean) is 'Everybody who looks after an account on some day of the month that begins on the given day, or is named by a fact of it, and if asked for everybody who leads people at its end: with tier, main post, unit and team, the units and teams that they lead, and the days on which they held a post';

create or replace function bank.tiers_within(month_start date)
returns table (employee_id integer, tier text, days integer)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  next_month constant date := (month_start + interval '1 month')::date;
  known_at constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return query
  select h.employee_id, h.tier, h.days
  from (
    select t.employee_id, t.tier, t.effective_from,
      least(t.effective_until, next_month) - greatest(t.effective_from, month_start) as days,
      count(*) over (partition by t.employee_id) as spans
    from bank.employee_tier as t
    where t.recorded_at <= known_at and (t.superseded_at is null or t.superseded_at > known_at) and t.effective_from < next_month
      and (t.effective_until is null or t.effective_until > month_start)
  ) as h
  where h.spans > 1
  order by h.employee_id, h.effective_from;
end
$$;
comment on function bank.tiers_within(date) is 'The tiers of those who held several within the month that begins on the given day, in their order, with the days of each';

create or replace function bank.person_metrics(month_start date)
returns table (employee_id integer, metric text, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  next_month constant date := (month_start + interval '1 month')::date;
  known_at constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return query
  select a.employee_id, 'violation_points', sum(a.points)
  from bank.accountability as a
  where a.recorded_at <= known_at and (a.withdrawn_at is null or a.withdrawn_at > known_at) and a.happened_on >= month_start and a.happened_on < next_month
  group by a.employee_id
  having sum(a.points) <> 0
  union all
  select m.employee_id, 'clients_managed_count', sum(m.share)
  from (
    -- A client is looked after through the client itself, or through an account that it owns.
    select s.employee_id, max(s.share) as share
    from bank.assignment as s
    left join bank.account_holder as h
      on h.branch_id = s.branch_id and h.account_id = s.account_id and h.role = 'owner'
    where s.recorded_at <= known_at and (s.superseded_at is null or s.superseded_at > known_at) and s.effective_from < next_month
      and (s.effective_until is null or s.effective_until >= next_month)
      and coalesce(h.client_id, s.client_id) is not null
    group by s.employee_id, coalesce(h.client_branch_id, s.branch_id), coalesce(h.client_id, s.client_id)
  ) as m
  group by m.employee_id;
end
$$;
comment on function bank.person_metrics(date) is 'What is measured of people themselves in the month that begins on the given day: points of accountability, and clients looked after on its last day, each by its share';

create or replace function bank.earlier_calculations(month_start date, plan_code text, replaced integer)
returns table (name text, pay_run_id integer)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return query
  select s.name, c.pay_run_id
  from (values ('quarter', date_trunc('quarter', month_start)::date), ('year', date_trunc('year', month_start)::date))
    as s (name, since)
  cross join lateral generate_series(s.since::timestamp, month_start - interval '1 month', interval '1 month') as m (month)
  cross join lateral bank.latest_calculation(m.month::date, plan_code, replaced) as c (pay_run_id)
  where c.pay_run_id is not null;
end
$$;
comment on function bank.earlier_calculations(date, text, integer) is 'The calculations that hold now of the months of the quarter and the year before the month that begins on the given day; what belongs to the run that is being replaced does not count';

drop function if exists bank.credited_before(date, text);
create or replace function bank.credited_before(month_start date, plan_code text, replaced integer)
returns table (employee_id integer, metric text, span text, amount numeric, months integer)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return query
  with counting as materialized (
    select e.name, e.pay_run_id from bank.earlier_calculations(month_start, plan_code, replaced) as e
  )
  select c.employee_id, c.metric, k.name, sum(c.credited),
    (select count(*)::integer from counting as m where m.name = k.name)
  from counting as k
  join report.pay_credit_total as c using (pay_run_id)
  where c.employee_id is not null
  group by c.employee_id, c.metric, k.name;
end
$$;
comment on function bank.credited_before(date, text, integer) is 'What the calculations that hold now have credited to people since the quarter and the year began, before the month that begins on the given day, with the number of months';

create or replace function bank.targets_for_pay(month_start date)
returns table (employee_id integer, unit_code text, metric text, span text, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  known_at constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return query
  select t.employee_id, case when t.employee_id is null then u.code end, t.metric, s.name, sum(t.amount)
  from (values ('month', month_start, (month_start + interval '1 month')::date),
      ('quarter', date_trunc('quarter', month_start)::date,
        (date_trunc('quarter', month_start) + interval '3 months')::date),
      ('year', date_trunc('year', month_start)::date, (date_trunc('year', month_start) + interval '1 year')::date)
    ) as s (name, since, until)
  join bank.target as t on t.recorded_at <= known_at and (t.superseded_at is null or t.superseded_at > known_at) and t.month >= s.since and t.month < s.until
  join bank.org_unit as u on u.org_unit_id = t.branch_id
  group by t.employee_id, u.code, t.metric, s.name
  order by t.employee_id, u.code collate "C", t.metric collate "C", s.name collate "C";
end
$$;
comment on function bank.targets_for_pay(date) is 'The targets of the month that begins on the given day, and of its whole quarter and year, of people and units';

drop function if exists bank.paid_before(date, text);
create or replace function bank.paid_before(month_start date, plan_code text, replaced integer)
returns table (employee_id integer, component text, span text, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return query
  select l.employee_id, l.component, e.name, sum(l.amount)
  from bank.earlier_calculations(month_start, plan_code, replaced) as e
  join bank.pay_line as l on l.pay_run_id = e.pay_run_id
  where l.kind not in ('correction', 'entry')
  group by l.employee_id, l.component, e.name
  having sum(l.amount) <> 0
  order by l.employee_id, l.component collate "C", e.name collate "C";
end
$$;
comment on function bank.paid_before(date, text, integer) is 'What each component of a plan has paid each person since the quarter and the year began, before the month that begins on the given day, by the calculations that hold now';

drop function if exists bank.carried_before(date, text);
create or replace function bank.carried_before(month_start date, plan_code text, replaced integer)
returns table (employee_id integer, component text, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return query
  select b.employee_id, b.component, b.amount
  from bank.pay_balance as b
  where b.pay_run_id = bank.latest_calculation((month_start - interval '1 month')::date, plan_code, replaced)
  order by b.employee_id, b.component collate "C";
end
$$;
comment on function bank.carried_before(date, text, integer) is 'What people carry into the month that begins on the given day, by the calculation of the month before that holds now';

create or replace function bank.record_target(unit text, person text, what text, since date, wanted numeric)
returns boolean
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  place integer;
  who integer;
  known bank.target;
begin
  perform bank.require_role('hr');
  if person is not null then
    select e.employee_id, e.branch_id into who, place from bank.employee as e where e.number = person;
    if not found then
      perform bank.refuse_order('target_person_is_known', 'target', format('there is no employee %s on record', person),
        'Check the number.');
    end if;
  else
    select u.org_unit_id into place from bank.org_unit as u where u.code = unit;
    if not found then
      perform bank.refuse_order('target_unit_is_known', 'target', format('there is no unit %s on record', unit),
        'Check the code.');
    end if;
  end if;
  select * into known from bank.target as t
  where t.branch_id = place and t.employee_id is not distinct from who and t.metric = what and t.month = since
    and t.superseded_at is null
  for update;
  if found and known.amount = wanted then
    return false;
  end if;
  if found then
    update bank.target as t set superseded_at = now() where t.branch_id = place and t.target_id = known.target_id;
  end if;
  insert into bank.target (branch_id, employee_id, metric, month, amount) values (place, who, what, since, wanted);
  return true;
end
$$;
comment on function bank.record_target(text, text, text, date, numeric) is 'Records what a person, or a unit, is to reach in a month; another value on record is superseded. Returns whether anything is new';

create or replace function bank.guard_target() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.superseded_at is null and new.superseded_at is not null)
    and (to_jsonb(old) - 'superseded_at') = (to_jsonb(new) - 'superseded_at') then
    return new;
  end if;
  raise exception using
    errcode = 'restrict_violation',
    message = format('%s of bank.target is refused: targets are superseded, never changed', lower(tg_op)),
    hint = 'Import the new amount with banyan target import; the old one stays on record.';
end
$$;
comment on function bank.guard_target() is 'Trigger: of a target only its end of belief may be set, once';
create or replace trigger target_only_supersedes before update or delete on bank.target
  for each row execute function bank.guard_target();
