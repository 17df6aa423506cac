-- Orders about clients, by file: groups, merges, claims, and the decisions of collision cases.

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

create or replace function bank.order_client_merge(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  gone bank.client_merge;
  survivor bank.coverage_scope;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (duplicate text, survivor text, reason text);
  survivor := bank.client_scope(asked.survivor);
  select m.* into gone
  from bank.client as c join bank.client_merge as m using (branch_id, client_id)
  where c.number = asked.duplicate;
  if found and (select (s.branch_id, s.client_id) = (survivor.branch_id, survivor.client_id)
    from bank.surviving_client(gone.branch_id, gone.client_id) as s)
  then
    return false;
  end if;
  perform bank.merge_clients(
    case when gone.client_id is not null then row(gone.branch_id, gone.client_id, null, null)::bank.coverage_scope
      else bank.client_scope(asked.duplicate) end,
    survivor, asked.reason);
  return true;
end
$$;
comment on function bank.order_client_merge(jsonb[], bigint) is 'Merges the two clients of one line of a file, unless they are one already';

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

create or replace function bank.claim_on_record(person integer, of_client text, of_prospect text) returns bank.client_claim
language plpgsql stable as $$
declare
  held bank.client_claim;
begin
  if num_nonnulls(of_client, of_prospect) <> 1 then
    perform bank.refuse_order('client_claim_names_a_client', 'client_claim',
      'a claim names either a client on record or a prospect', 'Give the number of the one or the name of the other.');
  end if;
  select c.* into held from bank.client_claim as c
  where (person is null or c.employee_id = person)
    and (c.client_number = of_client or c.name_key = bank.name_key(of_prospect))
  order by (c.state in ('granted', 'contested')) desc, c.collision_case_id desc nulls last, c.client_claim_id desc
  limit 1;
  if held.client_claim_id is null then
    perform bank.refuse_order('client_claim_is_known', 'client_claim',
      format('there is no claim%s to %s on record', (
        select ' of ' || e.number from bank.employee as e where e.employee_id = person), coalesce(of_client, of_prospect)),
      'Send it first, or correct the number or name.', 'foreign_key_violation');
  end if;
  return held;
end
$$;
comment on function bank.claim_on_record(integer, text, text) is 'The last claim of a person, or of anybody, to a client by number or a prospect by name: one that holds before one that is closed; refuses where there is none';

create or replace function bank.order_claim_change(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  held bank.client_claim;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    employee_number text, client_number text, prospect_name text, change text, attached_to text, effective_from date);
  if (asked.change = 'attach') <> (asked.attached_to is not null) then
    perform bank.refuse_order('client_claim_change_is_whole', 'client_claim',
      case asked.change when 'attach' then 'nobody is named whom the prospect has become' else 'a withdrawal names no other client' end,
      'To attach a claim takes attached_to; leave it out to withdraw one.');
  end if;
  held := bank.claim_on_record(bank.require_employee(asked.employee_number), asked.client_number, asked.prospect_name);
  if (asked.change = 'withdraw' and held.state = 'withdrawn')
    or (asked.change = 'attach' and held.state = 'granted' and held.client_number = asked.attached_to)
  then
    return false;
  elsif asked.change = 'withdraw' then
    perform bank.withdraw_claim(held.client_claim_id);
  else
    perform bank.attach_claim(held.client_claim_id, asked.attached_to, coalesce(asked.effective_from, current_date));
  end if;
  return true;
end
$$;
comment on function bank.order_claim_change(jsonb[], bigint) is 'Withdraws the claim of one line of a file, or joins it with the client that the prospect has become, unless that was done';

create or replace function bank.order_collision_decision(lines jsonb[], batch bigint) returns boolean
language plpgsql as $$
declare
  asked record;
  open_case bank.collision_case;
begin
  select * into asked from jsonb_to_record(lines[1]) as x (
    client_number text, prospect_name text, decided_by text, winner text, reason text, effective_from date);
  select c.* into open_case
  from bank.claim_on_record(null, asked.client_number, asked.prospect_name) as l
  join bank.collision_case as c on c.collision_case_id = l.collision_case_id;
  if open_case.collision_case_id is null then
    perform bank.refuse_order('collision_case_is_known', 'collision_case',
      format('nobody contests %s', coalesce(asked.client_number, asked.prospect_name)),
      'See what is contested with banyan collision list.', 'foreign_key_violation');
  elsif open_case.decided_at is not null
    and open_case.decided_by_id = bank.require_employee(asked.decided_by)
    and open_case.winner_id is not distinct from (
      select e.employee_id from bank.employee as e where e.number = asked.winner)
  then
    return false;
  end if;
  perform bank.decide_collision(open_case.collision_case_id, asked.decided_by, asked.winner, asked.reason,
    coalesce(asked.effective_from, current_date));
  return true;
end
$$;
comment on function bank.order_collision_decision(jsonb[], bigint) is 'Decides the collision case about the client of one line of a file, for a claimant or, without a winner, for nobody, unless it was decided so';
