-- The views that analysts use: stable names, codes instead of keys.

create or replace view report.org_unit with (security_invoker = true) as
select u.org_unit_id, u.code, u.name,
  case u.level when 'head_office' then 'bank' else u.level::text end as level,
  p.code as parent_code, u.path, u.opened_on, u.closed_on
from bank.org_unit as u
left join bank.org_unit as p on p.org_unit_id = u.parent_id;
comment on view report.org_unit is 'The org tree of today with the code of each unit''s parent; bank.org_tree gives that of any day';
comment on column report.org_unit.org_unit_id is 'Surrogate key';
comment on column report.org_unit.code is 'Code of the unit';
comment on column report.org_unit.name is 'Name as printed';
comment on column report.org_unit.level is 'bank, region, branch, sub_branch, outlet, department, section or city_office';
comment on column report.org_unit.parent_code is 'Code of the unit above; null for the bank';
comment on column report.org_unit.path is 'Keys from the bank down to the unit, for subtree queries';
comment on column report.org_unit.opened_on is 'First day of business';
comment on column report.org_unit.closed_on is 'Day after the last day of business; null while no end is known';

create or replace view report.org_history with (security_invoker = true) as
select u.code, v.name, v.level::text as level, p.code as parent_code, v.effective_from, v.effective_until,
  v.recorded_at, v.superseded_at, v.org_change_id as change, c.kind::text as change_kind, c.reason
from bank.org_unit_version as v
join bank.org_unit as u using (org_unit_id)
left join bank.org_unit as p on p.org_unit_id = v.parent_id
left join bank.org_change as c using (org_change_id);
comment on view report.org_history is 'What each unit was from when until when, and when that was believed';
comment on column report.org_history.code is 'Code of the unit';
comment on column report.org_history.name is 'Name as printed';
comment on column report.org_history.level is 'Level in the tree';
comment on column report.org_history.parent_code is 'Code of the unit above';
comment on column report.org_history.effective_from is 'First day';
comment on column report.org_history.effective_until is 'Day after the last; null while no end is known';
comment on column report.org_history.recorded_at is 'When the platform came to believe it';
comment on column report.org_history.superseded_at is 'When it stopped believing it; null for what counts now';
comment on column report.org_history.change is 'Number of the change that recorded it; null for a unit that came with a list of units';
comment on column report.org_history.change_kind is 'Kind of that change';
comment on column report.org_history.reason is 'Why, in the words of who ordered it';

create or replace view report.post with (security_invoker = true) as
select e.number as employee_number, e.name as employee_name, u.code as unit_code, p.kind, p.is_main,
  m.number as line_manager, t.code as team_code, p.effective_from, p.effective_until, p.origin::text as origin,
  r.code as round_code, p.recorded_at, p.superseded_at
from bank.post as p
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = p.org_unit_id
left join bank.employee as m on m.employee_id = p.line_manager_id
left join bank.team as t using (team_id)
left join bank.selection_result as s using (selection_result_id)
left join bank.selection_application as a using (selection_application_id)
left join bank.selection_round as r using (selection_round_id);
comment on view report.post is 'Posts held, with numbers and codes instead of keys; those that count now have no superseded_at';
comment on column report.post.employee_number is 'Number of the person';
comment on column report.post.employee_name is 'Name of the person';
comment on column report.post.unit_code is 'Where';
comment on column report.post.kind is 'As what';
comment on column report.post.is_main is 'Whether it is the main post';
comment on column report.post.line_manager is 'Number of who the person reports to';
comment on column report.post.team_code is 'Team';
comment on column report.post.effective_from is 'First day';
comment on column report.post.effective_until is 'Day after the last; null while it is held';
comment on column report.post.origin is 'How the person came to it: appointment, selection, transfer or migration';
comment on column report.post.round_code is 'Round of selection that gave it';
comment on column report.post.recorded_at is 'When the platform came to believe it';
comment on column report.post.superseded_at is 'When it stopped believing it; null for what counts now';

create or replace view report.account_day with (security_invoker = true) as
select u.code as branch_code, a.number as account_number, d.booked_on as day, d.movements, d.net_movement,
  sum(d.net_movement) over (partition by d.branch_id, d.account_id order by d.booked_on) as closing_balance
from (
  select branch_id, account_id, booked_on, count(*) as movements,
    sum(case direction when 'credit' then amount else -amount end) as net_movement
  from bank.transaction
  group by branch_id, account_id, booked_on
  union all
  select branch_id, account_id, balanced_on, 0,
    balance - coalesce(lag(balance) over (partition by branch_id, account_id order by balanced_on), 0)
  from bank.account_balance
) as d
join bank.account as a using (branch_id, account_id)
join bank.org_unit as u on u.org_unit_id = d.branch_id;
comment on view report.account_day is 'Daily balances: the running sum of all movements of an account, or the balances that are sent; a day without a row carries the balance of the day before';
comment on column report.account_day.branch_code is 'Branch of the account';
comment on column report.account_day.account_number is 'The account';
comment on column report.account_day.day is 'A day on which the account moved';
comment on column report.account_day.movements is 'Number of movements of the day';
comment on column report.account_day.net_movement is 'Credits less debits of the day';
comment on column report.account_day.closing_balance is 'Balance at the end of the day, in the account''s currency';

create or replace view report.pay_run with (security_invoker = true) as
select r.pay_run_id, to_char(r.month, 'YYYY-MM') as month, p.code as plan, p.version as plan_version,
  p.currency, r.computed_at, r.computed_by,
  r.part_of_id is null and not exists (select 1 from bank.pay_run as n where n.supersedes_id = r.pay_run_id) as counts,
  case when r.known_at is not null then 'as_of'
    when exists (select 1 from bank.pay_run as n where n.supersedes_id in (r.pay_run_id, r.part_of_id)) then 'superseded'
    when exists (select 1 from bank.pay_posting as q where q.pay_run_id in (r.pay_run_id, r.part_of_id)) then 'posted'
    else coalesce((select min(s.step) from bank.pay_run_step as s where s.pay_run_id in (r.pay_run_id, r.part_of_id)), 'draft') end as state,
  r.supersedes_id, nullif(r.part_of_id, r.pay_run_id) as part_of_id, r.reason, r.known_at
from bank.pay_run as r
join bank.plan as p using (plan_id);
comment on view report.pay_run is 'Pay runs; the one that counts for a month and plan is the one that no other supersedes';
comment on column report.pay_run.pay_run_id is 'Key of the run';
comment on column report.pay_run.month is 'Month paid for, YYYY-MM';
comment on column report.pay_run.plan is 'Code of the plan';
comment on column report.pay_run.plan_version is 'Version of the plan';
comment on column report.pay_run.currency is 'Currency of the pay';
comment on column report.pay_run.computed_at is 'When it ran';
comment on column report.pay_run.computed_by is 'Database login that ran it';
comment on column report.pay_run.counts is 'Whether it is the one that counts';
comment on column report.pay_run.known_at is 'Time as of which it was calculated; null for by all that is known';
comment on column report.pay_run.state is 'as_of for a run as of an earlier time, which pays nobody; otherwise draft, submitted, approved, posted or superseded; a calculation that is part of another run has the state of that';
comment on column report.pay_run.supersedes_id is 'Run that it superseded';
comment on column report.pay_run.part_of_id is 'Run whose corrections it is part of; null for a run of its own month';
comment on column report.pay_run.reason is 'Why it supersedes a run that had been submitted';

create or replace view report.pay_statement with (security_invoker = true) as
select r.pay_run_id, r.month, r.plan, u.code as branch_code, e.number as employee_number,
  e.name as employee_name, s.tier, s.earned, s.deferred, s.payable, r.currency
from bank.pay_statement as s
join report.pay_run as r using (pay_run_id)
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = s.branch_id
where r.counts;
comment on view report.pay_statement is 'What each person earned, by month and plan, in the runs that count';
comment on column report.pay_statement.pay_run_id is 'Key of the run';
comment on column report.pay_statement.month is 'Month paid for, YYYY-MM';
comment on column report.pay_statement.plan is 'Code of the plan';
comment on column report.pay_statement.branch_code is 'Unit where the person works';
comment on column report.pay_statement.employee_number is 'Number of the person';
comment on column report.pay_statement.employee_name is 'Name of the person';
comment on column report.pay_statement.tier is 'Tier on the last day of the month';
comment on column report.pay_statement.earned is 'Earned in the month';
comment on column report.pay_statement.deferred is 'Part that is paid in later years';
comment on column report.pay_statement.payable is 'Part that is paid now';
comment on column report.pay_statement.currency is 'Currency of the three amounts';
