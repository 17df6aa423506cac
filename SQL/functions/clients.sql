-- Clients: segments with two times, bands and value from balances, identity numbers, duplicates and merges.

create or replace function bank.surviving_client(
  branch integer, client bigint, out branch_id integer, out client_id bigint)
language plpgsql stable as $$
begin
  branch_id := branch;
  client_id := client;
  -- A survivor may have been merged later: follow the entries to the end.
  loop
    select m.into_branch_id, m.into_client_id into branch, client
    from bank.client_merge as m
    where m.branch_id = surviving_client.branch_id and m.client_id = surviving_client.client_id;
    exit when not found;
    branch_id := branch;
    client_id := client;
  end loop;
end
$$;
comment on function bank.surviving_client(integer, bigint) is 'The client that a client was merged into, or the client itself';

create or replace function bank.set_segments(
  on_axis bank.segment_axis, clients bank.coverage_scope[], segments text[], since date,
  until date default null, why text default null)
returns bigint
language plpgsql set plan_cache_mode = force_custom_plan set enable_nestloop = on as $$
declare
  moment timestamptz;
  recorded bigint;
begin
  if until <= since then
    raise exception using errcode = 'check_violation', constraint = 'client_segment_dates_in_order',
      schema = 'bank', table = 'client_segment',
      message = format('the dates are reversed: it would begin on %s and end before %s', since, until),
      hint = 'The end is the day after the last day.';
  end if;
  perform bank.plan_for_many(cardinality(clients));
  perform bank.lock_coverage(clients);
  moment := clock_timestamp();
  with asked as (
    select distinct on (x.branch_id, x.client_id) x.branch_id, x.client_id, x.segment
    from unnest(clients, segments) as x (branch_id, client_id, account_id, product_line, segment)
  ), overlapping as (
    select s.*, a.segment as asked_segment
    from asked as a
    join bank.client_segment as s
      on s.branch_id = a.branch_id and s.client_id = a.client_id and s.axis = on_axis
    where s.superseded_at is null and (until is null or s.effective_from < until)
      and (s.effective_until is null or s.effective_until > since)
  ), settled as (
    select o.branch_id, o.client_id from overlapping as o
    where o.segment = o.asked_segment and o.effective_from <= since
      and (o.effective_until is null or (until is not null and o.effective_until >= until))
  ), gone as (
    update bank.client_segment as s set superseded_at = moment
    from overlapping as o
    where s.branch_id = o.branch_id and s.client_segment_id = o.client_segment_id
      and (o.branch_id, o.client_id) not in (select branch_id, client_id from settled)
    returning s.*
  ), remaining as (
    select g.branch_id, g.client_id, g.segment, g.effective_from, since as effective_until
    from gone as g where g.effective_from < since
    union all
    select g.branch_id, g.client_id, g.segment, until, g.effective_until
    from gone as g where until is not null and (g.effective_until is null or g.effective_until > until)
  ), came as (
    insert into bank.client_segment
      (branch_id, client_id, axis, segment, effective_from, effective_until, recorded_at, reason)
    select r.branch_id, r.client_id, on_axis, r.segment, r.effective_from, r.effective_until, moment, why
    from remaining as r
    union all
    select a.branch_id, a.client_id, on_axis, a.segment, since, until, moment, why
    from asked as a
    where (a.branch_id, a.client_id) not in (select branch_id, client_id from settled)
    returning effective_from
  )
  select count(*) into recorded from came as c where c.effective_from = since;
  return recorded;
end
$$;
comment on function bank.set_segments(bank.segment_axis, bank.coverage_scope[], text[], date, date, text) is 'Puts clients into segments of one axis from a day on, or on a span of days, whatever is on record for them; what lay before and after stays, and what was believed is superseded. Returns how many clients changed';

create or replace function bank.segment_as_of(valid_on date, known_at timestamptz default null)
returns setof bank.client_segment
language plpgsql stable as $$
begin
  return query
  select s.* from bank.client_segment as s
  where (known_at is null and s.superseded_at is null
      or s.recorded_at <= known_at and (s.superseded_at is null or s.superseded_at > known_at))
    and s.effective_from <= valid_on and (s.effective_until is null or s.effective_until > valid_on);
end
$$;
comment on function bank.segment_as_of(date, timestamptz) is 'The segments of all clients on a day as they were believed at a moment; without one, as they are believed now';

create or replace function bank.assess_clients(month_start date) returns bigint
language plpgsql as $$
declare
  month_end constant date := (month_start + interval '1 month')::date;
  days constant integer := month_end - month_start;
  days_of_year constant integer :=
    (date_trunc('year', month_start::timestamp) + interval '1 year')::date - date_trunc('year', month_start::timestamp)::date;
  rate constant numeric := coalesce((
    select annual_rate from bank.income_rate
    where product_line = 'deposits' and effective_from <= month_start
      and (effective_until is null or effective_until > month_start)), 0);
  moment constant timestamptz := clock_timestamp();
  recorded bigint;
begin
  with owner as (
    select h.branch_id, h.account_id, coalesce(m.into_branch_id, h.client_branch_id) as client_branch_id,
      coalesce(m.into_client_id, h.client_id) as client_id
    from bank.account_holder as h
    left join (
      select g.branch_id, g.client_id, s.branch_id as into_branch_id, s.client_id as into_client_id
      from bank.client_merge as g
      cross join lateral bank.surviving_client(g.branch_id, g.client_id) as s
    ) as m on m.branch_id = h.client_branch_id and m.client_id = h.client_id
    where h.role = 'owner'
  ), of_account as (
    select branch_id, account_id,
      coalesce(sum(credits - debits) filter (where month < month_start), 0) as opening,
      coalesce(sum(credits - debits), 0) as balance_end,
      coalesce(sum(movement_days) filter (where month = month_start), 0) as movement_days
    from bank.account_month
    where month <= month_start
    group by branch_id, account_id
  ), granted as (
    select branch_id, account_id, sum(amount) as amount
    from bank.loan where granted_on >= month_start and granted_on < month_end
    group by branch_id, account_id
  ), value as (
    select o.client_branch_id as branch_id, o.client_id, coalesce(sum(a.balance_end), 0) as balance_end,
      round(coalesce(sum(a.opening * days + a.movement_days), 0) / days, 4) as average,
      round(coalesce(sum(a.opening * days + a.movement_days), 0) * rate / days_of_year, 4) as income,
      coalesce(sum(g.amount), 0) as granted
    from owner as o
    left join of_account as a using (branch_id, account_id)
    left join granted as g using (branch_id, account_id)
    group by o.client_branch_id, o.client_id
  ), changed as (
    select v.* from value as v
    left join bank.client_value as c
      on c.branch_id = v.branch_id and c.client_id = v.client_id and c.month = month_start
      and c.superseded_at is null
    where (c.balance_end, c.average_daily_balance, c.loans_granted_amount, c.expected_income)
      is distinct from (v.balance_end, v.average, v.granted, v.income)
  ), gone as (
    update bank.client_value as c set superseded_at = moment
    from changed as v
    where c.branch_id = v.branch_id and c.client_id = v.client_id and c.month = month_start
      and c.superseded_at is null
    returning c.client_id
  )
  insert into bank.client_value
    (branch_id, client_id, month, recorded_at, balance_end, average_daily_balance, loans_granted_amount,
     expected_income)
  select v.branch_id, v.client_id, month_start, moment, v.balance_end, v.average, v.granted, v.income
  from changed as v
  where (select count(*) from gone) >= 0;  -- superseded first
  get diagnostics recorded = row_count;
  return recorded;
end
$$;
comment on function bank.assess_clients(date) is 'Assesses every client who owns an account for the month that begins on the given day, over all branches; an assessment that has not changed stays. Returns how many are new';

create or replace function bank.set_bands(month_start date) returns bigint
language plpgsql as $$
declare
  first_day constant date := (month_start + interval '1 month')::date;
  clients bank.coverage_scope[];
  bands text[];
begin
  if not exists (
    select 1 from bank.band_threshold
    where effective_from <= first_day and (effective_until is null or effective_until > first_day)) then
    raise exception using errcode = 'no_data_found',
      message = format('no threshold of a band holds on %s', first_day),
      hint = 'Put the thresholds into bank.band_threshold first.';
  end if;
  select array_agg(row(branch_id, client_id, null, null)::bank.coverage_scope order by branch_id, client_id),
    array_agg(band order by branch_id, client_id)
  into clients, bands
  from (
    select v.branch_id, v.client_id, t.band,
      row_number() over (partition by v.branch_id, v.client_id order by t.from_balance desc) as place
    from bank.client_value as v
    join bank.band_threshold as t
      on t.from_balance <= v.average_daily_balance and t.effective_from <= first_day
      and (t.effective_until is null or t.effective_until > first_day)
    where v.month = month_start and v.superseded_at is null
  ) as reached
  where place = 1;
  if clients is null then
    return 0;
  end if;
  return bank.set_segments('band', clients, bands, first_day, null,
    format('average daily balance of %s', to_char(month_start, 'YYYY-MM')));
end
$$;
comment on function bank.set_bands(date) is 'Puts every client into the highest band that their average daily balance of a month reaches, from the first day after it, by the thresholds of that day; returns how many clients changed. bank.assess_clients comes first';

-- Identity numbers

create or replace function bank.plain_identity(number text) returns text
language sql immutable as $$
  select upper(regexp_replace(number, '[\s-]', '', 'g'))
$$;
comment on function bank.plain_identity(text) is 'An identity number without blanks and hyphens, in capitals, so that equal ones are equal';

create or replace function bank.identity_digest(kind text, number text) returns bytea
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  return hmac(convert_to(kind || ':' || bank.plain_identity(number), 'UTF8'),
    (select digest_key from bank.identity_secret), 'sha256');
end
$$;
comment on function bank.identity_digest(text, text) is 'The keyed digest by which equal identity numbers are found';

create or replace function bank.masked_identity(number text) returns text
language sql immutable as $$
  select case when length(plain) >= 8 then repeat('*', length(plain) - 4) || right(plain, 4)
    else repeat('*', length(plain)) end
  from bank.plain_identity(number) as plain
$$;
comment on function bank.masked_identity(text) is 'What may be shown of an identity number: stars and the last four characters; of a short one stars only';

create or replace function bank.seal_identity(kind text, number text, out digest bytea, out sealed bytea)
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  perform bank.require_role('loader');
  digest := bank.identity_digest(kind, number);
  sealed := (select pgp_sym_encrypt(bank.plain_identity(number), s.seal_key, 's2k-mode=1, cipher-algo=aes256')
    from bank.identity_secret as s);
end
$$;
comment on function bank.seal_identity(text, text) is 'The keyed digest of an identity number, and the number encrypted: for loaders, who may not read the keys';

create or replace function bank.identity_is_on_record(of_branch integer, of_client bigint, of_kind text, number text)
returns boolean
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  perform bank.require_role('loader');
  return (
    select n.digest = bank.identity_digest(of_kind, number) from bank.client_identity as n
    where n.branch_id = of_branch and n.client_id = of_client and n.kind = of_kind);
end
$$;
comment on function bank.identity_is_on_record(integer, bigint, text, text) is 'Whether a client has this identity number on record; null if none of the kind is. For loaders, who may not read the digests';

-- No door itself: what it reads is a table that its caller made, whose columns could run code of the caller's.
create or replace function bank.place_incoming_identities(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint;
begin
  insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
  select batch, i.line_number, 1, 'IMP-0302', 'number', '(withheld: it is confidential)',
    case when i.is_same
      then 'the client has this ' || i.kind || ' on record already; leave the row out'
      else 'the client has another ' || i.kind || ' on record; a correction is not taken as a new row' end
  from (
    select r.*, bank.identity_is_on_record(r.branch_id, r.client_id, r.kind, r.number) as is_same from incoming as r
  ) as i
  where i.is_same is not null;

  insert into bank.client_identity
    (branch_id, client_id, kind, digest, sealed, masked, batch_id, line_number)
  select i.branch_id, i.client_id, i.kind, s.digest, s.sealed, bank.masked_identity(i.number), batch, i.line_number
  from incoming as i
  cross join lateral bank.seal_identity(i.kind, i.number) as s
  where bank.identity_is_on_record(i.branch_id, i.client_id, i.kind, i.number) is null;
  get diagnostics placed = row_count;
  return placed;
end
$$;
comment on function bank.place_incoming_identities(bigint) is 'Digests and seals the incoming identity numbers; returns how many were placed';

create or replace function bank.read_identity(of_branch integer, of_client bigint, of_kind text, why text)
returns text
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  number text;
begin
  perform bank.require_role('risk');
  if coalesce(trim(why), '') = '' then
    raise exception using errcode = 'check_violation',
      message = 'an identity number is read for a reason', hint = 'Say why; the reading is recorded.';
  end if;
  select pgp_sym_decrypt(n.sealed, s.seal_key) into number
  from bank.client_identity as n cross join bank.identity_secret as s
  where n.branch_id = of_branch and n.client_id = of_client and n.kind = of_kind;
  if found then
    insert into bank.identity_reading (client_branch_id, client_id, kind, reason)
    values (of_branch, of_client, of_kind, why);
  end if;
  return number;
end
$$;
comment on function bank.read_identity(integer, bigint, text, text) is 'An identity number in clear, for who holds a role that may read it; every reading is recorded with its reason';

-- Duplicates

create or replace function bank.client_duplicates(
  least_similarity numeric default 0.6, of_branch integer default null)
returns table (
  branch_id integer, client_id bigint, other_branch_id integer, other_client_id bigint,
  evidence text, similarity numeric)
language plpgsql stable as $$
begin
  perform set_config('pg_trgm.similarity_threshold', least_similarity::text, true);
  return query
  with pair as (
    select a.branch_id, a.client_id, b.branch_id as other_branch_id, b.client_id as other_client_id,
      'same ' || a.kind as evidence, 1::numeric as similarity, 1 as strength
    from bank.client_identity as a
    join bank.client_identity as b using (digest)
    where (a.branch_id, a.client_id) < (b.branch_id, b.client_id)
    union all
    select a.branch_id, a.client_id, b.branch_id, b.client_id, 'similar name',
      round(similarity(a.name, b.name)::numeric, 3), 2
    from bank.client as a
    join bank.client as b on b.name % a.name and b.kind = a.kind
    where (a.branch_id, a.client_id) < (b.branch_id, b.client_id)
  ), best as (
    select p.*, row_number() over (
      partition by p.branch_id, p.client_id, p.other_branch_id, p.other_client_id order by p.strength) as place
    from pair as p
  )
  select b.branch_id, b.client_id, b.other_branch_id, b.other_client_id, b.evidence, b.similarity
  from best as b
  where b.place = 1 and (of_branch is null or of_branch in (b.branch_id, b.other_branch_id))
    and not exists (
      select 1 from bank.client_merge as m
      where (m.branch_id, m.client_id) in ((b.branch_id, b.client_id), (b.other_branch_id, b.other_client_id)))
  order by b.strength, b.similarity desc, b.branch_id, b.client_id;
end
$$;
comment on function bank.client_duplicates(numeric, integer) is 'Pairs of clients of all branches that may be one: the same identity number, or names alike by trigrams at least so far; clients that were merged are left out';

create or replace function bank.merge_clients(
  duplicate bank.coverage_scope, survivor bank.coverage_scope, why text)
returns void
language plpgsql as $$
declare
  earlier record;
begin
  perform bank.lock_coverage(array[duplicate, survivor]);
  if (duplicate.branch_id, duplicate.client_id) = (survivor.branch_id, survivor.client_id) then
    raise exception using errcode = 'check_violation', constraint = 'client_merge_is_of_two',
      schema = 'bank', table = 'client_merge',
      message = format('%s cannot be merged into itself', bank.scope_label(duplicate)),
      hint = 'Name two clients.';
  end if;
  select m.*, bank.scope_label(row(m.into_branch_id, m.into_client_id, null, null)) as label into earlier
  from bank.client_merge as m
  where (m.branch_id, m.client_id) in (
    (duplicate.branch_id, duplicate.client_id), (survivor.branch_id, survivor.client_id));
  if found then
    raise exception using errcode = 'unique_violation', constraint = 'client_merge_pk',
      schema = 'bank', table = 'client_merge',
      message = format('%s was merged into %s on %s',
        bank.scope_label(row(earlier.branch_id, earlier.client_id, null, null)), earlier.label,
        earlier.merged_at::date),
      hint = 'Merge the clients that survive.';
  end if;
  insert into bank.client_merge (branch_id, client_id, into_branch_id, into_client_id, reason)
  values (duplicate.branch_id, duplicate.client_id, survivor.branch_id, survivor.client_id, why);
end
$$;
comment on function bank.merge_clients(bank.coverage_scope, bank.coverage_scope, text) is 'Enters that one client is another. Nothing is moved: facts, accounts and assignments stay where they were earned, and client_scope and assess_clients go on with the survivor';
