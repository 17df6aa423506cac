-- Amounts that are decided for people: entries of a month.

create or replace function bank.next_pay_month(of_plan text) returns date
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return coalesce((
    select (max(r.month) + interval '1 month')::date
    from bank.pay_posting as q join bank.pay_run as r using (pay_run_id) join bank.plan as p using (plan_id)
    where p.code = of_plan), (
    select min(r.month) from bank.pay_run as r join bank.plan as p using (plan_id) where p.code = of_plan),
    date_trunc('month', bank.access_day())::date);
end
$$;
comment on function bank.next_pay_month(text) is 'The month after the last one that was posted for a plan; without any, the first month that was run, or the present one';

create or replace function bank.plan_that_pays(person integer, wanted text) returns text
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  found_code text;
  others text[];
begin
  if wanted is not null then
    if not exists (select 1 from bank.plan as p where p.code = wanted) then
      perform bank.refuse_order('plan_is_known', 'plan', format('there is no plan “%s” on record', wanted),
        'See the codes with banyan plan list.', 'foreign_key_violation');
    end if;
    return wanted;
  end if;
  select p.code into found_code
  from bank.pay_statement as s join bank.pay_run as r using (pay_run_id) join bank.plan as p using (plan_id)
  where s.employee_id = person and r.part_of_id is null
  order by r.month desc, r.pay_run_id desc limit 1;
  if found then
    return found_code;
  end if;
  select array_agg(distinct p.code order by p.code) into others
  from bank.plan as p join bank.plan_activation as a using (plan_id);
  if cardinality(others) = 1 then
    return others[1];
  end if;
  perform bank.refuse_order('pay_entry_names_a_plan', 'pay_entry',
    format('%s was paid by no plan yet, and there are %s plans', (select e.number from bank.employee as e where e.employee_id = person),
      coalesce(cardinality(others), 0)), 'Name the plan.');
  return null;
end
$$;
comment on function bank.plan_that_pays(integer, text) is 'The plan whose runs pay what is decided for a person: the one that is named, the last that paid them, or the only one there is';

create or replace function bank.entries_for_pay(of_month date, of_plan text)
returns table (employee_id integer, class text, record text, amount numeric, reason text)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  known_at constant timestamptz := bank.known_at();
begin
  perform bank.require_role('hr');
  return query
  select n.employee_id, n.class, n.record, n.amount, n.reason
  from bank.pay_entry as n
  where n.month = of_month and n.plan_code = of_plan and n.recorded_at <= known_at
    and (n.superseded_at is null or n.superseded_at > known_at)
  order by n.employee_id, n.class collate "C", n.record collate "C";
end
$$;
comment on function bank.entries_for_pay(date, text) is 'The amounts that were decided for people and are paid by the run of a month';

create or replace function bank.check_pay_entries() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  perform bank.lock_pay_runs(c.code) from (select distinct n.plan_code as code from changed as n order by 1) as c;
  select e.number, n.class, n.month, n.plan_code into wrong
  from changed as n
  join bank.employee as e using (employee_id)
  join bank.pay_run as r on r.month = n.month
  join bank.plan as p on p.plan_id = r.plan_id and p.code = n.plan_code
  join bank.pay_posting as q on q.pay_run_id = r.pay_run_id
  limit 1;
  if found then
    perform bank.refuse_order('pay_entry_month_is_open', 'pay_entry',
      format('the pay of %s by the plan %s is posted, so nothing more is decided for %s in it', to_char(wrong.month, 'YYYY-MM'),
        wrong.plan_code, wrong.number),
      format('Take %s or a later month.', to_char(bank.next_pay_month(wrong.plan_code), 'YYYY-MM')), 'restrict_violation');
  end if;
  if tg_op = 'UPDATE' then
    return null;
  end if;
  select n.accountability_id, n.amount, a.employee_id is distinct from n.employee_id as is_anothers, a.withdrawn_at into wrong
  from changed as n
  join bank.accountability as a using (accountability_id)
  where a.employee_id <> n.employee_id or (n.amount < 0) <> (a.withdrawn_at is null) limit 1;
  if found then
    perform bank.refuse_order('recovery_rests_on_a_record_that_counts', 'pay_entry',
      format('record %s of accountability %s', wrong.accountability_id,
        case when wrong.is_anothers then 'is about another person' when wrong.amount < 0 then 'was withdrawn' else 'counts still' end),
      'See the records with banyan accountability list --all.');
  end if;
  select n.accountability_id into wrong from changed as n
  where n.class = 'clawback' and n.amount < 0
    and (bank.approval_rule_for('pay_clawback', -n.amount, bank.access_day())).approval_rule_id is not null
    and not bank.approval_is_applied('pay_clawback', n.accountability_id::text) limit 1;
  if found then
    perform bank.refuse_order('pay_clawback_is_approved', 'pay_entry', 'pay is taken back by an approval',
      'Propose it with banyan pay clawback, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_pay_entries() is 'Trigger: nothing is decided for a month that is posted, and a recovery rests on a record that counts and, while a rule asks for one, on an approval';
create or replace trigger pay_entry_after_insert after insert on bank.pay_entry
  referencing new table as changed for each statement execute function bank.check_pay_entries();
create or replace trigger pay_entry_after_update after update on bank.pay_entry
  referencing new table as changed for each statement execute function bank.check_pay_entries();

create or replace function bank.guard_pay_entry() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.superseded_at is null and new.superseded_at is not null
    and (to_jsonb(old) - 'superseded_at') = (to_jsonb(new) - 'superseded_at') then
    return new;
  end if;
  raise exception using
    errcode = 'restrict_violation',
    message = format('%s of bank.pay_entry is refused: what was decided is superseded, never changed', lower(tg_op)),
    hint = 'Decide another amount; the old one stays on record.';
end
$$;
comment on function bank.guard_pay_entry() is 'Trigger: of an entry only its end of belief may be set, once';
create or replace trigger pay_entry_only_supersedes before update or delete on bank.pay_entry
  for each row execute function bank.guard_pay_entry();
create or replace trigger pay_entry_is_not_truncated before truncate on bank.pay_entry
  for each statement execute function bank.refuse_alteration(
    'pay_entries_stay', 'what was decided stays on record', 'Decide another amount instead.');
