-- The data dictionary in Markdown, from the comments that the schema itself carries. Run it on a migrated
-- database without headers and alignment:
--   psql -XAtq -f SQL/documentation/data-dictionary.sql
-- `make docs` writes its output to docs/data-dictionary.md, and `banyan docs` prints it.

with schema as (
  select oid, nspname as name,
    array_position(array['bank', 'report', 'platform'], nspname::text) as position,
    obj_description(oid, 'pg_namespace') as comment
  from pg_namespace
  where nspname in ('bank', 'report', 'platform')
), relation as (
  select c.oid, s.position as schema_position, s.name as schema_name, c.relname as name,
    format('%s.%s', s.name, c.relname) as full_name, c.relkind as kind,
    obj_description(c.oid, 'pg_class') as comment
  from pg_class as c
  join schema as s on s.oid = c.relnamespace
  -- Partitions follow their parent; they come and go with the months.
  where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
), line as (
  -- Every line of the document with its place in it: schema, kind of section, name, part, position.
  select 0 as schema_position, 0 as section, '' as name, 0 as part, 0::bigint as position, concat_ws(E'\n',
    '# Data dictionary', '',
    'Written by `make docs` from the comments in the schema; change those, under `SQL/`, and not this file.'
    ) as text

  union all
  select position, 0, '', 0, 0, concat_ws(E'\n', '', format('## Schema %s', name), '', comment || '.')
  from schema

  union all
  select schema_position, 1, name, 0, 0, concat_ws(E'\n', '', format('### %s', full_name), '',
    format('%s%s.', case when kind in ('v', 'm') then 'View. ' else '' end, comment), '',
    '| column | type | null | meaning |', '| --- | --- | --- | --- |')
  from relation

  union all
  select r.schema_position, 1, r.name, 1, a.attnum,
    format('| `%s` | %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull or r.kind in ('v', 'm') then '' else 'yes' end,
      replace(col_description(r.oid, a.attnum), '|', '\|'))
  from relation as r
  join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped

  union all
  select r.schema_position, 1, r.name, 2, 0, concat_ws(E'\n', '', 'Rules:', '')
  from relation as r
  where exists (select 1 from pg_constraint as c where c.conrelid = r.oid and c.contype in ('p', 'u', 'x', 'c', 'f'))

  union all
  select r.schema_position, 1, r.name, 3,
    row_number() over (
      partition by r.oid order by array_position(array['p', 'u', 'x', 'c', 'f'], c.contype::text),
        c.conname::text collate "C"),
    format('- `%s`: %s', c.conname,
      -- On one line, whatever line breaks the server puts into a long condition.
      regexp_replace(pg_get_constraintdef(c.oid), '\s+', ' ', 'g'))
  from relation as r
  join pg_constraint as c on c.conrelid = r.oid and c.contype in ('p', 'u', 'x', 'c', 'f')

  union all
  select s.position, 2, '', 0, 0, concat_ws(E'\n', '', format('### Types of %s', s.name), '',
    '| type | values | meaning |', '| --- | --- | --- |')
  from schema as s
  where exists (select 1 from pg_type as t where t.typnamespace = s.oid and t.typtype = 'e')

  union all
  select s.position, 2, t.typname, 1, 0,
    format('| `%s` | %s | %s |', t.typname,
      (select string_agg(format('`%s`', e.enumlabel), ', ' order by e.enumsortorder)
       from pg_enum as e where e.enumtypid = t.oid),
      replace(obj_description(t.oid, 'pg_type'), '|', '\|'))
  from pg_type as t
  join schema as s on s.oid = t.typnamespace
  where t.typtype = 'e'

  union all
  select s.position, 3, '', 0, 0, concat_ws(E'\n', '', format('### Functions of %s', s.name), '',
    '| function | meaning |', '| --- | --- |')
  from schema as s
  where exists (select 1 from pg_proc as p where p.pronamespace = s.oid)

  union all
  select s.position, 3, p.proname, 1, 0,
    format('| `%s(%s)` | %s |', p.proname, pg_get_function_identity_arguments(p.oid),
      replace(obj_description(p.oid, 'pg_proc'), '|', '\|'))
  from pg_proc as p
  join schema as s on s.oid = p.pronamespace
)
select text
from line
order by schema_position, section, name collate "C", part, position;
