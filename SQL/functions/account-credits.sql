-- Credits of accounts: balances, loans and interest attributed to people through dated assignments.

create or replace function bank.known_at() returns timestamptz
language plpgsql stable as $$
begin
  return coalesce(nullif(current_setting('banyan.known_at', true), '')::timestamptz, 'infinity');
end
$$;
comment on function bank.known_at() is 'The time as of which this transaction calculates pay; infinity for by all that is known';

create or replace function bank.batches_after(known_at timestamptz) returns bigint[]
language plpgsql stable as $$
begin
  return case when known_at < 'infinity'
    then array(select b.batch_id from bank.batch as b where b.imported_at > known_at) else '{}' end;
end
$$;
comment on function bank.batches_after(timestamptz) is 'The batches that were imported after a time; none after infinity';

create or replace function bank.batches_replaced_after(known_at timestamptz) returns bigint[]
language plpgsql stable as $$
begin
  return case when known_at < 'infinity'
    then array(
      select b.batch_id from bank.batch as b join bank.batch as n on n.replaces_id = b.batch_id
      where b.imported_at <= known_at and n.imported_at > known_at and b.state = 'replaced') else '{}' end;
end
$$;
comment on function bank.batches_replaced_after(timestamptz) is 'The batches that were imported by a time and replaced after it';

drop function if exists bank.account_coverage_between(date, date, text);
create or replace function bank.account_coverage_between(since date, until date, line text, of_branches integer[], known_at timestamptz)
returns table (
  branch_id integer, account_id bigint, assignment_branch_id integer, assignment_id bigint,
  employee_id integer, share numeric, counted_from date, counted_until date)
language plpgsql stable as $$
declare
  late constant bigint[] := bank.batches_after(known_at);
begin
  if not exists (select from bank.account as a where a.branch_id = any (of_branches))
    or line = 'loans' and late = '{}' and not exists (select from bank.loan as l where l.branch_id = any (of_branches)) then
    return;
  end if;
  return query
  with owned as materialized (
    select a.branch_id, a.account_id, h.client_branch_id, h.client_id
    from bank.account as a
    left join bank.account_holder as h
      on h.branch_id = a.branch_id and h.account_id = a.account_id and h.role = 'owner' and not h.batch_id = any (late)
    where a.branch_id = any (of_branches)
      -- Whoever looks after an account that has no loan is nobody's question there.
      and (line <> 'loans' or late <> '{}' or exists (select from bank.loan as l where l.branch_id = a.branch_id and l.account_id = a.account_id))
  ), believed as materialized (
    select s.branch_id, s.assignment_id, s.client_id, s.account_id, s.employee_id, s.share,
      (s.product_line is null)::integer as is_general,
      greatest(s.effective_from, since) as first_day,
      least(s.effective_until, until) as next_day  -- least() passes over a null end
    from bank.assignment as s
    where s.recorded_at <= known_at and (s.superseded_at is null or s.superseded_at > known_at)
      and s.effective_from < until
      and (s.effective_until is null or s.effective_until > since)
      and (s.product_line is null or s.product_line = line)
      and s.branch_id = any (array(
        select unnest(of_branches) union select o.client_branch_id from owned as o))
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
comment on function bank.account_coverage_between(date, date, text, integer[], timestamptz) is 'Who has each account of some branches on which days of a span, for one product line; for loans, each account that has one: account before client, line before general, and on the other days the pool of the account''s branch (no employee, share 1). The shares of an account sum to 1 on every day';

create or replace function bank.credit_accounts(of_branches integer[], of_sets bigint[], month_start date, known_at timestamptz)
returns table (branch_id integer, client_branch_id integer)
language plpgsql as $$
#variable_conflict use_column
declare
  month_end constant date := (month_start + interval '1 month')::date;  -- the first day after the month
  late constant bigint[] := bank.batches_after(known_at);
  undone constant bigint[] := bank.batches_replaced_after(known_at);
  is_earlier constant boolean := known_at < 'infinity';
begin
  insert into bank.pay_credit
    (branch_id, credit_set_id, employee_id, metric, account_id, loan_id, assignment_branch_id, assignment_id,
     share, counted_from, counted_until, measured, credited)
  with wanted as (
    select w.branch_id, w.credit_set_id from unnest(of_branches, of_sets) as w (branch_id, credit_set_id)
  ), held as materialized (
    select * from bank.account_coverage_between(month_start, month_end, 'deposits', of_branches, known_at)
  ), held_for_loans as materialized (
    select * from bank.account_coverage_between(month_start, month_end, 'loans', of_branches, known_at)
  ), known_transaction as not materialized (
    -- Whatever has come later, or went away later, matters to a run as of an earlier time only.
    select t.branch_id, t.account_id, t.booked_on, case t.direction when 'credit' then t.amount else -t.amount end as amount
    from bank.transaction as t
    where t.branch_id = any (of_branches) and not t.batch_id = any (late)
    union all
    select t.branch_id, t.account_id, t.booked_on, case t.direction when 'credit' then t.amount else -t.amount end
    from bank.replaced_transaction as t
    where is_earlier and t.branch_id = any (of_branches) and t.batch_id = any (undone)
  ), known_balance as not materialized (
    select b.branch_id, b.account_id, b.balanced_on, b.balance
    from bank.account_balance as b
    where b.branch_id = any (of_branches) and not b.batch_id = any (late)
    union all
    select b.branch_id, b.account_id, b.balanced_on, b.balance
    from bank.replaced_account_balance as b
    where is_earlier and b.branch_id = any (of_branches) and b.batch_id = any (undone)
  ), rolled as not materialized (
    select m.branch_id, m.account_id, m.month, m.credits - m.debits as net, m.movement_days
    from bank.account_month as m
    where not is_earlier and m.branch_id = any (of_branches) and m.month <= month_start
    union all
    -- The roll-up knows no earlier time: what it held is added up from the movements.
    select t.branch_id, t.account_id, bank.month_of(t.booked_on), sum(t.amount),
      sum(t.amount * ((bank.month_of(t.booked_on) + interval '1 month')::date - t.booked_on))
    from known_transaction as t
    where is_earlier and t.booked_on < month_end
    group by t.branch_id, t.account_id, bank.month_of(t.booked_on)
    union all
    select b.branch_id, b.account_id, bank.month_of(b.balanced_on), b.change,
      b.change * ((bank.month_of(b.balanced_on) + interval '1 month')::date - b.balanced_on)
    from (
      select n.branch_id, n.account_id, n.balanced_on, n.balance - coalesce(lag(n.balance) over (
        partition by n.branch_id, n.account_id order by n.balanced_on), 0) as change
      from known_balance as n
      where is_earlier and n.balanced_on < month_end
    ) as b
  ), opening as (
    select branch_id, account_id, sum(net) as balance
    from rolled
    where month < month_start
    group by branch_id, account_id
  ), whole_month as (
    -- The whole month needs the roll-up only ...
    select branch_id, account_id,
      coalesce(o.balance, 0) * (month_end - month_start) + coalesce(m.movement_days, 0) as balance_days
    from opening as o
    full join (
      select branch_id, account_id, sum(movement_days) as movement_days
      from rolled where month = month_start
      group by branch_id, account_id
    ) as m using (branch_id, account_id)
  ), span as materialized (
    select distinct branch_id, account_id, counted_from, counted_until
    from held where not (counted_from = month_start and counted_until = month_end)
  ), movement as (
    select s.branch_id, s.account_id, s.counted_from, t.booked_on, t.amount
    from span as s
    join known_transaction as t on t.branch_id = s.branch_id and t.account_id = s.account_id
      and t.booked_on >= month_start and t.booked_on < month_end and t.booked_on < s.counted_until
    union all
    -- Where balances are sent, the change from one to the next is the movement.
    select s.branch_id, s.account_id, s.counted_from, b.balanced_on,
      b.balance - coalesce(lag(b.balance) over (
        partition by s.branch_id, s.account_id, s.counted_from order by b.balanced_on), o.balance, 0)
    from span as s
    join known_balance as b on b.branch_id = s.branch_id and b.account_id = s.account_id
      and b.balanced_on >= month_start and b.balanced_on < month_end and b.balanced_on < s.counted_until
    left join opening as o on o.branch_id = s.branch_id and o.account_id = s.account_id
  ), known_loan as not materialized (
    select l.branch_id, l.account_id, l.loan_id, l.granted_on, l.amount
    from bank.loan as l
    where l.branch_id = any (of_branches) and not l.batch_id = any (late)
    union all
    select l.branch_id, l.account_id, l.loan_id, l.granted_on, l.amount
    from bank.replaced_loan as l
    where is_earlier and l.branch_id = any (of_branches) and l.batch_id = any (undone)
  ), known_interest as not materialized (
    select branch_id, loan_id, due_on as day, 'interest_due_amount' as metric, interest as amount
    from bank.repayment_due
    where due_on >= month_start and due_on < month_end and branch_id = any (of_branches) and not batch_id = any (late)
    union all
    select branch_id, loan_id, due_on, 'interest_due_amount', interest
    from bank.replaced_repayment_due
    where is_earlier and due_on >= month_start and due_on < month_end and branch_id = any (of_branches) and batch_id = any (undone)
    union all
    select branch_id, loan_id, paid_on, 'interest_paid_amount', interest
    from bank.repayment
    where paid_on >= month_start and paid_on < month_end and branch_id = any (of_branches) and not batch_id = any (late)
    union all
    select branch_id, loan_id, paid_on, 'interest_paid_amount', interest
    from bank.replaced_repayment
    where is_earlier and paid_on >= month_start and paid_on < month_end and branch_id = any (of_branches) and batch_id = any (undone)
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
  select h.branch_id, w.credit_set_id, h.employee_id, 'deposit_balance_days', h.account_id, null::bigint,
    h.assignment_branch_id, h.assignment_id, h.share, h.counted_from, h.counted_until,
    d.balance_days, d.balance_days * h.share
  from held as h
  join wanted as w using (branch_id)
  join measured as d using (branch_id, account_id, counted_from, counted_until)
  where d.balance_days <> 0
  union all
  select h.branch_id, w.credit_set_id, h.employee_id, metric.name, h.account_id, l.loan_id,
    h.assignment_branch_id, h.assignment_id, h.share, h.counted_from, h.counted_until,
    metric.measured, metric.measured * h.share
  from held_for_loans as h
  join wanted as w using (branch_id)
  join known_loan as l
    on l.branch_id = h.branch_id and l.account_id = h.account_id
    and l.granted_on >= h.counted_from and l.granted_on < h.counted_until
  cross join lateral (values
    ('loans_granted_amount', l.amount), ('loans_granted_count', 1::numeric)) as metric (name, measured)
  union all
  select h.branch_id, w.credit_set_id, h.employee_id, r.metric, h.account_id, l.loan_id,
    h.assignment_branch_id, h.assignment_id, h.share, h.counted_from, h.counted_until,
    sum(r.amount), sum(r.amount) * h.share
  from held_for_loans as h
  join wanted as w using (branch_id)
  join known_loan as l on l.branch_id = h.branch_id and l.account_id = h.account_id
  join known_interest as r on r.branch_id = l.branch_id and r.loan_id = l.loan_id and r.day >= h.counted_from and r.day < h.counted_until
  where r.amount <> 0
  group by h.branch_id, w.credit_set_id, h.employee_id, r.metric, h.account_id, l.loan_id, h.assignment_branch_id, h.assignment_id,
    h.share, h.counted_from, h.counted_until;
  return query
  select distinct h.branch_id, h.client_branch_id
  from bank.account_holder as h
  where h.role = 'owner' and h.branch_id = any (of_branches);
end
$$;
comment on function bank.credit_accounts(integer[], bigint[], date, timestamptz) is 'Writes into sets what accounts of their branches credit for the month that begins on the given day: balance days, loans granted, interest due and paid, times the share of each assignment, and what nobody looked after to the pool of the branch; returns the branches of whose clients the accounts are';
