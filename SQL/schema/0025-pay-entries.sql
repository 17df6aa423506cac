-- Amounts that were decided for people one by one: entries of pay, what becomes of deferred pay, and disputes.
-- docs/pay.md tells the whole story.

create table bank.pay_dispute (
  branch_id        integer not null,
  dispute_id       bigint generated always as identity,
  employee_id      integer not null,
  pay_run_id       integer not null,
  line_number      integer,
  claim            text not null,
  wanted           numeric,
  opened_by        text not null default session_user,
  opened_by_id     integer,
  opened_on        date not null,
  due_on           date not null,
  is_accepted      boolean,
  answer           text,
  amount           numeric,
  answered_by_id   integer,
  answered_by      text,
  answered_at      timestamptz,
  withdrawn_reason text,
  withdrawn_by     text,
  withdrawn_at     timestamptz,
  constraint pay_dispute_pk primary key (branch_id, dispute_id),
  constraint pay_dispute_says_what check (btrim(claim) <> ''),
  constraint pay_dispute_is_due_later check (due_on >= opened_on),
  constraint pay_dispute_answered_as_a_whole check (
    num_nulls(is_accepted, answer, answered_by_id, answered_by, answered_at) in (0, 5)),
  constraint pay_dispute_answer_says_why check (btrim(answer) <> ''),
  constraint pay_dispute_answer_is_anothers check (answered_by_id <> employee_id),
  constraint pay_dispute_amount_of_an_accepted_one check (
    amount is null or is_accepted and amount <> 0),
  constraint pay_dispute_accepted_says_how_much check (is_accepted is not true or amount is not null),
  constraint pay_dispute_withdrawn_as_a_whole check (num_nulls(withdrawn_reason, withdrawn_by, withdrawn_at) in (0, 3)),
  constraint pay_dispute_withdrawal_says_why check (btrim(withdrawn_reason) <> ''),
  constraint pay_dispute_ends_once check (answered_at is null or withdrawn_at is null)
);
alter table bank.pay_dispute add constraint pay_dispute_run_fk
  foreign key (pay_run_id) references bank.pay_run (pay_run_id);
alter table bank.pay_dispute add constraint pay_dispute_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.pay_dispute add constraint pay_dispute_opened_by_fk
  foreign key (opened_by_id) references bank.employee (employee_id);
alter table bank.pay_dispute add constraint pay_dispute_answered_by_fk
  foreign key (answered_by_id) references bank.employee (employee_id);
create unique index pay_dispute_is_open_once on bank.pay_dispute (branch_id, employee_id, pay_run_id, coalesce(line_number, 0))
  where answered_at is null and withdrawn_at is null;
comment on index bank.pay_dispute_is_open_once is 'this line is disputed already; see it with `banyan pay dispute list`';
comment on table  bank.pay_dispute is 'What people object to in their pay, by when it is to be answered, and the answer; it is answered or withdrawn once and never deleted';
comment on column bank.pay_dispute.branch_id is 'Unit where the person works';
comment on column bank.pay_dispute.dispute_id is 'Number of the dispute';
comment on column bank.pay_dispute.employee_id is 'The person whose pay it is';
comment on column bank.pay_dispute.pay_run_id is 'The run';
comment on column bank.pay_dispute.line_number is 'The line of the statement; null for all of it';
comment on column bank.pay_dispute.claim is 'What is wrong, in the words of who objects';
comment on column bank.pay_dispute.wanted is 'What should have been paid more, or less if below zero; null where nobody says';
comment on column bank.pay_dispute.opened_by is 'Database login that opened it';
comment on column bank.pay_dispute.opened_by_id is 'Person behind that login; null for a login that is nobody''s';
comment on column bank.pay_dispute.opened_on is 'Day on which it was opened';
comment on column bank.pay_dispute.due_on is 'Last day on which it is to be answered';
comment on column bank.pay_dispute.is_accepted is 'Whether it was found right; null while it is not answered';
comment on column bank.pay_dispute.answer is 'The answer, with its reasons';
comment on column bank.pay_dispute.amount is 'What an accepted dispute pays, or takes if below zero; null otherwise';
comment on column bank.pay_dispute.answered_by_id is 'Person who answered; never the one whose pay it is';
comment on column bank.pay_dispute.answered_by is 'Database login that answered, or that gave the last approval it needed';
comment on column bank.pay_dispute.answered_at is 'When';
comment on column bank.pay_dispute.withdrawn_reason is 'Why it was taken back; null otherwise';
comment on column bank.pay_dispute.withdrawn_by is 'Database login that took it back';
comment on column bank.pay_dispute.withdrawn_at is 'When';
comment on constraint pay_dispute_says_what on bank.pay_dispute is 'a dispute says what is wrong; describe it';
comment on constraint pay_dispute_answer_says_why on bank.pay_dispute is 'an answer gives its reasons; write them';
comment on constraint pay_dispute_answer_is_anothers on bank.pay_dispute is 'nobody answers a dispute about the own pay; let another person answer';
comment on constraint pay_dispute_amount_of_an_accepted_one on bank.pay_dispute is 'an accepted dispute pays an amount other than zero, and a rejected one none; correct the amount';
comment on constraint pay_dispute_accepted_says_how_much on bank.pay_dispute is 'an accepted dispute says what is paid; give the amount';
comment on constraint pay_dispute_withdrawal_says_why on bank.pay_dispute is 'who takes a dispute back says why; give a reason';

create table bank.pay_dispute_routing (
  branch_id   integer not null,
  dispute_id  bigint not null,
  position    integer not null,
  handler_id  integer not null,
  reason      text,
  recorded_by text not null default session_user,
  recorded_at timestamptz not null default now(),
  constraint pay_dispute_routing_pk primary key (branch_id, dispute_id, position)
);
alter table bank.pay_dispute_routing add constraint pay_dispute_routing_dispute_fk
  foreign key (branch_id, dispute_id) references bank.pay_dispute (branch_id, dispute_id);
alter table bank.pay_dispute_routing add constraint pay_dispute_routing_handler_fk
  foreign key (handler_id) references bank.employee (employee_id);
comment on table  bank.pay_dispute_routing is 'Who is to look into a dispute; the last row holds, and none means everybody of HR';
comment on column bank.pay_dispute_routing.branch_id is 'Unit where the person works whose pay it is';
comment on column bank.pay_dispute_routing.dispute_id is 'The dispute';
comment on column bank.pay_dispute_routing.position is 'Counts from 1';
comment on column bank.pay_dispute_routing.handler_id is 'Person who looks into it; never the one whose pay it is';
comment on column bank.pay_dispute_routing.reason is 'Why it goes there';
comment on column bank.pay_dispute_routing.recorded_by is 'Database login that routed it';
comment on column bank.pay_dispute_routing.recorded_at is 'When';

create table bank.pay_entry (
  branch_id         integer not null,
  pay_entry_id      bigint generated always as identity,
  employee_id       integer not null,
  plan_code         text not null,
  month             date not null,
  class             text not null,
  record            text not null,
  amount            numeric not null,
  reason            text not null,
  accountability_id bigint,
  dispute_id        bigint,
  recorded_by       text not null default session_user,
  recorded_at       timestamptz not null default clock_timestamp(),
  superseded_at     timestamptz,
  batch_id          bigint,
  line_number       bigint,
  constraint pay_entry_pk primary key (branch_id, pay_entry_id),
  constraint pay_entry_month_starts_on_the_first check (extract(day from month) = 1),
  constraint pay_entry_class_is_a_code check (class ~ '^[a-z][a-z0-9_]*$'),
  constraint pay_entry_names_its_record check (btrim(record) <> ''),
  constraint pay_entry_says_why check (btrim(reason) <> ''),
  constraint pay_entry_amount_is_money check (amount <> 0 and abs(amount) < 'Infinity' and scale(amount) <= 4),
  constraint pay_entry_clawback_is_accounted_for check ((class = 'clawback') = (accountability_id is not null)),
  constraint pay_entry_dispute_is_on_record check ((class = 'dispute') = (dispute_id is not null)),
  constraint pay_entry_recorded_in_order check (recorded_at <= superseded_at)
);
alter table bank.pay_entry add constraint pay_entry_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.pay_entry add constraint pay_entry_accountability_fk
  foreign key (accountability_id) references bank.accountability (accountability_id);
alter table bank.pay_entry add constraint pay_entry_dispute_fk
  foreign key (branch_id, dispute_id) references bank.pay_dispute (branch_id, dispute_id);
alter table bank.pay_entry add constraint pay_entry_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create unique index pay_entry_record_is_one on bank.pay_entry (branch_id, employee_id, plan_code, month, class, record)
  where superseded_at is null;
create index pay_entry_month_index on bank.pay_entry (month, plan_code);
comment on index bank.pay_entry_record_is_one is 'a record decides one amount of a class for a person and month; give it another record, or another month';
comment on table  bank.pay_entry is 'Amounts that were decided for a person and a month beside what a plan calculates, each with the record that it rests on: recoveries, accepted disputes, and whatever a bank sends. A component of kind entries pays a class; what no component pays becomes a line by itself';
comment on column bank.pay_entry.branch_id is 'Unit where the person works';
comment on column bank.pay_entry.pay_entry_id is 'Surrogate key';
comment on column bank.pay_entry.employee_id is 'The person, who may have left';
comment on column bank.pay_entry.plan_code is 'Plan whose run pays it';
comment on column bank.pay_entry.month is 'First day of the month whose run pays it';
comment on column bank.pay_entry.class is 'clawback, dispute, or any other name that a component of kind entries asks for';
comment on column bank.pay_entry.record is 'What it rests on, such as the number of a decision';
comment on column bank.pay_entry.amount is 'The amount in the plan''s currency; below zero for what is taken';
comment on column bank.pay_entry.reason is 'Why, in the words of who decided; printed on the statement';
comment on column bank.pay_entry.accountability_id is 'Record of accountability that a recovery rests on';
comment on column bank.pay_entry.dispute_id is 'Dispute whose acceptance it is';
comment on column bank.pay_entry.recorded_by is 'Database login that recorded it, or that gave the last approval it needed';
comment on column bank.pay_entry.recorded_at is 'When the platform came to believe it';
comment on column bank.pay_entry.superseded_at is 'When it stopped counting; null for what counts now';
comment on column bank.pay_entry.batch_id is 'Batch that brought it; null for a decision';
comment on column bank.pay_entry.line_number is 'Line in that batch''s file';
comment on constraint pay_entry_class_is_a_code on bank.pay_entry is 'a class is a name in lower-case letters, digits and underscores; write it as plans do';
comment on constraint pay_entry_names_its_record on bank.pay_entry is 'an amount rests on a record; name it';
comment on constraint pay_entry_says_why on bank.pay_entry is 'an amount that is decided says why; give a reason';
comment on constraint pay_entry_amount_is_money on bank.pay_entry is 'an amount is not zero and has at most four digits after the point; correct it';
comment on constraint pay_entry_clawback_is_accounted_for on bank.pay_entry is 'a recovery rests on a record of accountability; order it with `banyan pay clawback`';
comment on constraint pay_entry_dispute_is_on_record on bank.pay_entry is 'what a dispute pays comes of its answer; give it with `banyan pay dispute answer`';

create table bank.deferral_movement (
  branch_id            integer not null,
  deferral_movement_id bigint generated always as identity,
  employee_id          integer not null,
  earned_month         date not null,
  due_on               date not null,
  kind                 text not null,
  amount               numeric not null,
  pay_month            date,
  accountability_id    bigint,
  reason               text,
  recorded_by          text not null default session_user,
  recorded_at          timestamptz not null default clock_timestamp(),
  constraint deferral_movement_pk primary key (branch_id, deferral_movement_id),
  constraint deferral_movement_kind_is_known check (kind in ('release', 'forfeit', 'restore')),
  constraint deferral_movement_amount_is_positive check (amount > 0 and amount < 'Infinity'),
  constraint deferral_movement_months_start_on_the_first check (
    extract(day from earned_month) = 1 and extract(day from pay_month) = 1),
  constraint deferral_movement_release_has_a_month check ((kind = 'release') = (pay_month is not null)),
  constraint deferral_movement_release_is_not_early check (due_on < (pay_month + interval '1 month')::date),
  constraint deferral_movement_forfeit_is_accounted_for check ((kind = 'release') = (accountability_id is null)),
  constraint deferral_movement_says_why check (kind = 'release' or btrim(reason) <> '')
);
alter table bank.deferral_movement add constraint deferral_movement_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.deferral_movement add constraint deferral_movement_accountability_fk
  foreign key (accountability_id) references bank.accountability (accountability_id);
create index deferral_movement_employee_index on bank.deferral_movement (employee_id, earned_month, due_on);
create index deferral_movement_pay_month_index on bank.deferral_movement (pay_month) where pay_month is not null;
comment on table  bank.deferral_movement is 'What became of deferred pay: released for payment, forfeited by malus, or given back because the record behind the malus no longer counts. Never changed; what is outstanding is never below zero';
comment on column bank.deferral_movement.branch_id is 'Unit where the person works';
comment on column bank.deferral_movement.deferral_movement_id is 'Surrogate key';
comment on column bank.deferral_movement.employee_id is 'The person, who may have left';
comment on column bank.deferral_movement.earned_month is 'First day of the month in which it was earned';
comment on column bank.deferral_movement.due_on is 'Day on which it is due';
comment on column bank.deferral_movement.kind is 'release: it is paid; forfeit: it is lost (malus); restore: what was forfeited counts again';
comment on column bank.deferral_movement.amount is 'The amount in the plan''s currency, above zero';
comment on column bank.deferral_movement.pay_month is 'First day of the month with whose payroll a release is paid';
comment on column bank.deferral_movement.accountability_id is 'Record of accountability that a malus rests on';
comment on column bank.deferral_movement.reason is 'Why';
comment on column bank.deferral_movement.recorded_by is 'Database login that recorded it, or that gave the last approval it needed';
comment on column bank.deferral_movement.recorded_at is 'When';
comment on constraint deferral_movement_release_is_not_early on bank.deferral_movement is 'deferred pay is released with the month in which it is due, or later; take that month';
comment on constraint deferral_movement_says_why on bank.deferral_movement is 'a malus says why; give a reason';

insert into bank.control_limit (code, effective_from, value) values
  ('pay_dispute_answer_days', '1900-01-01', 15);
comment on table  bank.control_limit is 'Numbers of days that the bank''s own rules set for claims, handovers, departures and disputes about pay, dated';
comment on column bank.control_limit.code is 'claim_contest_days, handover_opinion_days, departure_audit_days, pay_dispute_answer_days';

insert into bank.approval_action (code, title, apply_function, proposer_roles, measured_in) values
  ('pay_malus', 'Deferred pay is forfeited', 'apply_pay_malus', '{hr,risk}', 'the amount'),
  ('pay_clawback', 'Pay is taken back', 'apply_pay_clawback', '{hr,risk}', 'the amount'),
  ('deferral_release', 'Deferred pay is released for payment', 'apply_deferral_release', '{hr}', 'the amount'),
  ('pay_dispute_acceptance', 'A dispute about pay is accepted', 'apply_pay_dispute_answer', '{hr}', 'the amount');

insert into bank.table_placement (table_name, placement) values
  ('pay_dispute', 'by_branch'),
  ('pay_dispute_routing', 'by_branch'),
  ('pay_entry', 'by_branch'),
  ('deferral_movement', 'by_branch');
