-- People: the posts that they hold, their teams, what they know, what they are certified for, and whom they
-- may not deal with.

create table bank.post_kind (
  kind            text not null,
  title           text not null,
  manages_clients boolean not null,
  approves        boolean not null,
  leads           boolean not null,
  needs_selection boolean not null,
  constraint post_kind_pk primary key (kind),
  constraint post_kind_is_a_code check (kind ~ '^[a-z][a-z0-9_]*$'),
  constraint post_kind_manages_or_approves check (not (manages_clients and approves))
);
comment on table  bank.post_kind is 'Kinds of posts and what they allow; a bank may add its own';
comment on column bank.post_kind.kind is 'Code that files use';
comment on column bank.post_kind.title is 'Title as printed';
comment on column bank.post_kind.manages_clients is 'Whether clients may be assigned to who holds it';
comment on column bank.post_kind.approves is 'Whether who holds it may approve; never one who manages clients';
comment on column bank.post_kind.leads is 'Whether who holds it leads people';
comment on column bank.post_kind.needs_selection is 'Whether nobody gets it without a published round of competitive selection';
comment on constraint post_kind_manages_or_approves on bank.post_kind is 'who manages clients does not approve; choose one of the two';

insert into bank.post_kind (kind, title, manages_clients, approves, leads, needs_selection) values
  ('relationship_manager', 'Relationship manager', true, false, false, true),
  ('wealth_manager', 'Wealth manager', true, false, false, false),
  ('field_agent', 'Field agent', true, false, false, false),
  ('team_leader', 'Team leader', false, true, true, false),
  ('branch_manager', 'Branch manager', false, true, true, false),
  ('risk_officer', 'Risk officer', false, true, false, false),
  ('hr_officer', 'HR officer', false, true, false, false),
  ('auditor', 'Auditor', false, false, false, false),
  ('product_manager', 'Product manager', false, false, false, false),
  ('lobby_manager', 'Lobby manager', false, false, false, false),
  ('teller', 'Teller', false, false, false, false);

create table bank.team (
  team_id     integer generated always as identity,
  code        text not null,
  name        text not null,
  org_unit_id integer not null,
  constraint team_pk primary key (team_id),
  constraint team_code_is_unique unique (code)
);
alter table bank.team add constraint team_unit_fk
  foreign key (org_unit_id) references bank.org_unit (org_unit_id);
comment on table  bank.team is 'Teams of people within a unit';
comment on column bank.team.team_id is 'Surrogate key';
comment on column bank.team.code is 'Code that people and files use';
comment on column bank.team.name is 'Name as printed';
comment on column bank.team.org_unit_id is 'Unit that the team belongs to';

create type bank.post_origin as enum ('appointment', 'selection', 'transfer', 'migration');
comment on type bank.post_origin is 'How a person came to a post: appointed, by competitive selection, from the same kind of post elsewhere, or taken over from the records of before';

create table bank.post (
  post_id                 bigint generated always as identity,
  employee_id             integer not null,
  org_unit_id             integer not null,
  kind                    text not null,
  is_main                 boolean not null default true,
  line_manager_id         integer,
  team_id                 integer,
  effective_from          date not null,
  effective_until         date,
  origin                  bank.post_origin not null,
  selection_result_id     bigint,
  reason                  text,
  recorded_by             text not null default session_user,
  recorded_at             timestamptz not null default now(),
  superseded_at           timestamptz,
  org_change_id           bigint,
  superseded_by_change_id bigint,
  batch_id                bigint,
  line_number             bigint,
  constraint post_pk primary key (post_id),
  constraint post_dates_in_order check (effective_from < effective_until),
  constraint post_recorded_in_order check (recorded_at <= superseded_at),
  constraint post_manager_is_another check (line_manager_id <> employee_id),
  constraint post_selection_names_its_result check ((origin = 'selection') = (selection_result_id is not null)),
  constraint post_migration_names_its_batch check (origin <> 'migration' or batch_id is not null),
  constraint post_one_main_a_day exclude using gist (
    employee_id with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and is_main),
  constraint post_held_once_a_day exclude using gist (
    employee_id with =, org_unit_id with =, kind with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.post add constraint post_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.post add constraint post_unit_fk
  foreign key (org_unit_id) references bank.org_unit (org_unit_id);
alter table bank.post add constraint post_kind_fk
  foreign key (kind) references bank.post_kind (kind);
alter table bank.post add constraint post_line_manager_fk
  foreign key (line_manager_id) references bank.employee (employee_id);
alter table bank.post add constraint post_team_fk
  foreign key (team_id) references bank.team (team_id);
alter table bank.post add constraint post_change_fk
  foreign key (org_change_id) references bank.org_change (org_change_id);
alter table bank.post add constraint post_superseded_by_change_fk
  foreign key (superseded_by_change_id) references bank.org_change (org_change_id);
alter table bank.post add constraint post_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index post_unit_index on bank.post (org_unit_id) where superseded_at is null;
create index post_line_manager_index on bank.post (line_manager_id) where superseded_at is null;
create index post_change_index on bank.post (org_change_id) where org_change_id is not null;
create index post_superseded_by_change_index on bank.post (superseded_by_change_id)
  where superseded_by_change_id is not null;
comment on table  bank.post is 'Posts held: who is what, where, from when until when, under whom, and when that was believed';
comment on column bank.post.post_id is 'Surrogate key';
comment on column bank.post.employee_id is 'Who holds it';
comment on column bank.post.org_unit_id is 'Where';
comment on column bank.post.kind is 'As what';
comment on column bank.post.is_main is 'Whether it is the main post; beside it others may be held, as when one stands in';
comment on column bank.post.line_manager_id is 'To whom the holder reports';
comment on column bank.post.team_id is 'Team';
comment on column bank.post.effective_from is 'First day';
comment on column bank.post.effective_until is 'Day after the last; null while it is held';
comment on column bank.post.origin is 'How the person came to it';
comment on column bank.post.selection_result_id is 'Result of the competitive selection that gave it';
comment on column bank.post.reason is 'Why, in the words of who decided';
comment on column bank.post.recorded_by is 'Database login that recorded it';
comment on column bank.post.recorded_at is 'When the platform came to believe it';
comment on column bank.post.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.post.org_change_id is 'Change of the org tree that recorded it, as when a unit merges';
comment on column bank.post.superseded_by_change_id is 'Change of the org tree that superseded it';
comment on column bank.post.batch_id is 'Batch that brought it; null for a command';
comment on column bank.post.line_number is 'Line in that batch''s file';
comment on constraint post_one_main_a_day on bank.post is 'a person holds one main post a day; end the one on record first, or record the new one as not the main one';
comment on constraint post_held_once_a_day on bank.post is 'a person holds a post once a day; end the one on record first';
comment on constraint post_dates_in_order on bank.post is 'a post ends after it begins; correct the dates';
comment on constraint post_manager_is_another on bank.post is 'nobody reports to themselves; name another line manager';
comment on constraint post_migration_names_its_batch on bank.post is 'only an import takes posts over from the records of before; give another origin';
comment on constraint post_selection_names_its_result on bank.post is 'a post by selection names the result of its round; appoint with bank.appoint_selected';

create table bank.employee_speciality (
  employee_speciality_id bigint generated always as identity,
  employee_id            integer not null,
  speciality             text not null,
  effective_from         date not null,
  effective_until        date,
  recorded_at            timestamptz not null default now(),
  superseded_at          timestamptz,
  batch_id               bigint,
  line_number            bigint,
  constraint employee_speciality_pk primary key (employee_speciality_id),
  constraint employee_speciality_dates_in_order check (effective_from < effective_until),
  constraint employee_speciality_once_a_day exclude using gist (
    employee_id with =, speciality with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.employee_speciality add constraint employee_speciality_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.employee_speciality add constraint employee_speciality_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.employee_speciality is 'What a person is good at: industries, products, kinds of clients; used to allocate clients';
comment on column bank.employee_speciality.employee_speciality_id is 'Surrogate key';
comment on column bank.employee_speciality.employee_id is 'The person';
comment on column bank.employee_speciality.speciality is 'Code of the bank, such as manufacturing or wealth';
comment on column bank.employee_speciality.effective_from is 'First day';
comment on column bank.employee_speciality.effective_until is 'Day after the last; null while it holds';
comment on column bank.employee_speciality.recorded_at is 'When the platform came to believe it';
comment on column bank.employee_speciality.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.employee_speciality.batch_id is 'Batch that brought it; null for a command';
comment on column bank.employee_speciality.line_number is 'Line in that batch''s file';
comment on constraint employee_speciality_once_a_day on bank.employee_speciality is 'a person has a speciality once a day; end the one on record first';
comment on constraint employee_speciality_dates_in_order on bank.employee_speciality is 'a speciality ends after it begins; correct the dates';

create table bank.employee_qualification (
  employee_qualification_id bigint generated always as identity,
  employee_id               integer not null,
  qualification             text not null,
  obtained_on               date not null,
  expires_on                date,
  certificate_number        text,
  recorded_at               timestamptz not null default now(),
  superseded_at             timestamptz,
  batch_id                  bigint,
  line_number               bigint,
  constraint employee_qualification_pk primary key (employee_qualification_id),
  constraint employee_qualification_dates_in_order check (obtained_on < expires_on),
  constraint employee_qualification_once_a_day exclude using gist (
    employee_id with =, qualification with =, daterange(obtained_on, expires_on) with &&)
    where (superseded_at is null)
);
alter table bank.employee_qualification add constraint employee_qualification_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.employee_qualification add constraint employee_qualification_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index employee_qualification_expiry_index on bank.employee_qualification (expires_on)
  where superseded_at is null;
comment on table  bank.employee_qualification is 'Certificates and licences of people, with the day on which they expire';
comment on column bank.employee_qualification.employee_qualification_id is 'Surrogate key';
comment on column bank.employee_qualification.employee_id is 'The person';
comment on column bank.employee_qualification.qualification is 'Code of the bank, such as credit_licence';
comment on column bank.employee_qualification.obtained_on is 'First day on which it holds';
comment on column bank.employee_qualification.expires_on is 'First day on which it does not hold any more; null for one that does not expire';
comment on column bank.employee_qualification.certificate_number is 'Number of the certificate';
comment on column bank.employee_qualification.recorded_at is 'When the platform came to believe it';
comment on column bank.employee_qualification.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.employee_qualification.batch_id is 'Batch that brought it; null for a command';
comment on column bank.employee_qualification.line_number is 'Line in that batch''s file';
comment on constraint employee_qualification_once_a_day on bank.employee_qualification is 'a qualification holds once a day; let the new one begin when the one on record expires';
comment on constraint employee_qualification_dates_in_order on bank.employee_qualification is 'a qualification expires after it was obtained; correct the dates';

create table bank.relationship_declaration (
  relationship_declaration_id bigint generated always as identity,
  employee_id                 integer not null,
  client_number               text,
  other_employee_id           integer,
  relation                    text not null,
  effective_from              date not null,
  effective_until             date,
  recorded_at                 timestamptz not null default now(),
  superseded_at               timestamptz,
  batch_id                    bigint,
  line_number                 bigint,
  constraint relationship_declaration_pk primary key (relationship_declaration_id),
  constraint relationship_declaration_dates_in_order check (effective_from < effective_until),
  constraint relationship_declaration_names_one check (num_nonnulls(client_number, other_employee_id) = 1),
  constraint relationship_declaration_is_with_another check (other_employee_id <> employee_id),
  constraint relationship_declaration_client_once_a_day exclude using gist (
    employee_id with =, client_number with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and client_number is not null),
  constraint relationship_declaration_person_once_a_day exclude using gist (
    employee_id with =, other_employee_id with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and other_employee_id is not null)
);
alter table bank.relationship_declaration add constraint relationship_declaration_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.relationship_declaration add constraint relationship_declaration_other_fk
  foreign key (other_employee_id) references bank.employee (employee_id);
alter table bank.relationship_declaration add constraint relationship_declaration_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index relationship_declaration_client_index on bank.relationship_declaration (client_number)
  where superseded_at is null;
comment on table  bank.relationship_declaration is 'Declared relationships: who must stand back from which client, or from deciding about which colleague';
comment on column bank.relationship_declaration.relationship_declaration_id is 'Surrogate key';
comment on column bank.relationship_declaration.employee_id is 'Who declares';
comment on column bank.relationship_declaration.client_number is 'Client that the relationship is with; the number, because a declaration may come before the client';
comment on column bank.relationship_declaration.other_employee_id is 'Colleague that the relationship is with';
comment on column bank.relationship_declaration.relation is 'What it is, such as spouse, sibling or shareholder';
comment on column bank.relationship_declaration.effective_from is 'First day';
comment on column bank.relationship_declaration.effective_until is 'Day after the last; null while it holds';
comment on column bank.relationship_declaration.recorded_at is 'When the platform came to believe it';
comment on column bank.relationship_declaration.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.relationship_declaration.batch_id is 'Batch that brought it; null for a command';
comment on column bank.relationship_declaration.line_number is 'Line in that batch''s file';
comment on constraint relationship_declaration_names_one on bank.relationship_declaration is 'a declaration names a client or a colleague; give one of the two';
comment on constraint relationship_declaration_is_with_another on bank.relationship_declaration is 'a declaration is about somebody else; name another person';
comment on constraint relationship_declaration_client_once_a_day on bank.relationship_declaration is 'a relationship is declared once a day; end the one on record first';
comment on constraint relationship_declaration_person_once_a_day on bank.relationship_declaration is 'a relationship is declared once a day; end the one on record first';
comment on constraint relationship_declaration_dates_in_order on bank.relationship_declaration is 'a relationship ends after it begins; correct the dates';

insert into bank.table_placement (table_name, placement) values
  ('post_kind', 'reference'),
  ('team', 'reference'),
  ('post', 'reference'),
  ('employee_speciality', 'reference'),
  ('employee_qualification', 'reference'),
  ('relationship_declaration', 'reference');
