-- What is known of clients beyond their accounts: segments with history, identity numbers, key persons,
-- groups, value, and which clients turned out to be one.

create extension if not exists pgcrypto;  -- digests and sealing of identity numbers
create extension if not exists pg_trgm;   -- names that look alike

create type bank.segment_axis as enum ('industry', 'size', 'risk', 'status', 'band');
comment on type bank.segment_axis is 'industry, size, risk: the three axes of segmentation; status: prospect, client or former; band: ordinary to private banking, computed from balances';

create table bank.segment (
  axis  bank.segment_axis not null,
  code  text not null,
  rank  integer not null,
  title text not null,
  constraint segment_pk primary key (axis, code),
  constraint segment_rank_is_unique unique (axis, rank)
);
comment on table  bank.segment is 'The values of each axis; a bank adds its own';
comment on column bank.segment.axis is 'The axis';
comment on column bank.segment.code is 'Code that people and files use';
comment on column bank.segment.rank is 'Position on the axis, 1 the lowest';
comment on column bank.segment.title is 'Title as printed';

insert into bank.segment (axis, code, rank, title) values
  ('industry', 'agriculture', 1, 'Agriculture, forestry, animal husbandry and fishery'),
  ('industry', 'mining', 2, 'Mining'),
  ('industry', 'manufacturing', 3, 'Manufacturing'),
  ('industry', 'utilities', 4, 'Electricity, heat, gas and water'),
  ('industry', 'construction', 5, 'Construction'),
  ('industry', 'trade', 6, 'Wholesale and retail trade'),
  ('industry', 'transport', 7, 'Transport, storage and post'),
  ('industry', 'hospitality', 8, 'Hotels and restaurants'),
  ('industry', 'information', 9, 'Information and software'),
  ('industry', 'finance', 10, 'Finance'),
  ('industry', 'real_estate', 11, 'Real estate'),
  ('industry', 'services', 12, 'Other services'),
  ('industry', 'public', 13, 'Public bodies'),
  ('size', 'micro', 1, 'Micro'),
  ('size', 'small', 2, 'Small'),
  ('size', 'medium', 3, 'Medium'),
  ('size', 'large', 4, 'Large'),
  ('risk', 'low', 1, 'Low risk'),
  ('risk', 'medium', 2, 'Medium risk'),
  ('risk', 'high', 3, 'High risk'),
  ('status', 'prospect', 1, 'Prospect'),
  ('status', 'client', 2, 'Client'),
  ('status', 'former', 3, 'Former client'),
  ('band', 'ordinary', 1, 'Ordinary'),
  ('band', 'gold', 2, 'Gold'),
  ('band', 'wealth', 3, 'Wealth management'),
  ('band', 'private_banking', 4, 'Private banking');

create table bank.client_segment (
  branch_id         integer not null,
  client_segment_id bigint generated always as identity,
  client_id         bigint not null,
  axis              bank.segment_axis not null,
  segment           text not null,
  effective_from    date not null,
  effective_until   date,
  recorded_at       timestamptz not null default now(),
  superseded_at     timestamptz,
  recorded_by       text not null default session_user,
  reason            text,
  batch_id          bigint,
  line_number       bigint,
  constraint client_segment_pk primary key (branch_id, client_segment_id),
  constraint client_segment_dates_in_order check (effective_from < effective_until),
  constraint client_segment_beliefs_in_order check (recorded_at < superseded_at),
  constraint client_segment_one_a_day exclude using gist (
    branch_id with =, client_id with =, axis with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.client_segment add constraint client_segment_client_fk
  foreign key (branch_id, client_id) references bank.client (branch_id, client_id);
alter table bank.client_segment add constraint client_segment_segment_fk
  foreign key (axis, segment) references bank.segment (axis, code);
alter table bank.client_segment add constraint client_segment_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index client_segment_client_index on bank.client_segment (branch_id, client_id, axis);
comment on constraint client_segment_one_a_day on bank.client_segment is 'a client has one segment of an axis a day; set it with `banyan client segment`, or end the one on record first';
comment on constraint client_segment_dates_in_order on bank.client_segment is 'a segment ends after it begins; correct the dates';
comment on table  bank.client_segment is 'Where a client stands on each axis, on which days, and when that was believed. A client without a status is one';
comment on column bank.client_segment.branch_id is 'Branch of the client';
comment on column bank.client_segment.client_segment_id is 'Surrogate key';
comment on column bank.client_segment.client_id is 'The client';
comment on column bank.client_segment.axis is 'The axis';
comment on column bank.client_segment.segment is 'The value';
comment on column bank.client_segment.effective_from is 'First day';
comment on column bank.client_segment.effective_until is 'Day after the last day; null while it lasts';
comment on column bank.client_segment.recorded_at is 'When the platform came to believe it';
comment on column bank.client_segment.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.client_segment.recorded_by is 'Database login that recorded it';
comment on column bank.client_segment.reason is 'Why, in the words of who recorded it';
comment on column bank.client_segment.batch_id is 'Batch that brought the row; null for one that a person or a calculation made';
comment on column bank.client_segment.line_number is 'Line in that batch''s file';

create table bank.band_threshold (
  band            text not null,
  effective_from  date not null,
  effective_until date,
  from_balance    numeric not null,
  axis            bank.segment_axis not null default 'band',
  constraint band_threshold_pk primary key (band, effective_from),
  constraint band_threshold_is_of_a_band check (axis = 'band'),
  constraint band_threshold_dates_in_order check (effective_from < effective_until),
  constraint band_threshold_one_a_day exclude using gist (
    band with =, daterange(effective_from, effective_until) with &&)
);
alter table bank.band_threshold add constraint band_threshold_band_fk
  foreign key (axis, band) references bank.segment (axis, code);
comment on table  bank.band_threshold is 'From which average daily balance of a month a client reaches a band, by date';
comment on column bank.band_threshold.band is 'The band';
comment on column bank.band_threshold.effective_from is 'First day of the threshold';
comment on column bank.band_threshold.effective_until is 'Day after its last day; null while it holds';
comment on column bank.band_threshold.from_balance is 'Average daily balance from which the band is reached, in the bank''s currency';
comment on column bank.band_threshold.axis is 'Always band';

create table bank.income_rate (
  product_line    text not null,
  effective_from  date not null,
  effective_until date,
  annual_rate     numeric not null,
  constraint income_rate_pk primary key (product_line, effective_from),
  constraint income_rate_dates_in_order check (effective_from < effective_until),
  constraint income_rate_one_a_day exclude using gist (
    product_line with =, daterange(effective_from, effective_until) with &&)
);
alter table bank.income_rate add constraint income_rate_product_line_fk
  foreign key (product_line) references bank.product_line (code);
comment on table  bank.income_rate is 'What the bank expects to earn on a product line, by date';
comment on column bank.income_rate.product_line is 'The product line';
comment on column bank.income_rate.effective_from is 'First day of the rate';
comment on column bank.income_rate.effective_until is 'Day after its last day; null while it holds';
comment on column bank.income_rate.annual_rate is 'Expected income of a year as a fraction of the average balance: 0.015 is 1.5 percent';

create table bank.client_value (
  branch_id             integer not null,
  client_id             bigint not null,
  month                 date not null,
  recorded_at           timestamptz not null,
  superseded_at         timestamptz,
  balance_end           numeric not null,
  average_daily_balance numeric not null,
  loans_granted_amount  numeric not null,
  expected_income       numeric not null,
  constraint client_value_pk primary key (branch_id, client_id, month, recorded_at),
  constraint client_value_starts_on_the_first check (extract(day from month) = 1),
  constraint client_value_beliefs_in_order check (recorded_at < superseded_at)
);
alter table bank.client_value add constraint client_value_client_fk
  foreign key (branch_id, client_id) references bank.client (branch_id, client_id);
create unique index client_value_one_counts
  on bank.client_value (branch_id, client_id, month) where superseded_at is null;
comment on table  bank.client_value is 'Periodic assessment of what a client is worth to the bank: what their accounts in all branches came to in a month, and what is expected of it';
comment on column bank.client_value.branch_id is 'Branch of the client';
comment on column bank.client_value.client_id is 'The client';
comment on column bank.client_value.month is 'First day of the month';
comment on column bank.client_value.recorded_at is 'When it was assessed';
comment on column bank.client_value.superseded_at is 'When another assessment took its place; null for the one that counts';
comment on column bank.client_value.balance_end is 'Balance of the accounts that the client owns at the end of the month';
comment on column bank.client_value.average_daily_balance is 'Their average daily balance, rounded half away from zero to four places';
comment on column bank.client_value.loans_granted_amount is 'Loans granted on them in the month';
comment on column bank.client_value.expected_income is 'Average daily balance times the rate of deposits by days of the year: the month''s share of the yearly income, rounded to four places';

create table bank.client_group (
  client_group_id integer generated always as identity,
  code            text not null,
  name            text not null,
  constraint client_group_pk primary key (client_group_id),
  constraint client_group_code_is_unique unique (code)
);
comment on table  bank.client_group is 'Groups of clients that belong together, such as a holding and its companies';
comment on column bank.client_group.client_group_id is 'Surrogate key';
comment on column bank.client_group.code is 'Code that people and files use';
comment on column bank.client_group.name is 'Name as printed';

create type bank.group_role as enum ('head', 'member');
comment on type bank.group_role is 'head: the client that leads the group; member: another one of it';

create table bank.client_group_member (
  branch_id              integer not null,
  client_group_member_id bigint generated always as identity,
  client_id              bigint not null,
  client_group_id        integer not null,
  role                   bank.group_role not null,
  effective_from         date not null,
  effective_until        date,
  recorded_by            text not null default session_user,
  recorded_at            timestamptz not null default clock_timestamp(),
  superseded_at          timestamptz,
  reason                 text,
  batch_id               bigint,
  line_number            bigint,
  constraint client_group_member_pk primary key (branch_id, client_group_member_id),
  constraint client_group_member_dates_in_order check (effective_from < effective_until),
  constraint client_group_member_beliefs_in_order check (recorded_at < superseded_at),
  constraint client_group_member_once_a_day exclude using gist (
    branch_id with =, client_id with =, client_group_id with =,
    daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.client_group_member add constraint client_group_member_client_fk
  foreign key (branch_id, client_id) references bank.client (branch_id, client_id);
alter table bank.client_group_member add constraint client_group_member_group_fk
  foreign key (client_group_id) references bank.client_group (client_group_id);
alter table bank.client_group_member add constraint client_group_member_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index client_group_member_group_index on bank.client_group_member (client_group_id)
  where superseded_at is null;
comment on table  bank.client_group_member is 'Which clients belong to which group, on which days, and when that was believed. A group has one head a day';
comment on constraint client_group_member_once_a_day on bank.client_group_member is 'a client is in a group once a day; end the membership on record first';
comment on constraint client_group_member_dates_in_order on bank.client_group_member is 'a membership ends after it begins; correct the dates';
comment on column bank.client_group_member.client_group_member_id is 'Surrogate key';
comment on column bank.client_group_member.branch_id is 'Branch of the client';
comment on column bank.client_group_member.client_id is 'The client';
comment on column bank.client_group_member.client_group_id is 'The group';
comment on column bank.client_group_member.role is 'Head or member';
comment on column bank.client_group_member.effective_from is 'First day';
comment on column bank.client_group_member.effective_until is 'Day after the last day; null while it lasts';
comment on column bank.client_group_member.recorded_by is 'Database login that recorded it';
comment on column bank.client_group_member.recorded_at is 'When the platform came to believe it';
comment on column bank.client_group_member.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.client_group_member.reason is 'Why, in the words of who recorded it';
comment on column bank.client_group_member.batch_id is 'Batch that brought the row; null for one that a person recorded';
comment on column bank.client_group_member.line_number is 'Line in that batch''s file';

create table bank.key_person (
  branch_id             integer not null,
  key_person_id         bigint generated always as identity,
  client_id             bigint not null,
  name                  text not null,
  position              text not null,
  relationship_strength integer not null,
  recorded_by           text not null default session_user,
  recorded_at           timestamptz not null default clock_timestamp(),
  superseded_at         timestamptz,
  reason                text,
  batch_id              bigint,
  line_number           bigint,
  constraint key_person_pk primary key (branch_id, key_person_id),
  constraint key_person_beliefs_in_order check (recorded_at < superseded_at),
  constraint key_person_strength_is_1_to_5 check (relationship_strength between 1 and 5)
);
alter table bank.key_person add constraint key_person_client_fk
  foreign key (branch_id, client_id) references bank.client (branch_id, client_id);
alter table bank.key_person add constraint key_person_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create unique index key_person_once_per_client on bank.key_person (branch_id, client_id, name)
  where superseded_at is null;
comment on index  bank.key_person_once_per_client is 'a client has a key person of one name once; set the one on record';
comment on constraint key_person_strength_is_1_to_5 on bank.key_person is 'the strength of a relationship goes from 1, hardly known, to 5, trusted; correct it';
comment on table  bank.key_person is 'The people who decide at a client, and when that was believed';
comment on column bank.key_person.branch_id is 'Branch of the client';
comment on column bank.key_person.key_person_id is 'Surrogate key';
comment on column bank.key_person.client_id is 'The client';
comment on column bank.key_person.name is 'Name of the person';
comment on column bank.key_person.position is 'What they are at the client, such as treasurer';
comment on column bank.key_person.relationship_strength is 'How well the bank stands with them, from 1, hardly known, to 5, trusted';
comment on column bank.key_person.recorded_by is 'Database login that recorded it';
comment on column bank.key_person.recorded_at is 'When the platform came to believe it';
comment on column bank.key_person.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.key_person.reason is 'Why, in the words of who recorded it';
comment on column bank.key_person.batch_id is 'Batch that brought the row; null for one that a person entered';
comment on column bank.key_person.line_number is 'Line in that batch''s file';

create table bank.identity_secret (
  only_one   boolean not null default true,
  digest_key bytea not null,
  seal_key   text not null,
  constraint identity_secret_pk primary key (only_one),
  constraint identity_secret_is_alone check (only_one)
);
-- Drawn by the database itself: nobody has seen them.
insert into bank.identity_secret (digest_key, seal_key)
values (gen_random_bytes(32), encode(gen_random_bytes(32), 'hex'));
revoke all on bank.identity_secret from public;
comment on table  bank.identity_secret is 'The keys that identity numbers are digested and sealed with: one row that only the owner of the schema reads';
comment on column bank.identity_secret.only_one is 'Always true: the key that keeps the table at one row';
comment on column bank.identity_secret.digest_key is 'Key of the digest by which equal numbers are found';
comment on column bank.identity_secret.seal_key is 'Passphrase that the numbers themselves are sealed with';

create table bank.client_identity (
  branch_id   integer not null,
  client_id   bigint not null,
  kind        text not null,
  digest      bytea not null,
  sealed      bytea not null,
  masked      text not null,
  batch_id    bigint,
  line_number bigint,
  constraint client_identity_pk primary key (branch_id, client_id, kind),
  constraint client_identity_digest_is_sha256 check (octet_length(digest) = 32)
);
alter table bank.client_identity add constraint client_identity_client_fk
  foreign key (branch_id, client_id) references bank.client (branch_id, client_id);
alter table bank.client_identity add constraint client_identity_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index client_identity_digest_index on bank.client_identity (digest);
comment on table  bank.client_identity is 'Identity numbers of clients: equal ones can be found, none can be read without bank.read_identity';
comment on column bank.client_identity.branch_id is 'Branch of the client';
comment on column bank.client_identity.client_id is 'The client';
comment on column bank.client_identity.kind is 'Kind of number, such as resident_id or business_registration';
comment on column bank.client_identity.digest is 'HMAC-SHA-256 of kind and number with a secret key: equal for equal numbers';
comment on column bank.client_identity.sealed is 'The number, encrypted with AES-256';
comment on column bank.client_identity.masked is 'What may be shown: stars and the last four characters of a number of eight or more';
comment on column bank.client_identity.batch_id is 'Batch that brought the row; null for one that a person entered';
comment on column bank.client_identity.line_number is 'Line in that batch''s file';

create table bank.identity_reading (
  identity_reading_id bigint generated always as identity,
  client_branch_id    integer not null,
  client_id           bigint not null,
  kind                text not null,
  reason              text not null,
  read_by             text not null default session_user,
  read_at             timestamptz not null default clock_timestamp(),
  constraint identity_reading_pk primary key (identity_reading_id)
);
comment on table  bank.identity_reading is 'Who read which identity number in clear, when and why';
comment on column bank.identity_reading.identity_reading_id is 'Surrogate key';
comment on column bank.identity_reading.client_branch_id is 'Branch of the client';
comment on column bank.identity_reading.client_id is 'The client';
comment on column bank.identity_reading.kind is 'Kind of number';
comment on column bank.identity_reading.reason is 'Why, in the words of the reader';
comment on column bank.identity_reading.read_by is 'Database login of the reader';
comment on column bank.identity_reading.read_at is 'When';

create table bank.client_merge (
  branch_id      integer not null,
  client_id      bigint not null,
  into_branch_id integer not null,
  into_client_id bigint not null,
  reason         text not null,
  merged_by      text not null default session_user,
  merged_at      timestamptz not null default now(),
  constraint client_merge_pk primary key (branch_id, client_id),
  constraint client_merge_is_of_two check ((branch_id, client_id) <> (into_branch_id, into_client_id))
);
alter table bank.client_merge add constraint client_merge_client_fk
  foreign key (branch_id, client_id) references bank.client (branch_id, client_id);
-- No foreign key to the surviving client, which may belong to another branch; bank.merge_clients checks it.
comment on table  bank.client_merge is 'Clients that turned out to be another one: an entry, nothing is moved or deleted';
comment on column bank.client_merge.branch_id is 'Branch of the client that was merged';
comment on column bank.client_merge.client_id is 'The client that was merged; their facts stay where they are';
comment on column bank.client_merge.into_branch_id is 'Branch of the client that survives';
comment on column bank.client_merge.into_client_id is 'The client that survives, never itself merged when the entry is made';
comment on column bank.client_merge.reason is 'Why they are held to be one';
comment on column bank.client_merge.merged_by is 'Database login that merged them';
comment on column bank.client_merge.merged_at is 'When';

create index client_name_similarity on bank.client using gin (name gin_trgm_ops);

insert into bank.table_placement (table_name, placement) values
  ('segment', 'reference'),
  ('client_segment', 'by_branch'),
  ('band_threshold', 'reference'),
  ('income_rate', 'reference'),
  ('client_value', 'by_branch'),
  ('client_group', 'reference'),
  ('client_group_member', 'by_branch'),
  ('key_person', 'by_branch'),
  ('identity_secret', 'reference'),
  ('client_identity', 'by_branch'),
  ('identity_reading', 'reference'),
  ('client_merge', 'by_branch');
