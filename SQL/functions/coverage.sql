-- Made-up coverage for banks whose data have none.

create or replace function bank.make_up_managers(
  batch bigint, accounts_per_manager integer, number_pattern text, since date)
returns table (managers bigint, assignments bigint)
language plpgsql as $$
begin
  -- For a bank whose data has no relationship managers: rank the accounts of a branch by number, take one
  -- manager for every so many accounts, and deal the accounts out in turn. Accounts that have a manager
  -- keep them.
  create temporary table dealt on commit drop as
  select branch_id, account_id, employee_number, greatest(opened_on, since) as effective_from
  from (
    select a.branch_id, a.account_id, a.opened_on,
      replace(replace(number_pattern, '{branch}', u.code), '{index}',
        lpad(((row_number() over in_branch - 1)
          % ceil(count(*) over (partition by a.branch_id) / accounts_per_manager::numeric)::bigint + 1)::text,
          2, '0')) as employee_number
    from bank.account as a
    join bank.org_unit as u on u.org_unit_id = a.branch_id
    -- Numbers in files have no leading zeros: the shorter one is the smaller one.
    window in_branch as (partition by a.branch_id order by length(a.number), a.number)
  ) as ranked
  where not exists (
    select 1 from bank.assignment as s
    where s.branch_id = ranked.branch_id and s.account_id = ranked.account_id
      and s.superseded_at is null);

  insert into bank.employee (number, branch_id, joined_on, batch_id)
  select employee_number, branch_id, since, batch from dealt
  group by employee_number, branch_id
  order by branch_id, employee_number
  on conflict (number) do nothing;
  get diagnostics managers = row_count;

  insert into bank.assignment (branch_id, account_id, employee_id, share, effective_from, batch_id)
  select d.branch_id, d.account_id, e.employee_id, 1, d.effective_from, batch
  from dealt as d
  join bank.employee as e on e.number = d.employee_number
  order by d.branch_id, d.account_id;
  get diagnostics assignments = row_count;
  drop table dealt;
  return next;
end
$$;
comment on function bank.make_up_managers(bigint, integer, text, date) is 'Makes up relationship managers and assignments for accounts that have none; returns how many of each are new';

create or replace function bank.review_tiers(
  batch bigint, since date, review_months integer, thresholds jsonb)
returns bigint
language plpgsql as $$
declare
  last_month date;
  recorded bigint;
begin
  select max(month) into last_month from bank.account_month;
  if last_month is null then
    return 0;
  end if;

  create temporary table reviewed on commit drop as
  with movement as (
    -- What the accounts of each person moved, month by month; months before the first review count too.
    select s.employee_id, greatest(m.month, (since - interval '1 month')::date) as month,
      sum((m.credits - m.debits) * s.share) as net,
      sum(case when m.month >= since then m.movement_days * s.share else 0 end) as movement_days
    from bank.account_month as m
    join bank.assignment as s
      on s.branch_id = m.branch_id and s.account_id = m.account_id
      and s.superseded_at is null and s.effective_until is null
    group by 1, 2
  ), calendar as (
    select e.employee_id, month::date as month,
      (month + interval '1 month')::date - month::date as days
    from (select distinct employee_id from bank.assignment where superseded_at is null) as e
    cross join generate_series(since::timestamp - interval '1 month', last_month, interval '1 month') as month
  ), balance as (
    select c.employee_id, c.month, c.days,
      c.days * (sum(coalesce(v.net, 0)) over so_far - coalesce(v.net, 0))
        + coalesce(v.movement_days, 0) as balance_days
    from calendar as c
    left join movement as v using (employee_id, month)
    window so_far as (partition by c.employee_id order by c.month)
  ), period as (
    -- A review at the start of each period looks back over the one before it.
    select employee_id, first_day, sum(balance_days) as balance_days, sum(days) as days
    from (
      select b.*, (since + make_interval(months => review_months * (1 + (
        (extract(year from b.month) - extract(year from since)) * 12
        + extract(month from b.month) - extract(month from since))::integer / review_months)))::date
        as first_day
      from balance as b
      where b.month >= since
    ) as looked_back
    where first_day <= last_month
    group by employee_id, first_day
  ), decided as (
    select employee_id, first_day,
      (select t ->> 'tier' from jsonb_array_elements(thresholds) as t
       where p.balance_days >= (t ->> 'from')::numeric * p.days
       order by (t ->> 'from')::numeric desc limit 1) as tier
    from period as p
    union all
    select distinct employee_id, since, (
      select t ->> 'tier' from jsonb_array_elements(thresholds) as t
      order by (t ->> 'from')::numeric limit 1)
    from calendar
  ), changed as (
    select employee_id, first_day, coalesce(tier, (
        select t ->> 'tier' from jsonb_array_elements(thresholds) as t
        order by (t ->> 'from')::numeric limit 1)) as tier,
      lag(tier) over (partition by employee_id order by first_day) as tier_before
    from decided
  )
  select employee_id, tier, first_day as effective_from,
    lead(first_day) over (partition by employee_id order by first_day) as effective_until
  from changed
  where tier is distinct from tier_before;

  -- What was believed before and is still right stays; the rest is superseded, never deleted.
  update bank.employee_tier as t set superseded_at = now()
  where t.superseded_at is null and t.line_number is null and not exists (
    select 1 from reviewed as r
    where r.employee_id = t.employee_id and r.tier = t.tier
      and r.effective_from = t.effective_from
      and r.effective_until is not distinct from t.effective_until);

  insert into bank.employee_tier (employee_id, tier, effective_from, effective_until, batch_id)
  select r.employee_id, r.tier, r.effective_from, r.effective_until, batch
  from reviewed as r
  where not exists (
    select 1 from bank.employee_tier as t
    where t.superseded_at is null and t.employee_id = r.employee_id
      and t.effective_from = r.effective_from)
  order by r.employee_id, r.effective_from;
  get diagnostics recorded = row_count;
  drop table reviewed;
  return recorded;
end
$$;
comment on function bank.review_tiers(bigint, date, integer, jsonb) is 'Sets the tiers of all managers from the average daily balance of their accounts in the period before each review; returns how many tier records are new';
