-- What plans may ask for beside credits: how files of it are taken in, and how a run reads it.

create or replace function bank.end_incoming_deal_roles() returns void
language plpgsql as $$
begin
  -- Another role of a person in a loan takes the place of the one on record.
  update bank.deal_role as d set superseded_at = clock_timestamp()
  from incoming as i
  where d.loan_number = i.loan_number and d.employee_id = i.employee_id and d.superseded_at is null and d.role <> i.role;
end
$$;
comment on function bank.end_incoming_deal_roles() is 'Supersedes the roles in deals that incoming ones correct';

create or replace function bank.place_incoming_deal_roles(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint;
begin
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, value, reason)
  select batch, i.line_number, 1, 'IMP-0401', i.loan_number,
    format('the loan “%s” is not on record; send it first, or correct the number', i.loan_number)
  from incoming as i
  where not exists (select 1 from bank.loan as l where l.number = i.loan_number);
  insert into bank.deal_role (branch_id, loan_number, employee_id, role, batch_id, line_number)
  select l.branch_id, i.loan_number, i.employee_id, i.role, batch, i.line_number
  from incoming as i
  join bank.loan as l on l.number = i.loan_number
  order by i.line_number;
  get diagnostics placed = row_count;
  return placed;
end
$$;
comment on function bank.place_incoming_deal_roles(bigint) is 'Inserts who took part in which loan, at the branch of the loan; returns how many';

create or replace function bank.pay_month_is_posted(of_month date, of_plan text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return exists (
    select 1 from bank.pay_posting as q join bank.pay_run as r using (pay_run_id) join bank.plan as p using (plan_id)
    where r.month = of_month and p.code = of_plan);
end
$$;
comment on function bank.pay_month_is_posted(date, text) is 'Whether a month was posted for a plan, so that nothing more can be decided for it';

create or replace function bank.end_incoming_pay_entries() returns void
language plpgsql as $$
begin
  update incoming set month = date_trunc('month', month)::date where extract(day from month) <> 1;
  -- Another amount for the same record takes the place of the one on record, while the month is open.
  update bank.pay_entry as n set superseded_at = clock_timestamp()
  from incoming as i
  where n.employee_id = i.employee_id and n.plan_code = i.plan_code and n.month = i.month and n.class = i.class and n.record = i.record
    and n.superseded_at is null and (n.amount, n.reason) is distinct from (i.amount, i.reason)
    and not bank.pay_month_is_posted(i.month, i.plan_code);
end
$$;
comment on function bank.end_incoming_pay_entries() is 'Supersedes the amounts that incoming ones correct, where their month is not posted';

create or replace function bank.place_incoming_pay_entries(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint;
begin
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, value, reason)
  select batch, w.line_number, 1, case when w.is_unknown then 'IMP-0401' else 'IMP-0403' end, w.value, w.reason
  from (
    select i.line_number, false as is_unknown, i.class as value,
      format('a %s is decided by a command and not by a file; use banyan pay %1$s', i.class) as reason
    from incoming as i where i.class in ('clawback', 'dispute')
    union all
    select i.line_number, true, i.plan_code, format('there is no plan “%s” on record; load it first, or correct the code', i.plan_code)
    from incoming as i where i.class not in ('clawback', 'dispute') and not exists (select 1 from bank.plan as p where p.code = i.plan_code)
    union all
    select i.line_number, false, to_char(i.month, 'YYYY-MM'), format('the pay of %s by the plan %s is posted; take %s or a later month',
      to_char(i.month, 'YYYY-MM'), i.plan_code, to_char(bank.next_pay_month(i.plan_code), 'YYYY-MM'))
    from incoming as i
    where i.class not in ('clawback', 'dispute') and bank.pay_month_is_posted(i.month, i.plan_code)
  ) as w;
  insert into bank.pay_entry (branch_id, employee_id, plan_code, month, class, record, amount, reason, batch_id, line_number)
  select e.branch_id, i.employee_id, i.plan_code, i.month, i.class, i.record, i.amount, i.reason, batch, i.line_number
  from incoming as i
  join bank.employee as e on e.employee_id = i.employee_id
  where not exists (select 1 from bank.rejected_row as r where r.batch_id = batch and r.line_number = i.line_number)
  order by i.line_number;
  get diagnostics placed = row_count;
  return placed;
end
$$;
comment on function bank.place_incoming_pay_entries(bigint) is 'Inserts amounts that were decided for people; returns how many';

create or replace function bank.deals_for_pay(of_month date)
returns table (loan_number text, amount numeric, person text, role text)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  known_at constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return query
  select l.number, l.amount, e.number, d.role
  from (
    select k.branch_id, k.number, k.amount, k.granted_on
    from bank.loan as k where not k.batch_id = any (bank.batches_after(known_at))
    union all
    select r.branch_id, r.number, r.amount, r.granted_on
    from bank.replaced_loan as r where r.batch_id = any (bank.batches_replaced_after(known_at))
  ) as l
  join bank.deal_role as d on d.branch_id = l.branch_id and d.loan_number = l.number
    and d.recorded_at <= known_at and (d.superseded_at is null or d.superseded_at > known_at)
  join bank.employee as e on e.employee_id = d.employee_id
  where l.granted_on >= of_month and l.granted_on < (of_month + interval '1 month')::date
  order by l.number collate "C", d.role collate "C", e.number collate "C";
end
$$;
comment on function bank.deals_for_pay(date) is 'The loans granted in a month that have roles on record, with who took part as what';

create or replace function bank.exchange_rates_for_pay(of_month date)
returns table (currency text, month_end numeric, month_sum numeric, days integer)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  known_at constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return query
  select x.currency, (array_agg(x.rate order by x.day desc))[1], sum(x.rate), count(*)::integer
  from bank.exchange_rate as x
  where x.day >= of_month and x.day < (of_month + interval '1 month')::date and x.recorded_at <= known_at
  group by x.currency
  order by x.currency collate "C";
end
$$;
comment on function bank.exchange_rates_for_pay(date) is 'The last rate of each currency in a month, and the sum and number of its rates, which make its average';
