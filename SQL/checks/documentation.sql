-- Everything that lacks a comment in the schemas of the platform: one row each. The schema is the first
-- document, so the tests want none.
with own_schema as (
  select oid, nspname from pg_namespace where nspname in ('bank', 'report', 'platform')
), own_relation as (
  select c.oid, s.nspname || '.' || c.relname as name,
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind
  from pg_class as c
  join own_schema as s on s.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
)
select 'schema' as kind, nspname::text as name
from own_schema where obj_description(oid, 'pg_namespace') is null
union all
select kind, name from own_relation where obj_description(oid, 'pg_class') is null
union all
select 'column of a ' || r.kind, r.name || '.' || a.attname
from own_relation as r
join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
where col_description(r.oid, a.attnum) is null
union all
select 'function', s.nspname || '.' || p.proname
from pg_proc as p join own_schema as s on s.oid = p.pronamespace
where obj_description(p.oid, 'pg_proc') is null
union all
select 'type', s.nspname || '.' || t.typname
from pg_type as t join own_schema as s on s.oid = t.typnamespace
where t.typtype in ('e', 'd') and obj_description(t.oid, 'pg_type') is null
order by kind, name
