-- What plans may ask for beside credits: who took part in a deal, and what a currency was worth on a day.

create table bank.deal_role (
  branch_id     integer not null,
  deal_role_id  bigint generated always as identity,
  loan_number   text not null,
  employee_id   integer not null,
  role          text not null,
  recorded_at   timestamptz not null default clock_timestamp(),
  superseded_at timestamptz,
  batch_id      bigint not null,
  line_number   bigint not null,
  constraint deal_role_pk primary key (branch_id, deal_role_id),
  constraint deal_role_is_a_code check (role ~ '^[a-z][a-z0-9_]*$'),
  constraint deal_role_recorded_in_order check (recorded_at <= superseded_at)
);
-- No foreign key to the loan: a batch of loans may be replaced, and its rows then come anew under the same numbers.
alter table bank.deal_role add constraint deal_role_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.deal_role add constraint deal_role_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create unique index deal_role_is_one on bank.deal_role (branch_id, loan_number, employee_id) where superseded_at is null;
comment on index bank.deal_role_is_one is 'a person has one role in a deal; correct the role';
comment on table  bank.deal_role is 'Who took part in which loan, as what: components of kind deal_split share its pay by these roles';
comment on column bank.deal_role.branch_id is 'Branch of the loan';
comment on column bank.deal_role.deal_role_id is 'Surrogate key';
comment on column bank.deal_role.loan_number is 'Number of the loan';
comment on column bank.deal_role.employee_id is 'The person';
comment on column bank.deal_role.role is 'The role, by the name that plans use, such as main, assist or referrer';
comment on column bank.deal_role.recorded_at is 'When the platform came to believe it';
comment on column bank.deal_role.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.deal_role.batch_id is 'Batch that brought it';
comment on column bank.deal_role.line_number is 'Line in that batch''s file';
comment on constraint deal_role_is_a_code on bank.deal_role is 'a role is a name in lower-case letters, digits and underscores; write it as plans do';

create table bank.exchange_rate (
  currency    text not null,
  day         date not null,
  rate        numeric not null,
  recorded_at timestamptz not null default clock_timestamp(),
  batch_id    bigint not null,
  line_number bigint not null,
  constraint exchange_rate_pk primary key (currency, day),
  constraint exchange_rate_currency_is_a_code check (currency ~ '^[A-Z]{3}$'),
  constraint exchange_rate_is_positive check (rate > 0 and rate < 'Infinity' and scale(rate) <= 10)
);
alter table bank.exchange_rate add constraint exchange_rate_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.exchange_rate is 'What one unit of another currency was worth in the bank''s on a day; a rate is published once and stays';
comment on column bank.exchange_rate.currency is 'ISO 4217 code of the other currency';
comment on column bank.exchange_rate.day is 'The day';
comment on column bank.exchange_rate.rate is 'Units of the bank''s currency for one of it';
comment on column bank.exchange_rate.recorded_at is 'When the platform came to know it';
comment on column bank.exchange_rate.batch_id is 'Batch that brought it';
comment on column bank.exchange_rate.line_number is 'Line in that batch''s file';
comment on constraint exchange_rate_is_positive on bank.exchange_rate is 'a rate is above zero, with at most ten digits after the point; correct it';

insert into bank.table_placement (table_name, placement) values
  ('deal_role', 'by_branch'),
  ('exchange_rate', 'reference');
