-- What analysts see: clients without names and numbers, and months without clients. These views belong to
-- the curator, a role that cannot log in and reads what stands here and nothing else. They are barriers: a
-- condition that a reader adds sees no row before the view's own do. The code of a unit with fewer clients than
-- bank.access_setting.smallest_group is left out, so that its figures are not those of somebody whom one knows.

create or replace view report.named_unit with (security_barrier = true) as
select u.org_unit_id, case when coalesce(n.clients, 0) >= s.smallest_group then u.code end as unit_code
from bank.org_unit as u
cross join bank.access_setting as s
left join (select c.branch_id, count(*) as clients from bank.client as c group by c.branch_id) as n on n.branch_id = u.org_unit_id;
comment on view report.named_unit is 'The codes of units as analysts see them';
comment on column report.named_unit.org_unit_id is 'The unit';
comment on column report.named_unit.unit_code is 'Its code; null for one of few clients';

create or replace view report.pseudonymous_client with (security_barrier = true) as
select encode(hmac(c.client_id::text::bytea, k.key, 'sha256'), 'hex') as pseudonym, u.unit_code,
  c.kind::text as kind, i.segment as industry, z.segment as size, r.segment as risk, b.segment as band
from bank.client as c
cross join bank.pseudonym_secret as k
join report.named_unit as u on u.org_unit_id = c.branch_id
left join bank.client_segment as i on i.branch_id = c.branch_id and i.client_id = c.client_id and i.axis = 'industry'
  and i.superseded_at is null and i.effective_from <= current_date and (i.effective_until is null or i.effective_until > current_date)
left join bank.client_segment as z on z.branch_id = c.branch_id and z.client_id = c.client_id and z.axis = 'size'
  and z.superseded_at is null and z.effective_from <= current_date and (z.effective_until is null or z.effective_until > current_date)
left join bank.client_segment as r on r.branch_id = c.branch_id and r.client_id = c.client_id and r.axis = 'risk'
  and r.superseded_at is null and r.effective_from <= current_date and (r.effective_until is null or r.effective_until > current_date)
left join bank.client_segment as b on b.branch_id = c.branch_id and b.client_id = c.client_id and b.axis = 'band'
  and b.superseded_at is null and b.effective_from <= current_date and (b.effective_until is null or b.effective_until > current_date);
comment on view report.pseudonymous_client is 'Clients under pseudonyms with where they stand on each axis today; for analysts';
comment on column report.pseudonymous_client.pseudonym is 'HMAC-SHA-256 of the client''s key with a key that nobody has read: the same client has the same one in every view';
comment on column report.pseudonymous_client.unit_code is 'Unit of the client; null for units of few clients';
comment on column report.pseudonymous_client.kind is 'Natural or legal person';
comment on column report.pseudonymous_client.industry is 'Industry';
comment on column report.pseudonymous_client.size is 'Size';
comment on column report.pseudonymous_client.risk is 'Risk';
comment on column report.pseudonymous_client.band is 'Band by balance';

create or replace view report.pseudonymous_client_month with (security_barrier = true) as
select encode(hmac(v.client_id::text::bytea, k.key, 'sha256'), 'hex') as pseudonym, u.unit_code, v.month,
  v.balance_end, v.average_daily_balance, v.loans_granted_amount, v.expected_income
from bank.client_value as v
cross join bank.pseudonym_secret as k
join report.named_unit as u on u.org_unit_id = v.branch_id
where v.superseded_at is null;
comment on view report.pseudonymous_client_month is 'What clients were worth to the bank, month by month, under pseudonyms; for analysts';
comment on column report.pseudonymous_client_month.pseudonym is 'The same as in report.pseudonymous_client';
comment on column report.pseudonymous_client_month.unit_code is 'Unit of the client; null for units of few clients';
comment on column report.pseudonymous_client_month.month is 'First day of the month';
comment on column report.pseudonymous_client_month.balance_end is 'Balance of the accounts owned at the end of the month';
comment on column report.pseudonymous_client_month.average_daily_balance is 'Their average daily balance';
comment on column report.pseudonymous_client_month.loans_granted_amount is 'Loans granted in the month';
comment on column report.pseudonymous_client_month.expected_income is 'Income expected of the month';

create or replace view report.consolidated_month with (security_barrier = true) as
select u.unit_code, m.month, sum(m.accounts)::bigint as accounts, sum(m.transactions)::bigint as transactions,
  sum(m.credits) as credits, sum(m.debits) as debits, sum(m.movement_days) as movement_days,
  coalesce(sum(l.loans_granted), 0)::bigint as loans_granted, coalesce(sum(l.loans_granted_amount), 0) as loans_granted_amount
from (
  select a.branch_id, a.month, count(*) as accounts, sum(a.transactions) as transactions,
    sum(a.credits) as credits, sum(a.debits) as debits, sum(a.movement_days) as movement_days
  from bank.account_month as a
  group by a.branch_id, a.month
) as m
join report.named_unit as u on u.org_unit_id = m.branch_id
left join (
  select g.branch_id, date_trunc('month', g.granted_on::timestamp)::date as month, count(*) as loans_granted,
    sum(g.amount) as loans_granted_amount
  from bank.loan as g
  group by g.branch_id, date_trunc('month', g.granted_on::timestamp)
) as l on l.branch_id = m.branch_id and l.month = m.month
group by u.unit_code, m.month;
comment on view report.consolidated_month is 'What was booked at each unit itself in a month in which something moved; for analysts. It adds up over units and months; units of few clients are one row without a code';
comment on column report.consolidated_month.unit_code is 'Unit where it was booked; null for units of few clients';
comment on column report.consolidated_month.month is 'First day of the month';
comment on column report.consolidated_month.accounts is 'Accounts that moved';
comment on column report.consolidated_month.transactions is 'Number of movements';
comment on column report.consolidated_month.credits is 'Sum of the credits';
comment on column report.consolidated_month.debits is 'Sum of the debits';
comment on column report.consolidated_month.movement_days is 'Sum of each signed movement times the days from its booking to the month''s end';
comment on column report.consolidated_month.loans_granted is 'Number of loans granted';
comment on column report.consolidated_month.loans_granted_amount is 'Their amount';

-- The curator owns them. Who is no superuser hands a view over as a member of the curator, who must be
-- able to make things in the schema for that moment.
do $$
declare
  thing text;
begin
  if not pg_has_role(current_user, 'banyan_curator', 'member') then
    execute format('grant banyan_curator to %I', current_user);
  end if;
  grant usage, create on schema report to banyan_curator;
  foreach thing in array array['named_unit', 'pseudonymous_client', 'pseudonymous_client_month', 'consolidated_month'] loop
    execute format('alter view report.%I owner to banyan_curator', thing);
  end loop;
  revoke create on schema report from banyan_curator;
end
$$;
