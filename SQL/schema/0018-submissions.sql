-- What branches deliver: submissions with their control totals, what each batch brought to which branch and
-- month, the checks that it passed, and the rows of batches that others replaced.

create type bank.submission_state as enum ('received', 'refused');
comment on type bank.submission_state is 'received: everything that the manifest says agrees with the files; refused: something does not, and not one file was taken in';

create table bank.submission (
  submission_id   bigint generated always as identity,
  name            text not null,
  file_name       text not null,
  manifest_digest bytea not null,
  branch_id       integer,
  month           date,
  state           bank.submission_state not null,
  files           integer not null,
  failure         text,
  received_by     text not null default session_user,
  received_at     timestamptz not null default now(),
  constraint submission_pk primary key (submission_id),
  constraint submission_digest_is_sha256 check (octet_length(manifest_digest) = 32),
  constraint submission_refusal_has_a_reason check ((state = 'refused') = (failure is not null)),
  constraint submission_month_starts_on_the_first check (extract(day from month) = 1)
);
alter table bank.submission add constraint submission_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
comment on table  bank.submission is 'A folder or an archive with a manifest: files, counts, control totals and digests agreed, or all of it was refused';
comment on column bank.submission.submission_id is 'Surrogate key, named by the batches that it brought';
comment on column bank.submission.name is 'What the manifest calls itself';
comment on column bank.submission.file_name is 'Name of the folder or archive';
comment on column bank.submission.manifest_digest is 'SHA-256 of the manifest''s text';
comment on column bank.submission.branch_id is 'Branch that sent it; null when the manifest does not say';
comment on column bank.submission.month is 'First day of the month that it is about; null when the manifest does not say';
comment on column bank.submission.state is 'Whether it was received or refused';
comment on column bank.submission.files is 'How many files the manifest names';
comment on column bank.submission.failure is 'Why it was refused; null for one that was received';
comment on column bank.submission.received_by is 'Database login that ran the import';
comment on column bank.submission.received_at is 'Start of the transaction that recorded it';

alter table bank.batch add column submission_id bigint;
alter table bank.batch add column replaces_id bigint;
alter table bank.batch add column is_restatement boolean not null default false;
comment on column bank.batch.submission_id is 'Submission that the file was part of; null for a file by itself';
comment on column bank.batch.replaces_id is 'Batch whose place it took; null for one that took nobody''s';
comment on column bank.batch.is_restatement is 'Whether it changed a month that was closed already';
alter table bank.batch add constraint batch_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
alter table bank.batch add constraint batch_submission_fk
  foreign key (submission_id) references bank.submission (submission_id);
alter table bank.batch add constraint batch_replaces_fk
  foreign key (replaces_id) references bank.batch (batch_id);
create unique index batch_is_replaced_once on bank.batch (replaces_id) where replaces_id is not null;
comment on index bank.batch_is_replaced_once is 'this batch was replaced already; replace the one that took its place';
create index batch_month_index on bank.batch (month, branch_id) where month is not null;
create index batch_submission_index on bank.batch (submission_id) where submission_id is not null;

create table bank.batch_part (
  branch_id    integer not null,
  month        date not null,
  batch_id     bigint not null,
  rows_loaded  bigint not null,
  first_number bytea,
  last_number  bytea,
  constraint batch_part_pk primary key (branch_id, month, batch_id),
  constraint batch_part_month_starts_on_the_first check (extract(day from month) = 1),
  constraint batch_part_numbers_are_in_order check (first_number <= last_number),
  constraint batch_part_is_not_empty check (rows_loaded > 0)
);
alter table bank.batch_part add constraint batch_part_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index batch_part_batch_index on bank.batch_part (batch_id);
comment on table  bank.batch_part is 'How many facts a batch brought to which branch and month: what the board counts as delivered, and where the rows of a batch are looked for';
comment on column bank.batch_part.branch_id is 'The branch';
comment on column bank.batch_part.month is 'First day of the month in which the facts count';
comment on column bank.batch_part.batch_id is 'The batch';
comment on column bank.batch_part.rows_loaded is 'Rows that it brought';
comment on column bank.batch_part.first_number is 'The first 32 bytes of the smallest number among them, in the order of bytes: a later file need not look for numbers outside these bounds. Null for rows without numbers';
comment on column bank.batch_part.last_number is 'The first 32 bytes of the greatest number among them';

-- Checks ---------------------------------------------------------------------------------------------------

create type bank.check_severity as enum ('warning', 'error');
comment on type bank.check_severity is 'warning: shown and kept; error: keeps the batch out';

create table bank.batch_check (
  batch_id     bigint not null,
  check_number integer not null,
  title        text not null,
  kind         text not null,
  severity     bank.check_severity not null,
  has_passed   boolean not null,
  rows_checked bigint not null,
  rows_against bigint not null,
  sample_lines bigint[] not null default '{}',
  finding      text not null,
  constraint batch_check_pk primary key (batch_id, check_number),
  constraint batch_check_counts_in_order check (rows_against between 0 and rows_checked)
);
alter table bank.batch_check add constraint batch_check_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.batch_check is 'What each check of the mapping''s folder found in a batch';
comment on column bank.batch_check.batch_id is 'The batch';
comment on column bank.batch_check.check_number is 'Counts the checks of a batch from 1';
comment on column bank.batch_check.title is 'What the check is called';
comment on column bank.batch_check.kind is 'not_null, range, sum_equals, refers_to, last_period or outliers';
comment on column bank.batch_check.severity is 'What it means not to pass';
comment on column bank.batch_check.has_passed is 'Whether what was found stays within the threshold';
comment on column bank.batch_check.rows_checked is 'Rows of the batch that it looked at';
comment on column bank.batch_check.rows_against is 'How many of them are against it; for a check of a sum 1 or 0';
comment on column bank.batch_check.sample_lines is 'Lines of the first of these rows';
comment on column bank.batch_check.finding is 'What was found, in a sentence';

-- Replacement ------------------------------------------------------------------------------------------------
-- The rows of a batch that was replaced leave the tables that everything is computed from, and stay readable here.

-- As with bank.transaction, no foreign keys on the big one: they would make a replacement three times slower, and what
-- moves here is what stood there.
create table bank.replaced_transaction (
  like bank.transaction including comments,
  replaced_by bigint not null,
  constraint replaced_transaction_pk primary key (branch_id, batch_id, line_number)
);
create table bank.replaced_loan (
  like bank.loan including comments,
  replaced_by bigint not null,
  constraint replaced_loan_pk primary key (branch_id, batch_id, line_number)
);
create index replaced_loan_key_index on bank.replaced_loan (branch_id, loan_id);
create table bank.replaced_card (
  like bank.card including comments,
  replaced_by bigint not null,
  constraint replaced_card_pk primary key (branch_id, batch_id, line_number)
);
create table bank.replaced_standing_order (
  like bank.standing_order including comments,
  replaced_by bigint not null,
  constraint replaced_standing_order_pk primary key (branch_id, batch_id, line_number)
);
alter table bank.replaced_loan add constraint replaced_loan_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
alter table bank.replaced_loan add constraint replaced_loan_by_fk
  foreign key (replaced_by) references bank.batch (batch_id);
alter table bank.replaced_card add constraint replaced_card_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
alter table bank.replaced_card add constraint replaced_card_by_fk
  foreign key (replaced_by) references bank.batch (batch_id);
alter table bank.replaced_standing_order add constraint replaced_standing_order_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
alter table bank.replaced_standing_order add constraint replaced_standing_order_by_fk
  foreign key (replaced_by) references bank.batch (batch_id);
comment on table  bank.replaced_transaction is 'Movements of batches that were replaced: history, and part of no figure';
comment on table  bank.replaced_loan is 'Loans of batches that were replaced: history, and part of no figure';
comment on table  bank.replaced_card is 'Cards of batches that were replaced: history';
comment on table  bank.replaced_standing_order is 'Standing orders of batches that were replaced: history';
comment on column bank.replaced_transaction.replaced_by is 'Batch that took the place of the row''s own';
comment on column bank.replaced_loan.replaced_by is 'Batch that took the place of the row''s own';
comment on column bank.replaced_card.replaced_by is 'Batch that took the place of the row''s own';
comment on column bank.replaced_standing_order.replaced_by is 'Batch that took the place of the row''s own';

create table bank.replacement_release (
  batch_id       bigint not null,
  content_digest bytea not null,
  released_by    text not null default session_user,
  released_at    timestamptz not null default now(),
  constraint replacement_release_pk primary key (batch_id, content_digest),
  constraint replacement_release_digest_is_sha256 check (octet_length(content_digest) = 32)
);
alter table bank.replacement_release add constraint replacement_release_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.replacement_release is 'Replacements that were approved: the batch, and the only content that may take its place';
comment on column bank.replacement_release.batch_id is 'The batch that may be replaced';
comment on column bank.replacement_release.content_digest is 'SHA-256 of the file that may take its place';
comment on column bank.replacement_release.released_by is 'Database login that gave the last approval it needed';
comment on column bank.replacement_release.released_at is 'When';

insert into bank.approval_action (code, title, apply_function, proposer_roles, measured_in) values
  ('replace_batch', 'A file takes the place of one that was loaded', 'apply_replacement_release', '{loader}', 'rows that it had loaded');

insert into platform.audit_scope (table_name, way) values
  ('batch_part', 'bulk'),
  ('replaced_transaction', 'bulk'),
  ('replaced_loan', 'bulk'),
  ('replaced_card', 'bulk'),
  ('replaced_standing_order', 'bulk');

insert into bank.table_placement (table_name, placement) values
  ('submission', 'reference'),
  ('batch_part', 'by_branch'),
  ('batch_check', 'reference'),
  ('replaced_transaction', 'by_branch'),
  ('replaced_loan', 'by_branch'),
  ('replaced_card', 'by_branch'),
  ('replaced_standing_order', 'by_branch'),
  ('replacement_release', 'reference');
