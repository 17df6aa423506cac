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
comment on function bank.is_importing() is 'Whether the transaction has recorded a batch, whose entry stands for all rows that it brings';

create or replace function bank.audit_key(of_row jsonb, key_columns text[]) returns jsonb
language plpgsql immutable as $$
begin
  return (select jsonb_object_agg(k, of_row -> k) from unnest(key_columns) as k);
end
$$;
comment on function bank.audit_key(jsonb, text[]) is 'The key of a row: some of its columns';

create or replace function bank.audit_values(of_row jsonb, withheld text[]) returns jsonb
language plpgsql immutable as $$
begin
  if withheld = '{}' or of_row is null then
    return of_row;
  end if;
  return of_row || coalesce((
    select jsonb_object_agg(w, 'sha256:' || encode(sha256(convert_to(of_row ->> w, 'UTF8')), 'hex'))
    from unnest(withheld) as w where of_row ->> w is not null), '{}');
end
$$;
comment on function bank.audit_values(jsonb, text[]) is 'A row as the trail keeps it: what is withheld is a digest';

create or replace function bank.changed_values(former jsonb, changed jsonb) returns jsonb
language plpgsql immutable as $$
begin
  return (select jsonb_object_agg(c.key, c.value) from jsonb_each(changed) as c
    where former -> c.key is distinct from c.value);
end
$$;
comment on function bank.changed_values(jsonb, jsonb) is 'The columns of a row that an update has changed, as they are now';

create or replace function bank.record_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  rows_an_entry constant integer := 1000;
  rows_in_bulk constant integer := 10000;
  is_bulk constant boolean := tg_argv[0] = 'bulk';
  keys constant text[] := tg_argv[1]::text[];
  withheld constant text[] := tg_argv[2]::text[];
  thing constant text := format('%I.%I', tg_table_schema, tg_table_name);
  total bigint;
begin
  -- The rows' names are ones that no column bears: a column named like its row would be taken instead.
  -- A batch stands for the mass data that it brings and for nothing else, or a batch made by hand would hide a grant.
  if is_bulk and tg_op <> 'TRUNCATE' and bank.is_importing() then
    return null;
  end if;

  if tg_op = 'TRUNCATE' then
    execute format('select count(*) from %s', thing) into total;
    insert into platform.audit_entry (action, object, row_count) values ('truncate', thing, total);
  elsif tg_op = 'INSERT' and is_bulk then
    if not exists (
      select 1 from platform.audit_entry as e
      where e.transaction_id = pg_current_xact_id()::text::bigint and e.recorded_at >= now()
        and e.object = thing and e.action = 'insert') then
      insert into platform.audit_entry (action, object) values ('insert', thing);
    end if;
  elsif tg_op = 'INSERT' then
    insert into platform.audit_entry (action, object, row_count, changes)
    select 'insert', thing, count(*), jsonb_agg(jsonb_build_object(
      'key', bank.audit_key(r.value, keys), 'new', bank.audit_values(r.value, withheld)) order by r.position)
    from (
      select to_jsonb(changed_row) as value, row_number() over () - 1 as position from changed as changed_row) as r
    group by r.position / rows_an_entry order by r.position / rows_an_entry;
  elsif tg_op = 'DELETE' then
    select count(*) into total from former;
    if is_bulk and total > rows_in_bulk then
      insert into platform.audit_entry (action, object, row_count) values ('delete', thing, total);
    else
      insert into platform.audit_entry (action, object, row_count, changes)
      select 'delete', thing, count(*), jsonb_agg(jsonb_build_object(
        'key', bank.audit_key(r.value, keys), 'old', bank.audit_values(r.value, withheld)) order by r.position)
      from (
        select to_jsonb(former_row) as value, row_number() over () - 1 as position from former as former_row) as r
      group by r.position / rows_an_entry order by r.position / rows_an_entry;
    end if;
  else
    select count(*) into total from former;
    if is_bulk and total > rows_in_bulk then
      insert into platform.audit_entry (action, object, row_count) values ('update', thing, total);
    else
      insert into platform.audit_entry (action, object, row_count, changes)
      select 'update', thing, count(*), jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', r.key))
          || jsonb_build_object('old', bank.audit_values(r.old, withheld),
            'new', bank.changed_values(bank.audit_values(r.old, withheld), bank.audit_values(r.new, withheld)))
        order by r.position)
      from (
        select key, o.value as old, n.value as new, row_number() over () - 1 as position
        from (select bank.audit_key(to_jsonb(former_row), keys) as key, to_jsonb(former_row) as value from former as former_row) as o
        full join (select bank.audit_key(to_jsonb(changed_row), keys) as key, to_jsonb(changed_row) as value from changed as changed_row) as n
          using (key)
        where o.value is distinct from n.value) as r
      group by r.position / rows_an_entry order by r.position / rows_an_entry;
    end if;
  end if;
  return null;
end
$$;
comment on function bank.record_change() is 'Trigger: writes what a statement has changed to the audit trail, at most 1,000 rows an entry';

-- Chaining ------------------------------------------------------------------------------------------------

create or replace function bank.audit_content(entry platform.audit_entry, sequence_number bigint) returns bytea
language plpgsql stable set timezone = 'UTC' as $$
begin
  return convert_to(jsonb_build_array(sequence_number, entry.audit_entry_id,
    to_char(entry.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.transaction_id, entry.login,
    entry.employee_id, entry.client_address, entry.application, entry.command, entry.reason, entry.action,
    entry.object, entry.row_count, entry.changes, entry.detail)::text, 'UTF8');
end
$$;
comment on function bank.audit_content(platform.audit_entry, bigint) is 'The content of an entry with its place in the chain, as the bytes that are digested: a JSON array in UTF-8, as PostgreSQL prints jsonb';

create or replace function bank.seal_audit_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  head platform.audit_head;
  next_digest bytea;
begin
  -- Runs at commit, so writers wait for each other's last step only. Under a snapshot that is older than
  -- the last link this fails as a serialization does, and the transaction is tried again.
  select * into head from platform.audit_head as h for update;
  next_digest := sha256(head.digest || bank.audit_content(new, head.sequence_number + 1));
  insert into platform.audit_link (sequence_number, audit_entry_id, previous_digest, digest)
  values (head.sequence_number + 1, new.audit_entry_id, head.digest, next_digest);
  update platform.audit_head set sequence_number = head.sequence_number + 1, digest = next_digest;
  return null;
end
$$;
comment on function bank.seal_audit_entry() is 'Trigger, at commit: makes an entry the last link of the chain';

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
      join platform.audit_link as l on l.sequence_number = f.sequence_number + 1
      where c.sequence_number = l.sequence_number and c.digest = l.digest and l.previous_digest = f.digest)) then
    raise exception using
      errcode = 'restrict_violation', constraint = tg_name, schema = tg_table_schema, table = tg_table_name,
      message = 'the head of the audit trail moves to the next link and nowhere else',
      hint = 'Leave it to the platform.';
  end if;
  return null;
end
$$;
comment on function bank.check_audit_head() is 'Trigger: the head moves on by one link';

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

create or replace function bank.audit_gaps() returns table (rule text, what text)
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  perform bank.require_role('auditor');
  return query
  -- With its schema, which regclass leaves out where the search path holds it.
  select 'table whose changes are not recorded'::text, format('%s.%s: %s', c.relnamespace::regnamespace, c.relname, w.verb)
  from bank.audit_tables() as t
  join pg_class as c on c.oid = t.relation
  cross join (values ('insert', 4), ('delete', 8), ('update', 16), ('truncate', 32)) as w (verb, bit)
  where not exists (
    select 1 from pg_trigger as g
    where g.tgrelid = t.relation and g.tgfoid = 'bank.record_change()'::regprocedure and g.tgenabled = 'A'
      and g.tgtype & w.bit = w.bit and g.tgqual is null and g.tgattr = ''::int2vector)
  union all
  select 'trigger of the trail itself that is off', w.relation || ': ' || w.name
  from (values
    ('platform.audit_entry', 'audit_entry_is_stamped'), ('platform.audit_entry', 'audit_entry_is_sealed'),
    ('platform.audit_entry', 'audit_entry_stays'), ('platform.audit_link', 'audit_link_stays'),
    ('platform.audit_head', 'audit_head_stays'), ('platform.audit_head', 'audit_head_moves_on')) as w (relation, name)
  where not exists (
    select 1 from pg_trigger as g
    where g.tgrelid = w.relation::regclass and g.tgname = w.name and g.tgenabled = 'A')
  order by 1, 2;
end
$$;
comment on function bank.audit_gaps() is 'Where the trail has a hole: tables without its triggers, or with triggers that were switched off; none is what an auditor wants to see';

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

-- Trying ------------------------------------------------------------------------------------------------------

create or replace function bank.find_in_chain(wanted_digest bytea) returns bigint
language plpgsql stable as $$
begin
  return (select min(l.sequence_number) from platform.audit_link as l where l.digest = wanted_digest);
end
$$;
comment on function bank.find_in_chain(bytea) is 'The place in the chain at which a digest stands; null if nowhere';

create or replace function bank.explain_audit_break(
  at_number bigint, link platform.audit_link, entry platform.audit_entry, reached bytea,
  out kind text, out message text)
language plpgsql stable as $$
declare
  other bigint;
begin
  if link.previous_digest <> reached then
    other := bank.find_in_chain(link.previous_digest);
    if other >= at_number then
      kind := 'reordered';
      message := format('link %s follows on link %s by its digest: the links were put into another order', at_number, other);
    elsif other is not null then
      kind := 'inserted';
      message := format('link %s follows on link %s by its digest: what stands between them was put in later', at_number, other);
    else
      kind := 'deleted';
      message := format('link %s follows on a link that is not there: what stood before it was deleted or altered', at_number);
    end if;
    return;
  end if;
  -- The link is in its place, and its entry is not what it was.
  select l.sequence_number into other
  from platform.audit_link as l
  join platform.audit_entry as e on e.audit_entry_id = l.audit_entry_id
  where l.sequence_number <> at_number and sha256(reached || bank.audit_content(e, at_number)) = link.digest
  limit 1;
  if found then
    kind := 'reordered';
    message := format('the entry that belongs to link %s stands at link %s', at_number, other);
  else
    kind := 'altered';
    message := format('entry %s at link %s is not what was written: %s of %s by %s on %s',
      entry.audit_entry_id, at_number, entry.action, entry.object, entry.login,
      to_char(entry.recorded_at, 'YYYY-MM-DD HH24:MI:SS'));
  end if;
end
$$;
comment on function bank.explain_audit_break(bigint, platform.audit_link, platform.audit_entry, bytea) is 'What happened to the first link that does not fit: altered, deleted, inserted or reordered';

create or replace function bank.verify_audit(
  kept_number bigint default null, kept_digest bytea default null,
  out links bigint, out head text, out broken_at bigint, out kind text, out message text)
language plpgsql stable security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  reached bytea := decode(repeat('00', 32), 'hex');
  step record;
  last platform.audit_head;
begin
  perform bank.require_role('auditor');
  links := 0;
  for step in
    select l as link, e as entry, l.sequence_number, e.audit_entry_id is not null as has_entry,
      l.previous_digest, l.digest
    from platform.audit_link as l
    left join platform.audit_entry as e on e.audit_entry_id = l.audit_entry_id
    order by l.sequence_number
  loop
    if step.sequence_number <> links + 1 then
      broken_at := links + 1;
      kind := 'deleted';
      message := case when step.sequence_number = links + 2 then format('link %s is missing', links + 1)
        else format('links %s to %s are missing', links + 1, step.sequence_number - 1) end;
    elsif not step.has_entry then
      broken_at := step.sequence_number;
      kind := 'deleted';
      message := format('the entry of link %s is missing', step.sequence_number);
    elsif step.previous_digest <> reached
      or sha256(reached || bank.audit_content(step.entry, step.sequence_number)) <> step.digest then
      broken_at := step.sequence_number;
      select x.kind, x.message into kind, message
      from bank.explain_audit_break(step.sequence_number, step.link, step.entry, reached) as x;
    end if;
    exit when broken_at is not null;
    links := step.sequence_number;
    reached := step.digest;
    if links = kept_number and reached <> kept_digest then
      broken_at := links;
      kind := 'replaced';
      message := format('link %s has another digest than the one that was kept: the chain was written anew', links);
      exit;
    end if;
  end loop;
  head := encode(reached, 'hex');
  if broken_at is not null then
    return;
  end if;

  select * into last from platform.audit_head;
  if kept_number > links then
    broken_at := links + 1;
    kind := 'cut';
    message := format('the chain ends at link %s, and the head that was kept is link %s: what came after was cut off', links, kept_number);
  elsif last.sequence_number is distinct from links or last.digest is distinct from reached then
    broken_at := least(links, coalesce(last.sequence_number, 0)) + 1;
    kind := 'cut';
    message := format('the chain ends at link %s, and its head says %s', links, coalesce(last.sequence_number::text, 'nothing'));
  else
    select null::bigint, 'inserted', format('entry %s stands outside the chain: %s of %s by %s on %s', e.audit_entry_id, e.action,
      e.object, e.login, to_char(e.recorded_at, 'YYYY-MM-DD HH24:MI:SS'))
    into broken_at, kind, message
    from platform.audit_entry as e
    where not exists (select 1 from platform.audit_link as l where l.audit_entry_id = e.audit_entry_id)
    order by e.audit_entry_id limit 1;
  end if;
end
$$;
comment on function bank.verify_audit(bigint, bytea) is 'Walks the chain from its first link and says what is wrong with the first that does not fit; kind is null if all do. With the number and digest of a head that was kept elsewhere it finds too what was cut off or written anew';
