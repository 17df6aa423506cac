-- What keeps bank.branch_month and bank.client_overlap right, and what counts them anew.

-- Adding -------------------------------------------------------------------------------------------------------

create or replace function bank.add_to_branch_months(changes bank.branch_month[]) returns void
language plpgsql as $$
begin
  if cardinality(changes) = 0 then
    return;
  end if;
  insert into bank.branch_month (branch_id, month, source)
  select c.branch_id, c.month, c.source from unnest(changes) as c
  order by c.branch_id, c.month, c.source
  on conflict on constraint branch_month_pk do nothing;
  -- Whoever adds to the same rows waits here, and takes them in the same order.
  perform from bank.branch_month as m
  join unnest(changes) as c on c.branch_id = m.branch_id and c.month = m.month and c.source = m.source
  order by m.branch_id, m.month, m.source
  for no key update of m;
  update bank.branch_month as m set
    new_accounts = m.new_accounts + c.new_accounts,
    new_clients = m.new_clients + c.new_clients,
    transactions = m.transactions + c.transactions,
    credits = m.credits + c.credits,
    debits = m.debits + c.debits,
    movement_days = m.movement_days + c.movement_days,
    loans_granted = m.loans_granted + c.loans_granted,
    loans_granted_amount = m.loans_granted_amount + c.loans_granted_amount
  from unnest(changes) as c
  where m.branch_id = c.branch_id and m.month = c.month and m.source = c.source;
  if exists (
    select from unnest(changes) as c
    where least(c.new_accounts, c.new_clients, c.transactions, c.credits, c.debits, c.loans_granted, c.loans_granted_amount) < 0) then
    delete from bank.branch_month as m
    using unnest(changes) as c
    where m.branch_id = c.branch_id and m.month = c.month and m.source = c.source
      and (m.new_accounts, m.new_clients, m.transactions, m.loans_granted) = (0, 0, 0, 0)
      and (m.credits, m.debits, m.movement_days, m.loans_granted_amount) = (0, 0, 0, 0);
  end if;
end
$$;
comment on function bank.add_to_branch_months(bank.branch_month[]) is 'Adds figures, which may be negative, to bank.branch_month, and removes rows that nothing is left of; each branch, month and source stands in them once';

create or replace function bank.add_to_client_overlaps(changes bank.client_overlap[]) returns void
language plpgsql as $$
begin
  if cardinality(changes) = 0 then
    return;
  end if;
  insert into bank.client_overlap (branch_id, month, earlier_branches, clients)
  select c.branch_id, c.month, c.earlier_branches, 0 from unnest(changes) as c
  order by c.branch_id, c.month, c.earlier_branches
  on conflict on constraint client_overlap_pk do nothing;
  update bank.client_overlap as o set clients = o.clients + c.clients
  from unnest(changes) as c
  where o.branch_id = c.branch_id and o.month = c.month and o.earlier_branches = c.earlier_branches;
  delete from bank.client_overlap as o
  using unnest(changes) as c
  where o.branch_id = c.branch_id and o.month = c.month and o.earlier_branches = c.earlier_branches and o.clients = 0;
end
$$;
comment on function bank.add_to_client_overlaps(bank.client_overlap[]) is 'Adds numbers of clients, which may be negative, to bank.client_overlap; each branch, month and set of branches stands in them once';

-- Movements and loans ------------------------------------------------------------------------------------------

create or replace function bank.roll_up_movements() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  changes bank.branch_month[];
begin
  if tg_op = 'INSERT' then
    changes := array(
      select row(c.branch_id, c.month, 'movements', 0, 0, sum(c.transactions), sum(c.credits), sum(c.debits),
        sum(c.movement_days), 0, 0)::bank.branch_month
      from changed as c
      group by c.branch_id, c.month);
  elsif tg_op = 'DELETE' then
    changes := array(
      select row(f.branch_id, f.month, 'movements', 0, 0, -sum(f.transactions), -sum(f.credits), -sum(f.debits),
        -sum(f.movement_days), 0, 0)::bank.branch_month
      from former as f
      group by f.branch_id, f.month);
  else
    changes := array(
      select row(e.branch_id, e.month, 'movements', 0, 0, sum(e.transactions), sum(e.credits), sum(e.debits),
        sum(e.movement_days), 0, 0)::bank.branch_month
      from (
        select c.branch_id, c.month, c.transactions, c.credits, c.debits, c.movement_days from changed as c
        union all
        select f.branch_id, f.month, -f.transactions, -f.credits, -f.debits, -f.movement_days from former as f
      ) as e
      group by e.branch_id, e.month
      having (sum(e.transactions), sum(e.credits), sum(e.debits), sum(e.movement_days)) <> (0, 0, 0, 0));
  end if;
  perform bank.add_to_branch_months(changes);
  return null;
end
$$;
comment on function bank.roll_up_movements() is 'Trigger: what changes in bank.account_month changes in bank.branch_month';
create or replace trigger account_month_is_rolled_up after insert on bank.account_month
  referencing new table as changed for each statement execute function bank.roll_up_movements();
create or replace trigger account_month_change_is_rolled_up after update on bank.account_month
  referencing old table as former new table as changed for each statement execute function bank.roll_up_movements();
create or replace trigger account_month_removal_is_rolled_up after delete on bank.account_month
  referencing old table as former for each statement execute function bank.roll_up_movements();

create or replace function bank.roll_up_loans() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  changes bank.branch_month[];
begin
  if tg_op = 'INSERT' then
    changes := array(
      select row(c.branch_id, bank.month_of(c.granted_on), 'loans', 0, 0, 0, 0, 0, 0, count(*), sum(c.amount))::bank.branch_month
      from changed as c
      group by c.branch_id, bank.month_of(c.granted_on));
  elsif tg_op = 'DELETE' then
    changes := array(
      select row(f.branch_id, bank.month_of(f.granted_on), 'loans', 0, 0, 0, 0, 0, 0, -count(*), -sum(f.amount))::bank.branch_month
      from former as f
      group by f.branch_id, bank.month_of(f.granted_on));
  else
    changes := array(
      select row(e.branch_id, e.month, 'loans', 0, 0, 0, 0, 0, 0, sum(e.loans), sum(e.amount))::bank.branch_month
      from (
        select c.branch_id, bank.month_of(c.granted_on) as month, 1 as loans, c.amount from changed as c
        union all
        select f.branch_id, bank.month_of(f.granted_on), -1, -f.amount from former as f
      ) as e
      group by e.branch_id, e.month
      having sum(e.loans) <> 0 or sum(e.amount) <> 0);
  end if;
  perform bank.add_to_branch_months(changes);
  return null;
end
$$;
comment on function bank.roll_up_loans() is 'Trigger: what changes in bank.loan changes in bank.branch_month';
create or replace trigger loan_is_rolled_up after insert on bank.loan
  referencing new table as changed for each statement execute function bank.roll_up_loans();
create or replace trigger loan_change_is_rolled_up after update on bank.loan
  referencing old table as former new table as changed for each statement execute function bank.roll_up_loans();
create or replace trigger loan_removal_is_rolled_up after delete on bank.loan
  referencing old table as former for each statement execute function bank.roll_up_loans();

-- Accounts and who holds them ------------------------------------------------------------------------------------

create or replace function bank.roll_up_accounts() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.add_to_branch_months(array(
    select row(n.branch_id, bank.month_of(n.opened_on), 'accounts', count(*), 0, 0, 0, 0, 0, 0, 0)::bank.branch_month
    from changed as n
    group by n.branch_id, bank.month_of(n.opened_on)));
  return null;
end
$$;
comment on function bank.roll_up_accounts() is 'Trigger: new accounts count in bank.branch_month';
create or replace trigger account_is_rolled_up after insert on bank.account
  referencing new table as changed for each statement execute function bank.roll_up_accounts();

create or replace function bank.roll_up_holders() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp set jit = off as $$
declare
  of_branches bank.branch_month[];
  of_overlaps bank.client_overlap[];
begin
  -- In tables with statistics: the planner knows nothing of the rows of a statement, and would join a million of them
  -- one by one.
  create temporary table new_holding on commit drop as
  select n.client_branch_id, n.client_id, n.branch_id, n.account_id from changed as n;
  analyze new_holding;
  -- All accounts of the clients, and of those that they held before this statement the day once more. Put together by
  -- grouping, which takes as long as there are rows.
  create temporary table holding on commit drop as
  select e.client_branch_id, e.client_id, e.branch_id, a.opened_on, case when not e.is_new then a.opened_on end as former_on
  from (
    select h.client_branch_id, h.client_id, h.branch_id, h.account_id, bool_or(h.is_new) as is_new
    from (
      select h.client_branch_id, h.client_id, h.branch_id, h.account_id, false as is_new
      from (select distinct n.client_branch_id, n.client_id from new_holding as n) as t
      join bank.account_holder as h using (client_branch_id, client_id)
      union all
      select n.client_branch_id, n.client_id, n.branch_id, n.account_id, true from new_holding as n
    ) as h
    group by h.client_branch_id, h.client_id, h.branch_id, h.account_id
  ) as e
  join bank.account as a using (branch_id, account_id);
  analyze holding;
  with holder as materialized (
    select h.client_branch_id, h.client_id, min(h.branch_id) as branch_id, max(h.branch_id) as other_id,
      min(h.opened_on) as first_on, min(h.former_on) as former_first_on
    from holding as h
    group by h.client_branch_id, h.client_id
  ), at_several as (
    select f.client_branch_id, f.client_id, h.branch_id, min(h.opened_on) as first_on, min(h.former_on) as former_first_on
    from holder as f
    join holding as h using (client_branch_id, client_id)
    where f.branch_id <> f.other_id
    group by f.client_branch_id, f.client_id, h.branch_id
  ), chained as (
    -- Branches without a former day come last, so that they are earlier than none of the others.
    select f.branch_id, f.first_on, f.former_first_on,
      array_agg(f.branch_id) over (
        partition by f.client_branch_id, f.client_id order by f.first_on, f.branch_id
        rows between unbounded preceding and 1 preceding) as earlier,
      array_agg(f.branch_id) over (
        partition by f.client_branch_id, f.client_id order by f.former_first_on, f.branch_id
        rows between unbounded preceding and 1 preceding) as former_earlier
    from at_several as f
  ), change as (
    select f.branch_id, bank.month_of(f.first_on) as month, null::integer[] as earlier, 1 as clients
    from holder as f
    where f.branch_id = f.other_id
    union all
    select f.branch_id, bank.month_of(f.former_first_on), null, -1
    from holder as f
    where f.branch_id = f.other_id and f.former_first_on is not null
    union all
    select c.branch_id, bank.month_of(c.first_on), bank.ascending(c.earlier), 1
    from chained as c
    union all
    select c.branch_id, bank.month_of(c.former_first_on), bank.ascending(c.former_earlier), -1
    from chained as c
    where c.former_first_on is not null
  ), summed as materialized (
    select c.branch_id, c.month, c.earlier, sum(c.clients) as clients
    from change as c
    group by c.branch_id, c.month, c.earlier
    having sum(c.clients) <> 0
  )
  select array(
      select row(s.branch_id, s.month, 'holders', 0, sum(s.clients), 0, 0, 0, 0, 0, 0)::bank.branch_month
      from summed as s
      group by s.branch_id, s.month
      having sum(s.clients) <> 0),
    array(
      select row(s.branch_id, s.month, s.earlier, s.clients)::bank.client_overlap
      from summed as s
      where s.earlier is not null)
  into of_branches, of_overlaps;
  drop table new_holding, holding;
  perform bank.add_to_branch_months(of_branches);
  perform bank.add_to_client_overlaps(of_overlaps);
  return null;
end
$$;
comment on function bank.roll_up_holders() is 'Trigger: clients count at a branch from their first account there, in bank.branch_month, and where they held accounts before in bank.client_overlap';
create or replace trigger account_holder_is_rolled_up after insert on bank.account_holder
  referencing new table as changed for each statement execute function bank.roll_up_holders();

create or replace function bank.ascending(branches integer[]) returns integer[]
language plpgsql immutable as $$
begin
  if branches is null or cardinality(branches) = 1 then
    return branches;
  end if;
  return array(select b from unnest(branches) as b order by b);
end
$$;
comment on function bank.ascending(integer[]) is 'Branches in ascending order; null for none';

-- No verb changes the day of an account or takes a holder away, so these may take their time.
create or replace function bank.count_branch_months_anew() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  differs boolean;
begin
  if tg_op = 'DELETE' then
    select exists (select from former) into differs;
  elsif tg_relid = 'bank.account'::regclass then
    select exists (
      select o.branch_id, o.account_id, o.opened_on from former as o
      except select n.branch_id, n.account_id, n.opened_on from changed as n) into differs;
  else
    select exists (
      select o.branch_id, o.account_id, o.client_branch_id, o.client_id from former as o
      except select n.branch_id, n.account_id, n.client_branch_id, n.client_id from changed as n) into differs;
  end if;
  if differs then
    perform bank.rebuild_branch_months();
  end if;
  return null;
end
$$;
comment on function bank.count_branch_months_anew() is 'Trigger: counts everything anew when an account gets another day, or a holder another account or client';
create or replace trigger account_change_is_rolled_up after update on bank.account
  referencing old table as former new table as changed for each statement execute function bank.count_branch_months_anew();
create or replace trigger account_removal_is_rolled_up after delete on bank.account
  referencing old table as former for each statement execute function bank.count_branch_months_anew();
create or replace trigger account_holder_change_is_rolled_up after update on bank.account_holder
  referencing old table as former new table as changed for each statement execute function bank.count_branch_months_anew();
create or replace trigger account_holder_removal_is_rolled_up after delete on bank.account_holder
  referencing old table as former for each statement execute function bank.count_branch_months_anew();

-- Counting anew ------------------------------------------------------------------------------------------------

create or replace function bank.counted_branch_months() returns setof bank.branch_month
language plpgsql stable as $$
begin
  return query
  select a.branch_id, bank.month_of(a.opened_on), 'accounts'::bank.branch_month_source, count(*), 0::bigint, 0::bigint,
    0::numeric, 0::numeric, 0::numeric, 0::bigint, 0::numeric
  from bank.account as a
  group by 1, 2
  union all
  select f.branch_id, bank.month_of(f.first_on), 'holders', 0, count(*), 0, 0, 0, 0, 0, 0
  from (
    select h.branch_id, min(a.opened_on) as first_on
    from bank.account_holder as h
    join bank.account as a on a.branch_id = h.branch_id and a.account_id = h.account_id
    group by h.branch_id, h.client_branch_id, h.client_id
  ) as f
  group by 1, 2
  union all
  select m.branch_id, m.month, 'movements', 0, 0, sum(m.transactions)::bigint, sum(m.credits), sum(m.debits),
    sum(m.movement_days), 0, 0
  from bank.account_month as m
  group by 1, 2
  union all
  select l.branch_id, bank.month_of(l.granted_on), 'loans', 0, 0, 0, 0, 0, 0, count(*), sum(l.amount)
  from bank.loan as l
  group by 1, 2;
end
$$;
comment on function bank.counted_branch_months() is 'bank.branch_month, counted anew from the accounts that the caller may see';

create or replace function bank.counted_client_overlaps() returns setof bank.client_overlap
language plpgsql stable as $$
begin
  return query
  with held as (
    select h.client_branch_id, h.client_id, h.branch_id, min(a.opened_on) as first_on
    from bank.account_holder as h
    join bank.account as a on a.branch_id = h.branch_id and a.account_id = h.account_id
    group by h.client_branch_id, h.client_id, h.branch_id
  ), chained as (
    select f.branch_id, f.first_on,
      array_agg(f.branch_id) over (
        partition by f.client_branch_id, f.client_id order by f.first_on, f.branch_id
        rows between unbounded preceding and 1 preceding) as earlier
    from held as f
  )
  select c.branch_id, bank.month_of(c.first_on), bank.ascending(c.earlier), count(*)
  from chained as c
  where c.earlier is not null
  group by 1, 2, 3;
end
$$;
comment on function bank.counted_client_overlaps() is 'bank.client_overlap, counted anew from the accounts that the caller may see';

create or replace function bank.rebuild_branch_months() returns void
language plpgsql as $$
begin
  -- What is being imported now is waited for, and what comes next waits.
  lock table bank.account, bank.account_holder, bank.account_month, bank.loan in share row exclusive mode;
  delete from bank.branch_month;
  insert into bank.branch_month select c.* from bank.counted_branch_months() as c;
  delete from bank.client_overlap;
  insert into bank.client_overlap select c.* from bank.counted_client_overlaps() as c;
end
$$;
comment on function bank.rebuild_branch_months() is 'Counts bank.branch_month and bank.client_overlap anew: for the owner, after rows were written with the triggers put aside';

create or replace function bank.roll_up_differences()
returns table (branch_id integer, month date, figure text, rolled_up numeric, counted numeric)
language plpgsql stable as $$
#variable_conflict use_column
begin
  return query
  select branch_id, month, f.figure, f.rolled_up, f.counted
  from bank.branch_month as r
  full join bank.counted_branch_months() as c using (branch_id, month, source)
  cross join lateral (values
    ('new_accounts', coalesce(r.new_accounts, 0)::numeric, coalesce(c.new_accounts, 0)::numeric),
    ('new_clients', coalesce(r.new_clients, 0), coalesce(c.new_clients, 0)),
    ('transactions', coalesce(r.transactions, 0), coalesce(c.transactions, 0)),
    ('credits', coalesce(r.credits, 0), coalesce(c.credits, 0)),
    ('debits', coalesce(r.debits, 0), coalesce(c.debits, 0)),
    ('movement_days', coalesce(r.movement_days, 0), coalesce(c.movement_days, 0)),
    ('loans_granted', coalesce(r.loans_granted, 0), coalesce(c.loans_granted, 0)),
    ('loans_granted_amount', coalesce(r.loans_granted_amount, 0), coalesce(c.loans_granted_amount, 0))
  ) as f (figure, rolled_up, counted)
  where f.rolled_up <> f.counted
  union all
  select branch_id, month, 'clients held before at ' || earlier_branches::text, coalesce(r.clients, 0),
    coalesce(c.clients, 0)
  from bank.client_overlap as r
  full join bank.counted_client_overlaps() as c using (branch_id, month, earlier_branches)
  where r.clients is distinct from c.clients;
end
$$;
comment on function bank.roll_up_differences() is 'Where the roll-ups by branch and month differ from what they are made of: no row, as long as the triggers were in force';
