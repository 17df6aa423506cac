-- Who acts, and what they may: asked by every policy, once a statement.
--
-- These functions read the grants with the rights of the schema's owner, because nobody else reads all of
-- them; they answer for the login of the session only, whatever role it has put on. `set role` changes
-- current_user, `security definer` does too; session_user is what only a superuser can change.

create or replace function bank.access_day() returns date
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return (now() at time zone (select s.time_zone from bank.access_setting as s))::date;
end
$$;
comment on function bank.access_day() is 'Today, by the clock of the bank: a session that sets another time zone wins no day';

create or replace function bank.grants_in_force(of_login text) returns setof bank.access_grant
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp rows 2 as $$
declare
  today constant date := bank.access_day();
begin
  return query
  select g.*
  from bank.access_grant as g
  where g.login = of_login and g.superseded_at is null
    and g.effective_from <= today and (g.effective_until is null or g.effective_until > today)
    and (g.post_kind is null or exists (
      select 1 from bank.post as p
      where p.employee_id = g.employee_id and p.kind = g.post_kind and p.superseded_at is null
        and p.effective_from <= today and (p.effective_until is null or p.effective_until > today)));
end
$$;
comment on function bank.grants_in_force(text) is 'The grants of a login that count today: begun, not ended, not revoked, and the post that they go with is held';

create or replace function bank.acting_person() returns integer
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return (select min(g.employee_id) from bank.grants_in_force(session_user::text) as g);
end
$$;
comment on function bank.acting_person() is 'The person behind the login of the session, by the grants in force today; null for a login without one. A login is one person a day, by bank.access_grant_login_is_one_person';

create or replace function bank.holds(wanted_role text) returns boolean
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return exists (select 1 from bank.grants_in_force(session_user::text) as g where g.role = wanted_role);
end
$$;
comment on function bank.holds(text) is 'Whether the login of the session holds a role today, for the whole bank or a part of it';

create or replace function bank.holds_whole_bank(wanted_role text) returns boolean
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return exists (
    select 1 from bank.grants_in_force(session_user::text) as g
    where g.role = wanted_role and g.org_unit_id is null);
end
$$;
comment on function bank.holds_whole_bank(text) is 'Whether the login of the session holds a role today that is limited to no unit';

create or replace function bank.acts() returns boolean
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return exists (select 1 from bank.grants_in_force(session_user::text));
end
$$;
comment on function bank.acts() is 'Whether the login of the session holds any role today';

create or replace function bank.acting_as(wanted_role text) returns integer
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return (select g.employee_id from bank.grants_in_force(session_user::text) as g where g.role = wanted_role limit 1);
end
$$;
comment on function bank.acting_as(text) is 'The person behind the login of the session, if it holds the role today; null otherwise';

create or replace function bank.units_of(wanted_role text) returns integer[]
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  tops integer[];
begin
  select array_agg(g.org_unit_id) into tops
  from bank.grants_in_force(session_user::text) as g
  where g.role = wanted_role and g.org_unit_id is not null;
  if tops is null then
    return '{}';
  end if;
  return array(
    select p.org_unit_id
    from bank.org_places(bank.access_day()) as p
    where exists (
      select 1 from bank.org_places(bank.access_day()) as t where t.org_unit_id = any (tops) and p.path <@ t.path));
end
$$;
comment on function bank.units_of(text) is 'The units that a role of the session''s login reaches: those of its grants and all below them in the tree of today';

create or replace function bank.people_of(wanted_role text) returns integer[]
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  units constant integer[] := bank.units_of(wanted_role);
begin
  return array(select e.employee_id from bank.employee as e where e.branch_id = any (units));
end
$$;
comment on function bank.people_of(text) is 'The people who work today in the units that a role of the session''s login reaches';

create or replace function bank.own_clients(wanted_role text, out branches integer[], out clients bigint[])
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  person constant integer := bank.acting_as(wanted_role);
  today constant date := bank.access_day();
begin
  select coalesce(array_agg(distinct o.branch_id), '{}'), coalesce(array_agg(distinct o.client_id), '{}')
  into branches, clients
  from (
    select a.branch_id, a.client_id
    from bank.assignment as a
    where a.employee_id = person and a.superseded_at is null and a.client_id is not null
      and a.effective_from <= today and (a.effective_until is null or a.effective_until > today)
    union all
    select h.client_branch_id, h.client_id
    from bank.assignment as a
    join bank.account_holder as h on h.branch_id = a.branch_id and h.account_id = a.account_id and h.role = 'owner'
    where a.employee_id = person and a.superseded_at is null and a.account_id is not null
      and a.effective_from <= today and (a.effective_until is null or a.effective_until > today)
  ) as o;
end
$$;
comment on function bank.own_clients(text) is 'The clients whom the person of the session''s login looks after today as main or assisting manager, or one of whose accounts, and their branches';

create or replace function bank.own_accounts(wanted_role text, out branches integer[], out accounts bigint[])
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  person constant integer := bank.acting_as(wanted_role);
  today constant date := bank.access_day();
begin
  select coalesce(array_agg(distinct o.branch_id), '{}'), coalesce(array_agg(distinct o.account_id), '{}')
  into branches, accounts
  from (
    select h.branch_id, h.account_id
    from bank.assignment as a
    join bank.account_holder as h on h.client_branch_id = a.branch_id and h.client_id = a.client_id
    where a.employee_id = person and a.superseded_at is null
      and a.effective_from <= today and (a.effective_until is null or a.effective_until > today)
    union all
    select a.branch_id, a.account_id
    from bank.assignment as a
    where a.employee_id = person and a.superseded_at is null and a.account_id is not null
      and a.effective_from <= today and (a.effective_until is null or a.effective_until > today)
  ) as o;
end
$$;
comment on function bank.own_accounts(text) is 'The accounts of own clients, and those that are assigned to the person by themselves, with their branches';

create or replace function bank.own_batches() returns bigint[]
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return array(select b.batch_id from bank.batch as b where b.imported_by = session_user::text);
end
$$;
comment on function bank.own_batches() is 'The batches that the login of the session has imported';

-- Doors --------------------------------------------------------------------------------------------------
-- A door does one thing with the rights of the schema's owner, for who may not do it by hand. It asks who
-- calls first; bank.access_door says the same to the catalogue.

create or replace function bank.require_role(variadic wanted_roles text[]) returns void
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  if pg_has_role(session_user, (select n.nspowner from pg_namespace as n where n.nspname = 'bank'), 'member')
    or exists (select 1 from bank.grants_in_force(session_user::text) as g where g.role = any (wanted_roles)) then
    return;
  end if;
  raise exception using
    errcode = 'insufficient_privilege',
    message = format('the login “%s” holds no grant of %s today', session_user, (
      select string_agg(r.code, ' or ' order by r.code) from bank.access_role as r where r.code = any (wanted_roles))),
    hint = 'Ask an access officer for it; `banyan access list` shows who holds what.';
end
$$;
comment on function bank.require_role(text[]) is 'Refuses who holds none of some roles today; the owner of the schema, and who may act as the owner, passes';

create or replace function bank.refuse_alteration() returns trigger
language plpgsql as $$
begin
  perform bank.refuse_order(tg_argv[0], tg_table_name::text,
    format('%s of bank.%s is refused: %s', lower(tg_op), tg_table_name, tg_argv[1]), tg_argv[2], 'restrict_violation');
  return null;
end
$$;
comment on function bank.refuse_alteration() is 'Trigger: what is on record stays; its arguments are the rule, what the rule says and the advice';

create or replace trigger access_grant_stays before delete or truncate on bank.access_grant
  for each statement execute function bank.refuse_alteration(
    'access_grant_stays', 'who held what stays on record', 'Revoke the grant with banyan access revoke.');

create or replace function bank.check_access_grants() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from former as f
    left join changed as c using (access_grant_id)
    where f.superseded_at is not null or c.superseded_at is null
      or (f.login, f.role, f.employee_id, f.org_unit_id, f.post_kind, f.effective_from, f.effective_until, f.reason,
          f.granted_by, f.recorded_at, f.continues_id)
        is distinct from (c.login, c.role, c.employee_id, c.org_unit_id, c.post_kind, c.effective_from,
          c.effective_until, c.reason, c.granted_by, c.recorded_at, c.continues_id)) then
    raise exception using
      errcode = 'restrict_violation',
      message = 'a grant on record is only ever superseded, once',
      hint = 'Revoke it with `banyan access revoke`, and grant anew.';
  end if;
  return null;
end
$$;
comment on function bank.check_access_grants() is 'Trigger: a grant changes only by being superseded';

create or replace trigger access_grant_is_superseded_once after update on bank.access_grant
  referencing old table as former new table as changed for each statement execute function bank.check_access_grants();

create or replace function bank.settle_memberships(of_login text) returns void
language plpgsql security definer set search_path = pg_catalog, bank, pg_temp as $$
declare
  r record;
begin
  for r in
    select a.group_role, pg_has_role(of_login::name, a.group_role::name, 'member') as is_member, exists (
      select 1 from bank.access_grant as g
      where g.login = of_login and g.role = a.code and g.superseded_at is null
        and (g.effective_until is null or g.effective_until > bank.access_day())) as is_due
    from bank.access_role as a
  loop
    if r.is_due and not r.is_member then
      execute format('grant %I to %I', r.group_role, of_login);
    elsif r.is_member and not r.is_due then
      execute format('revoke %I from %I', r.group_role, of_login);
    end if;
  end loop;
end
$$;
comment on function bank.settle_memberships(text) is 'Makes a login a member of the group roles of its grants that have not ended, and of no other of them';

create or replace function bank.enter_access_grant(request jsonb) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  wanted constant bank.access_grant := jsonb_populate_record(null::bank.access_grant, request);
  waiting constant bigint := bank.await_approval('access_grant', concat_ws(' ', wanted.login, wanted.role, wanted.org_unit_id),
    concat_ws(' ', wanted.role, 'for the login', wanted.login, 'from', wanted.effective_from, 'until ' || wanted.effective_until),
    request, null, null, array_remove(array[wanted.employee_id], null), wanted.reason);
  entry bigint;
begin
  if waiting is not null then
    return -waiting;
  end if;
  insert into bank.access_grant as g (login, role, employee_id, org_unit_id, post_kind, effective_from, effective_until, reason)
  values (wanted.login, wanted.role, wanted.employee_id, wanted.org_unit_id, wanted.post_kind, wanted.effective_from,
    wanted.effective_until, wanted.reason)
  returning g.access_grant_id into entry;
  perform bank.settle_memberships(wanted.login);
  return entry;
end
$$;
comment on function bank.enter_access_grant(jsonb) is 'Enters a grant that bank.grant_access has judged, or proposes it where a rule asks for a second person; nobody but the owner of the schema may call it';

create or replace function bank.grant_access(
  login text, role text, person text, unit text, post text, since date, until date, why text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  wanted bank.access_role;
  key integer;
  place integer;
  request jsonb;
begin
  perform bank.require_role('access_officer');
  select * into wanted from bank.access_role as r where r.code = grant_access.role;
  if not found then
    perform bank.refuse_order('access_role_is_known', 'access_role', format('there is no role “%s”', role),
      format('Choose one of %s.', (select string_agg(r.code, ', ' order by r.code) from bank.access_role as r)),
      'foreign_key_violation');
  end if;
  if not exists (select 1 from pg_roles as l where l.rolname = login and l.rolcanlogin) then
    perform bank.refuse_order('access_login_exists', 'access_grant', format('the server has no login “%s”', login),
      format('Let an administrator of the server run `create role %I login`.', login), 'foreign_key_violation');
  end if;
  if exists (select 1 from pg_roles as l where l.rolname = login and (l.rolsuper or l.rolbypassrls))
    or pg_has_role(login::name, (select n.nspowner from pg_namespace as n where n.nspname = 'bank'), 'member') then
    perform bank.refuse_order('access_login_is_subject_to_policies', 'access_grant',
      format('the login “%s” is a superuser, passes over row security or owns the schema, so no grant limits it', login),
      'Give the person a login of their own without these rights.');
  end if;
  if (wanted.person = 'required') > (person is not null) then
    perform bank.refuse_order('access_role_names_a_person', 'access_grant',
      format('the role %s is a person''s, and none is named', role), 'Name the person with --person.');
  end if;
  if wanted.unit = 'required' and unit is null then
    perform bank.refuse_order('access_role_names_a_unit', 'access_grant',
      format('the role %s is limited to a unit, and none is named', role), 'Name the unit with --unit.');
  elsif wanted.unit = 'none' and unit is not null then
    perform bank.refuse_order('access_role_names_no_unit', 'access_grant',
      format('the role %s is not limited to a unit', role), 'Leave --unit out.');
  end if;
  if person is not null then
    key := bank.require_employee(person);
  end if;
  if unit is not null then
    place := bank.require_org_unit(unit, greatest(since, bank.access_day()));
  end if;
  if post is not null and not exists (select 1 from bank.post_kind as k where k.kind = post) then
    perform bank.refuse_order('post_kind_is_known', 'access_grant', format('there is no kind of post “%s”', post),
      format('Choose one of %s.', (select string_agg(k.kind, ', ' order by k.kind) from bank.post_kind as k)),
      'foreign_key_violation');
  end if;
  if login = session_user::text or key = bank.acting_person() then
    perform bank.refuse_order('access_is_given_by_another', 'access_grant',
      'nobody gives access to themselves', 'Let another access officer do it.');
  end if;
  request := jsonb_build_object('login', login, 'role', role, 'employee_id', key, 'org_unit_id', place, 'post_kind', post,
    'effective_from', since, 'effective_until', until, 'reason', why);
  return bank.enter_access_grant(request);
end
$$;
comment on function bank.grant_access(text, text, text, text, text, date, date, text) is 'Grants a role to a login, for a person, a unit and a kind of post, from a day on and until a day, and makes the login a member of the group role; returns the key of the grant, or the number of the approval it waits for, as a negative number';

create or replace function bank.revoke_access(login text, role text, unit text, on_day date, why text) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  place integer;
  waiting bigint;
  revoked bigint := 0;
  at constant timestamptz := clock_timestamp();
  held bank.access_grant;
begin
  if not bank.approval_is_applied('access_revocation', concat_ws(' ', login, role, unit)) then
    perform bank.require_role('access_officer');
  end if;
  if unit is not null then
    select u.org_unit_id into place from bank.org_unit as u where u.code = unit;
    if place is null then
      perform bank.refuse_order('org_unit_is_known', 'org_unit', format('there is no unit “%s” on record', unit),
        'Correct the code.', 'foreign_key_violation');
    end if;
  end if;
  waiting := bank.await_approval('access_revocation', concat_ws(' ', login, role, unit),
    concat_ws(' ', coalesce(role, 'every role'), 'of the login', login, 'for ' || unit, 'ends on', on_day),
    jsonb_build_object('login', login, 'role', role, 'unit', unit, 'on_day', on_day, 'reason', why), null, null, array(
      select distinct g.employee_id from bank.access_grant as g
      where g.login = revoke_access.login and g.superseded_at is null and g.employee_id is not null order by 1), why);
  if waiting is not null then
    return -waiting;
  end if;
  for held in
    select * from bank.access_grant as g
    where g.login = revoke_access.login and (revoke_access.role is null or g.role = revoke_access.role)
      and g.superseded_at is null and (g.effective_until is null or g.effective_until > on_day)
      and (place is null or g.org_unit_id = place)
    order by g.access_grant_id for update
  loop
    update bank.access_grant as g set superseded_at = at, superseded_by = session_user
    where g.access_grant_id = held.access_grant_id;
    -- What lies before stays believed: the login did hold the role on those days.
    if held.effective_from < on_day then
      insert into bank.access_grant
        (login, role, employee_id, org_unit_id, post_kind, effective_from, effective_until, reason, recorded_at, continues_id)
      values (held.login, held.role, held.employee_id, held.org_unit_id, held.post_kind, held.effective_from, on_day,
        coalesce(why, held.reason), at, held.access_grant_id);
    end if;
    revoked := revoked + 1;
  end loop;
  if revoked = 0 then
    perform bank.refuse_order('access_grant_is_held', 'access_grant',
      format('the login “%s” holds %s from %s on', login,
        coalesce('no grant of ' || role, 'no grant') || coalesce(' for ' || unit, ''), on_day),
      'See what it holds with `banyan access list`.', 'foreign_key_violation');
  end if;
  if exists (select 1 from pg_roles as l where l.rolname = login) then
    perform bank.settle_memberships(login);
  end if;
  return revoked;
end
$$;
comment on function bank.revoke_access(text, text, text, date, text) is 'Ends the grants of a login from a day on, all or those of a role or unit, and takes the membership away that they gave; returns how many, or the number of the approval it waits for, as a negative number';

create or replace function bank.access_logins()
returns table (login text, exists_here boolean, can_login boolean, is_subject boolean, group_roles text[], last_act timestamptz)
language plpgsql stable parallel safe security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  perform bank.require_role('access_officer', 'auditor');
  return query
  with known as (
    select distinct g.login from bank.access_grant as g
    union
    select m.rolname::text from pg_auth_members as a
    join pg_roles as m on m.oid = a.member
    join pg_roles as r on r.oid = a.roleid
    join bank.access_role as k on k.group_role = r.rolname
  )
  select k.login, r.oid is not null, coalesce(r.rolcanlogin, false),
    coalesce(not r.rolsuper and not r.rolbypassrls
      and not pg_has_role(r.oid, (select n.nspowner from pg_namespace as n where n.nspname = 'bank'), 'member'), false),
    array(
      select g.group_role from bank.access_role as g
      where r.oid is not null and pg_has_role(r.oid, to_regrole(g.group_role), 'member') and not r.rolsuper
      order by g.group_role),
    -- Every change leaves an entry, and so does what was shown.
    (select max(e.recorded_at) from platform.audit_entry as e where e.login = k.login)
  from known as k
  left join pg_roles as r on r.rolname = k.login;
end
$$;
comment on function bank.access_logins() is 'The logins that hold or held a grant or are members of a group role: whether the server has them, whether policies bind them, their group roles, and when they last left a trace in the audit trail';

create or replace function bank.refuse_number_elsewhere() returns trigger
language plpgsql as $$
declare
  twice record;
begin
  -- A number is unique in the whole bank. Who sees all of it has compared already; who sees a part has not.
  if bank.holds_whole_bank('loader') or not bank.holds('loader') then
    return null;
  end if;
  execute format('select e.number, u.code from entered as e join bank.%1$I as o on o.number = e.number and o.branch_id <> e.branch_id
    join bank.org_unit as u on u.org_unit_id = e.branch_id limit 1', tg_table_name) into twice;
  if twice.number is not null then
    raise exception using
      errcode = 'unique_violation', constraint = tg_table_name || '_number_is_unique_in_the_bank',
      schema = 'bank', table = tg_table_name,
      message = format('another unit than %s has the %s number %s already', twice.code, replace(tg_table_name, '_', ' '), twice.number),
      hint = 'Correct the number, or let a loader of the whole bank import the file.';
  end if;
  return null;
end
$$;
comment on function bank.refuse_number_elsewhere() is 'Trigger: what a loader of a part of the bank brings bears no number that another part has';

create or replace trigger client_number_is_unique_in_the_bank after insert on bank.client
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger account_number_is_unique_in_the_bank after insert on bank.account
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger loan_number_is_unique_in_the_bank after insert on bank.loan
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger card_number_is_unique_in_the_bank after insert on bank.card
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger standing_order_number_is_unique_in_the_bank after insert on bank.standing_order
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
