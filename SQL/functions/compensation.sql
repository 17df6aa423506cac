-- Credits: facts attributed to people through dated assignments. And what guards a finished run.

create or replace function bank.credit_facts(run integer, month_start date) returns bigint
language plpgsql as $$
declare
  month_end constant date := (month_start + interval '1 month')::date;  -- the first day after the month
  credited_rows bigint;
begin
  insert into bank.pay_credit
    (branch_id, pay_run_id, employee_id, metric, account_id, loan_id, assignment_id, share,
     counted_from, counted_until, measured, credited)
  with held as (
    select branch_id, account_id, assignment_id, employee_id, share,
      greatest(effective_from, month_start) as counted_from,
      least(effective_until, month_end) as counted_until  -- least() passes over a null end
    from bank.assignment
    where superseded_at is null and effective_from < month_end
      and (effective_until is null or effective_until > month_start)
  ), opening as (
    select branch_id, account_id, sum(credits - debits) as balance
    from bank.account_month
    where month < month_start
    group by branch_id, account_id
  ), measured as (
    -- Assignments of the whole month need the roll-up only ...
    select h.assignment_id, h.branch_id,
      coalesce(o.balance, 0) * (month_end - month_start) + coalesce(m.movement_days, 0) as balance_days
    from held as h
    left join opening as o using (branch_id, account_id)
    left join bank.account_month as m
      on m.branch_id = h.branch_id and m.account_id = h.account_id and m.month = month_start
    where h.counted_from = month_start and h.counted_until = month_end
    union all
    -- ... the few that begin or end within it need their days: each movement counts from its booking, or
    -- from the first day held, until the last.
    select h.assignment_id, h.branch_id,
      coalesce(o.balance, 0) * (h.counted_until - h.counted_from) + coalesce(sum(
        case t.direction when 'credit' then t.amount else -t.amount end
        * (h.counted_until - greatest(t.booked_on, h.counted_from))), 0)
    from held as h
    left join opening as o using (branch_id, account_id)
    left join bank.transaction as t
      on t.branch_id = h.branch_id and t.account_id = h.account_id
      and t.booked_on >= month_start and t.booked_on < month_end and t.booked_on < h.counted_until
    where not (h.counted_from = month_start and h.counted_until = month_end)
    group by h.assignment_id, h.branch_id, o.balance, h.counted_from, h.counted_until
  )
  select h.branch_id, run, h.employee_id, 'deposit_balance_days', h.account_id, null::bigint,
    h.assignment_id, h.share, h.counted_from, h.counted_until,
    d.balance_days, d.balance_days * h.share
  from held as h
  join measured as d using (branch_id, assignment_id)
  where d.balance_days <> 0
  union all
  select h.branch_id, run, h.employee_id, metric.name, h.account_id, l.loan_id,
    h.assignment_id, h.share, h.counted_from, h.counted_until,
    metric.measured, metric.measured * h.share
  from held as h
  join bank.loan as l
    on l.branch_id = h.branch_id and l.account_id = h.account_id
    and l.granted_on >= h.counted_from and l.granted_on < h.counted_until
  cross join lateral (values
    ('loans_granted_amount', l.amount), ('loans_granted_count', 1::numeric)) as metric (name, measured);
  get diagnostics credited_rows = row_count;
  return credited_rows;
end
$$;
comment on function bank.credit_facts(integer, date) is 'Writes the credits of a run: balance days and loans granted in the month that begins on the given day, times the share of each assignment; returns how many';

create or replace function bank.check_pay_statement() returns trigger
language plpgsql as $$
declare
  lines numeric;
  instalments numeric;
begin
  select coalesce(sum(amount), 0) into lines from bank.pay_line as l
  where l.branch_id = new.branch_id and l.pay_run_id = new.pay_run_id and l.employee_id = new.employee_id;
  select coalesce(sum(amount), 0) into instalments from bank.deferral_instalment as i
  where i.branch_id = new.branch_id and i.pay_run_id = new.pay_run_id and i.employee_id = new.employee_id;
  if new.earned <> lines or new.deferred <> instalments then
    raise exception using
      errcode = 'check_violation', constraint = 'pay_statement_equals_its_lines',
      schema = 'bank', table = 'pay_statement',
      message = format('the statement of %s does not add up: earned %s, lines %s; deferred %s, instalments %s',
        (select number from bank.employee where employee_id = new.employee_id),
        new.earned, lines, new.deferred, instalments);
  end if;
  return null;
end
$$;
comment on function bank.check_pay_statement() is 'Trigger: a statement is the exact sum of its lines, and its deferred part that of its instalments';

-- At commit, when the lines are there too.
drop trigger if exists pay_statement_equals_its_lines on bank.pay_statement;
create constraint trigger pay_statement_equals_its_lines
  after insert on bank.pay_statement deferrable initially deferred
  for each row execute function bank.check_pay_statement();

create or replace function bank.refuse_late_entry() returns trigger
language plpgsql as $$
declare
  finished integer;
begin
  -- A run bears the time of its own transaction, so rows of any other transaction come too late.
  select r.pay_run_id into finished
  from bank.pay_run as r
  where r.computed_at <> now() and r.pay_run_id in (select pay_run_id from entered)
  limit 1;
  if found then
    raise exception using
      errcode = 'restrict_violation',
      message = format('%s into bank.%s is refused: pay run %s is finished', lower(tg_op), tg_table_name, finished),
      hint = 'Run the month again: the new run supersedes this one and both stay on record.';
  end if;
  return null;
end
$$;
comment on function bank.refuse_late_entry() is 'Trigger: nothing may be added to a pay run after the transaction that computed it';

create or replace trigger pay_credit_comes_with_its_run after insert on bank.pay_credit
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_statement_comes_with_its_run after insert on bank.pay_statement
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_line_comes_with_its_run after insert on bank.pay_line
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger deferral_instalment_comes_with_its_run after insert on bank.deferral_instalment
  referencing new table as entered for each statement execute function bank.refuse_late_entry();

create or replace function bank.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception using
    errcode = 'restrict_violation',
    message = format('%s of bank.%s is refused: what a pay run has written is never changed', tg_op, tg_table_name),
    hint = 'Run the month again: the new run supersedes this one and both stay on record.';
end
$$;
comment on function bank.refuse_change() is 'Trigger: nothing may be updated, deleted or truncated in what a pay run has written';

create or replace trigger plan_never_changes before update or delete or truncate on bank.plan
  for each statement execute function bank.refuse_change();
create or replace trigger pay_run_never_changes before update or delete or truncate on bank.pay_run
  for each statement execute function bank.refuse_change();
create or replace trigger pay_credit_never_changes before update or delete or truncate on bank.pay_credit
  for each statement execute function bank.refuse_change();
create or replace trigger pay_statement_never_changes before update or delete or truncate on bank.pay_statement
  for each statement execute function bank.refuse_change();
create or replace trigger pay_line_never_changes before update or delete or truncate on bank.pay_line
  for each statement execute function bank.refuse_change();
create or replace trigger deferral_instalment_never_changes
  before update or delete or truncate on bank.deferral_instalment
  for each statement execute function bank.refuse_change();
