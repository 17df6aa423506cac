-- Transfers: accepted by each receiver, effective from a day on through the verbs of assignment-transfers.sql.

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
  where i.transfer_id = transfer and i.fate <> 'stays' and not i.balances_move and not exists (
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
    where i.transfer_id = transfer and i.fate <> 'stays' and not i.balances_move
  ) as x;
  perform bank.keep_balances(transfer)
  where exists (select 1 from bank.transfer_item as i where i.transfer_id = transfer and not i.balances_move);
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
    format('%s to %s from %s on, %s', bank.transfer_name(transfer), (
      select string_agg(e.number, ', ' order by r.position)
      from bank.transfer_receiver as r join bank.employee as e using (employee_id) where r.transfer_id = transfer),
      asked.effective_on, case asked.clients when 1 then '1 client' else asked.clients || ' clients' end),
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
