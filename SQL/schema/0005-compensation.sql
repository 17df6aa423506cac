-- Compensation: plans as they were loaded, runs, the credits that were taken from the facts, and the lines that
-- the engine made of them. Whatever a run has written is never changed; a new run supersedes it.

create table bank.plan (
  plan_id         integer generated always as identity,
  code            text not null,
  version         integer not null,
  title           text not null,
  currency        text not null,
  effective_from  date not null,
  effective_until date,
  document        text not null,
  digest          bytea not null,
  loaded_by       text not null default session_user,
  loaded_at       timestamptz not null default now(),
  constraint plan_pk primary key (plan_id),
  constraint plan_version_is_unique unique (code, version),
  constraint plan_document_is_loaded_once unique (digest),
  constraint plan_dates_in_order check (effective_from < effective_until)
);
comment on table  bank.plan is 'Pay plans; each row is one version, word for word';
comment on column bank.plan.plan_id is 'Surrogate key';
comment on column bank.plan.code is 'Code that stays the same through all versions';
comment on column bank.plan.version is 'Counts the versions of a code from 1';
comment on column bank.plan.title is 'Title as printed';
comment on column bank.plan.currency is 'ISO 4217 code of the pay';
comment on column bank.plan.effective_from is 'First day that the plan may pay for';
comment on column bank.plan.effective_until is 'Day after the last; null while it is in force';
comment on column bank.plan.document is 'The plan as written, in YAML';
comment on column bank.plan.digest is 'SHA-256 of the document';
comment on column bank.plan.loaded_by is 'Database login that loaded it';
comment on column bank.plan.loaded_at is 'When it was loaded';

create table bank.pay_run (
  pay_run_id     integer generated always as identity,
  month          date not null,
  plan_id        integer not null,
  input_digest   bytea not null,
  engine_version text not null,
  supersedes_id  integer,
  reason         text,
  part_of_id     integer,
  inputs         jsonb not null default '{}',
  known_at       timestamptz,
  computed_by    text not null default session_user,
  computed_at    timestamptz not null default now(),
  constraint pay_run_pk primary key (pay_run_id),
  constraint pay_run_starts_on_the_first check (extract(day from month) = 1),
  constraint pay_run_is_superseded_once unique (supersedes_id),
  constraint pay_run_supersedes_an_earlier_one check (supersedes_id < pay_run_id),
  constraint pay_run_part_supersedes_nothing check (part_of_id is null or supersedes_id is null),
  constraint pay_run_recalculates_a_month_once unique (part_of_id, month),
  constraint pay_run_of_earlier_knowledge_pays_nobody check ((known_at is not null) = (part_of_id is not distinct from pay_run_id)),
  constraint pay_run_knows_the_past check (known_at <= computed_at)
);
alter table bank.pay_run add constraint pay_run_plan_fk
  foreign key (plan_id) references bank.plan (plan_id);
alter table bank.pay_run add constraint pay_run_supersedes_fk
  foreign key (supersedes_id) references bank.pay_run (pay_run_id);
-- Checked at commit: an earlier month is calculated again before the run that pays its corrections.
alter table bank.pay_run add constraint pay_run_part_of_fk
  foreign key (part_of_id) references bank.pay_run (pay_run_id) deferrable initially deferred;
create unique index pay_run_first_of_month on bank.pay_run (month, plan_id)
  where supersedes_id is null and part_of_id is null;
comment on table  bank.pay_run is 'One calculation of a month''s pay; the one that no other supersedes counts. A calculation that is part of another run shows what an earlier month is worth by what is known now';
comment on column bank.pay_run.pay_run_id is 'Surrogate key';
comment on column bank.pay_run.month is 'First day of the month that is paid for';
comment on column bank.pay_run.plan_id is 'Plan version that was applied';
comment on column bank.pay_run.input_digest is 'SHA-256 over the plan, the tiers and every credit: the same inputs make no new run';
comment on column bank.pay_run.engine_version is 'Version of the compensation engine';
comment on column bank.pay_run.supersedes_id is 'Run of the same month and plan that this one replaces; that one stays as it was';
comment on column bank.pay_run.reason is 'Why it supersedes a run that had been submitted, in the words of who ran it';
comment on column bank.pay_run.part_of_id is 'Run of a later month that pays the difference between this calculation and what was paid; null for the run of a month itself; its own key for a run as of an earlier time, which is part of no pay';
comment on column bank.pay_run.inputs is 'What the run knew about no single person: exchange rates, and deals with their participants';
comment on column bank.pay_run.known_at is 'Time as of which the run was calculated: what was recorded later is left out. Null for a run by all that is known, which is the only one that can be posted';
comment on constraint pay_run_knows_the_past on bank.pay_run is 'a run is as of a time that has been; give one that is not in the future';
comment on column bank.pay_run.computed_by is 'Database login that ran it';
comment on column bank.pay_run.computed_at is 'When it ran';

create table bank.credit_set (
  branch_id       integer not null,
  credit_set_id   bigint generated always as identity,
  month           date not null,
  known_at        timestamptz not null default 'infinity',
  client_branches integer[] not null,
  credits         bigint not null,
  digest          bytea not null,
  taken_by        text not null default session_user,
  taken_at        timestamptz not null default now(),
  constraint credit_set_pk primary key (branch_id, credit_set_id),
  constraint credit_set_starts_on_the_first check (extract(day from month) = 1),
  constraint credit_set_counts_its_credits check (credits >= 0)
);
comment on table  bank.credit_set is 'What one branch''s facts of one month are credited to whom, as it was known when the set was taken. Runs share sets: what has not changed is neither read nor written again';
comment on column bank.credit_set.branch_id is 'Branch of the accounts and facts';
comment on column bank.credit_set.credit_set_id is 'Surrogate key';
comment on column bank.credit_set.month is 'First day of the month';
comment on column bank.credit_set.known_at is 'Time as of which it was taken: what was recorded later is left out; infinity for all that is known';
comment on column bank.credit_set.client_branches is 'Branches of the clients whom the accounts and facts belong to: a change of who looks after these makes the set out of date';
comment on column bank.credit_set.credits is 'How many credits it has, in bank.pay_credit and bank.pay_fact_credit';
comment on column bank.credit_set.digest is 'SHA-256 over the sorted SHA-256 of each credit, by numbers instead of keys';
comment on column bank.credit_set.taken_by is 'Database login whose run took it';
comment on column bank.credit_set.taken_at is 'When it was taken';

create table bank.current_credit_set (
  branch_id     integer not null,
  month         date not null,
  credit_set_id bigint not null,
  constraint current_credit_set_pk primary key (branch_id, month)
);
alter table bank.current_credit_set add constraint current_credit_set_set_fk
  foreign key (branch_id, credit_set_id) references bank.credit_set (branch_id, credit_set_id);
comment on table  bank.current_credit_set is 'The sets that still say what is known; a branch and month without one is credited anew by the next run';
comment on column bank.current_credit_set.branch_id is 'The branch';
comment on column bank.current_credit_set.month is 'First day of the month';
comment on column bank.current_credit_set.credit_set_id is 'The set';

create table bank.pay_run_credit_set (
  branch_id     integer not null,
  pay_run_id    integer not null,
  credit_set_id bigint not null,
  constraint pay_run_credit_set_pk primary key (pay_run_id, branch_id)
);
-- Checked at commit: the credits come first, because the run itself bears their digest.
alter table bank.pay_run_credit_set add constraint pay_run_credit_set_run_fk
  foreign key (pay_run_id) references bank.pay_run (pay_run_id) deferrable initially deferred;
alter table bank.pay_run_credit_set add constraint pay_run_credit_set_set_fk
  foreign key (branch_id, credit_set_id) references bank.credit_set (branch_id, credit_set_id);
create index pay_run_credit_set_index on bank.pay_run_credit_set (credit_set_id);
comment on table  bank.pay_run_credit_set is 'The sets of credits that a run was calculated from, one for each branch';
comment on column bank.pay_run_credit_set.branch_id is 'The branch';
comment on column bank.pay_run_credit_set.pay_run_id is 'The run';
comment on column bank.pay_run_credit_set.credit_set_id is 'The set';

-- No foreign keys on credits: they are made of rows on record in one statement, and a key asked for row by row would
-- take several times as long.
create table bank.pay_credit (
  branch_id            integer not null,
  credit_set_id        bigint not null,
  pay_credit_id        bigint generated always as identity,
  employee_id          integer,
  metric               text not null,
  account_id           bigint not null,
  loan_id              bigint,
  assignment_branch_id integer,
  assignment_id        bigint,
  share                numeric not null,
  counted_from         date not null,
  counted_until        date not null,
  measured             numeric not null,
  credited             numeric not null,
  constraint pay_credit_pk primary key (branch_id, credit_set_id, pay_credit_id),
  constraint pay_credit_is_measured_times_share check (credited = measured * share),
  constraint pay_credit_of_the_pool_is_whole check (
    (employee_id is null) = (assignment_id is null) and (employee_id is null) = (assignment_branch_id is null)
    and (employee_id is not null or share = 1))
);
create index pay_credit_employee_index on bank.pay_credit (credit_set_id, employee_id);
-- Plans that pay for each loan by itself ask for these, which are few.
create index pay_credit_loan_index on bank.pay_credit (credit_set_id) where loan_id is not null;
comment on table  bank.pay_credit is 'What a set credits to whom, account by account: the facts as they were when it was taken. What nobody looked after is credited to the pool of the account''s branch, so that the credits of a branch sum to what it measured';
comment on column bank.pay_credit.branch_id is 'Branch of the account';
comment on column bank.pay_credit.credit_set_id is 'The set';
comment on column bank.pay_credit.pay_credit_id is 'Surrogate key';
comment on column bank.pay_credit.employee_id is 'Who is credited; null for the branch''s pool';
comment on column bank.pay_credit.metric is 'deposit_balance_days, loans_granted_amount, loans_granted_count, interest_due_amount or interest_paid_amount';
comment on column bank.pay_credit.account_id is 'The account';
comment on column bank.pay_credit.loan_id is 'The loan, for the metrics of loans';
comment on column bank.pay_credit.assignment_branch_id is 'Branch of the assignment that gives the credit: that of the client where it is the client''s';
comment on column bank.pay_credit.assignment_id is 'The assignment that gives the credit; null for the branch''s pool';
comment on column bank.pay_credit.share is 'Share of that assignment, a fraction of 1; 1 for the pool';
comment on column bank.pay_credit.counted_from is 'First day that counts';
comment on column bank.pay_credit.counted_until is 'Day after the last that counts';
comment on column bank.pay_credit.measured is 'What was measured on those days: balance days, amount or count';
comment on column bank.pay_credit.credited is 'Measured times share';

create table bank.pay_credit_sum (
  branch_id     integer not null,
  credit_set_id bigint not null,
  employee_id   integer not null,
  metric        text not null,
  credited      numeric not null,
  constraint pay_credit_sum_pk primary key (branch_id, credit_set_id, employee_id, metric)
);
comment on table  bank.pay_credit_sum is 'The credits of accounts summed up by person and metric, so that a run reads thousands of rows and not a million';
comment on column bank.pay_credit_sum.branch_id is 'Branch of the accounts';
comment on column bank.pay_credit_sum.credit_set_id is 'The set';
comment on column bank.pay_credit_sum.employee_id is 'Who is credited; 0 for the branch''s pool';
comment on column bank.pay_credit_sum.metric is 'The metric of the credits';
comment on column bank.pay_credit_sum.credited is 'Sum of what is credited';

create table bank.pay_statement (
  branch_id   integer not null,
  pay_run_id  integer not null,
  employee_id integer not null,
  tier        text,
  earned      numeric not null,
  deferred    numeric not null,
  payable     numeric not null,
  is_regular  boolean not null default true,
  inputs      jsonb not null default '{}',
  constraint pay_statement_pk primary key (pay_run_id, branch_id, employee_id),
  constraint pay_statement_adds_up check (earned = deferred + payable)
);
-- Checked at commit: the run goes on record last and seals what it has written.
alter table bank.pay_statement add constraint pay_statement_run_fk
  foreign key (pay_run_id) references bank.pay_run (pay_run_id) deferrable initially deferred;
alter table bank.pay_statement add constraint pay_statement_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
comment on table  bank.pay_statement is 'The totals of one person in one run, in the plan''s currency';
comment on column bank.pay_statement.branch_id is 'Unit where the person works';
comment on column bank.pay_statement.pay_run_id is 'The run';
comment on column bank.pay_statement.employee_id is 'The person';
comment on column bank.pay_statement.tier is 'Tier on the last day of the month; null for none';
comment on column bank.pay_statement.earned is 'Sum of the lines';
comment on column bank.pay_statement.deferred is 'Part of it that is paid in later years';
comment on column bank.pay_statement.payable is 'Part of it that is paid now';
comment on column bank.pay_statement.is_regular is 'Whether the plan was applied to the person in the month; otherwise the statement holds corrections of earlier months and entries only, such as those of somebody who has left';
comment on column bank.pay_statement.inputs is 'What the run knew about the person beside the credits: post, unit, team, whom they lead, days, targets, what was paid and carried before; with it the run can be calculated again';

create table bank.pay_line (
  branch_id     integer not null,
  pay_run_id    integer not null,
  employee_id   integer not null,
  line_number   integer not null,
  component     text not null,
  kind          text not null,
  title         text not null,
  basis_total   numeric,
  basis_divisor numeric,
  amount        numeric not null,
  is_paid       boolean not null default true,
  arithmetic    json not null,
  constraint pay_line_pk primary key (pay_run_id, branch_id, employee_id, line_number),
  constraint pay_line_divisor_is_positive check (basis_divisor > 0)
);
-- That every line belongs to a statement is checked for all of a run at once, when the run seals them.
comment on table  bank.pay_line is 'The lines of a statement, each with its full arithmetic';
comment on column bank.pay_line.branch_id is 'Unit where the person works';
comment on column bank.pay_line.pay_run_id is 'The run';
comment on column bank.pay_line.employee_id is 'The person';
comment on column bank.pay_line.line_number is 'Position on the statement, from 1';
comment on column bank.pay_line.component is 'Code of the plan''s component';
comment on column bank.pay_line.kind is 'Kind of the component, such as unit_price; rounding for what the rounding of a total adds, correction for what an earlier month is worth more or less by now, entry for an amount that was decided elsewhere';
comment on column bank.pay_line.title is 'Title as printed';
comment on column bank.pay_line.basis_total is 'What was measured, summed over all credits';
comment on column bank.pay_line.basis_divisor is 'What that sum is divided by, such as the days of the month';
comment on column bank.pay_line.amount is 'Pay of the line, rounded as the plan says, in its currency';
comment on column bank.pay_line.is_paid is 'Whether the line is part of what is earned; otherwise it is only shown';
comment on column bank.pay_line.arithmetic is 'The steps from the basis to the amount, as they were written';

create table bank.deferral_instalment (
  branch_id      integer not null,
  pay_run_id     integer not null,
  employee_id    integer not null,
  instalment     integer not null,
  due_on         date not null,
  amount         numeric not null,
  corrects_month date,
  constraint deferral_instalment_pk primary key (pay_run_id, branch_id, employee_id, instalment),
  constraint deferral_instalment_corrects_a_month check (extract(day from corrects_month) = 1)
);
alter table bank.deferral_instalment add constraint deferral_instalment_statement_fk
  foreign key (branch_id, pay_run_id, employee_id)
  references bank.pay_statement (branch_id, pay_run_id, employee_id);
comment on table  bank.deferral_instalment is 'When the deferred part is due';
comment on column bank.deferral_instalment.branch_id is 'Unit where the person works';
comment on column bank.deferral_instalment.pay_run_id is 'The run';
comment on column bank.deferral_instalment.employee_id is 'The person';
comment on column bank.deferral_instalment.instalment is 'Counts the instalments from 1';
comment on column bank.deferral_instalment.due_on is 'Day on which it is due';
comment on column bank.deferral_instalment.amount is 'Amount due, in the plan''s currency; below zero where a correction takes back what was deferred';
comment on column bank.deferral_instalment.corrects_month is 'First day of the earlier month whose deferred part it corrects; null for the month of the run';

create table bank.pay_balance (
  branch_id   integer not null,
  pay_run_id  integer not null,
  employee_id integer not null,
  component   text not null,
  amount      numeric not null,
  constraint pay_balance_pk primary key (pay_run_id, branch_id, employee_id, component),
  constraint pay_balance_is_not_zero check (amount <> 0)
);
alter table bank.pay_balance add constraint pay_balance_statement_fk
  foreign key (branch_id, pay_run_id, employee_id)
  references bank.pay_statement (branch_id, pay_run_id, employee_id);
comment on table  bank.pay_balance is 'What a person carries to the next month by a component: a draw that is owed, pay that waits for room under a limit';
comment on column bank.pay_balance.branch_id is 'Unit where the person works';
comment on column bank.pay_balance.pay_run_id is 'The run';
comment on column bank.pay_balance.employee_id is 'The person';
comment on column bank.pay_balance.component is 'Code of the plan''s component';
comment on column bank.pay_balance.amount is 'The balance after the month, in the plan''s currency';
comment on constraint pay_balance_is_not_zero on bank.pay_balance is 'a balance that is zero is not carried; leave it out';

insert into bank.table_placement (table_name, placement) values
  ('plan', 'reference'),
  ('pay_run', 'reference'),
  ('credit_set', 'by_branch'),
  ('current_credit_set', 'by_branch'),
  ('pay_run_credit_set', 'by_branch'),
  ('pay_credit', 'by_branch'),
  ('pay_credit_sum', 'by_branch'),
  ('pay_statement', 'by_branch'),
  ('pay_line', 'by_branch'),
  ('deferral_instalment', 'by_branch'),
  ('pay_balance', 'by_branch');
