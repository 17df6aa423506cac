-- The audit trail: who changed or read what, when, why and by which command, with the old and the new.
--
-- Entries are written by triggers that bank.attach_audit puts on every table, and chained when the transaction
-- commits: each link holds the SHA-256 of the link before and of its entry's content. Nothing of it is ever
-- updated; only the head moves on. docs/audit-trail.md says what that proves and what it cannot.

create table platform.audit_scope (
  table_name text not null,
  way        text not null,
  withheld   text[] not null default '{}',
  constraint audit_scope_pk primary key (table_name),
  constraint audit_scope_way_is_known check (way in ('rows', 'bulk'))
);
comment on table  platform.audit_scope is 'Tables whose changes are recorded in another way than row by row with all columns';
comment on column platform.audit_scope.table_name is 'Table of schema bank; partitions follow their parent';
comment on column platform.audit_scope.way is 'rows: every row that is changed; bulk: the same for updates and deletions of up to 10,000 rows outside an import, otherwise their count and digests, while an insertion is one entry a table and transaction';
comment on column platform.audit_scope.withheld is 'Columns of which the trail keeps a SHA-256 instead of the value';

insert into platform.audit_scope (table_name, way, withheld) values
  ('transaction', 'bulk', '{}'),
  ('account_month', 'bulk', '{}'),
  ('client', 'bulk', '{}'),
  ('account', 'bulk', '{}'),
  ('account_holder', 'bulk', '{}'),
  ('loan', 'bulk', '{}'),
  ('card', 'bulk', '{}'),
  ('standing_order', 'bulk', '{}'),
  ('client_segment', 'bulk', '{}'),
  ('client_value', 'bulk', '{}'),
  ('rejected_row', 'bulk', '{}'),
  ('pay_credit', 'bulk', '{}'),
  ('client_identity', 'bulk', '{digest,sealed}'),
  ('identity_secret', 'rows', '{digest_key,seal_key}'),
  ('pseudonym_secret', 'rows', '{key}');

create table platform.audit_entry (
  audit_entry_id bigint generated always as identity,
  recorded_at    timestamptz not null,
  transaction_id bigint not null,
  login          text not null,
  employee_id    integer,
  client_address text,
  application    text,
  command        text,
  reason         text,
  action         text not null,
  object         text not null,
  row_count      bigint,
  changes        jsonb,
  detail         jsonb,
  constraint audit_entry_pk primary key (audit_entry_id),
  constraint audit_entry_action_is_known check (action in ('insert', 'update', 'delete', 'truncate', 'read', 'export'))
);
create index audit_entry_transaction_index on platform.audit_entry (transaction_id);
create index audit_entry_object_index on platform.audit_entry (object, recorded_at);
create index audit_entry_login_index on platform.audit_entry (login, recorded_at);
comment on table  platform.audit_entry is 'What was changed or read, by whom, when and why; only ever added to';
comment on column platform.audit_entry.audit_entry_id is 'Surrogate key, in the order of writing';
comment on column platform.audit_entry.recorded_at is 'When it was done, by the clock of the server';
comment on column platform.audit_entry.transaction_id is 'Transaction of the server in which it was done: what was done together bears one number';
comment on column platform.audit_entry.login is 'Database login of the session';
comment on column platform.audit_entry.employee_id is 'Person behind the login on that day; null for a program or the owner of the schema';
comment on column platform.audit_entry.client_address is 'Network address that the session came from; null for a local one';
comment on column platform.audit_entry.application is 'What the client program calls itself';
comment on column platform.audit_entry.command is 'Command that was given to banyan, or what the session has set as banyan.command';
comment on column platform.audit_entry.reason is 'Why: what the session or transaction has set as banyan.reason';
comment on column platform.audit_entry.action is 'insert, update, delete, truncate; read: somebody was shown it; export: it left as a file or a stream for programs';
comment on column platform.audit_entry.object is 'Table that was changed, or what was read, such as client C1 or report branch-month';
comment on column platform.audit_entry.row_count is 'How many rows; null where nobody counted, as for an insertion in bulk';
comment on column platform.audit_entry.changes is 'One element a row: its key, its old values and the new ones, of an update only those that differ';
comment on column platform.audit_entry.detail is 'More about a reading: its parameters and format; of a change in bulk old_sha256 and new_sha256, the digests of the old and of the new rows';

create table platform.audit_link (
  sequence_number bigint not null,
  audit_entry_id  bigint not null,
  previous_digest bytea not null,
  digest          bytea not null,
  constraint audit_link_pk primary key (sequence_number),
  constraint audit_link_entry_is_unique unique (audit_entry_id),
  constraint audit_link_digests_are_sha256 check (octet_length(previous_digest) = 32 and octet_length(digest) = 32)
);
comment on table  platform.audit_link is 'The chain over the entries, in the order of commitment, without gaps';
comment on column platform.audit_link.sequence_number is 'Counts from 1';
comment on column platform.audit_link.audit_entry_id is 'The entry';
comment on column platform.audit_link.previous_digest is 'Digest of the link before; 32 zero bytes for the first';
comment on column platform.audit_link.digest is 'SHA-256 of the previous digest and the content of the entry, as bank.audit_content writes it';

create table platform.audit_head (
  only_one        boolean not null default true,
  sequence_number bigint not null,
  digest          bytea not null,
  constraint audit_head_pk primary key (only_one),
  constraint audit_head_is_alone check (only_one),
  constraint audit_head_digest_is_sha256 check (octet_length(digest) = 32)
);
insert into platform.audit_head (sequence_number, digest) values (0, decode(repeat('00', 32), 'hex'));
comment on table  platform.audit_head is 'Where the chain ends: one row, locked by whoever adds a link, at commit and no sooner';
comment on column platform.audit_head.only_one is 'Always true: the key that keeps the table at one row';
comment on column platform.audit_head.sequence_number is 'Number of the last link; 0 before the first';
comment on column platform.audit_head.digest is 'Digest of the last link';
