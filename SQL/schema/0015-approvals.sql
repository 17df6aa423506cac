-- Maker and checker: what one person proposes another approves, by rules with dates. One mechanism for every
-- action that a rule names; docs/approvals.md tells the whole story.

create table bank.approval_action (
  code           text not null,
  title          text not null,
  apply_function text not null,
  proposer_roles text[] not null,
  measured_in    text,
  constraint approval_action_pk primary key (code),
  constraint approval_action_is_a_code check (code ~ '^[a-z][a-z0-9_]*$'),
  constraint approval_action_has_proposers check (cardinality(proposer_roles) > 0)
);
comment on table  bank.approval_action is 'What may need a second person: each action with the function that carries it out once it is approved';
comment on column bank.approval_action.code is 'Code that rules and commands use';
comment on column bank.approval_action.title is 'What it is';
comment on column bank.approval_action.apply_function is 'Function of schema bank that carries it out: it takes the request as jsonb';
comment on column bank.approval_action.proposer_roles is 'Roles of access, any of which may propose it';
comment on column bank.approval_action.measured_in is 'What the threshold of a rule counts; null for an action without a size';

insert into bank.approval_action (code, title, apply_function, proposer_roles, measured_in) values
  ('plan_activation', 'A version of a pay plan comes into force', 'apply_plan_activation', '{hr}', null),
  ('pay_run_posting', 'A pay run is posted for payment', 'apply_pay_run_posting', '{hr}', 'what all people earned'),
  ('tier_decision', 'A tier review is decided', 'apply_tier_decision', '{hr}', null),
  ('assignment_transfer', 'Clients move from one person to another', 'apply_assignment_transfer', '{head_office}', 'clients'),
  ('access_grant', 'A login is granted a role', 'apply_access_grant', '{access_officer}', null),
  ('access_revocation', 'A login loses a role', 'apply_access_revocation', '{access_officer}', null),
  ('approval_rule', 'A rule of this mechanism is set or ended', 'apply_approval_rule', '{head_office,risk}', null);

create table bank.approval_rule (
  approval_rule_id    bigint generated always as identity,
  action              text not null,
  approver_roles      text[] not null default '{}',
  approver_post_kinds text[] not null default '{}',
  approvers           integer not null default 1,
  threshold           numeric not null default 0,
  expires_after_days  integer not null default 30,
  effective_from      date not null,
  effective_until     date,
  reason              text,
  recorded_by         text not null default session_user,
  recorded_at         timestamptz not null default clock_timestamp(),
  superseded_at       timestamptz,
  constraint approval_rule_pk primary key (approval_rule_id),
  constraint approval_rule_names_approvers check (cardinality(approver_roles) + cardinality(approver_post_kinds) > 0),
  constraint approval_rule_is_not_for_managers check (not approver_roles && '{relationship_manager}'),
  constraint approval_rule_approvers_are_few check (approvers between 1 and 5),
  constraint approval_rule_threshold_is_not_negative check (threshold >= 0),
  constraint approval_rule_expires check (expires_after_days between 1 and 366),
  constraint approval_rule_dates_in_order check (effective_from < effective_until),
  constraint approval_rule_recorded_in_order check (recorded_at <= superseded_at),
  constraint approval_rule_once_a_day exclude using gist (
    action with =, threshold with =, daterange(effective_from, effective_until) with &&)
    where (superseded_at is null)
);
alter table bank.approval_rule add constraint approval_rule_action_fk
  foreign key (action) references bank.approval_action (code);
comment on table  bank.approval_rule is 'Which action needs whose approval, on which days; superseded, never deleted';
comment on column bank.approval_rule.approval_rule_id is 'Surrogate key';
comment on column bank.approval_rule.action is 'The action';
comment on column bank.approval_rule.approver_roles is 'Roles of access, any of which lets a person approve';
comment on column bank.approval_rule.approver_post_kinds is 'Kinds of posts, any of which lets a person approve; never one that manages clients';
comment on column bank.approval_rule.approvers is 'How many people must approve';
comment on column bank.approval_rule.threshold is 'Size of the action from which the rule counts; the highest that is reached decides, and an action without a size reaches all';
comment on column bank.approval_rule.expires_after_days is 'Days after which a proposal that was not applied has expired';
comment on column bank.approval_rule.effective_from is 'First day';
comment on column bank.approval_rule.effective_until is 'Day after the last; null while it is in force';
comment on column bank.approval_rule.reason is 'Why, in the words of who set it';
comment on column bank.approval_rule.recorded_by is 'Database login that carried it out';
comment on column bank.approval_rule.recorded_at is 'When the platform came to believe it';
comment on column bank.approval_rule.superseded_at is 'When it stopped counting; null for what counts now';
comment on constraint approval_rule_names_approvers on bank.approval_rule is 'a rule names who may approve; give a role or a kind of post';
comment on constraint approval_rule_is_not_for_managers on bank.approval_rule is 'who manages clients proposes and never approves; name another role';
comment on constraint approval_rule_approvers_are_few on bank.approval_rule is 'between 1 and 5 people approve; correct the number';
comment on constraint approval_rule_expires on bank.approval_rule is 'a proposal expires after 1 to 366 days; correct the number';
comment on constraint approval_rule_dates_in_order on bank.approval_rule is 'a rule ends after it begins; the end is the day after the last day';

create type bank.approval_state as enum ('proposed', 'approved', 'applied', 'rejected', 'withdrawn', 'expired');
comment on type bank.approval_state is 'How far a proposal has come: proposed, approved (by all who are needed, and not carried out yet), applied, rejected, withdrawn or expired';

create table bank.approval (
  approval_id      bigint generated always as identity,
  action           text not null,
  subject_key      text not null,
  subject          text not null,
  request          jsonb not null,
  amount           numeric,
  approval_rule_id bigint not null,
  approvers        integer not null,
  proposed_by      text not null default session_user,
  proposed_by_id   integer,
  named_id         integer,
  concerned_ids    integer[] not null default '{}',
  reason           text,
  proposed_at      timestamptz not null default now(),
  expires_at       timestamptz not null,
  state            bank.approval_state not null default 'proposed',
  obstacle         text,
  closing_reason   text,
  closed_by        text,
  closed_at        timestamptz,
  constraint approval_pk primary key (approval_id),
  constraint approval_expires_later check (expires_at > proposed_at),
  constraint approval_closed_as_a_whole check (
    (state in ('proposed', 'approved')) = (closed_at is null) and (closed_at is null) = (closed_by is null)),
  constraint approval_closing_says_why check (state not in ('rejected', 'withdrawn') or btrim(closing_reason) <> '')
);
alter table bank.approval add constraint approval_action_fk
  foreign key (action) references bank.approval_action (code);
alter table bank.approval add constraint approval_rule_fk
  foreign key (approval_rule_id) references bank.approval_rule (approval_rule_id);
alter table bank.approval add constraint approval_proposed_by_fk
  foreign key (proposed_by_id) references bank.employee (employee_id);
alter table bank.approval add constraint approval_named_fk
  foreign key (named_id) references bank.employee (employee_id);
create unique index approval_is_open_once on bank.approval (action, subject_key) where state in ('proposed', 'approved');
create index approval_proposed_by_index on bank.approval (proposed_by_id) where proposed_by_id is not null;
comment on table  bank.approval is 'What was proposed and what became of it; it goes one way and is never deleted';
comment on column bank.approval.approval_id is 'Number of the approval';
comment on column bank.approval.action is 'What is to be done';
comment on column bank.approval.subject_key is 'What it is done to: there is one open proposal for it at most';
comment on column bank.approval.subject is 'What it is, in words';
comment on column bank.approval.request is 'What the apply function gets';
comment on column bank.approval.amount is 'Size, where the action has one';
comment on column bank.approval.approval_rule_id is 'Rule that was in force when it was proposed';
comment on column bank.approval.approvers is 'How many must approve, by that rule';
comment on column bank.approval.proposed_by is 'Database login that proposed it; it never approves';
comment on column bank.approval.proposed_by_id is 'Person behind the login; null for a login without one. They never approve';
comment on column bank.approval.named_id is 'Person whom the order names as its author; they never approve';
comment on column bank.approval.concerned_ids is 'People whom it is about; they never approve';
comment on column bank.approval.reason is 'Why, in the words of who proposed it';
comment on column bank.approval.proposed_at is 'When';
comment on column bank.approval.expires_at is 'From when on it can be neither approved nor applied';
comment on column bank.approval.state is 'How far it has come; one that is open after its time has expired all the same';
comment on column bank.approval.obstacle is 'Why it could not be carried out when it was approved; null without an obstacle';
comment on column bank.approval.closing_reason is 'Why it was rejected or withdrawn, or what was done';
comment on column bank.approval.closed_by is 'Database login that closed it';
comment on column bank.approval.closed_at is 'When it was applied, rejected, withdrawn or found expired; an application bears the time of its transaction';
comment on constraint approval_closing_says_why on bank.approval is 'a rejection or withdrawal says why; give a reason';

create table bank.approval_decision (
  approval_id bigint not null,
  employee_id integer not null,
  login       text not null default session_user,
  approves    boolean not null,
  reason      text,
  decided_at  timestamptz not null default now(),
  constraint approval_decision_pk primary key (approval_id, employee_id),
  constraint approval_decision_once_a_login unique (approval_id, login),
  constraint approval_decision_rejection_says_why check (approves or btrim(reason) <> '')
);
alter table bank.approval_decision add constraint approval_decision_approval_fk
  foreign key (approval_id) references bank.approval (approval_id);
alter table bank.approval_decision add constraint approval_decision_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
create index approval_decision_employee_index on bank.approval_decision (employee_id);
comment on table  bank.approval_decision is 'Who approved or rejected what: each person and each login once; never changed';
comment on column bank.approval_decision.approval_id is 'The proposal';
comment on column bank.approval_decision.employee_id is 'Person who decided: the one behind the login';
comment on column bank.approval_decision.login is 'Database login';
comment on column bank.approval_decision.approves is 'Whether it is an approval; otherwise a rejection, which ends the proposal';
comment on column bank.approval_decision.reason is 'Why; needed for a rejection';
comment on column bank.approval_decision.decided_at is 'When';
comment on constraint approval_decision_pk on bank.approval_decision is 'a person decides about a proposal once; let another one approve';
comment on constraint approval_decision_once_a_login on bank.approval_decision is 'a login decides about a proposal once; let another one approve';
comment on constraint approval_decision_rejection_says_why on bank.approval_decision is 'a rejection says why; give a reason';

create table bank.plan_activation (
  plan_id      integer not null,
  activated_by text not null default session_user,
  activated_at timestamptz not null default now(),
  constraint plan_activation_pk primary key (plan_id)
);
alter table bank.plan_activation add constraint plan_activation_plan_fk
  foreign key (plan_id) references bank.plan (plan_id);
comment on table  bank.plan_activation is 'Plans that may pay: a version without a row here pays nobody';
comment on column bank.plan_activation.plan_id is 'The plan';
comment on column bank.plan_activation.activated_by is 'Database login that loaded it, or that gave the last approval it needed';
comment on column bank.plan_activation.activated_at is 'When';
insert into bank.plan_activation (plan_id, activated_by, activated_at)
select plan_id, loaded_by, loaded_at from bank.plan;

create table bank.pay_posting (
  pay_run_id integer not null,
  posted_by  text not null default session_user,
  posted_at  timestamptz not null default now(),
  constraint pay_posting_pk primary key (pay_run_id)
);
alter table bank.pay_posting add constraint pay_posting_run_fk
  foreign key (pay_run_id) references bank.pay_run (pay_run_id);
comment on table  bank.pay_posting is 'Pay runs that were posted for payment, each once';
comment on column bank.pay_posting.pay_run_id is 'The run';
comment on column bank.pay_posting.posted_by is 'Database login that posted it, or that gave the last approval it needed';
comment on column bank.pay_posting.posted_at is 'When';
comment on constraint pay_posting_pk on bank.pay_posting is 'a run is posted once; run the month again if something has changed';

insert into bank.table_placement (table_name, placement) values
  ('approval_action', 'reference'),
  ('approval_rule', 'reference'),
  ('approval', 'reference'),
  ('approval_decision', 'reference'),
  ('plan_activation', 'reference'),
  ('pay_posting', 'reference');
