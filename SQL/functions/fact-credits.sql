-- Credits of free metrics: facts that name a person count for that person, others for whom the client is assigned
-- to on the fact's day, and the rest for the pool of their branch.

drop function if exists bank.credit_free_metrics(integer, date);
create or replace function bank.take_facts(
  of_branches integer[], month_start date, always_assigned integer[], by_line bigint[], known_at timestamptz) returns void
-- The planner knows not how few persons there are for all these facts, and would sort them.
language plpgsql set enable_sort = off as $$
declare
  month_end constant date := (month_start + interval '1 month')::date;  -- the first day after the month
  is_earlier constant boolean := known_at < 'infinity';
  known_fact text := 'bank.fact';
  wanted text := '';
begin
  if is_earlier then
    -- Without what has come later, and with what went away later.
    known_fact := format('(
      select branch_id, booked_on, metric_id, client_branch_id, client_id, employee_id, amount
      from bank.fact where not batch_id = any (%L::bigint[])
      union all
      select branch_id, booked_on, metric_id, client_branch_id, client_id, employee_id, amount
      from bank.replaced_fact where batch_id = any (%L::bigint[]))', bank.batches_after(known_at), bank.batches_replaced_after(known_at));
  end if;
  -- Whatever holds for every fact is not asked of each.
  if exists (select from bank.org_unit as u where not u.org_unit_id = any (of_branches)) then
    wanted := format(' and f.branch_id = any (%L::integer[])', of_branches);
  end if;
  if by_line <> '{}' then
    wanted := wanted || format(' and not f.client_id = any (%L::bigint[])', by_line);
  end if;
  if always_assigned <> '{}' then
    wanted := wanted || format(' and (f.employee_id = 0 or f.metric_id = any (%L::integer[]))', always_assigned);
  else
    wanted := wanted || ' and f.employee_id = 0';
  end if;
  -- Each fact meets who has its client on its day. A table by itself, because several processes can read the facts for
  -- it at once, and none for rows that are inserted.
  execute format($query$
    create temporary table taken_facts on commit drop as
    select f.branch_id, f.metric_id, s.employee_id, s.share, count(*) as facts, sum(f.amount) as amount
    from %s as f
    join bank.assignment as s on s.branch_id = f.client_branch_id and s.client_id = f.client_id
      and s.effective_from <= f.booked_on and (s.effective_until is null or s.effective_until > f.booked_on)
    where f.booked_on >= %L and f.booked_on < %L %s and %s
    group by f.branch_id, f.metric_id, s.employee_id, s.share
    $query$, known_fact, month_start, month_end, wanted,
    case when is_earlier then format('s.recorded_at <= %1$L and (s.superseded_at is null or s.superseded_at > %1$L)', known_at)
      else 's.superseded_at is null' end);
  if is_earlier then
    -- The roll-up knows no earlier time.
    execute format($query$
      insert into taken_facts
      select f.branch_id, f.metric_id, case when f.metric_id = any (%L::integer[]) then 0 else f.employee_id end, null,
        count(*), sum(f.amount)
      from %s as f
      where f.booked_on >= %L and f.booked_on < %L and f.branch_id = any (%L::integer[])
      group by f.branch_id, f.metric_id, 3
      $query$, always_assigned, known_fact, month_start, month_end, of_branches);
  end if;
end
$$;
comment on function bank.take_facts(integer[], date, integer[], bigint[], timestamptz) is 'Makes a temporary table, taken_facts, of what the facts of a month come to for each person to whom their clients are assigned, by branch, metric and share; as of an earlier time also of the sums of all facts, which have no share';

create or replace function bank.credit_free_metrics(of_branches integer[], of_sets bigint[], month_start date, known_at timestamptz)
returns table (branch_id integer, client_branch_id integer)
language plpgsql as $$
#variable_conflict use_column
declare
  is_earlier constant boolean := known_at < 'infinity';
  always_assigned constant integer[] := array(select m.metric_id from bank.metric as m where m.crediting = 'assigned');
  -- Clients whom somebody looks after for one product line only, which are few.
  by_line constant bigint[] := array(
    select distinct s.client_id from bank.assignment as s
    where s.product_line is not null and s.client_id is not null
      and s.effective_from < (month_start + interval '1 month')::date
      and (s.effective_until is null or s.effective_until > month_start));
begin
  perform bank.take_facts(of_branches, month_start, always_assigned, by_line, known_at);
  insert into bank.pay_fact_credit
    (branch_id, credit_set_id, employee_id, metric, way, share, facts, measured, credited)
  with whole as (
    -- From the roll-up, however many facts there are: those that name a person, and all others.
    select r.branch_id, r.metric_id, case when r.metric_id = any (always_assigned) then 0 else r.employee_id end as employee_id,
      r.facts, r.amount
    from bank.fact_month as r
    where not is_earlier and r.month = month_start and r.branch_id = any (of_branches)
    union all
    select branch_id, metric_id, employee_id, facts, amount from taken_facts where share is null
  ), assigned as materialized (
    select branch_id, metric_id, employee_id, share, facts, amount from taken_facts where share is not null
    union all
    select * from bank.facts_credited_by_line(of_branches, month_start, always_assigned, by_line, known_at)
  ), credit as (
    select branch_id, metric_id, employee_id, 'named'::bank.crediting_way as way, 1::numeric as share, facts, amount
    from whole where employee_id <> 0
    union all
    select branch_id, metric_id, employee_id, 'assigned', share, facts, amount from assigned
    union all
    -- The shares of a day sum to 1, so what is left of the sum is of clients whom nobody looks after.
    select w.branch_id, w.metric_id, 0, 'pool', 1, sum(w.facts), sum(w.amount)
    from (
      select branch_id, metric_id, facts::numeric as facts, amount from whole where employee_id = 0
      union all
      select branch_id, metric_id, - facts * share, - amount * share from assigned
    ) as w
    group by w.branch_id, w.metric_id
  )
  select c.branch_id, w.credit_set_id, c.employee_id, m.code, c.way, c.share, sum(c.facts)::bigint, sum(measure.value),
    sum(measure.value) * c.share
  from credit as c
  join unnest(of_branches, of_sets) as w (branch_id, credit_set_id) using (branch_id)
  join bank.metric as base using (metric_id)
  join bank.metric as m on coalesce(m.base_code, m.code) = base.code
  cross join lateral (select case m.measure when 'amount' then c.amount else c.facts end as value) as measure
  group by c.branch_id, w.credit_set_id, c.employee_id, m.code, c.way, c.share
  having sum(measure.value) <> 0
  order by w.credit_set_id, c.employee_id, m.code;

  return query
  select distinct f.branch_id, f.client_branch_id from bank.fact as f
  where f.booked_on >= month_start and f.booked_on < (month_start + interval '1 month')::date
    and f.branch_id = any (of_branches) and f.client_branch_id not in (0, f.branch_id);
  drop table taken_facts;
end
$$;
comment on function bank.credit_free_metrics(integer[], bigint[], date, timestamptz) is 'Writes into sets what facts of their branches credit of the free metrics in the month that begins on the given day; returns the other branches whose clients they name';

create or replace function bank.facts_credited_by_line(of_branches integer[], month_start date, always_assigned integer[], by_line bigint[], known_at timestamptz)
returns table (branch_id integer, metric_id integer, employee_id integer, share numeric, facts bigint, amount numeric)
language plpgsql stable as $$
#variable_conflict use_column
declare
  month_end constant date := (month_start + interval '1 month')::date;
  is_earlier constant boolean := known_at < 'infinity';
  late constant bigint[] := bank.batches_after(known_at);
  undone constant bigint[] := bank.batches_replaced_after(known_at);
begin
  return query
  with believed as materialized (
    select s.branch_id, s.client_id, s.employee_id, s.share, s.product_line, s.effective_from, s.effective_until
    from bank.assignment as s
    where s.recorded_at <= known_at and (s.superseded_at is null or s.superseded_at > known_at)
      and s.effective_from < month_end and (s.effective_until is null or s.effective_until > month_start)
      and s.client_id = any (by_line)
  ), open_fact as materialized (
    select f.branch_id, f.metric_id, f.client_branch_id, f.client_id, f.booked_on,
      coalesce(p.product_line, m.product_line) as product_line, count(*) as facts, sum(f.amount) as amount
    from (
      select o.* from bank.fact as o where not is_earlier or not o.batch_id = any (late)
      union all
      select r.branch_id, r.booked_on, r.metric_id, r.product_id, r.client_branch_id, r.client_id, r.employee_id, r.number,
        r.amount, r.batch_id, r.line_number
      from bank.replaced_fact as r where is_earlier and r.batch_id = any (undone)
    ) as f
    join bank.metric as m using (metric_id)
    left join bank.product as p using (product_id)
    where by_line <> '{}' and f.client_id = any (by_line) and f.booked_on >= month_start and f.booked_on < month_end
      and f.branch_id = any (of_branches) and (f.employee_id = 0 or f.metric_id = any (always_assigned))
    group by f.branch_id, f.metric_id, f.client_branch_id, f.client_id, f.booked_on,
      coalesce(p.product_line, m.product_line)
  ), candidate as (
    -- A product line's own assignment beats the general one.
    select f.*, b.employee_id, b.share, b.product_line is null as is_general,
      bool_and(b.product_line is null) over (
        partition by f.branch_id, f.metric_id, f.client_branch_id, f.client_id, f.booked_on, f.product_line) as is_all_general
    from open_fact as f
    join believed as b on b.branch_id = f.client_branch_id and b.client_id = f.client_id
      and b.effective_from <= f.booked_on and (b.effective_until is null or b.effective_until > f.booked_on)
      and (b.product_line is null or b.product_line = f.product_line)
  )
  select c.branch_id, c.metric_id, c.employee_id, c.share, sum(c.facts)::bigint, sum(c.amount)
  from candidate as c
  where c.is_general = c.is_all_general
  group by c.branch_id, c.metric_id, c.employee_id, c.share;
end
$$;
comment on function bank.facts_credited_by_line(integer[], date, integer[], bigint[], timestamptz) is 'What the facts of clients are credited whom somebody looks after for one product line only: day by day, the line''s own assignment before the general one';

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
  select coalesce(r.known_at, r.computed_at), r.month into known_at, month_start from bank.pay_run as r where r.pay_run_id = run;
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
