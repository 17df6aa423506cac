-- Departures by file: who leaves, how the items of the list are settled, and the steps of the audit.

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

create or replace function bank.departure_of(person text) returns bank.departure
language plpgsql stable as $$
declare
  found_departure bank.departure;
begin
  select * into found_departure from bank.departure as d
  where d.employee_id = bank.require_employee(person)
  order by d.departure_id desc limit 1;
  if found_departure.departure_id is null then
    perform bank.refuse_order('departure_is_known', 'departure', format('there is no departure of %s on record', person),
      'Open it first, or correct the number.', 'foreign_key_violation');
  end if;
  return found_departure;
end
$$;
comment on function bank.departure_of(text) is 'The last departure of a person; refuses where there is none';

create or replace function bank.order_departure_item(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  departure bigint;
  item record;
  is_new boolean := false;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    employee_number text, item integer, description text, settled_by text, settlement text);
  if num_nonnulls(asked.item, asked.description) <> 1 or num_nonnulls(asked.settled_by, asked.settlement) = 1
    or (asked.item is not null and asked.settlement is null)
  then
    perform bank.refuse_order('departure_item_is_named', 'departure_item',
      'a row settles an item by its number on the list, or it adds a matter in words, which may be settled at once',
      'Give either item or description, and who settled it with how, or neither.');
  end if;
  departure := (bank.departure_of(asked.employee_number)).departure_id;
  select i.item_number, i.settlement, i.settled_by_id into item from bank.departure_item as i
  where i.departure_id = departure and case when asked.item is not null then i.item_number = asked.item
    else (i.kind, i.description) = ('other', asked.description) end;
  if not found and asked.item is null then
    is_new := true;
    item.item_number := bank.add_departure_item(departure, asked.description);
  end if;
  if asked.settlement is null or (item.settlement = asked.settlement
    and item.settled_by_id = bank.require_employee(asked.settled_by))
  then
    return is_new;
  end if;
  perform bank.settle_departure_item(departure, coalesce(item.item_number, asked.item), asked.settled_by, asked.settlement);
  return true;
end
$$;
comment on function bank.order_departure_item(jsonb[], bigint) is 'Settles the item of one line of a file, or adds a matter of the auditor''s own, unless that was done';

create or replace function bank.order_departure_step(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  known bank.departure;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    employee_number text, step text, auditor text, opinion text, released_on date, reason text);
  if array[asked.auditor is not null, asked.opinion is not null, asked.released_on is not null, asked.reason is not null]
    <> (case asked.step when 'close' then '{t,t,f,f}' when 'release' then '{f,f,t,f}' when 'withdraw' then '{f,f,f,t}'
      else '{f,f,f,f}' end)::boolean[]
  then
    perform bank.refuse_order('departure_step_is_whole', 'departure',
      format('the step %s of %s takes %s', asked.step, asked.employee_number, case asked.step
        when 'close' then 'auditor and opinion and nothing else' when 'release' then 'released_on and nothing else'
        when 'withdraw' then 'reason and nothing else' else 'no other column' end),
      'Fill in what is missing, and leave the other columns empty.');
  end if;
  known := bank.departure_of(asked.employee_number);
  if (asked.step = 'close' and (known.auditor_id, known.audit_opinion) = (bank.require_employee(asked.auditor), asked.opinion))
    or (asked.step = 'release' and known.released_on = asked.released_on)
    or (asked.step = 'withdraw' and known.withdrawn_reason = asked.reason)
  then
    return false;
  end if;
  case asked.step
    when 'refresh' then return bank.refresh_departure(known.departure_id) > 0;
    when 'close' then perform bank.close_departure_audit(known.departure_id, asked.auditor, asked.opinion);
    when 'release' then perform bank.release_departure(known.departure_id, asked.released_on);
    else perform bank.withdraw_departure(known.departure_id, asked.reason);
  end case;
  return true;
end
$$;
comment on function bank.order_departure_step(jsonb[], bigint) is 'Takes the step of one line of a file: brings the list of a departure up to date, closes its audit, releases the person, or calls it off, unless that was done';
