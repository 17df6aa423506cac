-- Competitive selection: a round for a post, who applied, who was admitted, what a panel gave them, the
-- ranking, its publication, and who was appointed.

create type bank.round_origin as enum ('held', 'migration');
comment on type bank.round_origin is 'held: run in this platform, step by step; migration: its results were taken over from the records of before';

create table bank.selection_round (
  selection_round_id integer generated always as identity,
  code               text not null,
  title              text not null,
  kind               text not null,
  org_unit_id        integer not null,
  seats              integer not null,
  opened_on          date not null,
  exam_weight        numeric not null,
  interview_weight   numeric not null,
  performance_weight numeric not null,
  pass_mark          numeric not null default 0,
  origin             bank.round_origin not null default 'held',
  published_on       date,
  published_at       timestamptz,
  published_by       text,
  recorded_by        text not null default session_user,
  recorded_at        timestamptz not null default now(),
  batch_id           bigint,
  constraint selection_round_pk primary key (selection_round_id),
  constraint selection_round_code_is_unique unique (code),
  constraint selection_round_has_seats check (seats > 0),
  constraint selection_round_weights_sum_to_one check (
    exam_weight + interview_weight + performance_weight = 1
    and least(exam_weight, interview_weight, performance_weight) >= 0),
  constraint selection_round_pass_mark_is_a_score check (pass_mark between 0 and 100),
  constraint selection_round_published_as_a_whole check (
    num_nulls(published_on, published_at, published_by) in (0, 3)),
  constraint selection_round_published_after_opening check (published_on >= opened_on),
  constraint selection_round_migration_names_its_batch check ((origin = 'migration') = (batch_id is not null))
);
alter table bank.selection_round add constraint selection_round_kind_fk
  foreign key (kind) references bank.post_kind (kind);
alter table bank.selection_round add constraint selection_round_unit_fk
  foreign key (org_unit_id) references bank.org_unit (org_unit_id);
alter table bank.selection_round add constraint selection_round_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.selection_round is 'Rounds of competitive selection, each for a number of posts of one kind at one unit';
comment on column bank.selection_round.selection_round_id is 'Surrogate key';
comment on column bank.selection_round.code is 'Code that people and files use';
comment on column bank.selection_round.title is 'Title as printed';
comment on column bank.selection_round.kind is 'Kind of the posts';
comment on column bank.selection_round.org_unit_id is 'Unit of the posts';
comment on column bank.selection_round.seats is 'How many posts there are';
comment on column bank.selection_round.opened_on is 'Day from which people may apply';
comment on column bank.selection_round.exam_weight is 'Weight of the exam, a fraction of 1';
comment on column bank.selection_round.interview_weight is 'Weight of the interview, a fraction of 1';
comment on column bank.selection_round.performance_weight is 'Weight of past performance, a fraction of 1';
comment on column bank.selection_round.pass_mark is 'Total below which nobody is appointed';
comment on column bank.selection_round.origin is 'Whether it was held here or taken over';
comment on column bank.selection_round.published_on is 'Day of publication; null before';
comment on column bank.selection_round.published_at is 'When it was published; nothing about the round changes afterwards';
comment on column bank.selection_round.published_by is 'Database login that published it';
comment on column bank.selection_round.recorded_by is 'Database login that opened it';
comment on column bank.selection_round.recorded_at is 'When it was recorded';
comment on column bank.selection_round.batch_id is 'Batch that brought the results of a round from before';
comment on constraint selection_round_weights_sum_to_one on bank.selection_round is 'the weights of exam, interview and performance sum to exactly 1; correct them';
comment on constraint selection_round_has_seats on bank.selection_round is 'a round is for at least one post; give the number of seats';
comment on constraint selection_round_code_is_unique on bank.selection_round is 'a code stands for one round; choose another';
comment on constraint selection_round_published_after_opening on bank.selection_round is 'a round is published on or after the day on which it opened; correct the day';

create table bank.selection_criterion (
  selection_criterion_id integer generated always as identity,
  selection_round_id     integer not null,
  code                   text not null,
  title                  text not null,
  constraint selection_criterion_pk primary key (selection_criterion_id),
  constraint selection_criterion_code_is_unique unique (selection_round_id, code)
);
alter table bank.selection_criterion add constraint selection_criterion_round_fk
  foreign key (selection_round_id) references bank.selection_round (selection_round_id);
comment on table  bank.selection_criterion is 'What an applicant of a round must fulfil';
comment on column bank.selection_criterion.selection_criterion_id is 'Surrogate key';
comment on column bank.selection_criterion.selection_round_id is 'The round';
comment on column bank.selection_criterion.code is 'Code, such as education';
comment on column bank.selection_criterion.title is 'The criterion in words';

create table bank.selection_application (
  selection_application_id bigint generated always as identity,
  selection_round_id       integer not null,
  employee_id              integer not null,
  applied_on               date not null,
  recorded_by              text not null default session_user,
  recorded_at              timestamptz not null default now(),
  batch_id                 bigint,
  line_number              bigint,
  constraint selection_application_pk primary key (selection_application_id),
  constraint selection_application_once_a_round unique (selection_round_id, employee_id)
);
alter table bank.selection_application add constraint selection_application_round_fk
  foreign key (selection_round_id) references bank.selection_round (selection_round_id);
alter table bank.selection_application add constraint selection_application_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.selection_application add constraint selection_application_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.selection_application is 'Who applied in which round';
comment on column bank.selection_application.selection_application_id is 'Surrogate key';
comment on column bank.selection_application.selection_round_id is 'The round';
comment on column bank.selection_application.employee_id is 'The applicant';
comment on column bank.selection_application.applied_on is 'Day of the application';
comment on column bank.selection_application.recorded_by is 'Database login that recorded it';
comment on column bank.selection_application.recorded_at is 'When it was recorded';
comment on column bank.selection_application.batch_id is 'Batch that brought it; null for a command';
comment on column bank.selection_application.line_number is 'Line in that batch''s file';
comment on constraint selection_application_once_a_round on bank.selection_application is 'a person applies once in a round; the application is on record';

create table bank.selection_check (
  selection_check_id       bigint generated always as identity,
  selection_application_id bigint not null,
  selection_criterion_id   integer not null,
  is_met                   boolean not null,
  waived_by_id             integer,
  reason                   text,
  recorded_by              text not null default session_user,
  recorded_at              timestamptz not null default now(),
  superseded_at            timestamptz,
  constraint selection_check_pk primary key (selection_check_id),
  constraint selection_check_waiver_has_a_reason check (waived_by_id is null or reason is not null),
  constraint selection_check_waives_what_is_not_met check (waived_by_id is null or not is_met)
);
alter table bank.selection_check add constraint selection_check_application_fk
  foreign key (selection_application_id) references bank.selection_application (selection_application_id);
alter table bank.selection_check add constraint selection_check_criterion_fk
  foreign key (selection_criterion_id) references bank.selection_criterion (selection_criterion_id);
alter table bank.selection_check add constraint selection_check_waived_by_fk
  foreign key (waived_by_id) references bank.employee (employee_id);
create unique index selection_check_one_a_criterion
  on bank.selection_check (selection_application_id, selection_criterion_id) where superseded_at is null;
comment on table  bank.selection_check is 'Whether an applicant fulfils a criterion, and who waived it where not';
comment on column bank.selection_check.selection_check_id is 'Surrogate key';
comment on column bank.selection_check.selection_application_id is 'The application';
comment on column bank.selection_check.selection_criterion_id is 'The criterion';
comment on column bank.selection_check.is_met is 'Whether it is fulfilled';
comment on column bank.selection_check.waived_by_id is 'Who let the applicant in all the same';
comment on column bank.selection_check.reason is 'Evidence, or why it was waived';
comment on column bank.selection_check.recorded_by is 'Database login that recorded it';
comment on column bank.selection_check.recorded_at is 'When the platform came to believe it';
comment on column bank.selection_check.superseded_at is 'When it stopped believing it; null for what counts now';
comment on constraint selection_check_waiver_has_a_reason on bank.selection_check is 'a waiver says why; give a reason';

create type bank.selection_part as enum ('exam', 'interview', 'performance');
comment on type bank.selection_part is 'What applicants are scored in';

create table bank.selection_score (
  selection_score_id       bigint generated always as identity,
  selection_application_id bigint not null,
  part                     bank.selection_part not null,
  panel_member_id          integer not null,
  score                    numeric not null,
  recorded_by              text not null default session_user,
  recorded_at              timestamptz not null default now(),
  superseded_at            timestamptz,
  constraint selection_score_pk primary key (selection_score_id),
  constraint selection_score_is_in_range check (score between 0 and 100 and scale(score) <= 4)
);
alter table bank.selection_score add constraint selection_score_application_fk
  foreign key (selection_application_id) references bank.selection_application (selection_application_id);
alter table bank.selection_score add constraint selection_score_panel_member_fk
  foreign key (panel_member_id) references bank.employee (employee_id);
create unique index selection_score_one_a_member
  on bank.selection_score (selection_application_id, part, panel_member_id) where superseded_at is null;
comment on table  bank.selection_score is 'What each member of the panel gave an applicant, 0 to 100';
comment on column bank.selection_score.selection_score_id is 'Surrogate key';
comment on column bank.selection_score.selection_application_id is 'The application';
comment on column bank.selection_score.part is 'Exam, interview or performance';
comment on column bank.selection_score.panel_member_id is 'Who gave it; never the applicant';
comment on column bank.selection_score.score is 'The score';
comment on column bank.selection_score.recorded_by is 'Database login that recorded it';
comment on column bank.selection_score.recorded_at is 'When the platform came to believe it';
comment on column bank.selection_score.superseded_at is 'When it stopped believing it; null for what counts now';
comment on constraint selection_score_is_in_range on bank.selection_score is 'a score lies between 0 and 100, with at most four digits after the point; correct it';

create table bank.selection_result (
  selection_result_id      bigint generated always as identity,
  selection_application_id bigint not null,
  place                    integer not null,
  exam                     numeric,
  interview                numeric,
  performance              numeric,
  total                    numeric not null,
  arithmetic               text not null,
  recorded_by              text not null default session_user,
  recorded_at              timestamptz not null default now(),
  superseded_at            timestamptz,
  constraint selection_result_pk primary key (selection_result_id),
  constraint selection_result_place_is_positive check (place > 0)
);
alter table bank.selection_result add constraint selection_result_application_fk
  foreign key (selection_application_id) references bank.selection_application (selection_application_id);
create unique index selection_result_one_an_application
  on bank.selection_result (selection_application_id) where superseded_at is null;
comment on table  bank.selection_result is 'The ranking of a round: admitted applicants with their scores and place';
comment on column bank.selection_result.selection_result_id is 'Surrogate key';
comment on column bank.selection_result.selection_application_id is 'The application';
comment on column bank.selection_result.place is 'Place in the ranking; equal totals share one';
comment on column bank.selection_result.exam is 'Average of the panel in the exam';
comment on column bank.selection_result.interview is 'Average of the panel in the interview';
comment on column bank.selection_result.performance is 'Average of the panel for past performance';
comment on column bank.selection_result.total is 'Weighted total, rounded once to four digits, half up';
comment on column bank.selection_result.arithmetic is 'How the total comes about';
comment on column bank.selection_result.recorded_by is 'Database login that ranked';
comment on column bank.selection_result.recorded_at is 'When the platform came to believe it';
comment on column bank.selection_result.superseded_at is 'When another ranking replaced it; null for what counts now';

alter table bank.post add constraint post_selection_result_fk
  foreign key (selection_result_id) references bank.selection_result (selection_result_id);

insert into bank.table_placement (table_name, placement) values
  ('selection_round', 'reference'),
  ('selection_criterion', 'reference'),
  ('selection_application', 'reference'),
  ('selection_check', 'reference'),
  ('selection_score', 'reference'),
  ('selection_result', 'reference');
