-- Credits: facts attributed to people through dated assignments. And what guards a finished run.

create or replace function bank.account_coverage_between(since date, until date, line text)
returns table (
  branch_id integer, account_id bigint, assignment_branch_id integer, assignment_id bigint,
  employee_id integer, share numeric, counted_from date, counted_until date)
language plpgsql stable as $$
begin
  return query
  with owned as materialized (
    select a.branch_id, a.account_id, h.client_branch_id, h.client_id
    from bank.account as a
    left join bank.account_holder as h
      on h.branch_id = a.branch_id and h.account_id = a.account_id and h.role = 'owner'
  ), believed as materialized (
    select s.branch_id, s.assignment_id, s.client_id, s.account_id, s.employee_id, s.share,
      (s.product_line is null)::integer as is_general,
      greatest(s.effective_from, since) as first_day,
      least(s.effective_until, until) as next_day  -- least() passes over a null end
    from bank.assignment as s
    where s.superseded_at is null and s.effective_from < until
      and (s.effective_until is null or s.effective_until > since)
      and (s.product_line is null or s.product_line = line)
  ), candidate as (
    -- In the order in which they count: the account's own for the line, its own for all, the same of its
    -- owner, and the pool.
    select o.branch_id, o.account_id, b.branch_id as assignment_branch_id, b.assignment_id, b.employee_id,
      b.share, b.first_day, b.next_day, b.is_general as rank
    from owned as o join believed as b on b.branch_id = o.branch_id and b.account_id = o.account_id
    union all
    select o.branch_id, o.account_id, b.branch_id, b.assignment_id, b.employee_id,
      b.share, b.first_day, b.next_day, 2 + b.is_general
    from owned as o join believed as b on b.branch_id = o.client_branch_id and b.client_id = o.client_id
    union all
    select o.branch_id, o.account_id, null, null, null, 1, since, until, 4 from owned as o
  ), first_choice as (
    select c.*, min(c.rank) over of_account as first_rank,
      -- Shares sum to 1 on every day that is assigned, so teams that all last the whole span leave no gap.
      bool_and(c.first_day = since and c.next_day = until) over of_rank as is_whole
    from candidate as c
    window of_account as (partition by c.branch_id, c.account_id),
      of_rank as (partition by c.branch_id, c.account_id, c.rank)
  ), simple as (
    select f.* from first_choice as f where f.rank = f.first_rank and f.is_whole
  ), mixed as materialized (
    -- The few accounts that change hands within the span, day by day of change.
    select f.* from first_choice as f
    where not exists (
      select 1 from simple as s where s.branch_id = f.branch_id and s.account_id = f.account_id)
  ), segment as (
    select d.branch_id, d.account_id, d.day,
      lead(d.day) over (partition by d.branch_id, d.account_id order by d.day) as next_day
    from (
      select m.branch_id, m.account_id, m.first_day as day from mixed as m
      union
      select m.branch_id, m.account_id, m.next_day from mixed as m
    ) as d
  ), chosen as (
    select m.*, g.day, g.next_day as segment_end,
      min(m.rank) over (partition by m.branch_id, m.account_id, g.day) as segment_rank
    from segment as g
    join mixed as m using (branch_id, account_id)
    where m.first_day <= g.day and m.next_day >= g.next_day
  ), island as (
    -- Neighbouring segments of one assignment are one span.
    select i.*, sum(i.is_new) over (
      partition by i.branch_id, i.account_id, i.assignment_branch_id, i.assignment_id order by i.day) as number
    from (
      select c.*, (lag(c.segment_end) over (
        partition by c.branch_id, c.account_id, c.assignment_branch_id, c.assignment_id order by c.day)
        is distinct from c.day)::integer as is_new
      from chosen as c where c.rank = c.segment_rank
    ) as i
  )
  select s.branch_id, s.account_id, s.assignment_branch_id, s.assignment_id, s.employee_id, s.share,
    s.first_day, s.next_day
  from simple as s
  union all
  select i.branch_id, i.account_id, i.assignment_branch_id, i.assignment_id, i.employee_id, i.share,
    min(i.day), max(i.segment_end)
  from island as i
  group by i.branch_id, i.account_id, i.assignment_branch_id, i.assignment_id, i.employee_id, i.share, i.number;
end
$$;
comment on function bank.account_coverage_between(date, date, text) is 'Who has each account on which days of a span, for one product line: account before client, line before general, and on the other days the pool of the account''s branch (no employee, share 1). The shares of an account sum to 1 on every day';

-- Doors for who runs the pay and may see no client: what a run takes from the facts, and nothing of theirs.

create or replace function bank.last_booked_month() returns date
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return greatest((select max(m.month) from bank.account_month as m), (select max(f.month) from bank.fact_month as f));
end
$$;
comment on function bank.last_booked_month() is 'First day of the last month in which anything was booked; null if nothing was';

create or replace function bank.credit_digest(run integer) returns bytea
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  lines_a_step constant integer := 20000;  -- keeps a text far below the limit of a value
  chained bytea := '';
  step record;
begin
  perform bank.require_role('hr');
  for step in
    select string_agg(n.line, '' order by n.position) as lines
    from (
      select concat_ws(E'\t', coalesce(e.number, ''), c.metric, a.number, coalesce(l.number, ''), c.share,
          c.counted_from, c.counted_until, trim_scale(c.measured)) || E'\n' as line,
        row_number() over (order by e.number collate "C", c.metric, a.number collate "C", l.number collate "C",
          c.counted_from, c.share) as position
      from bank.pay_credit as c
      left join bank.employee as e using (employee_id)
      join bank.account as a on a.branch_id = c.branch_id and a.account_id = c.account_id
      left join (
        select k.branch_id, k.loan_id, k.number from bank.loan as k
        union all select r.branch_id, r.loan_id, r.number from bank.replaced_loan as r
      ) as l on l.branch_id = c.branch_id and l.loan_id = c.loan_id
      where c.pay_run_id = run
      union all
      select concat_ws(E'\t', coalesce(e.number, ''), c.metric, u.code, c.way, trim_scale(c.share), c.facts,
          trim_scale(c.measured)) || E'\n',
        accounts.credits + row_number() over (order by e.number collate "C", c.metric, u.code collate "C", c.way, c.share)
      from bank.pay_fact_credit as c
      left join bank.employee as e using (employee_id)
      join bank.org_unit as u on u.org_unit_id = c.branch_id
      cross join (select count(*) as credits from bank.pay_credit as p where p.pay_run_id = run) as accounts
      where c.pay_run_id = run
    ) as n
    group by (n.position - 1) / lines_a_step
    order by (n.position - 1) / lines_a_step
  loop
    chained := sha256(chained || sha256(convert_to(step.lines, 'UTF8')));
  end loop;
  return chained;
end
$$;
comment on function bank.credit_digest(integer) is 'One digest over every credit of a run, by numbers instead of keys: the same bank on another server has the same. A chain of SHA-256 over steps of lines, so that nobody sees the numbers of the accounts; empty for a run without credits';

create or replace function bank.credit_facts(run integer, month_start date) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  month_end constant date := (month_start + interval '1 month')::date;  -- the first day after the month
  credited_rows bigint;
begin
  perform bank.require_role('hr');
  insert into bank.pay_credit
    (branch_id, pay_run_id, employee_id, metric, account_id, loan_id, assignment_branch_id, assignment_id,
     share, counted_from, counted_until, measured, credited)
  with held as materialized (
    select * from bank.account_coverage_between(month_start, month_end, 'deposits')
  ), held_for_loans as materialized (
    select * from bank.account_coverage_between(month_start, month_end, 'loans')
  ), opening as (
    select branch_id, account_id, sum(credits - debits) as balance
    from bank.account_month
    where month < month_start
    group by branch_id, account_id
  ), whole_month as (
    -- The whole month needs the roll-up only ...
    select branch_id, account_id,
      coalesce(o.balance, 0) * (month_end - month_start) + coalesce(m.movement_days, 0) as balance_days
    from opening as o
    full join (select * from bank.account_month where month = month_start) as m using (branch_id, account_id)
  ), span as materialized (
    select distinct branch_id, account_id, counted_from, counted_until
    from held where not (counted_from = month_start and counted_until = month_end)
  ), movement as (
    select s.branch_id, s.account_id, s.counted_from, t.booked_on,
      case t.direction when 'credit' then t.amount else -t.amount end as amount
    from span as s
    join bank.transaction as t on t.branch_id = s.branch_id and t.account_id = s.account_id
      and t.booked_on >= month_start and t.booked_on < month_end and t.booked_on < s.counted_until
    union all
    -- Where balances are sent, the change from one to the next is the movement.
    select s.branch_id, s.account_id, s.counted_from, b.balanced_on,
      b.balance - coalesce(lag(b.balance) over (
        partition by s.branch_id, s.account_id, s.counted_from order by b.balanced_on), o.balance, 0)
    from span as s
    join bank.account_balance as b on b.branch_id = s.branch_id and b.account_id = s.account_id
      and b.balanced_on >= month_start and b.balanced_on < month_end and b.balanced_on < s.counted_until
    left join opening as o on o.branch_id = s.branch_id and o.account_id = s.account_id
  ), part as (
    -- ... the few accounts that change hands within it need their days: each movement counts from its
    -- booking, or from the first day of the span, until the last. Measured once, whoever shares it.
    select s.branch_id, s.account_id, s.counted_from, s.counted_until,
      coalesce(o.balance, 0) * (s.counted_until - s.counted_from) + coalesce(sum(
        m.amount * (s.counted_until - greatest(m.booked_on, s.counted_from))), 0) as balance_days
    from span as s
    left join opening as o using (branch_id, account_id)
    left join movement as m using (branch_id, account_id, counted_from)
    group by s.branch_id, s.account_id, o.balance, s.counted_from, s.counted_until
  ), measured as (
    select branch_id, account_id, month_start as counted_from, month_end as counted_until, balance_days
    from whole_month
    union all
    select branch_id, account_id, counted_from, counted_until, balance_days from part
  )
  select h.branch_id, run, h.employee_id, 'deposit_balance_days', h.account_id, null::bigint,
    h.assignment_branch_id, h.assignment_id, h.share, h.counted_from, h.counted_until,
    d.balance_days, d.balance_days * h.share
  from held as h
  join measured as d using (branch_id, account_id, counted_from, counted_until)
  where d.balance_days <> 0
  union all
  select h.branch_id, run, h.employee_id, metric.name, h.account_id, l.loan_id,
    h.assignment_branch_id, h.assignment_id, h.share, h.counted_from, h.counted_until,
    metric.measured, metric.measured * h.share
  from held_for_loans as h
  join bank.loan as l
    on l.branch_id = h.branch_id and l.account_id = h.account_id
    and l.granted_on >= h.counted_from and l.granted_on < h.counted_until
  cross join lateral (values
    ('loans_granted_amount', l.amount), ('loans_granted_count', 1::numeric)) as metric (name, measured)
  union all
  select h.branch_id, run, h.employee_id, r.metric, h.account_id, l.loan_id,
    h.assignment_branch_id, h.assignment_id, h.share, h.counted_from, h.counted_until,
    sum(r.amount), sum(r.amount) * h.share
  from held_for_loans as h
  join bank.loan as l on l.branch_id = h.branch_id and l.account_id = h.account_id
  join (
    select branch_id, loan_id, due_on as day, 'interest_due_amount' as metric, interest as amount
    from bank.repayment_due where due_on >= month_start and due_on < month_end
    union all
    select branch_id, loan_id, paid_on, 'interest_paid_amount', interest
    from bank.repayment where paid_on >= month_start and paid_on < month_end
  ) as r on r.branch_id = l.branch_id and r.loan_id = l.loan_id and r.day >= h.counted_from and r.day < h.counted_until
  where r.amount <> 0
  group by h.branch_id, h.employee_id, r.metric, h.account_id, l.loan_id, h.assignment_branch_id, h.assignment_id,
    h.share, h.counted_from, h.counted_until;
  get diagnostics credited_rows = row_count;
  return credited_rows + bank.credit_free_metrics(run, month_start);
end
$$;
comment on function bank.credit_facts(integer, date) is 'Writes the credits of a run: balance days, loans granted, interest due and paid, and the free metrics of the month that begins on the given day, times the share of each assignment, and what nobody looked after to the pool of its branch; returns how many';

create or replace function bank.check_pay_statement() returns trigger
language plpgsql as $$
declare
  lines numeric;
  instalments numeric;
begin
  select coalesce(sum(amount), 0) into lines from bank.pay_line as l
  where l.branch_id = new.branch_id and l.pay_run_id = new.pay_run_id and l.employee_id = new.employee_id
    and l.is_paid;
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
create or replace trigger pay_fact_credit_comes_with_its_run after insert on bank.pay_fact_credit
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_statement_comes_with_its_run after insert on bank.pay_statement
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger pay_line_comes_with_its_run after insert on bank.pay_line
  referencing new table as entered for each statement execute function bank.refuse_late_entry();
create or replace trigger deferral_instalment_comes_with_its_run after insert on bank.deferral_instalment
  referencing new table as entered for each statement execute function bank.refuse_late_entry();

create or replace trigger pay_balance_comes_with_its_run after insert on bank.pay_balance
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
