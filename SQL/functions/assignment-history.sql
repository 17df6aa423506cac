-- What keeps assignments sound, whoever writes them: shares that sum to 1, one main manager, history that stays.

create or replace function bank.check_shares() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  -- Rows that are whole (one person, the main one, with a share of 1) sum to 1 by themselves, because a constraint
  -- keeps them apart. Of every other scope that was touched, the shares and main managers that begin and end on each
  -- day are summed up from the first day on: each sum must be exactly 1 and one, or, where everything has ended, none.
  with touched as (
    select distinct c.branch_id, coalesce(c.client_id, 0) as client_key, coalesce(c.account_id, 0) as account_key,
      coalesce(c.product_line, '') as line
    from changed as c
  ), divided as (
    select t.*
    from touched as t
    join bank.assignment as s on s.branch_id = t.branch_id and s.client_id = t.client_key
      and coalesce(s.product_line, '') = t.line
    where s.superseded_at is null and (s.share <> 1 or s.role <> 'main')
    union
    select t.*
    from touched as t
    join bank.assignment as s on s.branch_id = t.branch_id and s.account_id = t.account_key
      and coalesce(s.product_line, '') = t.line
    where s.superseded_at is null and (s.share <> 1 or s.role <> 'main')
  ), step as (
    select s.branch_id, s.client_id, s.account_id, d.line, s.share, (s.role = 'main')::integer as mains,
      s.effective_from, s.effective_until
    from divided as d
    join bank.assignment as s on s.branch_id = d.branch_id and s.client_id = d.client_key
      and coalesce(s.product_line, '') = d.line
    where s.superseded_at is null
    union all
    select s.branch_id, s.client_id, s.account_id, d.line, s.share, (s.role = 'main')::integer,
      s.effective_from, s.effective_until
    from divided as d
    join bank.assignment as s on s.branch_id = d.branch_id and s.account_id = d.account_key
      and coalesce(s.product_line, '') = d.line
    where s.superseded_at is null
  ), daily as (
    select branch_id, client_id, account_id, line, day, sum(share) as share, sum(mains) as mains
    from (
      select branch_id, client_id, account_id, line, effective_from as day, share, mains from step
      union all
      select branch_id, client_id, account_id, line, effective_until, -share, -mains
      from step where effective_until is not null
    ) as change
    group by branch_id, client_id, account_id, line, day
  ), total as (
    select branch_id, client_id, account_id, line, day,
      sum(share) over so_far as share, sum(mains) over so_far as mains
    from daily
    window so_far as (partition by branch_id, client_id, account_id, line order by day)
  )
  select t.*, bank.scope_label(row(t.branch_id, t.client_id, t.account_id, nullif(t.line, ''))) as label
  into wrong
  from total as t
  where (t.share, t.mains) not in ((1, 1), (0, 0))
  order by t.branch_id, t.client_id, t.account_id, t.line, t.day
  limit 1;
  if not found then
    return null;
  end if;
  if wrong.share not in (0, 1) then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_shares_sum_to_one',
      schema = 'bank', table = 'assignment',
      message = format('the shares of %s sum to %s on %s, not to 1', wrong.label, wrong.share, wrong.day),
      hint = 'Change all the shares of a day in one statement.';
  end if;
  raise exception using
    errcode = 'check_violation', constraint = 'assignment_has_one_main',
    schema = 'bank', table = 'assignment',
    message = format('%s has %s on %s, not one', wrong.label,
      case wrong.mains when 0 then 'no main relationship manager'
        else wrong.mains || ' main relationship managers' end, wrong.day),
    hint = 'Say who of them is the main one.';
end
$$;
comment on function bank.check_shares() is 'Trigger: on every day that a scope is assigned, its shares sum to exactly 1 and one person is the main manager';

create or replace trigger assignment_shares_after_insert
  after insert on bank.assignment
  referencing new table as changed
  for each statement execute function bank.check_shares();

create or replace trigger assignment_shares_after_update
  after update on bank.assignment
  referencing new table as changed
  for each statement execute function bank.check_shares();

create or replace function bank.keep_assignment() returns trigger
language plpgsql as $$
begin
  raise exception using
    errcode = 'restrict_violation', constraint = 'assignment_keeps_its_history',
    schema = 'bank', table = 'assignment',
    message = format('%s of bank.assignment is refused: what was believed stays on record', lower(tg_op)),
    hint = 'Use the functions of SQL/functions/assignments.sql; a row may only be superseded, once.';
end
$$;
comment on function bank.keep_assignment() is 'Trigger: an assignment may be superseded once; nothing else in it changes, and none is deleted';

-- The condition is the server's own work, so that superseding many rows calls no function.
create or replace trigger assignment_is_only_superseded
  before update on bank.assignment
  for each row when (
    (old.branch_id, old.assignment_id, old.client_id, old.account_id, old.product_line, old.employee_id,
      old.role, old.share, old.effective_from, old.effective_until, old.recorded_at, old.batch_id,
      old.line_number, old.entry_id, old.continues_id)
    is distinct from
    (new.branch_id, new.assignment_id, new.client_id, new.account_id, new.product_line, new.employee_id,
      new.role, new.share, new.effective_from, new.effective_until, new.recorded_at, new.batch_id,
      new.line_number, new.entry_id, new.continues_id)
    or old.superseded_at is not null or new.superseded_at is null)
  execute function bank.keep_assignment();

create or replace trigger assignment_is_never_deleted
  before delete or truncate on bank.assignment
  for each statement execute function bank.keep_assignment();
