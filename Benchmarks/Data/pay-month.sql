-- A bank for a month of pay: 200 branches, 5,000 relationship managers, :clients clients, a tenth more dated
-- assignments (eight in a hundred clients are shared 70 : 30, two change hands within the month), and :facts facts of
-- ten metrics in March 2026, for whom the client is assigned to. Made in the database, because files of this size
-- would only test the import.
set session_replication_role = replica;  -- no triggers and no foreign keys: these rows are known to be right
select setseed(0.5);
insert into bank.institution (name, currency, minor_unit_digits) values ('Month', 'CNY', 2);
insert into bank.batch (dataset, file_name, content_digest, mapping_name, mapping_digest, state)
values ('facts', 'made up', sha256('facts'), 'made up', sha256('mapping'), 'loaded');
insert into bank.metric (code, name) select 'm' || n, 'Metric ' || n from generate_series(0, 9) as n;
reset session_replication_role;
insert into bank.org_unit (org_unit_id, code, name, level, parent_id, path, opened_on) overriding system value
select 1, 'HQ', 'Head office', 'head_office'::bank.org_level, null::integer, '1'::ltree, date '2000-01-01'
union all
select n, 'B' || n, 'Branch ' || n, 'branch', 1, ('1.' || n)::ltree, date '2000-01-01' from generate_series(2, 201) as n;
set session_replication_role = replica;
insert into bank.employee (number, branch_id, joined_on)
select 'RM' || n, 2 + n % 200, date '2015-01-01' from generate_series(0, 4999) as n;
insert into bank.client (branch_id, number, name, kind, batch_id, line_number)
select 2 + n % 200, 'C' || n, 'Client ' || n, 'person', 1, n from generate_series(1, :clients) as n;
create table client_pair as
select c.branch_id, c.client_id, c.line_number as n, e.employee_id, o.employee_id as other_id
from bank.client as c
join bank.employee as e on e.number = 'RM' || ((c.line_number % 200) + 200 * (c.line_number / 200 % 25))
join bank.employee as o on o.number = 'RM' || ((c.line_number % 200) + 200 * ((c.line_number / 200 + 7) % 25));
insert into bank.assignment (branch_id, client_id, employee_id, role, share, effective_from, effective_until, batch_id, line_number)
select branch_id, client_id, employee_id, 'main'::bank.assignment_role, case when n / 200 % 100 < 8 then 0.7 else 1 end, date '2025-01-01',
  case when n / 200 % 100 in (8, 9) then date '2026-03-16' end, 1, n
from client_pair
union all
select branch_id, client_id, other_id, 'assisting', 0.3, date '2025-01-01', null, 1, n from client_pair where n / 200 % 100 < 8
union all
select branch_id, client_id, other_id, 'main', 1, date '2026-03-16', null, 1, n from client_pair where n / 200 % 100 in (8, 9);
select bank.add_month('fact', date '2026-03-01');
insert into bank.fact (branch_id, booked_on, metric_id, client_branch_id, client_id, number, amount, batch_id, line_number)
select p.branch_id, f.booked_on, m.metric_id, p.branch_id, p.client_id, f.n::text, f.amount, 1, f.n
from (
  select n, 1 + floor(random() * :clients)::integer as client, date '2026-03-01' + floor(random() * 31)::integer as booked_on,
    floor(random() * 10)::integer as metric, round((random() * 1000)::numeric, 2) as amount
  from generate_series(1, :facts) as n
) as f
join client_pair as p on p.n = f.client
join bank.metric as m on m.code = 'm' || f.metric
order by p.branch_id, f.booked_on, m.metric_id, p.client_id;  -- as files of branches come
insert into bank.fact_month (branch_id, month, metric_id, product_id, employee_id, facts, amount)
select branch_id, date '2026-03-01', metric_id, 0, 0, count(*), sum(amount) from bank.fact group by branch_id, metric_id;
insert into bank.batch_part (branch_id, month, batch_id, rows_loaded)
select branch_id, date '2026-03-01', 1, count(*) from bank.fact group by branch_id;
drop table client_pair;
reset session_replication_role;
vacuum analyze;
