-- What people look after on a day: accounts with their shares, clients, balances, and the room that the tier has.

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
  ), covered as materialized (
    select c.* from bank.covered_accounts(people, day) as c
  ), balanced as (
    -- Only the months of what these people look after are read.
    select c.employee_id, count(*) as accounts, sum(c.share) as share, sum(c.share * coalesce(b.balance, 0)) as balance
    from covered as c
    left join (
      select m.branch_id, m.account_id, sum(m.credits - m.debits) as balance
      from (select distinct x.branch_id, x.account_id from covered as x) as x
      join bank.account_month as m on m.branch_id = x.branch_id and m.account_id = x.account_id
      where m.month <= day group by m.branch_id, m.account_id
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
