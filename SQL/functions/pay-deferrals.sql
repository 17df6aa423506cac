-- What becomes of deferred pay: outstanding, released, forfeited by malus.

create or replace function bank.deferral_balances(person integer, only_posted boolean)
returns table (
  employee_id integer, branch_id integer, earned_month date, due_on date, instalment integer, deferred numeric, released numeric,
  forfeited numeric, outstanding numeric)
language plpgsql stable as $$
begin
  return query
  with counting as (
    select r.pay_run_id, r.month
    from bank.pay_run as r
    where r.part_of_id is null and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
      and (not only_posted or exists (select 1 from bank.pay_posting as q where q.pay_run_id = r.pay_run_id))
  ), part as (
    select i.employee_id, max(i.branch_id) as branch_id, coalesce(i.corrects_month, c.month) as earned_month, i.due_on,
      min(i.instalment) as instalment, sum(i.amount) as deferred
    from counting as c
    join bank.deferral_instalment as i on i.pay_run_id = c.pay_run_id
    where person is null or i.employee_id = person
    group by i.employee_id, coalesce(i.corrects_month, c.month), i.due_on
  ), moved as (
    select m.employee_id, m.earned_month, m.due_on,
      coalesce(sum(m.amount) filter (where m.kind = 'release'), 0) as released,
      coalesce(sum(case m.kind when 'forfeit' then m.amount when 'restore' then -m.amount end), 0) as forfeited
    from bank.deferral_movement as m
    where person is null or m.employee_id = person
    group by m.employee_id, m.earned_month, m.due_on
  )
  select p.employee_id, p.branch_id, p.earned_month, p.due_on, p.instalment, p.deferred, coalesce(m.released, 0),
    coalesce(m.forfeited, 0), p.deferred - coalesce(m.released, 0) - coalesce(m.forfeited, 0)
  from part as p
  left join moved as m using (employee_id, earned_month, due_on)
  where p.deferred <> 0 or m.employee_id is not null;
end
$$;
comment on function bank.deferral_balances(integer, boolean) is 'Deferred pay of a person, or of everybody, by the month in which it was earned and the day on which it is due: what the runs that count have deferred, corrections included, and what of it was released, forfeited, and is outstanding';

create or replace function bank.deferred_pay(due_until date)
returns table (employee_number text, month date, instalment integer, due_on date, amount numeric, departure bigint)
language plpgsql stable as $$
begin
  return query
  select e.number, b.earned_month, b.instalment, b.due_on, b.outstanding, d.departure_id
  from bank.deferral_balances(null, false) as b
  join bank.employee as e on e.employee_id = b.employee_id
  left join bank.departure as d on d.employee_id = b.employee_id and d.closed_at is null and d.withdrawn_at is null
  where b.due_on <= due_until and b.outstanding <> 0
  order by e.number, b.due_on, b.earned_month;
end
$$;
comment on function bank.deferred_pay(date) is 'Deferred pay that is due up to a day and outstanding, in the runs that count; one whose departure is named is held, because the audit of it is open';

create or replace function bank.require_counting_record(person integer, record bigint, counts boolean) returns void
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known bank.accountability;
begin
  select * into known from bank.accountability as a where a.accountability_id = record and a.employee_id = person;
  if not found then
    perform bank.refuse_order('accountability_is_known', 'accountability',
      format('there is no record %s of accountability about %s', record, (select e.number from bank.employee as e where e.employee_id = person)),
      'See the numbers with banyan accountability list.', 'foreign_key_violation');
  elsif counts and known.withdrawn_at is not null then
    perform bank.refuse_order('recovery_rests_on_a_record_that_counts', 'accountability',
      format('record %s of accountability was withdrawn', record), 'Make another record if something is to be taken back.');
  end if;
end
$$;
comment on function bank.require_counting_record(integer, bigint, boolean) is 'Refuses a record of accountability that is not about a person, or that counts no more';

create or replace function bank.order_malus(
  person text, wanted numeric, record bigint, since date, until date, why text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  who constant integer := bank.require_employee(person);
  available numeric;
  waiting bigint;
begin
  if not bank.approval_is_applied('pay_malus', record::text) then
    perform bank.require_role('hr', 'risk');
  end if;
  perform bank.require_counting_record(who, record, true);
  perform bank.require_deferred_pay_is_free(who);
  perform pg_advisory_xact_lock(hashtextextended('deferred pay of ' || person, 0));
  select coalesce(sum(b.outstanding), 0) into available
  from bank.deferral_balances(who, true) as b
  where b.outstanding > 0 and (since is null or b.earned_month >= since) and (until is null or b.earned_month <= until);
  if wanted <= 0 or coalesce(wanted, 0) > available or available = 0 then
    perform bank.refuse_order('malus_takes_what_is_outstanding', 'deferral_movement',
      format('%s of deferred pay of %s %s outstanding in posted runs', trim_scale(available), person,
        case when available = 1 then 'is' else 'are' end),
      case when available = 0 then 'Take back what was paid with banyan pay clawback.'
        else format('Give an amount above zero and up to %s.', trim_scale(available)) end);
  end if;
  waiting := bank.await_approval('pay_malus', record::text,
    format('malus of %s, record %s', person, record),
    jsonb_build_object('person', person, 'wanted', coalesce(wanted, available), 'record', record, 'since', since, 'until', until, 'reason', why),
    coalesce(wanted, available), null, array[who], why);
  if waiting is not null then
    return -waiting;
  end if;
  -- What is due last is lost first: it is furthest from being paid.
  insert into bank.deferral_movement (branch_id, employee_id, earned_month, due_on, kind, amount, accountability_id, reason)
  select t.branch_id, who, t.earned_month, t.due_on, 'forfeit', least(t.outstanding, coalesce(wanted, available) - t.before), record, why
  from (
    select b.*, sum(b.outstanding) over (order by b.due_on desc, b.earned_month desc) - b.outstanding as before
    from bank.deferral_balances(who, true) as b
    where b.outstanding > 0 and (since is null or b.earned_month >= since) and (until is null or b.earned_month <= until)
  ) as t
  where t.before < coalesce(wanted, available);
  return record;
end
$$;
comment on function bank.order_malus(text, numeric, bigint, date, date, text) is 'Lets a person lose deferred pay that is outstanding, of some months or all, because of a record of accountability; what is due last is lost first. Returns the record, or the number of the approval it waits for, as a negative number';

create or replace function bank.apply_pay_malus(request jsonb) returns text
language plpgsql as $$
begin
  return bank.order_malus(request ->> 'person', (request ->> 'wanted')::numeric, (request ->> 'record')::bigint,
    (request ->> 'since')::date, (request ->> 'until')::date, request ->> 'reason')::text;
end
$$;
comment on function bank.apply_pay_malus(jsonb) is 'Carries a malus out that was approved';

create or replace function bank.release_deferred_pay(due_until date, person text, in_month date) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  who constant integer := case when person is not null then bank.require_employee(person) end;
  total numeric;
  waiting bigint;
  released bigint;
begin
  if not bank.approval_is_applied('deferral_release', concat_ws(' ', due_until, person)) then
    perform bank.require_role('hr');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('deferred pay of ' || e.number, 0))
  from (
    select distinct e.number from bank.deferral_instalment as i join bank.employee as e using (employee_id)
    where (who is null or i.employee_id = who) order by e.number) as e;
  if due_until >= (in_month + interval '1 month')::date then
    perform bank.refuse_order('release_is_not_before_it_is_due', 'deferral_movement',
      format('what is due on %s is not paid with %s already', due_until, to_char(in_month, 'YYYY-MM')), 'Give a day of that month or before.');
  end if;
  if who is not null then
    perform bank.require_deferred_pay_is_free(who);
  end if;
  select sum(b.outstanding) into total from bank.releasable_pay(due_until, who) as b;
  if total is null then
    perform bank.refuse_order('nothing_is_due', 'deferral_movement',
      format('no deferred pay%s is due up to %s and free to be paid', coalesce(' of ' || person, ''), due_until),
      'See banyan report run deferred-pay-due; only what was posted is paid.');
  end if;
  waiting := bank.await_approval('deferral_release', concat_ws(' ', due_until, person),
    format('release of deferred pay%s due up to %s', coalesce(' of ' || person, ''), due_until),
    jsonb_build_object('due_until', due_until, 'person', person, 'in_month', in_month), total, null,
    coalesce(array[who], '{}'));
  if waiting is not null then
    return -waiting;
  end if;
  insert into bank.deferral_movement (branch_id, employee_id, earned_month, due_on, kind, amount, pay_month)
  select b.branch_id, b.employee_id, b.earned_month, b.due_on, 'release', b.outstanding, in_month
  from bank.releasable_pay(due_until, who) as b;
  get diagnostics released = row_count;
  return released;
end
$$;
comment on function bank.release_deferred_pay(date, text, date) is 'Releases the deferred pay of posted runs that is due up to a day, of a person or of everybody whose departure audit is not open, for payment with a month. Returns how many instalments, or the number of the approval it waits for, as a negative number';

create or replace function bank.releasable_pay(due_until date, person integer)
returns table (branch_id integer, employee_id integer, earned_month date, due_on date, outstanding numeric)
language plpgsql stable as $$
begin
  return query
  select b.branch_id, b.employee_id, b.earned_month, b.due_on, b.outstanding
  from bank.deferral_balances(person, true) as b
  where b.due_on <= due_until and b.outstanding > 0
    and not exists (
      select 1 from bank.departure as d
      where d.employee_id = b.employee_id and d.closed_at is null and d.withdrawn_at is null);
end
$$;
comment on function bank.releasable_pay(date, integer) is 'Deferred pay of posted runs that is due up to a day, outstanding, and not held by a departure audit';

create or replace function bank.apply_deferral_release(request jsonb) returns text
language plpgsql as $$
begin
  return bank.release_deferred_pay((request ->> 'due_until')::date, request ->> 'person', (request ->> 'in_month')::date)::text;
end
$$;
comment on function bank.apply_deferral_release(jsonb) is 'Releases deferred pay as it was approved';

create or replace function bank.check_deferral_movements() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  perform bank.require_deferred_pay_is_free(m.employee_id) from (select distinct employee_id from entered) as m;
  perform bank.require_counting_record(m.employee_id, m.accountability_id, m.kind = 'forfeit')
  from entered as m where m.accountability_id is not null;
  select e.number, b.due_on, b.outstanding, b.forfeited into wrong
  from (select distinct m.employee_id from entered as m) as t
  cross join lateral bank.deferral_balances(t.employee_id, true) as b
  join bank.employee as e on e.employee_id = t.employee_id
  where (b.outstanding < 0 or b.forfeited < 0) and exists (
    select 1 from entered as m
    where m.employee_id = t.employee_id and m.earned_month = b.earned_month and m.due_on = b.due_on)
  limit 1;
  if not found then
    select e.number, m.due_on, -m.amount as outstanding, 0 as forfeited into wrong
    from entered as m join bank.employee as e using (employee_id)
    where not exists (
      select 1 from bank.deferral_balances(m.employee_id, true) as b where b.earned_month = m.earned_month and b.due_on = m.due_on)
      or not exists (
        select 1 from bank.deferral_instalment as i join bank.pay_posting as q using (pay_run_id)
        where i.employee_id = m.employee_id and i.due_on = m.due_on)
    limit 1;
  end if;
  if found then
    perform bank.refuse_order('deferral_is_never_below_zero', 'deferral_movement',
      format('the deferred pay of %s due on %s would be %s', wrong.number, wrong.due_on, trim_scale(wrong.outstanding)),
      'Release or forfeit no more than is outstanding, and give back no more than was forfeited.');
  end if;
  select m.kind, m.accountability_id into wrong
  from entered as m
  where m.kind = 'forfeit' and (bank.approval_rule_for('pay_malus', (
      select sum(n.amount) from entered as n where n.accountability_id = m.accountability_id), bank.access_day())).approval_rule_id is not null
    and not bank.approval_is_applied('pay_malus', m.accountability_id::text)
    or m.kind = 'release' and (bank.approval_rule_for('deferral_release', (select sum(n.amount) from entered as n), bank.access_day())).approval_rule_id
      is not null
    and not exists (
      select 1 from bank.approval as a where a.action = 'deferral_release' and a.state = 'applied' and a.closed_at = now())
  limit 1;
  if found then
    perform bank.refuse_order('deferral_movement_is_approved', 'deferral_movement',
      format('deferred pay is %s by an approval', case wrong.kind when 'forfeit' then 'forfeited' else 'released' end),
      format('Propose it with banyan pay %s, and let another person approve it.',
        case wrong.kind when 'forfeit' then 'malus' else 'release' end));
  end if;
  return null;
end
$$;
comment on function bank.check_deferral_movements() is 'Trigger: what is outstanding of deferred pay is never below zero, nothing of it moves while a departure audit is open, and, while a rule asks for one, not without an approval';
create or replace trigger deferral_movement_after_insert after insert on bank.deferral_movement
  referencing new table as entered for each statement execute function bank.check_deferral_movements();
create or replace trigger deferral_movement_stays before update or delete or truncate on bank.deferral_movement
  for each statement execute function bank.refuse_alteration(
    'pay_entries_stay', 'what was decided stays on record', 'Order the contrary instead.');
