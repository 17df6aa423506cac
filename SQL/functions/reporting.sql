-- What several reports are made of, so that they agree with each other.

create or replace function bank.unit_months(
  since date, until date, tree text, wanted_level text, under_code text)
returns table (
  month date, org_unit_id integer, code text, name text, level text, rank bank.org_level, days integer, accounts bigint,
  clients bigint, new_accounts bigint, transactions bigint, credits numeric, debits numeric, balance_end numeric,
  balance_days numeric, loans_granted bigint, loans_granted_amount numeric)
-- The planner does not know how few units there are, and would compile for seconds what runs for milliseconds.
language plpgsql stable set jit = off as $$
#variable_conflict use_column
declare
  -- Who sees accounts one by one and not by whole branches is given what these come to.
  by_account constant boolean := bank.holds('relationship_manager')
    and not (bank.holds('head_office') or bank.holds('risk') or bank.holds('auditor'));
begin
  return query
  with month_tree as (
    select s.month::date as month, bank.tree_day(tree, s.month::date) as tree_day
    from generate_series(since::timestamp, until, interval '1 month') as s (month)
  ), place as materialized (
    select d.tree_day, p.org_unit_id, p.code, p.name, p.level, p.path, p.is_open
    from (select distinct tree_day from month_tree) as d
    cross join lateral bank.org_places(d.tree_day) as p
  ), unit as (
    select p.tree_day, p.org_unit_id as unit_id, p.code, p.name, l.name as level, p.level as rank
    from place as p
    cross join lateral (select case p.level when 'head_office' then 'bank' else p.level::text end as name) as l
    where p.is_open
      and case wanted_level when 'all' then true when 'standard' then l.name in ('bank', 'region', 'branch') else l.name = wanted_level end
      and (under_code = 'all' or p.path <@ (
        select t.path from place as t where t.tree_day = p.tree_day and t.code = under_code))
  ), booked_below as (
    -- A unit counts at each unit of its path.
    select u.tree_day, u.unit_id, b.org_unit_id as branch_id
    from place as b
    cross join lateral unnest(string_to_array(b.path::text, '.')::integer[]) as above (unit_id)
    join unit as u on u.tree_day = b.tree_day and u.unit_id = above.unit_id
  ), branch_month as materialized (
    -- All that lies before the first month is one sum, its opening. Nothing here is averaged, so all of it adds up.
    select e.branch_id, greatest(e.month, (since - interval '1 month')::date) as month,
      sum(e.new_accounts) as new_accounts, sum(e.new_clients) as new_clients, sum(e.transactions) as transactions,
      sum(e.credits) as credits, sum(e.debits) as debits, sum(e.movement_days) as movement_days,
      sum(e.loans_granted) as loans_granted, sum(e.loans_granted_amount) as loans_granted_amount
    from (
      select * from bank.branch_month where not by_account
      union all
      select * from bank.counted_branch_months() where by_account
    ) as e
    where e.month <= until
    group by 1, 2
  ), client_overlap as (
    select e.branch_id, greatest(e.month, (since - interval '1 month')::date) as month, e.earlier_branches,
      sum(e.clients) as clients
    from (
      select * from bank.client_overlap where not by_account
      union all
      select * from bank.counted_client_overlaps() where by_account
    ) as e
    where e.month <= until
    group by 1, 2, 3
  ), counted_before as (
    -- The units that had counted these clients already: those above both branches. A branch that the caller
    -- sees nothing of has counted nobody.
    select distinct b.tree_day, b.unit_id, o.branch_id, o.month, o.earlier_branches, o.clients
    from client_overlap as o
    cross join lateral unnest(o.earlier_branches) as earlier (branch_id)
    join booked_below as e on e.branch_id = earlier.branch_id
    join booked_below as b on b.branch_id = o.branch_id and b.tree_day = e.tree_day and b.unit_id = e.unit_id
    where earlier.branch_id in (select m.branch_id from branch_month as m where m.new_clients > 0)
  ), unit_event as (
    select b.tree_day, b.unit_id, m.month, m.new_clients, m.new_accounts, m.transactions, m.credits, m.debits,
      m.movement_days, m.loans_granted, m.loans_granted_amount
    from branch_month as m
    join booked_below as b using (branch_id)
    union all
    select tree_day, unit_id, month, -clients, 0, 0, 0, 0, 0, 0, 0
    from counted_before
    union all
    -- Months in which a unit has nothing appear all the same.
    select u.tree_day, u.unit_id, m.month, 0, 0, 0, 0, 0, 0, 0, 0
    from unit as u, month_tree as m
  ), by_month as (
    select tree_day, unit_id, month, sum(new_clients) as new_clients, sum(new_accounts) as new_accounts, sum(transactions) as transactions,
      sum(credits) as credits, sum(debits) as debits, sum(movement_days) as movement_days,
      sum(loans_granted) as loans_granted, sum(loans_granted_amount) as loans_granted_amount
    from unit_event
    group by 1, 2, 3
  ), balance as (
    select *,
      (month + interval '1 month')::date - month as days,
      sum(new_accounts) over so_far as accounts,
      sum(new_clients) over so_far as clients,
      sum(credits - debits) over so_far as balance_end
    from by_month
    window so_far as (partition by tree_day, unit_id order by month)
  )
  select b.month, u.unit_id, u.code, u.name, u.level, u.rank, b.days, b.accounts::bigint, b.clients::bigint,
    b.new_accounts::bigint, b.transactions::bigint, b.credits, b.debits, b.balance_end,
    b.days * (b.balance_end - b.credits + b.debits) + b.movement_days, b.loans_granted::bigint, b.loans_granted_amount
  from balance as b
  join unit as u using (tree_day, unit_id)
  join month_tree as m using (tree_day, month);
end
$$;
comment on function bank.unit_months(date, date, text, text, text) is 'What each unit of a tree has at it and below it, month by month: the figures of the consolidated reports, unrounded, so that the average daily balance is balance_days divided by days. The tree is today''s, that of a day, or with own that of each month; the level is one, standard for bank, region and branch, or all; under is a unit''s code, or all';
