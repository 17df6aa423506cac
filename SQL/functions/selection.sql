-- Competitive selection, step by step; what keeps its record as it is stands in selection-rules.sql.

create or replace function bank.require_round(round_code text) returns integer
language plpgsql stable as $$
declare
  round integer;
begin
  select selection_round_id into round from bank.selection_round where code = round_code;
  if round is null then
    perform bank.refuse_order('selection_round_is_known', 'selection_round',
      format('there is no round “%s” on record', round_code),
      'Correct the code, or open the round first.', 'foreign_key_violation');
  end if;
  return round;
end
$$;
comment on function bank.require_round(text) is 'The key of a round by its code; refuses one that nobody knows';

create or replace function bank.require_application(round_code text, employee_number text) returns bigint
language plpgsql stable as $$
declare
  application bigint;
begin
  select selection_application_id into application from bank.selection_application
  where selection_round_id = bank.require_round(round_code)
    and employee_id = bank.require_employee(employee_number);
  if application is null then
    perform bank.refuse_order('selection_application_is_known', 'selection_application',
      format('%s has not applied in round %s', employee_number, round_code),
      'Record the application first.', 'foreign_key_violation');
  end if;
  return application;
end
$$;
comment on function bank.require_application(text, text) is 'The key of a person''s application in a round; refuses one that there is not';

create or replace function bank.open_selection(
  code text, title text, post_kind text, unit_code text, seats integer, opened_on date,
  exam_weight numeric, interview_weight numeric, performance_weight numeric, pass_mark numeric default 0,
  criteria text[] default '{}') returns integer
language plpgsql as $$
declare
  round integer;
begin
  if not exists (select 1 from bank.post_kind as k where k.kind = post_kind) then
    perform bank.refuse_order('post_kind_is_known', 'post_kind', format('there is no kind of post “%s”', post_kind),
      format('Choose one of %s.', (select string_agg(k.kind, ', ' order by k.kind) from bank.post_kind as k)),
      'foreign_key_violation');
  end if;
  insert into bank.selection_round (code, title, kind, org_unit_id, seats, opened_on, exam_weight,
    interview_weight, performance_weight, pass_mark)
  values (open_selection.code, open_selection.title, post_kind,
    bank.require_org_unit(unit_code, open_selection.opened_on), open_selection.seats, open_selection.opened_on,
    open_selection.exam_weight, open_selection.interview_weight, open_selection.performance_weight,
    open_selection.pass_mark)
  returning selection_round_id into round;
  -- Each criterion is "code: the criterion in words", or the words alone.
  insert into bank.selection_criterion (selection_round_id, code, title)
  select round, trim(split_part(c.text, ':', 1)), trim(coalesce(nullif(substr(c.text, position(':' in c.text) + 1), ''), c.text))
  from unnest(criteria) with ordinality as c (text, position)
  order by c.position;
  return round;
end
$$;
comment on function bank.open_selection(text, text, text, text, integer, date, numeric, numeric, numeric, numeric, text[]) is 'Opens a round for a number of posts of one kind at a unit, with the weights of its parts and its criteria (each as code: words); returns its key';

create or replace function bank.apply_for_selection(
  round_code text, employee_number text, applied_on date, met text[] default '{}') returns bigint
language plpgsql as $$
declare
  round integer := bank.require_round(round_code);
  person integer := bank.require_employee(employee_number);
  application bigint;
  stray text;
begin
  select m into stray from unnest(met) as m
  where not exists (select 1 from bank.selection_criterion where selection_round_id = round and code = m) limit 1;
  if found then
    perform bank.refuse_order('selection_criterion_is_known', 'selection_criterion',
      format('round %s has no criterion “%s”', round_code, stray),
      format('It has %s.', coalesce((select string_agg(code, ', ' order by selection_criterion_id) from bank.selection_criterion where selection_round_id = round), 'none')),
      'foreign_key_violation');
  end if;
  insert into bank.selection_application (selection_round_id, employee_id, applied_on)
  values (round, person, apply_for_selection.applied_on)
  returning selection_application_id into application;
  insert into bank.selection_check (selection_application_id, selection_criterion_id, is_met, recorded_at)
  select application, c.selection_criterion_id, c.code = any (met), clock_timestamp()
  from bank.selection_criterion as c where c.selection_round_id = round
  order by c.selection_criterion_id;
  return application;
end
$$;
comment on function bank.apply_for_selection(text, text, date, text[]) is 'Records an application and which criteria of the round it meets; returns its key';

create or replace function bank.waive_criterion(
  round_code text, employee_number text, criterion text, waived_by text, reason text) returns bigint
language plpgsql as $$
declare
  application bigint := bank.require_application(round_code, employee_number);
  wanted integer;
  at timestamptz := clock_timestamp();
  waiver bigint;
begin
  select c.selection_criterion_id into wanted from bank.selection_criterion as c
  where c.selection_round_id = bank.require_round(round_code) and c.code = criterion;
  if wanted is null then
    perform bank.refuse_order('selection_criterion_is_known', 'selection_criterion',
      format('round %s has no criterion “%s”', round_code, criterion),
      'See the criteria with banyan selection show.', 'foreign_key_violation');
  end if;
  if exists (select 1 from bank.selection_check as c where c.selection_application_id = application
    and c.selection_criterion_id = wanted and c.superseded_at is null and c.is_met)
  then
    perform bank.refuse_order('selection_check_waives_what_is_not_met', 'selection_check',
      format('%s meets the criterion %s of round %s', employee_number, criterion, round_code),
      'There is nothing to waive.');
  end if;
  update bank.selection_check as c set superseded_at = at
  where c.selection_application_id = application and c.selection_criterion_id = wanted and c.superseded_at is null;
  insert into bank.selection_check
    (selection_application_id, selection_criterion_id, is_met, waived_by_id, reason, recorded_at)
  values (application, wanted, false, bank.require_employee(waived_by), waive_criterion.reason, at)
  returning selection_check_id into waiver;
  return waiver;
end
$$;
comment on function bank.waive_criterion(text, text, text, text, text) is 'Lets an applicant in who does not meet a criterion, with who says so and why';

create or replace function bank.score_selection(
  round_code text, employee_number text, part bank.selection_part, panel_member text, score numeric) returns bigint
language plpgsql as $$
declare
  application bigint := bank.require_application(round_code, employee_number);
  member integer := bank.require_employee(panel_member);
  at timestamptz := clock_timestamp();
  given bigint;
begin
  update bank.selection_score as s set superseded_at = at
  where s.selection_application_id = application and s.part = score_selection.part
    and s.panel_member_id = member and s.superseded_at is null;
  insert into bank.selection_score (selection_application_id, part, panel_member_id, score, recorded_at)
  values (application, score_selection.part, member, score_selection.score, at)
  returning selection_score_id into given;
  return given;
end
$$;
comment on function bank.score_selection(text, text, bank.selection_part, text, numeric) is 'Records what a member of the panel gives an applicant in a part; an earlier score of the same member is superseded';

create or replace function bank.rank_selection(round_code text) returns bigint
language plpgsql as $$
declare
  round bank.selection_round;
  missing record;
  at timestamptz := clock_timestamp();
  ranked bigint;
begin
  select * into round from bank.selection_round where selection_round_id = bank.require_round(round_code);
  -- Who is admitted must be scored in every part that counts.
  select e.number, p.part into missing
  from bank.selection_application as a
  join bank.employee as e using (employee_id)
  cross join (values ('exam'::bank.selection_part, round.exam_weight), ('interview', round.interview_weight),
    ('performance', round.performance_weight)) as p (part, weight)
  where a.selection_round_id = round.selection_round_id and p.weight > 0
    and bank.is_admitted(a.selection_application_id)
    and not exists (select 1 from bank.selection_score as s
      where s.selection_application_id = a.selection_application_id and s.part = p.part and s.superseded_at is null)
  order by e.number, p.part
  limit 1;
  if found then
    perform bank.refuse_order('selection_scores_are_complete', 'selection_score',
      format('%s has no %s score in round %s', missing.number, missing.part, round_code),
      'Record it before ranking.');
  end if;
  update bank.selection_result as r set superseded_at = at
  from bank.selection_application as a
  where a.selection_application_id = r.selection_application_id and r.superseded_at is null
    and a.selection_round_id = round.selection_round_id;
  insert into bank.selection_result
    (selection_application_id, place, exam, interview, performance, total, arithmetic, recorded_at)
  select t.selection_application_id, rank() over (order by t.total desc), t.exam, t.interview, t.performance, t.total,
    concat_ws(' + ',
      case when round.exam_weight > 0 then format('exam %s x %s', t.exam_text, round.exam_weight) end,
      case when round.interview_weight > 0 then format('interview %s x %s', t.interview_text, round.interview_weight) end,
      case when round.performance_weight > 0 then format('performance %s x %s', t.performance_text, round.performance_weight) end)
      || ' = ' || t.total, at
  from (
    select s.*,
      round(s.exam_sum / greatest(s.exam_count, 1) * round.exam_weight
        + s.interview_sum / greatest(s.interview_count, 1) * round.interview_weight
        + s.performance_sum / greatest(s.performance_count, 1) * round.performance_weight, 4) as total,
      case when s.exam_count > 0 then round(s.exam_sum / s.exam_count, 4) end as exam,
      case when s.interview_count > 0 then round(s.interview_sum / s.interview_count, 4) end as interview,
      case when s.performance_count > 0 then round(s.performance_sum / s.performance_count, 4) end as performance,
      format('(%s of %s)', s.exam_sum, s.exam_count) as exam_text,
      format('(%s of %s)', s.interview_sum, s.interview_count) as interview_text,
      format('(%s of %s)', s.performance_sum, s.performance_count) as performance_text
    from (
      select a.selection_application_id,
        coalesce(sum(s.score) filter (where s.part = 'exam'), 0) as exam_sum,
        count(*) filter (where s.part = 'exam') as exam_count,
        coalesce(sum(s.score) filter (where s.part = 'interview'), 0) as interview_sum,
        count(*) filter (where s.part = 'interview') as interview_count,
        coalesce(sum(s.score) filter (where s.part = 'performance'), 0) as performance_sum,
        count(*) filter (where s.part = 'performance') as performance_count
      from bank.selection_application as a
      left join bank.selection_score as s
        on s.selection_application_id = a.selection_application_id and s.superseded_at is null
      where a.selection_round_id = round.selection_round_id and bank.is_admitted(a.selection_application_id)
      group by a.selection_application_id
    ) as s
  ) as t;
  get diagnostics ranked = row_count;
  if ranked = 0 then
    perform bank.refuse_order('selection_has_applicants', 'selection_round',
      format('round %s has no admitted applicant', round_code), 'Record applications, or waive criteria, before ranking.');
  end if;
  return ranked;
end
$$;
comment on function bank.rank_selection(text) is 'Ranks the admitted applicants of a round by their weighted totals; returns how many. An earlier ranking is superseded';

create or replace function bank.is_admitted(application bigint) returns boolean
language plpgsql stable as $$
begin
  return not exists (
    select 1 from bank.selection_check as c
    where c.selection_application_id = application and c.superseded_at is null
      and not c.is_met and c.waived_by_id is null);
end
$$;
comment on function bank.is_admitted(bigint) is 'Whether an applicant meets every criterion of the round, or those not met were waived';

create or replace function bank.publish_selection(round_code text, published_on date) returns integer
language plpgsql as $$
declare
  round integer := bank.require_round(round_code);
  stray text;
begin
  select e.number into stray
  from bank.selection_application as a
  join bank.employee as e using (employee_id)
  left join bank.selection_result as r
    on r.selection_application_id = a.selection_application_id and r.superseded_at is null
  where a.selection_round_id = round and bank.is_admitted(a.selection_application_id)
    and (r.selection_result_id is null or exists (
      select 1 from bank.selection_score as s
      where s.selection_application_id = a.selection_application_id
        and (s.recorded_at > r.recorded_at or s.superseded_at > r.recorded_at)))
  limit 1;
  if found or not exists (select 1 from bank.selection_application where selection_round_id = round) then
    perform bank.refuse_order('selection_ranking_is_current', 'selection_result',
      format('the ranking of round %s does not hold what was recorded last%s', round_code, coalesce(' about ' || stray, '')),
      'Rank the round again before publishing.');
  end if;
  update bank.selection_round as r
  set published_on = publish_selection.published_on, published_at = clock_timestamp(), published_by = session_user
  where r.selection_round_id = round;
  return round;
end
$$;
comment on function bank.publish_selection(text, date) is 'Publishes the ranking of a round, after which nothing about it changes';

create or replace function bank.appoint_selected(
  round_code text, employee_number text, effective_from date, line_manager text default null,
  team_code text default null, reason text default null) returns bigint
language plpgsql as $$
declare
  round bank.selection_round;
  application bigint := bank.require_application(round_code, employee_number);
  result bank.selection_result;
  person integer := bank.require_employee(employee_number);
  taken integer;
  better text;
  at timestamptz := clock_timestamp();
  p bank.post;
  gone bigint[] := '{}';
  fresh bank.post[] := '{}';
  post bigint;
begin
  -- One appointment of a round at a time: seats are counted.
  select * into round from bank.selection_round where code = round_code for update;
  if round.published_at is null then
    perform bank.refuse_order('selection_round_is_published', 'selection_round',
      format('round %s is not published, so %s cannot be appointed from it', round_code, employee_number),
      'Rank and publish the round first.');
  end if;
  select * into result from bank.selection_result as r
  where r.selection_application_id = application and r.superseded_at is null;
  if result.selection_result_id is null or result.total < round.pass_mark then
    perform bank.refuse_order('selection_result_is_a_pass', 'selection_result',
      format('%s did not pass round %s: %s', employee_number, round_code,
        case when result.selection_result_id is null then 'not admitted'
          else format('total %s, pass mark %s', result.total, round.pass_mark) end),
      'Appoint somebody who passed.');
  end if;
  select count(distinct o.employee_id), bool_or(o.employee_id = person)::integer into taken
  from bank.post as o
  join bank.selection_result as r using (selection_result_id)
  join bank.selection_application as a using (selection_application_id)
  where a.selection_round_id = round.selection_round_id and o.superseded_at is null;
  if taken >= round.seats then
    perform bank.refuse_order('selection_has_a_seat', 'selection_round',
      format('round %s has %s, and %s taken: %s', round_code,
        case round.seats when 1 then 'one seat' else round.seats || ' seats' end,
        case taken when 1 then 'it is' else 'they are' end, (
          select string_agg(distinct e.number, ', ' order by e.number)
          from bank.post as o
          join bank.selection_result as r using (selection_result_id)
          join bank.selection_application as a using (selection_application_id)
          join bank.employee as e on e.employee_id = o.employee_id
          where a.selection_round_id = round.selection_round_id and o.superseded_at is null)),
      'Open another round.');
  end if;
  -- Who is ranked before must have been appointed, or the reason says why not.
  select string_agg(e.number, ', ' order by r.place, e.number) into better
  from bank.selection_result as r
  join bank.selection_application as a using (selection_application_id)
  join bank.employee as e using (employee_id)
  where a.selection_round_id = round.selection_round_id and r.superseded_at is null and r.place <= result.place
    and a.employee_id <> person and r.total >= round.pass_mark
    and not exists (select 1 from bank.post as o where o.selection_result_id = r.selection_result_id and o.superseded_at is null)
    and (r.place < result.place or (
      select count(*) from bank.selection_result as t
      join bank.selection_application as ta using (selection_application_id)
      where ta.selection_round_id = round.selection_round_id and t.superseded_at is null and t.place <= result.place) > round.seats);
  if better is not null and reason is null then
    perform bank.refuse_order('selection_follows_the_ranking', 'selection_result',
      format('%s is ranked %s in round %s, not before %s, who %s not appointed', employee_number, result.place, round_code,
        better, case when better like '%,%' then 'are' else 'is' end),
      'Appoint in the order of the ranking, or give the reason why not.');
  end if;
  select * into p from bank.post as o
  where o.employee_id = person and o.superseded_at is null and o.is_main and o.effective_until is null
    and o.effective_from < appoint_selected.effective_from;
  if found then
    gone := array[p.post_id];
    p.effective_until := appoint_selected.effective_from;
    fresh := array[p];
  end if;
  fresh := fresh || row(null, person, round.org_unit_id, round.kind, true,
    case when line_manager is not null then bank.require_employee(line_manager) end,
    (select team_id from bank.team where code = team_code), appoint_selected.effective_from, null, 'selection',
    result.selection_result_id, appoint_selected.reason, null, null, null, null, null, null, null)::bank.post;
  perform bank.put_posts(at, null, gone, fresh);
  select max(post_id) into post from bank.post where employee_id = person;
  perform bank.refresh_org_units();
  return post;
end
$$;
comment on function bank.appoint_selected(text, text, date, text, text, text) is 'Appoints an applicant of a published round in the order of its ranking, as long as there are seats; the post names the result. Returns its key';

create or replace function bank.place_incoming_selection_results(batch bigint) returns bigint
language plpgsql as $$
declare
  placed bigint;
begin
  insert into bank.selection_round (code, title, kind, org_unit_id, seats, opened_on, exam_weight,
    interview_weight, performance_weight, origin, published_on, published_at, published_by, batch_id)
  select distinct on (i.round_code) i.round_code, coalesce(i.title, i.round_code), i.kind, i.org_unit_id,
    i.seats, i.published_on, 1, 0, 0, 'migration', i.published_on, now(), session_user, batch
  from incoming as i
  order by i.round_code, i.line_number;
  insert into bank.selection_application (selection_round_id, employee_id, applied_on, batch_id, line_number)
  select r.selection_round_id, i.employee_id, i.published_on, batch, i.line_number
  from incoming as i join bank.selection_round as r on r.code = i.round_code
  order by i.line_number;
  get diagnostics placed = row_count;
  insert into bank.selection_result (selection_application_id, place, total, arithmetic)
  select a.selection_application_id, i.place, i.total, format('taken over from the records of before: total %s', i.total)
  from incoming as i
  join bank.selection_round as r on r.code = i.round_code
  join bank.selection_application as a using (selection_round_id, employee_id)
  order by i.line_number;
  return placed;
end
$$;
comment on function bank.place_incoming_selection_results(bigint) is 'Inserts rounds from before with their rankings, marked as taken over; returns how many results';
