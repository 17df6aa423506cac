-- Audits: the routine plan with its random samples, findings and their rectification, and what people were
-- called to account for. docs/inspections.md tells the whole story. The audit of who leaves stands in 0012.

create table bank.inspection_plan (
  inspection_plan_id   bigint generated always as identity,
  code            text not null,
  population      text not null,
  frequency       text not null,
  sample_size     integer not null,
  effective_from  date not null,
  effective_until date,
  reason          text,
  recorded_by     text not null default session_user,
  recorded_at     timestamptz not null default clock_timestamp(),
  superseded_at   timestamptz,
  constraint inspection_plan_pk primary key (inspection_plan_id),
  constraint inspection_plan_is_a_code check (code ~ '^[a-z][a-z0-9_-]*$'),
  constraint inspection_plan_population_is_known check (population in ('assignments', 'pay_lines', 'credit_files')),
  constraint inspection_plan_frequency_is_known check (frequency in ('monthly', 'quarterly', 'yearly')),
  constraint inspection_plan_sample_has_a_size check (sample_size between 1 and 10000),
  constraint inspection_plan_dates_in_order check (effective_from < effective_until),
  constraint inspection_plan_recorded_in_order check (recorded_at <= superseded_at),
  constraint inspection_plan_once_a_day exclude using gist (code with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
comment on table  bank.inspection_plan is 'Routine audits: what is looked at, how often and how much of it; superseded, never deleted';
comment on column bank.inspection_plan.inspection_plan_id is 'Surrogate key';
comment on column bank.inspection_plan.code is 'Code that people and commands use';
comment on column bank.inspection_plan.population is 'What is sampled: assignments, pay_lines or credit_files';
comment on column bank.inspection_plan.frequency is 'How often: monthly, quarterly or yearly';
comment on column bank.inspection_plan.sample_size is 'How many are drawn each time, or all if there are fewer';
comment on column bank.inspection_plan.effective_from is 'First day';
comment on column bank.inspection_plan.effective_until is 'Day after the last; null while it is in force';
comment on column bank.inspection_plan.reason is 'Why, in the words of who set it';
comment on column bank.inspection_plan.recorded_by is 'Database login that set it';
comment on column bank.inspection_plan.recorded_at is 'When the platform came to believe it';
comment on column bank.inspection_plan.superseded_at is 'When it stopped counting; null for what counts now';
comment on constraint inspection_plan_is_a_code on bank.inspection_plan is 'the code of an audit plan has small letters, digits, _ and -; choose another one';
comment on constraint inspection_plan_sample_has_a_size on bank.inspection_plan is 'a sample has 1 to 10000 items; correct the size';
comment on constraint inspection_plan_population_is_known on bank.inspection_plan is 'a population is assignments, pay_lines or credit_files; choose one';
comment on constraint inspection_plan_frequency_is_known on bank.inspection_plan is 'an audit is monthly, quarterly or yearly; choose one';
comment on constraint inspection_plan_dates_in_order on bank.inspection_plan is 'an audit plan ends after it begins; the end is the day after the last day';

create table bank.inspection_sample (
  inspection_sample_id   bigint generated always as identity,
  inspection_plan_id     bigint not null,
  period_from       date not null,
  period_until      date not null,
  seed              text not null,
  population_size   bigint not null,
  population_digest bytea not null,
  drawn_by          text not null default session_user,
  drawn_at          timestamptz not null default now(),
  constraint inspection_sample_pk primary key (inspection_sample_id),
  constraint inspection_sample_period_in_order check (period_from < period_until),
  constraint inspection_sample_once_a_period unique (inspection_plan_id, period_from, period_until)
);
alter table bank.inspection_sample add constraint inspection_sample_plan_fk
  foreign key (inspection_plan_id) references bank.inspection_plan (inspection_plan_id);
comment on table  bank.inspection_sample is 'Random samples, each with the seed that gives it again: the items whose SHA-256 of seed, line feed and key come first';
comment on column bank.inspection_sample.inspection_sample_id is 'Number of the sample';
comment on column bank.inspection_sample.inspection_plan_id is 'Plan that it was drawn for';
comment on column bank.inspection_sample.period_from is 'First day of the period';
comment on column bank.inspection_sample.period_until is 'Day after its last';
comment on column bank.inspection_sample.seed is 'What decides the draw';
comment on column bank.inspection_sample.population_size is 'How many items there were';
comment on column bank.inspection_sample.population_digest is 'SHA-256 of the keys of all of them, so that another population is noticed';
comment on column bank.inspection_sample.drawn_by is 'Database login that drew it';
comment on column bank.inspection_sample.drawn_at is 'When; the population is what the platform believed then';
comment on constraint inspection_sample_once_a_period on bank.inspection_sample is 'a sample is drawn once for a plan and a period, so that nobody draws until it suits; see it with `banyan inspection show`';

create table bank.inspection_sample_item (
  inspection_sample_id bigint not null,
  position        integer not null,
  item_key        text not null,
  description     text not null,
  employee_id     integer,
  constraint inspection_sample_item_pk primary key (inspection_sample_id, position),
  constraint inspection_sample_item_is_drawn_once unique (inspection_sample_id, item_key)
);
alter table bank.inspection_sample_item add constraint inspection_sample_item_sample_fk
  foreign key (inspection_sample_id) references bank.inspection_sample (inspection_sample_id);
alter table bank.inspection_sample_item add constraint inspection_sample_item_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
comment on table  bank.inspection_sample_item is 'What was drawn';
comment on column bank.inspection_sample_item.inspection_sample_id is 'The sample';
comment on column bank.inspection_sample_item.position is 'Place in the draw, from 1';
comment on column bank.inspection_sample_item.item_key is 'Key of the item: branch and assignment, run, person and line, or branch and loan number';
comment on column bank.inspection_sample_item.description is 'What it is, as believed when it was drawn';
comment on column bank.inspection_sample_item.employee_id is 'Person whose it is; null for nobody''s';

create table bank.inspection_finding (
  inspection_finding_id bigint generated always as identity,
  inspection_sample_id  bigint,
  item_key         text,
  severity         text not null,
  description      text not null,
  responsible_id   integer not null,
  found_by_id      integer not null,
  found_by         text not null default session_user,
  found_on         date not null,
  due_on           date not null,
  rectification    text,
  rectified_by_id  integer,
  rectified_by     text,
  rectified_at     timestamptz,
  opinion          text,
  closed_by_id     integer,
  closed_by        text,
  closed_at        timestamptz,
  constraint inspection_finding_pk primary key (inspection_finding_id),
  constraint inspection_finding_severity_is_known check (severity in ('low', 'medium', 'high')),
  constraint inspection_finding_says_what check (btrim(description) <> ''),
  constraint inspection_finding_item_is_of_a_sample check (item_key is null or inspection_sample_id is not null),
  constraint inspection_finding_is_due_later check (due_on >= found_on),
  constraint inspection_finding_finder_is_another check (found_by_id <> responsible_id),
  constraint inspection_finding_rectified_as_a_whole check (
    num_nulls(rectification, rectified_by_id, rectified_by, rectified_at) in (0, 4)),
  constraint inspection_finding_rectification_says_how check (btrim(rectification) <> ''),
  constraint inspection_finding_closed_as_a_whole check (num_nulls(opinion, closed_by_id, closed_by, closed_at) in (0, 4)),
  constraint inspection_finding_opinion_says_what check (btrim(opinion) <> ''),
  constraint inspection_finding_is_rectified_first check (closed_at is null or rectified_at is not null),
  constraint inspection_finding_closer_is_another check (closed_by_id not in (responsible_id, rectified_by_id)),
  constraint inspection_finding_recorded_in_order check (rectified_at <= closed_at)
);
alter table bank.inspection_finding add constraint inspection_finding_item_fk
  foreign key (inspection_sample_id, item_key) references bank.inspection_sample_item (inspection_sample_id, item_key);
alter table bank.inspection_finding add constraint inspection_finding_sample_fk
  foreign key (inspection_sample_id) references bank.inspection_sample (inspection_sample_id);
alter table bank.inspection_finding add constraint inspection_finding_responsible_fk
  foreign key (responsible_id) references bank.employee (employee_id);
alter table bank.inspection_finding add constraint inspection_finding_found_by_fk
  foreign key (found_by_id) references bank.employee (employee_id);
alter table bank.inspection_finding add constraint inspection_finding_rectified_by_fk
  foreign key (rectified_by_id) references bank.employee (employee_id);
alter table bank.inspection_finding add constraint inspection_finding_closed_by_fk
  foreign key (closed_by_id) references bank.employee (employee_id);
create index inspection_finding_responsible_index on bank.inspection_finding (responsible_id);
comment on table  bank.inspection_finding is 'What an audit has found, who puts it right until when, and who found it right';
comment on column bank.inspection_finding.inspection_finding_id is 'Number of the finding';
comment on column bank.inspection_finding.inspection_sample_id is 'Sample in which it was found; null for a finding outside the plan';
comment on column bank.inspection_finding.item_key is 'Item of the sample; null for all of it';
comment on column bank.inspection_finding.severity is 'low, medium or high';
comment on column bank.inspection_finding.description is 'What is wrong';
comment on column bank.inspection_finding.responsible_id is 'Person who puts it right';
comment on column bank.inspection_finding.found_by_id is 'Person who found it; never the responsible one';
comment on column bank.inspection_finding.found_by is 'Database login that recorded it';
comment on column bank.inspection_finding.found_on is 'Day on which it was found';
comment on column bank.inspection_finding.due_on is 'Last day on which it is to be rectified';
comment on column bank.inspection_finding.rectification is 'How it was put right; null while it was not';
comment on column bank.inspection_finding.rectified_by_id is 'Person who put it right';
comment on column bank.inspection_finding.rectified_by is 'Database login that recorded that';
comment on column bank.inspection_finding.rectified_at is 'When';
comment on column bank.inspection_finding.opinion is 'What who closed it found; null while it is open';
comment on column bank.inspection_finding.closed_by_id is 'Person who closed it; never who is responsible or put it right';
comment on column bank.inspection_finding.closed_by is 'Database login that closed it';
comment on column bank.inspection_finding.closed_at is 'When';
comment on constraint inspection_finding_severity_is_known on bank.inspection_finding is 'a finding is low, medium or high; choose one';
comment on constraint inspection_finding_says_what on bank.inspection_finding is 'a finding says what is wrong; describe it';
comment on constraint inspection_finding_is_due_later on bank.inspection_finding is 'a finding is rectified after it was found; correct the day';
comment on constraint inspection_finding_finder_is_another on bank.inspection_finding is 'nobody audits the own work; name another person';
comment on constraint inspection_finding_rectification_says_how on bank.inspection_finding is 'a rectification says how; describe it';
comment on constraint inspection_finding_opinion_says_what on bank.inspection_finding is 'who closes a finding says what they found; give an opinion';
comment on constraint inspection_finding_is_rectified_first on bank.inspection_finding is 'a finding is rectified before it is closed; record how with `banyan inspection rectify`';
comment on constraint inspection_finding_closer_is_another on bank.inspection_finding is 'a finding is closed by another person than the one who is responsible or put it right; let another person close it';

create table bank.inspection_reassignment (
  inspection_finding_id bigint not null,
  position              integer not null,
  former_id             integer not null,
  responsible_id        integer not null,
  reason                text not null,
  recorded_by           text not null default session_user,
  recorded_at           timestamptz not null default now(),
  constraint inspection_reassignment_pk primary key (inspection_finding_id, position),
  constraint inspection_reassignment_is_to_another check (former_id <> responsible_id),
  constraint inspection_reassignment_says_why check (btrim(reason) <> '')
);
alter table bank.inspection_reassignment add constraint inspection_reassignment_finding_fk
  foreign key (inspection_finding_id) references bank.inspection_finding (inspection_finding_id);
alter table bank.inspection_reassignment add constraint inspection_reassignment_former_fk
  foreign key (former_id) references bank.employee (employee_id);
alter table bank.inspection_reassignment add constraint inspection_reassignment_responsible_fk
  foreign key (responsible_id) references bank.employee (employee_id);
comment on table  bank.inspection_reassignment is 'Findings that another person became responsible for, as when who was responsible leaves; never changed';
comment on column bank.inspection_reassignment.inspection_finding_id is 'The finding';
comment on column bank.inspection_reassignment.position is 'Counts the reassignments of a finding from 1';
comment on column bank.inspection_reassignment.former_id is 'Person who was responsible';
comment on column bank.inspection_reassignment.responsible_id is 'Person who is from then on; the finding names the last one';
comment on column bank.inspection_reassignment.reason is 'Why';
comment on column bank.inspection_reassignment.recorded_by is 'Database login that recorded it';
comment on column bank.inspection_reassignment.recorded_at is 'When';
comment on constraint inspection_reassignment_is_to_another on bank.inspection_reassignment is 'a finding is given to another person than the responsible one; name another person';
comment on constraint inspection_reassignment_says_why on bank.inspection_reassignment is 'who gives a finding to another person says why; give a reason';

create table bank.accountability (
  accountability_id bigint generated always as identity,
  employee_id       integer not null,
  kind              text not null,
  points            numeric not null,
  happened_on       date not null,
  reason            text not null,
  inspection_finding_id  bigint,
  decided_by_id     integer not null,
  recorded_by       text not null default session_user,
  recorded_at       timestamptz not null default now(),
  withdrawn_reason  text,
  withdrawn_by      text,
  withdrawn_at      timestamptz,
  constraint accountability_pk primary key (accountability_id),
  constraint accountability_kind_is_a_code check (kind ~ '^[a-z][a-z0-9_]*$'),
  constraint accountability_points_are_not_negative check (points >= 0 and points <= 1000),
  constraint accountability_says_why check (btrim(reason) <> ''),
  constraint accountability_decider_is_another check (decided_by_id <> employee_id),
  constraint accountability_withdrawn_as_a_whole check (num_nulls(withdrawn_reason, withdrawn_by, withdrawn_at) in (0, 3)),
  constraint accountability_withdrawal_says_why check (btrim(withdrawn_reason) <> '')
);
alter table bank.accountability add constraint accountability_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.accountability add constraint accountability_finding_fk
  foreign key (inspection_finding_id) references bank.inspection_finding (inspection_finding_id);
alter table bank.accountability add constraint accountability_decided_by_fk
  foreign key (decided_by_id) references bank.employee (employee_id);
create index accountability_employee_index on bank.accountability (employee_id, happened_on);
comment on table  bank.accountability is 'What people were called to account for, with violation points; withdrawn, never deleted';
comment on column bank.accountability.accountability_id is 'Number of the record';
comment on column bank.accountability.employee_id is 'The person';
comment on column bank.accountability.kind is 'Action taken, such as warning, reprimand, suspension or dismissal';
comment on column bank.accountability.points is 'Violation points; 0 for an action without points';
comment on column bank.accountability.happened_on is 'Day of the violation, which decides the period that the points count in';
comment on column bank.accountability.reason is 'What for';
comment on column bank.accountability.inspection_finding_id is 'Finding that it follows; null without one';
comment on column bank.accountability.decided_by_id is 'Person who decided it; never the one whom it is about';
comment on column bank.accountability.recorded_by is 'Database login that recorded it';
comment on column bank.accountability.recorded_at is 'When';
comment on column bank.accountability.withdrawn_reason is 'Why it counts no more; null while it counts';
comment on column bank.accountability.withdrawn_by is 'Database login that withdrew it';
comment on column bank.accountability.withdrawn_at is 'When';
comment on constraint accountability_kind_is_a_code on bank.accountability is 'a kind of accountability has small letters, digits and _; choose another one';
comment on constraint accountability_points_are_not_negative on bank.accountability is 'violation points are 0 to 1000; correct the number';
comment on constraint accountability_says_why on bank.accountability is 'a record of accountability says what for; give a reason';
comment on constraint accountability_decider_is_another on bank.accountability is 'nobody calls themselves to account; name another person who decided';
comment on constraint accountability_withdrawal_says_why on bank.accountability is 'a withdrawal says why; give a reason';

insert into bank.table_placement (table_name, placement) values
  ('inspection_plan', 'reference'),
  ('inspection_sample', 'reference'),
  ('inspection_sample_item', 'reference'),
  ('inspection_finding', 'reference'),
  ('inspection_reassignment', 'reference'),
  ('accountability', 'reference');
