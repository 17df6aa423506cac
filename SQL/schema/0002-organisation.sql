-- Organisation: the institution, its units as a tree, its people and their tiers.

create table bank.institution (
  only_one          boolean not null default true,
  name              text not null,
  currency          text not null,
  minor_unit_digits integer not null,
  constraint institution_pk primary key (only_one),
  constraint institution_is_alone check (only_one),
  constraint institution_currency_is_a_code check (currency ~ '^[A-Z]{3}$'),
  constraint institution_minor_unit_is_sane check (minor_unit_digits between 0 and 4)
);
comment on table  bank.institution is 'The bank itself: one row';
comment on column bank.institution.only_one is 'Always true: the key that keeps the table at one row';
comment on column bank.institution.name is 'Name as printed on reports and statements';
comment on column bank.institution.currency is 'ISO 4217 code of the currency that the books are kept in';
comment on column bank.institution.minor_unit_digits is 'Digits after the point of an amount in that currency: 2 for CNY, 0 for JPY, 3 for KWD';

create type bank.org_level as enum (
  'head_office', 'region', 'branch', 'sub_branch', 'outlet', 'department', 'section', 'city_office');
comment on type bank.org_level is 'Levels of the org tree, from the top: a unit lies under one whose level stands before its own. Departments, their sections and city offices (of a card centre, for instance) can lie under any office';

create table bank.org_unit (
  org_unit_id integer generated always as identity,
  code        text not null,
  name        text not null,
  level       bank.org_level not null,
  parent_id   integer,
  path        ltree not null,
  opened_on   date not null,
  closed_on   date,
  batch_id    bigint,
  line_number bigint,
  constraint org_unit_pk primary key (org_unit_id),
  constraint org_unit_code_is_unique unique (code),
  constraint org_unit_has_a_code check (btrim(code) <> ''),
  constraint org_unit_head_office_has_no_parent check ((level = 'head_office') = (parent_id is null)),
  constraint org_unit_dates_in_order check (opened_on <= closed_on),
  constraint org_unit_path_ends_in_itself check (
    subpath(path, -1, 1)::text = org_unit_id::text)
);
alter table bank.org_unit add constraint org_unit_parent_fk
  foreign key (parent_id) references bank.org_unit (org_unit_id);
alter table bank.org_unit add constraint org_unit_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create unique index org_unit_has_one_head_office on bank.org_unit ((true)) where level = 'head_office';
create index org_unit_path_index on bank.org_unit using gist (path);
comment on constraint org_unit_has_a_code on bank.org_unit is 'a unit has a code; give one';
comment on table  bank.org_unit is 'The org units, each with what it is today; org_unit_version has what it was and will be, and the functions that write there keep this table in step';
comment on column bank.org_unit.org_unit_id is 'Surrogate key; called branch_id where a row is booked at the unit';
comment on column bank.org_unit.code is 'Code that people and files use';
comment on column bank.org_unit.name is 'Name as printed today';
comment on column bank.org_unit.level is 'Level in the tree today';
comment on column bank.org_unit.parent_id is 'Unit above today, or on its last day; null for head office only';
comment on column bank.org_unit.path is 'Keys from head office down to the unit itself, for subtree queries (path <@ ...); a closed unit lies below its successor';
comment on column bank.org_unit.opened_on is 'First day of business';
comment on column bank.org_unit.closed_on is 'Day after the last day of business, or the opening itself for one that was withdrawn; null while no end is known';
comment on column bank.org_unit.batch_id is 'Batch that brought the row; null for the head office of a mapping';
comment on column bank.org_unit.line_number is 'Line in that batch''s file';

create table bank.employee (
  employee_id integer generated always as identity,
  number      text not null,
  name        text,
  branch_id   integer not null,
  joined_on   date not null,
  batch_id    bigint,
  line_number bigint,
  constraint employee_pk primary key (employee_id),
  constraint employee_number_is_unique unique (number),
  constraint employee_has_a_number check (btrim(number) <> '')
);
alter table bank.employee add constraint employee_branch_fk
  foreign key (branch_id) references bank.org_unit (org_unit_id);
alter table bank.employee add constraint employee_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on constraint employee_has_a_number on bank.employee is 'a person has a number; give one';
comment on table  bank.employee is 'People who work at the bank; post says as what, where and when';
comment on column bank.employee.employee_id is 'Surrogate key';
comment on column bank.employee.number is 'Employee number that people and files use';
comment on column bank.employee.name is 'Name as printed; null where the source has none';
comment on column bank.employee.branch_id is 'Unit where the person works today: that of the main post, where there is one';
comment on column bank.employee.joined_on is 'First day of work';
comment on column bank.employee.batch_id is 'Batch that brought the row; null for a person entered by hand';
comment on column bank.employee.line_number is 'Line in that batch''s file; null when the row was derived';

create table bank.tier (
  code  text not null,
  rank  integer not null,
  title text not null,
  constraint tier_pk primary key (code),
  constraint tier_rank_is_unique unique (rank)
);
comment on table  bank.tier is 'The ladder of relationship manager tiers';
comment on column bank.tier.code is 'Code that plans and files use, such as senior';
comment on column bank.tier.rank is 'Position on the ladder, 1 the lowest';
comment on column bank.tier.title is 'Title as printed';

create table bank.employee_tier (
  employee_tier_id bigint generated always as identity,
  employee_id      integer not null,
  tier             text not null,
  effective_from   date not null,
  effective_until  date,
  recorded_at      timestamptz not null default now(),
  superseded_at    timestamptz,
  batch_id         bigint,
  line_number      bigint,
  constraint employee_tier_pk primary key (employee_tier_id),
  constraint employee_tier_dates_in_order check (effective_from < effective_until),
  constraint employee_tier_one_at_a_time exclude using gist (
    employee_id with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.employee_tier add constraint employee_tier_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.employee_tier add constraint employee_tier_tier_fk
  foreign key (tier) references bank.tier (code);
alter table bank.employee_tier add constraint employee_tier_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.employee_tier is 'Tier history: one tier per person and day, and what was believed before';
comment on column bank.employee_tier.employee_tier_id is 'Surrogate key';
comment on column bank.employee_tier.employee_id is 'The person';
comment on column bank.employee_tier.tier is 'Tier held';
comment on column bank.employee_tier.effective_from is 'First day of the tier';
comment on column bank.employee_tier.effective_until is 'Day after its last day; null while it is held';
comment on column bank.employee_tier.recorded_at is 'When the platform came to believe it';
comment on column bank.employee_tier.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.employee_tier.batch_id is 'Batch that brought the row; null for a decision';
comment on column bank.employee_tier.line_number is 'Line in that batch''s file; null when the row was derived';

insert into bank.table_placement (table_name, placement) values
  ('institution', 'reference'),
  ('org_unit', 'reference'),
  ('employee', 'reference'),
  ('tier', 'reference'),
  ('employee_tier', 'reference');
