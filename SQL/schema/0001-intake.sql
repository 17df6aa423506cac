-- Intake: what came in, from which file, and what was refused.
-- Every row of the platform names the batch and the line that it came from, so that any figure can be
-- walked back to the line of the file that a branch sent.

create extension if not exists ltree;       -- the org tree: "everything under this unit" without recursion
create extension if not exists btree_gist;  -- exclusion constraints that mix keys (=) and dates (&&)

create schema bank;
comment on schema bank is 'The bank''s own data: organisation, coverage, performance, compensation';

create schema report;
comment on schema report is 'Views with stable names for analysts and their tools; nothing is stored here';

-- Where a table would live in a distributed PostgreSQL: copied to every node, or cut by branch.
-- Plain PostgreSQL ignores it; the schema's own test keeps the rules that such a move would need.
create table bank.table_placement (
  table_name text not null,
  placement  text not null,
  constraint table_placement_pk primary key (table_name),
  constraint table_placement_is_known check (placement in ('reference', 'by_branch'))
);
comment on table  bank.table_placement is 'Registry of all tables: small ones that every node would hold, and big ones that are cut by branch';
comment on column bank.table_placement.table_name is 'Name of a table of schema bank; partitions follow their parent';
comment on column bank.table_placement.placement is 'reference: small, joined freely; by_branch: has branch_id in every key';

create type bank.batch_state as enum ('loaded', 'failed', 'kept_out', 'replaced');
comment on type bank.batch_state is 'loaded: its good rows are in the tables; failed: the file could not be used; kept_out: it was read, and had too many bad rows or failed a check, so not one row of it is in the tables; replaced: another batch took its place, and its rows are history';

create table bank.batch (
  batch_id       bigint generated always as identity,
  dataset        text not null,
  file_name      text not null,
  content_digest bytea not null,
  mapping_name   text not null,
  mapping_digest bytea not null,
  state          bank.batch_state not null,
  rows_read      bigint not null default 0,
  rows_loaded    bigint not null default 0,
  rows_rejected  bigint not null default 0,
  rows_unchanged bigint not null default 0,
  rows_kept_out  bigint not null default 0,
  failure        text,
  branch_id      integer,
  month          date,
  sheet_name     text,
  layout         jsonb,
  imported_by    text not null default session_user,
  imported_at    timestamptz not null default now(),
  constraint batch_pk primary key (batch_id),
  constraint batch_digest_is_sha256 check (
    octet_length(content_digest) = 32 and octet_length(mapping_digest) = 32),
  constraint batch_counts_add_up check (
    rows_read = rows_loaded + rows_rejected + rows_unchanged + rows_kept_out),
  constraint batch_failure_has_a_reason check ((state in ('failed', 'kept_out')) = (failure is not null)),
  constraint batch_is_loaded_or_kept_out check (
    (state = 'kept_out' or rows_kept_out = 0) and (state in ('loaded', 'replaced') or rows_loaded = 0)),
  constraint batch_month_starts_on_the_first check (extract(day from month) = 1)
);
comment on table  bank.batch is 'One file taken in once, or refused as a whole; the counts always add up';
comment on column bank.batch.batch_id is 'Surrogate key, named by every row that the batch brought';
comment on column bank.batch.dataset is 'What the rows are: org_units, clients, accounts, transactions ...';
comment on column bank.batch.file_name is 'Path of the file inside the folder that was imported';
comment on column bank.batch.content_digest is 'SHA-256 of the file''s bytes: the same bytes are never loaded twice';
comment on column bank.batch.mapping_name is 'Mapping that described the file';
comment on column bank.batch.mapping_digest is 'SHA-256 of the mapping''s text';
comment on column bank.batch.state is 'Whether the batch counts';
comment on column bank.batch.rows_read is 'Data rows in the file';
comment on column bank.batch.rows_loaded is 'Rows that are new in the tables';
comment on column bank.batch.rows_rejected is 'Rows kept out, each with its reasons in rejected_row';
comment on column bank.batch.rows_unchanged is 'Rows that the tables already held, with the same values';
comment on column bank.batch.rows_kept_out is 'Sound rows of a batch that was kept out as a whole';
comment on column bank.batch.failure is 'Why the whole file was refused or kept out; null for a loaded batch';
comment on column bank.batch.branch_id is 'Branch that the file was said to be about; null when nobody said';
comment on column bank.batch.month is 'First day of the month that the file was said to be about; null when nobody said';
comment on column bank.batch.sheet_name is 'Sheet of a workbook that was read; null for other files';
comment on column bank.batch.layout is 'How the file separates, quotes and encodes, and its header: what it takes to give rows back as they came';
comment on column bank.batch.imported_by is 'Database login that ran the import';
comment on column bank.batch.imported_at is 'Start of the transaction that recorded the batch';

create unique index batch_is_loaded_once
  on bank.batch (dataset, content_digest, mapping_digest, branch_id, month) nulls not distinct
  where state = 'loaded' and rows_rejected = 0;
comment on index bank.batch_is_loaded_once is 'The same bytes under the same mapping, for the same branch and month, are loaded whole at most once, even by two imports at a time';

create table bank.rejected_row (
  batch_id      bigint not null,
  line_number   bigint not null,
  reason_number integer not null,
  code          text not null,
  column_name   text,
  value         text,
  reason        text not null,
  raw_row       text,
  constraint rejected_row_pk primary key (batch_id, line_number, reason_number)
);
alter table bank.rejected_row add constraint rejected_row_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.rejected_row is 'Quarantine: every reason why a row of a file was kept out';
comment on column bank.rejected_row.batch_id is 'Batch of the file';
comment on column bank.rejected_row.line_number is 'Line of the file where the row begins; the header is line 1';
comment on column bank.rejected_row.reason_number is 'Counts the reasons of one row from 1';
comment on column bank.rejected_row.code is 'Stable code such as IMP-0202; docs/import.md lists them';
comment on column bank.rejected_row.column_name is 'Column of the file that is wrong; null when the row as a whole is';
comment on column bank.rejected_row.value is 'The value as it stood in the file';
comment on column bank.rejected_row.reason is 'One sentence: what is wrong and what to do';
comment on column bank.rejected_row.raw_row is 'The whole row as read, in UTF-8, kept with its first reason';

insert into bank.table_placement (table_name, placement) values
  ('table_placement', 'reference'),
  ('batch', 'reference'),
  ('rejected_row', 'reference');
