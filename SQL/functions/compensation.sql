-- What guards a finished run.

-- Doors for who runs the pay and may see no client: what a run takes from the facts, and nothing of theirs.

create or replace function bank.last_booked_month() returns date
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return greatest((select max(m.month) from bank.account_month as m), (select max(f.month) from bank.fact_month as f));
end
$$;
comment on function bank.last_booked_month() is 'First day of the last month in which anything was booked; null if nothing was';

drop trigger if exists pay_statement_equals_its_lines on bank.pay_statement;
drop function if exists bank.check_pay_statement();

create or replace function bank.seal_pay_run() returns trigger
-- Of rows that have just come, the planner knows not how many there are.
language plpgsql set enable_nestloop = off as $$
declare
  wrong record;
begin
  -- All statements of a run at once; the branches are named because keys begin with run and branch.
  select s.pay_run_id, s.branch_id, s.employee_id, s.earned, s.deferred, coalesce(l.amount, 0) as lines,
    coalesce(i.amount, 0) as instalments
  into wrong
  from entered as r
  join bank.pay_statement as s using (pay_run_id)
  left join (
    select l.branch_id, l.pay_run_id, l.employee_id, sum(l.amount) filter (where l.is_paid) as amount
    from bank.pay_line as l where l.pay_run_id in (select e.pay_run_id from entered as e)
    group by l.branch_id, l.pay_run_id, l.employee_id
  ) as l using (branch_id, pay_run_id, employee_id)
  left join (
    select i.branch_id, i.pay_run_id, i.employee_id, sum(i.amount) as amount
    from bank.deferral_instalment as i where i.pay_run_id in (select e.pay_run_id from entered as e)
    group by i.branch_id, i.pay_run_id, i.employee_id
  ) as i using (branch_id, pay_run_id, employee_id)
  where s.earned <> coalesce(l.amount, 0) or s.deferred <> coalesce(i.amount, 0)
  limit 1;
  if found then
    raise exception using
      errcode = 'check_violation', constraint = 'pay_statement_equals_its_lines', schema = 'bank', table = 'pay_statement',
      message = format('the statement of %s does not add up: earned %s, lines %s; deferred %s, instalments %s',
        (select number from bank.employee where employee_id = wrong.employee_id),
        wrong.earned, wrong.lines, wrong.deferred, wrong.instalments);
  end if;
  select l.employee_id, l.line_number into wrong
  from bank.pay_line as l
  where l.pay_run_id in (select e.pay_run_id from entered as e)
    and not exists (
      select from bank.pay_statement as s
      where s.pay_run_id = l.pay_run_id and s.branch_id = l.branch_id and s.employee_id = l.employee_id)
  limit 1;
  if found then
    raise exception using
      errcode = 'foreign_key_violation', constraint = 'pay_line_belongs_to_a_statement', schema = 'bank', table = 'pay_line',
      message = format('line %s of %s belongs to no statement', wrong.line_number,
        (select number from bank.employee where employee_id = wrong.employee_id));
  end if;
  select l.employee_id into wrong
  from (
    select k.* from bank.pay_line as k where k.kind = 'correction' and k.pay_run_id in (select e.pay_run_id from entered as e)
  ) as l
  full join (
    select k.* from bank.pay_correction as k where k.pay_run_id in (select e.pay_run_id from entered as e)
  ) as k using (branch_id, pay_run_id, employee_id, line_number)
  where l.amount is distinct from k.recalculated - k.paid_before
  limit 1;
  if found then
    raise exception using
      errcode = 'check_violation', constraint = 'pay_correction_is_the_difference', schema = 'bank', table = 'pay_correction',
      message = format('a correction of %s is not what a month is worth less what was paid for it',
        (select number from bank.employee where employee_id = wrong.employee_id));
  end if;
  return null;
end
$$;
comment on function bank.seal_pay_run() is 'Trigger: with the run itself, which comes last, all that it has written must be whole: a statement is the exact sum of its lines and its deferred part that of its instalments, each line belongs to a statement, and a correction is the difference that it says';
create or replace trigger pay_run_seals_what_it_wrote after insert on bank.pay_run
  referencing new table as entered for each statement execute function bank.seal_pay_run();

create or replace function bank.refuse_late_entry() returns trigger
language plpgsql as $$
declare
  finished integer;
begin
  select r.pay_run_id into finished
  from bank.pay_run as r
  where r.pay_run_id in (select pay_run_id from entered)
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
comment on function bank.refuse_late_entry() is 'Trigger: nothing may be added to what a pay run has written once the run is on record';

create or replace function bank.refuse_late_credit() returns trigger
language plpgsql as $$
declare
  finished bigint;
begin
  -- The set itself comes last.
  select s.credit_set_id into finished
  from bank.credit_set as s
  where s.credit_set_id in (select credit_set_id from entered)
  limit 1;
  if found then
    raise exception using
      errcode = 'restrict_violation',
      message = format('%s into bank.%s is refused: credit set %s is finished', lower(tg_op), tg_table_name, finished),
      hint = 'Credits are taken by banyan pay run; new ones go into a new set.';
  end if;
  return null;
end
$$;
comment on function bank.refuse_late_credit() is 'Trigger: nothing may be added to a set of credits that is on record';

create or replace trigger pay_credit_comes_with_its_set after insert on bank.pay_credit
  referencing new table as entered for each statement execute function bank.refuse_late_credit();
create or replace trigger pay_fact_credit_comes_with_its_set after insert on bank.pay_fact_credit
  referencing new table as entered for each statement execute function bank.refuse_late_credit();
create or replace trigger pay_credit_sum_comes_with_its_set after insert on bank.pay_credit_sum
  referencing new table as entered for each statement execute function bank.refuse_late_credit();
create or replace trigger pay_run_credit_set_comes_with_its_run after insert on bank.pay_run_credit_set
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_statement_comes_with_its_run after insert on bank.pay_statement
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_line_comes_with_its_run after insert on bank.pay_line
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger deferral_instalment_comes_with_its_run after insert on bank.deferral_instalment
  referencing new table as entered for each statement execute function bank.refuse_late_entry();

create or replace trigger pay_balance_comes_with_its_run after insert on bank.pay_balance
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_correction_comes_with_its_run after insert on bank.pay_correction
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_correction_cause_comes_with_its_run after insert on bank.pay_correction_cause
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
create or replace trigger credit_set_never_changes before update or delete or truncate on bank.credit_set
  for each statement execute function bank.refuse_change();
create or replace trigger pay_credit_sum_never_changes before update or delete or truncate on bank.pay_credit_sum
  for each statement execute function bank.refuse_change();
create or replace trigger pay_run_credit_set_never_changes before update or delete or truncate on bank.pay_run_credit_set
  for each statement execute function bank.refuse_change();
create or replace trigger pay_credit_never_changes before update or delete or truncate on bank.pay_credit
  for each statement execute function bank.refuse_change();
create or replace trigger pay_fact_credit_never_changes before update or delete or truncate on bank.pay_fact_credit
  for each statement execute function bank.refuse_change();
create or replace trigger pay_statement_never_changes before update or delete or truncate on bank.pay_statement
  for each statement execute function bank.refuse_change();
create or replace trigger pay_line_never_changes before update or delete or truncate on bank.pay_line
  for each statement execute function bank.refuse_change();
create or replace trigger deferral_instalment_never_changes
  before update or delete or truncate on bank.deferral_instalment
  for each statement execute function bank.refuse_change();
create or replace trigger pay_balance_never_changes before update or delete or truncate on bank.pay_balance
  for each statement execute function bank.refuse_change();
create or replace trigger pay_correction_never_changes before update or delete or truncate on bank.pay_correction
  for each statement execute function bank.refuse_change();
create or replace trigger pay_correction_cause_never_changes before update or delete or truncate on bank.pay_correction_cause
  for each statement execute function bank.refuse_change();
create or replace trigger pay_recheck_never_changes before update or delete or truncate on bank.pay_recheck
  for each statement execute function bank.refuse_change();
