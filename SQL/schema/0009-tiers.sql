-- What a tier means, from when until when; and how people come to another one: a scorecard proposes, with its
-- arithmetic, and a named person decides.

create table bank.tier_terms (
  tier_terms_id   bigint generated always as identity,
  tier            text not null,
  effective_from  date not null,
  effective_until date,
  client_bands    text[] not null default '{}',
  powers          text[] not null default '{}',
  ticket_limit    numeric,
  client_capacity integer,
  coefficient     numeric,
  base_pay        numeric,
  recorded_by     text not null default session_user,
  recorded_at     timestamptz not null default now(),
  superseded_at   timestamptz,
  batch_id        bigint,
  line_number     bigint,
  constraint tier_terms_pk primary key (tier_terms_id),
  constraint tier_terms_dates_in_order check (effective_from < effective_until),
  constraint tier_terms_are_not_negative check (
    ticket_limit >= 0 and client_capacity >= 0 and coefficient >= 0 and base_pay >= 0),
  constraint tier_terms_one_a_day exclude using gist (
    tier with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.tier_terms add constraint tier_terms_tier_fk
  foreign key (tier) references bank.tier (code);
alter table bank.tier_terms add constraint tier_terms_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
comment on table  bank.tier_terms is 'What each tier of the ladder may do and gets, from a day until a day, and when that was believed';
comment on column bank.tier_terms.tier_terms_id is 'Surrogate key';
comment on column bank.tier_terms.tier is 'The tier';
comment on column bank.tier_terms.effective_from is 'First day';
comment on column bank.tier_terms.effective_until is 'Day after the last; null while it holds';
comment on column bank.tier_terms.client_bands is 'Codes of the client bands that it may serve; empty for all';
comment on column bank.tier_terms.powers is 'Codes of what it may do, such as sign_small_loans';
comment on column bank.tier_terms.ticket_limit is 'Largest single case that it may propose, in the bank''s currency; null for no limit';
comment on column bank.tier_terms.client_capacity is 'How many clients it may look after; null for no limit';
comment on column bank.tier_terms.coefficient is 'What performance pay is multiplied by';
comment on column bank.tier_terms.base_pay is 'Base pay of a month, in the bank''s currency';
comment on column bank.tier_terms.recorded_by is 'Database login that recorded it';
comment on column bank.tier_terms.recorded_at is 'When the platform came to believe it';
comment on column bank.tier_terms.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.tier_terms.batch_id is 'Batch that brought it; null for a command';
comment on column bank.tier_terms.line_number is 'Line in that batch''s file';
comment on constraint tier_terms_one_a_day on bank.tier_terms is 'a tier means one thing a day; end the terms on record first';
comment on constraint tier_terms_are_not_negative on bank.tier_terms is 'limit, capacity, coefficient and base pay are not below zero; correct them';
comment on constraint tier_terms_dates_in_order on bank.tier_terms is 'terms end after they begin; correct the dates';

create table bank.review_measure (
  review_measure_id bigint generated always as identity,
  employee_id       integer not null,
  measure           text not null,
  period_from       date not null,
  period_until      date not null,
  value             numeric not null,
  recorded_at       timestamptz not null default now(),
  superseded_at     timestamptz,
  batch_id          bigint,
  line_number       bigint,
  constraint review_measure_pk primary key (review_measure_id),
  constraint review_measure_dates_in_order check (period_from < period_until)
);
alter table bank.review_measure add constraint review_measure_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.review_measure add constraint review_measure_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create unique index review_measure_one_a_period
  on bank.review_measure (employee_id, measure, period_from, period_until) where superseded_at is null;
comment on table  bank.review_measure is 'What was measured of a person in a period, for scorecards: figures that the platform does not compute itself, such as points of violations or years in credit';
comment on column bank.review_measure.review_measure_id is 'Surrogate key';
comment on column bank.review_measure.employee_id is 'The person';
comment on column bank.review_measure.measure is 'Code that scorecards use';
comment on column bank.review_measure.period_from is 'First day of the period';
comment on column bank.review_measure.period_until is 'Day after its last';
comment on column bank.review_measure.value is 'The figure';
comment on column bank.review_measure.recorded_at is 'When the platform came to believe it';
comment on column bank.review_measure.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column bank.review_measure.batch_id is 'Batch that brought it; null for a command';
comment on column bank.review_measure.line_number is 'Line in that batch''s file';
comment on index bank.review_measure_one_a_period is 'a measure of a person and period is on record once; supersede the one that is there';

create table bank.scorecard (
  scorecard_id   integer generated always as identity,
  code           text not null,
  version        integer not null,
  title          text not null,
  effective_from date not null,
  steps_up       integer not null,
  steps_down     integer not null,
  document       text not null,
  digest         bytea not null,
  loaded_by      text not null default session_user,
  loaded_at      timestamptz not null default now(),
  constraint scorecard_pk primary key (scorecard_id),
  constraint scorecard_version_is_unique unique (code, version),
  constraint scorecard_document_is_loaded_once unique (digest),
  constraint scorecard_steps_are_not_negative check (steps_up >= 0 and steps_down >= 0)
);
comment on table  bank.scorecard is 'Scorecards of the tier review; each row is one version, word for word';
comment on column bank.scorecard.scorecard_id is 'Surrogate key';
comment on column bank.scorecard.code is 'Code that stays the same through all versions';
comment on column bank.scorecard.version is 'Counts the versions of a code from 1';
comment on column bank.scorecard.title is 'Title as printed';
comment on column bank.scorecard.effective_from is 'First day of a period that it may judge';
comment on column bank.scorecard.steps_up is 'How many tiers one review may promote at most';
comment on column bank.scorecard.steps_down is 'How many tiers one review may demote at most';
comment on column bank.scorecard.document is 'The scorecard as written, in YAML';
comment on column bank.scorecard.digest is 'SHA-256 of the document';
comment on column bank.scorecard.loaded_by is 'Database login that loaded it';
comment on column bank.scorecard.loaded_at is 'When it was loaded';

create type bank.scorecard_item_kind as enum ('standard', 'certificate', 'violation');
comment on type bank.scorecard_item_kind is 'standard: points for a measure against its standard; certificate: points for a qualification held; violation: points taken off';

create table bank.scorecard_item (
  scorecard_id  integer not null,
  position      integer not null,
  kind          bank.scorecard_item_kind not null,
  code          text not null,
  title         text not null,
  weight        numeric,
  standard      numeric,
  most          numeric,
  points        numeric,
  constraint scorecard_item_pk primary key (scorecard_id, position),
  constraint scorecard_item_code_is_unique unique (scorecard_id, kind, code),
  constraint scorecard_item_says_how check (
    case kind
      when 'standard' then weight > 0 and standard > 0 and most > 0 and points is null
      else points > 0 and num_nonnulls(weight, standard) = 0
    end)
);
alter table bank.scorecard_item add constraint scorecard_item_scorecard_fk
  foreign key (scorecard_id) references bank.scorecard (scorecard_id);
comment on table  bank.scorecard_item is 'The lines of a scorecard';
comment on column bank.scorecard_item.scorecard_id is 'The scorecard';
comment on column bank.scorecard_item.position is 'Position, from 1';
comment on column bank.scorecard_item.kind is 'How it counts';
comment on column bank.scorecard_item.code is 'The measure, or the qualification';
comment on column bank.scorecard_item.title is 'Title as printed';
comment on column bank.scorecard_item.weight is 'Points of a standard score at exactly the standard';
comment on column bank.scorecard_item.standard is 'Value of the measure that gives all the weight';
comment on column bank.scorecard_item.most is 'Most points that the line gives, or that all certificates give together';
comment on column bank.scorecard_item.points is 'Points for a certificate held, or taken off for each unit of the measure';

create table bank.scorecard_tier (
  scorecard_id integer not null,
  tier         text not null,
  from_total   numeric not null,
  constraint scorecard_tier_pk primary key (scorecard_id, tier),
  constraint scorecard_tier_total_is_unique unique (scorecard_id, from_total)
);
alter table bank.scorecard_tier add constraint scorecard_tier_scorecard_fk
  foreign key (scorecard_id) references bank.scorecard (scorecard_id);
alter table bank.scorecard_tier add constraint scorecard_tier_tier_fk
  foreign key (tier) references bank.tier (code);
comment on table  bank.scorecard_tier is 'From which total a scorecard reaches each tier';
comment on column bank.scorecard_tier.scorecard_id is 'The scorecard';
comment on column bank.scorecard_tier.tier is 'The tier';
comment on column bank.scorecard_tier.from_total is 'Total from which it is reached';

create table bank.scorecard_gate (
  scorecard_id integer not null,
  position     integer not null,
  tier         text not null,
  measure      text not null,
  at_least     numeric,
  at_most      numeric,
  constraint scorecard_gate_pk primary key (scorecard_id, position),
  constraint scorecard_gate_has_one_bound check (num_nonnulls(at_least, at_most) = 1)
);
alter table bank.scorecard_gate add constraint scorecard_gate_scorecard_fk
  foreign key (scorecard_id) references bank.scorecard (scorecard_id);
alter table bank.scorecard_gate add constraint scorecard_gate_tier_fk
  foreign key (tier) references bank.tier (code);
comment on table  bank.scorecard_gate is 'What a tier and all above it ask for whatever the total';
comment on column bank.scorecard_gate.scorecard_id is 'The scorecard';
comment on column bank.scorecard_gate.position is 'Position, from 1';
comment on column bank.scorecard_gate.tier is 'Lowest tier that asks for it';
comment on column bank.scorecard_gate.measure is 'The measure';
comment on column bank.scorecard_gate.at_least is 'Smallest value that passes';
comment on column bank.scorecard_gate.at_most is 'Largest value that passes';

create type bank.review_outcome as enum ('promote', 'keep', 'demote');
comment on type bank.review_outcome is 'What a tier review proposes or decides';

create table bank.tier_review (
  tier_review_id   bigint generated always as identity,
  employee_id      integer not null,
  scorecard_id     integer not null,
  period_from      date not null,
  period_until     date not null,
  current_tier     text,
  total            numeric not null,
  proposed_tier    text not null,
  proposal         bank.review_outcome not null,
  proposed_by      text not null default session_user,
  proposed_at      timestamptz not null default now(),
  superseded_at    timestamptz,
  decided_tier     text,
  decision         bank.review_outcome,
  decided_by_id    integer,
  decision_reason  text,
  effective_from   date,
  decided_at       timestamptz,
  constraint tier_review_pk primary key (tier_review_id),
  constraint tier_review_dates_in_order check (period_from < period_until),
  constraint tier_review_is_decided_by_another check (decided_by_id <> employee_id),
  constraint tier_review_decided_as_a_whole check (
    num_nulls(decided_tier, decision, decided_by_id, effective_from, decided_at) in (0, 5)),
  constraint tier_review_other_decision_has_a_reason check (
    decided_tier is null or decided_tier = proposed_tier or decision_reason is not null)
);
alter table bank.tier_review add constraint tier_review_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.tier_review add constraint tier_review_scorecard_fk
  foreign key (scorecard_id) references bank.scorecard (scorecard_id);
alter table bank.tier_review add constraint tier_review_current_tier_fk
  foreign key (current_tier) references bank.tier (code);
alter table bank.tier_review add constraint tier_review_proposed_tier_fk
  foreign key (proposed_tier) references bank.tier (code);
alter table bank.tier_review add constraint tier_review_decided_tier_fk
  foreign key (decided_tier) references bank.tier (code);
alter table bank.tier_review add constraint tier_review_decided_by_fk
  foreign key (decided_by_id) references bank.employee (employee_id);
create unique index tier_review_one_a_period
  on bank.tier_review (employee_id, period_from, period_until) where superseded_at is null;
comment on table  bank.tier_review is 'Tier reviews: what a scorecard proposed for a person and period, and who decided what';
comment on column bank.tier_review.tier_review_id is 'Surrogate key';
comment on column bank.tier_review.employee_id is 'Who is reviewed';
comment on column bank.tier_review.scorecard_id is 'Scorecard version that was applied';
comment on column bank.tier_review.period_from is 'First day that is looked at';
comment on column bank.tier_review.period_until is 'Day after the last';
comment on column bank.tier_review.current_tier is 'Tier on the last day of the period; null for none';
comment on column bank.tier_review.total is 'Total of the lines';
comment on column bank.tier_review.proposed_tier is 'Tier that is proposed';
comment on column bank.tier_review.proposal is 'Promote, keep or demote';
comment on column bank.tier_review.proposed_by is 'Database login that ran it';
comment on column bank.tier_review.proposed_at is 'When it ran';
comment on column bank.tier_review.superseded_at is 'When another review of the same period replaced it; null for what counts now';
comment on column bank.tier_review.decided_tier is 'Tier that was decided';
comment on column bank.tier_review.decision is 'Promote, keep or demote';
comment on column bank.tier_review.decided_by_id is 'Who decided; never the reviewed person';
comment on column bank.tier_review.decision_reason is 'Why; needed where the decision is not the proposal';
comment on column bank.tier_review.effective_from is 'First day of the decided tier';
comment on column bank.tier_review.decided_at is 'When it was decided; nothing about the review changes afterwards';
comment on constraint tier_review_is_decided_by_another on bank.tier_review is 'nobody decides about the own tier; name another person';
comment on constraint tier_review_other_decision_has_a_reason on bank.tier_review is 'a decision other than the proposal says why; give a reason';

create table bank.tier_review_line (
  tier_review_id bigint not null,
  line_number    integer not null,
  kind           text not null,
  title          text not null,
  value          numeric,
  points         numeric,
  passes         boolean,
  arithmetic     text not null,
  constraint tier_review_line_pk primary key (tier_review_id, line_number)
);
alter table bank.tier_review_line add constraint tier_review_line_review_fk
  foreign key (tier_review_id) references bank.tier_review (tier_review_id);
comment on table  bank.tier_review_line is 'The lines of a tier review with their arithmetic';
comment on column bank.tier_review_line.tier_review_id is 'The review';
comment on column bank.tier_review_line.line_number is 'Position, from 1';
comment on column bank.tier_review_line.kind is 'standard, certificate, violation, total, tier or gate';
comment on column bank.tier_review_line.title is 'Title as printed';
comment on column bank.tier_review_line.value is 'What was measured';
comment on column bank.tier_review_line.points is 'Points that it gives; below zero for violations';
comment on column bank.tier_review_line.passes is 'Whether a gate or a total is passed; null for lines with points';
comment on column bank.tier_review_line.arithmetic is 'How the points come about, or why it passes or not';

alter table bank.employee_tier add column tier_review_id bigint;
alter table bank.employee_tier add constraint employee_tier_review_fk
  foreign key (tier_review_id) references bank.tier_review (tier_review_id);
comment on column bank.employee_tier.tier_review_id is 'Review that decided it; null where it came otherwise';
comment on constraint employee_tier_one_at_a_time on bank.employee_tier is 'a person holds one tier a day; end the one on record first';
comment on constraint employee_tier_dates_in_order on bank.employee_tier is 'a tier ends after it begins; correct the dates';

insert into bank.table_placement (table_name, placement) values
  ('tier_terms', 'reference'),
  ('review_measure', 'reference'),
  ('scorecard', 'reference'),
  ('scorecard_item', 'reference'),
  ('scorecard_tier', 'reference'),
  ('scorecard_gate', 'reference'),
  ('tier_review', 'reference'),
  ('tier_review_line', 'reference');
