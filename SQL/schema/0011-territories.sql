-- Territories: which new clients are whose to win, so that colleagues do not compete within the bank; the
-- claims that are laid to new clients; and the collision cases that a named person decides.

create table bank.territory (
  territory_id    bigint generated always as identity,
  code            text not null,
  employee_id     integer not null,
  org_unit_id     integer,
  industry        text,
  size            text,
  listed          text,
  listed_key      text generated always as (
    lower(regexp_replace(btrim(normalize(listed, nfkc)), '\s+', ' ', 'g'))) stored,
  effective_from  date not null,
  effective_until date,
  reason          text,
  recorded_by     text not null default session_user,
  recorded_at     timestamptz not null default now(),
  superseded_at   timestamptz,
  batch_id        bigint,
  line_number     bigint,
  constraint territory_pk primary key (territory_id),
  constraint territory_dates_in_order check (effective_from < effective_until),
  constraint territory_recorded_in_order check (recorded_at <= superseded_at),
  constraint territory_says_what_it_is check (
    (listed is null) <> (num_nonnulls(org_unit_id, industry, size) = 0)),
  constraint territory_listed_is_not_empty check (listed_key <> ''),
  constraint territory_is_exclusive exclude using gist (
    (coalesce(org_unit_id, 0)) with =, (coalesce(industry, '')) with =, (coalesce(size, '')) with =,
    daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and listed is null),
  constraint territory_lists_a_name_once exclude using gist (
    listed_key with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and listed is not null),
  constraint territory_has_one_holder exclude using gist (
    code with =, employee_id with <>, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.territory add constraint territory_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.territory add constraint territory_unit_fk
  foreign key (org_unit_id) references bank.org_unit (org_unit_id);
alter table bank.territory add constraint territory_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index territory_employee_index on bank.territory (employee_id) where superseded_at is null;
comment on table  bank.territory is 'Whose new clients are whose: each row gives one person an area, an industry, a size, several of these together, or one name of a list, from a day until a day. A client falls to the closest row: a listed name before an industry, that before a size, that before the nearest unit';
comment on column bank.territory.territory_id is 'Surrogate key';
comment on column bank.territory.code is 'Code of the territory; the names of a list, and areas that belong together, share it';
comment on column bank.territory.employee_id is 'Who may win the clients; one person a territory and day';
comment on column bank.territory.org_unit_id is 'Area: this unit and what lies below it; null for the whole bank';
comment on column bank.territory.industry is 'Industry of the clients; null for all';
comment on column bank.territory.size is 'Size of the clients; null for all';
comment on column bank.territory.listed is 'One client of a named list, by number or by name';
comment on column bank.territory.listed_key is 'The same in the form in which it is compared';
comment on column bank.territory.effective_from is 'First day';
comment on column bank.territory.effective_until is 'Day after the last day; null while no end is known';
comment on column bank.territory.reason is 'Why, in the words of who drew it';
comment on column bank.territory.recorded_by is 'Database login that recorded it';
comment on column bank.territory.recorded_at is 'When the platform came to believe it';
comment on column bank.territory.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.territory.batch_id is 'Batch that brought it; null for a command';
comment on column bank.territory.line_number is 'Line in that batch''s file';
comment on constraint territory_is_exclusive on bank.territory is 'an area, industry and size are in one territory a day; end the territory on record first, or narrow one of the two';
comment on constraint territory_lists_a_name_once on bank.territory is 'a client is on one list a day; end the listing on record first';
comment on constraint territory_has_one_holder on bank.territory is 'a territory is one person''s a day; end it for the person on record first, or use another code';
comment on constraint territory_dates_in_order on bank.territory is 'a territory ends after it begins; correct the dates';
comment on constraint territory_says_what_it_is on bank.territory is 'a territory is either a listed name, or an area, an industry, a size or several of these; give one of the two';
comment on constraint territory_listed_is_not_empty on bank.territory is 'a listed name has letters or digits; give the number or the name';

create table bank.control_limit (
  code            text not null,
  effective_from  date not null,
  effective_until date,
  value           integer not null,
  constraint control_limit_pk primary key (code, effective_from),
  constraint control_limit_is_not_negative check (value >= 0),
  constraint control_limit_dates_in_order check (effective_from < effective_until),
  constraint control_limit_one_a_day exclude using gist (
    code with =, daterange(effective_from, effective_until) with &&)
);
comment on table  bank.control_limit is 'Numbers of days that the bank''s own rules set for claims, handovers and departures, dated';
comment on column bank.control_limit.code is 'claim_contest_days, handover_opinion_days, departure_audit_days';
comment on column bank.control_limit.effective_from is 'First day';
comment on column bank.control_limit.effective_until is 'Day after the last; null while it holds';
comment on column bank.control_limit.value is 'Days';
comment on constraint control_limit_one_a_day on bank.control_limit is 'a limit has one value a day; end the one on record first';

insert into bank.control_limit (code, effective_from, value) values
  ('claim_contest_days', '1900-01-01', 30),
  ('handover_opinion_days', '1900-01-01', 30),
  ('departure_audit_days', '1900-01-01', 30);

create table bank.collision_case (
  collision_case_id bigint generated always as identity,
  subject_key       text not null,
  subject           text not null,
  opened_on         date not null,
  opened_at         timestamptz not null default clock_timestamp(),
  winner_id         integer,
  decided_by_id     integer,
  decision_reason   text,
  decided_at        timestamptz,
  constraint collision_case_pk primary key (collision_case_id),
  constraint collision_case_is_decided_as_a_whole check (
    num_nulls(decided_by_id, decision_reason, decided_at) in (0, 3)),
  constraint collision_case_decision_has_a_reason check (btrim(decision_reason) <> ''),
  constraint collision_case_winner_is_decided check (winner_id is null or decided_at is not null),
  constraint collision_case_winner_does_not_decide check (winner_id <> decided_by_id)
);
alter table bank.collision_case add constraint collision_case_winner_fk
  foreign key (winner_id) references bank.employee (employee_id);
alter table bank.collision_case add constraint collision_case_decided_by_fk
  foreign key (decided_by_id) references bank.employee (employee_id);
create unique index collision_case_open_once on bank.collision_case (subject_key) where decided_at is null;
comment on table  bank.collision_case is 'New clients that several people claim: opened by the second claim, decided by a named person who has no part in it; until then the client lies in its branch''s pool';
comment on column bank.collision_case.collision_case_id is 'Surrogate key, the number of the case';
comment on column bank.collision_case.subject_key is 'The client in the form in which claims are compared';
comment on column bank.collision_case.subject is 'Number or name of the client, for people';
comment on column bank.collision_case.opened_on is 'Day of the claim that opened it';
comment on column bank.collision_case.opened_at is 'When it was opened';
comment on column bank.collision_case.winner_id is 'Whose client it is; null while undecided, or when it is nobody''s';
comment on column bank.collision_case.decided_by_id is 'Who decided';
comment on column bank.collision_case.decision_reason is 'Why';
comment on column bank.collision_case.decided_at is 'When; nothing changes afterwards';
comment on index bank.collision_case_open_once is 'one open case a client; the claims join it';
comment on constraint collision_case_winner_does_not_decide on bank.collision_case is 'nobody decides for themselves; name another person';
comment on constraint collision_case_decision_has_a_reason on bank.collision_case is 'a decision says why; give a reason';

create type bank.claim_state as enum ('granted', 'contested', 'lost', 'withdrawn');
comment on type bank.claim_state is 'granted: the client is the claimant''s to win, or won; contested: a collision case is open; lost: the case was decided for another, or for nobody; withdrawn: taken back';

create table bank.client_claim (
  client_claim_id   bigint generated always as identity,
  subject_key       text not null,
  name_key          text,
  client_number     text,
  prospect_name     text,
  client_branch_id  integer,
  client_id         bigint,
  org_unit_id       integer,
  industry          text,
  size              text,
  employee_id       integer not null,
  claimed_on        date not null,
  claimed_by        text not null default session_user,
  claimed_at        timestamptz not null default clock_timestamp(),
  state             bank.claim_state not null,
  territory_id      bigint,
  from_territory    boolean not null default false,
  collision_case_id bigint,
  coverage_entry_id bigint,
  evidence          text,
  closed_at         timestamptz,
  constraint client_claim_pk primary key (client_claim_id),
  constraint client_claim_names_a_client check (num_nonnulls(client_number, prospect_name) >= 1),
  constraint client_claim_client_is_whole check (num_nonnulls(client_number, client_branch_id, client_id) in (0, 3)),
  constraint client_claim_contested_has_a_case check (state <> 'contested' or collision_case_id is not null),
  constraint client_claim_closed_has_a_time check ((state in ('lost', 'withdrawn')) = (closed_at is not null))
);
alter table bank.client_claim add constraint client_claim_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.client_claim add constraint client_claim_unit_fk
  foreign key (org_unit_id) references bank.org_unit (org_unit_id);
alter table bank.client_claim add constraint client_claim_territory_fk
  foreign key (territory_id) references bank.territory (territory_id);
alter table bank.client_claim add constraint client_claim_case_fk
  foreign key (collision_case_id) references bank.collision_case (collision_case_id);
alter table bank.client_claim add constraint client_claim_entry_fk
  foreign key (coverage_entry_id) references bank.coverage_entry (coverage_entry_id);
create unique index client_claim_granted_once on bank.client_claim (subject_key) where state = 'granted';
create unique index client_claim_once_a_person on bank.client_claim (subject_key, employee_id)
  where state in ('granted', 'contested');
create index client_claim_subject_index on bank.client_claim (subject_key);
create index client_claim_name_index on bank.client_claim (name_key) where name_key is not null;
create index client_claim_case_index on bank.client_claim (collision_case_id) where collision_case_id is not null;
create index client_claim_employee_index on bank.client_claim (employee_id);
comment on table  bank.client_claim is 'Who lays claim to which new client: the first claim in nobody''s or the own territory is granted, a second one opens a collision case';
comment on column bank.client_claim.client_claim_id is 'Surrogate key, the number of the claim';
comment on column bank.client_claim.subject_key is 'The client in the form in which claims are compared: the number, or the name of a prospect';
comment on column bank.client_claim.name_key is 'Name in the form in which it is compared: of prospects and companies, so that a claim by name meets one by number';
comment on column bank.client_claim.client_number is 'Number of a client on record';
comment on column bank.client_claim.prospect_name is 'Name of a client who is not on record yet';
comment on column bank.client_claim.client_branch_id is 'Branch of the client on record';
comment on column bank.client_claim.client_id is 'The client on record';
comment on column bank.client_claim.org_unit_id is 'Where the client is: the branch of one on record, or the area of a prospect';
comment on column bank.client_claim.industry is 'Industry, for the territory';
comment on column bank.client_claim.size is 'Size, for the territory';
comment on column bank.client_claim.employee_id is 'The claimant';
comment on column bank.client_claim.claimed_on is 'Day of the claim, and the first day of the assignment if it is granted';
comment on column bank.client_claim.claimed_by is 'Database login that laid it';
comment on column bank.client_claim.claimed_at is 'When it was laid';
comment on column bank.client_claim.state is 'What became of it';
comment on column bank.client_claim.territory_id is 'Territory that the client fell into on that day; null for nobody''s';
comment on column bank.client_claim.from_territory is 'Whether it stands for the holder of the territory in which another claimed';
comment on column bank.client_claim.collision_case_id is 'Case that the claim is part of';
comment on column bank.client_claim.coverage_entry_id is 'Entry that gave the client to the claimant';
comment on column bank.client_claim.evidence is 'What the claimant puts forward';
comment on column bank.client_claim.closed_at is 'When it was lost or withdrawn';
comment on index bank.client_claim_granted_once is 'a new client is one person''s; a second claim opens a collision case: use bank.claim_client';
comment on index bank.client_claim_once_a_person is 'a person claims a client once; see the claim on record';

insert into bank.table_placement (table_name, placement) values
  ('territory', 'reference'),
  ('control_limit', 'reference'),
  ('collision_case', 'reference'),
  ('client_claim', 'reference');
