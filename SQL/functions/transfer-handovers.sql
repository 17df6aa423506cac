-- Handover records: an item list, three people, three signatures, and the receiver's opinion afterwards.

create or replace function bank.open_handover(
  about text, giver text, receiver text, witness text, planned_on date, for_transfer bigint default null,
  for_departure bigint default null, called text default null) returns bigint
language plpgsql as $$
declare
  handover bigint;
  moved bank.transfer;
  namesake bank.handover;
begin
  select * into namesake from bank.handover as h where h.reference = called;
  if found then
    perform bank.refuse_order('handover_reference_is_unique', 'handover',
      format('the reference %s is that of handover %s on %s: %s', called, namesake.handover_id, namesake.planned_on,
        namesake.subject),
      'Use another reference.', 'unique_violation');
  end if;
  if for_transfer is not null then
    perform bank.require_number('transfer', for_transfer);
    select * into moved from bank.transfer as t where t.transfer_id = for_transfer;
    if moved.giver_id <> bank.require_employee(giver) or not exists (
      select 1 from bank.transfer_receiver as r
      where r.transfer_id = for_transfer and r.employee_id = bank.require_employee(receiver))
    then
      perform bank.refuse_order('handover_is_between_those_of_the_transfer', 'handover',
        format('%s and %s are not giver and receiver of %s', giver, receiver, bank.transfer_name(for_transfer)),
        'Name those of the transfer: banyan transfer show lists them.');
    end if;
  end if;
  insert into bank.handover
    (subject, transfer_id, departure_id, giver_id, receiver_id, witness_id, planned_on, reference)
  values (about, for_transfer, for_departure, bank.require_employee(giver), bank.require_employee(receiver),
    bank.require_employee(witness), open_handover.planned_on, called)
  returning handover_id into handover;
  if for_transfer is not null then
    insert into bank.handover_item (handover_id, item_number, kind, description, reference, quantity)
    values (handover, 1, 'clients', format('clients and accounts of transfer %s by its list', for_transfer),
      for_transfer::text, moved.clients);
  end if;
  return handover;
end
$$;
comment on function bank.open_handover(text, text, text, text, date, bigint, bigint, text) is 'Plans a handover between a giver and a receiver before a third person, with a reference that files may name it by; with a transfer, its list of clients is the first item. Returns its number';

create or replace function bank.require_handover(handover bigint) returns bank.handover
language plpgsql as $$
declare
  found_handover bank.handover;
begin
  perform bank.require_number('handover', handover);
  select * into found_handover from bank.handover as h where h.handover_id = handover for update;
  return found_handover;
end
$$;
comment on function bank.require_handover(bigint) is 'A handover by number, locked; refuses one that nobody knows';

create or replace function bank.add_handover_item(
  handover bigint, kind bank.handover_item_kind, about text, refers_to text default null, how_many integer default 1)
returns integer
language plpgsql as $$
declare
  added integer;
begin
  perform bank.require_handover(handover);
  insert into bank.handover_item (handover_id, item_number, kind, description, reference, quantity)
  select handover, coalesce(max(i.item_number), 0) + 1, add_handover_item.kind, about, refers_to, how_many
  from bank.handover_item as i where i.handover_id = handover
  returning item_number into added;
  return added;
end
$$;
comment on function bank.add_handover_item(bigint, bank.handover_item_kind, text, text, integer) is 'Adds something to the list of a handover; returns its number on the list';

create or replace function bank.pass_handover_items(
  handover bigint, items integer[] default null, given date default null, received date default null,
  what_is_wrong text default null) returns bigint
language plpgsql as $$
declare
  passed bigint;
begin
  perform bank.require_handover(handover);
  update bank.handover_item as i
  set given_on = coalesce(given, i.given_on), received_on = coalesce(received, i.received_on),
    finding = coalesce(what_is_wrong, i.finding)
  where i.handover_id = handover and (items is null or i.item_number = any (items));
  get diagnostics passed = row_count;
  if passed < cardinality(items) or passed = 0 then
    perform bank.refuse_order('handover_item_is_known', 'handover_item',
      format('handover %s has %s', handover, case when passed = 0 then 'no such items' else 'not all of these items' end),
      format('See the list with banyan handover show %s.', handover));
  end if;
  return passed;
end
$$;
comment on function bank.pass_handover_items(bigint, integer[], date, date, text) is 'Records that items, or all of the list, were given, received, or what is missing or wrong about them; returns how many';

create or replace function bank.sign_handover(handover bigint, signer text, signed_on date default current_date) returns text
language plpgsql as $$
declare
  record_of constant bank.handover := bank.require_handover(handover);
  person constant integer := bank.require_employee(signer);
  waiting record;
  signed_as constant text := case person when record_of.giver_id then 'giver' when record_of.receiver_id then 'receiver'
    when record_of.witness_id then 'witness' end;
begin
  if signed_as is null then
    perform bank.refuse_order('handover_is_signed_by_its_three', 'handover',
      format('%s has no part in handover %s', signer, handover), 'Giver, receiver and witness sign it.');
  elsif signed_on > current_date then
    perform bank.refuse_order('handover_is_signed_today_or_before', 'handover',
      format('handover %s cannot be signed on %s, which is to come', handover, signed_on), 'Sign it on the day.');
  end if;
  select count(*) as many, min(i.item_number) as first_item into waiting
  from bank.handover_item as i
  where i.handover_id = handover and i.finding is null
    and case signed_as when 'giver' then i.given_on is null else i.received_on is null end;
  if waiting.many > 0 then
    perform bank.refuse_order('handover_items_have_passed', 'handover',
      format('%s cannot sign handover %s: %s %s not %s, first item %s', signer, handover, waiting.many,
        case waiting.many when 1 then 'item was' else 'items were' end,
        case signed_as when 'giver' then 'given' else 'received' end, waiting.first_item),
      'Record that they passed, or what is missing: banyan handover pass.');
  end if;
  update bank.handover as h
  set giver_signed_on = case signed_as when 'giver' then signed_on else h.giver_signed_on end,
    receiver_signed_on = case signed_as when 'receiver' then signed_on else h.receiver_signed_on end,
    witness_signed_on = case signed_as when 'witness' then signed_on else h.witness_signed_on end,
    opinion_due_on = case signed_as when 'receiver'
      then signed_on + bank.control_limit_on('handover_opinion_days', signed_on) else h.opinion_due_on end
  where h.handover_id = handover;
  return signed_as;
end
$$;
comment on function bank.sign_handover(bigint, text, date) is 'Giver, receiver or witness signs, in that order for the witness; the items must have passed. Returns as what the person signed';

create or replace function bank.write_handover_opinion(
  handover bigint, written_by text, what text, written_on date default current_date) returns void
language plpgsql as $$
declare
  record_of constant bank.handover := bank.require_handover(handover);
begin
  if record_of.receiver_id <> bank.require_employee(written_by) then
    perform bank.refuse_order('handover_opinion_is_the_receivers', 'handover',
      format('%s did not receive handover %s', written_by, handover), 'The receiver writes the opinion.');
  end if;
  update bank.handover as h set opinion = coalesce(what, ''), opinion_on = written_on where h.handover_id = handover;
end
$$;
comment on function bank.write_handover_opinion(bigint, text, text, date) is 'The receiver writes what following up and looking into the matter has shown';

create or replace function bank.check_handovers() returns trigger
language plpgsql as $$
declare
  wrong bigint;
begin
  select o.handover_id into wrong
  from earlier as o join later as n using (handover_id)
  where (o.giver_id, o.receiver_id, o.witness_id, o.subject) is distinct from (n.giver_id, n.receiver_id, n.witness_id, n.subject)
    or (o.giver_signed_on is not null and o.giver_signed_on is distinct from n.giver_signed_on)
    or (o.receiver_signed_on is not null and o.receiver_signed_on is distinct from n.receiver_signed_on)
    or (o.witness_signed_on is not null and o.witness_signed_on is distinct from n.witness_signed_on)
    or (o.opinion is not null and o.opinion is distinct from n.opinion)
  limit 1;
  if found then
    perform bank.refuse_order('handover_stays_as_signed', 'handover',
      format('handover %s: what was signed or written stays as it is', wrong),
      'Open another handover for what was left out.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_handovers() is 'Trigger: signatures and opinions are given once';
create or replace trigger handover_after_update after update on bank.handover
  referencing old table as earlier new table as later for each statement execute function bank.check_handovers();

create or replace function bank.check_handover_items() returns trigger
language plpgsql as $$
declare
  wrong bigint;
begin
  select h.handover_id into wrong
  from changed as i join bank.handover as h using (handover_id)
  where h.receiver_signed_on is not null or (tg_op = 'INSERT' and h.giver_signed_on is not null)
  limit 1;
  if found then
    perform bank.refuse_order('handover_stays_as_signed', 'handover_item',
      format('the list of handover %s was signed and stays as it is', wrong),
      'Open another handover for what was left out.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_handover_items() is 'Trigger: a list that was signed stays as it is';
create or replace trigger handover_item_after_insert after insert on bank.handover_item
  referencing new table as changed for each statement execute function bank.check_handover_items();
create or replace trigger handover_item_after_update after update on bank.handover_item
  referencing new table as changed for each statement execute function bank.check_handover_items();
create or replace trigger handover_stays before delete or truncate on bank.handover
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger handover_item_stays before delete or truncate on bank.handover_item
  for each statement execute function bank.refuse_org_deletion();
