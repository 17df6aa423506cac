-- The life of a pay run, and corrections: what earlier months are worth more or less by what is known now.
-- docs/pay.md tells the whole story.

create table bank.pay_run_step (
  pay_run_id integer not null,
  step       text not null,
  reason     text,
  made_by    text not null default session_user,
  made_at    timestamptz not null default now(),
  constraint pay_run_step_pk primary key (pay_run_id, step),
  constraint pay_run_step_is_known check (step in ('submitted', 'approved'))
);
alter table bank.pay_run_step add constraint pay_run_step_run_fk
  foreign key (pay_run_id) references bank.pay_run (pay_run_id);
comment on table  bank.pay_run_step is 'How far a run has come on its way to being posted: each step once, never taken back';
comment on column bank.pay_run_step.pay_run_id is 'The run';
comment on column bank.pay_run_step.step is 'submitted: it is handed in to be decided; approved: enough others have approved, or nobody need';
comment on column bank.pay_run_step.reason is 'Why, in the words of who took the step';
comment on column bank.pay_run_step.made_by is 'Database login that took the step, or that gave the last approval it needed';
comment on column bank.pay_run_step.made_at is 'When';
comment on constraint pay_run_step_pk on bank.pay_run_step is 'a run is submitted once; see it with `banyan pay show`';

create table bank.pay_correction (
  branch_id        integer not null,
  pay_run_id       integer not null,
  employee_id      integer not null,
  line_number      integer not null,
  month            date not null,
  component        text not null,
  paid_before      numeric not null,
  recalculated     numeric not null,
  recalculation_id integer not null,
  constraint pay_correction_pk primary key (pay_run_id, branch_id, employee_id, line_number),
  constraint pay_correction_is_one_line unique (branch_id, pay_run_id, employee_id, month, component),
  constraint pay_correction_corrects_something check (recalculated <> paid_before)
);
alter table bank.pay_correction add constraint pay_correction_line_fk
  foreign key (branch_id, pay_run_id, employee_id, line_number)
  references bank.pay_line (branch_id, pay_run_id, employee_id, line_number);
alter table bank.pay_correction add constraint pay_correction_recalculation_fk
  foreign key (recalculation_id) references bank.pay_run (pay_run_id);
create index pay_correction_month_index on bank.pay_correction (month);
comment on table  bank.pay_correction is 'What a correction line corrects: a component of an earlier month, what had been paid for it and what it is worth by what is known now; the line pays the difference';
comment on column bank.pay_correction.branch_id is 'Unit where the person works';
comment on column bank.pay_correction.pay_run_id is 'The run that pays the difference';
comment on column bank.pay_correction.employee_id is 'The person';
comment on column bank.pay_correction.line_number is 'The line that pays it';
comment on column bank.pay_correction.month is 'First day of the month that is corrected';
comment on column bank.pay_correction.component is 'Code of the component that is corrected';
comment on column bank.pay_correction.paid_before is 'What the posted run and earlier corrections have paid for it';
comment on column bank.pay_correction.recalculated is 'What it is worth by what is known now';
comment on column bank.pay_correction.recalculation_id is 'The calculation that says so, with its credits and lines';

create table bank.pay_correction_cause (
  branch_id    integer not null,
  pay_run_id   integer not null,
  employee_id  integer not null,
  line_number  integer not null,
  cause_number integer not null,
  kind         text not null,
  cause        text not null,
  made_by      text,
  made_at      timestamptz,
  constraint pay_correction_cause_pk primary key (branch_id, pay_run_id, employee_id, line_number, cause_number),
  constraint pay_correction_cause_kind_is_known check (kind in ('new_batch', 'replaced_batch', 'assignment', 'person',
    'target', 'accountability', 'plan', 'earlier_month', 'others'))
);
alter table bank.pay_correction_cause add constraint pay_correction_cause_correction_fk
  foreign key (branch_id, pay_run_id, employee_id, line_number)
  references bank.pay_correction (branch_id, pay_run_id, employee_id, line_number);
comment on table  bank.pay_correction_cause is 'Why a line of an earlier month is worth something else now: what came to be known since it was calculated';
comment on column bank.pay_correction_cause.branch_id is 'Unit where the person works';
comment on column bank.pay_correction_cause.pay_run_id is 'The run that pays the difference';
comment on column bank.pay_correction_cause.employee_id is 'The person';
comment on column bank.pay_correction_cause.line_number is 'The line that pays it';
comment on column bank.pay_correction_cause.cause_number is 'Counts the causes of a line from 1';
comment on column bank.pay_correction_cause.kind is 'new_batch, replaced_batch, assignment, person (tier, post or days), target, accountability, plan, earlier_month (what was carried or summed up from one), or others (people or units that the line also looks at)';
comment on column bank.pay_correction_cause.cause is 'What it was, in words, with its number';
comment on column bank.pay_correction_cause.made_by is 'Database login that recorded it; null where several did';
comment on column bank.pay_correction_cause.made_at is 'When; null where it was at several times';

create table bank.pay_recheck (
  pay_run_id       integer not null,
  month            date not null,
  compared_with_id integer not null,
  checked_at       timestamptz not null default now(),
  constraint pay_recheck_pk primary key (pay_run_id, month)
);
-- Checked at commit: earlier months are looked at before the run itself goes on record.
alter table bank.pay_recheck add constraint pay_recheck_run_fk
  foreign key (pay_run_id) references bank.pay_run (pay_run_id) deferrable initially deferred;
alter table bank.pay_recheck add constraint pay_recheck_compared_with_fk
  foreign key (compared_with_id) references bank.pay_run (pay_run_id);
create index pay_recheck_compared_with_index on bank.pay_recheck (compared_with_id);
comment on table  bank.pay_recheck is 'Posted months about which there was news, and that gave the same when they were calculated again: what was known then is no news any more';
comment on column bank.pay_recheck.pay_run_id is 'The run that looked';
comment on column bank.pay_recheck.month is 'First day of the month that it looked at';
comment on column bank.pay_recheck.compared_with_id is 'The calculation of the month whose inputs were found the same';
comment on column bank.pay_recheck.checked_at is 'When';

-- Found by when they were recorded and by their batch: both grow with the table, so these indexes are tiny.
create index assignment_recorded_index on bank.assignment using brin (recorded_at);
create index account_holder_batch_index on bank.account_holder using brin (batch_id);

insert into bank.approval_action (code, title, apply_function, proposer_roles, measured_in) values
  ('pay_run_approval', 'A pay run that was submitted is approved', 'apply_pay_run_approval', '{hr}', 'what all people earned');

insert into bank.table_placement (table_name, placement) values
  ('pay_run_step', 'reference'),
  ('pay_recheck', 'reference'),
  ('pay_correction', 'by_branch'),
  ('pay_correction_cause', 'by_branch');
