-- What speaks against an assignment: the rules of coverage, asked in one place for verbs, transfers and files.

create or replace function bank.coverage_objections(
  proposed bank.proposed_assignment[], counting boolean default null)
returns table (place bigint, rule text, objection text)
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  asked constant text[] := (
    select array_agg(r.code) from bank.coverage_rule as r
    where r.action <> 'ignore' and (counting is null or counting = (r.code = 'capacity')));
begin
  -- A door: a rule that saw only the clients and declarations that its caller sees would promise nothing.
  -- It answers who may see what is proposed, and nobody else.
  perform bank.require_role('head_office', 'branch', 'risk', 'loader');
  if (bank.holds('branch') or bank.holds('loader'))
    and not (bank.holds('head_office') or bank.holds('risk') or bank.holds_whole_bank('loader'))
    and exists (
      select 1 from unnest(proposed) as p
      where p.branch_id <> all (bank.units_of('branch') || bank.units_of('loader'))) then
    raise exception using errcode = 'insufficient_privilege',
      message = format('the login “%s” may not ask about clients of other units', session_user),
      hint = 'Let head office make the change.';
  end if;
  perform bank.plan_for_many(cardinality(proposed));
  if 'employed' = any (asked) then
    return query
    select p.place, 'employed', format('%s joined on %s and cannot look after anybody from %s', e.number,
      e.joined_on, p.effective_from)
    from unnest(proposed) as p
    join bank.employee as e on e.employee_id = p.employee_id
    where e.joined_on > p.effective_from;
  end if;

  if 'account_open' = any (asked) then
    return query
    select p.place, 'account_open', format('account %s was opened on %s and cannot be looked after from %s',
      a.number, a.opened_on, p.effective_from)
    from unnest(proposed) as p
    join bank.account as a on a.branch_id = p.branch_id and a.account_id = p.account_id
    where a.opened_on > p.effective_from;
  end if;

  -- On the first day: what a later change of tier or band brings is a matter of the reports on load and fit.
  if 'tier_serves_band' = any (asked) then
    return query
    select p.place, 'tier_serves_band', format('%s is %s on %s, a tier that may not serve the band %s of client %s',
      e.number, t.tier, p.effective_from, b.segment, c.number)
    from bank.proposed_clients(proposed) as p
    join bank.client_segment as b
      on b.branch_id = p.branch_id and b.client_id = p.client_id and b.axis = 'band'
      and b.superseded_at is null and b.effective_from <= p.effective_from
      and (b.effective_until is null or b.effective_until > p.effective_from)
    join bank.employee_tier as t
      on t.employee_id = p.employee_id and t.superseded_at is null and t.effective_from <= p.effective_from
      and (t.effective_until is null or t.effective_until > p.effective_from)
    join bank.tier_terms as m
      on m.tier = t.tier and m.superseded_at is null and m.effective_from <= p.effective_from
      and (m.effective_until is null or m.effective_until > p.effective_from) and cardinality(m.client_bands) > 0
    join bank.client as c on c.branch_id = p.branch_id and c.client_id = p.client_id
    join bank.employee as e on e.employee_id = p.employee_id
    where b.segment <> all (m.client_bands);
  end if;

  if 'capacity' = any (asked) then
    return query select * from bank.capacity_objections(proposed);
  end if;

  if 'no_relationship' = any (asked) then
    return query
    select p.place, 'no_relationship', format('%s has declared to be %s of client %s from %s%s', e.number,
      d.relation, d.client_number, d.effective_from, coalesce(' until ' || d.effective_until, ''))
    from bank.proposed_clients(proposed) as p
    join bank.relationship_declaration as d on d.employee_id = p.employee_id and d.superseded_at is null
    join bank.client as c
      on c.branch_id = p.branch_id and c.client_id = p.client_id and c.number = d.client_number
    join bank.employee as e on e.employee_id = p.employee_id
    where daterange(d.effective_from, d.effective_until) && daterange(p.effective_from, p.effective_until);
  end if;

  -- What no bank can let pass; triggers refuse it as well.
  if counting then
    return;
  end if;
  if exists (select 1 from bank.departure as d where d.closed_at is null and d.withdrawn_at is null) then
    return query
    select p.place, 'departure_receives_nothing', format(
      '%s is leaving (departure %s) and cannot be given %s; name another person', e.number, d.departure_id,
      bank.scope_label(row(p.branch_id, p.client_id, p.account_id, p.product_line)))
    from unnest(proposed) as p
    join bank.departure as d on d.employee_id = p.employee_id and d.closed_at is null and d.withdrawn_at is null
    join bank.employee as e on e.employee_id = p.employee_id
    where p.effective_until is null or p.effective_until > d.leaves_on;
  end if;
  if exists (select 1 from bank.collision_case as c where c.decided_at is null) then
    return query
    select p.place, 'collision_case_is_decided_first', format(
      'client %s is nobody''s until collision case %s is decided; decide it: banyan collision decide %s',
      c.subject, c.collision_case_id, c.collision_case_id)
    from unnest(proposed) as p
    join bank.client_claim as l
      on l.client_branch_id = p.branch_id and l.client_id = p.client_id and l.state = 'contested'
    join bank.collision_case as c on c.collision_case_id = l.collision_case_id and c.decided_at is null;
  end if;
end
$$;
comment on function bank.coverage_objections(bank.proposed_assignment[], boolean) is 'What speaks against some assignments: the place of each, the rule and a sentence. Employment, tier, band and capacity are those of the first day; a declared relationship counts on any day; an account is asked about as its owner. Rules that bank.coverage_rule ignores are not asked; that a person is leaving or that a collision case is open stands in no such rule and is always told. Counting asks for capacity alone, not counting for all but that. A door for those who may see the units';

create or replace function bank.proposed_clients(proposed bank.proposed_assignment[])
returns setof bank.proposed_assignment
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
  return query
  select p.* from unnest(proposed) as p where p.client_id is not null;
  return query
  select p.place, h.client_branch_id, h.client_id, p.account_id, p.product_line, p.employee_id, p.effective_from,
    p.effective_until
  from unnest(proposed) as p
  join bank.account_holder as h
    on h.branch_id = p.branch_id and h.account_id = p.account_id and h.role = 'owner'
  where p.account_id is not null;
end
$$;
comment on function bank.proposed_clients(bank.proposed_assignment[]) is 'Assignments with the client that each is about: of an account, its owner';

create or replace function bank.capacity_objections(proposed bank.proposed_assignment[])
returns table (place bigint, rule text, objection text)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
  -- Where no tier of theirs has a capacity, nobody's clients are counted.
  if not exists (
    select 1
    from (select distinct p.employee_id from unnest(proposed) as p where p.client_id is not null) as p
    join bank.employee_tier as t on t.employee_id = p.employee_id and t.superseded_at is null
    join bank.tier_terms as m on m.tier = t.tier and m.superseded_at is null and m.client_capacity is not null)
  then
    return;
  end if;
  return query
  with limited as (
    -- Those who would begin with a client on a day on which their tier has a capacity.
    select p.place, p.employee_id, p.effective_from, t.tier, m.client_capacity,
      row_number() over (partition by p.employee_id, p.effective_from order by p.place desc) as from_last
    from unnest(proposed) as p
    join bank.employee_tier as t
      on t.employee_id = p.employee_id and t.superseded_at is null and t.effective_from <= p.effective_from
      and (t.effective_until is null or t.effective_until > p.effective_from)
    join bank.tier_terms as m
      on m.tier = t.tier and m.superseded_at is null and m.effective_from <= p.effective_from
      and (m.effective_until is null or m.effective_until > p.effective_from)
    where p.client_id is not null and m.client_capacity is not null
  ), held as (
    -- On which days each of them has which client: a client counts once, whatever the lines and roles.
    select h.employee_id, range_agg(daterange(h.effective_from, h.effective_until)) as days
    from (
      select a.employee_id, a.branch_id, a.client_id, a.effective_from, a.effective_until
      from bank.assignment as a
      where a.employee_id in (select l.employee_id from limited as l) and a.superseded_at is null
        and a.client_id is not null
      union all
      select p.employee_id, p.branch_id, p.client_id, p.effective_from, p.effective_until
      from unnest(proposed) as p
      where p.employee_id in (select l.employee_id from limited as l) and p.client_id is not null
    ) as h
    group by h.employee_id, h.branch_id, h.client_id
  ), step as (
    select h.employee_id, lower(d.days) as day, 1 as clients from held as h cross join unnest(h.days) as d (days)
    union all
    select h.employee_id, upper(d.days), -1
    from held as h cross join unnest(h.days) as d (days) where not upper_inf(d.days)
    union all
    select distinct l.employee_id, l.effective_from, 0 from limited as l
  ), load as (
    select s.employee_id, s.day, sum(sum(s.clients)) over (partition by s.employee_id order by s.day) as clients
    from step as s group by s.employee_id, s.day
  )
  -- What came last is too much.
  select l.place, 'capacity', format('%s would have %s clients on %s; the tier %s has room for %s',
    e.number, o.clients, l.effective_from, l.tier, l.client_capacity)
  from limited as l
  join load as o on o.employee_id = l.employee_id and o.day = l.effective_from
  join bank.employee as e on e.employee_id = l.employee_id
  where l.from_last <= o.clients - l.client_capacity;
end
$$;
comment on function bank.capacity_objections(bank.proposed_assignment[]) is 'Which of some assignments of clients go beyond what the tiers of the people have room for on the first day, with what they have already; of those that begin on one day, the last ones';

create or replace function bank.heed_objections(proposed bank.proposed_assignment[]) returns text[]
language plpgsql as $$
declare
  heard record;
begin
  select (array_agg(o.objection order by o.rule, o.objection) filter (where o.action = 'refuse'))[1] as refused,
    (array_agg(o.rule order by o.rule, o.objection) filter (where o.action = 'refuse'))[1] as rule,
    count(*) filter (where o.action = 'refuse') as refusals,
    (array_agg(o.objection order by o.rule, o.objection) filter (where o.action = 'warn'))[1:100] as warned
  into heard
  from (
    select distinct x.rule, x.objection, r.action
    from bank.coverage_objections(proposed) as x
    join bank.coverage_rule as r on r.code = x.rule
  ) as o;
  if heard.refusals > 0 then
    raise exception using
      errcode = 'check_violation', constraint = 'coverage_rule_' || heard.rule,
      schema = 'bank', table = 'assignment',
      message = heard.refused || case when heard.refusals > 1
        then format(' (and %s more objections)', heard.refusals - 1) else '' end,
      hint = 'Choose somebody else; bank.coverage_rule says which rules refuse and which warn.';
  end if;
  -- A change of many clients keeps the first hundred.
  return coalesce(heard.warned, '{}');
end
$$;
comment on function bank.heed_objections(bank.proposed_assignment[]) is 'Refuses assignments that a rule of coverage objects to, as bank.coverage_rule says; returns the objections that it lets pass as warnings';
