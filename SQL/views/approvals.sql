-- What was proposed and what became of it, by the codes and numbers that people know.

create or replace view report.approval with (security_invoker = true) as
select a.approval_id as approval, a.action, a.subject, a.amount as size,
  case when a.closed_at is null and a.expires_at <= now() then 'expired' else a.state::text end as state,
  (select count(*) from bank.approval_decision as d where d.approval_id = a.approval_id and d.approves) as approved,
  a.approvers::bigint as needed, coalesce(p.number, n.number) as proposed_by, a.proposed_by as login,
  (a.proposed_at at time zone 'UTC')::date as proposed_on, (a.expires_at at time zone 'UTC')::date as expires_on,
  coalesce(a.closing_reason, a.reason) as reason, a.obstacle
from bank.approval as a
left join bank.employee as p on p.employee_id = a.proposed_by_id
left join bank.employee as n on n.employee_id = a.named_id;
comment on view report.approval is 'Proposals of the maker and checker, with how many have approved; one that is open after its time is expired here, whether or not anybody has tidied';
comment on column report.approval.approval is 'Number';
comment on column report.approval.action is 'What is to be done';
comment on column report.approval.subject is 'What it is, in words';
comment on column report.approval.size is 'Size, where the action has one';
comment on column report.approval.state is 'How far it has come';
comment on column report.approval.approved is 'How many have approved';
comment on column report.approval.needed is 'How many must';
comment on column report.approval.proposed_by is 'Employee number of who proposed it, or whom the order names';
comment on column report.approval.login is 'Database login that proposed it';
comment on column report.approval.proposed_on is 'Day of the proposal';
comment on column report.approval.expires_on is 'Day on which it expires';
comment on column report.approval.reason is 'Why it was rejected or withdrawn, otherwise why it was proposed';
comment on column report.approval.obstacle is 'What stands in the way of carrying it out';
