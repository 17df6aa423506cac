-- Transfers of clients from one person to others, the handovers that go with them, and the departure audit without
-- which nobody is released.

create type bank.transfer_state as enum ('proposed', 'accepted', 'effective', 'refused', 'withdrawn');
comment on type bank.transfer_state is 'proposed: the receivers are asked; accepted: all have agreed, but it waits, for a departure audit for instance; effective: the assignments have changed; refused: a receiver said no; withdrawn: taken back before it took effect';

create type bank.problem_loans as enum ('move', 'stay', 'to_head');
comment on type bank.problem_loans is 'What happens to clients with overdue or unpaid loans: move like the others, stay with the giver, or go to the head of the team';

create table bank.transfer (
  transfer_id      bigint generated always as identity,
  giver_id         integer not null,
  effective_on     date not null,
  effective_until  date,
  cause            text not null,
  selection        text not null,
  problem_loans    bank.problem_loans not null,
  problem_head_id  integer,
  balances_move    boolean not null,
  clients          integer not null,
  clients_left     integer not null,
  proposed_by_id   integer not null,
  proposed_at      timestamptz not null default clock_timestamp(),
  state            bank.transfer_state not null default 'proposed',
  closed_at        timestamptz,
  closing_reason   text,
  entries          bigint[] not null default '{}',
  warnings         text[] not null default '{}',
  reference        text,
  batch_id         bigint,
  constraint transfer_pk primary key (transfer_id),
  constraint transfer_reference_is_unique unique (reference),
  constraint transfer_dates_in_order check (effective_on < effective_until),
  constraint transfer_has_a_cause check (btrim(cause) <> ''),
  constraint transfer_head_gets_problem_loans check ((problem_loans = 'to_head') = (problem_head_id is not null)),
  constraint transfer_head_is_another check (problem_head_id <> giver_id),
  constraint transfer_moves_something check (clients > 0 and clients_left >= 0),
  constraint transfer_closed_has_a_time check (
    (state in ('effective', 'refused', 'withdrawn')) = (closed_at is not null)),
  constraint transfer_refusal_has_a_reason check (
    state not in ('refused', 'withdrawn') or btrim(closing_reason) <> '')
);
alter table bank.transfer add constraint transfer_giver_fk
  foreign key (giver_id) references bank.employee (employee_id);
alter table bank.transfer add constraint transfer_problem_head_fk
  foreign key (problem_head_id) references bank.employee (employee_id);
alter table bank.transfer add constraint transfer_proposed_by_fk
  foreign key (proposed_by_id) references bank.employee (employee_id);
alter table bank.transfer add constraint transfer_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index transfer_giver_index on bank.transfer (giver_id);
comment on table  bank.transfer is 'Moves of clients from one person to others: proposed, accepted by each receiver, effective from a day on';
comment on column bank.transfer.transfer_id is 'Surrogate key, the number of the transfer';
comment on column bank.transfer.giver_id is 'Who gives the clients away';
comment on column bank.transfer.effective_on is 'First day with the receivers';
comment on column bank.transfer.effective_until is 'Day after the last, for a stand-in; null for good';
comment on column bank.transfer.cause is 'Why: resignation, post change, team move, leave, merger, rotation, or other words';
comment on column bank.transfer.selection is 'Which clients were chosen, in words';
comment on column bank.transfer.problem_loans is 'What happens to clients with problem loans';
comment on column bank.transfer.problem_head_id is 'Head of the team who takes them';
comment on column bank.transfer.balances_move is 'Whether accounts that are open go along; if not, they stay with who has them and only new ones count for the receiver';
comment on column bank.transfer.clients is 'Clients and accounts that move';
comment on column bank.transfer.clients_left is 'Those chosen that stay behind';
comment on column bank.transfer.proposed_by_id is 'Who proposed it';
comment on column bank.transfer.proposed_at is 'When';
comment on column bank.transfer.state is 'How far it is';
comment on column bank.transfer.closed_at is 'When it took effect, was refused or withdrawn';
comment on column bank.transfer.closing_reason is 'Why it was refused or withdrawn';
comment on column bank.transfer.entries is 'Coverage entries that carried it out';
comment on column bank.transfer.warnings is 'What the rules of coverage let pass with a warning';
comment on column bank.transfer.reference is 'What the file that proposed it calls it; null for one that a person proposed';
comment on column bank.transfer.batch_id is 'Batch whose file proposed it; null where a person did';
comment on constraint transfer_reference_is_unique on bank.transfer is 'a reference names one transfer; use another one';
comment on constraint transfer_moves_something on bank.transfer is 'a transfer moves at least one client; choose others';
comment on constraint transfer_dates_in_order on bank.transfer is 'a transfer ends after it begins; correct the dates';
comment on constraint transfer_has_a_cause on bank.transfer is 'a transfer says why; give a cause';
comment on constraint transfer_head_is_another on bank.transfer is 'the head who takes problem loans is not the giver; name another person';
comment on constraint transfer_head_gets_problem_loans on bank.transfer is 'a head is named exactly where problem loans go to one; name the head or leave it out';
comment on constraint transfer_refusal_has_a_reason on bank.transfer is 'who refuses or withdraws says why; give a reason';

create table bank.transfer_receiver (
  transfer_id bigint not null,
  position    integer not null,
  employee_id integer not null,
  accepted_at timestamptz,
  constraint transfer_receiver_pk primary key (transfer_id, position),
  constraint transfer_receiver_is_named_once unique (transfer_id, employee_id)
);
alter table bank.transfer_receiver add constraint transfer_receiver_transfer_fk
  foreign key (transfer_id) references bank.transfer (transfer_id);
alter table bank.transfer_receiver add constraint transfer_receiver_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
comment on table  bank.transfer_receiver is 'Who receives the clients of a transfer, and when each agreed; several are dealt the clients in turn';
comment on column bank.transfer_receiver.transfer_id is 'The transfer';
comment on column bank.transfer_receiver.position is 'From 1 in the order of dealing; 0 for the head who takes the problem loans';
comment on column bank.transfer_receiver.employee_id is 'The receiver';
comment on column bank.transfer_receiver.accepted_at is 'When the receiver agreed; null until then';
comment on constraint transfer_receiver_is_named_once on bank.transfer_receiver is 'a receiver is named once; leave the second out';

create table bank.transfer_item (
  branch_id        integer not null,
  transfer_id      bigint not null,
  transfer_item_id bigint generated always as identity,
  client_id        bigint,
  account_id       bigint,
  product_line     text,
  has_problem_loan boolean not null,
  fate             text not null,
  balances_move    boolean not null default true,
  rule             integer,
  constraint transfer_item_pk primary key (branch_id, transfer_id, transfer_item_id),
  constraint transfer_item_is_a_client_or_an_account check (num_nonnulls(client_id, account_id) = 1),
  constraint transfer_item_fate_is_known check (fate in ('moves', 'to_head', 'stays'))
);
-- What it names is asked for once a statement, by the triggers of SQL/functions/references.sql.
comment on table  bank.transfer_item is 'The list of a transfer as it was proposed: what moves, what goes to the head and what stays';
comment on column bank.transfer_item.branch_id is 'Branch of the client or account';
comment on column bank.transfer_item.transfer_id is 'The transfer';
comment on column bank.transfer_item.transfer_item_id is 'Surrogate key';
comment on column bank.transfer_item.client_id is 'The client; null for an account';
comment on column bank.transfer_item.account_id is 'The account; null for a client';
comment on column bank.transfer_item.product_line is 'Product line of the assignment; null for all';
comment on column bank.transfer_item.has_problem_loan is 'Whether a loan of it was overdue or unpaid';
comment on column bank.transfer_item.fate is 'moves, to_head or stays';
comment on column bank.transfer_item.balances_move is 'Whether accounts that are open go along; otherwise they stay with who has them';
comment on column bank.transfer_item.rule is 'Position of the rule of bank.transfer_rule that decided; null where none fits the cause';

-- What moves for which cause: a bank writes its own rules, and the first one that fits decides.
create table bank.transfer_rule (
  position            integer not null,
  cause               text not null,
  months_above        integer,
  months_from         integer,
  instalments_from    integer,
  instalments_below   integer,
  balance_from        numeric,
  clients_move        boolean not null,
  balances_move       boolean not null,
  note                text,
  constraint transfer_rule_pk primary key (position),
  constraint transfer_rule_balances_follow_clients check (clients_move or not balances_move)
);
comment on table  bank.transfer_rule is 'What moves with a transfer for which cause; the first rule that fits decides, and without one everything moves';
comment on column bank.transfer_rule.position is 'Order in which they are tried';
comment on column bank.transfer_rule.cause is 'Cause of the transfer';
comment on column bank.transfer_rule.months_above is 'Months of absence that must be exceeded: the whole months from the first day of the transfer to its end; without an end any number is';
comment on column bank.transfer_rule.months_from is 'Months of absence that must be reached';
comment on column bank.transfer_rule.instalments_from is 'Instalments left on a loan of the client that must be reached; of several loans the one with most';
comment on column bank.transfer_rule.instalments_below is 'Instalments left on a loan that must not be reached';
comment on column bank.transfer_rule.balance_from is 'Balance that the giver looks after and that must be reached';
comment on column bank.transfer_rule.clients_move is 'Whether clients go to the receiver';
comment on column bank.transfer_rule.balances_move is 'Whether accounts that are open go along';
comment on column bank.transfer_rule.note is 'Where the rule stands written';

create table bank.departure (
  departure_id     bigint generated always as identity,
  employee_id      integer not null,
  kind             text not null,
  leaves_on        date not null,
  reason           text,
  opened_by_id     integer not null,
  opened_at        timestamptz not null default clock_timestamp(),
  audit_due_on     date not null,
  auditor_id       integer,
  audit_opinion    text,
  closed_at        timestamptz,
  released_on      date,
  released_at      timestamptz,
  withdrawn_at     timestamptz,
  withdrawn_reason text,
  constraint departure_pk primary key (departure_id),
  constraint departure_kind_is_known check (
    kind in ('resignation', 'retirement', 'dismissal', 'post_change', 'secondment', 'death')),
  constraint departure_is_opened_by_another check (opened_by_id <> employee_id or kind in ('resignation', 'retirement')),
  constraint departure_is_audited_by_another check (auditor_id <> employee_id),
  constraint departure_audit_is_closed_as_a_whole check (
    num_nulls(auditor_id, audit_opinion, closed_at) in (0, 3)),
  constraint departure_audit_has_an_opinion check (btrim(audit_opinion) <> ''),
  constraint departure_is_released_after_the_audit check (
    num_nulls(released_on, released_at) in (0, 2) and (released_at is null or closed_at is not null)),
  constraint departure_withdrawal_has_a_reason check (
    (withdrawn_at is null) = (withdrawn_reason is null) and (withdrawn_at is null or released_at is null)
    and btrim(withdrawn_reason) <> '')
);
alter table bank.departure add constraint departure_employee_fk
  foreign key (employee_id) references bank.employee (employee_id);
alter table bank.departure add constraint departure_opened_by_fk
  foreign key (opened_by_id) references bank.employee (employee_id);
alter table bank.departure add constraint departure_auditor_fk
  foreign key (auditor_id) references bank.employee (employee_id);
create unique index departure_open_once on bank.departure (employee_id)
  where released_at is null and withdrawn_at is null;
comment on table  bank.departure is 'People who leave, or leave their post: until the departure audit is closed they are not released, and neither their clients nor their deferred pay move';
comment on column bank.departure.departure_id is 'Surrogate key, the number of the departure';
comment on column bank.departure.employee_id is 'Who leaves';
comment on column bank.departure.kind is 'resignation, retirement, dismissal, post_change, secondment or death';
comment on column bank.departure.leaves_on is 'First day on which the person is to be gone';
comment on column bank.departure.reason is 'Why, in words';
comment on column bank.departure.opened_by_id is 'Who opened it';
comment on column bank.departure.opened_at is 'When';
comment on column bank.departure.audit_due_on is 'Day by which the audit is to be closed';
comment on column bank.departure.auditor_id is 'Who audited; never the person who leaves';
comment on column bank.departure.audit_opinion is 'What the audit found';
comment on column bank.departure.closed_at is 'When the audit was closed; null while it is open';
comment on column bank.departure.released_on is 'First day on which the person is gone';
comment on column bank.departure.released_at is 'When the release was recorded';
comment on column bank.departure.withdrawn_at is 'When it was called off, because the person stays';
comment on column bank.departure.withdrawn_reason is 'Why it was called off';
comment on index bank.departure_open_once is 'a person has one departure at a time; use the one on record';
comment on constraint departure_is_audited_by_another on bank.departure is 'nobody audits their own departure; name another auditor';
comment on constraint departure_is_released_after_the_audit on bank.departure is 'nobody is released before the departure audit is closed; close it first';
comment on constraint departure_is_opened_by_another on bank.departure is 'only who resigns or retires opens the own departure; name who opens it';
comment on constraint departure_audit_has_an_opinion on bank.departure is 'an audit ends with an opinion; give it';
comment on constraint departure_withdrawal_has_a_reason on bank.departure is 'a departure that was not released can be called off with a reason; give one';
comment on constraint departure_kind_is_known on bank.departure is 'a departure is a resignation, retirement, dismissal, post_change, secondment or death; choose one';

create table bank.departure_item (
  departure_id    bigint not null,
  item_number     integer not null,
  kind            text not null,
  description     text not null,
  quantity        numeric,
  settlement      text,
  settled_by_id   integer,
  settled_at      timestamptz,
  constraint departure_item_pk primary key (departure_id, item_number),
  constraint departure_item_settled_as_a_whole check (
    num_nulls(settlement, settled_by_id, settled_at) in (0, 3)),
  constraint departure_item_settlement_says_how check (btrim(settlement) <> '')
);
alter table bank.departure_item add constraint departure_item_departure_fk
  foreign key (departure_id) references bank.departure (departure_id);
alter table bank.departure_item add constraint departure_item_settled_by_fk
  foreign key (settled_by_id) references bank.employee (employee_id);
comment on table  bank.departure_item is 'Checklist of a departure audit: what the person holds, and how each thing is settled';
comment on column bank.departure_item.departure_id is 'The departure';
comment on column bank.departure_item.item_number is 'Position, from 1';
comment on column bank.departure_item.kind is 'clients, accounts, problem_loans, claims, transfers, handovers, deferred_pay, posts, team, territory, approvals, findings or other';
comment on column bank.departure_item.description is 'What it is';
comment on column bank.departure_item.quantity is 'How many, or how much';
comment on column bank.departure_item.settlement is 'How it was settled';
comment on column bank.departure_item.settled_by_id is 'Who settled it; never the person who leaves';
comment on column bank.departure_item.settled_at is 'When';
comment on constraint departure_item_settlement_says_how on bank.departure_item is 'a settlement says how; describe it';

create type bank.handover_item_kind as enum (
  'clients', 'file', 'archive', 'key', 'seal', 'equipment', 'access', 'unfinished_matter', 'other');
comment on type bank.handover_item_kind is 'What is handed over; archive: loan files and other records that pass between departments';

create table bank.handover (
  handover_id       bigint generated always as identity,
  subject           text not null,
  transfer_id       bigint,
  departure_id      bigint,
  giver_id          integer not null,
  receiver_id       integer not null,
  witness_id        integer not null,
  planned_on        date not null,
  giver_signed_on   date,
  receiver_signed_on date,
  witness_signed_on date,
  opinion_due_on    date,
  opinion           text,
  opinion_on        date,
  recorded_by       text not null default session_user,
  recorded_at       timestamptz not null default clock_timestamp(),
  reference         text,
  batch_id          bigint,
  constraint handover_pk primary key (handover_id),
  constraint handover_reference_is_unique unique (reference),
  constraint handover_has_a_subject check (btrim(subject) <> ''),
  constraint handover_is_between_three check (
    giver_id <> receiver_id and giver_id <> witness_id and receiver_id <> witness_id),
  constraint handover_witness_signs_last check (
    witness_signed_on is null or (giver_signed_on <= witness_signed_on and receiver_signed_on <= witness_signed_on
      and num_nulls(giver_signed_on, receiver_signed_on) = 0)),
  constraint handover_opinion_follows_the_receipt check (
    num_nulls(opinion, opinion_on) in (0, 2)
    and (opinion_on is null or (receiver_signed_on is not null and opinion_on >= receiver_signed_on))
    and btrim(opinion) <> '')
);
alter table bank.handover add constraint handover_transfer_fk
  foreign key (transfer_id) references bank.transfer (transfer_id);
alter table bank.handover add constraint handover_departure_fk
  foreign key (departure_id) references bank.departure (departure_id);
alter table bank.handover add constraint handover_giver_fk
  foreign key (giver_id) references bank.employee (employee_id);
alter table bank.handover add constraint handover_receiver_fk
  foreign key (receiver_id) references bank.employee (employee_id);
alter table bank.handover add constraint handover_witness_fk
  foreign key (witness_id) references bank.employee (employee_id);
alter table bank.handover add constraint handover_batch_fk
  foreign key (batch_id) references bank.batch (batch_id);
create index handover_giver_index on bank.handover (giver_id);
create index handover_transfer_index on bank.handover (transfer_id) where transfer_id is not null;
comment on table  bank.handover is 'Records of handing over: what, from whom, to whom, before which third person, with the day on which each signed, and the written opinion of the receiver afterwards';
comment on column bank.handover.handover_id is 'Surrogate key, the number of the handover';
comment on column bank.handover.subject is 'What it is about';
comment on column bank.handover.transfer_id is 'Transfer whose list of clients is part of it';
comment on column bank.handover.departure_id is 'Departure that it belongs to';
comment on column bank.handover.giver_id is 'Who hands over';
comment on column bank.handover.receiver_id is 'Who receives';
comment on column bank.handover.witness_id is 'Third person who supervises';
comment on column bank.handover.planned_on is 'Day on which it is to take place';
comment on column bank.handover.giver_signed_on is 'Day on which the giver signed';
comment on column bank.handover.receiver_signed_on is 'Day on which the receiver signed';
comment on column bank.handover.witness_signed_on is 'Day on which the witness signed, last; the record is complete then';
comment on column bank.handover.opinion_due_on is 'Day by which the receiver is to write an opinion; known once the receiver has signed';
comment on column bank.handover.opinion is 'What the receiver found on following up and looking into what was taken over';
comment on column bank.handover.opinion_on is 'Day of the opinion';
comment on column bank.handover.recorded_by is 'Database login that opened it';
comment on column bank.handover.recorded_at is 'When it was opened';
comment on column bank.handover.reference is 'What files call it; null for one that no file names';
comment on column bank.handover.batch_id is 'Batch whose file planned it; null where a person did';
comment on constraint handover_reference_is_unique on bank.handover is 'a reference names one handover; use another one';
comment on constraint handover_has_a_subject on bank.handover is 'a handover says what it is about; describe it';
comment on constraint handover_is_between_three on bank.handover is 'giver, receiver and witness are three people; name another one';
comment on constraint handover_witness_signs_last on bank.handover is 'the witness signs after giver and receiver; let them sign first';
comment on constraint handover_opinion_follows_the_receipt on bank.handover is 'the receiver writes an opinion after signing; sign first, and write something';

create table bank.handover_item (
  handover_id bigint not null,
  item_number integer not null,
  kind        bank.handover_item_kind not null,
  description text not null,
  reference   text,
  quantity    integer not null default 1,
  given_on    date,
  received_on date,
  finding     text,
  constraint handover_item_pk primary key (handover_id, item_number),
  constraint handover_item_is_not_empty check (btrim(description) <> '' and quantity > 0),
  constraint handover_item_is_given_before_it_is_received check (
    received_on is null or (given_on is not null and given_on <= received_on))
);
alter table bank.handover_item add constraint handover_item_handover_fk
  foreign key (handover_id) references bank.handover (handover_id);
comment on table  bank.handover_item is 'Item list of a handover: files, archives, keys, seals and what else passes, with both days';
comment on column bank.handover_item.handover_id is 'The handover';
comment on column bank.handover_item.item_number is 'Position, from 1';
comment on column bank.handover_item.kind is 'What kind of thing';
comment on column bank.handover_item.description is 'What it is';
comment on column bank.handover_item.reference is 'Number of the client, loan, file or box';
comment on column bank.handover_item.quantity is 'How many';
comment on column bank.handover_item.given_on is 'Day on which it was given';
comment on column bank.handover_item.received_on is 'Day on which its receipt was acknowledged';
comment on column bank.handover_item.finding is 'What is missing or wrong about it; it counts as dealt with';
comment on constraint handover_item_is_given_before_it_is_received on bank.handover_item is 'an item is received on the day on which it is given, or later; correct the days';
comment on constraint handover_item_is_not_empty on bank.handover_item is 'an item has a description and a quantity of at least 1; correct them';

insert into bank.table_placement (table_name, placement) values
  ('transfer', 'reference'),
  ('transfer_receiver', 'reference'),
  ('transfer_item', 'by_branch'),
  ('transfer_rule', 'reference'),
  ('departure', 'reference'),
  ('departure_item', 'reference'),
  ('handover', 'reference'),
  ('handover_item', 'reference');
