-- Performance: the facts that reports and pay are made of, and their roll-up by account and month.

create type bank.loan_status as enum ('finished', 'unpaid', 'running', 'overdue');
comment on type bank.loan_status is 'finished: paid back; unpaid: ended with debt; running: in order; overdue: running in debt';

create table bank.loan (
  branch_id       integer not null,
  loan_id         bigint generated always as identity,
  number          text not null,
  account_id      bigint not null,
  granted_on      date not null,
  amount          numeric not null,
  term_months     integer not null,
  monthly_payment numeric not null,
  status          bank.loan_status not null,
  batch_id        bigint not null,
  line_number     bigint not null,
  constraint loan_pk primary key (branch_id, loan_id),
  constraint loan_number_is_unique unique (branch_id, number),
  constraint loan_amount_is_positive check (amount > 0 and amount < 'Infinity' and scale(amount) <= 4),
  constraint loan_term_is_positive check (term_months > 0),
  constraint loan_payment_is_not_negative check (
    monthly_payment >= 0 and monthly_payment < 'Infinity' and scale(monthly_payment) <= 4)
);
alter table bank.loan add constraint loan_account_fk
  foreign key (branch_id, account_id) references bank.account (branch_id, account_id);
alter table bank.loan add constraint loan_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index loan_granted_index on bank.loan (branch_id, granted_on);
comment on table  bank.loan is 'Loans granted';
comment on column bank.loan.branch_id is 'Branch of the account that the loan is paid to';
comment on column bank.loan.loan_id is 'Surrogate key';
comment on column bank.loan.number is 'Loan number that people and files use';
comment on column bank.loan.account_id is 'Account that the loan is paid to';
comment on column bank.loan.granted_on is 'Day of the grant';
comment on column bank.loan.amount is 'Principal granted, in the account''s currency';
comment on column bank.loan.term_months is 'Term in months';
comment on column bank.loan.monthly_payment is 'Payment per month, in the account''s currency';
comment on column bank.loan.status is 'State of repayment when the file was written';
comment on column bank.loan.batch_id is 'Batch that brought the row';
comment on column bank.loan.line_number is 'Line in that batch''s file';

create table bank.card (
  branch_id        integer not null,
  card_id          bigint generated always as identity,
  number           text not null,
  account_id       bigint not null,
  client_branch_id integer not null,
  client_id        bigint not null,
  kind             text not null,
  issued_on        date not null,
  batch_id         bigint not null,
  line_number      bigint not null,
  constraint card_pk primary key (branch_id, card_id),
  constraint card_number_is_unique unique (branch_id, number)
);
alter table bank.card add constraint card_holder_fk
  foreign key (branch_id, account_id, client_branch_id, client_id)
  references bank.account_holder (branch_id, account_id, client_branch_id, client_id);
alter table bank.card add constraint card_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.card is 'Cards issued to holders of accounts';
comment on column bank.card.branch_id is 'Branch of the account';
comment on column bank.card.card_id is 'Surrogate key';
comment on column bank.card.number is 'Number of the card record (never a card''s own number)';
comment on column bank.card.account_id is 'Account that the card draws on';
comment on column bank.card.client_branch_id is 'Branch of the client who holds the card';
comment on column bank.card.client_id is 'Client who holds the card';
comment on column bank.card.kind is 'Kind of card as the bank says it';
comment on column bank.card.issued_on is 'Day of issue';
comment on column bank.card.batch_id is 'Batch that brought the row';
comment on column bank.card.line_number is 'Line in that batch''s file';

create table bank.standing_order (
  branch_id            integer not null,
  standing_order_id    bigint generated always as identity,
  number               text not null,
  account_id           bigint not null,
  counterparty_bank    text,
  counterparty_account text,
  amount               numeric not null,
  purpose              text,
  batch_id             bigint not null,
  line_number          bigint not null,
  constraint standing_order_pk primary key (branch_id, standing_order_id),
  constraint standing_order_number_is_unique unique (branch_id, number),
  constraint standing_order_amount_is_not_negative check (
    amount >= 0 and amount < 'Infinity' and scale(amount) <= 4)
);
alter table bank.standing_order add constraint standing_order_account_fk
  foreign key (branch_id, account_id) references bank.account (branch_id, account_id);
alter table bank.standing_order add constraint standing_order_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.standing_order is 'Orders to pay an amount out of an account every month';
comment on column bank.standing_order.branch_id is 'Branch of the account';
comment on column bank.standing_order.standing_order_id is 'Surrogate key';
comment on column bank.standing_order.number is 'Order number that people and files use';
comment on column bank.standing_order.account_id is 'Account that pays';
comment on column bank.standing_order.counterparty_bank is 'Bank of the receiver';
comment on column bank.standing_order.counterparty_account is 'Account of the receiver';
comment on column bank.standing_order.amount is 'Amount per payment, in the account''s currency';
comment on column bank.standing_order.purpose is 'What the payment is for';
comment on column bank.standing_order.batch_id is 'Batch that brought the row';
comment on column bank.standing_order.line_number is 'Line in that batch''s file';

create type bank.direction as enum ('credit', 'debit');
comment on type bank.direction is 'credit: adds to the account; debit: takes from it';

-- No foreign keys on the big table: each would be checked row by row and make a load four to five times
-- slower. The import resolves every account against those on record, under a lock, before a row gets here.
-- And no second index: one by account would add a third to a load, and what asks for an account's movements
-- names its branch and the month, which the primary key finds.
create table bank.transaction (
  branch_id            integer not null,
  booked_on            date not null,
  number               text not null,
  account_id           bigint not null,
  direction            bank.direction not null,
  amount               numeric not null,
  operation            text,
  purpose              text,
  reported_balance     numeric,
  counterparty_bank    text,
  counterparty_account text,
  batch_id             bigint not null,
  line_number          bigint not null,
  constraint transaction_pk primary key (branch_id, booked_on, number),
  constraint transaction_amount_is_not_negative check (
    amount >= 0 and amount < 'Infinity' and scale(amount) <= 4)
) partition by range (booked_on);
comment on table  bank.transaction is 'Movements on accounts, partitioned by month of booking';
comment on column bank.transaction.branch_id is 'Branch of the account';
comment on column bank.transaction.booked_on is 'Day on which the movement counts';
comment on column bank.transaction.number is 'Transaction number, unique within a branch and month';
comment on column bank.transaction.account_id is 'The account that moves';
comment on column bank.transaction.direction is 'Credit or debit to the account';
comment on column bank.transaction.amount is 'Amount moved, never negative, in the account''s currency';
comment on column bank.transaction.operation is 'How: in cash, by transfer, by card ... as the bank says it';
comment on column bank.transaction.purpose is 'What for: interest_credited, statement_fee, loan_payment ...';
comment on column bank.transaction.reported_balance is 'Balance that the file itself claims after the movement; kept as evidence, never calculated with';
comment on column bank.transaction.counterparty_bank is 'Bank of the other side';
comment on column bank.transaction.counterparty_account is 'Account of the other side';
comment on column bank.transaction.batch_id is 'Batch that brought the row';
comment on column bank.transaction.line_number is 'Line in that batch''s file';

-- No foreign key here either, for the same reason: these are sums of rows that were resolved already.
create table bank.account_month (
  branch_id     integer not null,
  month         date not null,
  account_id    bigint not null,
  transactions  bigint not null,
  credits       numeric not null,
  debits        numeric not null,
  movement_days numeric not null,
  constraint account_month_pk primary key (branch_id, month, account_id),
  constraint account_month_starts_on_the_first check (extract(day from month) = 1)
);
create index account_month_account_index on bank.account_month (branch_id, account_id, month);
comment on table  bank.account_month is 'Roll-up of transactions by account and month, kept right by every load. Everything in it adds up over accounts, so balances and average daily balances at any level need no transaction';
comment on column bank.account_month.branch_id is 'Branch of the account';
comment on column bank.account_month.month is 'First day of the month';
comment on column bank.account_month.account_id is 'The account';
comment on column bank.account_month.transactions is 'Number of movements';
comment on column bank.account_month.credits is 'Sum of the credits';
comment on column bank.account_month.debits is 'Sum of the debits';
comment on column bank.account_month.movement_days is 'Sum of each signed movement times the days from its booking to the month''s end, both included: balance days of the month = opening balance x days of the month + this';

insert into bank.table_placement (table_name, placement) values
  ('loan', 'by_branch'),
  ('card', 'by_branch'),
  ('standing_order', 'by_branch'),
  ('transaction', 'by_branch'),
  ('account_month', 'by_branch');
