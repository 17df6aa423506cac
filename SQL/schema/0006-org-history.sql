-- The history of the org tree: every change as it was ordered, and what each unit was believed to be from
-- when until when. bank.org_unit keeps the keys and what holds today.

create type bank.org_change_kind as enum (
  'open', 'close', 'rename', 'move', 'change_level', 'merge', 'split', 'withdraw');
comment on type bank.org_change_kind is 'What can happen to a unit; withdraw takes back an earlier change that was wrong';

create table bank.org_change (
  org_change_id bigint generated always as identity,
  kind          bank.org_change_kind not null,
  code          text not null,
  effective_on  date not null,
  former_name   text,
  name          text,
  level         bank.org_level,
  parent_code   text,
  other_code    text,
  known_since   date,
  withdraws_id  bigint,
  reason        text,
  recorded_by   text not null default session_user,
  recorded_at   timestamptz not null default now(),
  batch_id      bigint,
  line_number   bigint,
  constraint org_change_pk primary key (org_change_id),
  constraint org_change_is_withdrawn_once unique (withdraws_id),
  constraint org_change_withdraws_another check ((kind = 'withdraw') = (withdraws_id is not null)),
  constraint org_change_names_what_changes check (
    case kind
      when 'open' then name is not null and level is not null
      when 'rename' then name is not null
      when 'move' then parent_code is not null
      when 'change_level' then level is not null
      when 'merge' then other_code is not null
      when 'split' then other_code is not null and name is not null
      else true
    end)
);
alter table bank.org_change add constraint org_change_withdraws_fk
  foreign key (withdraws_id) references bank.org_change (org_change_id);
alter table bank.org_change add constraint org_change_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index org_change_code_index on bank.org_change (code, effective_on);
comment on table  bank.org_change is 'Every change of the org tree as it was ordered; applied again in this order, they make the same tree';
comment on column bank.org_change.org_change_id is 'Surrogate key, in the order of recording';
comment on column bank.org_change.kind is 'What happens';
comment on column bank.org_change.code is 'Code of the unit that changes';
comment on column bank.org_change.effective_on is 'First day of the new state; for a closure the day after the last day of business';
comment on column bank.org_change.former_name is 'Name that the unit bore before, where the source says it';
comment on column bank.org_change.name is 'New name: of the unit that opens or is renamed, or that a split makes';
comment on column bank.org_change.level is 'Level of a unit that opens or changes its level';
comment on column bank.org_change.parent_code is 'Unit above from that day on';
comment on column bank.org_change.other_code is 'Successor of a unit that closes or merges; for a split the unit that comes of it';
comment on column bank.org_change.known_since is 'For a source that begins in the middle: day since when a unit that it changes first is taken to have existed';
comment on column bank.org_change.withdraws_id is 'The change that a withdrawal takes back';
comment on column bank.org_change.reason is 'Why, in the words of who ordered it';
comment on column bank.org_change.recorded_by is 'Database login that recorded it';
comment on column bank.org_change.recorded_at is 'When it was recorded';
comment on column bank.org_change.batch_id is 'Batch that brought it; null for a command';
comment on column bank.org_change.line_number is 'Line in that batch''s file';
comment on constraint org_change_is_withdrawn_once on bank.org_change is 'a change is withdrawn once; it was withdrawn already';
comment on constraint org_change_names_what_changes on bank.org_change is 'a change names what it changes; give the name, level, unit above or other unit that its kind needs';

create table bank.org_unit_version (
  org_unit_version_id bigint generated always as identity,
  org_unit_id         integer not null,
  name                text not null,
  level               bank.org_level not null,
  parent_id           integer,
  effective_from      date not null,
  effective_until     date,
  recorded_at         timestamptz not null default now(),
  superseded_at       timestamptz,
  org_change_id       bigint,
  superseded_by_id    bigint,
  constraint org_unit_version_pk primary key (org_unit_version_id),
  constraint org_unit_version_dates_in_order check (effective_from < effective_until),
  constraint org_unit_version_recorded_in_order check (recorded_at <= superseded_at),
  constraint org_unit_version_head_office_has_no_parent check (
    (level = 'head_office') = (parent_id is null)),
  constraint org_unit_version_has_a_name check (btrim(name) <> ''),
  constraint org_unit_version_is_not_its_parent check (parent_id <> org_unit_id),
  constraint org_unit_version_one_a_day exclude using gist (
    org_unit_id with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null),
  constraint org_unit_version_one_head_office exclude using gist (
    level with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null and level = 'head_office')
);
alter table bank.org_unit_version add constraint org_unit_version_unit_fk
  foreign key (org_unit_id) references bank.org_unit (org_unit_id);
alter table bank.org_unit_version add constraint org_unit_version_parent_fk
  foreign key (parent_id) references bank.org_unit (org_unit_id);
alter table bank.org_unit_version add constraint org_unit_version_change_fk
  foreign key (org_change_id) references bank.org_change (org_change_id);
alter table bank.org_unit_version add constraint org_unit_version_superseded_by_fk
  foreign key (superseded_by_id) references bank.org_change (org_change_id);
create index org_unit_version_unit_index on bank.org_unit_version (org_unit_id) where superseded_at is null;
create index org_unit_version_parent_index on bank.org_unit_version (parent_id) where superseded_at is null;
create index org_unit_version_change_index on bank.org_unit_version (org_change_id);
create index org_unit_version_superseded_by_index on bank.org_unit_version (superseded_by_id)
  where superseded_by_id is not null;
create index org_unit_version_name_index on bank.org_unit_version (name) where superseded_at is null;
comment on table  bank.org_unit_version is 'What each unit is from a day until a day, and when that was believed; corrections supersede and nothing is deleted. On every day each open unit has one name, level and unit above';
comment on column bank.org_unit_version.org_unit_version_id is 'Surrogate key';
comment on column bank.org_unit_version.org_unit_id is 'The unit';
comment on column bank.org_unit_version.name is 'Name as printed';
comment on column bank.org_unit_version.level is 'Level in the tree';
comment on column bank.org_unit_version.parent_id is 'Unit above; null for head office only';
comment on column bank.org_unit_version.effective_from is 'First day';
comment on column bank.org_unit_version.effective_until is 'Day after the last; null while no end is known';
comment on column bank.org_unit_version.recorded_at is 'When the platform came to believe it';
comment on column bank.org_unit_version.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.org_unit_version.org_change_id is 'Change that recorded it; null for a unit that came with a list of units';
comment on column bank.org_unit_version.superseded_by_id is 'Change that superseded it';
comment on constraint org_unit_version_one_a_day on bank.org_unit_version is 'a unit is one thing a day; end the state on record first, or use the functions bank.rename_org_unit, bank.move_org_unit and the like';
comment on constraint org_unit_version_one_head_office on bank.org_unit_version is 'a bank has one head office a day; close the one on record first';
comment on constraint org_unit_version_dates_in_order on bank.org_unit_version is 'a state ends after it begins; correct the dates';
comment on constraint org_unit_version_head_office_has_no_parent on bank.org_unit_version is 'only the head office has no unit above; name the unit above';
comment on constraint org_unit_version_has_a_name on bank.org_unit_version is 'a unit has a name; give one';
comment on constraint org_unit_version_is_not_its_parent on bank.org_unit_version is 'a unit cannot lie under itself; name another unit above';

create table bank.org_succession (
  org_succession_id bigint generated always as identity,
  from_unit_id      integer not null,
  to_unit_id        integer not null,
  effective_on      date not null,
  recorded_at       timestamptz not null default now(),
  superseded_at     timestamptz,
  org_change_id     bigint not null,
  superseded_by_id  bigint,
  constraint org_succession_pk primary key (org_succession_id),
  constraint org_succession_is_between_two check (from_unit_id <> to_unit_id)
);
alter table bank.org_succession add constraint org_succession_from_fk
  foreign key (from_unit_id) references bank.org_unit (org_unit_id);
alter table bank.org_succession add constraint org_succession_to_fk
  foreign key (to_unit_id) references bank.org_unit (org_unit_id);
alter table bank.org_succession add constraint org_succession_change_fk
  foreign key (org_change_id) references bank.org_change (org_change_id);
alter table bank.org_succession add constraint org_succession_superseded_by_fk
  foreign key (superseded_by_id) references bank.org_change (org_change_id);
create unique index org_succession_has_one_heir on bank.org_succession (from_unit_id, to_unit_id, effective_on)
  where superseded_at is null;
create index org_succession_to_index on bank.org_succession (to_unit_id) where superseded_at is null;
comment on table  bank.org_succession is 'Which unit continues the business of which: the heir of one that closed or merged, and the origin of one that was split off. What is booked at a unit stays there; trees of other days show it below its heir or origin';
comment on column bank.org_succession.org_succession_id is 'Surrogate key';
comment on column bank.org_succession.from_unit_id is 'Unit whose business goes on elsewhere';
comment on column bank.org_succession.to_unit_id is 'Unit where it goes on';
comment on column bank.org_succession.effective_on is 'First day at the new unit';
comment on column bank.org_succession.recorded_at is 'When the platform came to believe it';
comment on column bank.org_succession.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.org_succession.org_change_id is 'Change that recorded it';
comment on column bank.org_succession.superseded_by_id is 'Change that took it back';
comment on constraint org_succession_is_between_two on bank.org_succession is 'a unit cannot succeed itself; name another unit';

insert into bank.table_placement (table_name, placement) values
  ('org_change', 'reference'),
  ('org_unit_version', 'reference'),
  ('org_succession', 'reference');
