-- The gate of departures: nothing of a person who leaves moves before the audit is closed.

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

create or replace function bank.require_deferred_pay_is_free(person integer) returns void
language plpgsql stable as $$
begin
  perform bank.require_audited(person);
end
$$;
comment on function bank.require_deferred_pay_is_free(integer) is 'To be called before deferred pay is paid, cancelled or brought forward: refuses while the person''s departure audit is open';
