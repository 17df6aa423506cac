-- Sets of credits: taken branch by branch, kept while they say what is known, shared by all runs that use them.

-- What makes them out of date -----------------------------------------------------------------------------------

create or replace function bank.note_credit_news() returns trigger
language plpgsql as $$
begin
  -- The arguments say where the day stands in the rows, and on which of them it matters.
  execute format('insert into bank.credit_news (branch_id, since) select branch_id, min(%s) from changed where %s group by branch_id',
    tg_argv[0], coalesce(tg_argv[1], 'true'));
  return null;
end
$$;
comment on function bank.note_credit_news() is 'Trigger: marks the branches of the changed rows, because their credits are out of date. Its arguments are the expression of the earliest day that the change is about, and a condition';

create or replace function bank.note_credit_news_of_batch() returns trigger
language plpgsql as $$
begin
  insert into bank.credit_news (branch_id, since)
  select p.branch_id, min(p.month)
  from former as o
  join changed as n using (batch_id)
  join bank.batch_part as p using (batch_id)
  where o.state <> n.state
  group by p.branch_id;
  return null;
end
$$;
comment on function bank.note_credit_news_of_batch() is 'Trigger: marks the branches to which a batch brought something that another batch takes the place of';

create or replace function bank.note_credit_news_everywhere() returns trigger
language plpgsql as $$
begin
  insert into bank.credit_news (branch_id, since) values (null, '-infinity');
  return null;
end
$$;
comment on function bank.note_credit_news_everywhere() is 'Trigger: marks every branch, because what metrics and products mean has changed';

-- Whatever is booked by day tells its branches and months in the parts of its batch.
create or replace trigger batch_part_is_credit_news after insert on bank.batch_part
  referencing new table as changed for each statement execute function bank.note_credit_news('month');
create or replace trigger batch_part_more_is_credit_news after update on bank.batch_part
  referencing new table as changed for each statement execute function bank.note_credit_news('month');
create or replace trigger batch_replaced_is_credit_news after update on bank.batch
  referencing old table as former new table as changed for each statement execute function bank.note_credit_news_of_batch();
create or replace trigger loan_is_credit_news after insert on bank.loan
  referencing new table as changed for each statement execute function bank.note_credit_news('granted_on');
create or replace trigger loan_change_is_credit_news after update on bank.loan
  referencing new table as changed for each statement execute function bank.note_credit_news('granted_on');
create or replace trigger loan_end_is_credit_news after delete on bank.loan
  referencing old table as changed for each statement execute function bank.note_credit_news('granted_on');
create or replace trigger account_holder_is_credit_news after insert on bank.account_holder
  referencing new table as changed for each statement execute function bank.note_credit_news('date ''-infinity''', 'role = ''owner''');
create or replace trigger account_holder_change_is_credit_news after update on bank.account_holder
  referencing new table as changed for each statement execute function bank.note_credit_news('date ''-infinity''');
create or replace trigger account_holder_end_is_credit_news after delete on bank.account_holder
  referencing old table as changed for each statement execute function bank.note_credit_news('date ''-infinity''');
create or replace trigger assignment_is_credit_news after insert on bank.assignment
  referencing new table as changed for each statement execute function bank.note_credit_news('effective_from', 'superseded_at is null');
create or replace trigger assignment_change_is_credit_news after update on bank.assignment
  referencing new table as changed for each statement execute function bank.note_credit_news('effective_from');

create or replace trigger metric_is_credit_news after insert or update or delete on bank.metric
  for each statement execute function bank.note_credit_news_everywhere();
create or replace trigger product_is_credit_news after insert or update or delete on bank.product
  for each statement execute function bank.note_credit_news_everywhere();

-- Taken and shared ----------------------------------------------------------------------------------------------

create or replace function bank.forget_stale_credits() returns void
language plpgsql as $$
begin
  -- A mark that is not to be seen yet stays, and makes its branches out of date for the next run.
  with news as (
    delete from bank.credit_news as n returning n.branch_id, n.since
  ), marked as materialized (
    select n.branch_id, min(n.since) as since from news as n group by n.branch_id
  )
  delete from bank.current_credit_set as c
  using bank.credit_set as s
  where s.branch_id = c.branch_id and s.credit_set_id = c.credit_set_id
    and exists (
      select from marked as m
      where (m.branch_id is null or m.branch_id = c.branch_id or m.branch_id = any (s.client_branches))
        and m.since < (c.month + interval '1 month')::date);
end
$$;
comment on function bank.forget_stale_credits() is 'Takes the marks of change away and lets no set count any more that they put out of date';

create or replace function bank.digest_of_credits(of_branches integer[], of_sets bigint[])
returns table (branch_id integer, credit_set_id bigint, credits bigint, digest bytea)
language plpgsql stable set datestyle = 'ISO, YMD' as $$
begin
  return query
  with wanted as (
    select w.branch_id, w.credit_set_id from unnest(of_branches, of_sets) as w (branch_id, credit_set_id)
  ), line as (
    select c.branch_id, c.credit_set_id, sha256(convert_to(concat_ws(E'\t', coalesce(e.number, ''), c.metric, a.number,
      coalesce(l.number, ''), c.share, c.counted_from, c.counted_until, trim_scale(c.measured)), 'UTF8')) as digest
    from wanted as w
    join bank.pay_credit as c using (branch_id, credit_set_id)
    left join bank.employee as e using (employee_id)
    join bank.account as a on a.branch_id = c.branch_id and a.account_id = c.account_id
    left join (
      select k.branch_id, k.loan_id, k.number from bank.loan as k
      union all select r.branch_id, r.loan_id, r.number from bank.replaced_loan as r
    ) as l on l.branch_id = c.branch_id and l.loan_id = c.loan_id
    union all
    select f.branch_id, f.credit_set_id, sha256(convert_to(concat_ws(E'\t', coalesce(e.number, ''), f.metric, f.way,
      trim_scale(f.share), f.facts, trim_scale(f.measured)), 'UTF8'))
    from wanted as w
    join bank.pay_fact_credit as f using (branch_id, credit_set_id)
    left join bank.employee as e using (employee_id)
  )
  select w.branch_id, w.credit_set_id, count(l.digest),
    sha256(coalesce(string_agg(l.digest, ''::bytea order by l.digest), ''))
  from wanted as w
  left join line as l using (branch_id, credit_set_id)
  group by w.branch_id, w.credit_set_id;
end
$$;
comment on function bank.digest_of_credits(integer[], bigint[]) is 'How many credits each of some sets has, and one digest over them, by numbers instead of keys: the same bank on another server has the same';

create or replace function bank.fill_credit_sets(branches integer[], sets bigint[], month_start date, known_at timestamptz) returns void
language plpgsql set work_mem = '128MB' set jit = off set plan_cache_mode = force_custom_plan as $$
declare
  own_branches integer[];
  client_branches integer[];
begin
  select array_agg(k.branch_id), array_agg(k.client_branch_id) into own_branches, client_branches
  from (
    select * from bank.credit_accounts(branches, sets, month_start, known_at)
    union
    select * from bank.credit_free_metrics(branches, sets, month_start, known_at)
  ) as k;
  insert into bank.pay_credit_sum (branch_id, credit_set_id, employee_id, metric, credited)
  select c.branch_id, c.credit_set_id, coalesce(c.employee_id, 0), c.metric, sum(c.credited)
  from unnest(branches, sets) as w (branch_id, credit_set_id)
  join bank.pay_credit as c using (branch_id, credit_set_id)
  group by c.branch_id, c.credit_set_id, c.employee_id, c.metric
  order by c.branch_id, c.credit_set_id, c.employee_id, c.metric;
  -- The set itself comes last, because it bears the digest of its credits.
  insert into bank.credit_set (branch_id, credit_set_id, month, known_at, client_branches, credits, digest)
  overriding system value
  select d.branch_id, d.credit_set_id, month_start, known_at, coalesce(k.branches, '{}'), d.credits, d.digest
  from bank.digest_of_credits(branches, sets) as d
  left join (
    select o.branch_id, array_agg(o.client_branch_id order by o.client_branch_id) as branches
    from unnest(own_branches, client_branches) as o (branch_id, client_branch_id)
    group by o.branch_id
  ) as k using (branch_id);
end
$$;
comment on function bank.fill_credit_sets(integer[], bigint[], date, timestamptz) is 'Takes the credits of branches for a month by what was known at a time';

create or replace function bank.take_credits(month_start date) returns integer
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  branches integer[];
  sets bigint[];
begin
  perform bank.require_role('hr');
  -- What one run takes, the next one finds.
  lock table bank.current_credit_set in share row exclusive mode;
  perform bank.forget_stale_credits();
  select array_agg(n.branch_id order by n.branch_id), array_agg(n.credit_set_id order by n.branch_id) into branches, sets
  from (
    select u.org_unit_id as branch_id, nextval(pg_get_serial_sequence('bank.credit_set', 'credit_set_id')) as credit_set_id
    from bank.org_unit as u
    where not exists (
      select from bank.current_credit_set as c where c.branch_id = u.org_unit_id and c.month = month_start)
  ) as n;
  if branches is null then
    return 0;
  end if;
  perform bank.fill_credit_sets(branches, sets, month_start, 'infinity');
  insert into bank.current_credit_set (branch_id, month, credit_set_id)
  select w.branch_id, month_start, w.credit_set_id from unnest(branches, sets) as w (branch_id, credit_set_id);
  return cardinality(branches);
end
$$;
comment on function bank.take_credits(date) is 'Takes the credits of a month anew for every branch whose set is out of date or was never taken; returns for how many';

create or replace function bank.credit_facts(run integer, month_start date) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  known_at constant timestamptz := bank.known_at();
  branches integer[];
  sets bigint[];
begin
  perform bank.require_role('hr');
  if known_at = 'infinity' then
    perform bank.take_credits(month_start);
    select array_agg(c.branch_id), array_agg(c.credit_set_id) into branches, sets
    from bank.current_credit_set as c where c.month = month_start;
  else
    select array_agg(n.branch_id), array_agg(n.credit_set_id) into branches, sets
    from (
      select u.org_unit_id as branch_id, nextval(pg_get_serial_sequence('bank.credit_set', 'credit_set_id')) as credit_set_id
      from bank.org_unit as u
    ) as n;
    perform bank.fill_credit_sets(branches, sets, month_start, known_at);
  end if;
  insert into bank.pay_run_credit_set (branch_id, pay_run_id, credit_set_id)
  select w.branch_id, run, w.credit_set_id from unnest(branches, sets) as w (branch_id, credit_set_id);
  return (
    select coalesce(sum(s.credits), 0) from unnest(branches, sets) as w (branch_id, credit_set_id)
    join bank.credit_set as s using (branch_id, credit_set_id));
end
$$;
comment on function bank.credit_facts(integer, date) is 'Gives a run the credits of the month that begins on the given day, taken anew where they are out of date, or as of the time of the transaction; returns how many';

create or replace function bank.credit_digest(run integer) returns bytea
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('hr');
  return (
    select coalesce(sha256(convert_to(string_agg(u.code || E'\t' || encode(s.digest, 'hex'), E'\n' order by u.code collate "C"), 'UTF8')), '')
    from bank.pay_run_credit_set as r
    join bank.credit_set as s using (branch_id, credit_set_id)
    join bank.org_unit as u on u.org_unit_id = r.branch_id
    where r.pay_run_id = run and s.credits > 0);
end
$$;
comment on function bank.credit_digest(integer) is 'One digest over the digests of all sets of credits of a run, by the codes of their branches; empty for a run without credits';

create or replace function bank.changed_credit_sets(run integer) returns table (unit_code text)
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  branches integer[];
  sets bigint[];
begin
  perform bank.require_role('hr');
  select array_agg(r.branch_id), array_agg(r.credit_set_id) into branches, sets
  from bank.pay_run_credit_set as r where r.pay_run_id = run;
  return query
  select u.code
  from bank.digest_of_credits(branches, sets) as d
  join bank.credit_set as s using (branch_id, credit_set_id)
  join bank.org_unit as u on u.org_unit_id = d.branch_id
  where (d.credits, d.digest) is distinct from (s.credits, s.digest)
    or exists (
      select from (
        select c.employee_id, c.metric, sum(c.credited) as credited
        from bank.pay_credit as c
        where c.branch_id = d.branch_id and c.credit_set_id = d.credit_set_id
        group by c.employee_id, c.metric
      ) as c
      full join (
        select * from bank.pay_credit_sum as m where m.branch_id = d.branch_id and m.credit_set_id = d.credit_set_id
      ) as m on m.employee_id = coalesce(c.employee_id, 0) and m.metric = c.metric
      where c.credited is distinct from m.credited)
  order by u.code collate "C";
end
$$;
comment on function bank.changed_credit_sets(integer) is 'The branches whose credits in a run are not those any more over which their digest was made, or whose sums are not theirs; none is proof that nobody has changed them';
