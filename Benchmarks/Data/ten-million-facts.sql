-- Ten million movements of the million clients of million-clients.sql, in the place of the roll-ups that it makes up:
-- what a consolidated month is counted from where there is no roll-up.
set session_replication_role = replica;  -- no triggers: the roll-ups are made at the end
truncate bank.account_month;
select bank.open_month('transaction', m.month), bank.complete_month('transaction', m.month)
from (values (date '2026-01-01'), ('2026-02-01'), ('2026-03-01')) as m (month);
-- Each client has ten movements on the days of three months, spread by numbers that have nothing to do with each other.
insert into bank.transaction (branch_id, booked_on, number, account_id, direction, amount, batch_id, line_number)
select a.branch_id, date '2026-01-01' + ((a.account_id * 7 + n * 9) % 90)::integer, 'T' || a.account_id * 10 + n, a.account_id,
  (case when n % 4 = 0 then 'debit' else 'credit' end)::bank.direction, (100 + (a.account_id * 31 + n * 17) % 90000) / 100.0,
  1, a.account_id * 10 + n
from bank.account as a cross join generate_series(0, 9) as n;
insert into bank.account_month (branch_id, month, account_id, transactions, credits, debits, movement_days)
select t.branch_id, m.month, t.account_id, count(*), coalesce(sum(t.amount) filter (where t.direction = 'credit'), 0),
  coalesce(sum(t.amount) filter (where t.direction = 'debit'), 0),
  sum(case t.direction when 'credit' then t.amount else -t.amount end * ((m.month + interval '1 month')::date - t.booked_on))
from bank.transaction as t cross join lateral (select bank.month_of(t.booked_on) as month) as m
group by 1, 2, 3;
-- One client in twenty comes to the next branch too, half a year later.
insert into bank.account (branch_id, number, kind, currency, opened_on, batch_id, line_number)
select 22 + n % 300, 'S' || n, 'demand', 'CNY', date '2020-07-01', 1, 1000000 + n from generate_series(1, 50000) as n;
insert into bank.account_holder (branch_id, account_id, client_branch_id, client_id, role, batch_id, line_number)
select a.branch_id, a.account_id, c.branch_id, c.client_id, 'owner', 1, a.line_number
from bank.account as a join bank.client as c on c.line_number = (a.line_number - 1000000) * 20 - 7
where a.line_number > 1000000;
reset session_replication_role;
select bank.rebuild_branch_months();
vacuum analyze;
