-- What is paid out in a month: the pay of the month, what falls due of earlier pay, and what is taken back.

create or replace view report.payroll with (security_invoker = true) as
with posted as (
  select r.pay_run_id, to_date(r.month, 'YYYY-MM') as month, r.currency
  from report.pay_run as r
  join bank.pay_posting as o using (pay_run_id)
  where r.counts
), recovered as (
  -- Amounts below zero that were decided elsewhere, such as what an accountability takes back.
  select l.branch_id, l.pay_run_id, l.employee_id, sum(l.amount) as amount
  from bank.pay_line as l
  where l.is_paid and l.kind in ('entry', 'entries') and l.amount < 0
  group by l.branch_id, l.pay_run_id, l.employee_id
), part as (
  select p.month, p.currency, s.employee_id, s.payable - coalesce(w.amount, 0) as cash_now, 0 as released,
    coalesce(w.amount, 0) as recovered
  from posted as p
  join bank.pay_statement as s using (pay_run_id)
  left join recovered as w using (branch_id, pay_run_id, employee_id)
  union all
  select m.pay_month, i.currency, m.employee_id, 0, m.amount, 0
  from bank.deferral_movement as m
  cross join bank.institution as i
  where m.kind = 'release'
)
select to_char(p.month, 'YYYY-MM') as month, e.number as employee_number, e.name as employee_name, u.code as unit_code,
  p.currency, round(sum(p.cash_now), i.minor_unit_digits) as cash_now, round(sum(p.released), i.minor_unit_digits) as released,
  round(sum(p.recovered), i.minor_unit_digits) as recovered,
  round(sum(p.cash_now + p.released + p.recovered), i.minor_unit_digits) as total
from part as p
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = e.branch_id
cross join bank.institution as i
group by p.month, p.currency, e.number, e.name, u.code, i.minor_unit_digits;
comment on view report.payroll is 'What each person is paid out in a month by the runs that count and are posted, and by releases of deferred pay, for the payroll system';
comment on column report.payroll.month is 'Month of the payment, YYYY-MM';
comment on column report.payroll.employee_number is 'Number of the person';
comment on column report.payroll.employee_name is 'Name of the person';
comment on column report.payroll.unit_code is 'Unit where the person works today';
comment on column report.payroll.currency is 'Currency of the amounts';
comment on column report.payroll.cash_now is 'What was earned in the month less what is deferred of it, before recoveries';
comment on column report.payroll.released is 'What earlier months deferred and was released for payment with this one';
comment on column report.payroll.recovered is 'What is taken back, below zero';
comment on column report.payroll.total is 'What is paid out: the three together';
