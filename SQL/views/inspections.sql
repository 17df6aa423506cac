-- Routine audits by the codes and numbers that people know.

create or replace view report.inspection_plan with (security_invoker = true) as
select p.code, p.population, p.frequency, p.sample_size, p.effective_from, p.effective_until, p.reason,
  s.inspection_sample_id as last_sample, s.period_until - 1 as sampled_until,
  case when period.due_from >= coalesce(p.effective_until, 'infinity') then null
    else (period.due_from + make_interval(months => period.months))::date end as next_due
from bank.inspection_plan as p
left join lateral (
  select x.inspection_sample_id, x.period_until from bank.inspection_sample as x join bank.inspection_plan as o using (inspection_plan_id)
  where o.code = p.code order by x.period_until desc limit 1) as s on true
cross join lateral (
  select coalesce(s.period_until, date_trunc('month', p.effective_from)::date) as due_from,
    case p.frequency when 'monthly' then 1 when 'quarterly' then 3 else 12 end as months) as period
where p.superseded_at is null;
comment on view report.inspection_plan is 'Routine audits that are planned, the last sample of each, and the first day on which the next can be drawn';
comment on column report.inspection_plan.code is 'Code';
comment on column report.inspection_plan.population is 'What is sampled';
comment on column report.inspection_plan.frequency is 'How often';
comment on column report.inspection_plan.sample_size is 'How many are drawn';
comment on column report.inspection_plan.effective_from is 'First day';
comment on column report.inspection_plan.effective_until is 'Day after the last';
comment on column report.inspection_plan.reason is 'Why';
comment on column report.inspection_plan.last_sample is 'Number of the last sample';
comment on column report.inspection_plan.sampled_until is 'Last day that a sample covers';
comment on column report.inspection_plan.next_due is 'First day on which the next sample can be drawn, because its period is over';

create or replace view report.inspection_finding with (security_invoker = true) as
select f.inspection_finding_id as finding, f.inspection_sample_id as sample, f.item_key as item, f.severity, f.description,
  r.number as responsible, b.number as found_by, f.found_on, f.due_on,
  case when f.closed_at is not null then 'closed' when f.rectified_at is not null then 'rectified'
    when f.due_on < bank.access_day() then 'overdue' else 'open' end as state,
  f.rectification, p.number as rectified_by, f.opinion, c.number as closed_by
from bank.inspection_finding as f
left join bank.employee as r on r.employee_id = f.responsible_id
left join bank.employee as b on b.employee_id = f.found_by_id
left join bank.employee as p on p.employee_id = f.rectified_by_id
left join bank.employee as c on c.employee_id = f.closed_by_id;
comment on view report.inspection_finding is 'Findings of audits and how far they are put right';
comment on column report.inspection_finding.finding is 'Number';
comment on column report.inspection_finding.sample is 'Sample in which it was found';
comment on column report.inspection_finding.item is 'Item of the sample';
comment on column report.inspection_finding.severity is 'low, medium or high';
comment on column report.inspection_finding.description is 'What is wrong';
comment on column report.inspection_finding.responsible is 'Employee number of who puts it right';
comment on column report.inspection_finding.found_by is 'Employee number of who found it';
comment on column report.inspection_finding.found_on is 'When it was found';
comment on column report.inspection_finding.due_on is 'Last day to put it right';
comment on column report.inspection_finding.state is 'open, overdue, rectified or closed';
comment on column report.inspection_finding.rectification is 'How it was put right';
comment on column report.inspection_finding.rectified_by is 'Employee number of who put it right';
comment on column report.inspection_finding.opinion is 'What who closed it found';
comment on column report.inspection_finding.closed_by is 'Employee number of who closed it';
