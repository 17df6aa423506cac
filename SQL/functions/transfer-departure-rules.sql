-- What keeps departures in order, whoever writes them.

create or replace function bank.check_departures() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select o.departure_id into wrong
  from earlier as o join later as n using (departure_id)
  where o.released_at is not null or o.withdrawn_at is not null
    or (o.closed_at is not null and (o.auditor_id, o.audit_opinion, o.closed_at) is distinct from (n.auditor_id, n.audit_opinion, n.closed_at))
    or (o.employee_id, o.kind, o.leaves_on, o.opened_by_id, o.opened_at) is distinct from
      (n.employee_id, n.kind, n.leaves_on, n.opened_by_id, n.opened_at)
  limit 1;
  if found or (select count(*) from earlier) <> (select count(*) from earlier join later using (departure_id)) then
    perform bank.refuse_order('departure_stays_as_it_is', 'departure',
      format('departure %s stays as it was recorded', wrong.departure_id),
      'Only its audit, its release and its withdrawal are recorded, each once.', 'restrict_violation');
  end if;

  -- The audit is closed when everything on the list is settled, by a person without ties to the leaver.
  select n.departure_id, count(*) as unsettled, min(i.item_number) as first_item into wrong
  from earlier as o join later as n using (departure_id)
  join bank.departure_item as i using (departure_id)
  where o.closed_at is null and n.closed_at is not null and i.settled_at is null
  group by n.departure_id
  limit 1;
  if found then
    perform bank.refuse_order('departure_items_are_settled', 'departure',
      format('the audit of departure %s cannot be closed: %s %s not settled, first item %s', wrong.departure_id,
        wrong.unsettled, case wrong.unsettled when 1 then 'item is' else 'items are' end, wrong.first_item),
      format('Settle them: banyan departure settle %s ITEM.', wrong.departure_id));
  end if;
  select n.departure_id, a.number as auditor, e.number as leaver, r.relation into wrong
  from later as n
  join bank.relationship_declaration as r on r.superseded_at is null
    and daterange(r.effective_from, r.effective_until) @> n.closed_at::date
    and (r.employee_id, r.other_employee_id) in ((n.auditor_id, n.employee_id), (n.employee_id, n.auditor_id))
  join bank.employee as a on a.employee_id = n.auditor_id
  join bank.employee as e on e.employee_id = n.employee_id
  limit 1;
  if found then
    perform bank.refuse_order('departure_auditor_is_not_related', 'departure',
      format('%s cannot audit the departure of %s, to whom a relationship is declared (%s)', wrong.auditor, wrong.leaver,
        wrong.relation),
      'Name another auditor.');
  end if;

  -- Nothing may be the person's when they are gone.
  select n.departure_id, e.number, n.released_on, count(*) as many,
    min(bank.scope_label(row(s.branch_id, s.client_id, s.account_id, s.product_line))) as label
  into wrong
  from earlier as o join later as n using (departure_id)
  join bank.employee as e on e.employee_id = n.employee_id
  join bank.assignment as s on s.employee_id = n.employee_id and s.superseded_at is null
    and (s.effective_until is null or s.effective_until > n.released_on)
  where o.released_at is null and n.released_at is not null
  group by n.departure_id, e.number, n.released_on
  limit 1;
  if found then
    perform bank.refuse_order('departure_leaves_nothing_behind', 'departure',
      format('%s cannot be released on %s: %s of their assignments go on, such as %s', wrong.number, wrong.released_on,
        wrong.many, wrong.label),
      'Transfer them, or end them so that they lie in the pool of their branch.');
  end if;
  select n.departure_id, e.number, h.kind, h.description into wrong
  from earlier as o join later as n using (departure_id)
  join bank.employee as e on e.employee_id = n.employee_id
  cross join lateral bank.departure_holdings(n.employee_id, n.released_on) as h
  where o.released_at is null and n.released_at is not null
    and (h.kind in ('claims', 'transfers', 'handovers', 'team') or (h.kind = 'posts' and n.kind <> 'post_change'))
  limit 1;
  if found then
    perform bank.refuse_order('departure_leaves_nothing_open', 'departure',
      format('%s cannot be released: %s', wrong.number, wrong.description),
      'Complete, hand over or withdraw it first.');
  end if;
  return null;
end
$$;
comment on function bank.check_departures() is 'Trigger: a departure goes one way; the audit is closed once all is settled, and nobody is released who holds anything';
create or replace trigger departure_after_update after update on bank.departure
  referencing old table as earlier new table as later for each statement execute function bank.check_departures();

create or replace function bank.check_departure_begins_open() returns trigger
language plpgsql as $$
begin
  if exists (select 1 from changed as d where d.closed_at is not null) then
    perform bank.refuse_order('departure_begins_open', 'departure',
      'a departure begins with an open audit', 'Open it with bank.open_departure, and close the audit afterwards.');
  end if;
  return null;
end
$$;
comment on function bank.check_departure_begins_open() is 'Trigger: no departure is entered as audited';
create or replace trigger departure_after_insert after insert on bank.departure
  referencing new table as changed for each statement execute function bank.check_departure_begins_open();

create or replace function bank.check_departure_items() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select i.departure_id, i.item_number, e.number into wrong
  from later as i join bank.departure as d using (departure_id) join bank.employee as e using (employee_id)
  where i.settled_by_id = d.employee_id
  limit 1;
  if found then
    perform bank.refuse_order('departure_item_is_settled_by_another', 'departure_item',
      format('%s is leaving and cannot settle item %s of the own departure', wrong.number, wrong.item_number),
      'Name another person.');
  end if;
  select o.departure_id, o.item_number into wrong
  from earlier as o join bank.departure as d using (departure_id)
  where o.settled_at is not null or d.closed_at is not null or d.withdrawn_at is not null
  limit 1;
  if found then
    perform bank.refuse_order('departure_item_stays', 'departure_item',
      format('item %s of departure %s is settled and stays as it is', wrong.item_number, wrong.departure_id),
      'Add another item for what is left.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_departure_items() is 'Trigger: an item is settled once, by somebody other than the leaver';
create or replace trigger departure_item_after_update after update on bank.departure_item
  referencing old table as earlier new table as later
  for each statement execute function bank.check_departure_items();
create or replace trigger departure_stays before delete or truncate on bank.departure
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger departure_item_stays before delete or truncate on bank.departure_item
  for each statement execute function bank.refuse_org_deletion();
