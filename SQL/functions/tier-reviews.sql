-- The tier review: a scorecard proposes with its arithmetic, a named person decides.

create or replace function bank.measure_of(
  employee integer, measure_code text, from_day date, until_day date) returns numeric
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  given numeric;
begin
  -- A door: who judges a person needs the sum of their accounts, and may not see the accounts.
  perform bank.require_role('hr', 'head_office');
  select m.value into given from bank.review_measure as m
  where m.employee_id = employee and m.measure = measure_code and m.superseded_at is null
    and m.period_from = from_day and m.period_until = until_day;
  if found then
    return given;
  end if;
  -- What the platform knows by itself, from the accounts that are assigned to the person in the period.
  case measure_code
    when 'deposit_average_daily_balance' then
      return (
        select coalesce(sum(days.balance_days * a.share), 0) / (until_day - from_day)
        from bank.assignment as a
        cross join lateral (
          select greatest(a.effective_from, from_day) as first_day, least(a.effective_until, until_day) as last_day) as held
        cross join lateral (
          select coalesce(sum(m.amount * (held.last_day - greatest(m.booked_on, held.first_day))), 0) as balance_days
          from (
            select t.booked_on, case t.direction when 'credit' then t.amount else -t.amount end as amount
            from bank.transaction as t
            where t.branch_id = a.branch_id and t.account_id = a.account_id
            union all
            select b.balanced_on, b.balance - coalesce(lag(b.balance) over (order by b.balanced_on), 0)
            from bank.account_balance as b
            where b.branch_id = a.branch_id and b.account_id = a.account_id
          ) as m
          where m.booked_on < held.last_day) as days
        where a.employee_id = employee and a.superseded_at is null and held.first_day < held.last_day);
    when 'loans_granted_amount', 'loans_granted_count' then
      return (
        select coalesce(sum(a.share * case measure_code when 'loans_granted_count' then 1 else l.amount end), 0)
        from bank.assignment as a
        join bank.loan as l on l.branch_id = a.branch_id and l.account_id = a.account_id
          and daterange(a.effective_from, a.effective_until) @> l.granted_on
        where a.employee_id = employee and a.superseded_at is null
          and l.granted_on >= from_day and l.granted_on < until_day);
    when 'managed_accounts' then
      return (
        select count(*) from bank.assignment as a
        where a.employee_id = employee and a.superseded_at is null
          and daterange(a.effective_from, a.effective_until) @> (until_day - 1));
    when 'months_of_service' then
      return (
        select extract(year from age(until_day, e.joined_on)) * 12 + extract(month from age(until_day, e.joined_on))
        from bank.employee as e where e.employee_id = employee);
    when 'violation_points' then
      return bank.violation_points(employee, from_day, until_day);
    else
      return null;
  end case;
end
$$;
comment on function bank.measure_of(integer, text, date, date) is 'What a person reached in a period: the figure on record, or one of deposit_average_daily_balance, loans_granted_amount, loans_granted_count, managed_accounts, months_of_service and violation_points, which are computed; null when it is unknown';

create or replace function bank.propose_tier_review(
  employee_number text, scorecard_code text, period_from date, period_until date) returns bigint
language plpgsql as $$
declare
  person integer := bank.require_employee(employee_number);
  card bank.scorecard;
  review bigint;
  held text;
  held_rank integer;
  at timestamptz := clock_timestamp();
  line integer := 0;
  item bank.scorecard_item;
  gate bank.scorecard_gate;
  step record;
  value numeric;
  given numeric;
  left_over numeric;
  total numeric := 0;
  reached text;
  reached_rank integer;
  lines bank.tier_review_line[] := '{}';
  passes boolean;
begin
  select * into card from bank.scorecard as s
  where s.code = scorecard_code and s.effective_from <= propose_tier_review.period_from
  order by s.version desc limit 1;
  if card.scorecard_id is null then
    perform bank.refuse_order('scorecard_is_known', 'scorecard',
      format('no scorecard “%s” is in force on %s', scorecard_code, propose_tier_review.period_from),
      'Load one with banyan tier review load, or choose a later period.', 'foreign_key_violation');
  end if;
  select d.tier_review_id into review from bank.tier_review as d
  where d.employee_id = person and d.superseded_at is null and d.decided_at is not null
    and daterange(d.period_from, d.period_until)
      && daterange(propose_tier_review.period_from, propose_tier_review.period_until);
  if found then
    perform bank.refuse_order('tier_review_is_not_decided', 'tier_review',
      format('review %s of %s for these days was decided already', review, employee_number),
      'Review a later period.', 'restrict_violation');
  end if;
  held := bank.tier_on(person, propose_tier_review.period_until - 1);
  select rank into held_rank from bank.tier where code = held;

  for item in select * from bank.scorecard_item as i where i.scorecard_id = card.scorecard_id and i.kind = 'standard' order by i.position loop
    value := bank.measure_of(person, item.code, propose_tier_review.period_from, propose_tier_review.period_until);
    given := round(least(item.most, greatest(0, coalesce(value, 0)) * item.weight / item.standard), 4);
    line := line + 1;
    total := total + given;
    lines := lines || row(null, line, 'standard', item.title, value, given, null, case
      when value is null then 'nothing is on record: 0 points'
      else format('%s / %s x %s%s = %s', trim_scale(round(value, 4)), trim_scale(item.standard), trim_scale(item.weight),
        case when value * item.weight / item.standard > item.most then format(', at most %s', trim_scale(item.most)) else '' end,
        trim_scale(given)) end)::bank.tier_review_line;
  end loop;
  for item in select * from bank.scorecard_item as i where i.scorecard_id = card.scorecard_id and i.kind = 'certificate' order by i.position loop
    left_over := coalesce(left_over, item.most);
    passes := exists (
      select 1 from bank.employee_qualification as q
      where q.employee_id = person and q.qualification = item.code and q.superseded_at is null
        and daterange(q.obtained_on, q.expires_on) @> (propose_tier_review.period_until - 1));
    given := case when passes then least(item.points, coalesce(left_over, item.points)) else 0 end;
    left_over := left_over - given;
    line := line + 1;
    total := total + given;
    lines := lines || row(null, line, 'certificate', item.title, passes::integer, given, null, case
      when not passes then format('not held on %s: 0 points', propose_tier_review.period_until - 1)
      when given < item.points then format('held: %s points, of which %s are left of %s for all certificates',
        trim_scale(item.points), trim_scale(given), trim_scale(item.most))
      else format('held: %s points', trim_scale(given)) end)::bank.tier_review_line;
  end loop;
  for item in select * from bank.scorecard_item as i where i.scorecard_id = card.scorecard_id and i.kind = 'violation' order by i.position loop
    value := bank.measure_of(person, item.code, propose_tier_review.period_from, propose_tier_review.period_until);
    given := -round(greatest(0, coalesce(value, 0)) * item.points, 4);
    line := line + 1;
    total := total + given;
    lines := lines || row(null, line, 'violation', item.title, value, given, null, case
      when value is null then 'none on record: 0 points'
      else format('%s x -%s = %s', trim_scale(value), trim_scale(item.points), trim_scale(given)) end)::bank.tier_review_line;
  end loop;
  line := line + 1;
  lines := lines || row(null, line, 'total', 'Total', null, total, null,
    format('sum of the lines = %s', trim_scale(total)))::bank.tier_review_line;

  -- The highest tier whose total is reached and whose gates, and those of the tiers below, are passed.
  for step in
    select s.tier, s.from_total, t.rank, t.title from bank.scorecard_tier as s join bank.tier as t on t.code = s.tier
    where s.scorecard_id = card.scorecard_id order by t.rank
  loop
    passes := total >= step.from_total;
    line := line + 1;
    lines := lines || row(null, line, 'tier', step.title, total, null, passes,
      format('%s %s %s', trim_scale(total), case when passes then '>=' else '<' end, trim_scale(step.from_total)))::bank.tier_review_line;
    for gate in select * from bank.scorecard_gate as g where g.scorecard_id = card.scorecard_id and g.tier = step.tier order by g.position loop
      value := bank.measure_of(person, gate.measure, propose_tier_review.period_from, propose_tier_review.period_until);
      line := line + 1;
      lines := lines || row(null, line, 'gate', format('%s: %s', step.title, gate.measure), value, null,
        coalesce(value >= gate.at_least, value <= gate.at_most, false), case
          when value is null then 'nothing is on record: not passed'
          when gate.at_least is not null then format('%s %s %s', trim_scale(round(value, 4)),
            case when value >= gate.at_least then '>=' else '<' end, trim_scale(gate.at_least))
          else format('%s %s %s', trim_scale(round(value, 4)),
            case when value <= gate.at_most then '<=' else '>' end, trim_scale(gate.at_most)) end)::bank.tier_review_line;
      passes := passes and coalesce(value >= gate.at_least, value <= gate.at_most, false);
    end loop;
    exit when not passes and reached is not null;
    if reached is null or passes then
      reached := step.tier;
      reached_rank := step.rank;
    end if;
    exit when not passes;
  end loop;
  -- One review moves a person by so many tiers at most.
  if held_rank is not null and reached_rank > held_rank + card.steps_up then
    select t.code, t.rank into reached, reached_rank from bank.tier as t where t.rank <= held_rank + card.steps_up
    order by t.rank desc limit 1;
  elsif held_rank is not null and reached_rank < held_rank - card.steps_down then
    select t.code, t.rank into reached, reached_rank from bank.tier as t where t.rank >= held_rank - card.steps_down
    order by t.rank limit 1;
  end if;
  line := line + 1;
  lines := lines || row(null, line, 'proposal', 'Proposal', null, null, null, format('%s: from %s to %s', case
      when held_rank is null or reached_rank > held_rank then 'promote' when reached_rank = held_rank then 'keep' else 'demote' end,
    coalesce(held, 'no tier'), reached))::bank.tier_review_line;

  update bank.tier_review as r set superseded_at = at
  where r.employee_id = person and r.superseded_at is null and r.decided_at is null
    and r.period_from = propose_tier_review.period_from and r.period_until = propose_tier_review.period_until;
  insert into bank.tier_review
    (employee_id, scorecard_id, period_from, period_until, current_tier, total, proposed_tier, proposal, proposed_at)
  values (person, card.scorecard_id, propose_tier_review.period_from, propose_tier_review.period_until, held, total,
    reached, case when held_rank is null or reached_rank > held_rank then 'promote'::bank.review_outcome
      when reached_rank = held_rank then 'keep' else 'demote' end, at)
  returning tier_review_id into review;
  insert into bank.tier_review_line (tier_review_id, line_number, kind, title, value, points, passes, arithmetic)
  select review, l.line_number, l.kind, l.title, l.value, l.points, l.passes, l.arithmetic from unnest(lines) as l;
  return review;
end
$$;
comment on function bank.propose_tier_review(text, text, date, date) is 'Applies a scorecard to a person and a period (its last day is not in it) and puts the proposal on record with its arithmetic; an undecided review of the same period is superseded. Returns its key';

create or replace function bank.decide_tier_review(
  review bigint, decided_by text, effective_from date, tier_code text default null, reason text default null) returns bigint
language plpgsql as $$
declare
  proposed bank.tier_review;
  decided text;
  decided_rank integer;
  held_rank integer;
  related text;
  held bigint;
  waiting bigint;
begin
  select * into proposed from bank.tier_review where tier_review_id = review for update;
  if proposed.tier_review_id is null then
    perform bank.refuse_order('tier_review_is_known', 'tier_review', format('there is no review %s on record', review),
      'See the numbers with banyan tier review list.', 'foreign_key_violation');
  elsif proposed.superseded_at is not null then
    perform bank.refuse_order('tier_review_is_current', 'tier_review',
      format('review %s was superseded by a later one of the same period', review), 'Decide that one.');
  end if;
  select d.relation into related from bank.relationship_declaration as d
  where d.superseded_at is null and daterange(d.effective_from, d.effective_until) @> current_date
    and (d.employee_id, d.other_employee_id) in (
      (bank.require_employee(decided_by), proposed.employee_id), (proposed.employee_id, bank.require_employee(decided_by)))
  limit 1;
  if found then
    perform bank.refuse_order('tier_review_decider_is_not_related', 'tier_review',
      format('%s cannot decide about %s, to whom a relationship is declared (%s)', decided_by,
        (select number from bank.employee where employee_id = proposed.employee_id), related),
      'Name another person who decides.');
  end if;
  decided := coalesce(tier_code, proposed.proposed_tier);
  decided_rank := bank.require_tier(decided);
  select rank into held_rank from bank.tier where code = proposed.current_tier;
  if proposed.decided_at is null then
    waiting := bank.await_approval('tier_decision', review::text,
      format('tier %s for %s from %s on, review %s', decided, (select number from bank.employee where employee_id = proposed.employee_id),
        decide_tier_review.effective_from, review),
      jsonb_build_object('review', review, 'decided_by', decided_by, 'effective_from', decide_tier_review.effective_from,
        'tier', decided, 'reason', reason),
      null, bank.require_employee(decided_by), array[proposed.employee_id], reason);
    if waiting is not null then
      return null;
    end if;
  end if;
  update bank.tier_review as r set decided_tier = decided, decided_by_id = bank.require_employee(decided_by),
    decision = case when held_rank is null or decided_rank > held_rank then 'promote'::bank.review_outcome
      when decided_rank = held_rank then 'keep' else 'demote' end,
    decision_reason = reason, effective_from = decide_tier_review.effective_from, decided_at = clock_timestamp()
  where r.tier_review_id = review;
  if decided is distinct from bank.tier_on(proposed.employee_id, decide_tier_review.effective_from) then
    held := bank.set_employee_tier((select number from bank.employee where employee_id = proposed.employee_id), decided,
      decide_tier_review.effective_from, review);
  end if;
  return held;
end
$$;
comment on function bank.decide_tier_review(bigint, text, date, text, text) is 'A named person decides a review, as proposed or otherwise with a reason, and the tier is recorded from the given day on, or waits for an approval where a rule asks for one; returns the key of the tier, or null when it stays or waits';

create or replace function bank.check_decided_review() returns trigger
language plpgsql as $$
declare
  stray bank.tier_review;
begin
  select e.* into stray from earlier as e where e.decided_at is not null limit 1;
  if found then
    perform bank.refuse_order('tier_review_is_not_decided', 'tier_review',
      format('review %s was decided by %s on %s', stray.tier_review_id,
        (select number from bank.employee where employee_id = stray.decided_by_id), stray.decided_at::date),
      'Review a later period, or set the tier by another decision.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_decided_review() is 'Trigger: a decided review stays as it is';
create or replace trigger tier_review_stays_as_it_is after update on bank.tier_review
  referencing old table as earlier for each statement execute function bank.check_decided_review();
create or replace trigger tier_review_stays before delete or truncate on bank.tier_review
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger tier_review_line_stays before update or delete or truncate on bank.tier_review_line
  for each statement execute function bank.refuse_org_deletion();
