-- Changes of what is on record, by file: each row is one person of a team, or nobody, and the rows of one client
-- or account, verb and span of days are one change.

create or replace function bank.resolve_incoming_changes() returns void
language plpgsql as $$
begin
  create temporary table asked_change on commit drop as
  select i.line_number, i.verb, i.employee_id, i.share, i.role, i.effective_from, i.effective_until, i.reason,
    coalesce(i.client_number, i.account_number) as number, i.product_line,
    coalesce(m.branch_id, a.branch_id) as branch_id, m.client_id, a.account_id
  from incoming as i
  left join bank.client as c on c.number = i.client_number and i.account_number is null
  left join lateral bank.surviving_client(c.branch_id, c.client_id) as m on c.client_id is not null
  left join bank.account as a on a.number = i.account_number and i.client_number is null;
  analyze asked_change;

  insert into found_wrong (line_number, code, value, reason)
  select i.line_number, case when num_nonnulls(i.client_number, i.account_number) = 1 then 'IMP-0401' else 'IMP-0404' end,
    coalesce(i.client_number, i.account_number),
    case when num_nonnulls(i.client_number, i.account_number) <> 1
      then 'a change is about a client or about an account; give one number'
      else format('the %s “%s” is not on record; send it first, or correct the code',
        case when i.client_number is null then 'account' else 'client' end, coalesce(i.client_number, i.account_number)) end
  from incoming as i
  join asked_change as c using (line_number)
  where num_nonnulls(c.client_id, c.account_id) <> 1;

  insert into found_wrong (line_number, value, reason)
  select c.line_number, c.number, case
      when c.verb = 'end' then 'an end names nobody; leave person, role and share out, or use another verb'
      when c.employee_id is null and c.verb = 'correct' then 'a correction to nobody has neither role nor share; leave them out, or name the person'
      else format('%s names a person and a share; give both', c.verb) end
  from asked_change as c
  where case
    when c.verb = 'end' or (c.verb = 'correct' and c.employee_id is null) then num_nonnulls(c.employee_id, c.share, c.role) > 0
    else num_nonnulls(c.employee_id, c.share) < 2 end;
end
$$;
comment on function bank.resolve_incoming_changes() is 'Puts the incoming changes of assignments into "asked_change", with the keys of what they are about, and notes those that are not whole';

create or replace function bank.gather_incoming_changes() returns void
language plpgsql as $$
begin
  create temporary table change_request on commit drop as
  with member as (
    select c.*, coalesce(c.client_id, 0) as client_key, coalesce(c.account_id, 0) as account_key,
      coalesce(c.role, case when row_number() over (
        partition by c.branch_id, c.client_id, c.account_id, c.product_line, c.verb, c.effective_from, c.effective_until
        order by c.role nulls last, c.share desc, c.line_number) = 1 then 'main' else 'assisting' end)::bank.assignment_role as given_role
    from asked_change as c
  ), request as (
    select m.branch_id, nullif(m.client_key, 0) as client_id, nullif(m.account_key, 0) as account_id, m.product_line,
      m.verb::bank.coverage_verb as verb, m.effective_from, m.effective_until, max(m.reason) as reason,
      coalesce(array_agg(m.employee_id order by m.given_role, m.employee_id) filter (where m.employee_id is not null), '{}') as people,
      coalesce(array_agg(m.given_role order by m.given_role, m.employee_id) filter (where m.employee_id is not null), '{}') as roles,
      coalesce(array_agg(m.share order by m.given_role, m.employee_id) filter (where m.employee_id is not null), '{}') as shares,
      array_agg(m.line_number order by m.line_number) as lines, min(m.line_number) as first_line,
      bool_or(exists (select 1 from found_wrong as f where f.line_number = m.line_number)) as is_wrong
    from member as m
    where num_nonnulls(m.client_id, m.account_id) = 1
    group by m.branch_id, m.client_key, m.account_key, m.product_line, m.verb, m.effective_from, m.effective_until
  )
  select r.*, row_number() over (
    partition by r.branch_id, r.client_id, r.account_id, r.product_line order by r.first_line) as turn
  from request as r;

  insert into found_wrong (line_number, reason)
  select l.line, format('line %s of the same change is refused, and without it the rest is not whole; correct that line and send all of them again',
    (select min(f.line_number) from found_wrong as f where f.line_number = any (r.lines)))
  from change_request as r
  cross join unnest(r.lines) as l (line)
  where r.is_wrong and not exists (select 1 from found_wrong as f where f.line_number = l.line);
  delete from change_request as r where r.is_wrong;
end
$$;
comment on function bank.gather_incoming_changes() is 'Makes one request of the rows in "asked_change" that belong together, in "change_request"; of one client or account they take turns in the order of the file';

create or replace function bank.make_incoming_change(requests bigint[]) returns bigint
language plpgsql as $$
declare
  asked record;
  changed bigint;
  message text;
  advice text;
  rule text;
begin
  select r.*, x.scopes into asked
  from change_request as r
  cross join (
    select array_agg(row(o.branch_id, o.client_id, o.account_id, o.product_line)::bank.coverage_scope) as scopes
    from change_request as o where o.first_line = any (requests)
  ) as x
  where r.first_line = requests[1];
  begin
    select coalesce(sum(cardinality(r.lines)), 0) into changed
    from change_request as r
    where r.first_line = any (requests) and (r.branch_id, coalesce(r.client_id, 0), coalesce(r.account_id, 0)) in (
      select c.branch_id, coalesce(c.client_id, 0), coalesce(c.account_id, 0)
      from bank.change_coverage(asked.verb, asked.scopes, asked.people, asked.roles, asked.shares,
        asked.effective_from, asked.effective_until, asked.reason) as c);
    return changed;
  exception when integrity_constraint_violation then
    get stacked diagnostics message = message_text, advice = pg_exception_hint, rule = constraint_name;
  end;
  -- One of many speaks against all: each is asked for by itself then.
  if cardinality(requests) > 1 then
    return (select sum(bank.make_incoming_change(array[n.request])) from unnest(requests) as n (request));
  end if;
  insert into found_wrong (line_number, reason)
  select l.line, bank.refusal_sentence(message, advice, rule) from unnest(asked.lines) as l (line);
  return 0;
end
$$;
comment on function bank.make_incoming_change(bigint[]) is 'Makes requests of the file that are alike at once, or, if that is refused, one after the other, and notes which are refused; returns how many rows changed something';

create or replace function bank.place_incoming_coverage_changes(batch bigint) returns bigint
language plpgsql as $$
declare
  alike record;
  placed bigint := 0;
begin
  create temporary table found_wrong (
    found bigint generated always as identity, line_number bigint not null, code text not null default 'IMP-0404',
    value text, reason text not null) on commit drop;
  perform bank.resolve_incoming_changes();
  perform bank.gather_incoming_changes();
  create index on change_request (first_line);
  analyze change_request;
  perform bank.lock_coverage((
    select array_agg(row(r.branch_id, r.client_id, r.account_id, null)::bank.coverage_scope) from change_request as r));
  perform set_config('bank.import_batch', batch::text, true);
  -- Requests that are alike are one change of many.
  for alike in
    select array_agg(r.first_line order by r.first_line) as requests
    from change_request as r
    group by r.turn, r.product_line, r.verb, r.effective_from, r.effective_until, r.reason, r.people, r.roles, r.shares
    order by r.turn, min(r.first_line)
  loop
    placed := placed + bank.make_incoming_change(alike.requests);
  end loop;
  perform set_config('bank.import_batch', '', true);
  perform bank.reject_incoming(batch);
  drop table found_wrong, asked_change, change_request;
  return placed;
end
$$;
comment on function bank.place_incoming_coverage_changes(bigint) is 'Makes the incoming changes of assignments by the verbs of assignments.sql, alike ones at once, and rejects those that a rule refuses; returns how many rows changed something';
