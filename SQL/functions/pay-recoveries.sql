-- Pay that is taken back, and what is given back when the record behind it no longer counts.

create or replace function bank.recoverable_pay(person integer, since date, until date)
returns table (paid numeric, released numeric, taken_back numeric, recoverable numeric)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr', 'risk');
  return query select * from bank.recovery_balance(person, since, until);
end
$$;
comment on function bank.recoverable_pay(integer, date, date) is 'What can be taken back of a person''s pay, for who may order that';

create or replace function bank.recovery_balance(person integer, since date, until date)
returns table (paid numeric, released numeric, taken_back numeric, recoverable numeric)
language plpgsql stable as $$
begin
  return query
  select s.paid, s.released, s.taken_back, greatest(s.paid + s.released - s.taken_back, 0)
  from (
    select (
      select coalesce(sum(t.payable), 0) - coalesce((
          select sum(n.amount) from bank.pay_entry as n
          where n.employee_id = person and n.class = 'clawback' and n.superseded_at is null
            and exists (
              select 1 from bank.pay_posting as q join bank.pay_run as r using (pay_run_id) join bank.plan as p using (plan_id)
              where r.month = n.month and p.code = n.plan_code)
            and (since is null or n.month >= since) and (until is null or n.month <= until)), 0)
      from bank.pay_posting as q
      join bank.pay_run as r using (pay_run_id)
      join bank.pay_statement as t using (pay_run_id)
      where t.employee_id = person and (since is null or r.month >= since) and (until is null or r.month <= until)) as paid, (
      select coalesce(sum(m.amount), 0) from bank.deferral_movement as m
      where m.employee_id = person and m.kind = 'release' and (since is null or m.earned_month >= since)
        and (until is null or m.earned_month <= until)) as released, (
      select coalesce(-sum(n.amount), 0) from bank.pay_entry as n
      where n.employee_id = person and n.class = 'clawback' and n.superseded_at is null) as taken_back
  ) as s;
end
$$;
comment on function bank.recovery_balance(integer, date, date) is 'What was paid to a person for some months or all by posted runs, before recoveries; what was released of their deferred pay; what was taken back of both by whatever record; and what can be taken back still, which is never below zero';

create or replace function bank.order_clawback(
  person text, wanted numeric, record bigint, since date, until date, of_plan text, in_month date, why text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  who constant integer := bank.require_employee(person);
  paying_plan constant text := bank.plan_that_pays(who, of_plan);
  paying_month constant date := coalesce(in_month, bank.next_pay_month(paying_plan));
  available numeric;
  waiting bigint;
begin
  if not bank.approval_is_applied('pay_clawback', record::text) then
    perform bank.require_role('hr', 'risk');
  end if;
  perform bank.require_counting_record(who, record, true);
  perform bank.lock_pay_runs(paying_plan);
  select r.recoverable into available from bank.recovery_balance(who, since, until) as r;
  if wanted <= 0 or wanted > available then
    perform bank.refuse_order('clawback_takes_what_was_paid', 'pay_entry',
      format('%s of what was paid to %s can be taken back', trim_scale(available), person),
      case when available = 0 then 'Let deferred pay be forfeited with banyan pay malus.'
        else format('Give an amount above zero and up to %s.', trim_scale(available)) end);
  end if;
  waiting := bank.await_approval('pay_clawback', record::text, format('clawback of %s, record %s', person, record),
    jsonb_build_object('person', person, 'wanted', wanted, 'record', record, 'since', since, 'until', until, 'plan', paying_plan,
      'month', paying_month, 'reason', why), wanted, null, array[who], why);
  if waiting is not null then
    return -waiting;
  end if;
  insert into bank.pay_entry (branch_id, employee_id, plan_code, month, class, record, amount, reason, accountability_id)
  select e.branch_id, who, paying_plan, paying_month, 'clawback', 'accountability ' || record, -wanted, why, record
  from bank.employee as e where e.employee_id = who;
  return record;
end
$$;
comment on function bank.order_clawback(text, numeric, bigint, date, date, text, date, text) is 'Takes pay back that was paid to a person, who may have left, because of a record of accountability: an entry in the run of a month. Returns the record, or the number of the approval it waits for, as a negative number';

create or replace function bank.apply_pay_clawback(request jsonb) returns text
language plpgsql as $$
begin
  return bank.order_clawback(request ->> 'person', (request ->> 'wanted')::numeric, (request ->> 'record')::bigint,
    (request ->> 'since')::date, (request ->> 'until')::date, request ->> 'plan', (request ->> 'month')::date,
    request ->> 'reason')::text;
end
$$;
comment on function bank.apply_pay_clawback(jsonb) is 'Carries a clawback out that was approved';

create or replace function bank.restore_pay(of_record bigint, why text) returns numeric
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known bank.accountability;
  paying_plan text;
  given_back numeric := 0;
  part numeric;
begin
  perform bank.require_role('hr', 'risk');
  select * into known from bank.accountability as a where a.accountability_id = of_record;
  if not found or known.withdrawn_at is null then
    perform bank.refuse_order('restored_record_is_withdrawn', 'accountability',
      format('record %s of accountability %s', of_record, case when known.accountability_id is null then 'is not known' else 'counts still' end),
      'Only what rests on a record that was withdrawn is given back.');
  end if;
  with gone as (
    select m.branch_id, m.earned_month, m.due_on, sum(case m.kind when 'restore' then -m.amount else m.amount end) as amount
    from bank.deferral_movement as m where m.accountability_id = of_record
    group by m.branch_id, m.earned_month, m.due_on
  ), back as (
    insert into bank.deferral_movement (branch_id, employee_id, earned_month, due_on, kind, amount, accountability_id, reason)
    select g.branch_id, known.employee_id, g.earned_month, g.due_on, 'restore', g.amount, of_record, why from gone as g where g.amount > 0
    returning amount
  )
  select coalesce(sum(b.amount), 0) into part from back as b;
  given_back := part;
  for paying_plan, part in
    select n.plan_code, -sum(n.amount) from bank.pay_entry as n
    where n.accountability_id = of_record and n.superseded_at is null
    group by n.plan_code having sum(n.amount) < 0 order by n.plan_code
  loop
    insert into bank.pay_entry (branch_id, employee_id, plan_code, month, class, record, amount, reason, accountability_id)
    select e.branch_id, e.employee_id, paying_plan, bank.next_pay_month(paying_plan), 'clawback', format('withdrawal of accountability %s', of_record),
      part, why, of_record
    from bank.employee as e where e.employee_id = known.employee_id;
    given_back := given_back + part;
  end loop;
  if given_back = 0 then
    perform bank.refuse_order('nothing_to_restore', 'accountability',
      format('nothing was forfeited or taken back because of record %s', of_record), 'Nothing is to be done.');
  end if;
  return given_back;
end
$$;
comment on function bank.restore_pay(bigint, text) is 'Gives back what was forfeited or taken back because of a record of accountability that was withdrawn; returns how much';
