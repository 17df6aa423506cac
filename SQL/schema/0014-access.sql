-- Access: which login may do what, for which unit, on behalf of which person, from when until when.
--
-- Rights are those of group roles of the server; a login gets them by membership. Membership alone gives
-- nothing: every policy asks bank.access_grant whether a grant is in force today, so a grant that has ended
-- is worth nothing even before anybody revokes the membership. docs/access.md tells the whole story.

-- Roles belong to the whole server, and several databases may be migrated at the same time.
do $$
declare
  wanted text;
  is_superuser constant boolean := (select r.rolsuper from pg_roles as r where r.rolname = current_user);
begin
  if not is_superuser and not (select r.rolcreaterole from pg_roles as r where r.rolname = current_user) then
    raise exception using
      errcode = 'insufficient_privilege',
      message = format('the login “%s” may not make the group roles that access to the platform is given by', current_user),
      hint = format('Let a superuser run `alter role %I createrole`, then migrate again.', current_user);
  end if;
  foreach wanted in array array[
    'banyan_head_office', 'banyan_branch', 'banyan_relationship_manager', 'banyan_hr', 'banyan_risk',
    'banyan_analyst', 'banyan_auditor', 'banyan_loader', 'banyan_access_officer', 'banyan_curator']
  loop
    if to_regrole(wanted) is null then
      begin
        execute format('create role %I nologin', wanted);
      exception
        when duplicate_object or unique_violation then null;  -- another database came first
      end;
    end if;
    -- From PostgreSQL 16 on, a login gives membership of roles that it has made, or administers.
    if not is_superuser and current_setting('server_version_num')::integer >= 160000
      and not pg_has_role(current_user, wanted, 'member with admin option') then
      raise exception using
        errcode = 'insufficient_privilege',
        message = format('the login “%s” does not administer the group role %s, which was made for another database of the server',
          current_user, wanted),
        hint = format('Let a superuser run `grant %I to %I with admin option`, then migrate again.', wanted, current_user);
    end if;
  end loop;
end
$$;

create table bank.access_role (
  code       text not null,
  group_role text not null,
  title      text not null,
  unit       text not null,
  person     text not null,
  changes    boolean not null,
  constraint access_role_pk primary key (code),
  constraint access_role_group_is_unique unique (group_role),
  constraint access_role_unit_is_known check (unit in ('required', 'optional', 'none')),
  constraint access_role_person_is_known check (person in ('required', 'optional'))
);
comment on table  bank.access_role is 'The roles that access is given by, each with the group role of the server that carries its rights';
comment on column bank.access_role.code is 'Code that people and commands use';
comment on column bank.access_role.group_role is 'Group role of the server; it cannot log in';
comment on column bank.access_role.title is 'What the role is for';
comment on column bank.access_role.unit is 'Whether a grant names a unit, to whose subtree it is limited: required, optional or none';
comment on column bank.access_role.person is 'Whether a grant names a person: required, or optional for a program';
comment on column bank.access_role.changes is 'Whether the role may change anything at all';

insert into bank.access_role (code, group_role, title, unit, person, changes) values
  ('head_office', 'banyan_head_office', 'Runs the bank: the org tree, people, clients and their coverage in all units', 'none', 'required', true),
  ('branch', 'banyan_branch', 'Works in a unit: clients, coverage and performance of its subtree', 'required', 'required', true),
  ('relationship_manager', 'banyan_relationship_manager', 'Own clients and own pay', 'none', 'required', true),
  ('hr', 'banyan_hr', 'People, tiers, selection, plans and pay; no detail of clients', 'none', 'required', true),
  ('risk', 'banyan_risk', 'Clients, loans and coverage of the whole bank, identity numbers in clear, decisions', 'none', 'required', true),
  ('analyst', 'banyan_analyst', 'Consolidated and pseudonymised data', 'none', 'required', false),
  ('auditor', 'banyan_auditor', 'Reads everything, changes nothing', 'none', 'required', false),
  ('loader', 'banyan_loader', 'Imports files, for the whole bank or for a unit', 'optional', 'optional', true),
  ('access_officer', 'banyan_access_officer', 'Grants and revokes access; no client and no pay', 'none', 'required', true);

create table bank.access_setting (
  only_one       boolean not null default true,
  time_zone      text not null,
  smallest_group integer not null default 5,
  constraint access_setting_pk primary key (only_one),
  constraint access_setting_is_alone check (only_one),
  constraint access_setting_group_is_small check (smallest_group between 1 and 1000)
);
comment on table  bank.access_setting is 'What access goes by: one row that the owner of the schema changes';
comment on column bank.access_setting.only_one is 'Always true: the key that keeps the table at one row';
comment on column bank.access_setting.time_zone is 'Time zone of the days of grants: fixed here, because a login chooses the time zone of its own session';
comment on column bank.access_setting.smallest_group is 'How many clients a unit has at least whose figures analysts see under its code; those of smaller units stand under none. 1 names all';
insert into bank.access_setting (time_zone) values (current_setting('TimeZone'));

create table bank.access_grant (
  access_grant_id bigint generated always as identity,
  login           text not null,
  role            text not null,
  employee_id     integer,
  org_unit_id     integer,
  post_kind       text,
  effective_from  date not null,
  effective_until date,
  reason          text,
  granted_by      text not null default session_user,
  recorded_at     timestamptz not null default now(),
  superseded_by   text,
  superseded_at   timestamptz,
  continues_id    bigint,
  constraint access_grant_pk primary key (access_grant_id),
  constraint access_grant_dates_in_order check (effective_from < effective_until),
  constraint access_grant_recorded_in_order check (recorded_at <= superseded_at),
  constraint access_grant_superseded_by_somebody check ((superseded_at is null) = (superseded_by is null)),
  constraint access_grant_post_is_of_a_person check (post_kind is null or employee_id is not null),
  constraint access_grant_once_a_day exclude using gist (
    login with =, role with =, (coalesce(org_unit_id, 0)) with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null),
  constraint access_grant_login_is_one_person exclude using gist (
    login with =, (coalesce(employee_id, 0)) with <>, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.access_grant add constraint access_grant_role_fk
  foreign key (role) references bank.access_role (code);
alter table bank.access_grant add constraint access_grant_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.access_grant add constraint access_grant_unit_fk
  foreign key (org_unit_id) references bank.org_unit (org_unit_id);
alter table bank.access_grant add constraint access_grant_post_kind_fk
  foreign key (post_kind) references bank.post_kind (kind);
alter table bank.access_grant add constraint access_grant_continues_fk
  foreign key (continues_id) references bank.access_grant (access_grant_id);
create index access_grant_login_index on bank.access_grant (login) where superseded_at is null;
create index access_grant_employee_index on bank.access_grant (employee_id) where employee_id is not null;
comment on table  bank.access_grant is 'Which login holds which role, for which unit and person, on which days, and when that was believed; superseded, never deleted';
comment on column bank.access_grant.access_grant_id is 'Surrogate key';
comment on column bank.access_grant.login is 'Login role of the server';
comment on column bank.access_grant.role is 'Role that it holds';
comment on column bank.access_grant.employee_id is 'Person who works under the login; null for a program';
comment on column bank.access_grant.org_unit_id is 'Unit to whose subtree the role is limited; null for the whole bank, or for own clients';
comment on column bank.access_grant.post_kind is 'Kind of post that the role goes with: it gives no right on a day on which the person holds no such post; null for one that goes with no post';
comment on column bank.access_grant.effective_from is 'First day';
comment on column bank.access_grant.effective_until is 'Day after the last; null while no end is known';
comment on column bank.access_grant.reason is 'Why, in the words of who granted it';
comment on column bank.access_grant.granted_by is 'Database login that granted it';
comment on column bank.access_grant.recorded_at is 'When the platform came to believe it';
comment on column bank.access_grant.superseded_by is 'Database login that revoked or changed it; null while it counts';
comment on column bank.access_grant.superseded_at is 'When it stopped counting; null for what counts now';
comment on column bank.access_grant.continues_id is 'Superseded grant of which this is what remained, as when it was given an end';
comment on constraint access_grant_once_a_day on bank.access_grant is 'a login holds a role once a day; revoke the grant on record with `banyan access revoke` first';
comment on constraint access_grant_login_is_one_person on bank.access_grant is 'a login belongs to one person a day; give the other person a login of their own';
comment on constraint access_grant_dates_in_order on bank.access_grant is 'a grant ends after it begins; the end is the day after the last day';
comment on constraint access_grant_post_is_of_a_person on bank.access_grant is 'a right that goes with a post names the person; give --person';

create table bank.access_conflict (
  role       text not null,
  other_role text not null,
  reason     text not null,
  constraint access_conflict_pk primary key (role, other_role),
  constraint access_conflict_is_of_two check (role < other_role)
);
alter table bank.access_conflict add constraint access_conflict_role_fk
  foreign key (role) references bank.access_role (code);
alter table bank.access_conflict add constraint access_conflict_other_role_fk
  foreign key (other_role) references bank.access_role (code);
comment on table  bank.access_conflict is 'Roles that one person should not hold on one day; a bank changes it to its own rules';
comment on column bank.access_conflict.role is 'One role';
comment on column bank.access_conflict.other_role is 'The other, whose code comes later in the alphabet';
comment on column bank.access_conflict.reason is 'What one person could do who holds both';
insert into bank.access_conflict (role, other_role, reason) values
  ('head_office', 'relationship_manager', 'could assign clients to themselves'),
  ('hr', 'relationship_manager', 'could set their own tier and run their own pay'),
  ('relationship_manager', 'risk', 'could decide what they have proposed'),
  ('loader', 'relationship_manager', 'could import the facts that they are paid for'),
  ('branch', 'relationship_manager', 'could give themselves the clients of the unit'),
  ('hr', 'loader', 'could import the facts of a month and run its pay'),
  ('head_office', 'hr', 'could assign clients and run the pay that follows'),
  ('auditor', 'head_office', 'would audit their own work'),
  ('auditor', 'branch', 'would audit their own work'),
  ('auditor', 'hr', 'would audit their own work'),
  ('auditor', 'risk', 'would audit their own work'),
  ('auditor', 'loader', 'would audit their own work'),
  ('auditor', 'relationship_manager', 'would audit their own work'),
  ('access_officer', 'head_office', 'could give themselves what they may not see'),
  ('access_officer', 'branch', 'could give themselves what they may not see'),
  ('access_officer', 'hr', 'could give themselves what they may not see'),
  ('access_officer', 'risk', 'could give themselves what they may not see'),
  ('access_officer', 'loader', 'could give themselves what they may not see'),
  ('access_officer', 'relationship_manager', 'could give themselves what they may not see'),
  ('access_officer', 'analyst', 'could undo the pseudonyms');

create table bank.access_role_post (
  role      text not null,
  post_kind text not null,
  constraint access_role_post_pk primary key (role, post_kind)
);
alter table bank.access_role_post add constraint access_role_post_role_fk
  foreign key (role) references bank.access_role (code);
alter table bank.access_role_post add constraint access_role_post_kind_fk
  foreign key (post_kind) references bank.post_kind (kind);
comment on table  bank.access_role_post is 'Kinds of posts that a role goes with; a role that stands here not at all goes with any. A bank changes it to its own rules';
comment on column bank.access_role_post.role is 'The role';
comment on column bank.access_role_post.post_kind is 'A kind of post whose holder may need it';
insert into bank.access_role_post (role, post_kind) values
  ('relationship_manager', 'relationship_manager'),
  ('relationship_manager', 'wealth_manager'),
  ('relationship_manager', 'field_agent'),
  ('hr', 'hr_officer'),
  ('risk', 'risk_officer'),
  ('auditor', 'auditor');

create table bank.access_rule (
  relation         text not null,
  role             text not null,
  rights           text not null,
  rows             text not null,
  row_key          text not null,
  readable_columns text[],
  changed_columns  text[],
  constraint access_rule_pk primary key (relation, role, rights, rows, row_key),
  constraint access_rule_rights_are_known check (rights ~ '^(read)?( ?add)?( ?change)?( ?remove)?$' and rights <> ''),
  constraint access_rule_rows_are_known check (rows in (
    'all', 'bank', 'units', 'clients', 'accounts', 'person', 'people', 'login', 'batches', 'acting', 'analysis', 'none'))
);
comment on table  bank.access_rule is 'Who may do what with which rows of which table or view: SQL/policies/access-rules.sql fills it, and bank.apply_access_rules makes privileges and policies of it';
comment on column bank.access_rule.relation is 'Table of schema bank, or table or view of another schema with its name';
comment on column bank.access_rule.role is 'Role; curator stands for the owner of the views of analysts';
comment on column bank.access_rule.rights is 'Some of read, add, change, remove';
comment on column bank.access_rule.rows is 'Which rows: all; bank: all, for a grant without a unit; units: of the units of the grant; clients, accounts: own ones; person: own ones; people: of people of the units; login: of the own login; batches: of the own imports; acting: all, for whoever acts; analysis: all, inside the views of analysts; none: a view, whose tables decide';
comment on column bank.access_rule.row_key is 'Column that says whose a row is; empty where it is the usual one';
comment on column bank.access_rule.readable_columns is 'Columns that may be read; null for all';
comment on column bank.access_rule.changed_columns is 'Columns that may be changed; null for all';

create table bank.access_door (
  function_name text not null,
  role          text not null,
  constraint access_door_pk primary key (function_name, role)
);
comment on table  bank.access_door is 'Functions that do their work with the rights of the schema''s owner, and who may call them; every other function runs with the rights of its caller';
comment on column bank.access_door.function_name is 'Name of the function in schema bank';
comment on column bank.access_door.role is 'Role that may call it; the function asks for the grant of today too';

create table bank.pseudonym_secret (
  only_one boolean not null default true,
  key      bytea not null,
  constraint pseudonym_secret_pk primary key (only_one),
  constraint pseudonym_secret_is_alone check (only_one)
);
insert into bank.pseudonym_secret (key) values (gen_random_bytes(32));
comment on table  bank.pseudonym_secret is 'The key of the pseudonyms that analysts see: one row that nobody reads but the views that make them';
comment on column bank.pseudonym_secret.only_one is 'Always true: the key that keeps the table at one row';
comment on column bank.pseudonym_secret.key is 'Drawn by the database itself; another key gives other pseudonyms';

-- What is not granted is refused: nobody may call a function that will be written, or make anything here.
alter default privileges revoke execute on functions from public;
revoke all on schema bank, report, platform from public;

insert into bank.table_placement (table_name, placement) values
  ('access_role', 'reference'),
  ('access_setting', 'reference'),
  ('access_grant', 'reference'),
  ('access_conflict', 'reference'),
  ('access_role_post', 'reference'),
  ('access_rule', 'reference'),
  ('access_door', 'reference'),
  ('pseudonym_secret', 'reference');
