/* ---
title: {en: "Tiers: reviews, promotions and demotions", zh: 等级评定与升降}
description:
  en: >
    Reviews whose period ended within the months asked for: the total of the scorecard, what it proposed, and
    what a named person decided and why. Reviews that were superseded are left out.
  zh: >
    评定期在所选月份内结束的等级评定：记分卡总分、系统建议、指定人员的决定及理由。已被取代的评定不列示。
parameters:
  - {name: from, type: month, description: {en: first month, zh: 起始月份}}
  - {name: to, type: month, description: {en: last month, zh: 结束月份}}
  - {name: outcome, type: text, default: all, choices: [all, promote, keep, demote, open], description: {en: what became of it, zh: 结果}}
columns:
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: period_until, type: date, title: {en: Period until, zh: 评定期末}}
  - {name: current_tier, type: text, title: {en: Tier, zh: 现等级}}
  - {name: total, type: amount, title: {en: Total, zh: 总分}}
  - {name: proposed_tier, type: text, title: {en: Proposed, zh: 建议等级}}
  - {name: proposal, type: text, title: {en: Proposal, zh: 建议}}
  - {name: decided_tier, type: text, title: {en: Decided, zh: 决定等级}}
  - {name: outcome, type: text, title: {en: Outcome, zh: 结果}}
  - {name: decided_by, type: text, title: {en: By, zh: 决定人}}
  - {name: effective_from, type: date, title: {en: From, zh: 生效日}}
  - {name: reason, type: text, title: {en: Reason, zh: 理由}}
roles: [head_office, branch, relationship_manager, hr, auditor]
--- */
with bounds as (
  select to_date(:'from', 'YYYY-MM') as first_day, (to_date(:'to', 'YYYY-MM') + interval '1 month')::date as end_day
)
select u.code as unit, e.number as person, r.period_until - 1 as period_until, r.current_tier, r.total, r.proposed_tier,
  r.proposal::text as proposal, r.decided_tier, coalesce(r.decision::text, 'open') as outcome, d.number as decided_by,
  r.effective_from, r.decision_reason as reason
from bank.tier_review as r
join bounds as b on r.period_until > b.first_day and r.period_until <= b.end_day
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = e.branch_id
left join bank.employee as d on d.employee_id = r.decided_by_id
where r.superseded_at is null and :'outcome' in ('all', coalesce(r.decision::text, 'open'))
order by r.period_until, u.code collate "C", e.number collate "C"
