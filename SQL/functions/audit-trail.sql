-- The audit trail: what writes it, what chains it, what tries it.

-- Writing -------------------------------------------------------------------------------------------------

create or replace function bank.stamp_audit_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  -- Whoever inserts, an entry bears the marks of the session that it was made in.
  new.recorded_at := clock_timestamp();
  new.transaction_id := pg_current_xact_id()::text::bigint;
  new.login := session_user;
  new.employee_id := bank.acting_person();
  new.client_address := host(inet_client_addr());
  new.application := left(nullif(current_setting('application_name', true), ''), 200);
  new.command := left(nullif(current_setting('banyan.command', true), ''), 2000);
  new.reason := left(nullif(current_setting('banyan.reason', true), ''), 2000);
  return new;
end
$$;
comment on function bank.stamp_audit_entry() is 'Trigger: an entry says who made it and when, whatever its inserter wrote';

create or replace function bank.is_importing() returns boolean
language plpgsql stable as $$
begin
  -- Transaction numbers begin anew on a restored server, so the time is asked too.
  return exists (
    select 1 from platform.audit_entry as e
    where e.transaction_id = pg_current_xact_id_if_assigned()::text::bigint and e.recorded_at >= now()
      and e.object = 'bank.batch' and e.action = 'insert');
end
$$;
comment on function bank.is_importing() is 'Whether the transaction has recorded a batch, whose file and digest stand for the rows that it brings';

create or replace function bank.audit_columns(relation oid, of_row text, withheld text[]) returns text
language plpgsql stable as $$
begin
  return (
    select string_agg(case when a.attname = any (withheld)
        then format('''sha256:'' || encode(sha256(convert_to(%1$I.%2$I::text, ''UTF8'')), ''hex'') as %2$I', of_row, a.attname)
        else format('%I.%I', of_row, a.attname) end, ', ' order by a.attnum)
    from pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
end
$$;
comment on function bank.audit_columns(oid, text, text[]) is 'The columns of a row as the trail keeps them, as a list to select: what is withheld is a digest';

create or replace function bank.audit_differences(relation oid, side text) returns text
language plpgsql stable as $$
begin
  -- Text, because a thousand rows are made one jsonb faster than a thousand are put into one.
  return (
    select string_agg(format(
      'case when former_row.%1$I%4$s is distinct from changed_row.%1$I%4$s then %2$L || coalesce(to_json(%3$I.%1$I)::text, ''null'') end',
      a.attname, ',' || to_json(a.attname::text)::text || ':', side,
      case when a.atttypid = 'json'::regtype then '::text' else '' end), ', ' order by a.attnum)
    from pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
end
$$;
comment on function bank.audit_differences(oid, text) is 'The columns in which an old and a new row differ, as arguments of concat that give the members of a JSON object';

create or replace function bank.audit_changes(verb text, relation oid, key_columns text[], withheld text[]) returns text
language plpgsql stable as $$
declare
  -- Names that no column bears: a column named like its row would be taken instead.
  old_rows constant text := format('(select %s from former as former_row)', bank.audit_columns(relation, 'former_row', withheld));
  new_rows constant text := format('(select %s from changed as changed_row)', bank.audit_columns(relation, 'changed_row', withheld));
  key constant text := (select format('json_build_object(%s)', string_agg(format('%1$L, %1$I', k), ', ')) from unnest(key_columns) as k);
begin
  if verb = 'insert' then
    return format('select concat(''{"key":'', %s, '',"new":'', row_to_json(changed_row), ''}'') as change from %s as changed_row', key, new_rows);
  elsif verb = 'delete' then
    return format('select concat(''{"key":'', %s, '',"old":'', row_to_json(former_row), ''}'') as change from %s as former_row', key, old_rows);
  end if;
  -- A row whose key was changed is an old one without a new one, and a new one without an old one.
  return format($query$
    select concat('{"key":', key, ',"old":' || former, ',"new":' || changed, '}') as change
    from (
      select %1$s as key,
        case when former_row is null then null when changed_row is null then row_to_json(former_row)::text
          else '{' || substr(concat(%2$s), 2) || '}' end as former,
        case when changed_row is null then null when former_row is null then row_to_json(changed_row)::text
          else '{' || substr(concat(%3$s), 2) || '}' end as changed
      from %4$s as former_row full join %5$s as changed_row using (%6$s)
    ) as difference
    where former is distinct from changed
    $query$, key, bank.audit_differences(relation, 'former_row'), bank.audit_differences(relation, 'changed_row'),
    old_rows, new_rows, (select string_agg(quote_ident(k), ', ') from unnest(key_columns) as k));
end
$$;
comment on function bank.audit_changes(text, oid, text[], text[]) is 'A query over the rows of a statement, with one JSON object for each that it changed: its key, its old values and the new ones, of an update only those that differ';

create or replace function bank.record_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres' set bytea_output = 'hex' set extra_float_digits = 1 set jit = off as $$
declare
  rows_an_entry constant integer := 1000;
  rows_in_bulk constant integer := 10000;
  verb constant text := lower(tg_op);
  is_bulk constant boolean := tg_argv[0] = 'bulk';
  thing constant text := format('%I.%I', tg_table_schema, tg_table_name);
  total bigint;
  digests jsonb := '{}';
  digest text;
  side text;
begin
  if verb = 'truncate' then
    execute format('select count(*) from %s', thing) into total;
    insert into platform.audit_entry (action, object, row_count) values (verb, thing, total);
    return null;
  elsif is_bulk and verb = 'insert' then
    -- The rows are not spooled, so the server's own count says whether there were any; a partitioned table has none.
    if current_setting('track_counts')::boolean and pg_stat_get_xact_tuples_inserted(tg_relid) = 0
      and (select c.relkind from pg_class as c where c.oid = tg_relid) = 'r' then
      return null;
    end if;
    insert into platform.audit_entry (action, object)
    select verb, thing
    where not exists (
      select 1 from platform.audit_entry as e
      where e.transaction_id = pg_current_xact_id()::text::bigint and e.recorded_at >= now()
        and e.object = thing and e.action = verb);
    return null;
  elsif is_bulk then
    select count(*) into total from former;
    if total > rows_in_bulk or total > 0 and bank.is_importing() then
      foreach side in array case verb when 'update' then '{former,changed}'::text[] else '{former}' end loop
        execute format($query$
          select encode(sha256(string_agg(part.digest, '' order by part.first_byte)), 'hex')
          from (
            select get_byte(r.digest, 0) as first_byte, sha256(string_agg(r.digest, '' order by r.digest)) as digest
            from (
              select sha256(convert_to(row_to_json(audited_row)::text, 'UTF8')) as digest
              from (select %s from %I as changed_row) as audited_row) as r
            group by 1) as part
          $query$, bank.audit_columns(tg_relid, 'changed_row', tg_argv[2]::text[]), side) into digest;
        digests := digests || jsonb_build_object(case side when 'former' then 'old_sha256' else 'new_sha256' end, digest);
      end loop;
      insert into platform.audit_entry (action, object, row_count, detail) values (verb, thing, total, digests);
      return null;
    end if;
  end if;

  execute format($query$
    insert into platform.audit_entry (action, object, row_count, changes)
    select %L, %L, count(*), ('[' || string_agg(r.change, ',' order by r.position) || ']')::jsonb
    from (select c.change, row_number() over () - 1 as position from (%s) as c) as r
    group by r.position / %s order by r.position / %4$s
    $query$, verb, thing, bank.audit_changes(verb, tg_relid, tg_argv[1]::text[], tg_argv[2]::text[]), rows_an_entry);
  return null;
end
$$;
comment on function bank.record_change() is 'Trigger: writes what a statement has changed to the audit trail, at most 1,000 rows an entry; of mass data in bulk or in an import the count and digests. Its settings make the same text of the same value in every session';

-- Chaining ------------------------------------------------------------------------------------------------

create or replace function bank.audit_content(entry platform.audit_entry, sequence_number bigint) returns bytea
language plpgsql stable as $$
begin
  return convert_to(jsonb_build_array(sequence_number, entry.audit_entry_id,
    to_char(entry.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.transaction_id, entry.login,
    entry.employee_id, entry.client_address, entry.application, entry.command, entry.reason, entry.action,
    entry.object, entry.row_count, entry.changes, entry.detail)::text, 'UTF8');
end
$$;
comment on function bank.audit_content(platform.audit_entry, bigint) is 'The content of an entry with its place in the chain, as the bytes that are digested: a JSON array in UTF-8, as PostgreSQL prints jsonb';

create or replace function bank.seal_audit_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  head platform.audit_head;
  entry platform.audit_entry;
  reached bytea;
  entries bigint[] := '{}';
  digests bytea[] := '{}';
begin
  -- Runs at commit, so writers wait for each other's last step only. The first entry of a transaction seals
  -- all of them, because moving the head once for each would look through all its versions each time.
  if exists (select 1 from platform.audit_link as l where l.audit_entry_id = new.audit_entry_id) then
    return null;
  end if;
  -- Under a snapshot that is older than the last link this fails as a serialization does, and the
  -- transaction is tried again.
  select * into head from platform.audit_head as h for update;
  reached := head.digest;
  for entry in
    select e.* from platform.audit_entry as e
    where e.transaction_id = new.transaction_id
      and not exists (select 1 from platform.audit_link as l where l.audit_entry_id = e.audit_entry_id)
    order by e.audit_entry_id
  loop
    entries := entries || entry.audit_entry_id;
    reached := sha256(reached || bank.audit_content(entry, head.sequence_number + cardinality(entries)));
    digests := digests || reached;
  end loop;
  insert into platform.audit_link (sequence_number, audit_entry_id, previous_digest, digest)
  select head.sequence_number + s.position, s.entry, lag(s.digest, 1, head.digest) over (order by s.position), s.digest
  from unnest(entries, digests) with ordinality as s (entry, digest, position);
  update platform.audit_head set sequence_number = head.sequence_number + cardinality(entries), digest = reached;
  return null;
end
$$;
comment on function bank.seal_audit_entry() is 'Trigger, at commit: makes the entries of the transaction the last links of the chain';

create or replace function bank.refuse_audit_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  raise exception using
    errcode = 'restrict_violation', constraint = tg_name, schema = tg_table_schema, table = tg_table_name,
    message = format('%s of %s.%s is refused: the audit trail is only ever added to', lower(tg_op), tg_table_schema, tg_table_name),
    hint = 'Leave it as it is; what was wrong is put right by another change, which gets its own entry.';
end
$$;
comment on function bank.refuse_audit_change() is 'Trigger: the trail is never updated, deleted or truncated';

create or replace function bank.check_audit_head() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  if exists (
    select 1 from changed as c
    where not exists (
      select 1 from former as f
      join platform.audit_link as next on next.sequence_number = f.sequence_number + 1 and next.previous_digest = f.digest
      join platform.audit_link as last on last.sequence_number = c.sequence_number and last.digest = c.digest
      where c.sequence_number > f.sequence_number
        and not exists (select 1 from platform.audit_link as l where l.sequence_number > c.sequence_number))) then
    raise exception using
      errcode = 'restrict_violation', constraint = tg_name, schema = tg_table_schema, table = tg_table_name,
      message = 'the head of the audit trail moves on to the last link and nowhere else',
      hint = 'Leave it to the platform.';
  end if;
  return null;
end
$$;
comment on function bank.check_audit_head() is 'Trigger: the head moves on to the last link';

create or replace trigger audit_entry_is_stamped before insert on platform.audit_entry
  for each row execute function bank.stamp_audit_entry();
create or replace trigger audit_entry_stays before update or delete or truncate on platform.audit_entry
  for each statement execute function bank.refuse_audit_change();
create or replace trigger audit_link_stays before update or delete or truncate on platform.audit_link
  for each statement execute function bank.refuse_audit_change();
create or replace trigger audit_head_stays before insert or delete or truncate on platform.audit_head
  for each statement execute function bank.refuse_audit_change();
create or replace trigger audit_head_moves_on after update on platform.audit_head
  referencing old table as former new table as changed for each statement execute function bank.check_audit_head();
do $$
begin
  if not exists (select 1 from pg_trigger as t where t.tgrelid = 'platform.audit_entry'::regclass and t.tgname = 'audit_entry_is_sealed') then
    create constraint trigger audit_entry_is_sealed after insert on platform.audit_entry
      deferrable initially deferred for each row execute function bank.seal_audit_entry();
  end if;
end
$$;
alter table platform.audit_entry enable always trigger audit_entry_is_stamped;
alter table platform.audit_entry enable always trigger audit_entry_is_sealed;
alter table platform.audit_entry enable always trigger audit_entry_stays;
alter table platform.audit_link enable always trigger audit_link_stays;
alter table platform.audit_head enable always trigger audit_head_stays;
alter table platform.audit_head enable always trigger audit_head_moves_on;

-- On every table --------------------------------------------------------------------------------------------

create or replace function bank.audit_tables()
returns table (relation regclass, way text, key_columns text[], withheld text[])
language plpgsql stable as $$
begin
  return query
  select c.oid::regclass, coalesce(s.way, 'rows'), array(
      select a.attname::text from pg_index as i
      cross join lateral unnest(i.indkey) with ordinality as k (number, position)
      join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
      where i.indrelid = c.oid and i.indisprimary order by k.position),
    coalesce(s.withheld, '{}')
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  left join pg_inherits as p on p.inhrelid = c.oid
  left join pg_class as parent on parent.oid = p.inhparent
  left join platform.audit_scope as s on n.nspname = 'bank' and s.table_name = coalesce(parent.relname, c.relname)
  where n.nspname in ('bank', 'platform') and c.relkind in ('r', 'p')
    and (n.nspname = 'bank' or c.relname not in ('audit_entry', 'audit_link', 'audit_head'));
end
$$;
comment on function bank.audit_tables() is 'Every table whose changes are recorded, and in which way; the trail itself is none of them';

create or replace function bank.attach_audit(only_to regclass default null) returns void
language plpgsql as $$
declare
  thing record;
  name text;
begin
  for thing in
    select t.*, w.verb, w.moment, w.tables from bank.audit_tables() as t
    cross join (values
      ('insert', 'after', 'referencing new table as changed'),
      ('update', 'after', 'referencing old table as former new table as changed'),
      ('delete', 'after', 'referencing old table as former'),
      ('truncate', 'before', '')) as w (verb, moment, tables)
    where (only_to is null or t.relation = only_to)
      and not exists (
        select 1 from pg_trigger as g where g.tgrelid = t.relation and g.tgname = 'audit_' || w.verb and g.tgenabled = 'A')
  loop
    name := 'audit_' || thing.verb;
    -- To spool the new rows of a load would cost time, and its entry shows none of them.
    execute format('create or replace trigger %I %s %s on %s %s for each statement execute function bank.record_change(%L, %L, %L)',
      name, thing.moment, thing.verb, thing.relation,
      case when thing.way = 'bulk' and thing.verb = 'insert' then '' else thing.tables end,
      thing.way, thing.key_columns, thing.withheld);
    execute format('alter table %s enable always trigger %I', thing.relation, name);
  end loop;
end
$$;
comment on function bank.attach_audit(regclass) is 'Puts the triggers of the audit trail on every table that lacks them, or on one. Every migration ends with it';

-- Readings ----------------------------------------------------------------------------------------------------

create or replace function bank.record_reading(action text, object text, row_count bigint, detail jsonb) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  entry bigint;
begin
  if action not in ('read', 'export') then
    perform bank.refuse_order('audit_reading_is_read_or_export', 'audit_entry', format('“%s” is no kind of reading', action),
      'Say read or export.');
  end if;
  insert into platform.audit_entry as e (action, object, row_count, detail)
  values (record_reading.action, left(record_reading.object, 1000), record_reading.row_count, record_reading.detail)
  returning e.audit_entry_id into entry;
  return entry;
end
$$;
comment on function bank.record_reading(text, text, bigint, jsonb) is 'Records that the session was shown something (read) or took it out (export); returns the key of the entry';
