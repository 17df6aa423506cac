-- Constraints and indexes whose names PostgreSQL made up: one row each. A constraint's name is what its
-- error shows, so a person chooses it, and the tests want none of these.
select 'constraint' as kind, c.conrelid::regclass || ': ' || c.conname as name
from pg_constraint as c
join pg_class as r on r.oid = c.conrelid
where c.connamespace in (select oid from pg_namespace where nspname in ('bank', 'report', 'platform'))
  and c.conparentid = 0 and not r.relispartition
  and c.conname ~ '_(check|fkey|key|pkey|excl)\d*$'
union all
select 'index', i.indrelid::regclass || ': ' || x.relname
from pg_index as i
join pg_class as x on x.oid = i.indexrelid
join pg_class as r on r.oid = i.indrelid
where x.relnamespace in (select oid from pg_namespace where nspname in ('bank', 'report', 'platform'))
  and not r.relispartition
  and x.relname ~ '_(idx|key|pkey|excl)\d*$'
order by kind, name
