-- Handovers by file: who hands what to whom before whom, the items with their days, signatures and opinions.

create or replace function bank.handover_by_reference(of_reference text) returns bank.handover
language plpgsql stable as $$
declare
  known bank.handover;
begin
  select * into known from bank.handover as h where h.reference = of_reference;
  if known.handover_id is null then
    perform bank.refuse_order('handover_is_known', 'handover', format('there is no handover “%s” on record', of_reference),
      'Send it first, or correct the reference.', 'foreign_key_violation');
  end if;
  return known;
end
$$;
comment on function bank.handover_by_reference(text) is 'A handover by what the file or person that planned it calls it; refuses one that nobody knows';

create or replace function bank.order_handover(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  known bank.handover;
  handover bigint;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    reference text, subject text, giver text, receiver text, witness text, planned_on date, transfer_reference text,
    leaver text);
  select * into known from bank.handover as h where h.reference = asked.reference;
  if (known.giver_id, known.receiver_id, known.witness_id, known.planned_on) = (bank.require_employee(asked.giver),
    bank.require_employee(asked.receiver), bank.require_employee(asked.witness), asked.planned_on)
  then
    return false;
  end if;
  handover := bank.open_handover(asked.subject, asked.giver, asked.receiver, asked.witness, asked.planned_on,
    case when asked.transfer_reference is not null then (bank.transfer_by_reference(asked.transfer_reference)).transfer_id end,
    case when asked.leaver is not null then (bank.departure_of(asked.leaver)).departure_id end, asked.reference);
  update bank.handover as h set batch_id = batch where h.handover_id = handover;
  return true;
end
$$;
comment on function bank.order_handover(jsonb[], bigint) is 'Plans the handover of one line of a file, unless it is on record';

create or replace function bank.order_handover_item(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  known bank.handover;
  item bank.handover_item;
  is_new boolean := false;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    reference text, item integer, kind text, description text, item_reference text, quantity integer, given_on date,
    received_on date, finding text);
  known := bank.handover_by_reference(asked.reference);
  if (asked.item is null) <> (num_nulls(asked.kind, asked.description) = 0) then
    perform bank.refuse_order('handover_item_is_named', 'handover_item',
      'a row names an item by its number on the list, or it adds one and says its kind and what it is',
      'Give either item, or kind and description.');
  end if;
  select * into item from bank.handover_item as i
  where i.handover_id = known.handover_id and case when asked.item is not null then i.item_number = asked.item
    else (i.kind::text, i.description) = (asked.kind, asked.description) and i.reference is not distinct from asked.item_reference end;
  if not found and asked.item is null then
    is_new := true;
    item.item_number := bank.add_handover_item(known.handover_id, asked.kind::bank.handover_item_kind, asked.description,
      asked.item_reference, coalesce(asked.quantity, 1));
  end if;
  if coalesce(asked.given_on <> item.given_on, asked.given_on is not null and item.given_on is null)
    or coalesce(asked.received_on <> item.received_on, asked.received_on is not null and item.received_on is null)
    or coalesce(asked.finding <> item.finding, asked.finding is not null and item.finding is null)
    or (item.handover_id is null and not is_new)
  then
    perform bank.pass_handover_items(known.handover_id, array[coalesce(item.item_number, asked.item)], asked.given_on,
      asked.received_on, asked.finding);
    return true;
  end if;
  return is_new;
end
$$;
comment on function bank.order_handover_item(jsonb[], bigint) is 'Adds the item of one line of a file to the list of a handover, unless it is there, and records that it was given, received, or what is wrong with it';

create or replace function bank.order_handover_signature(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  known bank.handover;
  person integer;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    reference text, employee_number text, signed_on date, opinion text);
  known := bank.handover_by_reference(asked.reference);
  person := bank.require_employee(asked.employee_number);
  if asked.opinion is not null then
    if person = known.receiver_id and (known.opinion, known.opinion_on) = (asked.opinion, asked.signed_on) then
      return false;
    end if;
    perform bank.write_handover_opinion(known.handover_id, asked.employee_number, asked.opinion, asked.signed_on);
  else
    if asked.signed_on = (case person when known.giver_id then known.giver_signed_on
      when known.receiver_id then known.receiver_signed_on when known.witness_id then known.witness_signed_on end)
    then
      return false;
    end if;
    perform bank.sign_handover(known.handover_id, asked.employee_number, asked.signed_on);
  end if;
  return true;
end
$$;
comment on function bank.order_handover_signature(jsonb[], bigint) is 'Signs a handover for the person of one line of a file, or, where it has an opinion, writes that of the receiver, unless that was done';
