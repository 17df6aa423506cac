-- Privileges and policies, made of bank.access_rule and bank.access_door. Nothing is granted elsewhere, so
-- what these tables do not say is refused.

create or replace function bank.access_condition(of_role text, of_rows text, key text) returns text
language plpgsql stable as $$
declare
  whole_bank text := '';
begin
  -- Each call stands in a sub-select without a table, so that it runs once a statement and not once a row.
  if of_rows in ('units', 'people') and exists (
    select 1 from bank.access_role as r where r.code = of_role and r.unit = 'optional') then
    whole_bank := format('(select bank.holds_whole_bank(%L)) or ', of_role);
  end if;
  return case of_rows
    when 'all' then format('(select bank.holds(%L))', of_role)
    when 'bank' then format('(select bank.holds_whole_bank(%L))', of_role)
    when 'acting' then '(select bank.acts())'
    when 'analysis' then '(select bank.holds(''analyst'') or bank.holds(''auditor''))'
    when 'units' then format('%s%I = any ((select bank.units_of(%L))::integer[])',
      whole_bank, coalesce(nullif(key, ''), 'branch_id'), of_role)
    when 'people' then format('%s%I = any ((select bank.people_of(%L))::integer[])',
      whole_bank, coalesce(nullif(key, ''), 'employee_id'), of_role)
    when 'person' then format('%I = (select bank.acting_as(%L))', coalesce(nullif(key, ''), 'employee_id'), of_role)
    when 'clients' then format(
      'branch_id = any ((select (bank.own_clients(%1$L)).branches)::integer[])'
      ' and client_id = any ((select (bank.own_clients(%1$L)).clients)::bigint[])', of_role)
    when 'accounts' then format(
      'branch_id = any ((select (bank.own_accounts(%1$L)).branches)::integer[])'
      ' and account_id = any ((select (bank.own_accounts(%1$L)).accounts)::bigint[])', of_role)
    when 'login' then format('%I = session_user::text and (select bank.acts())', key)
    when 'batches' then format(
      '(select bank.holds_whole_bank(%L)) or batch_id = any ((select bank.own_batches())::bigint[])', of_role)
  end;
end
$$;
comment on function bank.access_condition(text, text, text) is 'What a policy asks of a row: the rows of a rule as an expression';

create or replace function bank.apply_access_rules() returns void
language plpgsql as $$
declare
  everyone text;
  grantable text;
  thing record;
  rule record;
  condition text;
begin
  select string_agg(quote_ident(r.group_role), ', ') into grantable from bank.access_role as r;
  everyone := 'public, banyan_curator, ' || grantable;
  execute format('grant usage on schema bank, report, platform to banyan_curator, %s', grantable);

  -- Rules must see every row, or they would promise nothing: a trigger runs with the rights of the owner,
  -- and nobody can put one on a table of their own, because nobody may call its function.
  for thing in
    select p.oid::regprocedure as name from pg_proc as p
    where p.pronamespace = 'bank'::regnamespace and p.prorettype = 'trigger'::regtype and not p.prosecdef
  loop
    execute format('alter function %s security definer', thing.name);
    execute format('alter function %s set search_path = pg_catalog, bank, public, pg_temp', thing.name);
  end loop;

  -- Functions: those that run with the rights of their caller are open to every role, doors to some.
  execute format('revoke all on all routines in schema bank, report, platform from %s', everyone);
  for thing in
    select p.oid::regprocedure as name, p.prosecdef,
      (select string_agg(quote_ident(r.group_role), ', ')
       from bank.access_door as d join bank.access_role as r on r.code = d.role
       where d.function_name = p.proname) as callers
    from pg_proc as p
    where p.pronamespace = 'bank'::regnamespace and p.prorettype <> 'trigger'::regtype
      and p.proname <> 'apply_access_rules'
  loop
    if not thing.prosecdef then
      execute format('grant execute on function %s to %s', thing.name, grantable);
    elsif thing.callers is not null then
      execute format('grant execute on function %s to %s', thing.name, thing.callers);
    end if;
  end loop;

  -- Tables: row security on all of them, partitions too, which get no policy: they are read through their
  -- parent or not at all.
  execute format('revoke all on all tables in schema bank, report, platform from %s', everyone);
  execute format('revoke all on all sequences in schema bank, report, platform from %s', everyone);
  for thing in
    select p.polname, p.polrelid::regclass as name from pg_policy as p
    join pg_class as c on c.oid = p.polrelid where c.relnamespace in ('bank'::regnamespace, 'platform'::regnamespace)
  loop
    execute format('drop policy %I on %s', thing.polname, thing.name);
  end loop;
  for thing in
    select c.oid::regclass as name from pg_class as c
    where c.relnamespace in ('bank'::regnamespace, 'platform'::regnamespace) and c.relkind in ('r', 'p')
      and not c.relrowsecurity
  loop
    execute format('alter table %s enable row level security', thing.name);
  end loop;

  for rule in
    select coalesce(to_regclass('bank.' || quote_ident(a.relation)), to_regclass(a.relation)) as relation, a.role,
      coalesce(r.group_role, 'banyan_curator') as grantee, a.rights, a.rows, a.row_key,
      (select ' (' || string_agg(quote_ident(c), ', ') || ')' from unnest(a.readable_columns) as c) as readable,
      (select ' (' || string_agg(quote_ident(c), ', ') || ')' from unnest(a.changed_columns) as c) as changed
    from bank.access_rule as a
    left join bank.access_role as r on r.code = a.role
    order by a.relation, a.role, a.rows, a.row_key
  loop
    continue when rule.relation is null;  -- the checks of the schema name it
    for thing in
      select * from (values
        ('read', 'select', coalesce(rule.readable, ''), 'using (%s)'),
        ('add', 'insert', '', 'with check (%s)'),
        ('change', 'update', coalesce(rule.changed, ''), 'using (%1$s) with check (%1$s)'),
        ('remove', 'delete', '', 'using (%s)')) as v (word, privilege, columns, clause)
      where v.word = any (string_to_array(rule.rights, ' '))
    loop
      execute format('grant %s%s on %s to %I', thing.privilege, thing.columns, rule.relation, rule.grantee);
      continue when rule.rows = 'none';
      condition := bank.access_condition(rule.role, rule.rows, rule.row_key);
      execute format('create policy %I on %s for %s to %I ',
          concat_ws('_', rule.role, thing.word, rule.rows, nullif(rule.row_key, '')), rule.relation, thing.privilege,
          rule.grantee)
        || format(thing.clause, condition);
    end loop;
    if rule.rights ~ 'add' then
      for thing in
        select distinct d.objid::regclass as name from pg_depend as d
        join pg_class as s on s.oid = d.objid and s.relkind = 'S'
        where d.refobjid = rule.relation and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
      loop
        execute format('grant usage on sequence %s to %I', thing.name, rule.grantee);
      end loop;
    end if;
  end loop;

  -- A view that runs with the rights of its reader shows what its tables show.
  for thing in
    select c.oid::regclass as name from pg_class as c
    where c.relnamespace in ('bank'::regnamespace, 'report'::regnamespace) and c.relkind = 'v'
      and 'security_invoker=true' = any (c.reloptions)
  loop
    execute format('grant select on %s to %s', thing.name, grantable);
  end loop;
  -- The views of analysts read one of the curator's own, which was taken from its owner above.
  for thing in
    select c.oid::regclass as name from pg_class as c
    where c.relnamespace = 'report'::regnamespace and c.relkind = 'v' and c.relowner = to_regrole('banyan_curator')
  loop
    execute format('grant select on %s to banyan_curator', thing.name);
  end loop;
end
$$;
comment on function bank.apply_access_rules() is 'Makes privileges, policies and the rights of functions what bank.access_rule and bank.access_door say, and takes away all others. Every migration ends with it';
