-- The star of the reporting schema: dimensions, and facts that name them by the codes and numbers that people
-- know. Names here are stable; every view shows what the policies let its reader see.

create or replace view report.employee with (security_invoker = true) as
select e.employee_id, e.number, e.name, u.code as unit_code, e.joined_on, t.tier
from bank.employee as e
join bank.org_unit as u on u.org_unit_id = e.branch_id
left join bank.employee_tier as t on t.employee_id = e.employee_id and t.superseded_at is null
  and t.effective_from <= current_date and (t.effective_until is null or t.effective_until > current_date);
comment on view report.employee is 'Dimension: people, where they work and their tier of today';
comment on column report.employee.employee_id is 'Surrogate key';
comment on column report.employee.number is 'Number of the person, which the facts name';
comment on column report.employee.name is 'Name';
comment on column report.employee.unit_code is 'Unit where the person works';
comment on column report.employee.joined_on is 'First day of work';
comment on column report.employee.tier is 'Tier of today; null without one';

create or replace view report.client with (security_invoker = true) as
select c.branch_id, c.client_id, c.number, c.name, c.kind::text as kind, u.code as unit_code, i.segment as industry,
  z.segment as size, r.segment as risk, b.segment as band
from bank.client as c
join bank.org_unit as u on u.org_unit_id = c.branch_id
left join bank.client_segment as i on i.branch_id = c.branch_id and i.client_id = c.client_id and i.axis = 'industry'
  and i.superseded_at is null and i.effective_from <= current_date and (i.effective_until is null or i.effective_until > current_date)
left join bank.client_segment as z on z.branch_id = c.branch_id and z.client_id = c.client_id and z.axis = 'size'
  and z.superseded_at is null and z.effective_from <= current_date and (z.effective_until is null or z.effective_until > current_date)
left join bank.client_segment as r on r.branch_id = c.branch_id and r.client_id = c.client_id and r.axis = 'risk'
  and r.superseded_at is null and r.effective_from <= current_date and (r.effective_until is null or r.effective_until > current_date)
left join bank.client_segment as b on b.branch_id = c.branch_id and b.client_id = c.client_id and b.axis = 'band'
  and b.superseded_at is null and b.effective_from <= current_date and (b.effective_until is null or b.effective_until > current_date);
comment on view report.client is 'Dimension: clients and where they stand on each axis today';
comment on column report.client.branch_id is 'Unit of the client, part of the key';
comment on column report.client.client_id is 'Surrogate key within the unit';
comment on column report.client.number is 'Number of the client, which the facts name';
comment on column report.client.name is 'Name';
comment on column report.client.kind is 'Natural or legal person';
comment on column report.client.unit_code is 'Unit of the client';
comment on column report.client.industry is 'Industry of today';
comment on column report.client.size is 'Size of today';
comment on column report.client.risk is 'Risk of today';
comment on column report.client.band is 'Band by balance of today';

create or replace view report.account with (security_invoker = true) as
select a.branch_id, a.account_id, a.number, a.kind::text as kind, a.currency, a.opened_on, u.code as unit_code,
  c.number as owner_number
from bank.account as a
join bank.org_unit as u on u.org_unit_id = a.branch_id
left join bank.account_holder as h on h.branch_id = a.branch_id and h.account_id = a.account_id and h.role = 'owner'
left join bank.client as c on c.branch_id = h.client_branch_id and c.client_id = h.client_id;
comment on view report.account is 'Dimension: accounts and their owners';
comment on column report.account.branch_id is 'Branch of the account, part of the key';
comment on column report.account.account_id is 'Surrogate key within the branch';
comment on column report.account.number is 'Number of the account, which the facts name';
comment on column report.account.kind is 'demand, time or call';
comment on column report.account.currency is 'Currency';
comment on column report.account.opened_on is 'Day of opening';
comment on column report.account.unit_code is 'Branch of the account';
comment on column report.account.owner_number is 'Number of the client who owns it';

create or replace view report.calendar_month with (security_invoker = true) as
select m.month::date as month, to_char(m.month, 'YYYY-MM') as label, extract(year from m.month)::integer as year,
  extract(quarter from m.month)::integer as quarter, extract(month from m.month)::integer as month_of_year,
  (m.month + interval '1 month')::date - m.month::date as days
from generate_series(
  (select date_trunc('month', min(a.opened_on)::timestamp) from bank.account as a), current_date::timestamp, interval '1 month') as m (month);
comment on view report.calendar_month is 'Dimension: every month from the first account until now';
comment on column report.calendar_month.month is 'First day of the month, which the facts name';
comment on column report.calendar_month.label is 'YYYY-MM';
comment on column report.calendar_month.year is 'Year';
comment on column report.calendar_month.quarter is 'Quarter of the year';
comment on column report.calendar_month.month_of_year is 'Month of the year';
comment on column report.calendar_month.days is 'How many days it has';

create or replace view report.account_month with (security_invoker = true) as
select u.code as unit_code, a.number as account_number, m.month, m.transactions, m.credits, m.debits,
  m.credits - m.debits as net_movement, m.movement_days
from bank.account_month as m
join bank.account as a using (branch_id, account_id)
join bank.org_unit as u on u.org_unit_id = m.branch_id;
comment on view report.account_month is 'Fact: what moved on each account in each month in which something did. All of it adds up over accounts and months; the balance at the end of a month is the sum of net_movement up to it';
comment on column report.account_month.unit_code is 'Branch of the account';
comment on column report.account_month.account_number is 'The account';
comment on column report.account_month.month is 'First day of the month';
comment on column report.account_month.transactions is 'Number of movements';
comment on column report.account_month.credits is 'Sum of the credits';
comment on column report.account_month.debits is 'Sum of the debits';
comment on column report.account_month.net_movement is 'Credits less debits';
comment on column report.account_month.movement_days is 'Sum of each signed movement times the days from its booking to the end of the month: with the opening balance times the days of the month the balance days, of which the average daily balance is made';

create or replace view report.movement with (security_invoker = true) as
select u.code as unit_code, a.number as account_number, t.booked_on, t.number, t.direction::text as direction, t.amount,
  case t.direction when 'credit' then t.amount else -t.amount end as signed_amount, t.operation, t.purpose,
  t.counterparty_bank, t.counterparty_account, t.batch_id as batch, t.line_number
from bank.transaction as t
join bank.account as a using (branch_id, account_id)
join bank.org_unit as u on u.org_unit_id = t.branch_id;
comment on view report.movement is 'Fact: every movement of every account. Name a span of days: the table is cut by months';
comment on column report.movement.unit_code is 'Branch of the account';
comment on column report.movement.account_number is 'The account';
comment on column report.movement.booked_on is 'Day of the booking';
comment on column report.movement.number is 'Number of the movement, unique within its branch and day';
comment on column report.movement.direction is 'credit or debit';
comment on column report.movement.amount is 'Amount';
comment on column report.movement.signed_amount is 'Amount, below zero for debits';
comment on column report.movement.operation is 'Kind of operation, as the file says';
comment on column report.movement.purpose is 'Purpose, as the file says';
comment on column report.movement.counterparty_bank is 'Bank of the other side';
comment on column report.movement.counterparty_account is 'Account of the other side';
comment on column report.movement.batch is 'Batch that brought it';
comment on column report.movement.line_number is 'Line of its file';

create or replace view report.loan with (security_invoker = true) as
select u.code as unit_code, l.number, a.number as account_number, c.number as client_number, l.granted_on, l.amount,
  l.term_months, l.monthly_payment, l.status::text as status
from bank.loan as l
join bank.account as a using (branch_id, account_id)
join bank.org_unit as u on u.org_unit_id = l.branch_id
left join bank.account_holder as h on h.branch_id = l.branch_id and h.account_id = l.account_id and h.role = 'owner'
left join bank.client as c on c.branch_id = h.client_branch_id and c.client_id = h.client_id;
comment on view report.loan is 'Fact: loans as the last file tells of them';
comment on column report.loan.unit_code is 'Branch of the account';
comment on column report.loan.number is 'Number of the loan';
comment on column report.loan.account_number is 'Account that it is paid over';
comment on column report.loan.client_number is 'Owner of that account';
comment on column report.loan.granted_on is 'Day of granting';
comment on column report.loan.amount is 'Amount granted';
comment on column report.loan.term_months is 'Term in months';
comment on column report.loan.monthly_payment is 'Payment a month';
comment on column report.loan.status is 'finished, unpaid, running or overdue';

create or replace view report.assignment with (security_invoker = true) as
select u.code as unit_code, c.number as client_number, a.number as account_number, s.product_line, e.number as employee_number,
  s.role::text as role, s.share, s.effective_from, s.effective_until
from bank.assignment as s
join bank.org_unit as u on u.org_unit_id = s.branch_id
join bank.employee as e using (employee_id)
left join bank.client as c on c.branch_id = s.branch_id and c.client_id = s.client_id
left join bank.account as a on a.branch_id = s.branch_id and a.account_id = s.account_id
where s.superseded_at is null;
comment on view report.assignment is 'Fact: who looks after which client or account from when until when, as it is believed now. An accounts own assignment comes before that of its owner';
comment on column report.assignment.unit_code is 'Unit of the client or account';
comment on column report.assignment.client_number is 'The client; null for an assignment of one account';
comment on column report.assignment.account_number is 'The account; null for an assignment of a client';
comment on column report.assignment.product_line is 'Products that it is limited to; null for all';
comment on column report.assignment.employee_number is 'Who looks after it';
comment on column report.assignment.role is 'main or assisting';
comment on column report.assignment.share is 'Share of the credit, from 0 to 1';
comment on column report.assignment.effective_from is 'First day';
comment on column report.assignment.effective_until is 'Day after the last; null while no end is known';

create or replace view report.client_month with (security_invoker = true) as
select u.code as unit_code, c.number as client_number, v.month, v.balance_end, v.average_daily_balance,
  v.loans_granted_amount, v.expected_income
from bank.client_value as v
join bank.client as c using (branch_id, client_id)
join bank.org_unit as u on u.org_unit_id = v.branch_id
where v.superseded_at is null;
comment on view report.client_month is 'Fact: what clients were worth to the bank, month by month, where clients were assessed';
comment on column report.client_month.unit_code is 'Unit of the client';
comment on column report.client_month.client_number is 'The client';
comment on column report.client_month.month is 'First day of the month';
comment on column report.client_month.balance_end is 'Balance of the accounts owned at the end of the month';
comment on column report.client_month.average_daily_balance is 'Their average daily balance; it does not add up over clients, for it is rounded';
comment on column report.client_month.loans_granted_amount is 'Loans granted in the month';
comment on column report.client_month.expected_income is 'Income expected of the month';

create or replace view report.pay_line with (security_invoker = true) as
select r.month, r.plan, u.code as unit_code, e.number as employee_number, s.tier, l.line_number, l.component, l.kind, l.title,
  l.amount, r.currency
from bank.pay_line as l
join bank.pay_statement as s using (branch_id, pay_run_id, employee_id)
join report.pay_run as r using (pay_run_id)
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = l.branch_id
where r.counts;
comment on view report.pay_line is 'Fact: the lines of pay in the runs that count; they sum to what was earned';
comment on column report.pay_line.month is 'Month paid for, YYYY-MM';
comment on column report.pay_line.plan is 'Code of the plan';
comment on column report.pay_line.unit_code is 'Unit where the person works';
comment on column report.pay_line.employee_number is 'Number of the person';
comment on column report.pay_line.tier is 'Tier on the last day of the month';
comment on column report.pay_line.line_number is 'Number of the line in the statement';
comment on column report.pay_line.component is 'Component of the plan';
comment on column report.pay_line.kind is 'Kind of component';
comment on column report.pay_line.title is 'What the line is called';
comment on column report.pay_line.amount is 'Amount';
comment on column report.pay_line.currency is 'Currency';

create or replace view report.metric with (security_invoker = true) as
select m.code, m.name, m.chinese_name, m.base_code, m.measure::text as measure, m.crediting::text as crediting, m.product_line
from bank.metric as m;
comment on view report.metric is 'Dimension: the free metrics that facts are booked under, and those made of them';
comment on column report.metric.code is 'Name in files, targets and plans';
comment on column report.metric.name is 'Name as printed in English';
comment on column report.metric.chinese_name is 'Name as printed in Chinese';
comment on column report.metric.base_code is 'The metric whose facts it is made of; null for one that facts are booked under';
comment on column report.metric.measure is 'amount: the sum of the facts'' amounts; facts: their number';
comment on column report.metric.crediting is 'named: a fact counts for the person whom it names; assigned: for those assigned to its client';
comment on column report.metric.product_line is 'Product line whose assignments count where the product names none';

create or replace view report.fact with (security_invoker = true) as
select u.code as unit_code, f.booked_on, m.code as metric, p.code as product_code, c.number as client_number,
  e.number as employee_number, nullif(f.number, '') as number, f.amount, f.batch_id as batch, f.line_number
from bank.fact as f
join bank.org_unit as u on u.org_unit_id = f.branch_id
join bank.metric as m using (metric_id)
left join bank.product as p using (product_id)
left join bank.client as c on c.branch_id = f.client_branch_id and c.client_id = f.client_id
left join bank.employee as e on e.employee_id = f.employee_id;
comment on view report.fact is 'Fact: what free metrics measure, row by row: sales, fees and whatever else branches send. Name a span of days: the table is cut by months';
comment on column report.fact.unit_code is 'Branch where it counts';
comment on column report.fact.booked_on is 'Day on which it counts';
comment on column report.fact.metric is 'What it measures';
comment on column report.fact.product_code is 'Product that it is about; null for none';
comment on column report.fact.client_number is 'Client that it is about; null for none';
comment on column report.fact.employee_number is 'Person whom it names; null for nobody';
comment on column report.fact.number is 'Its own number; null where it has none';
comment on column report.fact.amount is 'Amount, in the unit of the metric';
comment on column report.fact.batch is 'Batch that brought it';
comment on column report.fact.line_number is 'Line of its file';

create or replace view report.fact_month with (security_invoker = true) as
select u.code as unit_code, f.month, m.code as metric, p.code as product_code, e.number as employee_number, f.facts, f.amount
from bank.fact_month as f
join bank.org_unit as u on u.org_unit_id = f.branch_id
join bank.metric as m using (metric_id)
left join bank.product as p using (product_id)
left join bank.employee as e on e.employee_id = f.employee_id;
comment on view report.fact_month is 'Fact: sums of report.fact by month, unit, metric, product and the person whom the facts name; all of it adds up';
comment on column report.fact_month.unit_code is 'Branch where the facts count';
comment on column report.fact_month.month is 'First day of the month';
comment on column report.fact_month.metric is 'What they measure';
comment on column report.fact_month.product_code is 'Product; null for facts about none';
comment on column report.fact_month.employee_number is 'Person whom they name; null for those that name nobody';
comment on column report.fact_month.facts is 'How many there are';
comment on column report.fact_month.amount is 'Sum of their amounts';

create or replace view report.repayment with (security_invoker = true) as
select u.code as unit_code, l.number as loan_number, r.day, r.principal_due, r.interest_due, r.principal_paid, r.interest_paid
from (
  select d.branch_id, d.loan_id, d.due_on as day, d.principal as principal_due, d.interest as interest_due,
    0::numeric as principal_paid, 0::numeric as interest_paid
  from bank.repayment_due as d
  union all
  select p.branch_id, p.loan_id, p.paid_on, 0, 0, p.principal, p.interest from bank.repayment as p
) as r
join bank.loan as l on l.branch_id = r.branch_id and l.loan_id = r.loan_id
join bank.org_unit as u on u.org_unit_id = r.branch_id;
comment on view report.repayment is 'Fact: what borrowers were to pay and have paid, day by day and loan by loan; what is paid over what is due is the collection rate. Name a span of days: the tables are cut by months';
comment on column report.repayment.unit_code is 'Branch of the loan';
comment on column report.repayment.loan_number is 'The loan';
comment on column report.repayment.day is 'Day on which it is due, or was paid';
comment on column report.repayment.principal_due is 'Principal due';
comment on column report.repayment.interest_due is 'Interest due';
comment on column report.repayment.principal_paid is 'Principal paid';
comment on column report.repayment.interest_paid is 'Interest paid';
