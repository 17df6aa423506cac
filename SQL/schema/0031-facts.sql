-- Facts beside movements: free metrics, sales and fees, balances that branches send as such, and what borrowers
-- were to pay and paid. Each of the big ones is partitioned by month.

-- What facts measure -----------------------------------------------------------------------------------------

create table bank.product (
  product_id   integer generated always as identity,
  code         text not null,
  name         text not null,
  product_line text,
  batch_id     bigint,
  line_number  bigint,
  constraint product_pk primary key (product_id),
  constraint product_code_is_unique unique (code)
);
alter table bank.product add constraint product_line_fk
  foreign key (product_line) references bank.product_line (code);
alter table bank.product add constraint product_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.product is 'Products that are sold and measured';
comment on column bank.product.product_id is 'Surrogate key';
comment on column bank.product.code is 'Code that people and files use';
comment on column bank.product.name is 'Name as printed';
comment on column bank.product.product_line is 'Product line whose assignments count for it; null for those that are not limited to a line';
comment on column bank.product.batch_id is 'Batch that brought it; null for one entered otherwise';
comment on column bank.product.line_number is 'Line in that batch''s file';

create type bank.metric_measure as enum ('amount', 'facts');
comment on type bank.metric_measure is 'amount: the sum of the facts'' amounts; facts: how many facts there are';
create type bank.metric_crediting as enum ('named', 'assigned');
comment on type bank.metric_crediting is 'named: a fact counts for the person whom it names, and for those assigned to its client where it names nobody; assigned: always for those assigned to the client on its day';

create table bank.metric (
  metric_id    integer generated always as identity,
  code         text not null,
  name         text not null,
  chinese_name text,
  base_code    text,
  measure      bank.metric_measure not null default 'amount',
  crediting    bank.metric_crediting not null default 'named',
  product_line text,
  batch_id     bigint,
  line_number  bigint,
  constraint metric_pk primary key (metric_id),
  constraint metric_code_is_unique unique (code),
  constraint metric_code_is_a_name check (code ~ '^[a-z][a-z0-9_]*$'),
  constraint metric_is_not_made_elsewhere check (code not in (
    'deposit_average_daily_balance', 'deposit_balance_days', 'loans_granted_amount', 'loans_granted_count',
    'interest_due_amount', 'interest_paid_amount', 'clients_managed_count', 'violation_points')),
  constraint metric_is_not_its_own_base check (base_code <> code)
);
alter table bank.metric add constraint metric_base_fk
  foreign key (base_code) references bank.metric (code);
alter table bank.metric add constraint metric_product_line_fk
  foreign key (product_line) references bank.product_line (code);
alter table bank.metric add constraint metric_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.metric is 'The free metrics: what facts measure, by the names that files, targets and plans use';
comment on column bank.metric.metric_id is 'Surrogate key';
comment on column bank.metric.code is 'Name in files, targets and plans';
comment on column bank.metric.name is 'Name as printed in English';
comment on column bank.metric.chinese_name is 'Name as printed in Chinese; null where the English one serves';
comment on column bank.metric.base_code is 'The metric whose facts it is made of; null for one that facts are booked under';
comment on column bank.metric.measure is 'What of the facts it takes';
comment on column bank.metric.crediting is 'For whom a fact counts';
comment on column bank.metric.product_line is 'Product line whose assignments count where the fact''s product names none; null for those that are not limited to a line';
comment on column bank.metric.batch_id is 'Batch that brought it; null for one that came with the platform or was entered otherwise';
comment on column bank.metric.line_number is 'Line in that batch''s file';
comment on constraint metric_code_is_a_name on bank.metric is 'a metric is a name in lower-case letters, digits and underscores, beginning with a letter';
comment on constraint metric_is_not_made_elsewhere on bank.metric is 'the platform measures this metric from accounts, loans and people; choose another name';

insert into bank.metric (code, name, chinese_name) values
  ('sales_amount', 'Sales', '销售金额'),
  ('fee_income', 'Fee income', '中间业务收入');
insert into bank.metric (code, name, chinese_name, base_code, measure) values
  ('sales_count', 'Number of sales', '销售笔数', 'sales_amount', 'facts');

-- Facts ------------------------------------------------------------------------------------------------------

-- As with bank.transaction: no foreign keys, because the import has resolved what a row names, and one index. What
-- a fact does not name is 0 or empty and not null, so that all of it can stand in the key. The client comes early in
-- the key, because a key is sorted faster whose first columns tell most rows apart.
create table bank.fact (
  branch_id        integer not null,
  booked_on        date not null,
  metric_id        integer not null,
  product_id       integer not null default 0,
  client_branch_id integer not null default 0,
  client_id        bigint not null default 0,
  employee_id      integer not null default 0,
  number           text not null default '',
  amount           numeric not null,
  batch_id         bigint not null,
  line_number      bigint not null,
  constraint fact_pk primary key (branch_id, client_id, booked_on, metric_id, product_id, employee_id, number),
  constraint fact_amount_is_exact check (
    amount > '-Infinity' and amount < 'Infinity' and scale(amount) <= 4),
  constraint fact_client_is_whole check ((client_branch_id = 0) = (client_id = 0))
) partition by range (booked_on);
comment on table  bank.fact is 'What free metrics measure, row by row, partitioned by month';
comment on column bank.fact.branch_id is 'Branch where it counts';
comment on column bank.fact.booked_on is 'Day on which it counts';
comment on column bank.fact.metric_id is 'What it measures';
comment on column bank.fact.product_id is 'Product that it is about; 0 for none';
comment on column bank.fact.client_branch_id is 'Branch of the client; 0 for none';
comment on column bank.fact.client_id is 'Client that it is about; 0 for none';
comment on column bank.fact.employee_id is 'Person whom it names as the one who did it; 0 for nobody';
comment on column bank.fact.number is 'Number that tells it from others of the same day, client, product and person; empty where there is one only';
comment on column bank.fact.amount is 'Amount, in the unit of the metric; negative for one that is taken back';
comment on column bank.fact.batch_id is 'Batch that brought the row';
comment on column bank.fact.line_number is 'Line in that batch''s file';
comment on constraint fact_pk on bank.fact is 'a fact of this branch, day, metric, client, product, person and number is on record already';
comment on constraint fact_amount_is_exact on bank.fact is 'an amount has at most four digits after the point';

create table bank.replaced_fact (
  like bank.fact including comments,
  replaced_by bigint not null,
  constraint replaced_fact_pk primary key (branch_id, batch_id, line_number)
);
comment on table  bank.replaced_fact is 'Facts of batches that were replaced: history, and part of no figure';
comment on column bank.replaced_fact.replaced_by is 'Batch that took the place of the row''s own';

create table bank.fact_month (
  branch_id   integer not null,
  month       date not null,
  metric_id   integer not null,
  product_id  integer not null,
  employee_id integer not null,
  facts       bigint not null,
  amount      numeric not null,
  constraint fact_month_pk primary key (branch_id, month, metric_id, product_id, employee_id),
  constraint fact_month_starts_on_the_first check (extract(day from month) = 1)
);
create index fact_month_employee_index on bank.fact_month (employee_id, month);
comment on table  bank.fact_month is 'Roll-up of facts by branch, month, metric, product and the person whom they name, kept right by every load and replacement';
comment on column bank.fact_month.branch_id is 'Branch where the facts count';
comment on column bank.fact_month.month is 'First day of the month';
comment on column bank.fact_month.metric_id is 'What they measure';
comment on column bank.fact_month.product_id is 'Product; 0 for facts about none';
comment on column bank.fact_month.employee_id is 'Person whom they name; 0 for those that name nobody';
comment on column bank.fact_month.facts is 'How many there are';
comment on column bank.fact_month.amount is 'Sum of their amounts';

-- Balances ---------------------------------------------------------------------------------------------------

create table bank.account_balance (
  branch_id   integer not null,
  balanced_on date not null,
  account_id  bigint not null,
  balance     numeric not null,
  batch_id    bigint not null,
  line_number bigint not null,
  constraint account_balance_pk primary key (branch_id, account_id, balanced_on),
  constraint account_balance_is_exact check (
    balance > '-Infinity' and balance < 'Infinity' and scale(balance) <= 4)
) partition by range (balanced_on);
comment on table  bank.account_balance is 'Balances at the end of a day, of accounts whose movements nobody sends; each holds until the next one. Partitioned by month';
comment on column bank.account_balance.branch_id is 'Branch of the account';
comment on column bank.account_balance.balanced_on is 'The day; days without a row, such as weekends, carry the balance before them';
comment on column bank.account_balance.account_id is 'The account';
comment on column bank.account_balance.balance is 'Balance at the end of the day, in the account''s currency';
comment on column bank.account_balance.batch_id is 'Batch that brought the row';
comment on column bank.account_balance.line_number is 'Line in that batch''s file';

create table bank.replaced_account_balance (
  like bank.account_balance including comments,
  replaced_by bigint not null,
  constraint replaced_account_balance_pk primary key (branch_id, batch_id, line_number)
);
comment on table  bank.replaced_account_balance is 'Balances of batches that were replaced: history, and part of no figure';
comment on column bank.replaced_account_balance.replaced_by is 'Batch that took the place of the row''s own';

create table bank.balance_account (
  branch_id  integer not null,
  account_id bigint not null,
  constraint balance_account_pk primary key (branch_id, account_id)
);
alter table bank.balance_account add constraint balance_account_account_fk
  foreign key (branch_id, account_id) references bank.account (branch_id, account_id);
comment on table  bank.balance_account is 'Accounts that are measured by balances; all others are measured by their movements';
comment on column bank.balance_account.branch_id is 'Branch of the account';
comment on column bank.balance_account.account_id is 'The account';

-- Repayment --------------------------------------------------------------------------------------------------

create table bank.repayment_due (
  branch_id   integer not null,
  loan_id     bigint not null,
  due_on      date not null,
  principal   numeric not null,
  interest    numeric not null,
  batch_id    bigint not null,
  line_number bigint not null,
  constraint repayment_due_pk primary key (branch_id, due_on, loan_id),
  constraint repayment_due_is_not_negative check (
    principal >= 0 and interest >= 0 and principal < 'Infinity' and interest < 'Infinity'
    and scale(principal) <= 4 and scale(interest) <= 4)
) partition by range (due_on);
comment on table  bank.repayment_due is 'What borrowers are to pay on which day: the repayment schedules, partitioned by month';
comment on column bank.repayment_due.branch_id is 'Branch of the loan';
comment on column bank.repayment_due.loan_id is 'The loan';
comment on column bank.repayment_due.due_on is 'Day on which it is due';
comment on column bank.repayment_due.principal is 'Principal due, in the account''s currency';
comment on column bank.repayment_due.interest is 'Interest due, in the account''s currency';
comment on column bank.repayment_due.batch_id is 'Batch that brought the row';
comment on column bank.repayment_due.line_number is 'Line in that batch''s file';

create table bank.repayment (
  branch_id   integer not null,
  paid_on     date not null,
  number      text not null,
  loan_id     bigint not null,
  principal   numeric not null,
  interest    numeric not null,
  batch_id    bigint not null,
  line_number bigint not null,
  constraint repayment_pk primary key (branch_id, paid_on, number),
  constraint repayment_is_not_negative check (
    principal >= 0 and interest >= 0 and principal < 'Infinity' and interest < 'Infinity'
    and scale(principal) <= 4 and scale(interest) <= 4)
) partition by range (paid_on);
comment on table  bank.repayment is 'What borrowers have paid, partitioned by month';
comment on column bank.repayment.branch_id is 'Branch of the loan';
comment on column bank.repayment.paid_on is 'Day of the payment';
comment on column bank.repayment.number is 'Number of the payment, unique within a branch and month';
comment on column bank.repayment.loan_id is 'The loan';
comment on column bank.repayment.principal is 'Part that pays principal back, in the account''s currency';
comment on column bank.repayment.interest is 'Part that pays interest, in the account''s currency';
comment on column bank.repayment.batch_id is 'Batch that brought the row';
comment on column bank.repayment.line_number is 'Line in that batch''s file';

create table bank.replaced_repayment_due (
  like bank.repayment_due including comments,
  replaced_by bigint not null,
  constraint replaced_repayment_due_pk primary key (branch_id, batch_id, line_number)
);
comment on table  bank.replaced_repayment_due is 'Schedules of batches that were replaced: history, and part of no figure';
comment on column bank.replaced_repayment_due.replaced_by is 'Batch that took the place of the row''s own';
create table bank.replaced_repayment (
  like bank.repayment including comments,
  replaced_by bigint not null,
  constraint replaced_repayment_pk primary key (branch_id, batch_id, line_number)
);
comment on table  bank.replaced_repayment is 'Payments of batches that were replaced: history, and part of no figure';
comment on column bank.replaced_repayment.replaced_by is 'Batch that took the place of the row''s own';

-- Credits of facts -------------------------------------------------------------------------------------------

create type bank.crediting_way as enum ('named', 'assigned', 'pool');
comment on type bank.crediting_way is 'named: the facts name the person; assigned: the client is assigned to the person on the fact''s day; pool: to nobody';

create table bank.pay_fact_credit (
  branch_id          integer not null,
  pay_run_id         integer not null,
  pay_fact_credit_id bigint generated always as identity,
  employee_id        integer,
  metric             text not null,
  way                bank.crediting_way not null,
  share              numeric not null,
  facts              bigint not null,
  measured           numeric not null,
  credited           numeric not null,
  constraint pay_fact_credit_pk primary key (branch_id, pay_run_id, pay_fact_credit_id),
  constraint pay_fact_credit_is_measured_times_share check (credited = measured * share),
  constraint pay_fact_credit_of_the_pool_is_whole check (
    (employee_id is null) = (way = 'pool') and (way = 'assigned' or share = 1))
);
-- Checked at commit, as those of accounts are.
alter table bank.pay_fact_credit add constraint pay_fact_credit_run_fk
  foreign key (pay_run_id) references bank.pay_run (pay_run_id) deferrable initially deferred;
alter table bank.pay_fact_credit add constraint pay_fact_credit_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
create index pay_fact_credit_employee_index on bank.pay_fact_credit (pay_run_id, employee_id);
comment on table  bank.pay_fact_credit is 'What a run credited to whom of the free metrics, summed by branch, person and share. The facts behind a sum are those that were on record, and the assignments those that were believed, when the run was made: bank.facts_credited finds them';
comment on column bank.pay_fact_credit.branch_id is 'Branch where the facts count';
comment on column bank.pay_fact_credit.pay_run_id is 'The run';
comment on column bank.pay_fact_credit.pay_fact_credit_id is 'Surrogate key';
comment on column bank.pay_fact_credit.employee_id is 'Who is credited; null for the branch''s pool';
comment on column bank.pay_fact_credit.metric is 'The metric, by the name that plans use';
comment on column bank.pay_fact_credit.way is 'Why it is credited to the person';
comment on column bank.pay_fact_credit.share is 'Share of the assignments, a fraction of 1; 1 for facts that name the person, and for the pool';
comment on column bank.pay_fact_credit.facts is 'How many facts';
comment on column bank.pay_fact_credit.measured is 'What they measure: the sum of their amounts, or their number';
comment on column bank.pay_fact_credit.credited is 'Measured times share';

insert into platform.audit_scope (table_name, way) values
  ('fact', 'bulk'),
  ('fact_month', 'bulk'),
  ('replaced_fact', 'bulk'),
  ('account_balance', 'bulk'),
  ('replaced_account_balance', 'bulk'),
  ('balance_account', 'bulk'),
  ('repayment_due', 'bulk'),
  ('repayment', 'bulk'),
  ('replaced_repayment_due', 'bulk'),
  ('replaced_repayment', 'bulk'),
  ('pay_fact_credit', 'bulk');

insert into bank.table_placement (table_name, placement) values
  ('product', 'reference'),
  ('metric', 'reference'),
  ('fact', 'by_branch'),
  ('fact_month', 'by_branch'),
  ('replaced_fact', 'by_branch'),
  ('account_balance', 'by_branch'),
  ('replaced_account_balance', 'by_branch'),
  ('balance_account', 'by_branch'),
  ('repayment_due', 'by_branch'),
  ('repayment', 'by_branch'),
  ('replaced_repayment_due', 'by_branch'),
  ('replaced_repayment', 'by_branch'),
  ('pay_fact_credit', 'by_branch');
