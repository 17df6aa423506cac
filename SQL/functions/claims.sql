-- Claims to new clients, and the collision cases that a named person decides.

create or replace function bank.lock_claims(keys text[]) returns void
language plpgsql as $$
declare
  next_key text;
begin
  -- In one order, so that two claims that meet in two keys never wait in a circle.
  for next_key in select distinct k from unnest(keys) as k where k is not null order by k loop
    perform pg_advisory_xact_lock(hashtextextended('claim of ' || next_key, 0));
  end loop;
end
$$;
comment on function bank.lock_claims(text[]) is 'Claims of one client take turns';

create or replace function bank.claim_client(
  claimant text, of_client text default null, of_prospect text default null, unit_code text default null,
  of_industry text default null, of_size text default null, day date default current_date,
  grounds text default null) returns bigint
language plpgsql as $$
declare
  person constant integer := bank.require_employee(claimant);
  client bank.client;
  scope bank.coverage_scope;
  unit integer;
  key text;
  named text;
  drawn bank.territory;
  rival bank.client_claim;
  rivals integer;
  contest_days constant integer := bank.control_limit_on('claim_contest_days', day);
  collision bigint;
  claim bigint;
begin
  if num_nonnulls(of_client, of_prospect) <> 1 then
    perform bank.refuse_order('client_claim_names_a_client', 'client_claim',
      'a claim names either a client on record or a prospect', 'Give the number of the one or the name of the other.');
  end if;
  if of_client is not null then
    scope := bank.client_scope(of_client);
    select c.* into client from bank.client as c
    where c.branch_id = scope.branch_id and c.client_id = scope.client_id;
    unit := client.branch_id;
    -- What the claim does not say is taken from what is known of the client.
    select coalesce(of_industry, max(g.segment) filter (where g.axis = 'industry')),
      coalesce(of_size, max(g.segment) filter (where g.axis = 'size'))
    into of_industry, of_size
    from bank.client_segment as g
    where g.branch_id = client.branch_id and g.client_id = client.client_id and g.superseded_at is null
      and daterange(g.effective_from, g.effective_until) @> day;
    key := 'client ' || client.number;
    named := case when client.kind = 'company' then bank.name_key(client.name) end;
  else
    unit := case when unit_code is not null then bank.require_org_unit(unit_code, day) end;
    named := bank.name_key(of_prospect);
    key := 'prospect ' || named;
  end if;
  perform bank.lock_claims(array[key, named]);
  if of_client is not null then
    perform bank.lock_coverage(array[scope]);
  end if;

  select c.* into rival from bank.client_claim as c
  where c.state in ('granted', 'contested') and c.employee_id = person
    and (c.subject_key = key or c.name_key = named)
  limit 1;
  if found then
    perform bank.refuse_order('client_claim_once_a_person', 'client_claim',
      format('%s has claimed %s already: claim %s is %s', claimant, coalesce(of_client, of_prospect),
        rival.client_claim_id, rival.state),
      'See it with banyan claim list.', 'unique_violation');
  end if;
  if of_client is not null and (bank.recusal(person, of_client, day)).relation is not null then
    perform bank.refuse_order('client_claim_claimant_is_not_related', 'client_claim',
      format('%s must stand back from client %s: a relationship is declared (%s)', claimant, of_client,
        (bank.recusal(person, of_client, day)).relation),
      'Let somebody else claim the client.');
  end if;

  -- The claim that holds now, granted in time to be contested, or already part of a case.
  select c.* into rival from bank.client_claim as c
  where c.state in ('granted', 'contested') and (c.subject_key = key or c.name_key = named)
  order by c.state desc, c.client_claim_id
  limit 1;
  if rival.state = 'granted' and rival.collision_case_id is not null then
    perform bank.refuse_order('client_claim_is_decided', 'client_claim',
      format('%s was given to %s by collision case %s', coalesce(of_client, of_prospect),
        (select e.number from bank.employee as e where e.employee_id = rival.employee_id), rival.collision_case_id),
      'Ask for a transfer instead.');
  elsif rival.state = 'granted' and day > rival.claimed_on + contest_days then
    perform bank.refuse_order('client_claim_is_contested_in_time', 'client_claim',
      format('%s is %s''s by claim %s of %s, which could be contested for %s days', coalesce(of_client, of_prospect),
        (select e.number from bank.employee as e where e.employee_id = rival.employee_id), rival.client_claim_id,
        rival.claimed_on, contest_days),
      'Ask for a transfer instead.');
  elsif of_client is not null and (rival.client_claim_id is null or rival.coverage_entry_id is null) then
    -- Somebody who has the client by an assignment is not a rival: the client is not a new one.
    perform bank.require_free(array[scope], day, null);
  end if;

  drawn := bank.territory_for(unit, of_industry, of_size, of_client, coalesce(of_prospect, client.name), day);
  collision := rival.collision_case_id;
  if collision is null and (rival.client_claim_id is not null
    or (drawn.territory_id is not null and drawn.employee_id <> person))
  then
    insert into bank.collision_case (subject_key, subject, opened_on)
    values (coalesce(rival.subject_key, key), coalesce(of_client, of_prospect), day)
    returning collision_case_id into collision;
    -- What a contested claim was given goes back to the pool.
    if rival.coverage_entry_id is not null then
      perform bank.change_coverage('end',
        array[row(rival.client_branch_id, rival.client_id, null, null)::bank.coverage_scope], '{}', '{}', '{}',
        greatest(day, rival.claimed_on), null, format('collision case %s', collision))
      from (select 1) as once
      where exists (
        select 1 from bank.assignments_of(
          array[row(rival.client_branch_id, rival.client_id, null, null)::bank.coverage_scope],
          greatest(day, rival.claimed_on), null) as a where a.employee_id = rival.employee_id);
    end if;
    update bank.client_claim as c set state = 'contested', collision_case_id = collision
    where c.client_claim_id = rival.client_claim_id;
  end if;

  insert into bank.client_claim
    (subject_key, name_key, client_number, prospect_name, client_branch_id, client_id, org_unit_id, industry,
     size, employee_id, claimed_on, state, territory_id, collision_case_id, evidence)
  values (coalesce(rival.subject_key, key), named, of_client, of_prospect, client.branch_id, client.client_id, unit,
    of_industry, of_size, person, day,
    case when collision is null then 'granted' else 'contested' end::bank.claim_state,
    drawn.territory_id, collision, grounds)
  returning client_claim_id into claim;

  -- Whose territory it is has a part in the case without asking.
  if collision is not null and drawn.territory_id is not null and drawn.employee_id <> person then
    insert into bank.client_claim
      (subject_key, name_key, client_number, prospect_name, client_branch_id, client_id, org_unit_id, industry,
       size, employee_id, claimed_on, state, territory_id, from_territory, collision_case_id, evidence)
    select c.subject_key, c.name_key, c.client_number, c.prospect_name, c.client_branch_id, c.client_id, c.org_unit_id,
      c.industry, c.size, drawn.employee_id, day, 'contested', drawn.territory_id, true, collision,
      format('holds the territory %s', drawn.code)
    from bank.client_claim as c
    where c.client_claim_id = claim
    on conflict (subject_key, employee_id) where state in ('granted', 'contested') do nothing;
  end if;
  if collision is null and of_client is not null then
    perform bank.give_claimed_client(claim, day);
  end if;
  return claim;
end
$$;
comment on function bank.claim_client(text, text, text, text, text, text, date, text) is 'Lays claim to a new client, on record or not. In nobody''s or the own territory, and as the first, it is granted and a client on record becomes the claimant''s; otherwise a collision case is opened or joined, and the client lies in its branch''s pool until that is decided. Returns the number of the claim';

create or replace function bank.give_claimed_client(claim bigint, since date) returns void
language plpgsql as $$
declare
  granted bank.client_claim;
  entry bigint;
begin
  select * into granted from bank.client_claim as c where c.client_claim_id = claim;
  select min(g.entry_id) into entry
  from bank.change_coverage('assign',
    array[row(granted.client_branch_id, granted.client_id, null, null)::bank.coverage_scope],
    array[granted.employee_id], '{main}', '{1}', since, null, format('claim %s', claim)) as g;
  update bank.client_claim as c set coverage_entry_id = entry where c.client_claim_id = claim;
end
$$;
comment on function bank.give_claimed_client(bigint, date) is 'Assigns the client of a granted claim to the claimant from a day on';

create or replace function bank.attach_claim(claim bigint, to_client text, since date default current_date) returns void
language plpgsql as $$
declare
  held bank.client_claim;
  scope constant bank.coverage_scope := bank.client_scope(to_client);
begin
  perform bank.require_number('client_claim', claim);
  select * into held from bank.client_claim as c where c.client_claim_id = claim;
  perform bank.lock_claims(array[held.subject_key, held.name_key, 'client ' || to_client]);
  select * into held from bank.client_claim as c where c.client_claim_id = claim for update;
  if held.state <> 'granted' or held.client_number is not null then
    perform bank.refuse_order('client_claim_is_granted', 'client_claim',
      format('claim %s of %s is %s', claim, coalesce(held.prospect_name, held.client_number),
        case when held.client_number is not null then 'about a client on record already' else held.state::text end),
      'Only a granted claim to a prospect can be joined with a client.');
  end if;
  update bank.client_claim as c
  set client_number = to_client, client_branch_id = scope.branch_id, client_id = scope.client_id,
    subject_key = 'client ' || to_client, org_unit_id = scope.branch_id
  where c.client_claim_id = claim;
  perform bank.give_claimed_client(claim, since);
end
$$;
comment on function bank.attach_claim(bigint, text, date) is 'Joins a granted claim to a prospect with the client that the prospect has become, and gives the client to the claimant';

create or replace function bank.withdraw_claim(claim bigint) returns void
language plpgsql as $$
declare
  held bank.client_claim;
begin
  perform bank.require_number('client_claim', claim);
  select * into held from bank.client_claim as c where c.client_claim_id = claim for update;
  if held.state not in ('granted', 'contested') then
    perform bank.refuse_order('client_claim_is_open', 'client_claim', format('claim %s is %s already', claim, held.state),
      'See the claims with banyan claim list.');
  elsif held.coverage_entry_id is not null then
    perform bank.refuse_order('client_claim_has_no_client_yet', 'client_claim',
      format('claim %s has given client %s to the claimant', claim, held.client_number),
      'End or transfer the assignment instead.');
  end if;
  update bank.client_claim as c set state = 'withdrawn', closed_at = clock_timestamp() where c.client_claim_id = claim;
end
$$;
comment on function bank.withdraw_claim(bigint) is 'Takes back a claim that has given nothing yet; in a collision case the others are left to decide between';

create or replace function bank.decide_collision(
  collision bigint, decided_by text, winner text, reason text, since date default current_date) returns void
language plpgsql as $$
declare
  decider constant integer := bank.require_employee(decided_by);
  won integer := case when winner is not null then bank.require_employee(winner) end;
  given bank.client_claim;
begin
  perform bank.require_number('collision_case', collision);
  perform bank.lock_claims(array_agg(c.subject_key) || array_agg(c.name_key))
  from bank.client_claim as c where c.collision_case_id = collision;
  if exists (select 1 from bank.client_claim as c where c.collision_case_id = collision and c.employee_id = decider) then
    perform bank.refuse_order('collision_case_claimant_does_not_decide', 'collision_case',
      format('%s claims the client of collision case %s and cannot decide it', decided_by, collision),
      'Name a person who has no part in it.');
  end if;
  update bank.collision_case as c
  set winner_id = won, decided_by_id = decider, decision_reason = coalesce(reason, ''), decided_at = clock_timestamp()
  where c.collision_case_id = collision;
  update bank.client_claim as c set state = 'lost', closed_at = clock_timestamp()
  where c.collision_case_id = collision and c.state = 'contested' and c.employee_id is distinct from won;
  if won is null then
    return;
  end if;
  update bank.client_claim as c set state = 'granted', coverage_entry_id = null
  where c.collision_case_id = collision and c.state = 'contested' and c.employee_id = won
  returning c.* into given;
  if given.client_claim_id is null then
    perform bank.refuse_order('collision_case_winner_still_claims', 'collision_case',
      format('%s has withdrawn the claim in collision case %s', winner, collision),
      'Decide for another claimant, or for nobody.');
  end if;
  if given.client_id is null then
    -- Another claimant may have named the client by number.
    update bank.client_claim as c
    set client_number = o.client_number, client_branch_id = o.client_branch_id, client_id = o.client_id
    from bank.client_claim as o
    where c.client_claim_id = given.client_claim_id and o.collision_case_id = collision and o.client_id is not null
    returning c.* into given;
  end if;
  if given.client_id is not null then
    perform bank.give_claimed_client(given.client_claim_id, since);
  end if;
end
$$;
comment on function bank.decide_collision(bigint, text, text, text, date) is 'A named person who has no part in it decides whose a client is, with a reason; without a winner it stays nobody''s. A client on record is assigned to the winner from a day on';

create or replace function bank.check_collision_cases() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select n.collision_case_id, n.subject, e.number into wrong
  from earlier as o
  join later as n using (collision_case_id)
  left join bank.employee as e on e.employee_id = o.decided_by_id
  where o.decided_at is not null
  limit 1;
  if found then
    perform bank.refuse_order('collision_case_is_decided_once', 'collision_case',
      format('collision case %s about %s was decided by %s already', wrong.collision_case_id, wrong.subject, wrong.number),
      'Move the client by a transfer if another should have it.', 'restrict_violation');
  end if;
  select n.collision_case_id, e.number into wrong
  from later as n
  join bank.client_claim as c using (collision_case_id)
  join bank.employee as e on e.employee_id = c.employee_id
  where c.employee_id = n.decided_by_id
  limit 1;
  if found then
    perform bank.refuse_order('collision_case_claimant_does_not_decide', 'collision_case',
      format('%s claims the client of collision case %s and cannot decide it', wrong.number, wrong.collision_case_id),
      'Name a person who has no part in it.');
  end if;
  select n.collision_case_id, w.number into wrong
  from later as n
  join bank.employee as w on w.employee_id = n.winner_id
  where not exists (
    select 1 from bank.client_claim as c
    where c.collision_case_id = n.collision_case_id and c.employee_id = n.winner_id)
  limit 1;
  if found then
    perform bank.refuse_order('collision_case_winner_has_claimed', 'collision_case',
      format('%s has not claimed the client of collision case %s', wrong.number, wrong.collision_case_id),
      'Decide for one of the claimants, or for nobody.');
  end if;
  select n.collision_case_id, d.number as decider, c.number as claimant, r.relation into wrong
  from later as n
  join bank.client_claim as l using (collision_case_id)
  join bank.relationship_declaration as r on r.superseded_at is null
    and daterange(r.effective_from, r.effective_until) @> n.decided_at::date
    and ((r.employee_id = n.decided_by_id and r.other_employee_id = l.employee_id)
      or (r.employee_id = l.employee_id and r.other_employee_id = n.decided_by_id)
      or (r.employee_id = n.decided_by_id and r.client_number = l.client_number))
  join bank.employee as d on d.employee_id = n.decided_by_id
  join bank.employee as c on c.employee_id = l.employee_id
  limit 1;
  if found then
    perform bank.refuse_order('collision_case_decider_is_not_related', 'collision_case',
      format('%s cannot decide collision case %s, because a relationship to %s or to the client is declared (%s)',
        wrong.decider, wrong.collision_case_id, wrong.claimant, wrong.relation),
      'Name another person who decides.');
  end if;
  select n.collision_case_id, e.number, p.kind into wrong
  from later as n
  join bank.employee as e on e.employee_id = n.decided_by_id
  join bank.post as p on p.employee_id = n.decided_by_id and p.superseded_at is null
    and daterange(p.effective_from, p.effective_until) @> n.decided_at::date
  join bank.post_kind as k on k.kind = p.kind and k.manages_clients
  limit 1;
  if found then
    perform bank.refuse_order('collision_case_decider_manages_no_clients', 'collision_case',
      format('%s is %s and cannot decide whose a client is', wrong.number, replace(wrong.kind, '_', ' ')),
      'Name a person whose post does not manage clients.');
  end if;
  return null;
end
$$;
comment on function bank.check_collision_cases() is 'Trigger: a case is decided once, for a claimant or for nobody, by a person who has no part in it, no declared relationship and no clients to manage';
create or replace trigger collision_case_after_update after update on bank.collision_case
  referencing old table as earlier new table as later
  for each statement execute function bank.check_collision_cases();
