-- Handing assignments over: one person, or several in turn, in the place of another; and what a change comes to.

create or replace function bank.transfer_coverage(
  scopes bank.coverage_scope[], giver text, receivers text[], since date, until date default null,
  reason text default null)
returns setof bank.coverage_change
language plpgsql set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  entry bank.coverage_entry;
  giver_id constant integer := (bank.employee_keys(array[giver]))[1];
  receiver_ids constant integer[] := bank.employee_keys(receivers);
  dealt bank.proposed_assignment[];
begin
  if coalesce(cardinality(receivers), 0) = 0 or giver = any (receivers) then
    raise exception using errcode = 'invalid_parameter_value',
      message = format('%s cannot hand over to %s', giver,
        case when cardinality(receivers) > 0 then 'themselves' else 'nobody' end),
      hint = 'Name one or more other people; to leave clients to nobody, end their assignments.';
  end if;
  perform bank.plan_for_many(cardinality(scopes));
  perform bank.begin_coverage_change(scopes, since, until);
  -- Scopes are dealt to the receivers in turn, so that their loads grow alike.
  select array_agg(row(g.place, g.branch_id, g.client_id, g.account_id, g.product_line,
    receiver_ids[1 + (g.place - 1) % cardinality(receiver_ids)], since, until)::bank.proposed_assignment)
  into dealt
  from (
    select p.*, row_number() over (order by p.branch_id, p.client_id, p.account_id, p.product_line) as place
    from (
      select distinct s.branch_id, s.client_id, s.account_id, s.product_line
      from bank.assignments_of(scopes, since, until) as s where s.employee_id = giver_id
    ) as p
  ) as g;
  if dealt is null then
    raise exception using
      errcode = 'check_violation', constraint = 'assignment_is_there_to_change',
      schema = 'bank', table = 'assignment',
      message = format('%s has nothing from %s on among what is to be handed over', giver, since),
      hint = 'Choose a day on which they have clients, or another person.';
  end if;
  entry := bank.record_coverage_entry('transfer', scopes, since, until, reason, bank.heed_objections(dealt));

  return query
  with given as (
    select d.branch_id, coalesce(d.client_id, 0) as client_key, coalesce(d.account_id, 0) as account_key,
      coalesce(d.product_line, '') as line, d.employee_id as receiver_id
    from unnest(dealt) as d
  ), present as (
    select s.*, coalesce(s.client_id, 0) as client_key, coalesce(s.account_id, 0) as account_key,
      coalesce(s.product_line, '') as line
    from bank.assignments_of(scopes, since, until) as s
  ), touched as (
    -- What the giver has, and what the receiver has of it already: the shares are added up.
    select p.*, g.receiver_id, greatest(p.effective_from, since) as inner_from,
      nullif(least(coalesce(p.effective_until, 'infinity'), coalesce(until, 'infinity')), 'infinity') as inner_until
    from present as p
    join given as g using (branch_id, client_key, account_key, line)
    where p.employee_id in (giver_id, g.receiver_id)
  ), bound as (
    select branch_id, client_key, account_key, line, inner_from as day from touched
    union
    select branch_id, client_key, account_key, line, coalesce(inner_until, 'infinity') from touched
  ), segment as (
    select b.*, lead(b.day) over (
      partition by b.branch_id, b.client_key, b.account_key, b.line order by b.day) as next_day
    from bound as b
  ), merged as (
    select t.branch_id, t.client_id, t.account_id, t.product_line, t.receiver_id, g.day, g.next_day,
      min(t.role) as role, sum(t.share) as share
    from segment as g
    join touched as t using (branch_id, client_key, account_key, line)
    where t.inner_from <= g.day and coalesce(t.inner_until, 'infinity') >= g.next_day
    group by t.branch_id, t.client_id, t.account_id, t.product_line, t.receiver_id, g.day, g.next_day
  ), island as (
    -- Neighbouring days with the same role and share are one row.
    select m.*, sum(m.is_new) over (
      partition by m.branch_id, m.client_id, m.account_id, m.product_line order by m.day) as number
    from (
      select m.*, (lag(m.next_day) over w is distinct from m.day or lag(m.role) over w <> m.role
        or lag(m.share) over w <> m.share)::integer as is_new
      from merged as m
      window w as (partition by m.branch_id, m.client_id, m.account_id, m.product_line order by m.day)
    ) as m
  ), gone as (
    update bank.assignment as s
    set superseded_at = entry.made_at, superseding_entry_id = entry.coverage_entry_id
    from touched as t
    where s.branch_id = t.branch_id and s.assignment_id = t.assignment_id and s.superseded_at is null
    returning s.*
  ), came as (
    insert into bank.assignment
      (branch_id, client_id, account_id, product_line, employee_id, role, share,
       effective_from, effective_until, recorded_at, entry_id, continues_id)
    select g.branch_id, g.client_id, g.account_id, g.product_line, g.employee_id, g.role, g.share,
      g.effective_from, since, entry.made_at, entry.coverage_entry_id, g.assignment_id
    from gone as g where g.effective_from < since
    union all
    select g.branch_id, g.client_id, g.account_id, g.product_line, g.employee_id, g.role, g.share,
      until, g.effective_until, entry.made_at, entry.coverage_entry_id, g.assignment_id
    from gone as g where until is not null and (g.effective_until is null or g.effective_until > until)
    union all
    select i.branch_id, i.client_id, i.account_id, i.product_line, i.receiver_id, i.role, i.share,
      min(i.day), nullif(max(i.next_day), 'infinity'), entry.made_at, entry.coverage_entry_id, null
    from island as i
    group by i.branch_id, i.client_id, i.account_id, i.product_line, i.receiver_id, i.role, i.share, i.number
    returning *
  )
  select 'superseded', entry.coverage_entry_id, g.branch_id, g.assignment_id, g.client_id, g.account_id,
    g.product_line, g.employee_id, g.role, g.share, g.effective_from, g.effective_until
  from gone as g
  union all
  select 'recorded', entry.coverage_entry_id, c.branch_id, c.assignment_id, c.client_id, c.account_id,
    c.product_line, c.employee_id, c.role, c.share, c.effective_from, c.effective_until
  from came as c;
end
$$;
comment on function bank.transfer_coverage(bank.coverage_scope[], text, text[], date, date, text) is 'Puts one person, or several in turn, in the place of another in some scopes on a span of days: roles and shares stay, and a receiver who is in the team already has both shares. Returns every row that it superseded or recorded';

create or replace function bank.coverage_effect(of_entry bigint)
returns table (
  person text, scopes_before bigint, scopes_after bigint, shares_before numeric, shares_after numeric,
  balance_change numeric)
language plpgsql set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  first_day constant date := (select effective_from from bank.coverage_entry where coverage_entry_id = of_entry);
begin
  perform bank.plan_for_many((
    select count(*)::integer from bank.assignment as s
    where s.entry_id = of_entry or s.superseding_entry_id = of_entry));
  return query
  with moved as (
    -- What the entry recorded counts for, what it superseded against, on its first day.
    select s.branch_id, s.client_id, s.account_id, s.employee_id, s.share,
      case when s.entry_id = of_entry then 1 else -1 end as sign
    from bank.assignment as s
    where (s.entry_id = of_entry or s.superseding_entry_id = of_entry)
      and s.effective_from <= first_day and (s.effective_until is null or s.effective_until > first_day)
  ), of_scope as (
    -- A client stands for the accounts that they own and that have no assignment of their own.
    select m.branch_id, m.client_id, m.account_id, coalesce(sum(a.credits - a.debits), 0) as balance
    from (select distinct x.branch_id, x.client_id, x.account_id from moved as x) as m
    left join bank.account_holder as h
      on h.client_branch_id = m.branch_id and h.client_id = m.client_id and h.role = 'owner'
      and not exists (
        select 1 from bank.assignment as s
        where s.branch_id = h.branch_id and s.account_id = h.account_id and s.superseded_at is null
          and s.effective_from <= first_day and (s.effective_until is null or s.effective_until > first_day))
    left join bank.account_month as a
      on a.branch_id = coalesce(h.branch_id, m.branch_id)
      and a.account_id = coalesce(h.account_id, m.account_id)
    group by m.branch_id, m.client_id, m.account_id
  ), change as (
    select m.employee_id, sum(m.sign) as scopes, sum(m.sign * m.share) as shares,
      coalesce(sum(m.sign * m.share * b.balance), 0) as balance
    from moved as m
    left join of_scope as b
      on b.branch_id = m.branch_id and coalesce(b.client_id, 0) = coalesce(m.client_id, 0)
      and coalesce(b.account_id, 0) = coalesce(m.account_id, 0)
    group by m.employee_id
  ), now_held as (
    select s.employee_id, count(*) as scopes, sum(s.share) as shares
    from bank.assignment as s
    where s.employee_id in (select c.employee_id from change as c) and s.superseded_at is null
      and s.effective_from <= first_day and (s.effective_until is null or s.effective_until > first_day)
    group by s.employee_id
  )
  select e.number, coalesce(h.scopes, 0) - c.scopes, coalesce(h.scopes, 0),
    coalesce(h.shares, 0) - c.shares, coalesce(h.shares, 0), c.balance
  from change as c
  join bank.employee as e using (employee_id)
  left join now_held as h using (employee_id)
  order by e.number collate "C";
end
$$;
comment on function bank.coverage_effect(bigint) is 'What an entry changed for each person on its first day: clients and accounts, the sum of shares, and the balance that the shares stand for. Within the transaction of the change it can be read before anybody commits it';
