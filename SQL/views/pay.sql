-- Views about what is decided and objected to in pay.

create or replace view report.pay_dispute with (security_invoker = true) as
select d.dispute_id as dispute, e.number as person, to_char(r.month, 'YYYY-MM') as month, d.pay_run_id as run, d.line_number as line,
  l.component, d.claim, d.wanted,
  case when d.withdrawn_at is not null then 'withdrawn' when d.is_accepted then 'accepted' when d.answered_at is not null then 'rejected'
    else 'open' end as state,
  d.opened_by, d.opened_on, d.due_on,
  case when d.answered_at is null and d.withdrawn_at is null and d.due_on < bank.access_day() then bank.access_day() - d.due_on end as overdue_days,
  h.number as handler, coalesce(d.answer, d.withdrawn_reason) as answer, d.amount, a.number as answered_by,
  to_char(n.month, 'YYYY-MM') as paid_in
from bank.pay_dispute as d
join bank.employee as e on e.employee_id = d.employee_id
join bank.pay_run as r on r.pay_run_id = d.pay_run_id
left join bank.pay_line as l
  on l.branch_id = d.branch_id and l.pay_run_id = d.pay_run_id and l.employee_id = d.employee_id and l.line_number = d.line_number
left join lateral (
  select o.handler_id from bank.pay_dispute_routing as o
  where o.branch_id = d.branch_id and o.dispute_id = d.dispute_id order by o.position desc limit 1) as w on true
left join bank.employee as h on h.employee_id = w.handler_id
left join bank.employee as a on a.employee_id = d.answered_by_id
left join bank.pay_entry as n on n.branch_id = d.branch_id and n.dispute_id = d.dispute_id and n.superseded_at is null;
comment on view report.pay_dispute is 'Disputes about pay, with numbers instead of keys, by when each is to be answered, and what became of it';
comment on column report.pay_dispute.dispute is 'Number of the dispute';
comment on column report.pay_dispute.person is 'Number of the person whose pay it is';
comment on column report.pay_dispute.month is 'Month of the pay, YYYY-MM';
comment on column report.pay_dispute.run is 'Key of the run';
comment on column report.pay_dispute.line is 'Line of the statement; null for all of it';
comment on column report.pay_dispute.component is 'Component of that line';
comment on column report.pay_dispute.claim is 'What is wrong, in the words of who objects';
comment on column report.pay_dispute.wanted is 'What should have been paid more';
comment on column report.pay_dispute.state is 'open, accepted, rejected or withdrawn';
comment on column report.pay_dispute.opened_by is 'Database login that opened it';
comment on column report.pay_dispute.opened_on is 'Day on which it was opened';
comment on column report.pay_dispute.due_on is 'Last day on which it is to be answered';
comment on column report.pay_dispute.overdue_days is 'Days since then, while it is open; null in time';
comment on column report.pay_dispute.handler is 'Number of who is to look into it; null for everybody of HR';
comment on column report.pay_dispute.answer is 'The answer, or why it was withdrawn';
comment on column report.pay_dispute.amount is 'What its acceptance pays';
comment on column report.pay_dispute.answered_by is 'Number of who answered';
comment on column report.pay_dispute.paid_in is 'Month whose run pays it, YYYY-MM';

create or replace view report.pay_credit_total with (security_invoker = true) as
select r.pay_run_id, s.branch_id, nullif(s.employee_id, 0) as employee_id, s.metric, s.credited
from bank.pay_run_credit_set as r
join bank.pay_credit_sum as s using (branch_id, credit_set_id)
union all
select r.pay_run_id, f.branch_id, nullif(f.employee_id, 0), f.metric, f.credited
from bank.pay_run_credit_set as r
join bank.pay_fact_credit as f using (branch_id, credit_set_id);
comment on view report.pay_credit_total is 'What runs credited to whom by metric; several rows of one person, branch and metric add up';
comment on column report.pay_credit_total.pay_run_id is 'Key of the run';
comment on column report.pay_credit_total.branch_id is 'Key of the branch of the accounts and facts';
comment on column report.pay_credit_total.employee_id is 'Key of the person; null for the branch''s pool';
comment on column report.pay_credit_total.metric is 'The metric';
comment on column report.pay_credit_total.credited is 'What is credited';
