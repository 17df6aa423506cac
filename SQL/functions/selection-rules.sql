-- What keeps rounds of selection in order, whoever writes them: once a ranking is published nothing about its round
-- changes, and nobody judges themselves or a relative.

create or replace function bank.check_round_is_open() returns trigger
language plpgsql as $$
declare
  published record;
begin
  -- What a migration brings comes with its publication, in one transaction.
  select r.code, r.published_on into published
  from bank.selection_round as r
  where r.published_at is not null and r.published_at <> now()
    and r.selection_round_id in (
      select a.selection_round_id from bank.selection_application as a
      where a.selection_application_id in (select selection_application_id from changed))
  limit 1;
  if found then
    perform bank.refuse_order('selection_round_is_not_published', 'selection_round',
      format('round %s was published on %s, and nothing about it changes any more', published.code, published.published_on),
      'Open another round.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_round_is_open() is 'Trigger: applications, checks, scores and results of a published round stay as they are';

create or replace trigger selection_application_of_an_open_round after insert on bank.selection_application
  referencing new table as changed for each statement execute function bank.check_round_is_open();
create or replace trigger selection_application_stays_as_it_is after update on bank.selection_application
  referencing new table as changed for each statement execute function bank.check_round_is_open();
create or replace trigger selection_check_of_an_open_round after insert on bank.selection_check
  referencing new table as changed for each statement execute function bank.check_round_is_open();
create or replace trigger selection_check_stays_as_it_is after update on bank.selection_check
  referencing new table as changed for each statement execute function bank.check_round_is_open();
create or replace trigger selection_score_of_an_open_round after insert on bank.selection_score
  referencing new table as changed for each statement execute function bank.check_round_is_open();
create or replace trigger selection_score_stays_as_it_is after update on bank.selection_score
  referencing new table as changed for each statement execute function bank.check_round_is_open();
create or replace trigger selection_result_of_an_open_round after insert on bank.selection_result
  referencing new table as changed for each statement execute function bank.check_round_is_open();
create or replace trigger selection_result_stays_as_it_is after update on bank.selection_result
  referencing new table as changed for each statement execute function bank.check_round_is_open();

create or replace function bank.check_published_round() returns trigger
language plpgsql as $$
declare
  stray text;
begin
  select b.code into stray from earlier as b where b.published_at is not null limit 1;
  if found then
    perform bank.refuse_order('selection_round_is_not_published', 'selection_round',
      format('round %s is published, and nothing about it changes any more', stray), 'Open another round.',
      'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_published_round() is 'Trigger: a published round stays as it is';
create or replace trigger selection_round_stays_as_it_is after update on bank.selection_round
  referencing old table as earlier for each statement execute function bank.check_published_round();

create or replace trigger selection_round_stays before delete or truncate on bank.selection_round
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger selection_application_stays before delete or truncate on bank.selection_application
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger selection_check_stays before delete or truncate on bank.selection_check
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger selection_score_stays before delete or truncate on bank.selection_score
  for each statement execute function bank.refuse_org_deletion();
create or replace trigger selection_result_stays before delete or truncate on bank.selection_result
  for each statement execute function bank.refuse_org_deletion();

create or replace function bank.check_selection_judges() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select e.number, r.code, s.part into wrong
  from entered as s
  join bank.selection_application as a using (selection_application_id)
  join bank.selection_round as r using (selection_round_id)
  join bank.employee as e on e.employee_id = s.panel_member_id
  where a.employee_id = s.panel_member_id
  limit 1;
  if found then
    perform bank.refuse_order('selection_panel_is_not_the_applicant', 'selection_score',
      format('%s applies in round %s and cannot score the own %s', wrong.number, wrong.code, wrong.part),
      'Name another member of the panel.');
  end if;
  select m.number as judge, e.number, d.relation into wrong
  from entered as s
  join bank.selection_application as a using (selection_application_id)
  join bank.selection_round as r using (selection_round_id)
  join bank.relationship_declaration as d on d.superseded_at is null
    and (d.employee_id, d.other_employee_id) in ((s.panel_member_id, a.employee_id), (a.employee_id, s.panel_member_id))
    and daterange(d.effective_from, d.effective_until) @> greatest(a.applied_on, r.opened_on)
  join bank.employee as m on m.employee_id = s.panel_member_id
  join bank.employee as e on e.employee_id = a.employee_id
  limit 1;
  if found then
    perform bank.refuse_order('selection_panel_is_not_related', 'selection_score',
      format('%s cannot score %s, to whom a relationship is declared (%s)', wrong.judge, wrong.number, wrong.relation),
      'Name another member of the panel.');
  end if;
  return null;
end
$$;
comment on function bank.check_selection_judges() is 'Trigger: nobody scores themselves or one whom they are related to';
create or replace trigger selection_score_by_another after insert on bank.selection_score
  referencing new table as entered for each statement execute function bank.check_selection_judges();

create or replace function bank.check_waivers() returns trigger
language plpgsql as $$
declare
  wrong record;
begin
  select e.number, r.code into wrong
  from entered as c
  join bank.selection_application as a using (selection_application_id)
  join bank.selection_round as r using (selection_round_id)
  join bank.employee as e on e.employee_id = a.employee_id
  where c.waived_by_id = a.employee_id
  limit 1;
  if found then
    perform bank.refuse_order('selection_waiver_is_by_another', 'selection_check',
      format('%s applies in round %s and cannot waive the own criteria', wrong.number, wrong.code),
      'Name another person who waives.');
  end if;
  return null;
end
$$;
comment on function bank.check_waivers() is 'Trigger: nobody waives a criterion for themselves';
create or replace trigger selection_check_by_another after insert on bank.selection_check
  referencing new table as entered for each statement execute function bank.check_waivers();
