-- Credits of free metrics: facts that name a person count for that person, others for whom the client is assigned
-- to on the fact's day, and the rest for the pool of their branch.

create or replace function bank.credit_free_metrics(run integer, month_start date) returns bigint
language plpgsql as $$
declare
  month_end constant date := (month_start + interval '1 month')::date;  -- the first day after the month
  credited_rows bigint;
begin
  insert into bank.pay_fact_credit
    (branch_id, pay_run_id, employee_id, metric, way, share, facts, measured, credited)
  with named as (
    -- From the roll-up, however many facts there are.
    select r.branch_id, r.metric_id, r.employee_id, sum(r.facts) as facts, sum(r.amount) as amount
    from bank.fact_month as r
    join bank.metric as m using (metric_id)
    where r.month = month_start and r.employee_id <> 0 and m.crediting = 'named'
    group by r.branch_id, r.metric_id, r.employee_id
  ), open_fact as materialized (
    select f.branch_id, f.metric_id, f.client_branch_id, f.client_id, f.booked_on,
      coalesce(p.product_line, m.product_line) as product_line, count(*) as facts, sum(f.amount) as amount
    from bank.fact as f
    join bank.metric as m using (metric_id)
    left join bank.product as p using (product_id)
    where f.booked_on >= month_start and f.booked_on < month_end
      and (f.employee_id = 0 or m.crediting = 'assigned')
    group by f.branch_id, f.metric_id, f.client_branch_id, f.client_id, f.booked_on,
      coalesce(p.product_line, m.product_line)
  ), believed as materialized (
    select s.branch_id, s.client_id, s.employee_id, s.share, s.product_line, s.effective_from, s.effective_until
    from bank.assignment as s
    where s.superseded_at is null and s.client_id is not null and s.effective_from < month_end
      and (s.effective_until is null or s.effective_until > month_start)
  ), candidate as (
    -- A product line's own assignment beats the general one.
    select f.*, b.employee_id, b.share, b.product_line is null as is_general,
      bool_and(b.product_line is null) over (
        partition by f.branch_id, f.metric_id, f.client_branch_id, f.client_id, f.booked_on, f.product_line) as is_all_general
    from open_fact as f
    left join believed as b on b.branch_id = f.client_branch_id and b.client_id = f.client_id
      and b.effective_from <= f.booked_on and (b.effective_until is null or b.effective_until > f.booked_on)
      and (b.product_line is null or b.product_line = f.product_line)
  ), credit as (
    select branch_id, metric_id, employee_id, 'named'::bank.crediting_way as way, 1::numeric as share, facts, amount
    from named
    union all
    select branch_id, metric_id, employee_id,
      case when employee_id is null then 'pool' else 'assigned' end::bank.crediting_way, coalesce(share, 1), facts, amount
    from candidate
    where is_general = is_all_general
  )
  select c.branch_id, run, c.employee_id, m.code, c.way, c.share, sum(c.facts), sum(measure.value),
    sum(measure.value) * c.share
  from credit as c
  join bank.metric as base using (metric_id)
  join bank.metric as m on coalesce(m.base_code, m.code) = base.code
  cross join lateral (select case m.measure when 'amount' then c.amount else c.facts end as value) as measure
  group by c.branch_id, c.employee_id, m.code, c.way, c.share
  having sum(measure.value) <> 0;
  get diagnostics credited_rows = row_count;
  return credited_rows;
end
$$;
comment on function bank.credit_free_metrics(integer, date) is 'Writes what a run credits of the free metrics in the month that begins on the given day; returns how many rows';

create or replace function bank.facts_credited(run integer, person integer, of_metric text)
returns table (
  branch_id integer, booked_on date, metric text, product_code text, client_number text, number text, way bank.crediting_way,
  share numeric, measured numeric, batch_id bigint, line_number bigint)
language plpgsql stable as $$
declare
  known_at timestamptz;
  month_start date;
begin
  -- Under the rights of who asks.
  select r.computed_at, r.month into known_at, month_start from bank.pay_run as r where r.pay_run_id = run;
  return query
  with on_record as (
    -- What was on record when the run was made, whatever has been replaced since.
    select f.* from bank.fact as f
    join bank.batch as b on b.batch_id = f.batch_id and b.imported_at <= known_at
    where f.booked_on >= month_start and f.booked_on < (month_start + interval '1 month')::date
    union all
    select f.branch_id, f.booked_on, f.metric_id, f.product_id, f.client_branch_id, f.client_id, f.employee_id, f.number,
      f.amount, f.batch_id, f.line_number
    from bank.replaced_fact as f
    join bank.batch as b on b.batch_id = f.batch_id and b.imported_at <= known_at
    join bank.batch as n on n.batch_id = f.replaced_by and n.imported_at > known_at
    where f.booked_on >= month_start and f.booked_on < (month_start + interval '1 month')::date
  ), measured as (
    select f.*, m.code as metric, p.code as product_code, coalesce(p.product_line, base.product_line) as product_line,
      base.crediting, case m.measure when 'amount' then f.amount else 1 end as value
    from on_record as f
    join bank.metric as base using (metric_id)
    join bank.metric as m on coalesce(m.base_code, m.code) = base.code
    left join bank.product as p using (product_id)
    where of_metric is null or m.code = of_metric
  ), believed as (
    select s.* from bank.assignment as s
    where s.client_id is not null and s.recorded_at <= known_at
      and (s.superseded_at is null or s.superseded_at > known_at)
  ), credited as (
    select f.*, 'named'::bank.crediting_way as way, 1::numeric as share
    from measured as f
    where f.crediting = 'named' and f.employee_id = person
    union all
    select f.*, 'assigned', b.share
    from measured as f
    join believed as b on b.branch_id = f.client_branch_id and b.client_id = f.client_id
      and b.effective_from <= f.booked_on and (b.effective_until is null or b.effective_until > f.booked_on)
      and (b.product_line is null or b.product_line = f.product_line)
    where (f.employee_id = 0 or f.crediting = 'assigned') and b.employee_id = person
      and (b.product_line is not null or not exists (
        select from believed as own
        where own.branch_id = f.client_branch_id and own.client_id = f.client_id
          and own.effective_from <= f.booked_on and (own.effective_until is null or own.effective_until > f.booked_on)
          and own.product_line = f.product_line))
  )
  select c.branch_id, c.booked_on, c.metric, c.product_code, k.number, nullif(c.number, ''), c.way, c.share, c.value,
    c.batch_id, c.line_number
  from credited as c
  left join bank.client as k on k.branch_id = c.client_branch_id and k.client_id = c.client_id
  where c.value <> 0
  order by c.metric, c.branch_id, c.booked_on, k.number collate "C", c.number collate "C", c.batch_id, c.line_number;
end
$$;
comment on function bank.facts_credited(integer, integer, text) is 'The facts behind what a run credited to a person of a free metric, or of all of them: those that were on record, by the assignments that were believed, when the run was made';
