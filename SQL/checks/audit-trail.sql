-- Which changes would leave no trace? One row for each hole; none is the answer that the tests and
-- `banyan audit verify` want. It asks the catalogue and no function of the platform, which somebody who owns
-- the schema could have replaced.
with own_table as (
  select c.oid, n.nspname || '.' || c.relname as name,
    n.nspname = 'platform' and c.relname in ('audit_entry', 'audit_link', 'audit_head') as is_trail
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname in ('bank', 'platform') and c.relkind in ('r', 'p')
), own_trigger as (
  select g.*, t.name as table_name from pg_trigger as g join own_table as t on t.oid = g.tgrelid
), rule_function as (
  select p.oid, p.proname from pg_proc as p
  where p.pronamespace = 'bank'::regnamespace
    and p.proname in ('record_change', 'stamp_audit_entry', 'seal_audit_entry', 'refuse_audit_change', 'check_audit_head')
    and p.prosecdef and 'search_path=pg_catalog, bank, public, pg_temp' = any (p.proconfig)
)
select 'table whose changes are not recorded' as rule, t.name || ': ' || w.verb as what
from own_table as t
cross join (values ('insert', 4), ('delete', 8), ('update', 16), ('truncate', 32)) as w (verb, bit)
where not t.is_trail and not exists (
  select 1 from own_trigger as g join rule_function as f on f.oid = g.tgfoid and f.proname = 'record_change'
  where g.tgrelid = t.oid and g.tgenabled = 'A' and g.tgtype & w.bit = w.bit and g.tgqual is null
    and g.tgattr = ''::int2vector)
union all
select 'trigger of the trail itself that is off', w.table_name || ': ' || w.trigger_name
from (values
  ('platform.audit_entry', 'audit_entry_is_stamped', 'stamp_audit_entry'),
  ('platform.audit_entry', 'audit_entry_is_sealed', 'seal_audit_entry'),
  ('platform.audit_entry', 'audit_entry_stays', 'refuse_audit_change'),
  ('platform.audit_link', 'audit_link_stays', 'refuse_audit_change'),
  ('platform.audit_head', 'audit_head_stays', 'refuse_audit_change'),
  ('platform.audit_head', 'audit_head_moves_on', 'check_audit_head')) as w (table_name, trigger_name, function_name)
where not exists (
  select 1 from own_trigger as g join rule_function as f on f.oid = g.tgfoid and f.proname = w.function_name
  where g.table_name = w.table_name and g.tgname = w.trigger_name and g.tgenabled = 'A')
union all
select 'rule that is switched off', g.table_name || ': ' || g.tgname
from own_trigger as g where g.tgenabled = 'D' and g.tgname !~ '^audit_'
order by rule, what
