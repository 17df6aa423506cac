-- Coverage: clients, their accounts, and who looks after which client or account from when.
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
  batch_id    bigint,
  line_number bigint,
  constraint client_pk primary key (branch_id, client_id),
  constraint client_number_is_unique unique (branch_id, number),
  constraint client_has_a_number check (btrim(number) <> '')
);
alter table bank.client add constraint client_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
alter table bank.client add constraint client_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on constraint client_has_a_number on bank.client is 'a client has a number; give one';
comment on table  bank.client is 'Clients; each is booked at one branch';
comment on column bank.client.branch_id is 'Branch that the client belongs to';
comment on column bank.client.client_id is 'Surrogate key';
comment on column bank.client.number is 'Client number that people and files use';
comment on column bank.client.name is 'Name as printed; null where the source has none';
comment on column bank.client.kind is 'Natural or legal person';
comment on column bank.client.batch_id is 'Batch that brought the row; null for a prospect that a person entered';
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

-- Which products an assignment may be limited to. A bank adds its own; credits of deposits and loans look
-- for these two.
create table bank.product_line (
  code  text not null,
  title text not null,
  constraint product_line_pk primary key (code),
  constraint product_line_code_is_a_word check (code ~ '^[a-z][a-z0-9_]*$')
);
comment on table  bank.product_line is 'Product lines that an assignment may be limited to';
comment on column bank.product_line.code is 'Code that people and files use, such as loans';
comment on column bank.product_line.title is 'Title as printed';

insert into bank.product_line (code, title) values
  ('deposits', 'Deposits'),
  ('loans', 'Loans');

create type bank.coverage_verb as enum ('assign', 'reassign', 'end', 'correct', 'transfer', 'merge', 'import');
comment on type bank.coverage_verb is 'assign: where nobody was; reassign: another team from a day on; end: nobody from a day on; correct: the team of a span of days was another; transfer: one person takes another''s place; merge: a client became part of another; import: changes that a file brought';

create table bank.coverage_entry (
  coverage_entry_id bigint generated always as identity,
  verb              bank.coverage_verb not null,
  effective_from    date not null,
  effective_until   date,
  reason            text,
  warnings          text[] not null default '{}',
  made_by           text not null default session_user,
  made_at           timestamptz not null,
  batch_id          bigint,
  constraint coverage_entry_pk primary key (coverage_entry_id),
  constraint coverage_entry_dates_in_order check (effective_from < effective_until)
);
alter table bank.coverage_entry add constraint coverage_entry_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index coverage_entry_batch_index on bank.coverage_entry (batch_id) where batch_id is not null;
comment on table  bank.coverage_entry is 'Every change of assignments that a person or a program asked for: one row a request, however many clients it moved';
comment on column bank.coverage_entry.coverage_entry_id is 'Surrogate key, named by every assignment that the change recorded or superseded';
comment on column bank.coverage_entry.verb is 'What was asked for';
comment on column bank.coverage_entry.effective_from is 'First day that the change is about';
comment on column bank.coverage_entry.effective_until is 'Day after the last; null for all days from the first';
comment on column bank.coverage_entry.reason is 'Why, in the words of who asked';
comment on column bank.coverage_entry.warnings is 'What the rules of coverage had against it and let pass';
comment on column bank.coverage_entry.made_by is 'Database login that asked';
comment on column bank.coverage_entry.made_at is 'The moment from which the new state was believed: after all locks were taken, so that the entries of one client never overtake each other';
comment on column bank.coverage_entry.batch_id is 'Batch whose file asked for it; null where a person did';

create type bank.rule_action as enum ('refuse', 'warn', 'ignore');
comment on type bank.rule_action is 'refuse: nothing is changed; warn: it is changed and the entry keeps the warning; ignore: nobody asks';

create table bank.coverage_rule (
  code   text not null,
  action bank.rule_action not null,
  title  text not null,
  constraint coverage_rule_pk primary key (code)
);
comment on table  bank.coverage_rule is 'What happens when an assignment goes against a rule; banks differ, so this is theirs to change';
comment on column bank.coverage_rule.code is 'The rule, as bank.coverage_objections names it';
comment on column bank.coverage_rule.action is 'Refuse, warn or ignore';
comment on column bank.coverage_rule.title is 'The rule in words';

insert into bank.coverage_rule (code, action, title) values
  ('employed', 'refuse', 'A person looks after nobody before the first day of work'),
  ('account_open', 'refuse', 'An account is looked after from its opening on'),
  ('tier_serves_band', 'refuse', 'The tier may serve the band of the client'),
  ('capacity', 'warn', 'A person has no more clients than the tier has room for'),
  ('no_relationship', 'refuse', 'Nobody looks after a client to whom they have declared a relationship');

-- What an assignment is about: a client with everything they hold, or one account; all products or one line.
create type bank.coverage_scope as (
  branch_id    integer,
  client_id    bigint,
  account_id   bigint,
  product_line text
);

create type bank.assignment_role as enum ('main', 'assisting');
comment on type bank.assignment_role is 'main: answers for the client, one a day; assisting: has a share in the work';

-- Two times. effective_from and effective_until say on which days somebody looks after the scope;
-- recorded_at and superseded_at say when the platform believed so. A row is never changed but for being
-- superseded, once; the functions in SQL/functions/assignments.sql do the arithmetic.
--
-- An account's own assignment beats that of its client, and among those of one level the one of a product
-- line beats the one of all products, day by day.
create table bank.assignment (
  branch_id            integer not null,
  assignment_id        bigint generated always as identity,
  client_id            bigint,
  account_id           bigint,
  product_line         text,
  employee_id          integer not null,
  role                 bank.assignment_role not null default 'main',
  share                numeric not null,
  effective_from       date not null,
  effective_until      date,
  recorded_at          timestamptz not null default now(),
  superseded_at        timestamptz,
  batch_id             bigint,
  line_number          bigint,
  entry_id             bigint,
  superseding_entry_id bigint,
  continues_id         bigint,
  constraint assignment_pk primary key (branch_id, assignment_id),
  constraint assignment_is_of_a_client_or_an_account check (num_nonnulls(client_id, account_id) = 1),
  constraint assignment_share_is_a_fraction check (share > 0 and share <= 1),
  constraint assignment_dates_in_order check (effective_from < effective_until),
  constraint assignment_beliefs_in_order check (recorded_at < superseded_at),
  constraint assignment_has_a_source check (num_nonnulls(batch_id, entry_id) >= 1),
  constraint assignment_superseded_by_an_entry check (
    superseding_entry_id is null or superseded_at is not null),
  constraint assignment_one_main_per_client exclude using gist (
    branch_id with =, client_id with =, (coalesce(product_line, '')) with =,
    daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and role = 'main' and client_id is not null),
  constraint assignment_one_main_per_account exclude using gist (
    branch_id with =, account_id with =, (coalesce(product_line, '')) with =,
    daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and role = 'main' and account_id is not null),
  constraint assignment_assists_client_once_a_day exclude using gist (
    branch_id with =, client_id with =, (coalesce(product_line, '')) with =, employee_id with =,
    daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and role = 'assisting' and client_id is not null),
  constraint assignment_assists_account_once_a_day exclude using gist (
    branch_id with =, account_id with =, (coalesce(product_line, '')) with =, employee_id with =,
    daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and role = 'assisting' and account_id is not null)
);
-- What else it names is asked for once a statement, by the triggers of SQL/functions/references.sql.
alter table bank.assignment add constraint assignment_product_line_fk
  foreign key (product_line) references bank.product_line (code);
alter table bank.assignment add constraint assignment_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index assignment_employee_index on bank.assignment (employee_id, branch_id)
  where superseded_at is null;
-- Found by these and not by the trees of the exclusions, which are slow to walk for many rows.
create index assignment_client_index on bank.assignment (branch_id, client_id)
  where client_id is not null;
create index assignment_account_index on bank.assignment (branch_id, account_id)
  where account_id is not null;
create index assignment_entry_index on bank.assignment (entry_id) where entry_id is not null;
create index assignment_superseding_entry_index on bank.assignment (superseding_entry_id)
  where superseding_entry_id is not null;
comment on constraint assignment_one_main_per_client on bank.assignment is 'a client has one main relationship manager a day; reassign the client with `banyan assignment reassign`, or end what is on record';
comment on constraint assignment_one_main_per_account on bank.assignment is 'an account has one main relationship manager a day; reassign the account with `banyan assignment reassign --account`, or end what is on record';
comment on constraint assignment_dates_in_order on bank.assignment is 'an assignment ends after it begins; the end is the day after the last day';
comment on table  bank.assignment is 'Which relationship manager looks after which client or account, on which days, with what share, and when that was believed';
comment on column bank.assignment.branch_id is 'Branch of the client or account; the relationship manager may sit anywhere';
comment on column bank.assignment.assignment_id is 'Surrogate key';
comment on column bank.assignment.client_id is 'The client, with everything they own; null for an assignment of one account';
comment on column bank.assignment.account_id is 'The account, whoever looks after its client; null for an assignment of a client';
comment on column bank.assignment.product_line is 'Product line that it is limited to; null for all. A line''s own assignment beats the general one';
comment on column bank.assignment.employee_id is 'The relationship manager';
comment on column bank.assignment.role is 'Main or assisting; one main on every day that is assigned';
comment on column bank.assignment.share is 'Exact fraction of 1; the shares of a scope and day sum to exactly 1';
comment on column bank.assignment.effective_from is 'First day';
comment on column bank.assignment.effective_until is 'Day after the last day; null while it lasts';
comment on column bank.assignment.recorded_at is 'When the platform came to believe it';
comment on column bank.assignment.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.assignment.batch_id is 'Batch that brought the row; null for a row that an entry made';
comment on column bank.assignment.line_number is 'Line in that batch''s file; null when the row was derived';
comment on column bank.assignment.entry_id is 'Entry that recorded the row; null for a row of a batch';
comment on column bank.assignment.superseding_entry_id is 'Entry that superseded it; null while it counts';
comment on column bank.assignment.continues_id is 'Superseded row of which this is what remained: the same person, role and share on the days that a change left alone';

-- What somebody is about to be given, for the rules to look at. The place tells one from another.
create type bank.proposed_assignment as (
  place           bigint,
  branch_id       integer,
  client_id       bigint,
  account_id      bigint,
  product_line    text,
  employee_id     integer,
  effective_from  date,
  effective_until date
);

-- What a change returns: each row that it superseded or recorded.
create type bank.coverage_change as (
  effect          text,
  entry_id        bigint,
  branch_id       integer,
  assignment_id   bigint,
  client_id       bigint,
  account_id      bigint,
  product_line    text,
  employee_id     integer,
  role            bank.assignment_role,
  share           numeric,
  effective_from  date,
  effective_until date
);

insert into bank.table_placement (table_name, placement) values
  ('client', 'by_branch'),
  ('account', 'by_branch'),
  ('account_holder', 'by_branch'),
  ('product_line', 'reference'),
  ('coverage_entry', 'reference'),
  ('coverage_rule', 'reference'),
  ('assignment', 'by_branch');
