-- What several reports are made of, so that they agree with each other.

create or replace function bank.unit_months(
  since date, until date, tree text, wanted_level text, under_code text)
returns table (
  month date, org_unit_id integer, code text, name text, level text, rank bank.org_level, days integer, accounts bigint,
  clients bigint, new_accounts bigint, transactions bigint, credits numeric, debits numeric, balance_end numeric,
  balance_days numeric, loans_granted bigint, loans_granted_amount numeric)
language plpgsql stable as $$
#variable_conflict use_column
declare
  first_day_after constant date := (until + interval '1 month')::date;
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
  ), event as (
    -- Everything that happened, by branch and month; nothing here is averaged, so all of it adds up.
    select branch_id, date_trunc('month', opened_on::timestamp)::date as month,
      count(*) as new_accounts, 0::numeric as transactions, 0::numeric as credits, 0::numeric as debits,
      0::numeric as movement_days, 0::bigint as loans_granted, 0::numeric as loans_granted_amount
    from bank.account
    where opened_on < first_day_after
    group by 1, 2
    union all
    select branch_id, month, 0, sum(transactions), sum(credits), sum(debits), sum(movement_days), 0, 0
    from bank.account_month
    where month <= until
    group by 1, 2
    union all
    select branch_id, date_trunc('month', granted_on::timestamp)::date, 0, 0, 0, 0, 0, count(*), sum(amount)
    from bank.loan
    where granted_on < first_day_after
    group by 1, 2
  ), first_held as (
    -- The day from which a client counts at a unit: their first account anywhere below it.
    select b.tree_day, b.unit_id, h.client_branch_id, h.client_id, min(a.opened_on) as counted_from
    from bank.account_holder as h
    join bank.account as a using (branch_id, account_id)
    join booked_below as b using (branch_id)
    where a.opened_on < first_day_after
    group by b.tree_day, b.unit_id, h.client_branch_id, h.client_id
  ), unit_event as (
    select b.tree_day, b.unit_id, e.month, 0::bigint as new_clients, e.new_accounts, e.transactions, e.credits,
      e.debits, e.movement_days, e.loans_granted, e.loans_granted_amount
    from event as e
    join booked_below as b using (branch_id)
    union all
    select tree_day, unit_id, date_trunc('month', counted_from::timestamp)::date, count(*), 0, 0, 0, 0, 0, 0, 0
    from first_held
    group by 1, 2, 3
    union all
    -- Months in which a unit has nothing appear all the same.
    select u.tree_day, u.unit_id, m.month, 0, 0, 0, 0, 0, 0, 0, 0
    from unit as u, month_tree as m
  ), by_month as (
    -- All that lies before the first month is one sum, its opening.
    select tree_day, unit_id, greatest(month, (since - interval '1 month')::date) as month,
      sum(new_clients) as new_clients, sum(new_accounts) as new_accounts, sum(transactions) as transactions,
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
