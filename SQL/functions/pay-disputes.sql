-- Disputes about pay: opened by the person or for them, routed, answered within days; what is accepted is paid by the
-- next run, with the dispute named.

create or replace function bank.open_dispute(
  person text, of_month date, of_plan text, line integer, what text, how_much numeric) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  who constant integer := bank.require_employee(person);
  today constant date := bank.access_day();
  place record;
  number bigint;
begin
  if bank.acting_person() is distinct from who then
    perform bank.require_role('hr');
  end if;
  select r.pay_run_id, s.branch_id, count(*) over () as runs into place
  from bank.pay_run as r
  join bank.plan as p using (plan_id)
  join bank.pay_statement as s on s.pay_run_id = r.pay_run_id and s.employee_id = who
  where r.month = of_month and r.part_of_id is null and (of_plan is null or p.code = of_plan)
    and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
  order by r.pay_run_id desc limit 1;
  if not found then
    perform bank.refuse_order('dispute_is_about_a_statement', 'pay_dispute',
      format('%s has no statement for %s', person, to_char(of_month, 'YYYY-MM')), 'Check the month.', 'foreign_key_violation');
  elsif place.runs > 1 then
    perform bank.refuse_order('dispute_names_a_plan', 'pay_dispute',
      format('%s has %s statements for %s', person, place.runs, to_char(of_month, 'YYYY-MM')), 'Name the plan.');
  elsif line is not null and not exists (
    select 1 from bank.pay_line as l
    where l.branch_id = place.branch_id and l.pay_run_id = place.pay_run_id and l.employee_id = who and l.line_number = line) then
    perform bank.refuse_order('dispute_is_about_a_line', 'pay_dispute',
      format('the statement of %s for %s has no line %s', person, to_char(of_month, 'YYYY-MM'), line),
      'See the lines with banyan pay explain.', 'foreign_key_violation');
  end if;
  insert into bank.pay_dispute (branch_id, employee_id, pay_run_id, line_number, claim, wanted, opened_by_id, opened_on, due_on)
  values (place.branch_id, who, place.pay_run_id, line, what, how_much, bank.acting_person(), today,
    today + bank.control_limit_on('pay_dispute_answer_days', today))
  returning dispute_id into number;
  return number;
end
$$;
comment on function bank.open_dispute(text, date, text, integer, text, numeric) is 'The person, or HR for them, objects to a line of a statement, or to all of it; returns the number of the dispute';

create or replace function bank.known_dispute(number bigint) returns bank.pay_dispute
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known bank.pay_dispute;
begin
  select * into known from bank.pay_dispute as d where d.dispute_id = number for update;
  if not found then
    perform bank.refuse_order('dispute_is_known', 'pay_dispute', format('there is no dispute %s on record', number),
      'See the numbers with banyan pay dispute list.', 'foreign_key_violation');
  elsif known.answered_at is not null then
    perform bank.refuse_order('dispute_is_open', 'pay_dispute', format('dispute %s was answered on %s', number, known.answered_at::date),
      'Open another one if something is wrong still.', 'restrict_violation');
  elsif known.withdrawn_at is not null then
    perform bank.refuse_order('dispute_is_open', 'pay_dispute', format('dispute %s was withdrawn on %s', number, known.withdrawn_at::date),
      'Open another one if something is wrong still.', 'restrict_violation');
  end if;
  return known;
end
$$;
comment on function bank.known_dispute(bigint) is 'A dispute that is open, locked; refuses any other';

create or replace function bank.route_dispute(number bigint, to_person text, why text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known constant bank.pay_dispute := bank.known_dispute(number);
  handler constant integer := bank.require_employee(to_person);
begin
  perform bank.require_role('hr');
  if handler = known.employee_id then
    perform bank.refuse_order('pay_dispute_answer_is_anothers', 'pay_dispute_routing',
      format('dispute %s is about the pay of %s', number, to_person), 'Let another person look into it.');
  end if;
  insert into bank.pay_dispute_routing (branch_id, dispute_id, position, handler_id, reason)
  select known.branch_id, number, 1 + count(*), handler, why
  from bank.pay_dispute_routing as r where r.branch_id = known.branch_id and r.dispute_id = number;
end
$$;
comment on function bank.route_dispute(bigint, text, text) is 'Says who is to look into a dispute; another person takes over when it is said again';

create or replace function bank.answer_dispute(
  number bigint, accepts boolean, how_much numeric, why text, named text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known constant bank.pay_dispute := bank.known_dispute(number);
  who_answers constant integer := bank.acting_or_named(named);
  paying_plan constant text := (
    select p.code from bank.pay_run as r join bank.plan as p using (plan_id) where r.pay_run_id = known.pay_run_id);
  person constant text := (select e.number from bank.employee as e where e.employee_id = known.employee_id);
  waiting bigint;
begin
  return bank.settle_dispute(known, accepts, how_much, why, who_answers, paying_plan, person);
end
$$;
comment on function bank.answer_dispute(bigint, boolean, numeric, text, text) is 'HR accepts a dispute, with what is paid, or rejects it, with the reasons. Returns the number of the dispute, or the number of the approval it waits for, as a negative number';

create or replace function bank.settle_dispute(
  known bank.pay_dispute, accepts boolean, how_much numeric, why text, who_answers integer, paying_plan text, person text)
returns bigint
language plpgsql as $$
declare
  waiting bigint;
begin
  if not bank.approval_is_applied('pay_dispute_acceptance', known.dispute_id::text) then
    perform bank.require_role('hr');
  end if;
  if who_answers = known.employee_id then
    perform bank.refuse_order('pay_dispute_answer_is_anothers', 'pay_dispute',
      format('dispute %s is about the pay of %s', known.dispute_id, person), 'Let another person answer it.');
  end if;
  if accepts then
    if coalesce(how_much, 0) = 0 then
      perform bank.refuse_order('pay_dispute_accepted_says_how_much', 'pay_dispute',
        format('the acceptance of dispute %s says no amount', known.dispute_id), 'Say what is paid, other than zero.');
    end if;
    waiting := bank.await_approval('pay_dispute_acceptance', known.dispute_id::text,
      format('dispute %s of %s is accepted', known.dispute_id, person),
      jsonb_build_object('dispute', known.dispute_id, 'amount', how_much, 'reason', why, 'by', who_answers), abs(how_much), who_answers,
      array[known.employee_id], why);
    if waiting is not null then
      return -waiting;
    end if;
  end if;
  update bank.pay_dispute as d
  set is_accepted = accepts, answer = why, amount = case when accepts then how_much end, answered_by_id = who_answers,
    answered_by = session_user, answered_at = clock_timestamp()
  where d.branch_id = known.branch_id and d.dispute_id = known.dispute_id;
  if accepts then
    insert into bank.pay_entry (branch_id, employee_id, plan_code, month, class, record, amount, reason, dispute_id)
    values (known.branch_id, known.employee_id, paying_plan, bank.next_pay_month(paying_plan), 'dispute',
      'dispute ' || known.dispute_id, how_much, format('Dispute %s: %s', known.dispute_id, why), known.dispute_id);
  end if;
  return known.dispute_id;
end
$$;
comment on function bank.settle_dispute(bank.pay_dispute, boolean, numeric, text, integer, text, text) is 'Answers a dispute, or proposes that where its acceptance needs a second person';

create or replace function bank.apply_pay_dispute_answer(request jsonb) returns text
language plpgsql as $$
declare
  known constant bank.pay_dispute := bank.known_dispute((request ->> 'dispute')::bigint);
begin
  return bank.settle_dispute(known, true, (request ->> 'amount')::numeric, request ->> 'reason', (request ->> 'by')::integer, (
      select p.code from bank.pay_run as r join bank.plan as p using (plan_id) where r.pay_run_id = known.pay_run_id), (
      select e.number from bank.employee as e where e.employee_id = known.employee_id))::text;
end
$$;
comment on function bank.apply_pay_dispute_answer(jsonb) is 'Accepts a dispute as it was approved';

create or replace function bank.withdraw_dispute(number bigint, why text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  known constant bank.pay_dispute := bank.known_dispute(number);
begin
  if bank.acting_person() is distinct from known.employee_id then
    perform bank.require_role('hr');
  end if;
  update bank.pay_dispute as d
  set withdrawn_reason = coalesce(why, ''), withdrawn_by = session_user, withdrawn_at = clock_timestamp()
  where d.branch_id = known.branch_id and d.dispute_id = number;
end
$$;
comment on function bank.withdraw_dispute(bigint, text) is 'The person, or HR for them, takes a dispute back, with a reason';

create or replace function bank.check_disputes() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select o.dispute_id into wrong
  from earlier as o left join later as n using (branch_id, dispute_id)
  where o.answered_at is not null or o.withdrawn_at is not null
    or (to_jsonb(o) - '{is_accepted,answer,amount,answered_by_id,answered_by,answered_at,withdrawn_reason,withdrawn_by,withdrawn_at}'::text[])
      is distinct from
       (to_jsonb(n) - '{is_accepted,answer,amount,answered_by_id,answered_by,answered_at,withdrawn_reason,withdrawn_by,withdrawn_at}'::text[])
  limit 1;
  if found then
    perform bank.refuse_order('dispute_stays_as_it_is', 'pay_dispute', format('dispute %s stays as it was recorded', wrong.dispute_id),
      'It is answered or withdrawn, once.', 'restrict_violation');
  end if;
  select n.dispute_id into wrong from later as n
  where n.is_accepted and (bank.approval_rule_for('pay_dispute_acceptance', abs(n.amount), bank.access_day())).approval_rule_id is not null
    and not bank.approval_is_applied('pay_dispute_acceptance', n.dispute_id::text) limit 1;
  if found then
    perform bank.refuse_order('dispute_is_accepted_by_approval', 'pay_dispute', format('dispute %s is accepted by an approval', wrong.dispute_id),
      'Propose it with banyan pay dispute answer, and let another person approve it.');
  end if;
  return null;
end
$$;
comment on function bank.check_disputes() is 'Trigger: a dispute is answered or withdrawn once, and while a rule asks for one, accepted by an approval';
create or replace trigger pay_dispute_after_update after update on bank.pay_dispute
  referencing old table as earlier new table as later for each statement execute function bank.check_disputes();
create or replace trigger pay_dispute_stays before delete or truncate on bank.pay_dispute
  for each statement execute function bank.refuse_alteration(
    'disputes_stay', 'what was objected to and answered stays on record', 'Open another dispute instead.');
create or replace trigger pay_dispute_routing_stays before update or delete or truncate on bank.pay_dispute_routing
  for each statement execute function bank.refuse_alteration(
    'disputes_stay', 'what was objected to and answered stays on record', 'Open another dispute instead.');
