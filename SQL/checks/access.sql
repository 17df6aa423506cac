-- Can anybody see or do what no rule gives them? One row for each breach; none is the answer that the tests
-- want. bank.access_rule and bank.access_door say what is meant, the catalogue says what is.
with own_schema as (
  select oid, nspname from pg_namespace where nspname in ('bank', 'report', 'platform')
), group_role as (
  select r.code, r.group_role, to_regrole(r.group_role) as oid from bank.access_role as r
  union all
  select 'curator', 'banyan_curator', to_regrole('banyan_curator')
), relation as (
  select c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relowner, c.relacl, c.reloptions,
    s.nspname || '.' || c.relname as name,
    case s.nspname when 'bank' then c.relname else s.nspname || '.' || c.relname end as rule_name
  from pg_class as c
  join own_schema as s on s.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S')
), own_function as (
  select p.oid, p.oid::regprocedure::text as name, p.proname, p.prosecdef, p.proconfig, p.proowner, p.prosrc,
    p.prorettype = 'trigger'::regtype as is_trigger,
    coalesce(p.proacl, acldefault('f', p.proowner)) as acl
  from pg_proc as p
  join own_schema as s on s.oid = p.pronamespace
), given as (
  -- What roles other than the owner hold on relations, whole or by column.
  select r.oid, r.name, r.rule_name, r.relkind, a.grantee, lower(a.privilege_type) as privilege
  from relation as r cross join lateral aclexplode(r.relacl) as a
  where a.grantee <> r.relowner
  union
  select r.oid, r.name, r.rule_name, r.relkind, a.grantee, lower(a.privilege_type)
  from relation as r
  join pg_attribute as c on c.attrelid = r.oid and c.attnum > 0 and not c.attisdropped
  cross join lateral aclexplode(c.attacl) as a
  where a.grantee <> r.relowner
), meant as (
  select a.relation, g.oid as grantee, w.privilege
  from bank.access_rule as a
  join group_role as g on g.code = a.role
  join (values ('read', 'select'), ('add', 'insert'), ('change', 'update'), ('remove', 'delete')) as w (word, privilege)
    on w.word = any (string_to_array(a.rights, ' '))
)
select 'table without row security' as rule, name as what
from relation where relkind in ('r', 'p') and not relrowsecurity
union all
-- The keys of identity numbers are the owner's alone.
select 'table without a rule of access', name
from relation as r
where relkind in ('r', 'p', 'm') and not relispartition and r.name <> 'bank.identity_secret'
  and not exists (select 1 from bank.access_rule as a where a.relation = r.rule_name)
union all
select 'rule of access to what does not exist', relation
from bank.access_rule as a
where not exists (select 1 from relation as r where r.rule_name = a.relation)
union all
select 'door that does not exist, or runs with the rights of its caller', function_name
from bank.access_door as d
where not exists (select 1 from own_function as f where f.proname = d.function_name and f.prosecdef)
union all
select 'function that everybody may call', name
from own_function where exists (select 1 from aclexplode(acl) as a where a.grantee = 0)
union all
select 'function with the owner''s rights that is no door for who may call it', f.name || ' for ' || g.group_role
from own_function as f
join group_role as g on has_function_privilege(g.oid, f.oid, 'execute')
where f.prosecdef and not exists (
  select 1 from bank.access_door as d where d.function_name = f.proname and d.role = g.code)
union all
select 'function with the owner''s rights and an open search path', name
from own_function
where prosecdef and not coalesce((
  select c ~ '^search_path=pg_catalog, .*pg_temp$' from unnest(proconfig) as c where c like 'search_path=%'), false)
union all
-- A table that the caller made can run code of the caller's when it is read.
select 'function with the owner''s rights that reads a table of its caller', name
from own_function
where prosecdef and prosrc ~ '\m(from|join|into|update)\s+(incoming|incoming_account_month|settled|rows_to_be_added|pg_temp\.)'
union all
select 'trigger function that sees only what its caller sees', name
from own_function where is_trigger and not prosecdef
union all
select 'view that passes over the policies of its tables', name
from relation
where relkind in ('v', 'm') and not coalesce('security_invoker=true' = any (reloptions), false)
  and not (relowner = to_regrole('banyan_curator') and coalesce('security_barrier=true' = any (reloptions), false))
union all
select 'partition that may be reached without its parent', r.name
from relation as r join given as g on g.oid = r.oid
where r.relispartition
union all
select 'privilege of everybody', g.name || ': ' || g.privilege from given as g where g.grantee = 0
union all
select 'schema in which everybody may make things', n.nspname
from pg_namespace as n cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
where n.nspname in ('bank', 'report', 'platform', 'public') and a.grantee = 0 and a.privilege_type = 'CREATE'
union all
select 'schema in which a role may make things', n.nspname || ' for ' || g.group_role
from pg_namespace as n join group_role as g on has_schema_privilege(g.oid, n.oid, 'create')
where n.nspname in ('bank', 'report', 'platform')
union all
select 'privilege that no rule gives', g.name || ': ' || g.privilege || ' for ' || g.grantee::regrole
from given as g
join relation as r on r.oid = g.oid
where g.relkind <> 'S' and g.grantee <> 0
  and not exists (
    select 1 from meant as m where m.relation = g.rule_name and m.grantee = g.grantee and m.privilege = g.privilege)
  and not (r.relkind = 'v' and g.privilege = 'select' and coalesce('security_invoker=true' = any (r.reloptions), false))
union all
select 'privilege on a sequence beyond its use', g.name || ': ' || g.privilege
from given as g where g.relkind = 'S' and g.privilege <> 'usage'
union all
select 'rule that no privilege carries out', m.relation || ': ' || m.privilege || ' for ' || m.grantee::regrole
from meant as m
where not exists (
  select 1 from given as g where g.rule_name = m.relation and g.grantee = m.grantee and g.privilege = m.privilege)
union all
select 'policy for everybody', p.polname || ' on ' || r.name
from pg_policy as p join relation as r on r.oid = p.polrelid
where p.polroles = '{0}'
union all
select 'policy that no rule gives', p.polname || ' on ' || r.name
from pg_policy as p
join relation as r on r.oid = p.polrelid
where not exists (
  select 1 from bank.access_rule as a
  cross join lateral unnest(string_to_array(a.rights, ' ')) as w
  where a.relation = r.rule_name and p.polname = concat_ws('_', a.role, w, a.rows, nullif(a.row_key, '')))
order by rule, what
