-- Views over territories, transfers, handovers and departures, with numbers and codes instead of keys.

create or replace view report.territory with (security_invoker = true) as
select t.code, e.number as person, u.code as unit, t.industry, t.size, t.listed, t.effective_from, t.effective_until,
  t.reason, t.recorded_at, t.superseded_at
from bank.territory as t
join bank.employee as e using (employee_id)
left join bank.org_unit as u using (org_unit_id);
comment on view report.territory is 'Whose new clients are whose; those that count now have no superseded_at';
comment on column report.territory.code is 'Code of the territory';
comment on column report.territory.person is 'Number of who may win the clients';
comment on column report.territory.unit is 'Area: this unit and what lies below it';
comment on column report.territory.industry is 'Industry of the clients';
comment on column report.territory.size is 'Size of the clients';
comment on column report.territory.listed is 'One client of a named list';
comment on column report.territory.effective_from is 'First day';
comment on column report.territory.effective_until is 'Day after the last; null while no end is known';
comment on column report.territory.reason is 'Why';
comment on column report.territory.recorded_at is 'When the platform came to believe it';
comment on column report.territory.superseded_at is 'When it stopped believing it';

create or replace view report.client_claim with (security_invoker = true) as
select c.client_claim_id as claim, coalesce(c.client_number, c.prospect_name) as client, e.number as person,
  c.claimed_on, c.state::text as state, t.code as territory, c.collision_case_id as collision_case,
  c.from_territory, c.evidence, c.coverage_entry_id as coverage_entry
from bank.client_claim as c
join bank.employee as e using (employee_id)
left join bank.territory as t using (territory_id);
comment on view report.client_claim is 'Claims that were laid to new clients';
comment on column report.client_claim.claim is 'Number of the claim';
comment on column report.client_claim.client is 'Number of the client, or name of a prospect';
comment on column report.client_claim.person is 'Number of the claimant';
comment on column report.client_claim.claimed_on is 'Day of the claim';
comment on column report.client_claim.state is 'granted, contested, lost or withdrawn';
comment on column report.client_claim.territory is 'Territory that the client fell into';
comment on column report.client_claim.collision_case is 'Case that the claim is part of';
comment on column report.client_claim.from_territory is 'Whether it stands for the holder of the territory in which another claimed';
comment on column report.client_claim.evidence is 'What the claimant put forward';
comment on column report.client_claim.coverage_entry is 'Entry that gave the client to the claimant';

create or replace view report.collision_case with (security_invoker = true) as
select c.collision_case_id as collision_case, c.subject as client, c.opened_on,
  (select string_agg(e.number, ', ' order by l.client_claim_id)
   from bank.client_claim as l join bank.employee as e using (employee_id)
   where l.collision_case_id = c.collision_case_id) as claimants,
  w.number as winner, d.number as decided_by, c.decision_reason as reason, c.decided_at
from bank.collision_case as c
left join bank.employee as w on w.employee_id = c.winner_id
left join bank.employee as d on d.employee_id = c.decided_by_id;
comment on view report.collision_case is 'New clients that several people claim, and who decided what';
comment on column report.collision_case.collision_case is 'Number of the case';
comment on column report.collision_case.client is 'Number of the client, or name of a prospect';
comment on column report.collision_case.opened_on is 'Day of the claim that opened it';
comment on column report.collision_case.claimants is 'Numbers of all claimants, in the order of their claims';
comment on column report.collision_case.winner is 'Whose client it is; null while undecided, or when it is nobody''s';
comment on column report.collision_case.decided_by is 'Who decided; null while undecided';
comment on column report.collision_case.reason is 'Why';
comment on column report.collision_case.decided_at is 'When';

create or replace view report.transfer with (security_invoker = true) as
select t.transfer_id as transfer, g.number as giver,
  (select string_agg(e.number || case when r.accepted_at is null then ' (asked)' else '' end, ', ' order by r.position)
   from bank.transfer_receiver as r join bank.employee as e using (employee_id)
   where r.transfer_id = t.transfer_id) as receivers,
  t.effective_on, t.effective_until, t.cause, t.selection, t.clients, t.clients_left, t.problem_loans::text as problem_loans,
  t.balances_move, t.state::text as state, p.number as proposed_by, t.closing_reason
from bank.transfer as t
join bank.employee as g on g.employee_id = t.giver_id
join bank.employee as p on p.employee_id = t.proposed_by_id;
comment on view report.transfer is 'Moves of clients from one person to others';
comment on column report.transfer.transfer is 'Number of the transfer';
comment on column report.transfer.giver is 'Who gives the clients away';
comment on column report.transfer.receivers is 'Who receives them; (asked) has not accepted yet';
comment on column report.transfer.effective_on is 'First day with the receivers';
comment on column report.transfer.effective_until is 'Day after the last, for a stand-in';
comment on column report.transfer.cause is 'Why';
comment on column report.transfer.selection is 'Which clients were chosen';
comment on column report.transfer.clients is 'Clients and accounts that move';
comment on column report.transfer.clients_left is 'Those chosen that stay behind';
comment on column report.transfer.problem_loans is 'What happens to clients with problem loans: move, stay or to_head';
comment on column report.transfer.balances_move is 'Whether open accounts go along';
comment on column report.transfer.state is 'proposed, accepted, effective, refused or withdrawn';
comment on column report.transfer.proposed_by is 'Who proposed it';
comment on column report.transfer.closing_reason is 'Why it was refused or withdrawn';

create or replace view report.handover with (security_invoker = true) as
select h.handover_id as handover, h.subject, h.transfer_id as transfer, h.departure_id as departure, g.number as giver,
  r.number as receiver, w.number as witness, h.planned_on, h.giver_signed_on, h.receiver_signed_on, h.witness_signed_on,
  h.opinion_due_on, h.opinion_on, h.opinion,
  case when h.witness_signed_on is null and h.planned_on < current_date then 'overdue'
    when h.witness_signed_on is null then 'open'
    when h.opinion is null and h.opinion_due_on < current_date then 'opinion overdue'
    when h.opinion is null then 'opinion to come' else 'complete' end as state,
  h.reference
from bank.handover as h
join bank.employee as g on g.employee_id = h.giver_id
join bank.employee as r on r.employee_id = h.receiver_id
join bank.employee as w on w.employee_id = h.witness_id;
comment on view report.handover is 'Records of handing over, with the signatures of three people and the opinion of the receiver';
comment on column report.handover.handover is 'Number of the handover';
comment on column report.handover.subject is 'What it is about';
comment on column report.handover.transfer is 'Transfer whose list is part of it';
comment on column report.handover.departure is 'Departure that it belongs to';
comment on column report.handover.giver is 'Who hands over';
comment on column report.handover.receiver is 'Who receives';
comment on column report.handover.witness is 'Third person who supervises';
comment on column report.handover.planned_on is 'Day on which it is to take place';
comment on column report.handover.giver_signed_on is 'Day on which the giver signed';
comment on column report.handover.receiver_signed_on is 'Day on which the receiver signed';
comment on column report.handover.witness_signed_on is 'Day on which the witness signed';
comment on column report.handover.opinion_due_on is 'Day by which the receiver is to write an opinion';
comment on column report.handover.opinion_on is 'Day of the opinion';
comment on column report.handover.opinion is 'What the receiver found';
comment on column report.handover.state is 'open, overdue, opinion to come, opinion overdue or complete';
comment on column report.handover.reference is 'What files call it';

create or replace view report.departure with (security_invoker = true) as
select d.departure_id as departure, e.number as person, d.kind, d.leaves_on, o.number as opened_by, d.audit_due_on,
  (select count(*) from bank.departure_item as i where i.departure_id = d.departure_id) as items,
  (select count(*) from bank.departure_item as i where i.departure_id = d.departure_id and i.settled_at is null) as unsettled,
  a.number as auditor, d.audit_opinion, d.closed_at::date as closed_on, d.released_on,
  case when d.withdrawn_at is not null then 'withdrawn' when d.released_at is not null then 'released'
    when d.closed_at is not null then 'audited' when d.audit_due_on < current_date then 'overdue' else 'open' end as state
from bank.departure as d
join bank.employee as e on e.employee_id = d.employee_id
join bank.employee as o on o.employee_id = d.opened_by_id
left join bank.employee as a on a.employee_id = d.auditor_id;
comment on view report.departure is 'People who leave, and how far their departure audit is';
comment on column report.departure.departure is 'Number of the departure';
comment on column report.departure.person is 'Who leaves';
comment on column report.departure.kind is 'resignation, retirement, dismissal, post_change, secondment or death';
comment on column report.departure.leaves_on is 'First day on which the person is to be gone';
comment on column report.departure.opened_by is 'Who opened it';
comment on column report.departure.audit_due_on is 'Day by which the audit is to be closed';
comment on column report.departure.items is 'Items on the list';
comment on column report.departure.unsettled is 'Those that are not settled';
comment on column report.departure.auditor is 'Who audited';
comment on column report.departure.audit_opinion is 'What the audit found';
comment on column report.departure.closed_on is 'Day on which the audit was closed';
comment on column report.departure.released_on is 'First day on which the person is gone';
comment on column report.departure.state is 'open, overdue, audited, released or withdrawn';
