-- The board: which branch delivers which dataset by which day, and the months that head office has closed.

create table bank.delivery_duty (
  delivery_duty_id bigint generated always as identity,
  branch_id        integer not null,
  dataset          text not null,
  due_day          integer not null,
  effective_from   date not null,
  effective_until  date,
  recorded_by      text not null default session_user,
  recorded_at      timestamptz not null default clock_timestamp(),
  superseded_at    timestamptz,
  constraint delivery_duty_pk primary key (branch_id, delivery_duty_id),
  constraint delivery_duty_day_is_of_a_month check (due_day between 1 and 28),
  constraint delivery_duty_months_start_on_the_first check (
    extract(day from effective_from) = 1 and extract(day from effective_until) = 1),
  constraint delivery_duty_dates_in_order check (effective_from < effective_until),
  constraint delivery_duty_recorded_in_order check (recorded_at <= superseded_at),
  constraint delivery_duty_once_a_month exclude using gist (
    branch_id with =, dataset with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.delivery_duty add constraint delivery_duty_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
comment on table  bank.delivery_duty is 'Which branch delivers which dataset for each month, and by which day of the next; superseded, never deleted';
comment on column bank.delivery_duty.delivery_duty_id is 'Surrogate key';
comment on column bank.delivery_duty.branch_id is 'The branch that delivers';
comment on column bank.delivery_duty.dataset is 'What it delivers, such as transactions';
comment on column bank.delivery_duty.due_day is 'Last day on which it is in time: a day of the month after the one that it is about';
comment on column bank.delivery_duty.effective_from is 'First day of the first month that it is owed for';
comment on column bank.delivery_duty.effective_until is 'First day of the first month that it is no more owed for; null while it is in force';
comment on column bank.delivery_duty.recorded_by is 'Database login that recorded it';
comment on column bank.delivery_duty.recorded_at is 'When the platform came to believe it';
comment on column bank.delivery_duty.superseded_at is 'When it stopped counting; null for what counts now';
comment on constraint delivery_duty_day_is_of_a_month on bank.delivery_duty is 'a delivery is due on a day from 1 to 28; correct the day';
comment on constraint delivery_duty_dates_in_order on bank.delivery_duty is 'a duty ends after it begins; the end is the first month without it';

create table bank.period_close (
  month       date not null,
  is_complete boolean not null,
  last_batch  bigint not null,
  reason      text,
  closed_by   text not null default session_user,
  closed_at   timestamptz not null default now(),
  constraint period_close_pk primary key (month),
  constraint period_close_month_starts_on_the_first check (extract(day from month) = 1)
);
comment on table  bank.period_close is 'Months that head office has closed, each once: what is loaded later is a restatement';
comment on column bank.period_close.month is 'First day of the month';
comment on column bank.period_close.is_complete is 'Whether everything that was owed had been delivered';
comment on column bank.period_close.last_batch is 'Last batch on record when it was closed';
comment on column bank.period_close.reason is 'Why, in the words of who closed it';
comment on column bank.period_close.closed_by is 'Database login that closed it, or that gave the last approval it needed';
comment on column bank.period_close.closed_at is 'When';
comment on constraint period_close_pk on bank.period_close is 'this month is closed already; what is loaded later is shown as a restatement';

create table bank.period_figure (
  branch_id     integer not null,
  month         date not null,
  accounts      bigint not null,
  transactions  bigint not null,
  credits       numeric not null,
  debits        numeric not null,
  movement_days numeric not null,
  constraint period_figure_pk primary key (branch_id, month)
);
comment on table  bank.period_figure is 'The figures of a closed month as they stood when it was closed, by branch: what restatements are measured against';
comment on column bank.period_figure.branch_id is 'The branch';
comment on column bank.period_figure.month is 'First day of the closed month';
comment on column bank.period_figure.accounts is 'Accounts that moved';
comment on column bank.period_figure.transactions is 'Number of movements';
comment on column bank.period_figure.credits is 'Sum of the credits';
comment on column bank.period_figure.debits is 'Sum of the debits';
comment on column bank.period_figure.movement_days is 'Sum of each signed movement times the days from its booking to the month''s end';

insert into bank.approval_action (code, title, apply_function, proposer_roles, measured_in) values
  ('period_close', 'A month is closed', 'apply_period_close', '{head_office}', null);

insert into bank.table_placement (table_name, placement) values
  ('delivery_duty', 'by_branch'),
  ('period_close', 'reference'),
  ('period_figure', 'by_branch');
