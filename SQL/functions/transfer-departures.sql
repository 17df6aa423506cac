-- Departures: what a person who leaves holds, the audit of it, and the gate that keeps everything in place
-- until the audit is closed.

create or replace function bank.departure_is_open(person integer) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select 1 from bank.departure as d
    where d.employee_id = person and d.closed_at is null and d.withdrawn_at is null);
end
$$;
comment on function bank.departure_is_open(integer) is 'Whether a person is leaving and the departure audit is not closed yet: then no client, post or deferred pay of theirs moves';

create or replace function bank.require_audited(person integer) returns void
language plpgsql stable as $$
declare
  open_departure bank.departure;
begin
  select * into open_departure from bank.departure as d
  where d.employee_id = person and d.closed_at is null and d.withdrawn_at is null;
  if found then
    perform bank.refuse_order('departure_audit_comes_first', 'departure',
      format('nothing of %s moves before the audit of departure %s is closed; it is due on %s',
        (select e.number from bank.employee as e where e.employee_id = person), open_departure.departure_id,
        open_departure.audit_due_on),
      format('Settle its list and close it: banyan departure show %s.', open_departure.departure_id));
  end if;
end
$$;
comment on function bank.require_audited(integer) is 'Refuses whatever would move clients, posts or deferred pay of a person whose departure audit is open';

-- The gate ---------------------------------------------------------------------------------------------

create or replace function bank.check_moved_assignments() returns trigger
language plpgsql as $$
begin
  -- Nearly always nobody is leaving, and this is all that a change costs.
  if exists (select 1 from bank.departure as d where d.closed_at is null and d.withdrawn_at is null) then
    perform bank.require_audited(moved.employee_id)
    from (
      select distinct m.employee_id from changed as m
      join bank.departure as d on d.employee_id = m.employee_id and d.closed_at is null and d.withdrawn_at is null
      where m.superseded_at is not null
    ) as moved;
  end if;
  return null;
end
$$;
comment on function bank.check_moved_assignments() is 'Trigger: assignments of a person who is leaving are not superseded before the departure audit is closed';
create or replace trigger assignment_waits_for_departure_audit after update on bank.assignment
  referencing new table as changed for each statement execute function bank.check_moved_assignments();

create or replace function bank.check_new_assignments() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  if exists (select 1 from bank.departure as d where d.closed_at is null and d.withdrawn_at is null) then
    select e.number, d.departure_id, bank.scope_label(row(m.branch_id, m.client_id, m.account_id, m.product_line)) as label
    into wrong
    from changed as m
    join bank.departure as d on d.employee_id = m.employee_id and d.closed_at is null and d.withdrawn_at is null
    join bank.employee as e on e.employee_id = m.employee_id
    where m.continues_id is null and (m.effective_until is null or m.effective_until > d.leaves_on)
    limit 1;
    if found then
      perform bank.refuse_order('departure_receives_nothing', 'departure',
        format('%s is leaving (departure %s) and cannot be given %s', wrong.number, wrong.departure_id, wrong.label),
        'Name another person.');
    end if;
  end if;
  if exists (select 1 from bank.collision_case as c where c.decided_at is null) then
    select c.collision_case_id, c.subject into wrong
    from changed as m
    join bank.client_claim as l on l.client_branch_id = m.branch_id and l.client_id = m.client_id and l.state = 'contested'
    join bank.collision_case as c on c.collision_case_id = l.collision_case_id and c.decided_at is null
    where m.continues_id is null
    limit 1;
    if found then
      perform bank.refuse_order('collision_case_is_decided_first', 'collision_case',
        format('client %s is nobody''s until collision case %s is decided', wrong.subject, wrong.collision_case_id),
        format('Decide it: banyan collision decide %s.', wrong.collision_case_id));
    end if;
  end if;
  return null;
end
$$;
comment on function bank.check_new_assignments() is 'Trigger: a person who is leaving gets no more clients, and a client of an open collision case goes to nobody';
create or replace trigger assignment_waits_for_decisions after insert on bank.assignment
  referencing new table as changed for each statement execute function bank.check_new_assignments();

create or replace function bank.check_released_posts() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  -- Days that a superseded row covered and that no row of the same person covers any more.
  select e.employee_id, e.number, p.kind, d.departure_id into wrong
  from changed as p
  join bank.departure as d on d.employee_id = p.employee_id and d.closed_at is null and d.withdrawn_at is null
  join bank.employee as e on e.employee_id = p.employee_id
  where p.superseded_at is not null and not daterange(p.effective_from, p.effective_until) <@ coalesce((
    select range_agg(daterange(o.effective_from, o.effective_until)) from bank.post as o
    where o.employee_id = p.employee_id and o.kind = p.kind and o.superseded_at is null), '{}')
  limit 1;
  if found then
    perform bank.require_audited(wrong.employee_id);
  end if;
  select e.number, gone.day, count(*) as scopes into wrong
  from (
    select p.employee_id, lower(left_over.days) as day
    from changed as p
    cross join lateral unnest(
      datemultirange(daterange(p.effective_from, p.effective_until)) - coalesce((
        select range_agg(daterange(o.effective_from, o.effective_until)) from bank.post as o
        where o.employee_id = p.employee_id and o.superseded_at is null), '{}')) as left_over (days)
    where p.superseded_at is not null and upper_inf(left_over.days)
  ) as gone
  join bank.employee as e on e.employee_id = gone.employee_id
  join bank.assignment as s on s.employee_id = gone.employee_id and s.superseded_at is null
    and (s.effective_until is null or s.effective_until > gone.day)
  where not exists (
    select 1 from bank.departure as d
    where d.employee_id = gone.employee_id and d.closed_at is not null and d.withdrawn_at is null)
  group by e.number, gone.day
  limit 1;
  if found then
    perform bank.refuse_order('departure_comes_before_release', 'post',
      format('%s cannot be released from the last post on %s: %s assignments of clients and accounts are theirs and no departure was audited',
        wrong.number, wrong.day, wrong.scopes),
      format('Open one first: banyan departure open %s.', wrong.number));
  end if;
  return null;
end
$$;
comment on function bank.check_released_posts() is 'Trigger: nobody is released from a post while the departure audit is open, and who has clients not without one';
create or replace trigger post_waits_for_departure_audit after update on bank.post
  referencing new table as changed for each statement execute function bank.check_released_posts();

create or replace function bank.deferred_pay(due_until date)
returns table (employee_number text, month date, instalment integer, due_on date, amount numeric, departure bigint)
language plpgsql stable as $$
begin
  return query
  select e.number, r.month, i.instalment, i.due_on, i.amount, d.departure_id
  from bank.deferral_instalment as i
  join bank.pay_run as r on r.pay_run_id = i.pay_run_id
    and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
  join bank.employee as e on e.employee_id = i.employee_id
  left join bank.departure as d on d.employee_id = i.employee_id and d.closed_at is null and d.withdrawn_at is null
  where i.due_on <= due_until
  order by e.number, i.due_on, r.month, i.instalment;
end
$$;
comment on function bank.deferred_pay(date) is 'Instalments of deferred pay that are due up to a day, in the runs that count; one whose departure is named is held, because the audit of it is open';

create or replace function bank.require_deferred_pay_is_free(person integer) returns void
language plpgsql stable as $$
begin
  perform bank.require_audited(person);
end
$$;
comment on function bank.require_deferred_pay_is_free(integer) is 'To be called before deferred pay is paid, cancelled or brought forward: refuses while the person''s departure audit is open';

-- The list ---------------------------------------------------------------------------------------------

create or replace function bank.departure_holdings(person integer, day date)
returns table (kind text, description text, quantity numeric)
language plpgsql stable as $$
begin
  return query
  select case when s.client_id is not null then 'clients' else 'accounts' end,
    format('%s of %s booked at %s', case s.role when 'main' then 'main manager' else 'assisting manager' end,
      case when s.client_id is not null then 'clients' else 'accounts' end, u.code),
    count(distinct (s.client_id, s.account_id))::numeric
  from bank.assignment as s
  join bank.org_unit as u on u.org_unit_id = s.branch_id
  where s.employee_id = person and s.superseded_at is null and (s.effective_until is null or s.effective_until > day)
  group by (s.client_id is not null), s.role, u.code
  union all
  select 'problem_loans', format('loan %s, %s', l.number, l.status), l.amount
  from bank.covered_accounts(array[person], day) as c
  join bank.loan as l on l.branch_id = c.branch_id and l.account_id = c.account_id and l.status in ('overdue', 'unpaid')
  union all
  select 'claims', format('claim %s to %s, %s%s', c.client_claim_id, coalesce(c.client_number, c.prospect_name), c.state,
    coalesce(' in collision case ' || c.collision_case_id, '')), 1
  from bank.client_claim as c
  where c.employee_id = person and (c.state = 'contested' or (c.state = 'granted' and c.coverage_entry_id is null))
  union all
  select distinct 'transfers', format('transfer %s, %s', t.transfer_id, t.state), t.clients::numeric
  from bank.transfer as t
  left join bank.transfer_receiver as r using (transfer_id)
  where t.closed_at is null and person in (t.giver_id, r.employee_id)
  union all
  select 'handovers', format('handover %s: %s', h.handover_id, h.subject), 1
  from bank.handover as h
  where person in (h.giver_id, h.receiver_id) and h.witness_signed_on is null
  union all
  select 'deferred_pay', format('deferred pay of %s, instalment %s', to_char(r.month, 'YYYY-MM'), i.instalment), i.amount
  from bank.deferral_instalment as i
  join bank.pay_run as r on r.pay_run_id = i.pay_run_id
    and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id)
  where i.employee_id = person and i.due_on >= day and i.amount <> 0
  union all
  select 'posts', format('%s at %s', replace(p.kind, '_', ' '), u.code), 1
  from bank.post as p join bank.org_unit as u using (org_unit_id)
  where p.employee_id = person and p.superseded_at is null and (p.effective_until is null or p.effective_until > day)
  union all
  select 'team', 'people who report to them', count(*)::numeric
  from bank.post as p
  where p.line_manager_id = person and p.superseded_at is null and (p.effective_until is null or p.effective_until > day)
  having count(*) > 0
  union all
  select 'approvals', format('approval %s: %s', a.approval_id, a.subject), 1
  from bank.approval as a
  where a.state in ('proposed', 'approved') and a.expires_at > now()
    and (person in (a.proposed_by_id, a.named_id) or person = any (a.concerned_ids))
  union all
  select 'findings', format('finding %s of severity %s: %s', f.audit_finding_id, f.severity, f.description), 1
  from bank.audit_finding as f
  where f.responsible_id = person and f.closed_at is null
  union all
  select 'territory', format('territory %s', t.code), count(*)::numeric
  from bank.territory as t
  where t.employee_id = person and t.superseded_at is null and (t.effective_until is null or t.effective_until > day)
  group by t.code;
end
$$;
comment on function bank.departure_holdings(integer, date) is 'What a person holds from a day on and must hand over or settle before leaving';

create or replace function bank.refresh_departure(departure bigint) returns bigint
language plpgsql as $$
declare
  leaving constant bank.departure := bank.open_departure_record(departure);
  added bigint;
begin
  insert into bank.departure_item (departure_id, item_number, kind, description, quantity)
  select departure, coalesce((select max(i.item_number) from bank.departure_item as i where i.departure_id = departure), 0)
      + row_number() over (order by
        array_position(array['clients', 'accounts', 'problem_loans', 'claims', 'transfers', 'handovers',
          'deferred_pay', 'posts', 'team', 'territory', 'approvals', 'findings'], h.kind), h.description),
    h.kind, h.description, h.quantity
  from bank.departure_holdings(leaving.employee_id, current_date) as h
  where not exists (
    select 1 from bank.departure_item as i
    where i.departure_id = departure and i.kind = h.kind
      and regexp_replace(i.description, '^(transfer \d+),.*', '\1') = regexp_replace(h.description, '^(transfer \d+),.*', '\1'));
  get diagnostics added = row_count;
  return added;
end
$$;
comment on function bank.refresh_departure(bigint) is 'Adds to the list of a departure what the person has come to hold since; returns how many items';

create or replace function bank.open_departure_record(departure bigint) returns bank.departure
language plpgsql as $$
declare
  found_departure bank.departure;
begin
  select * into found_departure from bank.departure as d where d.departure_id = departure for update;
  if found_departure.departure_id is null then
    perform bank.refuse_order('departure_is_known', 'departure', format('there is no departure %s on record', departure),
      'See the numbers with banyan departure list.', 'foreign_key_violation');
  elsif found_departure.closed_at is not null or found_departure.withdrawn_at is not null then
    perform bank.refuse_order('departure_is_open', 'departure',
      format('departure %s was %s', departure, case when found_departure.withdrawn_at is not null
        then 'withdrawn on ' || found_departure.withdrawn_at::date
        else 'audited and closed on ' || found_departure.closed_at::date end),
      'Nothing about it changes any more.', 'restrict_violation');
  end if;
  return found_departure;
end
$$;
comment on function bank.open_departure_record(bigint) is 'A departure whose audit is open, locked; refuses any other';

create or replace function bank.open_departure(
  person text, leaving text, leaves_on date, opened_by text, why text default null) returns bigint
language plpgsql as $$
declare
  leaver constant integer := bank.require_employee(person);
  departure bigint;
begin
  select d.departure_id into departure from bank.departure as d
  where d.employee_id = leaver and d.released_at is null and d.withdrawn_at is null;
  if found then
    perform bank.refuse_order('departure_open_once', 'departure',
      format('%s is leaving already: departure %s', person, departure), 'Go on with that one.', 'unique_violation');
  end if;
  insert into bank.departure (employee_id, kind, leaves_on, reason, opened_by_id, audit_due_on)
  values (leaver, leaving, open_departure.leaves_on, why, bank.require_employee(opened_by),
    current_date + bank.control_limit_on('departure_audit_days', current_date))
  returning departure_id into departure;
  perform bank.refresh_departure(departure);
  return departure;
end
$$;
comment on function bank.open_departure(text, text, date, text, text) is 'A person is to leave: opens the departure audit with a list of everything that they hold. From now on nothing of it moves. Returns the number of the departure';

create or replace function bank.add_departure_item(departure bigint, about text) returns integer
language plpgsql as $$
declare
  leaving constant bank.departure := bank.open_departure_record(departure);
  added integer;
begin
  insert into bank.departure_item (departure_id, item_number, kind, description)
  select leaving.departure_id, coalesce(max(i.item_number), 0) + 1, 'other', about
  from bank.departure_item as i where i.departure_id = leaving.departure_id
  returning item_number into added;
  return added;
end
$$;
comment on function bank.add_departure_item(bigint, text) is 'Adds a matter of the auditor''s own to the list; returns its number';

create or replace function bank.settle_departure_item(departure bigint, item integer, settled_by text, how text) returns void
language plpgsql as $$
declare
  leaving constant bank.departure := bank.open_departure_record(departure);
begin
  update bank.departure_item as i
  set settlement = coalesce(how, ''), settled_by_id = bank.require_employee(settled_by), settled_at = clock_timestamp()
  where i.departure_id = leaving.departure_id and i.item_number = item and i.settled_at is null;
  if not found then
    perform bank.refuse_order('departure_item_is_unsettled', 'departure_item',
      format('item %s of departure %s is not on the list or settled already', item, departure),
      format('See the list with banyan departure show %s.', departure));
  end if;
end
$$;
comment on function bank.settle_departure_item(bigint, integer, text, text) is 'Somebody other than the leaver settles an item, and says how';

create or replace function bank.close_departure_audit(departure bigint, auditor text, opinion text) returns void
language plpgsql as $$
declare
  leaving constant bank.departure := bank.open_departure_record(departure);
  missed record;
begin
  select count(*) as many, min(h.description) as first_one into missed
  from bank.departure_holdings(leaving.employee_id, current_date) as h
  where not exists (
    select 1 from bank.departure_item as i
    where i.departure_id = departure and i.kind = h.kind
      and regexp_replace(i.description, '^(transfer \d+),.*', '\1') = regexp_replace(h.description, '^(transfer \d+),.*', '\1'));
  if missed.many > 0 then
    perform bank.refuse_order('departure_list_is_complete', 'departure',
      format('%s of what the person holds is not on the list of departure %s, such as “%s”', missed.many, departure,
        missed.first_one),
      format('Bring the list up to date: banyan departure refresh %s.', departure));
  end if;
  update bank.departure as d
  set auditor_id = bank.require_employee(auditor), audit_opinion = coalesce(opinion, ''), closed_at = clock_timestamp()
  where d.departure_id = departure;
end
$$;
comment on function bank.close_departure_audit(bigint, text, text) is 'A named auditor closes the audit with an opinion, once every item is settled; clients, posts and deferred pay may move then';

create or replace function bank.release_departure(departure bigint, released_on date) returns void
language plpgsql as $$
declare
  leaving bank.departure;
  person text;
begin
  select * into leaving from bank.departure as d where d.departure_id = departure for update;
  if leaving.departure_id is null then
    perform bank.open_departure_record(departure);
  end if;
  select e.number into person from bank.employee as e where e.employee_id = leaving.employee_id;
  if leaving.closed_at is null then
    perform bank.require_audited(leaving.employee_id);
  end if;
  if leaving.kind <> 'post_change' and exists (
    select 1 from bank.post as p
    where p.employee_id = leaving.employee_id and p.superseded_at is null
      and (p.effective_until is null or p.effective_until > release_departure.released_on))
  then
    perform bank.end_post(person, release_departure.released_on, null, format('departure %s', departure));
  end if;
  perform bank.end_territory(t.code, release_departure.released_on, format('departure %s', departure))
  from (
    select distinct r.code from bank.territory as r
    where r.employee_id = leaving.employee_id and r.superseded_at is null
      and (r.effective_until is null or r.effective_until > release_departure.released_on)
  ) as t;
  update bank.departure as d set released_on = release_departure.released_on, released_at = clock_timestamp()
  where d.departure_id = departure;
end
$$;
comment on function bank.release_departure(bigint, date) is 'Releases a person whose departure audit is closed: posts and territories end, and nothing may be theirs any more. The day is the first on which they are gone';

create or replace function bank.withdraw_departure(departure bigint, why text) returns void
language plpgsql as $$
declare
  leaving constant bank.departure := bank.open_departure_record(departure);
begin
  update bank.departure as d set withdrawn_at = clock_timestamp(), withdrawn_reason = coalesce(why, '')
  where d.departure_id = leaving.departure_id;
end
$$;
comment on function bank.withdraw_departure(bigint, text) is 'The person stays after all: calls a departure off whose audit is open, with a reason';

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

create or replace function bank.report_day(day text) returns date
language plpgsql stable as $$
begin
  if day not in ('today') and day !~ '^\d{4}-\d\d-\d\d$' then
    raise invalid_datetime_format;
  end if;
  return case day when 'today' then current_date else day::date end;
exception
  when invalid_datetime_format or datetime_field_overflow then
    raise exception using errcode = 'invalid_parameter_value',
      message = format('day=%s is no day of the calendar', day), hint = 'Write day=today or a day such as day=2026-12-31.';
end
$$;
comment on function bank.report_day(text) is 'The day of a report: today, or the one that is written';
