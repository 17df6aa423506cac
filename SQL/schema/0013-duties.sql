-- What rotation, mandatory leave and contacts with clients are measured by.

create table bank.duty_limit (
  kind              text not null,
  effective_from    date not null,
  effective_until   date,
  rotation_years    numeric,
  leave_days        integer,
  leave_every_months integer,
  batch_id          bigint,
  line_number       bigint,
  constraint duty_limit_pk primary key (kind, effective_from),
  constraint duty_limit_dates_in_order check (effective_from < effective_until),
  constraint duty_limit_is_positive check (rotation_years > 0 and leave_days > 0 and leave_every_months > 0),
  constraint duty_limit_leave_is_whole check (num_nonnulls(leave_days, leave_every_months) in (0, 2)),
  constraint duty_limit_one_a_day exclude using gist (
    kind with =, daterange(effective_from, effective_until) with &&)
);
alter table bank.duty_limit add constraint duty_limit_kind_fk
  foreign key (kind) references bank.post_kind (kind);
alter table bank.duty_limit add constraint duty_limit_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.duty_limit is 'How long a person may hold a kind of post before rotating, and how often and how long they must be on leave; every bank sets its own';
comment on column bank.duty_limit.kind is 'Kind of post';
comment on column bank.duty_limit.effective_from is 'First day';
comment on column bank.duty_limit.effective_until is 'Day after the last; null while it holds';
comment on column bank.duty_limit.rotation_years is 'Years in the same post after which a person must rotate; null for no limit';
comment on column bank.duty_limit.leave_days is 'Days of leave in one piece that a person must take';
comment on column bank.duty_limit.leave_every_months is 'Within how many months';
comment on column bank.duty_limit.batch_id is 'Batch that brought it; null for a command';
comment on column bank.duty_limit.line_number is 'Line in that batch''s file';
comment on constraint duty_limit_one_a_day on bank.duty_limit is 'a kind of post has one limit a day; end the one on record first';
comment on constraint duty_limit_is_positive on bank.duty_limit is 'years, days and months are above zero; correct them';
comment on constraint duty_limit_leave_is_whole on bank.duty_limit is 'mandatory leave has days and months; give both or neither';

create table bank.employee_leave (
  employee_leave_id bigint generated always as identity,
  employee_id       integer not null,
  first_day         date not null,
  last_day          date not null,
  kind              text not null,
  deputy_id         integer,
  batch_id          bigint,
  line_number       bigint,
  constraint employee_leave_pk primary key (employee_leave_id),
  constraint employee_leave_kind_is_known check (kind in ('annual', 'mandatory', 'sick', 'other')),
  constraint employee_leave_days_in_order check (first_day <= last_day),
  constraint employee_leave_deputy_is_another check (deputy_id <> employee_id),
  constraint employee_leave_once_a_day exclude using gist (
    employee_id with =, daterange(first_day, last_day, '[]') with &&)
);
alter table bank.employee_leave add constraint employee_leave_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.employee_leave add constraint employee_leave_deputy_fk
  foreign key (deputy_id) references bank.employee (employee_id);
alter table bank.employee_leave add constraint employee_leave_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.employee_leave is 'Days on which people were or will be on leave';
comment on column bank.employee_leave.employee_leave_id is 'Surrogate key';
comment on column bank.employee_leave.employee_id is 'The person';
comment on column bank.employee_leave.first_day is 'First day of leave';
comment on column bank.employee_leave.last_day is 'Last day of leave';
comment on column bank.employee_leave.kind is 'annual, mandatory, sick or other';
comment on column bank.employee_leave.deputy_id is 'Who stands in';
comment on column bank.employee_leave.batch_id is 'Batch that brought it; null for a command';
comment on column bank.employee_leave.line_number is 'Line in that batch''s file';
comment on constraint employee_leave_once_a_day on bank.employee_leave is 'a person is on leave once a day; correct the days';
comment on constraint employee_leave_kind_is_known on bank.employee_leave is 'a leave is annual, mandatory, sick or other; choose one';
comment on constraint employee_leave_days_in_order on bank.employee_leave is 'a leave ends on its first day or later; correct the days';
comment on constraint employee_leave_deputy_is_another on bank.employee_leave is 'nobody stands in for themselves; name another deputy';

create table bank.contact_cadence (
  band            text not null,
  effective_from  date not null,
  effective_until date,
  every_days      integer not null,
  batch_id        bigint,
  line_number     bigint,
  constraint contact_cadence_pk primary key (band, effective_from),
  constraint contact_cadence_is_positive check (every_days > 0),
  constraint contact_cadence_dates_in_order check (effective_from < effective_until),
  constraint contact_cadence_one_a_day exclude using gist (
    band with =, daterange(effective_from, effective_until) with &&)
);
alter table bank.contact_cadence add constraint contact_cadence_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.contact_cadence is 'How often a client of a band is to be contacted';
comment on column bank.contact_cadence.band is 'Band of clients; * for all that have no cadence of their own';
comment on column bank.contact_cadence.effective_from is 'First day';
comment on column bank.contact_cadence.effective_until is 'Day after the last; null while it holds';
comment on column bank.contact_cadence.every_days is 'Days after which a contact is overdue';
comment on column bank.contact_cadence.batch_id is 'Batch that brought it; null for a command';
comment on column bank.contact_cadence.line_number is 'Line in that batch''s file';
comment on constraint contact_cadence_one_a_day on bank.contact_cadence is 'a band has one cadence a day; end the one on record first';

create table bank.client_contact (
  branch_id         integer not null,
  client_contact_id bigint generated always as identity,
  client_id         bigint not null,
  employee_id       integer not null,
  contacted_on      date not null,
  channel           text not null,
  note              text,
  batch_id          bigint,
  line_number       bigint,
  constraint client_contact_pk primary key (branch_id, client_contact_id)
);
alter table bank.client_contact add constraint client_contact_client_fk
  foreign key (branch_id, client_id) references bank.client (branch_id, client_id);
alter table bank.client_contact add constraint client_contact_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.client_contact add constraint client_contact_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index client_contact_client_index on bank.client_contact (branch_id, client_id, contacted_on);
comment on table  bank.client_contact is 'Who spoke to which client when';
comment on column bank.client_contact.branch_id is 'Branch of the client';
comment on column bank.client_contact.client_contact_id is 'Surrogate key';
comment on column bank.client_contact.client_id is 'The client';
comment on column bank.client_contact.employee_id is 'Who made the contact';
comment on column bank.client_contact.contacted_on is 'When';
comment on column bank.client_contact.channel is 'How: visit, call, message or in the bank''s own words';
comment on column bank.client_contact.note is 'What came of it';
comment on column bank.client_contact.batch_id is 'Batch that brought it; null for a command';
comment on column bank.client_contact.line_number is 'Line in that batch''s file';

insert into bank.table_placement (table_name, placement) values
  ('duty_limit', 'reference'),
  ('employee_leave', 'reference'),
  ('contact_cadence', 'reference'),
  ('client_contact', 'by_branch');
