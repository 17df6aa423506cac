-- Coverage: clients, their accounts, and who looks after which account from when.
-- These tables are cut by branch: branch_id is in every key. A number is unique in the whole bank all the
-- same: imports of one dataset take turns, and each looks numbers up across branches (see Intake).

create type bank.client_kind as enum ('person', 'company');
comment on type bank.client_kind is 'Natural or legal person';

create table bank.client (
  branch_id   integer not null,
  client_id   bigint generated always as identity,
  number      text not null,
  name        text,
  kind        bank.client_kind not null,
  batch_id    bigint not null,
  line_number bigint not null,
  constraint client_pk primary key (branch_id, client_id),
  constraint client_number_is_unique unique (branch_id, number)
);
alter table bank.client add constraint client_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
alter table bank.client add constraint client_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.client is 'Clients; each is booked at one branch';
comment on column bank.client.branch_id is 'Branch that the client belongs to';
comment on column bank.client.client_id is 'Surrogate key';
comment on column bank.client.number is 'Client number that people and files use';
comment on column bank.client.name is 'Name as printed; null where the source has none';
comment on column bank.client.kind is 'Natural or legal person';
comment on column bank.client.batch_id is 'Batch that brought the row';
comment on column bank.client.line_number is 'Line in that batch''s file';

create type bank.account_kind as enum ('demand', 'time', 'call');
comment on type bank.account_kind is 'Deposit products: demand, time and call deposits';

create table bank.account (
  branch_id           integer not null,
  account_id          bigint generated always as identity,
  number              text not null,
  kind                bank.account_kind not null,
  currency            text not null,
  opened_on           date not null,
  statement_frequency text,
  batch_id            bigint not null,
  line_number         bigint not null,
  constraint account_pk primary key (branch_id, account_id),
  constraint account_number_is_unique unique (branch_id, number),
  constraint account_currency_is_a_code check (currency ~ '^[A-Z]{3}$')
);
alter table bank.account add constraint account_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
alter table bank.account add constraint account_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.account is 'Deposit accounts; the account''s branch is where its volume counts';
comment on column bank.account.branch_id is 'Branch that keeps the account';
comment on column bank.account.account_id is 'Surrogate key';
comment on column bank.account.number is 'Account number that people and files use';
comment on column bank.account.kind is 'Demand, time or call deposit';
comment on column bank.account.currency is 'ISO 4217 code of every amount on the account';
comment on column bank.account.opened_on is 'First day of the account: it counts from this day on';
comment on column bank.account.statement_frequency is 'How often statements are sent, as the bank says it';
comment on column bank.account.batch_id is 'Batch that brought the row';
comment on column bank.account.line_number is 'Line in that batch''s file';

create type bank.holder_role as enum ('owner', 'joint');
comment on type bank.holder_role is 'owner: answers for the account; joint: may dispose of it too';

create table bank.account_holder (
  branch_id        integer not null,
  account_id       bigint not null,
  client_branch_id integer not null,
  client_id        bigint not null,
  number           text,
  role             bank.holder_role not null,
  batch_id         bigint not null,
  line_number      bigint not null,
  constraint account_holder_pk primary key (branch_id, account_id, client_branch_id, client_id)
);
alter table bank.account_holder add constraint account_holder_account_fk
  foreign key (branch_id, account_id) references bank.account (branch_id, account_id);
alter table bank.account_holder add constraint account_holder_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
-- No foreign key to the client: it may belong to another branch, and a key across branches could not be
-- kept on a distributed server. The import takes clients only from those on record.
create unique index account_holder_one_owner
  on bank.account_holder (branch_id, account_id) where role = 'owner';
create index account_holder_client_index on bank.account_holder (client_branch_id, client_id, branch_id);
comment on table  bank.account_holder is 'Which clients hold which accounts';
comment on column bank.account_holder.branch_id is 'Branch of the account';
comment on column bank.account_holder.account_id is 'The account';
comment on column bank.account_holder.client_branch_id is 'Branch of the client, which may be another';
comment on column bank.account_holder.client_id is 'The client';
comment on column bank.account_holder.number is 'Number of the holding itself, where the source has one';
comment on column bank.account_holder.role is 'Owner or joint holder; an account has one owner';
comment on column bank.account_holder.batch_id is 'Batch that brought the row';
comment on column bank.account_holder.line_number is 'Line in that batch''s file';

create table bank.assignment (
  branch_id       integer not null,
  assignment_id   bigint generated always as identity,
  account_id      bigint not null,
  employee_id     integer not null,
  share           numeric not null,
  effective_from  date not null,
  effective_until date,
  recorded_at     timestamptz not null default now(),
  superseded_at   timestamptz,
  batch_id        bigint not null,
  line_number     bigint,
  constraint assignment_pk primary key (branch_id, assignment_id),
  constraint assignment_share_is_a_fraction check (share > 0 and share <= 1),
  constraint assignment_dates_in_order check (effective_from < effective_until),
  constraint assignment_person_once_a_day exclude using gist (
    branch_id with =, account_id with =, employee_id with =,
    daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.assignment add constraint assignment_account_fk
  foreign key (branch_id, account_id) references bank.account (branch_id, account_id);
alter table bank.assignment add constraint assignment_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.assignment add constraint assignment_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index assignment_employee_index on bank.assignment (employee_id, branch_id)
  where superseded_at is null;
comment on table  bank.assignment is 'Which relationship manager looks after which account, from when, and with what share';
comment on column bank.assignment.branch_id is 'Branch of the account; the relationship manager may sit anywhere';
comment on column bank.assignment.assignment_id is 'Surrogate key';
comment on column bank.assignment.account_id is 'The account';
comment on column bank.assignment.employee_id is 'The relationship manager';
comment on column bank.assignment.share is 'Exact fraction of 1; the shares of an account and day sum to exactly 1';
comment on column bank.assignment.effective_from is 'First day';
comment on column bank.assignment.effective_until is 'Day after the last day; null while it lasts';
comment on column bank.assignment.recorded_at is 'When the platform came to believe it';
comment on column bank.assignment.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.assignment.batch_id is 'Batch that brought the row';
comment on column bank.assignment.line_number is 'Line in that batch''s file; null when the row was derived';

insert into bank.table_placement (table_name, placement) values
  ('client', 'by_branch'),
  ('account', 'by_branch'),
  ('account_holder', 'by_branch'),
  ('assignment', 'by_branch');
