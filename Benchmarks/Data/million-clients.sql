-- A million clients in 300 branches, an account each, three months of roll-ups: what a consolidated month is
-- read from. Made in the database, because files of this size would only test the import.
set session_replication_role = replica;  -- no triggers and no foreign keys: these rows are known to be right
insert into bank.institution (name, currency, minor_unit_digits) values ('Million', 'CNY', 2);
insert into bank.batch (dataset, file_name, content_digest, mapping_name, mapping_digest, state)
values ('clients', 'made up', sha256('clients'), 'made up', sha256('mapping'), 'loaded');
reset session_replication_role;
insert into bank.org_unit (org_unit_id, code, name, level, parent_id, path, opened_on) overriding system value
select 1, 'HQ', 'Head office', 'head_office'::bank.org_level, null::integer, '1'::ltree, date '2000-01-01'
union all
select n, 'R' || n, 'Region ' || n, 'region', 1, ('1.' || n)::ltree, date '2000-01-01' from generate_series(2, 21) as n
union all
select n, 'B' || n, 'Branch ' || n, 'branch', 2 + n % 20, ('1.' || 2 + n % 20 || '.' || n)::ltree, date '2000-01-01'
from generate_series(22, 321) as n;
set session_replication_role = replica;
insert into bank.employee (number, branch_id, joined_on)
select 'RM' || n, 22 + n % 300, date '2015-01-01' from generate_series(1, 5000) as n;
insert into bank.client (branch_id, number, name, kind, batch_id, line_number)
select 22 + n % 300, 'C' || n, 'Client ' || n, 'person', 1, n from generate_series(1, 1000000) as n;
insert into bank.account (branch_id, number, kind, currency, opened_on, batch_id, line_number)
select 22 + n % 300, 'A' || n, 'demand', 'CNY', date '2020-01-01', 1, n from generate_series(1, 1000000) as n;
insert into bank.account_holder (branch_id, account_id, client_branch_id, client_id, role, batch_id, line_number)
select a.branch_id, a.account_id, c.branch_id, c.client_id, 'owner', 1, a.line_number
from bank.account as a join bank.client as c on c.line_number = a.line_number;
insert into bank.account_month (branch_id, month, account_id, transactions, credits, debits, movement_days)
select a.branch_id, m.month, a.account_id, 5, 1000 + a.account_id % 977, 10, 5000
from bank.account as a cross join (values (date '2026-01-01'), ('2026-02-01'), ('2026-03-01')) as m (month);
insert into bank.loan (branch_id, number, account_id, granted_on, amount, term_months, monthly_payment, status, batch_id, line_number)
select branch_id, 'L' || account_id, account_id, date '2026-01-15', 1000, 12, 100, 'running', 1, account_id
from bank.account where account_id % 50 = 0;
reset session_replication_role;
select bank.rebuild_branch_months();
vacuum analyze;
create role head_office_login login;
create role branch_login login;
select bank.grant_access('head_office_login', 'head_office', 'RM1', null, null, date '2026-01-01', null, null);
select bank.grant_access('branch_login', 'branch', 'RM2', 'B100', null, date '2026-01-01', null, null);
