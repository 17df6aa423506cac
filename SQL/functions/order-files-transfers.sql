-- Transfers by file, and the answers to them.

create or replace function bank.order_transfer(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  known bank.transfer;
  transfer bigint;
begin
  select array_agg(distinct x.receiver) as receivers, array_agg(distinct x.number) filter (where x.number is not null) as numbers,
    count(*) filter (where x.number is null) as without_number,
    count(distinct row(x.giver, x.effective_on, x.effective_until, x.cause, x.proposed_by, x.unit_code, x.problem_loans,
      x.head, x.balances_move)) as headers,
    min(x.reference) as reference, min(x.giver) as giver, min(x.effective_on) as effective_on,
    min(x.effective_until) as effective_until, min(x.cause) as cause, min(x.proposed_by) as proposed_by,
    min(x.unit_code) as unit_code, coalesce(min(x.problem_loans), 'move') as problem_loans, min(x.head) as head,
    coalesce(min(x.balances_move), 'yes') = 'yes' as balances_move
  into asked
  from unnest(lines) as l (line)
  cross join lateral (
    select y.*, coalesce(y.client_number, y.account_number) as number
    from jsonb_to_record(l.line) as y (
      reference text, giver text, receiver text, effective_on date, effective_until date, cause text, proposed_by text,
      unit_code text, client_number text, account_number text, problem_loans text, head text, balances_move text)
  ) as x;
  if asked.headers > 1 then
    perform bank.refuse_order('transfer_reference_is_unique', 'transfer',
      format('the lines of transfer %s differ in more than receiver and client', asked.reference),
      'Give one giver, day, cause, proposer, unit and treatment of problem loans and balances.');
  elsif asked.without_number > 0 and asked.numbers is not null then
    perform bank.refuse_order('transfer_moves_something', 'transfer',
      format('some lines of transfer %s name a client or account and others none', asked.reference),
      'Name one in each line, or in none to move everything.');
  end if;
  select * into known from bank.transfer as t where t.reference = asked.reference;
  if known.transfer_id is not null then
    if (known.giver_id, known.effective_on) = (bank.require_employee(asked.giver), asked.effective_on) then
      return false;
    end if;
    perform bank.refuse_order('transfer_reference_is_unique', 'transfer',
      format('the reference %s is that of %s on %s', asked.reference, bank.transfer_name(known.transfer_id), known.effective_on),
      'Use another reference, or withdraw that transfer first.', 'unique_violation');
  end if;
  transfer := bank.propose_transfer(asked.giver, asked.receivers, asked.effective_on, asked.cause, asked.proposed_by,
    asked.unit_code, asked.numbers, asked.problem_loans::bank.problem_loans, asked.head, asked.balances_move,
    asked.effective_until);
  update bank.transfer as t set reference = asked.reference, batch_id = batch where t.transfer_id = transfer;
  return true;
end
$$;
comment on function bank.order_transfer(jsonb[], bigint) is 'Proposes the transfer of the lines of a file that share a reference, unless it is on record';

create or replace function bank.transfer_by_reference(of_reference text) returns bank.transfer
language plpgsql stable as $$
declare
  known bank.transfer;
begin
  select * into known from bank.transfer as t where t.reference = of_reference;
  if known.transfer_id is null then
    perform bank.refuse_order('transfer_is_known', 'transfer', format('there is no transfer “%s” on record', of_reference),
      'Send it first, or correct the reference.', 'foreign_key_violation');
  end if;
  return known;
end
$$;
comment on function bank.transfer_by_reference(text) is 'A transfer by what the file that proposed it calls it; refuses one that nobody knows';

create or replace function bank.order_transfer_answer(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  known bank.transfer;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    reference text, employee_number text, answer text, reason text);
  known := bank.transfer_by_reference(asked.reference);
  if asked.answer = 'accept' then
    if exists (
      select 1 from bank.transfer_receiver as r
      where r.transfer_id = known.transfer_id and r.employee_id = bank.require_employee(asked.employee_number)
        and r.accepted_at is not null)
    then
      return false;
    end if;
    perform bank.accept_transfer(known.transfer_id, asked.employee_number);
  elsif asked.answer = 'apply' then
    if known.state = 'effective' then
      return false;
    end if;
    perform bank.apply_transfer(known.transfer_id);
  else
    if known.state::text = (case asked.answer when 'refuse' then 'refused' else 'withdrawn' end) then
      return false;
    end if;
    perform bank.close_transfer(known.transfer_id,
      case asked.answer when 'refuse' then 'refused' else 'withdrawn' end::bank.transfer_state, asked.employee_number,
      asked.reason);
  end if;
  return true;
end
$$;
comment on function bank.order_transfer_answer(jsonb[], bigint) is 'Gives the answer of one line of a file to a transfer, unless it was given';
