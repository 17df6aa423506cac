-- Files of orders: transfers, the answers to them, claims, departures and groups of clients. Each order is given to
-- the verb that a person would use; one that a rule refuses goes to quarantine with the sentence that the person
-- would have read, and the others are carried out.

create or replace function bank.refusal_sentence(message text, advice text, rule text) returns text
language plpgsql stable as $$
declare
  told text := message;
begin
  -- A plain constraint has no advice; it is told by its comment, which has one after the semicolon.
  if coalesce(advice, '') = '' and rule <> '' then
    select coalesce(min(obj_description(c.oid, 'pg_constraint')), min(obj_description(i.oid, 'pg_class')), message) into told
    from (select 1) as once
    left join pg_constraint as c on c.conname = rule and c.connamespace = 'bank'::regnamespace
    left join pg_class as i on i.relname = rule and i.relkind = 'i' and i.relnamespace = 'bank'::regnamespace;
  end if;
  return rtrim(told, '.') || coalesce('; ' || lower(left(nullif(advice, ''), 1)) || rtrim(substr(advice, 2), '.'), '');
end
$$;
comment on function bank.refusal_sentence(text, text, text) is 'What a rule says in one sentence: message and advice, or, of a plain constraint, its comment';

create or replace function bank.place_incoming_orders(batch bigint, verb regproc, one_order text) returns bigint
language plpgsql as $$
declare
  asked record;
  changed boolean;
  placed bigint := 0;
  message text;
  advice text;
  state text;
  rule text;
begin
  for asked in execute format(
    'select array_agg(to_jsonb(i) order by i.line_number) as lines from incoming as i group by %I order by min(i.line_number)',
    one_order)
  loop
    begin
      execute format('select %s($1, $2)', verb) into changed using asked.lines, batch;
      if changed then
        placed := placed + cardinality(asked.lines);
      end if;
    exception when integrity_constraint_violation or cardinality_violation or no_data_found then
      get stacked diagnostics message = message_text, advice = pg_exception_hint, state = returned_sqlstate,
        rule = constraint_name;
      -- What is not on record may still come; then the file gets another chance.
      insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
      select batch, (l.line ->> 'line_number')::bigint, 1,
        case when state in ('P0002', '23503') then 'IMP-0401' else 'IMP-0403' end,
        case when one_order <> 'line_number' then one_order end, l.line ->> nullif(one_order, 'line_number'),
        bank.refusal_sentence(message, advice, rule)
      from unnest(asked.lines) as l (line);
    end;
  end loop;
  return placed;
end
$$;
comment on function bank.place_incoming_orders(bigint, regproc, text) is 'Gives each incoming order, of one line or of all lines with the same value of a column, to a function that carries it out and says whether anything changed; rejects those that a rule refuses. Returns how many lines changed something';

create or replace function bank.order_claim(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    employee_number text, client_number text, prospect_name text, unit_code text, industry text, size text,
    claimed_on date, evidence text);
  if exists (
    select 1 from bank.client_claim as c
    where c.employee_id = bank.require_employee(asked.employee_number) and c.claimed_on = asked.claimed_on
      and (c.client_number = asked.client_number or c.name_key = bank.name_key(asked.prospect_name)))
  then
    return false;
  end if;
  perform bank.claim_client(asked.employee_number, asked.client_number, asked.prospect_name, asked.unit_code,
    asked.industry, asked.size, asked.claimed_on, asked.evidence);
  return true;
end
$$;
comment on function bank.order_claim(jsonb[], bigint) is 'Lays the claim of one line of a file, unless it is on record';

create or replace function bank.order_departure(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    employee_number text, kind text, leaves_on date, opened_by text, reason text);
  if exists (
    select 1 from bank.departure as d
    where d.employee_id = bank.require_employee(asked.employee_number) and d.kind = asked.kind
      and d.leaves_on = asked.leaves_on and d.withdrawn_at is null)
  then
    return false;
  end if;
  perform bank.open_departure(asked.employee_number, asked.kind, asked.leaves_on, asked.opened_by, asked.reason);
  return true;
end
$$;
comment on function bank.order_departure(jsonb[], bigint) is 'Opens the departure of one line of a file, unless it is on record';

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

create or replace function bank.order_transfer_answer(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  known bank.transfer;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    reference text, employee_number text, answer text, reason text);
  select * into known from bank.transfer as t where t.reference = asked.reference;
  if known.transfer_id is null then
    perform bank.refuse_order('transfer_is_known', 'transfer', format('there is no transfer “%s” on record', asked.reference),
      'Send it first, or correct the reference.', 'foreign_key_violation');
  end if;
  if asked.answer = 'accept' then
    if exists (
      select 1 from bank.transfer_receiver as r
      where r.transfer_id = known.transfer_id and r.employee_id = bank.require_employee(asked.employee_number)
        and r.accepted_at is not null)
    then
      return false;
    end if;
    perform bank.accept_transfer(known.transfer_id, asked.employee_number);
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

create or replace function bank.order_group_member(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    line_number bigint, group_code text, group_name text, client_number text, role text, effective_from date,
    effective_until date);
  return bank.put_in_group(asked.group_code, asked.client_number, coalesce(asked.role, 'member')::bank.group_role,
    asked.effective_from, asked.effective_until, asked.group_name, null, batch, asked.line_number);
end
$$;
comment on function bank.order_group_member(jsonb[], bigint) is 'Puts the client of one line of a file into a group';
