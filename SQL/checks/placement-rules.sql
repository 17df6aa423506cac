-- Could this schema be cut by branch over several servers? One row for each breach; none is the answer
-- that the tests want. Plain PostgreSQL can say so from its own catalogue, with bank.table_placement as the
-- registry, so that a bank which outgrows one machine finds a schema that is ready.
--
-- Policies: a distributed server takes no sub-select in them. Ours hold calls in sub-selects that read no table,
-- because on one server that is what lets a call run once a statement and not once a row. All of them are
-- written by bank.access_condition, which is where such a move would write them another way.
with placed as (
  -- Partitions stand where their parent stands.
  select c.oid, c.relname, c.relkind, c.relispartition,
    coalesce(own.placement, parent.placement) as placement
  from pg_class as c
  left join bank.table_placement as own on own.table_name = c.relname
  left join pg_inherits as i on i.inhrelid = c.oid
  left join pg_class as p on p.oid = i.inhparent
  left join bank.table_placement as parent on parent.table_name = p.relname
  where c.relnamespace = 'bank'::regnamespace and c.relkind in ('r', 'p')
), cut as (
  select t.oid, t.relname, t.relkind, t.relispartition, a.attnum, a.attnotnull, a.atttypid
  from placed as t
  left join pg_attribute as a
    on a.attrelid = t.oid and a.attname = 'branch_id' and not a.attisdropped
  where t.placement = 'by_branch'
), foreign_key as (
  select k.*, t.placement, t.relname, t.relispartition
  from placed as t
  join pg_constraint as k on k.conrelid = t.oid and k.contype = 'f'
), own_function as (
  select p.proname, l.lanname, coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '') as body
  from pg_proc as p
  join pg_language as l on l.oid = p.prolang
  where p.pronamespace = 'bank'::regnamespace and p.prokind in ('f', 'p')
)
select 'table without a placement' as rule, relname::text as what
from placed where placement is null
union all
select 'placement of a table that does not exist', table_name
from bank.table_placement where to_regclass(format('bank.%I', table_name)) is null
union all
select 'branch_id missing, nullable or not an integer', relname
from cut where attnum is null or not attnotnull or atttypid <> 'integer'::regtype
union all
select 'no primary key', relname
from placed as t
where not exists (select 1 from pg_index as i where i.indrelid = t.oid and i.indisprimary)
union all
select 'unique key without branch_id', i.indexrelid::regclass::text
from cut join pg_index as i on i.indrelid = cut.oid
where i.indisunique and not coalesce(cut.attnum = any (i.indkey::int2[]), false)
union all
select 'exclusion without equality of branch_id', k.conname
from cut join pg_constraint as k on k.conrelid = cut.oid and k.contype = 'x'
where not exists (
  select 1
  from unnest(k.conkey, k.conexclop) as e (attnum, operator)
  join pg_operator as o on o.oid = e.operator and o.oprname = '='
  where e.attnum = cut.attnum)
union all
select 'foreign key between branches', f.conname
from foreign_key as f
join cut on cut.oid = f.conrelid
join cut as target on target.oid = f.confrelid
where not exists (
  select 1 from unnest(f.conkey, f.confkey) as e (own, other)
  where e.own = cut.attnum and e.other = target.attnum)
union all
select 'foreign key from a reference table to one cut by branch', f.conname
from foreign_key as f join cut on cut.oid = f.confrelid
where f.placement = 'reference'
union all
select 'foreign key that sets null or a default', conname
from foreign_key
where placement = 'by_branch' and (confdeltype in ('n', 'd') or confupdtype in ('n', 'd'))
union all
select 'foreign key not named *_fk', conname
from foreign_key where conparentid = 0 and conname !~ '_fk$'
union all
select 'foreign key of a partition alone', conname
from foreign_key where relispartition and conparentid = 0
union all
select 'identity narrower than bigint', cut.relname || '.' || a.attname
from cut
join pg_attribute as a on a.attrelid = cut.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%')
  and a.atttypid <> 'bigint'::regtype
union all
select 'partitions of a partition', relname
from placed where relkind = 'p' and relispartition
union all
select 'table read in a row security policy', p.polname || ' on ' || t.relname
from pg_policy as p join placed as t on t.oid = p.polrelid
where coalesce(p.polqual::text, '') || coalesce(p.polwithcheck::text, '') ~ '\{(RTE|RANGETBLENTRY)\M'
union all
select 'rewrite rule on a table', r.rulename
from pg_rewrite as r join placed as t on t.oid = r.ev_class
union all
-- Statement triggers stay: every server refuses the same statement. Row triggers would run once a server.
select 'row trigger on a reference table', g.tgname
from pg_trigger as g join placed as t on t.oid = g.tgrelid
where t.placement = 'reference' and not g.tgisinternal and g.tgtype & 1 = 1
union all
select 'function in SQL that reads tables; write it in plpgsql', f.proname
from own_function as f
where f.lanname = 'sql'
  and exists (select 1 from placed as t where f.body ~ ('\m' || t.relname || '\M'))
union all
select 'statement that a distributed server refuses: ' || refused.phrase, f.proname
from own_function as f
cross join (values
  ('merge', '\mmerge\s+into\M'),
  ('grouping sets', '\mgrouping\s+sets\M|\mrollup\s*\(|\mcube\s*\('),
  ('recursive query', '\mwith\s+recursive\M'),
  ('two-phase commit', '\mprepare\s+transaction\M'),
  ('change of branch', '\mset\s+branch_id\s*='),
  ('volatile value on conflict', 'do\s+update\s+set[^;]*\m(now|clock_timestamp|random|current_setting)\s*\(')
) as refused (phrase, pattern)
where f.body ~* refused.pattern
order by rule, what
