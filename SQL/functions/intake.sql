-- What an import does inside the database once the rows of a file stand in the temporary table "incoming",
-- checked and with their keys resolved. The general steps (duplicates, rows already on record, insertion)
-- are the same for every dataset and are made by the importer; here is what one dataset needs beyond them.

drop function if exists bank.open_month(date);
create or replace function bank.open_month(parent text, first_day date, out table_name text, out is_fresh boolean)
language plpgsql as $$
declare
  day_column constant text := (
    select a.attname from pg_partitioned_table as p
    join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
    where p.partrelid = to_regclass(format('bank.%I', parent)));
begin
  table_name := format('%s_%s', parent, to_char(first_day, 'YYYY_MM'));
  is_fresh := to_regclass(format('bank.%I', table_name)) is null;
  if is_fresh then
    -- Without any key: to build them once all rows are there takes a third of the time, and whoever
    -- reads the table of all months meanwhile is not kept waiting.
    -- The days are checked row by row, so that the table need not be read again when it becomes a partition.
    execute format('create table bank.%I (like bank.%I including defaults including constraints,
      constraint rows_are_of_the_month check (%I >= %L and %I < %L))', table_name, parent,
      day_column, first_day, day_column, (first_day + interval '1 month')::date);
  end if;
end
$$;
comment on function bank.open_month(text, date) is 'The table of that month of a partitioned table of facts which begins on the given day. If there is none it is made, fresh: rows can be copied into it, and bank.complete_month must follow in the same transaction';

drop function if exists bank.complete_month(date);
create or replace function bank.complete_month(parent text, first_day date) returns void
language plpgsql as $$
declare
  table_name constant text := format('%s_%s', parent, to_char(first_day, 'YYYY_MM'));
  primary_key constant text := (
    select pg_get_constraintdef(c.oid) from pg_constraint as c
    where c.conrelid = to_regclass(format('bank.%I', parent)) and c.contype = 'p');
begin
  -- A new index goes into the log page by page, compressed; of the two ways, lz4 takes half the time. Who
  -- may not choose, or has a server without it, builds the index all the same.
  begin
    perform set_config('wal_compression', 'lz4', true) where current_setting('wal_compression') = 'pglz';
  exception
    when insufficient_privilege or invalid_parameter_value then null;
  end;
  execute format('alter table bank.%I add %s', table_name, primary_key);
  execute format('alter table bank.%I attach partition bank.%I for values from (%L) to (%L)',
    parent, table_name, first_day, (first_day + interval '1 month')::date);
  execute format('alter table bank.%I drop constraint rows_are_of_the_month', table_name);
  -- Read through the table of all months, under its policies: the month itself is open to nobody.
  execute format('alter table bank.%I enable row level security', table_name);
  perform bank.attach_audit(to_regclass(format('bank.%I', table_name)));
  execute format('analyze bank.%I', table_name);
end
$$;
comment on function bank.complete_month(text, date) is 'Gives a fresh month its keys and makes it a partition of its table';

drop function if exists bank.add_month(date);
create or replace function bank.add_month(parent text, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  month constant date := date_trunc('month', first_day::timestamp)::date;
begin
  perform bank.require_role('loader');
  if parent not in ('transaction', 'fact', 'account_balance', 'repayment_due', 'repayment') then
    perform bank.refuse_order('month_is_of_facts', parent, format('bank.%s is not cut by months', parent),
      'Name a table of facts.', 'restrict_violation');
  end if;
  if (select o.is_fresh from bank.open_month(parent, month) as o) then
    perform bank.complete_month(parent, month);
  end if;
end
$$;
comment on function bank.add_month(text, date) is 'Makes the month of a day a partition of a table of facts, empty, if there is none yet: for loaders, who own no table';

create or replace function bank.drop_incoming() returns void
language plpgsql as $$
declare
  thing text;
begin
  for thing in
    select c.relname from pg_class as c where c.relnamespace = pg_my_temp_schema() and c.relkind = 'r'
  loop
    execute format('drop table pg_temp.%I', thing);
  end loop;
end
$$;
comment on function bank.drop_incoming() is 'Drops the temporary tables that a file before has left in the transaction';

create or replace function bank.add_incoming_account_months() returns void
language plpgsql as $$
begin
  perform bank.refuse_movements_of_balance_accounts();
  insert into bank.account_month as rolled
    (branch_id, month, account_id, transactions, credits, debits, movement_days)
  select branch_id, month, account_id, sum(transactions), sum(credits), sum(debits), sum(movement_days)
  from incoming_account_month
  group by branch_id, month, account_id
  order by branch_id, month, account_id
  on conflict (branch_id, month, account_id) do update set
    transactions = rolled.transactions + excluded.transactions,
    credits = rolled.credits + excluded.credits,
    debits = rolled.debits + excluded.debits,
    movement_days = rolled.movement_days + excluded.movement_days;
  truncate incoming_account_month;
end
$$;
comment on function bank.add_incoming_account_months() is 'Adds the sums in "incoming_account_month" to bank.account_month; an account may have several there';

create or replace function bank.add_batch_part(
  batch bigint, branch integer, month date, rows_loaded bigint, first_number bytea, last_number bytea) returns void
language plpgsql as $$
begin
  insert into bank.batch_part as part (branch_id, month, batch_id, rows_loaded, first_number, last_number)
  values (branch, add_batch_part.month, batch, add_batch_part.rows_loaded,
    add_batch_part.first_number, add_batch_part.last_number)
  on conflict on constraint batch_part_pk do update set
    rows_loaded = part.rows_loaded + excluded.rows_loaded,
    first_number = least(part.first_number, excluded.first_number),
    last_number = greatest(part.last_number, excluded.last_number);
end
$$;
comment on function bank.add_batch_part(bigint, integer, date, bigint, bytea, bytea) is 'Adds rows that a batch has brought to a branch and month to what is on record of it';

create or replace function bank.number_head(number text) returns bytea
language plpgsql immutable as $$
begin
  return substr(convert_to(number, 'UTF8'), 1, 32);
end
$$;
comment on function bank.number_head(text) is 'The bytes of a number that bank.batch_part keeps; the importer counts them in the same way';

create or replace function bank.roll_up_incoming_transactions(batch bigint) returns void
language plpgsql as $$
begin
  insert into incoming_account_month
    (branch_id, month, account_id, transactions, credits, debits, movement_days)
  select branch_id, month, account_id, count(*),
    sum(case direction when 'credit' then amount else 0 end),
    sum(case direction when 'debit' then amount else 0 end),
    sum(case direction when 'credit' then amount else -amount end
        * ((month + interval '1 month')::date - booked_on))
  from (
    select branch_id, account_id, direction, amount, booked_on,
      date_trunc('month', booked_on::timestamp)::date as month
    from incoming
  ) as movements
  group by branch_id, month, account_id;
  perform bank.add_incoming_account_months();
  perform bank.add_batch_part(batch, n.branch_id, n.month, n.rows, bank.number_head(n.first), bank.number_head(n.last))
  from (
    select i.branch_id, date_trunc('month', i.booked_on::timestamp)::date as month, count(*) as rows,
      min(i.number collate "C") as first, max(i.number collate "C") as last
    from incoming as i
    group by 1, 2
  ) as n;
end
$$;
comment on function bank.roll_up_incoming_transactions(bigint) is 'Adds the incoming transactions to bank.account_month, and what they count to the parts of the batch';

create or replace function bank.count_incoming_contacts(batch bigint) returns void
language plpgsql as $$
begin
  perform bank.count_incoming_part(batch, 'contacted_on');
end
$$;
comment on function bank.count_incoming_contacts(bigint) is 'Puts on record how many incoming contacts count in which branch and month';

create or replace function bank.finish_batch(
  batch bigint, read bigint, loaded bigint, rejected bigint, unchanged bigint) returns date[]
language plpgsql as $$
declare
  closed date[];
begin
  -- What a batch brings to a month that was closed before is a restatement; so is what it takes away there.
  select coalesce(array_agg(distinct c.month order by c.month), '{}') into closed
  from bank.batch as b
  join bank.batch_part as p on p.batch_id in (b.batch_id, b.replaces_id)
  join bank.period_close as c on c.month = p.month
  where b.batch_id = batch;
  update bank.batch as b set rows_read = read, rows_loaded = loaded, rows_rejected = rejected, rows_unchanged = unchanged,
    is_restatement = cardinality(closed) > 0 or (loaded > 0 and exists (
      select 1 from bank.period_close as c where c.month = b.month))
  where b.batch_id = batch;
  return closed;
end
$$;
comment on function bank.finish_batch(bigint, bigint, bigint, bigint, bigint) is 'Writes the counts of a batch when all its rows are where they belong; returns the closed months that it has changed';

create or replace function bank.place_incoming_org_units(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint := 0;
  placed_now bigint;
begin
  -- Level by level from the top: a unit can stand once its parent does, in whatever order the file is.
  loop
    insert into bank.org_unit
      (org_unit_id, code, name, level, parent_id, path, opened_on, batch_id, line_number)
    overriding system value
    select key, code, name, level::bank.org_level, parent_id,
      case when parent_path is null then key::text::ltree else parent_path || key::text end,
      opened_on, batch, line_number
    from (
      select i.*, p.org_unit_id as parent_id, p.path as parent_path,
        nextval(pg_get_serial_sequence('bank.org_unit', 'org_unit_id'))::integer as key
      from incoming as i
      left join bank.org_unit as p on p.code = i.parent_code
      where (i.level = 'head_office') = (i.parent_code is null)
        and (i.parent_code is null or (p.org_unit_id is not null and p.level < i.level::bank.org_level
          and p.opened_on <= i.opened_on and (p.closed_on is null or p.closed_on > i.opened_on)))
        and not exists (select 1 from bank.org_unit as u where u.code = i.code)
    ) as ready;
    get diagnostics placed_now = row_count;
    placed := placed + placed_now;
    exit when placed_now = 0;
  end loop;

  insert into bank.rejected_row
    (batch_id, line_number, reason_number, code, column_name, value, reason)
  select batch, i.line_number, 1, 'IMP-0402', 'parent_code', i.parent_code,
    case
      when i.parent_code is null then format('unit “%s” has no parent; only the head office has none', i.code)
      when i.level = 'head_office' then format('unit “%s” is the head office and cannot lie under “%s”', i.code, i.parent_code)
      when p.org_unit_id is null then format('the parent “%s” of unit “%s” is neither on record nor in this file above it; send it first', i.parent_code, i.code)
      when p.level >= i.level::bank.org_level then format('the parent “%s” of unit “%s” is a %s, which cannot hold a %s', i.parent_code, i.code, p.level, i.level)
      else format('unit “%s” opens on %s, when its parent “%s” is not open: %s; correct one of the days', i.code, i.opened_on, i.parent_code, bank.org_unit_life(p.org_unit_id))
    end
  from incoming as i
  left join bank.org_unit as p on p.code = i.parent_code
  where not exists (select 1 from bank.org_unit as u where u.code = i.code);
  -- The rules of the tree look at what has just been written.
  analyze bank.org_unit_version;
  return placed;
end
$$;
comment on function bank.place_incoming_org_units(bigint) is 'Inserts the incoming units below their parents, level by level, and rejects those that find no place; returns how many were placed';

create or replace function bank.end_recorded_tiers() returns void
language plpgsql as $$
begin
  -- A tier on record that is open ends where a new one begins. The record itself is not changed: another
  -- one with that end supersedes it.
  create temporary table ended on commit drop as
  select t.employee_tier_id, min(i.effective_from) as effective_until
  from bank.employee_tier as t
  join incoming as i on i.employee_id = t.employee_id and i.effective_from > t.effective_from
  where t.superseded_at is null and t.effective_until is null
  group by t.employee_tier_id;

  update bank.employee_tier as t set superseded_at = now()
  from ended as e where e.employee_tier_id = t.employee_tier_id;

  insert into bank.employee_tier
    (employee_id, tier, effective_from, effective_until, batch_id, line_number)
  select t.employee_id, t.tier, t.effective_from, e.effective_until, t.batch_id, t.line_number
  from bank.employee_tier as t
  join ended as e using (employee_tier_id)
  order by t.employee_tier_id;
  drop table ended;
end
$$;
comment on function bank.end_recorded_tiers() is 'Ends the open tiers on record where the incoming ones begin, by records that supersede them';

create or replace function bank.end_incoming_tiers() returns void
language plpgsql as $$
begin
  -- Those on record first: a file that repeats a tier together with the one that ends it must find it ended.
  perform bank.end_recorded_tiers();
  update incoming as i set effective_until = n.next_from
  from (
    select employee_id, effective_from,
      lead(effective_from) over (partition by employee_id order by effective_from) as next_from
    from (
      select employee_id, effective_from from incoming
      union
      select employee_id, effective_from from bank.employee_tier where superseded_at is null
    ) as starts
  ) as n
  where i.employee_id = n.employee_id and i.effective_from = n.effective_from
    and i.effective_until is null and n.next_from is not null;
end
$$;
comment on function bank.end_incoming_tiers() is 'Ends each tier that names no end, on record or incoming, where the same person''s next tier begins';
