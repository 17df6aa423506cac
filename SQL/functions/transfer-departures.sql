-- Departures: what a person who leaves holds, and the audit of it, step by step.

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
  select 'deferred_pay', format('deferred pay of %s, due on %s', to_char(o.earned_month, 'YYYY-MM'), o.due_on), o.outstanding
  from bank.deferral_balances(person, false) as o
  where o.outstanding <> 0
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
  select 'findings', format('finding %s of severity %s: %s', f.inspection_finding_id, f.severity, f.description), 1
  from bank.inspection_finding as f
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
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  leaving bank.departure;
  added bigint;
begin
  -- A door: the list has what its caller may not see by hand, such as the deferred pay of the person.
  perform bank.require_whole_bank('head_office', 'loader');
  leaving := bank.open_departure_record(departure);
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
  perform bank.require_number('departure', departure);
  select * into found_departure from bank.departure as d where d.departure_id = departure for update;
  if found_departure.closed_at is not null or found_departure.withdrawn_at is not null then
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
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  leaving bank.departure;
  missed record;
begin
  -- A door: the list has what its caller may not see by hand, such as the deferred pay of the person.
  perform bank.require_whole_bank('head_office', 'loader');
  leaving := bank.open_departure_record(departure);
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
  perform bank.require_number('departure', departure);
  select * into leaving from bank.departure as d where d.departure_id = departure for update;
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
