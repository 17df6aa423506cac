-- What the regulator asks of variable pay, year by year. Functions run with the rights of their caller, and
-- nothing here is rounded: a share is compared as it is.

create or replace function bank.pay_of_year(of_year integer)
returns table (
  employee_id integer, post text, is_front_line boolean, earned numeric, deferred numeric, base_pay numeric, rounding numeric)
language plpgsql stable as $$
declare
  half_a_unit constant numeric := (select power(10::numeric, -i.minor_unit_digits) / 2 from bank.institution as i);
begin
  return query
  with month as (
    select s.employee_id, r.month, s.inputs ->> 'post' as post, s.tier, s.earned, s.deferred
    from bank.pay_statement as s
    join report.pay_run as r using (pay_run_id)
    where r.counts and left(r.month, 4) = to_char(of_year, 'FM0000')
  ), last as (
    -- Who changes the post in the year stands under the last one.
    select distinct on (m.employee_id) m.employee_id, m.post from month as m order by m.employee_id, m.month desc
  ), based as (
    -- Base pay of a month counts once, however many plans have paid the person in it.
    select b.employee_id, sum(t.base_pay) as base_pay
    from (select distinct m.employee_id, m.month, m.tier from month as m) as b
    join bank.tier_terms as t on t.tier = b.tier and t.superseded_at is null
      and t.effective_from <= (to_date(b.month, 'YYYY-MM') + interval '1 month - 1 day')::date
      and (t.effective_until is null or t.effective_until > (to_date(b.month, 'YYYY-MM') + interval '1 month - 1 day')::date)
    group by b.employee_id
  )
  select m.employee_id, l.post, coalesce(k.manages_clients, false), sum(m.earned), sum(m.deferred), b.base_pay,
    count(*) * half_a_unit
  from month as m
  join last as l using (employee_id)
  left join bank.post_kind as k on k.kind = l.post
  left join based as b using (employee_id)
  group by m.employee_id, l.post, k.manages_clients, b.base_pay;
end
$$;
comment on function bank.pay_of_year(integer) is 'What each person earned and deferred in the months of a year by the runs that count, with the last post of the year and the base pay of the tiers of those months; null where no tier of a month has base pay on record. Each month''s deferral is rounded, which explains a difference of up to rounding';

create or replace function bank.deferrals_of_year(of_year integer)
returns table (employee_id integer, pay_run_id integer, amount numeric, is_front_loaded boolean, is_short boolean)
language plpgsql stable as $$
begin
  return query
  with part as (
    select d.employee_id, d.pay_run_id, d.due_on, d.amount, to_date(r.month, 'YYYY-MM') as earned_in,
      lead(d.amount) over (partition by d.branch_id, d.pay_run_id, d.employee_id order by d.due_on, d.instalment) as next_amount
    from bank.deferral_instalment as d
    join report.pay_run as r using (pay_run_id)
    where r.counts and left(r.month, 4) = to_char(of_year, 'FM0000') and d.corrects_month is null
  )
  -- What does not divide goes to the earlier parts, so a unit of the last digit is no front-loading.
  select p.employee_id, p.pay_run_id, sum(p.amount),
    coalesce(bool_or(p.amount - p.next_amount > power(10::numeric, -(select i.minor_unit_digits from bank.institution as i))), false),
    max(p.due_on) < (min(p.earned_in) + interval '36 months')::date
  from part as p
  group by p.employee_id, p.pay_run_id;
end
$$;
comment on function bank.deferrals_of_year(integer) is 'The deferrals that the runs that count have made for the months of a year: whether one pays more in an earlier part than in a later one, and whether its last part is due before 36 months';

create or replace function bank.pay_control_exceptions(of_year integer, least_deferred numeric, most_of_base numeric)
returns table (control text, employee_id integer, post text, amount numeric, of_amount numeric)
language plpgsql stable as $$
begin
  return query
  select 'share deferred', p.employee_id, p.post, p.deferred, p.earned
  from bank.pay_of_year(of_year) as p
  where p.earned > 0 and 100 * (p.deferred + p.rounding) < least_deferred * p.earned
  union all
  select 'ratio to base pay', p.employee_id, p.post, p.earned, p.base_pay
  from bank.pay_of_year(of_year) as p where 100 * p.earned > most_of_base * p.base_pay
  union all
  select 'front-loaded deferral', d.employee_id, p.post, sum(d.amount), p.deferred
  from bank.deferrals_of_year(of_year) as d join bank.pay_of_year(of_year) as p using (employee_id)
  where d.is_front_loaded group by d.employee_id, p.post, p.deferred
  union all
  select 'deferral of less than 36 months', d.employee_id, p.post, sum(d.amount), p.deferred
  from bank.deferrals_of_year(of_year) as d join bank.pay_of_year(of_year) as p using (employee_id)
  where d.is_short group by d.employee_id, p.post, p.deferred;
end
$$;
comment on function bank.pay_control_exceptions(integer, numeric, numeric) is 'People who miss a control of variable pay in a year: the least share deferred and the most of base pay, both in percent, and the shape and length of deferrals';

create or replace function bank.pay_controls(of_year integer, least_deferred numeric, most_of_base numeric)
returns table (
  place integer, control text, scope text, people bigint, amount numeric, of_amount numeric, limit_percent numeric,
  exceptions bigint, counts_exceptions boolean)
language plpgsql stable as $$
begin
  return query
  with person as materialized (
    select * from bank.pay_of_year(of_year)
  ), shape as materialized (
    select * from bank.deferrals_of_year(of_year)
  ), line as (
    select l.employee_id, l.kind, l.amount
    from bank.pay_line as l
    join report.pay_run as r using (pay_run_id)
    where r.counts and left(r.month, 4) = to_char(of_year, 'FM0000') and l.is_paid and l.kind in ('guarantee', 'entry', 'entries')
  ), whole as (
    select coalesce(sum(p.earned), 0) as earned, coalesce(sum(p.deferred), 0) as deferred from person as p
  ), scoped as (
    select 'all' as scope, p.* from person as p
    union all
    select coalesce(p.post, 'no post on record'), p.* from person as p
  )
  select 1, 'share deferred', s.scope, count(*), sum(s.deferred), sum(s.earned), least_deferred,
    count(*) filter (where s.earned > 0 and 100 * (s.deferred + s.rounding) < least_deferred * s.earned), true
  from scoped as s group by s.scope
  union all
  select 2, 'ratio to base pay', s.scope, count(*), sum(s.earned), sum(s.base_pay), most_of_base,
    count(*) filter (where 100 * s.earned > most_of_base * s.base_pay), true
  from scoped as s where s.base_pay is not null group by s.scope
  union all
  select 3, 'without base pay on record', 'all', count(*), sum(p.earned), w.earned, null, 0, false
  from person as p cross join whole as w where p.base_pay is null group by w.earned
  union all
  select 4, 'front-line share', 'all', count(p.employee_id), coalesce(sum(p.earned), 0), w.earned, null, 0, false
  from whole as w left join person as p on p.is_front_line group by w.earned
  union all
  select 5, 'front-loaded deferral', 'all', count(distinct d.employee_id), coalesce(sum(d.amount), 0), w.deferred, null,
    count(distinct d.employee_id), true
  from whole as w left join shape as d on d.is_front_loaded group by w.deferred
  union all
  select 6, 'deferral of less than 36 months', 'all', count(distinct d.employee_id), coalesce(sum(d.amount), 0), w.deferred, null,
    count(distinct d.employee_id), true
  from whole as w left join shape as d on d.is_short group by w.deferred
  union all
  select 7, 'guaranteed pay', 'all', count(distinct l.employee_id), coalesce(sum(l.amount), 0), w.earned, null, 0, false
  from whole as w left join line as l on l.kind = 'guarantee' and l.amount > 0 group by w.earned
  union all
  select 8, 'recovered', 'all', count(distinct l.employee_id), coalesce(sum(l.amount), 0), w.earned, null, 0, false
  from whole as w left join line as l on l.kind <> 'guarantee' and l.amount < 0 group by w.earned
  union all
  select 9, 'forfeited', 'all', count(distinct m.employee_id),
    coalesce(sum(case m.kind when 'forfeit' then m.amount when 'restore' then -m.amount end), 0), w.deferred, null, 0, false
  from whole as w
  left join bank.deferral_movement as m on m.kind <> 'release' and extract(year from m.earned_month) = of_year
  group by w.deferred;
end
$$;
comment on function bank.pay_controls(integer, numeric, numeric) is 'The controls of variable pay in a year, each with what it compares and how many people miss it; the least share deferred and the most of base pay are given in percent';
