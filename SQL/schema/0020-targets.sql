-- Targets: what people and units are to reach, month by month. A target of a quarter or a year is the sum of its
-- months; the seasons of a year are months of different size.

create table bank.target (
  branch_id     integer not null,
  target_id     bigint generated always as identity,
  employee_id   integer,
  metric        text not null,
  month         date not null,
  amount        numeric not null,
  recorded_by   text not null default session_user,
  recorded_at   timestamptz not null default now(),
  superseded_at timestamptz,
  constraint target_pk primary key (branch_id, target_id),
  constraint target_metric_is_a_code check (metric ~ '^[a-z][a-z0-9_]*$'),
  constraint target_starts_on_the_first check (extract(day from month) = 1),
  constraint target_is_not_negative check (amount >= 0 and amount < 'Infinity' and scale(amount) <= 4),
  constraint target_recorded_in_order check (recorded_at <= superseded_at)
);
alter table bank.target add constraint target_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
alter table bank.target add constraint target_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
create unique index target_of_person_is_one on bank.target (branch_id, employee_id, metric, month)
  where superseded_at is null and employee_id is not null;
create unique index target_of_unit_is_one on bank.target (branch_id, metric, month)
  where superseded_at is null and employee_id is null;
comment on table  bank.target is 'What a person or a unit is to reach in a month, and when that was believed; another value supersedes and nothing is deleted';
comment on column bank.target.branch_id is 'The unit, or the unit where the person works';
comment on column bank.target.target_id is 'Surrogate key';
comment on column bank.target.employee_id is 'The person; null for a target of the unit';
comment on column bank.target.metric is 'The metric, by the name that plans use';
comment on column bank.target.month is 'First day of the month';
comment on column bank.target.amount is 'What is to be reached, in the unit of the metric';
comment on column bank.target.recorded_by is 'Database login that recorded it';
comment on column bank.target.recorded_at is 'When the platform came to believe it';
comment on column bank.target.superseded_at is 'When it stopped believing it; null for what counts now';
comment on constraint target_is_not_negative on bank.target is 'a target is zero or more, with at most four digits after the point; correct the amount';
comment on constraint target_metric_is_a_code on bank.target is 'a metric is a name in lower-case letters, digits and underscores; write it as plans do';
comment on constraint target_starts_on_the_first on bank.target is 'a target is for a whole month; give its first day';

insert into bank.table_placement (table_name, placement) values ('target', 'by_branch');
