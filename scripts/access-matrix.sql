-- Writes docs/access-matrix.md: what each role may do with each table, view and function, as the catalogue of
-- a migrated database has it. Run by scripts/data-dictionary.sh.
\t on
\pset format unaligned
\pset fieldsep ''
select E'# What each role may do\n\nWritten by `make docs` from the catalogue of a migrated database, and compared with it by a test; what is meant\nstands in `SQL/policies/access-rules.sql`. docs/access.md explains the roles.\n\nWithout more, a word means all rows. *own units*: the unit of the grant and all below it; *own clients*, *own accounts*:\nthose that the person looks after today; *own*: about the person; *own people*: who works in the own units; *by the\nlogin*: what the login itself entered; *own imports*: what the login imported; *whole bank*: only for a grant without a\nunit. *(some columns)*: not all of them. *named*: a statement may name it, and sees no row.\n\n## Tables and views\n';
with role as (
  select r.code, to_regrole(r.group_role) as oid, row_number() over (order by array_position(
    array['head_office', 'branch', 'relationship_manager', 'hr', 'risk', 'analyst', 'auditor', 'loader', 'access_officer'], r.code)) as place
  from bank.access_role as r
), relation as (
  select c.oid, n.nspname || '.' || c.relname as name, c.relkind
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname in ('bank', 'report', 'platform') and c.relkind in ('r', 'p', 'v') and not c.relispartition
), right_of as (
  select v.word, v.privilege, v.command, v.place
  from (values ('read', 'select', 'r', 1), ('add', 'insert', 'a', 2), ('change', 'update', 'w', 3), ('remove', 'delete', 'd', 4))
    as v (word, privilege, command, place)
), cell as (
  select r.name, o.place as role_place, o.code, w.place as right_place,
    w.word
    || case when not has_table_privilege(o.oid, r.oid, w.privilege) then ' (some columns)' else '' end
    || case
        when r.relkind = 'v' then ''
        when p.rows is null then ' named'
        else coalesce(' ' || nullif(p.rows, ''), '') end as words
  from relation as r
  cross join role as o
  cross join right_of as w
  left join lateral (
    select case when bool_or(s.rows = '') then '' else string_agg(s.rows, ' or ' order by s.rows) end as rows
    from (
      select distinct case
          when q.polname ~ '_(all|acting)$' then ''
          when q.polname ~ '_bank$' then 'whole bank'
          when q.polname ~ '_units$' then 'own units'
          when q.polname ~ '_clients$' then 'own clients'
          when q.polname ~ '_accounts$' then 'own accounts'
          when q.polname ~ '_people(_|$)' then 'own people'
          when q.polname ~ '_person(_|$)' then 'own'
          when q.polname ~ '_batches$' then 'own imports'
          when q.polname ~ '_login_' then 'by the login'
          else q.polname end as rows
      from pg_policy as q
      where q.polrelid = r.oid and q.polcmd = w.command::"char" and o.oid::oid = any (q.polroles)
    ) as s
  ) as p on true
  where case w.privilege when 'delete' then has_table_privilege(o.oid, r.oid, 'delete')
    else has_any_column_privilege(o.oid, r.oid, w.privilege) end
), line as (
  select r.name, string_agg(coalesce(c.words, '–'), ' | ' order by o.place) as cells
  from relation as r
  cross join role as o
  left join (
    select name, role_place, string_agg(words, ', ' order by right_place) as words from cell group by name, role_place
  ) as c on c.name = r.name and c.role_place = o.place
  group by r.name
)
select '| | ' || (select string_agg(replace(code, '_', ' '), ' | ' order by place) from role) || E' |\n| --- '
  || (select string_agg('| ---', ' ' order by place) from role) || E' |\n'
  || string_agg('| `' || name || '` | ' || cells || ' |', E'\n' order by name collate "C")
from line;
select E'\n## Functions\n\nEvery function runs with the rights of its caller and is open to every role, but for these doors, which run with those\nof the schema''s owner. A function of a trigger is open to nobody.\n\n| door | who may go through |\n| --- | --- |\n'
  || string_agg('| `' || f.name || '` | ' || coalesce(f.callers, 'the owner only') || ' |', E'\n' order by f.name collate "C")
from (
  select p.oid::regprocedure::text as name, (
    select case when count(*) = (select count(*) from bank.access_role) then 'every role'
      else nullif(string_agg(replace(r.code, '_', ' '), ', ' order by r.code collate "C"), '') end
    from bank.access_role as r where has_function_privilege(to_regrole(r.group_role), p.oid, 'execute')) as callers
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
  where n.nspname in ('bank', 'report', 'platform') and p.prosecdef and p.prorettype <> 'trigger'::regtype
) as f;
