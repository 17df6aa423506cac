-- People and their posts.

create or replace function bank.require_employee(employee_number text) returns integer
language plpgsql stable as $$
declare
  person integer;
begin
  select employee_id into person from bank.employee where number = employee_number;
  if person is null then
    perform bank.refuse_order('employee_is_known', 'employee',
      format('there is no employee “%s” on record', coalesce(employee_number, '')),
      'Correct the number, or enter the person first.', 'foreign_key_violation');
  end if;
  return person;
end
$$;
comment on function bank.require_employee(text) is 'The key of a person by number; refuses one that nobody knows';

create or replace function bank.add_employee(
  number text, name text, unit_code text, joined_on date) returns integer
language plpgsql as $$
declare
  person integer;
  known record;
begin
  select e.name, u.code into known
  from bank.employee as e join bank.org_unit as u on u.org_unit_id = e.branch_id where e.number = add_employee.number;
  if found then
    perform bank.refuse_order('employee_number_is_unique', 'employee',
      format('the number “%s” is that of %s at %s', add_employee.number, coalesce(known.name, 'a person without a name'), known.code),
      'Use another number, or see them with banyan person show.', 'unique_violation');
  end if;
  insert into bank.employee (number, name, branch_id, joined_on)
  values (add_employee.number, add_employee.name, bank.require_org_unit(unit_code, add_employee.joined_on), add_employee.joined_on)
  returning employee_id into person;
  return person;
end
$$;
comment on function bank.add_employee(text, text, text, date) is 'Enters a person by hand; returns the key';

-- Rules ------------------------------------------------------------------------------------------------

create or replace function bank.check_posts() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select e.number, p.kind, u.code, p.effective_from, p.effective_until, bank.org_unit_life(u.org_unit_id) as life
  into wrong
  from changed as p
  join bank.employee as e using (employee_id)
  join bank.org_unit as u on u.org_unit_id = p.org_unit_id
  where p.superseded_at is null and not daterange(p.effective_from, p.effective_until) <@ coalesce((
    select range_agg(daterange(v.effective_from, v.effective_until))
    from bank.org_unit_version as v
    where v.org_unit_id = p.org_unit_id and v.superseded_at is null), '{}')
  limit 1;
  if found then
    perform bank.refuse_order('post_unit_is_open', 'post',
      format('%s cannot be %s at %s from %s to %s, because the unit is not open all that time: %s', wrong.number,
        replace(wrong.kind, '_', ' '), wrong.code, wrong.effective_from,
        coalesce((wrong.effective_until - 1)::text, 'further notice'), wrong.life),
      'Correct the dates, or choose another unit.');
  end if;

  select e.number, p.kind, p.effective_from, e.joined_on into wrong
  from changed as p join bank.employee as e using (employee_id)
  where p.superseded_at is null and p.effective_from < e.joined_on
  limit 1;
  if found then
    perform bank.refuse_order('post_begins_after_joining', 'post',
      format('%s cannot be %s from %s on, having joined on %s', wrong.number, replace(wrong.kind, '_', ' '),
        wrong.effective_from, wrong.joined_on),
      'Correct the first day of the post, or that of the person.');
  end if;

  -- No post of a kind that needs a selection without a published round. What a migration brings is marked
  -- so, and who held such a post the day before may go to another unit.
  select e.number, p.kind, u.code, p.effective_from, p.origin into wrong
  from changed as p
  join bank.post_kind as k using (kind)
  join bank.employee as e using (employee_id)
  join bank.org_unit as u on u.org_unit_id = p.org_unit_id
  where p.superseded_at is null and k.needs_selection and not case p.origin
    when 'migration' then true
    when 'transfer' then exists (
      select 1 from bank.post as b
      where b.employee_id = p.employee_id and b.kind = p.kind and b.superseded_at is null
        and daterange(b.effective_from, b.effective_until, '[)') @> (p.effective_from - 1))
    when 'selection' then exists (
      select 1
      from bank.selection_result as r
      join bank.selection_application as a using (selection_application_id)
      join bank.selection_round as o using (selection_round_id)
      where r.selection_result_id = p.selection_result_id and r.superseded_at is null
        and a.employee_id = p.employee_id and o.kind = p.kind
        and o.published_at is not null and o.published_on <= p.effective_from)
    else false
  end
  limit 1;
  if found then
    perform bank.refuse_order('post_comes_from_a_selection', 'post',
      format('%s cannot become %s at %s on %s by %s: nobody gets that post without a published round of selection',
        wrong.number, replace(wrong.kind, '_', ' '), wrong.code, wrong.effective_from, wrong.origin),
      'Open a round for the post, publish its ranking and appoint from it.');
  end if;

  -- Who reports to whom never goes round in a circle.
  declare
    climber record;
    above integer;
    steps integer;
  begin
    for climber in
      select p.employee_id, p.line_manager_id, p.effective_from from changed as p
      where p.superseded_at is null and p.line_manager_id is not null
    loop
      above := climber.line_manager_id;
      steps := 0;
      while above is not null and steps < 50 loop
        if above = climber.employee_id then
          perform bank.refuse_order('post_line_has_no_cycle', 'post',
            format('%s cannot report to %s on %s, who reports to %s', (
              select number from bank.employee where employee_id = climber.employee_id), (
              select number from bank.employee where employee_id = climber.line_manager_id), climber.effective_from, (
              select number from bank.employee where employee_id = climber.employee_id)),
            'Name a line manager who does not report to this person.');
        end if;
        select m.line_manager_id into above from bank.post as m
        where m.employee_id = above and m.superseded_at is null and m.is_main
          and daterange(m.effective_from, m.effective_until) @> climber.effective_from;
        if not found then
          above := null;
        end if;
        steps := steps + 1;
      end loop;
    end loop;
  end;
  return null;
end
$$;
comment on function bank.check_posts() is 'Trigger: a post is held in an open unit after joining, comes from a published round where its kind needs one, and nobody reports to one who reports to them';

create or replace trigger post_after_insert after insert on bank.post
  referencing new table as changed for each statement execute function bank.check_posts();
create or replace trigger post_after_update after update on bank.post
  referencing new table as changed for each statement execute function bank.check_posts();
create or replace trigger post_stays before delete or truncate on bank.post
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger employee_speciality_stays before delete or truncate on bank.employee_speciality
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger employee_qualification_stays before delete or truncate on bank.employee_qualification
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger relationship_declaration_stays before delete or truncate on bank.relationship_declaration
  for each statement execute function bank.refuse_org_deletion();

-- Changes ----------------------------------------------------------------------------------------------

create or replace function bank.put_posts(
  at timestamptz, change bigint, gone bigint[], fresh bank.post[]) returns bigint
language plpgsql as $$
declare
  recorded bigint;
begin
  with superseded as (
    update bank.post set superseded_at = at, superseded_by_change_id = change
    where post_id = any (gone)
    returning post_id
  )
  insert into bank.post
    (employee_id, org_unit_id, kind, is_main, line_manager_id, team_id, effective_from, effective_until, origin,
     selection_result_id, reason, recorded_at, org_change_id, batch_id, line_number)
  select f.employee_id, f.org_unit_id, f.kind, f.is_main, f.line_manager_id, f.team_id, f.effective_from,
    f.effective_until, f.origin, f.selection_result_id, f.reason, at, change, f.batch_id, f.line_number
  from unnest(fresh) as f
  where (select count(*) from superseded) >= 0;
  get diagnostics recorded = row_count;
  return recorded;
end
$$;
comment on function bank.put_posts(timestamptz, bigint, bigint[], bank.post[]) is 'Supersedes some posts and records others in their place, in one statement';

create or replace function bank.move_posts(
  from_unit integer, to_unit integer, day date, people text[], change bigint, at timestamptz) returns bigint
language plpgsql as $$
declare
  p bank.post;
  gone bigint[] := '{}';
  fresh bank.post[] := '{}';
  rest date;
begin
  for p in
    select o.* from bank.post as o join bank.employee as e using (employee_id)
    where o.org_unit_id = from_unit and o.superseded_at is null
      and (o.effective_until is null or o.effective_until > day)
      and (people is null or e.number = any (people))
    order by o.post_id
  loop
    gone := gone || p.post_id;
    if p.effective_from < day then
      rest := p.effective_until;
      p.effective_until := day;
      fresh := fresh || p;
      p.effective_from := day;
      p.effective_until := rest;
    end if;
    p.org_unit_id := to_unit;
    fresh := fresh || p;
  end loop;
  return bank.put_posts(at, change, gone, fresh);
end
$$;
comment on function bank.move_posts(integer, integer, date, text[], bigint, timestamptz) is 'Moves the posts of a unit, or those of some people there, to another unit from a day on';

create or replace function bank.restore_posts(wrong bigint, change bigint, at timestamptz) returns bigint
language plpgsql as $$
begin
  return bank.put_posts(at, change,
    (select array_agg(p.post_id) from bank.post as p where p.org_change_id = wrong and p.superseded_at is null),
    (select array_agg(p) from bank.post as p where p.superseded_by_change_id = wrong));
end
$$;
comment on function bank.restore_posts(bigint, bigint, timestamptz) is 'Posts as they were before a change of the org tree that is withdrawn';

create or replace function bank.hold_post(
  employee_number text, unit_code text, post_kind text, effective_from date, effective_until date default null,
  line_manager text default null, team_code text default null, is_main boolean default true,
  origin bank.post_origin default 'appointment', reason text default null) returns bigint
language plpgsql as $$
declare
  person integer := bank.require_employee(employee_number);
  at timestamptz := clock_timestamp();
  p bank.post;
  gone bigint[] := '{}';
  fresh bank.post[] := '{}';
  post bigint;
begin
  if not exists (select 1 from bank.post_kind as k where k.kind = post_kind) then
    perform bank.refuse_order('post_kind_is_known', 'post_kind',
      format('there is no kind of post “%s”', post_kind),
      format('Choose one of %s, or add it to bank.post_kind.', (select string_agg(k.kind, ', ' order by k.kind) from bank.post_kind as k)),
      'foreign_key_violation');
  end if;
  if team_code is not null and not exists (select 1 from bank.team as t where t.code = team_code) then
    perform bank.refuse_order('team_is_known', 'team', format('there is no team “%s” on record', team_code),
      'Correct the code, or enter the team first.', 'foreign_key_violation');
  end if;
  if is_main then
    -- An open main post ends where the new one begins.
    select * into p from bank.post as o
    where o.employee_id = person and o.superseded_at is null and o.is_main and o.effective_until is null
      and o.effective_from < hold_post.effective_from;
    if found then
      gone := array[p.post_id];
      p.effective_until := hold_post.effective_from;
      fresh := array[p];
    end if;
  end if;
  fresh := fresh || row(null, person, bank.require_org_unit(unit_code, hold_post.effective_from), post_kind, is_main,
    case when line_manager is not null then bank.require_employee(line_manager) end,
    (select team_id from bank.team where code = team_code), hold_post.effective_from, hold_post.effective_until,
    hold_post.origin, null, hold_post.reason, null, null, null, null, null, null, null)::bank.post;
  perform bank.put_posts(at, null, gone, fresh);
  select max(post_id) into post from bank.post where employee_id = person;
  perform bank.refresh_org_units();
  return post;
end
$$;
comment on function bank.hold_post(text, text, text, date, date, text, text, boolean, bank.post_origin, text) is 'Records that a person holds a post from a day on; an open main post ends the day before; returns its key';

create or replace function bank.end_post(
  employee_number text, ended_on date, unit_code text default null, reason text default null) returns bigint
language plpgsql as $$
declare
  person integer := bank.require_employee(employee_number);
  at timestamptz := clock_timestamp();
  p bank.post;
  gone bigint[] := '{}';
  fresh bank.post[] := '{}';
begin
  for p in
    select o.* from bank.post as o join bank.org_unit as u using (org_unit_id)
    where o.employee_id = person and o.superseded_at is null
      and (o.effective_until is null or o.effective_until > ended_on)
      and (unit_code is null or u.code = unit_code)
  loop
    gone := gone || p.post_id;
    if p.effective_from < ended_on then
      p.effective_until := ended_on;
      p.reason := coalesce(end_post.reason, p.reason);
      fresh := fresh || p;
    end if;
  end loop;
  if cardinality(gone) = 0 then
    perform bank.refuse_order('post_is_held', 'post',
      format('%s holds no post%s on %s or later', employee_number, coalesce(' at ' || unit_code, ''), ended_on),
      'See the posts with banyan person show.');
  end if;
  perform bank.put_posts(at, null, gone, fresh);
  return cardinality(gone);
end
$$;
comment on function bank.end_post(text, date, text, text) is 'Ends the posts of a person, all or those at a unit: the day is the first on which they are not held; returns how many';

create or replace function bank.end_incoming_posts() returns void
language plpgsql as $$
begin
  update incoming set is_main = 'yes' where is_main is null;
  -- An open main post on record ends where an incoming one begins ...
  perform bank.put_posts(clock_timestamp(), null, array_agg(p.post_id), array_agg(
    row(p.post_id, p.employee_id, p.org_unit_id, p.kind, p.is_main, p.line_manager_id, p.team_id, p.effective_from,
      f.first_from, p.origin, p.selection_result_id, p.reason, p.recorded_by, p.recorded_at, null, null, null,
      p.batch_id, p.line_number)::bank.post))
  from bank.post as p
  join lateral (
    select min(i.effective_from) as first_from from incoming as i
    where i.employee_id = p.employee_id and i.is_main = 'yes' and i.effective_from > p.effective_from
  ) as f on f.first_from is not null
  where p.superseded_at is null and p.is_main and p.effective_until is null
  having count(*) > 0;
  -- ... and so does an incoming one where the next begins, or as it has ended on record.
  update incoming as i set effective_until = n.next_from
  from (
    select employee_id, effective_from,
      lead(effective_from) over (partition by employee_id order by effective_from) as next_from
    from (
      select employee_id, effective_from from incoming where is_main = 'yes'
      union
      select employee_id, effective_from from bank.post where superseded_at is null and is_main
    ) as starts
  ) as n
  where i.employee_id = n.employee_id and i.effective_from = n.effective_from and i.is_main = 'yes'
    and i.effective_until is null and n.next_from is not null;
end
$$;
comment on function bank.end_incoming_posts() is 'Ends each main post that names no end, on record or incoming, where the same person''s next one begins';

create or replace function bank.place_incoming_posts(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint;
begin
  insert into bank.team (code, name, org_unit_id)
  select distinct on (i.team_code) i.team_code, coalesce(i.team_name, i.team_code), i.org_unit_id
  from incoming as i where i.team_code is not null
  order by i.team_code, i.line_number
  on conflict (code) do nothing;

  insert into bank.post
    (employee_id, org_unit_id, kind, is_main, line_manager_id, team_id, effective_from, effective_until, origin,
     recorded_at, batch_id, line_number)
  select i.employee_id, i.org_unit_id, i.kind, coalesce(i.is_main, 'yes') = 'yes', i.line_manager_id, t.team_id,
    i.effective_from, i.effective_until, 'migration', clock_timestamp(), batch, i.line_number
  from incoming as i
  left join bank.team as t on t.code = i.team_code
  order by i.line_number;
  get diagnostics placed = row_count;
  perform bank.refresh_org_units();
  return placed;
end
$$;
comment on function bank.place_incoming_posts(bigint) is 'Inserts the incoming posts, marked as taken over from the records of before, and the teams that they name; returns how many';

create or replace function bank.recusal(employee integer, client text, day date)
returns bank.relationship_declaration
language plpgsql stable as $$
declare
  declared bank.relationship_declaration;
begin
  select * into declared from bank.relationship_declaration as d
  where d.employee_id = employee and d.client_number = client and d.superseded_at is null
    and daterange(d.effective_from, d.effective_until) @> day
  order by d.relationship_declaration_id
  limit 1;
  return declared;
end
$$;
comment on function bank.recusal(integer, text, date) is 'The declared relationship for which a person must stand back from a client on a day; nothing when there is none';

create or replace function bank.post_on(employee integer, day date) returns bank.post
language plpgsql stable as $$
declare
  held bank.post;
begin
  select * into held from bank.post as p
  where p.employee_id = employee and p.superseded_at is null and p.is_main
    and daterange(p.effective_from, p.effective_until) @> day;
  return held;
end
$$;
comment on function bank.post_on(integer, date) is 'The main post of a person on a day; nothing when there is none';
