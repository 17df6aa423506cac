-- Corrections. When a month is run, each earlier month that was posted and about which something has come to be known
-- since is calculated again, as a run that is part of the new one. What it is worth now, less what was paid for it so
-- far, is paid by the new run. Here stands what that takes: which calculation of a month holds now, what was paid for
-- it so far, what has come to be known since, and what of it each person's figures come from.

create or replace function bank.latest_calculation(of_month date, of_plan text, replaced integer) returns integer
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  as_of constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return (
    select r.pay_run_id
    from bank.pay_run as r
    join bank.plan as p using (plan_id)
    where r.month = of_month and p.code = of_plan and r.known_at is null and r.computed_at <= as_of
      and not exists (
        select 1 from bank.pay_run as n
        where n.supersedes_id in (r.pay_run_id, r.part_of_id) and n.computed_at <= as_of)
      and (replaced is null or r.part_of_id is distinct from replaced)
    order by r.pay_run_id desc limit 1);
end
$$;
comment on function bank.latest_calculation(date, text, integer) is 'The calculation of a month by a plan that holds now: the last one that is part of a later run, or else the run of the month. What belongs to the run that is being replaced does not count';

create or replace function bank.posted_months(before date, of_plan text)
returns table (pay_run_id integer, month date)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return query
  select r.pay_run_id, r.month
  from bank.pay_posting as q
  join bank.pay_run as r using (pay_run_id)
  join bank.plan as p using (plan_id)
  where r.month < before and p.code = of_plan
  order by r.month;
end
$$;
comment on function bank.posted_months(date, text) is 'The months before one that were posted for a plan, with their runs';

create or replace function bank.paid_for(of_month date, of_plan text, replaced integer)
returns table (employee_id integer, component text, title text, amount numeric)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return query
  with counting as (
    select r.pay_run_id, r.month
    from bank.pay_run as r
    join bank.plan as p using (plan_id)
    where p.code = of_plan and r.month >= of_month and r.part_of_id is null and r.pay_run_id is distinct from replaced
      and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
  )
  select s.employee_id, s.component, max(s.title), sum(s.amount)
  from (
    select l.employee_id, l.component, l.title, case when l.is_paid then l.amount else 0 end as amount
    from counting as c
    join bank.pay_line as l on l.pay_run_id = c.pay_run_id
    where c.month = of_month and l.kind not in ('correction', 'entry')
    union all
    select k.employee_id, k.component, null, k.recalculated - k.paid_before
    from counting as c
    join bank.pay_correction as k on k.pay_run_id = c.pay_run_id
    where k.month = of_month
  ) as s
  group by s.employee_id, s.component;
end
$$;
comment on function bank.paid_for(date, text, integer) is 'What the run of a month and all corrections of it have paid each person by each component, without those of the run that is being replaced';

create or replace function bank.is_paid_as_calculated(of_month date, of_plan text, replaced integer) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  latest constant integer := bank.latest_calculation(of_month, of_plan, replaced);
begin
  perform bank.require_role('hr');
  -- Nearly always the run of the month is the last calculation of it and nothing was corrected.
  if not exists (
    select 1 from bank.pay_correction as k
    join bank.pay_run as r using (pay_run_id) join bank.plan as p using (plan_id)
    where k.month = of_month and p.code = of_plan) then
    return true;
  end if;
  return not exists (
    select 1
    from bank.paid_for(of_month, of_plan, replaced) as f
    full join (
      select l.employee_id, l.component, sum(case when l.is_paid then l.amount else 0 end) as amount
      from bank.pay_line as l
      where l.pay_run_id = latest and l.kind not in ('correction', 'entry')
      group by l.employee_id, l.component
    ) as l using (employee_id, component)
    where coalesce(f.amount, 0) <> coalesce(l.amount, 0));
end
$$;
comment on function bank.is_paid_as_calculated(date, text, integer) is 'Whether what was paid for a month is what its last calculation gives; not so when a run that paid a correction is being replaced';

create or replace function bank.deferred_for(of_month date, of_plan text, replaced integer)
returns table (employee_id integer, due_on date, amount numeric, outstanding numeric)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return query
  with instalment as (
    select i.employee_id, i.due_on, sum(i.amount) as amount
    from bank.pay_run as r
    join bank.plan as p using (plan_id)
    join bank.deferral_instalment as i on i.pay_run_id = r.pay_run_id
    where p.code = of_plan and r.month >= of_month and r.part_of_id is null and r.pay_run_id is distinct from replaced
      and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
      and coalesce(i.corrects_month, r.month) = of_month
    group by i.employee_id, i.due_on
  )
  select n.employee_id, n.due_on, n.amount, n.amount - coalesce((
    select sum(case m.kind when 'restore' then -m.amount else m.amount end)
    from bank.deferral_movement as m
    where m.employee_id = n.employee_id and m.earned_month = of_month and m.due_on = n.due_on), 0)
  from instalment as n;
end
$$;
comment on function bank.deferred_for(date, text, integer) is 'What was deferred of a month for each person and day on which it is due, corrections included but for those of the run that is being replaced, and what of it was neither released nor forfeited';

-- What has come to be known -----------------------------------------------------------------------------------

create or replace function bank.pay_news(of_month date, of_plan text, since timestamptz, replaced integer)
returns table (kind text, cause text, made_by text, made_at timestamptz, employee_id integer, batch_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  next_month constant date := (of_month + interval '1 month')::date;
  span constant daterange := daterange(of_month, next_month);
begin
  perform bank.require_role('hr');
  return query
  -- Facts of the month, or of months before it, which its balances stand on.
  select case when b.replaces_id is null then 'new_batch' else 'replaced_batch' end,
    bank.batch_name(b.batch_id) || coalesce(' in the place of ' || bank.batch_name(b.replaces_id), ''),
    b.imported_by, b.imported_at, null::integer, b.batch_id
  from bank.batch as b
  where b.imported_at >= since and b.state in ('loaded', 'replaced')
    and (b.rows_loaded > 0 or b.replaces_id is not null)
    and case b.dataset
      when 'loans' then exists (
          select 1 from bank.loan as l where l.batch_id = b.batch_id and l.granted_on >= of_month and l.granted_on < next_month)
        or exists (
          select 1 from bank.replaced_loan as l
          where l.batch_id = b.replaces_id and l.granted_on >= of_month and l.granted_on < next_month)
      when 'holders' then exists (
        select 1 from bank.account_holder as h join bank.account as a using (branch_id, account_id)
        where h.batch_id = b.batch_id and h.role = 'owner' and a.opened_on < next_month)
      when 'deal_roles' then exists (
        select 1 from bank.deal_role as d join bank.loan as l on l.branch_id = d.branch_id and l.number = d.loan_number
        where d.batch_id = b.batch_id and l.granted_on >= of_month and l.granted_on < next_month)
      when 'exchange_rates' then exists (
        select 1 from bank.exchange_rate as x where x.batch_id = b.batch_id and x.day >= of_month and x.day < next_month)
      -- Whatever is booked by day: movements, and other facts.
      else exists (
        select 1 from bank.batch_part as t where t.batch_id in (b.batch_id, b.replaces_id) and t.month <= of_month) end
  union all
  select 'assignment', format('%s %s%s', e.verb, e.coverage_entry_id, coalesce(': ' || e.reason, '')), e.made_by, e.made_at,
    null, null
  from bank.coverage_entry as e
  where e.made_at >= since and e.effective_from < next_month and (e.effective_until is null or e.effective_until > of_month)
  union all
  select 'assignment', bank.batch_name(b.batch_id), b.imported_by, b.imported_at, null, b.batch_id
  from (
    select distinct a.batch_id from bank.assignment as a
    where a.recorded_at >= since and a.batch_id is not null and a.entry_id is null
      and a.effective_from < next_month and (a.effective_until is null or a.effective_until > of_month)
  ) as n
  join bank.batch as b using (batch_id)
  union all
  select 'person', case when t.superseded_at is null then format('tier %s from %s', t.tier, t.effective_from)
      else format('tier %s from %s counts no more', t.tier, t.effective_from) end,
    null, coalesce(t.superseded_at, t.recorded_at), t.employee_id, t.batch_id
  from bank.employee_tier as t
  where (t.recorded_at >= since and t.superseded_at is null or t.superseded_at >= since)
    and daterange(t.effective_from, t.effective_until) && span
  union all
  select 'person', case when t.superseded_at is null then format('post %s from %s', replace(t.kind, '_', ' '), t.effective_from)
      else format('post %s from %s counts no more', replace(t.kind, '_', ' '), t.effective_from) end,
    case when t.superseded_at is null then t.recorded_by end, coalesce(t.superseded_at, t.recorded_at), t.employee_id, t.batch_id
  from bank.post as t
  where (t.recorded_at >= since and t.superseded_at is null or t.superseded_at >= since)
    and daterange(t.effective_from, t.effective_until) && span
  union all
  select 'target', format('target of %s for %s: %s', t.metric, to_char(t.month, 'YYYY-MM'), trim_scale(t.amount)),
    t.recorded_by, t.recorded_at, t.employee_id, null
  from bank.target as t
  where t.recorded_at >= since and t.superseded_at is null and date_trunc('year', t.month) = date_trunc('year', of_month)
  union all
  select 'accountability', format('record %s of accountability%s', a.accountability_id,
      case when a.withdrawn_at is null then '' else ' was withdrawn' end),
    coalesce(a.withdrawn_by, a.recorded_by), coalesce(a.withdrawn_at, a.recorded_at), a.employee_id, null
  from bank.accountability as a
  where (a.recorded_at >= since or a.withdrawn_at >= since) and a.happened_on >= of_month and a.happened_on < next_month
  union all
  select 'plan', format('plan %s, version %s', p.code, p.version), n.activated_by, n.activated_at, null, null
  from bank.plan_activation as n
  join bank.plan as p using (plan_id)
  where n.activated_at >= since and p.code = of_plan and p.effective_from <= of_month
    and (p.effective_until is null or p.effective_until >= next_month)
  union all
  select 'earlier_month', format('%s was calculated as %s', to_char(r.month, 'YYYY-MM'), r.pay_run_id), r.computed_by,
    r.computed_at, null, null
  from bank.pay_run as r
  join bank.plan as p using (plan_id)
  where r.computed_at >= since and r.month < of_month and p.code = of_plan and r.known_at is null
    and (replaced is null or r.part_of_id is distinct from replaced)
    and date_trunc('year', (of_month - interval '1 month')) <= r.month;
end
$$;
comment on function bank.pay_news(date, text, timestamptz, integer) is 'What has come to be known since a time that may change what a plan pays for a month: batches, assignments, tiers, posts, targets, records of accountability, versions of the plan, and earlier months that were calculated again. It asks the times of recording only, so a month about which nothing is new costs next to nothing';

create or replace function bank.credit_changes(former integer, latter integer, since timestamptz)
returns table (employee_id integer, metric text, kind text, cause text, made_by text, made_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  of_month constant date := (select r.month from bank.pay_run as r where r.pay_run_id = latter);
begin
  perform bank.require_role('hr');
  return query
  with chosen as materialized (
    -- Branches whose sets are the same in both have nothing to tell.
    select r.branch_id, r.credit_set_id, r.pay_run_id = latter as is_new
    from bank.pay_run_credit_set as r
    join bank.credit_set as s using (branch_id, credit_set_id)
    where r.pay_run_id in (former, latter)
      and not exists (
        select from bank.pay_run_credit_set as o
        join bank.credit_set as t using (branch_id, credit_set_id)
        where o.pay_run_id in (former, latter) and o.pay_run_id <> r.pay_run_id and o.branch_id = r.branch_id
          and (t.credits, t.digest) = (s.credits, s.digest))
  ), side as materialized (
    select n.is_new, c.branch_id, c.employee_id, c.metric, c.account_id, c.loan_id,
      c.assignment_branch_id, c.assignment_id, c.share, c.counted_from, c.counted_until, c.measured
    from chosen as n
    join bank.pay_credit as c using (branch_id, credit_set_id)
    where c.employee_id is not null
  ), differing as materialized (
    select s.branch_id, s.employee_id, s.metric, s.account_id, s.loan_id, s.assignment_branch_id, s.assignment_id, s.share,
      s.counted_from, s.counted_until, s.measured, bool_and(s.is_new) as is_new
    from side as s
    group by s.branch_id, s.employee_id, s.metric, s.account_id, s.loan_id, s.assignment_branch_id, s.assignment_id, s.share,
      s.counted_from, s.counted_until, s.measured
    having count(*) = 1
  ), reassigned as (
    -- Where who, share or days differ, and not only what was measured.
    select d.* from differing as d
    where not exists (
      select 1 from differing as o
      where o.is_new <> d.is_new and o.branch_id = d.branch_id and o.account_id = d.account_id and o.metric = d.metric
        and o.loan_id is not distinct from d.loan_id and o.employee_id = d.employee_id and o.share = d.share
        and o.counted_from = d.counted_from and o.counted_until = d.counted_until)
  ), news as materialized (
    select b.batch_id, b.replaces_id, b.imported_by, b.imported_at,
      case when b.replaces_id is null then 'new_batch' else 'replaced_batch' end as kind,
      bank.batch_name(b.batch_id) || coalesce(' in the place of ' || bank.batch_name(b.replaces_id), '') as cause
    from bank.batch as b
    where b.imported_at >= since and b.state in ('loaded', 'replaced')
  ), touched as (
    select distinct t.branch_id, t.account_id, null::bigint as loan_id, n.batch_id
    from news as n
    join bank.batch_part as p on p.batch_id = n.batch_id and p.month <= of_month
    join bank.transaction as t on t.branch_id = p.branch_id and t.batch_id = p.batch_id
      and t.booked_on >= p.month and t.booked_on < (p.month + interval '1 month')::date
    union
    select t.branch_id, t.account_id, null, n.batch_id
    from news as n
    join bank.replaced_transaction as t on t.batch_id = n.replaces_id and t.booked_on < (of_month + interval '1 month')::date
    union
    select l.branch_id, l.account_id, l.loan_id, n.batch_id from news as n join bank.loan as l on l.batch_id = n.batch_id
    union
    select l.branch_id, l.account_id, l.loan_id, n.batch_id
    from news as n join bank.replaced_loan as l on l.batch_id = n.replaces_id
    union
    select h.branch_id, h.account_id, null, n.batch_id
    from news as n join bank.account_holder as h on h.batch_id = n.batch_id
  )
  -- Free metrics are credited in sums of a branch.
  select distinct f.employee_id, f.metric, n.kind, n.cause, n.imported_by, n.imported_at
  from (
    select c.branch_id, c.employee_id, c.metric
    from chosen as s
    join bank.pay_fact_credit as c using (branch_id, credit_set_id)
    where c.employee_id <> 0
    group by c.branch_id, c.employee_id, c.metric
    having coalesce(sum(c.credited) filter (where s.is_new), 0)
      <> coalesce(sum(c.credited) filter (where not s.is_new), 0)
  ) as f
  join bank.batch_part as p on p.branch_id = f.branch_id and p.month = of_month
  join news as n on p.batch_id in (n.batch_id, n.replaces_id)
  join bank.batch as b on b.batch_id = n.batch_id and b.dataset in ('facts', 'sales', 'fees')
  union
  select distinct d.employee_id, d.metric, n.kind, n.cause, n.imported_by, n.imported_at
  from differing as d
  join touched as t on t.branch_id = d.branch_id and t.account_id = d.account_id
    and (d.loan_id is null or t.loan_id is null or t.loan_id = d.loan_id) and (d.loan_id is not null or t.loan_id is null)
  join news as n using (batch_id)
  union
  select distinct d.employee_id, d.metric, 'assignment',
    coalesce(format('%s %s%s', e.verb, e.coverage_entry_id, coalesce(': ' || e.reason, '')), bank.batch_name(b.batch_id)),
    coalesce(e.made_by, b.imported_by), coalesce(e.made_at, b.imported_at)
  from reassigned as d
  join bank.assignment as a on a.branch_id = d.assignment_branch_id and a.assignment_id = d.assignment_id
  left join bank.coverage_entry as e
    on e.coverage_entry_id = case when d.is_new then a.entry_id else a.superseding_entry_id end
  left join bank.batch as b on e.coverage_entry_id is null and b.batch_id = a.batch_id
  where case when d.is_new then a.recorded_at >= since else a.superseded_at >= since end;
end
$$;
comment on function bank.credit_changes(integer, integer, timestamptz) is 'Why the credits of two calculations of a month differ, by person and metric: batches whose movements or loans are on the accounts that differ, and changes of the assignments that gave the credits';
