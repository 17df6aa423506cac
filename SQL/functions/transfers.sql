-- Transfers: proposed with their list, accepted by each receiver, effective from a day on through the verbs of
-- assignments.sql.

create or replace function bank.covered_accounts(people integer[], day date)
returns table (branch_id integer, account_id bigint, client_branch_id integer, client_id bigint,
  employee_id integer, role bank.assignment_role, share numeric)
language plpgsql stable as $$
begin
  if people is null then
    return query
    select c.branch_id, c.account_id, c.client_branch_id, c.client_id, c.employee_id, c.role, c.share
    from bank.account_coverage_as_of(day, 'deposits') as c where c.employee_id is not null;
    return;
  end if;
  -- Only what these people may have a part in is resolved, not the whole bank.
  return query
  with touched as (
    select s.branch_id, s.account_id
    from bank.assignment as s
    where s.employee_id = any (people) and s.superseded_at is null and s.account_id is not null
      and daterange(s.effective_from, s.effective_until) @> day
    union
    select h.branch_id, h.account_id
    from bank.assignment as s
    join bank.account_holder as h on h.client_branch_id = s.branch_id and h.client_id = s.client_id and h.role = 'owner'
    where s.employee_id = any (people) and s.superseded_at is null and s.client_id is not null
      and daterange(s.effective_from, s.effective_until) @> day
  ), held as (
    select t.branch_id, t.account_id, h.client_branch_id, h.client_id
    from touched as t
    join bank.account as a on a.branch_id = t.branch_id and a.account_id = t.account_id and a.opened_on <= day
    left join bank.account_holder as h on h.branch_id = t.branch_id and h.account_id = t.account_id and h.role = 'owner'
  ), candidate as (
    select h.*, s.employee_id, s.role, s.share, (s.product_line is null)::integer as rank
    from held as h
    join bank.assignment as s on s.branch_id = h.branch_id and s.account_id = h.account_id
    where s.superseded_at is null and daterange(s.effective_from, s.effective_until) @> day
      and coalesce(s.product_line, 'deposits') = 'deposits'
    union all
    select h.*, s.employee_id, s.role, s.share, 2 + (s.product_line is null)::integer
    from held as h
    join bank.assignment as s on s.branch_id = h.client_branch_id and s.client_id = h.client_id
    where s.superseded_at is null and daterange(s.effective_from, s.effective_until) @> day
      and coalesce(s.product_line, 'deposits') = 'deposits'
  ), ranked as (
    select c.*, min(c.rank) over (partition by c.branch_id, c.account_id) as first_rank from candidate as c
  )
  select r.branch_id, r.account_id, r.client_branch_id, r.client_id, r.employee_id, r.role, r.share
  from ranked as r
  where r.rank = r.first_rank and r.employee_id = any (people);
end
$$;
comment on function bank.covered_accounts(integer[], date) is 'The accounts that some people, or all without any named, look after on a day for deposits, with their shares: account before client, line before general';

create or replace function bank.coverage_load(people integer[], day date)
returns table (employee_id integer, clients bigint, accounts bigint, share numeric, balance numeric, capacity integer)
language plpgsql stable as $$
begin
  return query
  with person as (
    select e.employee_id from bank.employee as e where people is null or e.employee_id = any (people)
  ), owned as (
    -- Clients whose main manager a person is, and owners of the accounts whose main manager they are.
    select s.employee_id, s.branch_id, s.client_id
    from bank.assignment as s
    where s.superseded_at is null and s.role = 'main' and s.client_id is not null
      and daterange(s.effective_from, s.effective_until) @> day
      and (people is null or s.employee_id = any (people))
    union
    select s.employee_id, h.client_branch_id, h.client_id
    from bank.assignment as s
    join bank.account_holder as h on h.branch_id = s.branch_id and h.account_id = s.account_id and h.role = 'owner'
    where s.superseded_at is null and s.role = 'main' and s.account_id is not null
      and daterange(s.effective_from, s.effective_until) @> day
      and (people is null or s.employee_id = any (people))
  ), counted as (
    select o.employee_id, count(*) as clients from owned as o group by o.employee_id
  ), balanced as (
    select c.employee_id, count(*) as accounts, sum(c.share) as share, sum(c.share * coalesce(b.balance, 0)) as balance
    from bank.covered_accounts(people, day) as c
    left join (
      select m.branch_id, m.account_id, sum(m.credits - m.debits) as balance
      from bank.account_month as m where m.month <= day group by m.branch_id, m.account_id
    ) as b on b.branch_id = c.branch_id and b.account_id = c.account_id
    group by c.employee_id
  )
  select p.employee_id, coalesce(c.clients, 0), coalesce(b.accounts, 0), coalesce(b.share, 0),
    coalesce(b.balance, 0), (bank.tier_terms_on(bank.tier_on(p.employee_id, day), day)).client_capacity
  from person as p
  left join counted as c on c.employee_id = p.employee_id
  left join balanced as b on b.employee_id = p.employee_id
  where people is not null or c.employee_id is not null or b.employee_id is not null;
end
$$;
comment on function bank.coverage_load(integer[], date) is 'What people, or all without any named, look after on a day: clients as main manager, accounts, the sum of shares, the balance by share at the end of that month, and the capacity of the tier';

create or replace function bank.transfer_terms(
  of_cause text, months integer default null, instalments integer default null, balance numeric default null,
  out clients_move boolean, out balances_move boolean, out rule integer)
language plpgsql stable as $$
begin
  select r.clients_move, r.balances_move, r.position into clients_move, balances_move, rule
  from bank.transfer_rule as r
  where r.cause = of_cause
    and (r.months_above is null or months > r.months_above)
    and (r.months_from is null or months >= r.months_from)
    and (r.instalments_from is null or instalments >= r.instalments_from)
    and (r.instalments_below is null or instalments < r.instalments_below)
    and (r.balance_from is null or balance >= r.balance_from)
  order by r.position
  limit 1;
  if not found then
    clients_move := true;
    balances_move := true;
  end if;
end
$$;
comment on function bank.transfer_terms(text, integer, integer, numeric) is 'What moves by the bank''s rules for a cause: clients, and the accounts that are open; the number of the rule that decides, or none, when everything moves';

create or replace function bank.transfer_name(transfer bigint) returns text
language plpgsql stable as $$
begin
  return (
    select format('transfer %s of %s', t.transfer_id, e.number)
    from bank.transfer as t join bank.employee as e on e.employee_id = t.giver_id
    where t.transfer_id = transfer);
end
$$;
comment on function bank.transfer_name(bigint) is 'A transfer as messages call it';

create or replace function bank.propose_transfer(
  giver text, receivers text[], effective_on date, cause text, proposed_by text,
  unit_code text default null, numbers text[] default null, problem bank.problem_loans default 'move',
  head text default null, with_balances boolean default true, until date default null, of_segments jsonb default '{}') returns bigint
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
  giver_id constant integer := bank.require_employee(giver);
  receiver_ids constant integer[] := bank.employee_keys(receivers);
  area constant ltree := case when unit_code is not null then (
    select u.path from bank.org_unit as u where u.org_unit_id = bank.require_org_unit(unit_code, propose_transfer.effective_on)) end;
  moving integer;
  staying integer;
  transfer bigint;
  stray text;
begin
  if coalesce(cardinality(receiver_ids), 0) = 0 or giver_id = any (receiver_ids) then
    perform bank.refuse_order('transfer_goes_to_others', 'transfer',
      format('%s cannot hand over to %s', giver, case when cardinality(receiver_ids) > 0 then 'themselves' else 'nobody' end),
      'Name one or more other people.');
  end if;
  select e.number into stray from unnest(receiver_ids) as r (person) join bank.employee as e on e.employee_id = r.person
  where bank.departure_is_open(r.person) limit 1;
  if found then
    perform bank.refuse_order('transfer_receiver_stays', 'transfer',
      format('%s is leaving and cannot receive clients', stray), 'Name another receiver.');
  end if;
  create temporary table chosen on commit drop as
  select distinct s.branch_id, s.client_id, s.account_id, s.product_line
  from bank.assignment as s
  where s.employee_id = giver_id and s.superseded_at is null
    and daterange(s.effective_from, s.effective_until) @> propose_transfer.effective_on
    and (area is null or s.branch_id in (select u.org_unit_id from bank.org_unit as u where u.path <@ area))
    and (numbers is null
      or (s.branch_id, s.client_id) in (
        select c.branch_id, c.client_id from bank.client as c where c.number = any (numbers))
      or (s.branch_id, s.account_id) in (
        select a.branch_id, a.account_id from bank.account as a where a.number = any (numbers)))
    and not exists (
      -- Every segment that is asked for must be the client's, or the owner's of an account.
      select 1 from jsonb_each_text(of_segments) as asked (axis, segment)
      where not exists (
        select 1 from bank.client_segment as g
        where g.axis = asked.axis::bank.segment_axis and g.segment = asked.segment and g.superseded_at is null
          and daterange(g.effective_from, g.effective_until) @> propose_transfer.effective_on
          and ((g.branch_id = s.branch_id and g.client_id = s.client_id)
            or (g.branch_id, g.client_id) in (
              select h.client_branch_id, h.client_id from bank.account_holder as h
              where h.branch_id = s.branch_id and h.account_id = s.account_id and h.role = 'owner'))));
  analyze chosen;
  select n.number into stray
  from unnest(numbers) as n (number)
  where not exists (
    select 1 from chosen as c
    left join bank.client as l on l.branch_id = c.branch_id and l.client_id = c.client_id
    left join bank.account as a on a.branch_id = c.branch_id and a.account_id = c.account_id
    where n.number in (l.number, a.number))
    and cardinality(numbers) <= 1000
  limit 1;
  if stray is not null then
    perform bank.refuse_order('transfer_gives_what_is_there', 'transfer',
      format('%s does not look after %s on %s%s', giver, stray, propose_transfer.effective_on,
        coalesce(' at ' || unit_code, '')),
      'See what they have with banyan person show, or leave it out.');
  end if;
  create temporary table troubled on commit drop as
  select distinct c.branch_id, c.client_id, c.account_id, c.product_line
  from chosen as c
  join bank.account_holder as h on h.client_branch_id = c.branch_id and h.client_id = c.client_id and h.role = 'owner'
  join bank.loan as l on l.branch_id = h.branch_id and l.account_id = h.account_id
  where l.status in ('overdue', 'unpaid')
  union
  select c.branch_id, c.client_id, c.account_id, c.product_line
  from chosen as c
  join bank.loan as l on l.branch_id = c.branch_id and l.account_id = c.account_id
  where l.status in ('overdue', 'unpaid');

  select count(*) into staying from troubled where problem = 'stay';
  select count(*) - staying into moving from chosen;
  if moving = 0 then
    perform bank.refuse_order('transfer_moves_something', 'transfer',
      format('%s has nothing to hand over on %s among what was chosen%s', giver, propose_transfer.effective_on,
        case when staying > 0 then format(': all %s have problem loans', staying) else '' end),
      'Choose another day or other clients.');
  end if;
  insert into bank.transfer
    (giver_id, effective_on, effective_until, cause, selection, problem_loans, problem_head_id, balances_move,
     clients, clients_left, proposed_by_id)
  values (giver_id, propose_transfer.effective_on, until, coalesce(propose_transfer.cause, ''),
    coalesce(nullif(concat_ws(', ', 'at ' || unit_code, cardinality(numbers) || ' by number', (
      select string_agg(format('%s %s', a.axis, a.segment), ', ' order by a.axis)
      from jsonb_each_text(of_segments) as a (axis, segment))), ''), 'everything'),
    problem, case when head is not null then bank.require_employee(head) end, with_balances, moving, staying,
    bank.require_employee(propose_transfer.proposed_by))
  returning transfer_id into transfer;
  insert into bank.transfer_receiver (transfer_id, position, employee_id)
  select transfer, r.position, r.person from unnest(receiver_ids) with ordinality as r (person, position);
  if head is not null and bank.require_employee(head) <> all (receiver_ids) then
    insert into bank.transfer_receiver (transfer_id, position, employee_id)
    values (transfer, 0, bank.require_employee(head));
  end if;
  insert into bank.transfer_item
    (branch_id, transfer_id, client_id, account_id, product_line, has_problem_loan, fate)
  select c.branch_id, transfer, c.client_id, c.account_id, c.product_line, t.branch_id is not null,
    case when t.branch_id is null or problem = 'move' then 'moves' when problem = 'stay' then 'stays' else 'to_head' end
  from chosen as c
  left join troubled as t on t.branch_id = c.branch_id and coalesce(t.client_id, 0) = coalesce(c.client_id, 0)
    and coalesce(t.account_id, 0) = coalesce(c.account_id, 0)
    and coalesce(t.product_line, '') = coalesce(c.product_line, '');
  drop table chosen;
  drop table troubled;
  return transfer;
end
$$;
comment on function bank.propose_transfer(text, text[], date, text, text, text, text[], bank.problem_loans, text, boolean, date, jsonb) is 'Proposes that a person hands over clients to others from a day on: everything, what lies at a unit or below, or some numbers of clients and accounts, or those of some segments such as {"band": "wealth"}. Clients with problem loans move, stay, or go to a head; accounts that are open may stay with who has them. Returns the number of the transfer';

create or replace function bank.propose_branch_transfer(
  unit_code text, receivers text[], effective_on date, cause text, proposed_by text,
  problem bank.problem_loans default 'move', head text default null, with_balances boolean default true)
returns setof bigint
language plpgsql as $$
declare
  area constant ltree := (
    select u.path from bank.org_unit as u where u.org_unit_id = bank.require_org_unit(unit_code, propose_branch_transfer.effective_on - 1));
  giver text;
  found_one boolean := false;
begin
  for giver in
    select distinct e.number
    from bank.assignment as s join bank.employee as e using (employee_id)
    where s.superseded_at is null and daterange(s.effective_from, s.effective_until) @> propose_branch_transfer.effective_on
      and s.branch_id in (select u.org_unit_id from bank.org_unit as u where u.path <@ area)
      and e.number <> all (receivers)
    order by e.number
  loop
    found_one := true;
    return next bank.propose_transfer(giver, receivers, propose_branch_transfer.effective_on, cause, proposed_by,
      (select u.code from bank.org_unit as u where u.code = unit_code), null, problem, head, with_balances);
  end loop;
  if not found_one then
    perform bank.refuse_order('transfer_moves_something', 'transfer',
      format('nobody but the receivers looks after anything at %s on %s', unit_code, propose_branch_transfer.effective_on),
      'Choose another day or unit.');
  end if;
end
$$;
comment on function bank.propose_branch_transfer(text, text[], date, text, text, bank.problem_loans, text, boolean) is 'Proposes, for everybody who looks after clients booked at a unit or below, that they hand them over to some people: one transfer a giver, as when branches merge';

create or replace function bank.open_transfer(transfer bigint) returns bank.transfer
language plpgsql as $$
declare
  found_transfer bank.transfer;
begin
  select * into found_transfer from bank.transfer as t where t.transfer_id = transfer for update;
  if found_transfer.transfer_id is null then
    perform bank.refuse_order('transfer_is_known', 'transfer', format('there is no transfer %s on record', transfer),
      'See the numbers with banyan transfer list.', 'foreign_key_violation');
  elsif found_transfer.closed_at is not null then
    perform bank.refuse_order('transfer_is_open', 'transfer',
      format('%s is %s since %s', bank.transfer_name(transfer), found_transfer.state, found_transfer.closed_at::date),
      'Propose another one.', 'restrict_violation');
  end if;
  return found_transfer;
end
$$;
comment on function bank.open_transfer(bigint) is 'A transfer that is not closed yet, locked; refuses any other';

create or replace function bank.accept_transfer(transfer bigint, receiver text) returns bank.transfer_state
language plpgsql as $$
declare
  asked constant bank.transfer := bank.open_transfer(transfer);
  person constant integer := bank.require_employee(receiver);
begin
  update bank.transfer_receiver as r set accepted_at = clock_timestamp()
  where r.transfer_id = transfer and r.employee_id = person and r.accepted_at is null;
  if not found then
    perform bank.refuse_order('transfer_is_accepted_by_its_receivers', 'transfer_receiver',
      case when exists (select 1 from bank.transfer_receiver as r where r.transfer_id = transfer and r.employee_id = person)
        then format('%s has accepted %s already', receiver, bank.transfer_name(transfer))
        else format('%s is no receiver of %s', receiver, bank.transfer_name(transfer)) end,
      'Let the receivers accept who have not done so: banyan transfer show names them.');
  end if;
  if exists (select 1 from bank.transfer_receiver as r where r.transfer_id = transfer and r.accepted_at is null) then
    return 'proposed';
  end if;
  update bank.transfer as t set state = 'accepted' where t.transfer_id = transfer;
  if bank.departure_is_open(asked.giver_id) then
    return 'accepted';
  end if;
  perform bank.apply_transfer(transfer);
  return (select t.state from bank.transfer as t where t.transfer_id = transfer);
end
$$;
comment on function bank.accept_transfer(bigint, text) is 'A receiver agrees. With the last one the transfer takes effect from its day on, unless the giver is leaving and the departure audit is open, when it waits for bank.apply_transfer, or a rule asks for an approval';

create or replace function bank.keep_balances(transfer bigint) returns bigint
language plpgsql set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  moved constant bank.transfer := (select t from bank.transfer as t where t.transfer_id = transfer);
  team record;
  entry bigint;
begin
  perform bank.plan_for_many(moved.clients);
  -- Accounts that are open follow the client no longer: each gets the client's team as its own.
  create temporary table kept on commit drop as
  select a.branch_id, a.account_id, s.product_line,
    array_agg(s.employee_id order by s.role, s.employee_id) as people,
    array_agg(s.role order by s.role, s.employee_id) as roles,
    array_agg(s.share order by s.role, s.employee_id) as shares
  from bank.transfer_item as i
  join bank.account_holder as h on h.client_branch_id = i.branch_id and h.client_id = i.client_id and h.role = 'owner'
  join bank.account as a on a.branch_id = h.branch_id and a.account_id = h.account_id and a.opened_on < moved.effective_on
  join bank.assignment as s on s.branch_id = i.branch_id and s.client_id = i.client_id and s.superseded_at is null
    and daterange(s.effective_from, s.effective_until) @> moved.effective_on
    and s.product_line is not distinct from i.product_line
  where i.transfer_id = transfer and i.fate <> 'stays' and not exists (
    select 1 from bank.assignment as o
    where o.branch_id = a.branch_id and o.account_id = a.account_id and o.superseded_at is null
      and coalesce(o.product_line, '') = coalesce(i.product_line, '')
      and daterange(o.effective_from, o.effective_until) && daterange(moved.effective_on, moved.effective_until))
  group by a.branch_id, a.account_id, s.product_line;
  for team in
    select k.people, k.roles, k.shares,
      array_agg(row(k.branch_id, null, k.account_id, k.product_line)::bank.coverage_scope) as scopes
    from kept as k
    group by k.people, k.roles, k.shares
  loop
    select min(c.entry_id) into entry
    from bank.change_coverage('assign', team.scopes, team.people, team.roles, team.shares, moved.effective_on,
      moved.effective_until, format('balances stay with transfer %s', transfer)) as c;
    update bank.transfer as t set entries = t.entries || entry where t.transfer_id = transfer;
  end loop;
  drop table kept;
  return entry;
end
$$;
comment on function bank.keep_balances(bigint) is 'Leaves the open accounts of the clients of a transfer with who has them, by assignments of their own; the last entry that did it';

create or replace function bank.carry_out_transfer(asked bank.transfer) returns void
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
  transfer constant bigint := asked.transfer_id;
  giver constant text := (select e.number from bank.employee as e where e.employee_id = asked.giver_id);
  receivers text[];
  scopes bank.coverage_scope[];
  made bigint[];
begin
  -- All locks in the one order before anything changes.
  perform bank.lock_coverage(array_agg(x.scope))
  from (
    select row(i.branch_id, i.client_id, i.account_id, i.product_line)::bank.coverage_scope as scope
    from bank.transfer_item as i where i.transfer_id = transfer and i.fate <> 'stays'
    union all
    select row(h.branch_id, null, h.account_id, null)::bank.coverage_scope
    from bank.transfer_item as i
    join bank.account_holder as h on h.client_branch_id = i.branch_id and h.client_id = i.client_id and h.role = 'owner'
    where i.transfer_id = transfer and i.fate <> 'stays' and not asked.balances_move
  ) as x;
  if not asked.balances_move then
    perform bank.keep_balances(transfer);
  end if;
  select array_agg(e.number order by r.position) into receivers
  from bank.transfer_receiver as r join bank.employee as e using (employee_id)
  where r.transfer_id = transfer and r.position > 0;
  select array_agg(row(i.branch_id, i.client_id, i.account_id, i.product_line)::bank.coverage_scope) into scopes
  from bank.transfer_item as i where i.transfer_id = transfer and i.fate = 'moves';
  if scopes is not null then
    select array_agg(distinct c.entry_id) into made
    from bank.transfer_coverage(scopes, giver, receivers, asked.effective_on, asked.effective_until,
      format('transfer %s: %s', transfer, asked.cause)) as c;
    update bank.transfer as t set entries = t.entries || made where t.transfer_id = transfer;
  end if;
  select array_agg(row(i.branch_id, i.client_id, i.account_id, i.product_line)::bank.coverage_scope) into scopes
  from bank.transfer_item as i where i.transfer_id = transfer and i.fate = 'to_head';
  if scopes is not null then
    select array_agg(distinct c.entry_id) into made
    from bank.transfer_coverage(scopes, giver, (
        select array[e.number] from bank.employee as e where e.employee_id = asked.problem_head_id),
      asked.effective_on, asked.effective_until, format('transfer %s: problem loans to the head', transfer)) as c;
    update bank.transfer as t set entries = t.entries || made where t.transfer_id = transfer;
  end if;
end
$$;
comment on function bank.carry_out_transfer(bank.transfer) is 'Moves what is on the list of a transfer, in sets, from its day on; bank.apply_transfer asks first whether it may';

create or replace function bank.apply_transfer(transfer bigint) returns void
language plpgsql as $$
declare
  asked constant bank.transfer := bank.open_transfer(transfer);
begin
  if asked.state <> 'accepted' then
    perform bank.refuse_order('transfer_is_accepted_first', 'transfer',
      format('%s waits for %s', bank.transfer_name(transfer), (
        select string_agg(e.number, ', ' order by r.position)
        from bank.transfer_receiver as r join bank.employee as e using (employee_id)
        where r.transfer_id = transfer and r.accepted_at is null)),
      'Let every receiver accept it first.');
  end if;
  perform bank.require_audited(asked.giver_id);
  if bank.await_approval('assignment_transfer', transfer::text,
    format('%s to %s from %s on, %s clients', bank.transfer_name(transfer), (
      select string_agg(e.number, ', ' order by r.position)
      from bank.transfer_receiver as r join bank.employee as e using (employee_id) where r.transfer_id = transfer),
      asked.effective_on, asked.clients),
    jsonb_build_object('transfer', transfer), asked.clients, asked.proposed_by_id,
    array[asked.giver_id] || array(select r.employee_id from bank.transfer_receiver as r where r.transfer_id = transfer order by 1),
    nullif(asked.cause, '')) is not null
  then
    return;
  end if;
  perform bank.carry_out_transfer(asked);
  update bank.transfer as t
  set state = 'effective', closed_at = clock_timestamp(),
    warnings = coalesce((
      select array_agg(w.warning) from bank.coverage_entry as n cross join unnest(n.warnings) as w (warning)
      where n.coverage_entry_id = any (t.entries)), '{}')
  where t.transfer_id = transfer;
end
$$;
comment on function bank.apply_transfer(bigint) is 'Carries out a transfer that all receivers have accepted: one transaction, in sets, from its day on. Where a rule asks for an approval, it waits for that';

create or replace function bank.close_transfer(transfer bigint, as_state bank.transfer_state, by_whom text, why text) returns void
language plpgsql as $$
declare
  asked constant bank.transfer := bank.open_transfer(transfer);
  person constant integer := bank.require_employee(by_whom);
begin
  if as_state not in ('refused', 'withdrawn') then
    perform bank.refuse_order('transfer_is_refused_or_withdrawn', 'transfer',
      format('%s cannot be made %s this way', bank.transfer_name(transfer), as_state), 'Refuse or withdraw it.');
  elsif as_state = 'refused' and not exists (
    select 1 from bank.transfer_receiver as r where r.transfer_id = transfer and r.employee_id = person)
  then
    perform bank.refuse_order('transfer_is_refused_by_its_receivers', 'transfer',
      format('%s is no receiver of %s', by_whom, bank.transfer_name(transfer)),
      'A receiver refuses; who proposed it withdraws.');
  elsif as_state = 'withdrawn' and person not in (asked.proposed_by_id, asked.giver_id) then
    perform bank.refuse_order('transfer_is_withdrawn_by_who_proposed_it', 'transfer',
      format('%s did not propose %s', by_whom, bank.transfer_name(transfer)),
      'Who proposed it, or the giver, withdraws it.');
  end if;
  update bank.transfer as t set state = as_state, closed_at = clock_timestamp(), closing_reason = coalesce(why, '')
  where t.transfer_id = transfer;
end
$$;
comment on function bank.close_transfer(bigint, bank.transfer_state, text, text) is 'A receiver refuses a transfer, or who proposed it withdraws it, with a reason';

create or replace function bank.preview_transfer(
  giver text, receivers text[], effective_on date, cause text, proposed_by text,
  unit_code text default null, numbers text[] default null, problem bank.problem_loans default 'move',
  head text default null, with_balances boolean default true, until date default null, of_segments jsonb default '{}')
returns table (
  person text, clients_before bigint, clients_after bigint, capacity integer, accounts_before bigint,
  accounts_after bigint, share_before numeric, share_after numeric, balance_before numeric, balance_after numeric)
language plpgsql as $$
declare
  people constant integer[] := bank.employee_keys(
    array_remove(array[giver] || receivers || case when head = any (receivers) then null else head end, null));
  before_rows jsonb;
  after_rows jsonb;
  transfer bigint;
begin
  -- Everything is done and undone: what it says is what would come of it.
  begin
    update bank.departure as d set withdrawn_at = clock_timestamp(), withdrawn_reason = 'rehearsal'
    where d.employee_id = people[1] and d.released_at is null and d.withdrawn_at is null and d.closed_at is null;
    select jsonb_agg(to_jsonb(l)) into before_rows from bank.coverage_load(people, preview_transfer.effective_on) as l;
    transfer := bank.propose_transfer(giver, receivers, preview_transfer.effective_on, cause, proposed_by, unit_code,
      numbers, problem, head, with_balances, until, of_segments);
    update bank.transfer_receiver as r set accepted_at = clock_timestamp() where r.transfer_id = transfer;
    update bank.transfer as t set state = 'accepted' where t.transfer_id = transfer;
    perform bank.carry_out_transfer(t) from bank.transfer as t where t.transfer_id = transfer;
    select jsonb_agg(to_jsonb(l)) into after_rows from bank.coverage_load(people, preview_transfer.effective_on) as l;
    raise exception using errcode = 'BN001', message = 'rehearsal';
  exception
    when sqlstate 'BN001' then null;
  end;
  return query
  select e.number, b.clients, a.clients, a.capacity, b.accounts, a.accounts, b.share, a.share, b.balance, a.balance
  from unnest(people) with ordinality as p (employee_id, position)
  join bank.employee as e using (employee_id)
  join jsonb_to_recordset(before_rows) as b (
    employee_id integer, clients bigint, accounts bigint, share numeric, balance numeric) using (employee_id)
  join jsonb_to_recordset(after_rows) as a (
    employee_id integer, clients bigint, accounts bigint, share numeric, balance numeric, capacity integer)
    using (employee_id)
  order by p.position;
end
$$;
comment on function bank.preview_transfer(text, text[], date, text, text, text, text[], bank.problem_loans, text, boolean, date, jsonb) is 'What a transfer would do to the load and the shares of everybody in it: it is carried out and undone. Whatever would refuse it refuses here too';

create or replace function bank.check_closed_transfers() returns trigger
language plpgsql as $$
declare
  wrong bank.transfer;
begin
  select o.* into wrong from earlier as o where o.closed_at is not null limit 1;
  if found then
    perform bank.refuse_order('transfer_is_open', 'transfer',
      format('%s is %s since %s', bank.transfer_name(wrong.transfer_id), wrong.state, wrong.closed_at::date),
      'Propose another one.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_closed_transfers() is 'Trigger: a transfer that is closed stays as it is';
create or replace trigger transfer_stays_as_it_is after update on bank.transfer
  referencing old table as earlier for each statement execute function bank.check_closed_transfers();
create or replace trigger transfer_stays before delete or truncate on bank.transfer
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger transfer_receiver_stays before delete or truncate on bank.transfer_receiver
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger transfer_item_stays before update or delete or truncate on bank.transfer_item
  for each statement execute function bank.refuse_org_deletion();
