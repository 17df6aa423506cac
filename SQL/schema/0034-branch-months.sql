-- What consolidated reports are read from: what each branch came to in each month, whatever the number of its
-- clients, accounts and movements. The triggers of SQL/functions/branch-months.sql keep it right, whoever writes
-- what it is made of; bank.roll_up_differences() says where it would not be.

create type bank.branch_month_source as enum ('accounts', 'holders', 'movements', 'loans');
comment on type bank.branch_month_source is 'What a row of bank.branch_month is made of: bank.account, bank.account_holder, bank.account_month or bank.loan';

-- A row for each source, so that imports of different datasets into one branch and month never wait for each other.
create table bank.branch_month (
  branch_id            integer not null,
  month                date not null,
  source               bank.branch_month_source not null,
  new_accounts         bigint not null default 0,
  new_clients          bigint not null default 0,
  transactions         bigint not null default 0,
  credits              numeric not null default 0,
  debits               numeric not null default 0,
  movement_days        numeric not null default 0,
  loans_granted        bigint not null default 0,
  loans_granted_amount numeric not null default 0,
  constraint branch_month_pk primary key (branch_id, month, source),
  constraint branch_month_starts_on_the_first check (extract(day from month) = 1),
  constraint branch_month_counts_are_not_negative check (
    least(new_accounts, new_clients, transactions, loans_granted) >= 0),
  constraint branch_month_sums_are_not_negative check (least(credits, debits, loans_granted_amount) >= 0),
  constraint branch_month_holds_what_its_source_says check (
    (source = 'accounts' or new_accounts = 0)
    and (source = 'holders' or new_clients = 0)
    and (source = 'movements' or (transactions, credits, debits, movement_days) = (0, 0, 0, 0))
    and (source = 'loans' or (loans_granted, loans_granted_amount) = (0, 0)))
);
comment on table  bank.branch_month is 'Roll-up by branch and month, kept right by triggers on what it is made of. All of it adds up over branches and months, but for clients with accounts at several branches, which bank.client_overlap counts';
comment on column bank.branch_month.branch_id is 'Branch of the accounts';
comment on column bank.branch_month.month is 'First day of the month';
comment on column bank.branch_month.source is 'What the row is made of; the figures of other sources are 0 in it';
comment on column bank.branch_month.new_accounts is 'Accounts opened in the month';
comment on column bank.branch_month.new_clients is 'Clients whose first account at the branch was opened in the month';
comment on column bank.branch_month.transactions is 'Number of movements';
comment on column bank.branch_month.credits is 'Sum of the credits';
comment on column bank.branch_month.debits is 'Sum of the debits';
comment on column bank.branch_month.movement_days is 'Sum of the movement days of the accounts, see bank.account_month';
comment on column bank.branch_month.loans_granted is 'Loans granted in the month';
comment on column bank.branch_month.loans_granted_amount is 'Sum of their amounts';

create table bank.client_overlap (
  branch_id        integer not null,
  month            date not null,
  earlier_branches integer[] not null,
  clients          bigint not null,
  constraint client_overlap_pk primary key (branch_id, month, earlier_branches),
  constraint client_overlap_starts_on_the_first check (extract(day from month) = 1),
  constraint client_overlap_is_not_negative check (clients >= 0),
  constraint client_overlap_names_other_branches check (
    cardinality(earlier_branches) > 0 and branch_id <> all (earlier_branches))
);
comment on table  bank.client_overlap is 'Clients who came to a branch when they held accounts at others already: a unit above the branch and one of these has counted them before. Kept right together with bank.branch_month';
comment on column bank.client_overlap.branch_id is 'Branch that the clients came to';
comment on column bank.client_overlap.month is 'Month of their first account there';
comment on column bank.client_overlap.earlier_branches is 'Branches where they held accounts before, in ascending order; of two on one day the one with the smaller key';
comment on column bank.client_overlap.clients is 'How many they are';

insert into bank.table_placement (table_name, placement) values
  ('branch_month', 'by_branch'),
  ('client_overlap', 'by_branch');
insert into platform.audit_scope (table_name, way) values
  ('branch_month', 'bulk'),
  ('client_overlap', 'bulk');
