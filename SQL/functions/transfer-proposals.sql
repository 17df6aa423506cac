-- Proposals of transfers with their lists, and what moves for which cause.

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

create or replace function bank.terms_of_chosen(giver integer, of_cause text, since date, until date)
returns table (branch_id integer, client_id bigint, account_id bigint, clients_move boolean, balances_move boolean, rule integer)
language plpgsql as $$
declare
  -- Who does not say when they come back is away for longer than any limit.
  months constant integer := case when until is null then 2147483647 else
    extract(year from age(until, since)) * 12 + extract(month from age(until, since)) end;
  balance numeric;
begin
  if not exists (select 1 from bank.transfer_rule as r where r.cause = of_cause) then
    return query
    select distinct c.branch_id, coalesce(c.client_id, 0), coalesce(c.account_id, 0), true, true, null::integer from chosen as c;
    return;
  end if;
  if exists (select 1 from bank.transfer_rule as r where r.cause = of_cause and r.balance_from is not null) then
    select l.balance into balance from bank.coverage_load(array[giver], since) as l;
  end if;
  return query
  with loan as (
    select l.branch_id, l.account_id,
      greatest(0, l.term_months - (extract(year from age(since, l.granted_on)) * 12
        + extract(month from age(since, l.granted_on)))::integer) as instalments
    from bank.loan as l
    where l.status <> 'finished'
  ), most as (
    -- The loan of a client, or of an account, with most instalments left.
    select x.branch_id, x.client_id, x.account_id, max(x.instalments) as instalments
    from (
      select distinct c.branch_id, coalesce(c.client_id, 0) as client_id, coalesce(c.account_id, 0) as account_id, o.instalments
      from chosen as c
      left join bank.account_holder as h
        on h.client_branch_id = c.branch_id and h.client_id = c.client_id and h.role = 'owner'
      left join loan as o on o.branch_id = coalesce(h.branch_id, c.branch_id)
        and o.account_id = coalesce(h.account_id, c.account_id)
    ) as x
    group by x.branch_id, x.client_id, x.account_id
  ), term as (
    -- The rules are asked once for each number of instalments.
    select n.instalments, t.* from (select distinct m.instalments from most as m) as n
    cross join lateral bank.transfer_terms(of_cause, months, n.instalments, balance) as t
  )
  select m.branch_id, m.client_id, m.account_id, t.clients_move, t.balances_move, t.rule
  from most as m join term as t on t.instalments is not distinct from m.instalments;
end
$$;
comment on function bank.terms_of_chosen(integer, text, date, date) is 'What moves of each client or account in "chosen" by the bank''s rules for a cause: the months until the giver is back, the instalments left on the client''s own loans and the balance that the giver looks after decide';

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

  create temporary table listed on commit drop as
  select c.*, t.branch_id is not null as has_problem_loan, w.balances_move and with_balances as balances_move, w.rule,
    case when t.branch_id is not null and problem = 'stay' or not w.clients_move then 'stays'
      when t.branch_id is not null and problem = 'to_head' then 'to_head' else 'moves' end as fate
  from chosen as c
  left join troubled as t on t.branch_id = c.branch_id and coalesce(t.client_id, 0) = coalesce(c.client_id, 0)
    and coalesce(t.account_id, 0) = coalesce(c.account_id, 0)
    and coalesce(t.product_line, '') = coalesce(c.product_line, '')
  join bank.terms_of_chosen(giver_id, propose_transfer.cause, propose_transfer.effective_on, until) as w
    on w.branch_id = c.branch_id and w.client_id = coalesce(c.client_id, 0) and w.account_id = coalesce(c.account_id, 0);
  select count(*) filter (where fate = 'stays'), count(*) filter (where fate <> 'stays') into staying, moving from listed;
  if moving = 0 then
    perform bank.refuse_order('transfer_moves_something', 'transfer',
      format('%s has nothing to hand over on %s among what was chosen%s', giver, propose_transfer.effective_on, (
        select case when bool_and(l.has_problem_loan and problem = 'stay') then format(': all %s have problem loans', staying)
          else format(': rule %s for “%s” leaves %s of %s with them', min(l.rule), propose_transfer.cause, count(l.rule), staying) end
        from listed as l having count(*) > 0)),
      'Choose another day or other clients; bank.transfer_rule says what moves for which cause.');
  end if;
  insert into bank.transfer
    (giver_id, effective_on, effective_until, cause, selection, problem_loans, problem_head_id, balances_move,
     clients, clients_left, proposed_by_id)
  values (giver_id, propose_transfer.effective_on, until, coalesce(propose_transfer.cause, ''),
    coalesce(nullif(concat_ws(', ', 'at ' || unit_code, cardinality(numbers) || ' by number', (
      select string_agg(format('%s %s', a.axis, a.segment), ', ' order by a.axis)
      from jsonb_each_text(of_segments) as a (axis, segment))), ''), 'everything'),
    problem, case when head is not null then bank.require_employee(head) end,
    (select bool_and(l.balances_move) from listed as l where l.fate <> 'stays'), moving, staying,
    bank.require_employee(propose_transfer.proposed_by))
  returning transfer_id into transfer;
  insert into bank.transfer_receiver (transfer_id, position, employee_id)
  select transfer, r.position, r.person from unnest(receiver_ids) with ordinality as r (person, position);
  if head is not null and bank.require_employee(head) <> all (receiver_ids) then
    insert into bank.transfer_receiver (transfer_id, position, employee_id)
    values (transfer, 0, bank.require_employee(head));
  end if;
  insert into bank.transfer_item
    (branch_id, transfer_id, client_id, account_id, product_line, has_problem_loan, fate, balances_move, rule)
  select l.branch_id, transfer, l.client_id, l.account_id, l.product_line, l.has_problem_loan, l.fate, l.balances_move, l.rule
  from listed as l;
  drop table chosen, troubled, listed;
  return transfer;
end
$$;
comment on function bank.propose_transfer(text, text[], date, text, text, text, text[], bank.problem_loans, text, boolean, date, jsonb) is 'Proposes that a person hands over clients to others from a day on: everything, what lies at a unit or below, or some numbers of clients and accounts, or those of some segments such as {"band": "wealth"}. Clients with problem loans move, stay, or go to a head; accounts that are open may stay with who has them. What bank.transfer_rule says for the cause is asked for each client. Returns the number of the transfer';

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
