-- On top of million-clients.sql: everybody's tier, who looks after which account, and ten movements in March 2026 of
-- each account of thirty branches. Their months agree with them, so that explanations add up.
set session_replication_role = replica;  -- no triggers and no foreign keys: these rows are known to be right
insert into bank.tier (code, rank, title) values ('junior', 1, 'Junior'), ('senior', 2, 'Senior');
insert into bank.employee_tier (employee_id, tier, effective_from)
select employee_id, case employee_id % 2 when 0 then 'junior' else 'senior' end, date '2020-01-01' from bank.employee;
-- Two hundred accounts a person, in three branches.
insert into bank.assignment (branch_id, account_id, employee_id, role, share, effective_from, batch_id, line_number)
select a.branch_id, a.account_id, e.employee_id, 'main', 1, date '2025-01-01', 1, a.line_number
from bank.account as a
join bank.employee as e on e.number = 'RM' || 1 + (a.line_number - 1) % 5000;
select bank.add_month('transaction', date '2026-03-01');
insert into bank.transaction (branch_id, account_id, booked_on, number, direction, amount, batch_id, line_number)
select a.branch_id, a.account_id, date '2026-03-01' + (3 * n)::integer, 'T' || a.account_id || '-' || n,
  case n % 3 when 0 then 'debit'::bank.direction else 'credit' end, 100 + n, 1, a.line_number * 10 + n
from bank.account as a cross join generate_series(0, 9) as n
where a.branch_id % 10 = 2
order by a.branch_id, n, a.account_id;  -- as files of branches come
delete from bank.account_month as m
where m.month = '2026-03-01' and exists (select from bank.transaction as t where t.branch_id = m.branch_id and t.account_id = m.account_id);
insert into bank.account_month (branch_id, month, account_id, transactions, credits, debits, movement_days)
select branch_id, '2026-03-01', account_id, count(*), sum(amount) filter (where direction = 'credit'),
  sum(amount) filter (where direction = 'debit'),
  sum(case direction when 'credit' then amount else -amount end * (date '2026-04-01' - booked_on))
from bank.transaction group by branch_id, account_id;
reset session_replication_role;
select bank.rebuild_branch_months();
vacuum analyze;
