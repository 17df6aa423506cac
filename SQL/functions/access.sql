-- Who acts, and what they may: asked by every policy, once a statement.
--
-- These functions read the grants with the rights of the schema's owner, because nobody else reads all of
-- them; they answer for the login of the session only, whatever role it has put on. `set role` changes
-- current_user, `security definer` does too; session_user is what only a superuser can change.

create or replace function bank.access_day() returns date
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return (now() at time zone (select s.time_zone from bank.access_setting as s))::date;
end
$$;
comment on function bank.access_day() is 'Today, by the clock of the bank: a session that sets another time zone wins no day';

create or replace function bank.grants_in_force(of_login text) returns setof bank.access_grant
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp rows 2 as $$
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
language plpgsql stable security definer set search_path = pg_catalog, bank, pg_temp as $$
begin
  return (select min(g.employee_id) from bank.grants_in_force(session_user::text) as g);
end
$$;
comment on function bank.acting_person() is 'The person behind the login of the session, by the grants in force today; null for a login without one. A login is one person a day, by bank.access_grant_login_is_one_person';
