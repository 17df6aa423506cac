-- What an import of facts, balances and repayments does beyond the general steps, and what its replacement undoes.

-- Months and parts ---------------------------------------------------------------------------------------------

create or replace function bank.month_of(day date) returns date
language sql immutable parallel safe as $$
  select date_trunc('month', day::timestamp)::date
$$;
comment on function bank.month_of(date) is 'First day of the month of a day';

create or replace function bank.add_incoming_months(parent text, day_column text) returns void
language plpgsql as $$
declare
  first_day date;
begin
  for first_day in execute format('select distinct bank.month_of(%I) from incoming order by 1', day_column) loop
    perform bank.add_month(parent, first_day);
  end loop;
end
$$;
comment on function bank.add_incoming_months(text, text) is 'Makes the months of the incoming rows partitions of a table, where they are not yet';

create or replace function bank.prepare_incoming_facts() returns void
language plpgsql as $$
begin
  perform bank.add_incoming_months('fact', 'booked_on');
end
$$;
comment on function bank.prepare_incoming_facts() is 'Makes room for the incoming facts';

create or replace function bank.prepare_incoming_schedules() returns void
language plpgsql as $$
begin
  perform bank.add_incoming_months('repayment_due', 'due_on');
end
$$;
comment on function bank.prepare_incoming_schedules() is 'Makes room for the incoming schedules';

create or replace function bank.prepare_incoming_repayments() returns void
language plpgsql as $$
begin
  perform bank.add_incoming_months('repayment', 'paid_on');
end
$$;
comment on function bank.prepare_incoming_repayments() is 'Makes room for the incoming payments';

create or replace function bank.count_incoming_part(batch bigint, day_column text) returns void
language plpgsql as $$
begin
  execute format(
    'insert into bank.batch_part as part (branch_id, month, batch_id, rows_loaded)
     select branch_id, bank.month_of(%I), $1, count(*) from incoming group by 1, 2
     on conflict (branch_id, month, batch_id) do update set rows_loaded = part.rows_loaded + excluded.rows_loaded',
    day_column)
  using batch;
end
$$;
comment on function bank.count_incoming_part(bigint, text) is 'Puts on record how many incoming rows count in which branch and month';

create or replace function bank.count_incoming_schedules(batch bigint) returns void
language plpgsql as $$
begin
  perform bank.count_incoming_part(batch, 'due_on');
end
$$;
comment on function bank.count_incoming_schedules(bigint) is 'Puts on record how many incoming schedules count in which branch and month';

create or replace function bank.count_incoming_repayments(batch bigint) returns void
language plpgsql as $$
begin
  perform bank.count_incoming_part(batch, 'paid_on');
end
$$;
comment on function bank.count_incoming_repayments(bigint) is 'Puts on record how many incoming payments count in which branch and month';

-- Facts --------------------------------------------------------------------------------------------------------

create or replace function bank.roll_up_incoming_facts(batch bigint) returns void
language plpgsql as $$
begin
  insert into bank.fact_month as rolled (branch_id, month, metric_id, product_id, employee_id, facts, amount)
  select branch_id, bank.month_of(booked_on), metric_id, product_id, employee_id, count(*), sum(amount)
  from incoming
  group by 1, 2, 3, 4, 5
  order by 1, 2, 3, 4, 5
  on conflict (branch_id, month, metric_id, product_id, employee_id) do update set
    facts = rolled.facts + excluded.facts,
    amount = rolled.amount + excluded.amount;
  perform bank.count_incoming_part(batch, 'booked_on');
end
$$;
comment on function bank.roll_up_incoming_facts(bigint) is 'Adds the incoming facts to bank.fact_month';

create or replace function bank.add_fact_months(
  branches integer[], months date[], metrics integer[], products integer[], employees integer[], facts bigint[],
  amounts numeric[]) returns void
language plpgsql as $$
begin
  insert into bank.fact_month as rolled (branch_id, month, metric_id, product_id, employee_id, facts, amount)
  select a.branch_id, a.month, a.metric_id, a.product_id, a.employee_id, a.facts, a.amount
  from unnest(branches, months, metrics, products, employees, add_fact_months.facts, amounts)
    as a (branch_id, month, metric_id, product_id, employee_id, facts, amount)
  on conflict (branch_id, month, metric_id, product_id, employee_id) do update set
    facts = rolled.facts + excluded.facts,
    amount = rolled.amount + excluded.amount;
end
$$;
comment on function bank.add_fact_months(integer[], date[], integer[], integer[], integer[], bigint[], numeric[]) is 'Adds sums that the importer made while it copied facts straight into their months to bank.fact_month';

create or replace function bank.take_off_fact_months(former bigint) returns void
language plpgsql as $$
begin
  update bank.fact_month as m set facts = m.facts - g.facts, amount = m.amount - g.amount
  from (
    select r.branch_id, bank.month_of(r.booked_on) as month, r.metric_id, r.product_id, r.employee_id,
      count(*) as facts, sum(r.amount) as amount
    from bank.replaced_fact as r
    where r.batch_id = former
    group by 1, 2, 3, 4, 5
  ) as g
  where (m.branch_id, m.month, m.metric_id, m.product_id, m.employee_id)
    = (g.branch_id, g.month, g.metric_id, g.product_id, g.employee_id);
  delete from bank.fact_month as m
  using bank.batch_part as p
  where p.batch_id = former and m.branch_id = p.branch_id and m.month = p.month and m.facts = 0;
end
$$;
comment on function bank.take_off_fact_months(bigint) is 'Takes what the facts of a replaced batch had added off bank.fact_month';

create or replace function bank.place_incoming_metrics(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint;
begin
  -- In one statement, because a metric may be made of one that stands below it in the file.
  insert into bank.metric (code, name, chinese_name, base_code, measure, crediting, product_line, batch_id, line_number)
  select i.code, i.name, i.chinese_name, i.base_code, coalesce(i.measure, 'amount')::bank.metric_measure,
    coalesce(i.crediting, 'named')::bank.metric_crediting, i.product_line, batch, i.line_number
  from incoming as i
  where (i.base_code is null or exists (
      select from bank.metric as m where m.code = i.base_code and m.base_code is null) or exists (
      select from incoming as b where b.code = i.base_code and b.base_code is null))
    and not exists (select from bank.metric as m where m.code = i.code);
  get diagnostics placed = row_count;
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
  select batch, i.line_number, 1, 'IMP-0401', 'base_code', i.base_code,
    format('the metric “%s” is to be made of “%s”, which is no metric that facts are booked under; send that one first', i.code, i.base_code)
  from incoming as i
  where not exists (select from bank.metric as m where m.code = i.code);
  return placed;
end
$$;
comment on function bank.place_incoming_metrics(bigint) is 'Inserts the incoming metrics; rejects those that are made of a metric that nothing is booked under';

-- Balances -----------------------------------------------------------------------------------------------------
-- An account is measured by its movements or by its balances, whichever came first; the other is refused, or it
-- would count twice. The change from one balance to the next counts as one movement, so that bank.account_month
-- holds both kinds, and all that is made of it needs not know which it is.

create or replace function bank.place_incoming_balances(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint;
begin
  perform bank.add_incoming_months('account_balance', 'balanced_on');
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
  select batch, i.line_number, 1, 'IMP-0405', 'account_number', a.number,
    format('the account “%s” is measured by its movements, so that a balance would count twice; send the one or the other', a.number)
  from incoming as i
  join bank.account as a using (branch_id, account_id)
  where exists (
    select from bank.account_month as m
    where m.branch_id = i.branch_id and m.account_id = i.account_id and m.transactions > 0);
  insert into bank.account_balance (branch_id, balanced_on, account_id, balance, batch_id, line_number)
  select i.branch_id, i.balanced_on, i.account_id, i.balance, batch, i.line_number
  from incoming as i
  where not exists (
    select from bank.rejected_row as r where r.batch_id = batch and r.line_number = i.line_number);
  get diagnostics placed = row_count;
  insert into bank.balance_account (branch_id, account_id)
  select distinct b.branch_id, b.account_id
  from incoming as i
  join bank.account_balance as b using (branch_id, account_id, balanced_on)
  on conflict (branch_id, account_id) do nothing;
  insert into bank.batch_part (branch_id, month, batch_id, rows_loaded)
  select b.branch_id, bank.month_of(b.balanced_on), batch, count(*)
  from incoming as i
  join bank.account_balance as b using (branch_id, account_id, balanced_on)
  group by 1, 2;
  create temporary table changed_balance on commit drop as
  select i.branch_id, i.account_id, min(i.balanced_on) as first_day, max(i.balanced_on) as last_day
  from incoming as i
  join bank.balance_account as b using (branch_id, account_id)
  group by i.branch_id, i.account_id;
  perform bank.roll_up_changed_balances();
  return placed;
end
$$;
comment on function bank.place_incoming_balances(bigint) is 'Inserts the incoming balances, rejects those of accounts that are measured by their movements, and brings the roll-up right; returns how many were placed';

create or replace function bank.roll_up_changed_balances() returns void
language plpgsql as $$
begin
  analyze changed_balance;
  create temporary table balance_span on commit drop as
  select c.branch_id, c.account_id, bank.month_of(c.first_day) as first_month,
    -- The balance after the last one that changed is another change now.
    bank.month_of(coalesce(after.balanced_on, c.last_day)) as last_month,
    coalesce(before.balance, 0) as opening
  from changed_balance as c
  left join lateral (
    select b.balanced_on from bank.account_balance as b
    where b.branch_id = c.branch_id and b.account_id = c.account_id and b.balanced_on > c.last_day
    order by b.balanced_on limit 1
  ) as after on true
  left join lateral (
    select b.balance from bank.account_balance as b
    where b.branch_id = c.branch_id and b.account_id = c.account_id and b.balanced_on < bank.month_of(c.first_day)
    order by b.balanced_on desc limit 1
  ) as before on true;
  insert into bank.account_month (branch_id, month, account_id, transactions, credits, debits, movement_days)
  select d.branch_id, d.month, d.account_id, 0, sum(greatest(d.change, 0)), sum(greatest(-d.change, 0)),
    sum(d.change * ((d.month + interval '1 month')::date - d.balanced_on))
  from (
    select b.branch_id, b.account_id, b.balanced_on, bank.month_of(b.balanced_on) as month,
      b.balance - coalesce(
        lag(b.balance) over (partition by b.branch_id, b.account_id order by b.balanced_on), s.opening) as change
    from balance_span as s
    join bank.account_balance as b on b.branch_id = s.branch_id and b.account_id = s.account_id
      and b.balanced_on >= s.first_month and b.balanced_on < (s.last_month + interval '1 month')::date
  ) as d
  group by d.branch_id, d.month, d.account_id
  on conflict (branch_id, month, account_id) do update set
    credits = excluded.credits,
    debits = excluded.debits,
    movement_days = excluded.movement_days;
  drop table changed_balance, balance_span;
end
$$;
comment on function bank.roll_up_changed_balances() is 'Brings bank.account_month right for the accounts in the temporary table "changed_balance", from the first day that changed to the next balance after the last';

create or replace function bank.take_off_balances(former bigint) returns void
language plpgsql as $$
begin
  create temporary table changed_balance on commit drop as
  select r.branch_id, r.account_id, min(r.balanced_on) as first_day, max(r.balanced_on) as last_day
  from bank.replaced_account_balance as r
  where r.batch_id = former
  group by r.branch_id, r.account_id;
  -- A month that has lost its last balance has no row any more.
  delete from bank.account_month as m
  using (
    select distinct r.branch_id, r.account_id, bank.month_of(r.balanced_on) as month
    from bank.replaced_account_balance as r where r.batch_id = former
  ) as g
  where m.branch_id = g.branch_id and m.account_id = g.account_id and m.month = g.month;
  create temporary table emptied on commit drop as
  select c.branch_id, c.account_id from changed_balance as c
  where not exists (
    select from bank.account_balance as b where b.branch_id = c.branch_id and b.account_id = c.account_id);
  perform bank.roll_up_changed_balances();
  delete from bank.balance_account as a using emptied as e
  where a.branch_id = e.branch_id and a.account_id = e.account_id;
  drop table emptied;
end
$$;
comment on function bank.take_off_balances(bigint) is 'Brings the roll-up right after the balances of a batch have left; accounts that have none any more may be measured by movements again';

create or replace function bank.refuse_movements_of_balance_accounts() returns void
language plpgsql as $$
declare
  account text;
begin
  select a.number into account
  from bank.balance_account as b
  join bank.account as a using (branch_id, account_id)
  where exists (
    select from incoming_account_month as i where i.branch_id = b.branch_id and i.account_id = b.account_id)
  order by a.number collate "C"
  limit 1;
  if found then
    perform bank.refuse_order('account_is_measured_once', 'account_balance',
      format('the account “%s” is measured by its balances, so that its movements would count twice', account),
      'Leave the movements of such accounts out, or replace the balances first.', 'restrict_violation');
  end if;
end
$$;
comment on function bank.refuse_movements_of_balance_accounts() is 'Refuses movements of accounts whose balances are sent';
