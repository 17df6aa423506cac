-- The board: what each branch owes for a month, and what has come of it.

create or replace function bank.set_delivery_duty(
  branch text, of_dataset text, due_day integer, since date, until date default null) returns integer
language plpgsql as $$
declare
  units integer[];
  at constant timestamptz := clock_timestamp();
  recorded integer;
begin
  if branch is null then
    select array_agg(u.org_unit_id) into units from bank.org_unit as u where u.level = 'branch' and u.closed_on is null;
  else
    select array_agg(u.org_unit_id) into units from bank.org_unit as u where u.code = branch;
  end if;
  if units is null then
    perform bank.refuse_order('org_unit_is_known', 'delivery_duty', format('there is no unit “%s” on record', coalesce(branch, 'of the level branch')),
      'See the codes with banyan org tree.', 'foreign_key_violation');
  end if;
  if until <= since then
    perform bank.refuse_order('delivery_duty_dates_in_order', 'delivery_duty', 'a duty ends after it begins',
      'The end is the first month without it.');
  end if;
  -- What is on record gives way from that month on.
  with gone as (
    update bank.delivery_duty as d set superseded_at = at
    where d.branch_id = any (units) and d.dataset = of_dataset and d.superseded_at is null
      and daterange(d.effective_from, d.effective_until) && daterange(since, until)
    returning d.*
  )
  insert into bank.delivery_duty (branch_id, dataset, due_day, effective_from, effective_until, recorded_at)
  select g.branch_id, g.dataset, g.due_day, g.effective_from, since, at from gone as g where g.effective_from < since
  union all
  select g.branch_id, g.dataset, g.due_day, set_delivery_duty.until, g.effective_until, at from gone as g
  where set_delivery_duty.until is not null and (g.effective_until is null or g.effective_until > set_delivery_duty.until)
  union all
  select u, of_dataset, set_delivery_duty.due_day, since, set_delivery_duty.until, at
  from unnest(units) as u cross join (select count(*) from gone) as after_gone
  where set_delivery_duty.due_day > 0;
  get diagnostics recorded = row_count;
  return cardinality(units);
end
$$;
comment on function bank.set_delivery_duty(text, text, integer, date, date) is 'Says by which day of the next month a branch, or every branch that is open, delivers a dataset, from a month on; with day 0 it is no more owed. What is on record gives way on those months. Returns for how many branches';

create or replace function bank.day_at(moment timestamptz) returns date
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return (moment at time zone (select s.time_zone from bank.access_setting as s))::date;
end
$$;
comment on function bank.day_at(timestamptz) is 'The day of a moment by the clock of the bank';

create or replace function bank.submission_board(of_month date)
returns table (
  branch_id integer, branch text, region text, dataset text, due_on date, state text, days_late integer, received_at timestamptz,
  batches bigint, rows_loaded bigint, rows_rejected bigint, refused bigint, replaced bigint, restated bigint)
language plpgsql stable as $$
declare
  today constant date := bank.access_day();
begin
  return query
  with owed as (
    select d.branch_id, d.dataset, ((of_month + interval '1 month')::date + d.due_day - 1) as due_on
    from bank.delivery_duty as d
    where d.superseded_at is null and d.effective_from <= of_month
      and (d.effective_until is null or d.effective_until > of_month)
  ), named as (
    -- What was said to be about the branch and month, and what turned out to be.
    select o.branch_id, o.dataset, b.batch_id from owed as o
    join bank.batch as b on b.dataset = o.dataset and b.month = of_month and b.branch_id = o.branch_id
    union
    select o.branch_id, o.dataset, b.batch_id from owed as o
    join bank.batch_part as p on p.branch_id = o.branch_id and p.month = of_month
    join bank.batch as b on b.batch_id = p.batch_id and b.dataset = o.dataset
  ), sent as (
    select n.branch_id, n.dataset, count(*) as batches,
      min(b.imported_at) filter (where b.state in ('loaded', 'replaced')) as received_at,
      sum(b.rows_loaded) filter (where b.state = 'loaded') as rows_loaded,
      sum(b.rows_rejected) filter (where b.state <> 'replaced') as rows_rejected,
      count(*) filter (where b.state in ('failed', 'kept_out')) as refused,
      count(*) filter (where b.state = 'replaced') as replaced,
      count(*) filter (where b.is_restatement) as restated
    from named as n join bank.batch as b using (batch_id)
    group by n.branch_id, n.dataset
  ), refusal as (
    -- A submission that was refused brought no batch at all.
    select s.branch_id, count(*) as refused from bank.submission as s
    where s.month = of_month and s.state = 'refused' group by s.branch_id
  )
  select o.branch_id, u.code, coalesce(r.code, ''), o.dataset, o.due_on,
    case
      when s.received_at is not null then 'received'
      when coalesce(s.refused, 0) + coalesce(f.refused, 0) > 0 then 'rejected'
      when today > o.due_on then 'late'
      else 'expected'
    end,
    greatest(0, coalesce(bank.day_at(s.received_at), today) - o.due_on),
    s.received_at, coalesce(s.batches, 0), coalesce(s.rows_loaded, 0)::bigint, coalesce(s.rows_rejected, 0)::bigint,
    coalesce(s.refused, 0) + coalesce(f.refused, 0), coalesce(s.replaced, 0), coalesce(s.restated, 0)
  from owed as o
  join bank.org_unit as u on u.org_unit_id = o.branch_id
  left join bank.org_unit as r on r.level = 'region' and u.path <@ r.path
  left join sent as s on s.branch_id = o.branch_id and s.dataset = o.dataset
  left join refusal as f on f.branch_id = o.branch_id
  order by 3, 2, o.dataset;
end
$$;
comment on function bank.submission_board(date) is 'What each branch owes for the month that begins on a day, and what has come: received, rejected (only what was refused), late (overdue and nothing has come) or expected; days late count until it came, or until today';

-- Closed months ----------------------------------------------------------------------------------------------

create or replace function bank.close_period(of_month date, although_incomplete boolean, why text default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  missing bigint;
  first_missing text;
  waiting bigint;
begin
  if of_month <> date_trunc('month', of_month::timestamp)::date then
    perform bank.refuse_order('period_close_month_starts_on_the_first', 'period_close', format('%s is not the first day of a month', of_month), 'Name a month.');
  elsif of_month >= date_trunc('month', bank.access_day()::timestamp)::date then
    perform bank.refuse_order('period_is_over', 'period_close', format('%s is not over yet', to_char(of_month, 'YYYY-MM')), 'Close it when it is.', 'restrict_violation');
  elsif exists (select 1 from bank.period_close as c where c.month = of_month) then
    perform bank.refuse_order('period_close_pk', 'period_close', format('%s is closed already', to_char(of_month, 'YYYY-MM')),
      'What is loaded later is shown as a restatement: banyan period show.', 'unique_violation');
  end if;
  -- Loads that are under way finish first, and none begins meanwhile.
  lock table bank.account_month in share mode;
  select count(*), min(s.branch || ': ' || s.dataset) into missing, first_missing
  from bank.submission_board(of_month) as s where s.state <> 'received';
  if missing > 0 and not although_incomplete then
    perform bank.refuse_order('period_is_complete', 'period_close',
      format('%s deliveries of %s have not come, such as %s', missing, to_char(of_month, 'YYYY-MM'), first_missing),
      'See them with banyan submissions, or close the month with --incomplete.', 'restrict_violation');
  end if;
  waiting := bank.await_approval('period_close', to_char(of_month, 'YYYY-MM'), format('close of %s', to_char(of_month, 'YYYY-MM')),
    jsonb_build_object('month', of_month, 'although_incomplete', although_incomplete, 'reason', why), null, null, '{}', why);
  if waiting is not null then
    return waiting;
  end if;
  if not bank.approval_is_applied('period_close', to_char(of_month, 'YYYY-MM')) then
    perform bank.require_role('head_office');
  end if;
  insert into bank.period_figure (branch_id, month, accounts, transactions, credits, debits, movement_days)
  select m.branch_id, m.month, count(*), sum(m.transactions), sum(m.credits), sum(m.debits), sum(m.movement_days)
  from bank.account_month as m where m.month = of_month group by m.branch_id, m.month;
  insert into bank.period_close (month, is_complete, last_batch, reason)
  values (of_month, missing = 0, coalesce((select max(b.batch_id) from bank.batch as b), 0), why);
  return null;
end
$$;
comment on function bank.close_period(date, boolean, text) is 'Closes the month that begins on a day, with its figures as they stand, or proposes that; returns the number of the approval it waits for, or null';

create or replace function bank.apply_period_close(request jsonb) returns text
language plpgsql as $$
begin
  perform bank.close_period((request ->> 'month')::date, (request ->> 'although_incomplete')::boolean, request ->> 'reason');
  return request ->> 'month';
end
$$;
comment on function bank.apply_period_close(jsonb) is 'Closes a month whose close was approved';

create or replace function bank.refuse_period_change() returns trigger
language plpgsql as $$
begin
  perform bank.refuse_order('periods_stay_closed', tg_table_name::text,
    format('%s of bank.%s is refused: a month that is closed stays closed, with the figures that it had', lower(tg_op), tg_table_name),
    'Load what is right; it is shown as a restatement.', 'restrict_violation');
  return null;
end
$$;
comment on function bank.refuse_period_change() is 'Trigger: nothing of a closed month''s record changes';
create or replace trigger period_close_stays before update or delete or truncate on bank.period_close
  for each statement execute function bank.refuse_period_change();
create or replace trigger period_figure_stays before update or delete or truncate on bank.period_figure
  for each statement execute function bank.refuse_period_change();

create or replace function bank.check_period_closes() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from entered as c
    where (bank.approval_rule_for('period_close', null, bank.access_day())).approval_rule_id is not null
      and not bank.approval_is_applied('period_close', to_char(c.month, 'YYYY-MM'))) then
    perform bank.refuse_order('period_close_is_approved', 'period_close', 'a month is closed by an approval',
      'Close it with banyan period close, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_period_closes() is 'Trigger: while a rule asks for a second person, no month is closed without one';
create or replace trigger period_close_is_approved after insert on bank.period_close
  referencing new table as entered for each statement execute function bank.check_period_closes();

create or replace function bank.restatements(of_month date)
returns table (
  branch text, accounts bigint, transactions_then bigint, transactions_now bigint, credits_then numeric, credits_now numeric,
  debits_then numeric, debits_now numeric, batches bigint[])
language plpgsql stable as $$
begin
  return query
  with now_on_record as (
    select m.branch_id, count(*) as accounts, sum(m.transactions)::bigint as transactions, sum(m.credits) as credits, sum(m.debits) as debits
    from bank.account_month as m where m.month = of_month group by m.branch_id
  )
  select u.code, coalesce(n.accounts, 0), coalesce(f.transactions, 0), coalesce(n.transactions, 0), coalesce(f.credits, 0), coalesce(n.credits, 0),
    coalesce(f.debits, 0), coalesce(n.debits, 0),
    array(
      select distinct b.batch_id from bank.batch as b join bank.batch_part as p on p.batch_id in (b.batch_id, b.replaces_id)
      where b.is_restatement and p.month = of_month and p.branch_id = u.org_unit_id order by b.batch_id)
  from (select * from bank.period_figure as g where g.month = of_month) as f
  full join now_on_record as n on n.branch_id = f.branch_id
  join bank.org_unit as u on u.org_unit_id = coalesce(f.branch_id, n.branch_id)
  order by u.code;
end
$$;
comment on function bank.restatements(date) is 'The figures of each branch in a closed month: as they stood when it was closed, as they are now, and the batches that changed them since';
