/* ---
title: {en: Findings of audits and how far they are put right, zh: 审计发现与整改}
description:
  en: >
    Findings of routine audits up to a day, with who puts them right and how long they have been open. One
    that is not put right after its last day is overdue.
  zh: >
    截至某日的例行审计发现、整改责任人及历时天数。超过整改期限未整改者为逾期。
parameters:
  - {name: state, type: text, default: all, choices: [all, open, overdue, rectified, closed], description: {en: which findings, zh: 状态}}
  - {name: day, type: date, default: today, description: {en: the last day on which they were found, zh: 截止日}}
columns:
  - {name: finding, type: integer, title: {en: Finding, zh: 编号}}
  - {name: sample, type: integer, title: {en: Sample, zh: 样本}}
  - {name: item, type: text, title: {en: Item, zh: 对象}}
  - {name: severity, type: text, title: {en: Severity, zh: 严重程度}}
  - {name: description, type: text, title: {en: Description, zh: 问题描述}}
  - {name: responsible, type: text, title: {en: Responsible, zh: 责任人}}
  - {name: found_by, type: text, title: {en: Found by, zh: 发现人}}
  - {name: found_on, type: date, title: {en: Found on, zh: 发现日}}
  - {name: due_on, type: date, title: {en: Due on, zh: 整改期限}}
  - {name: days, type: integer, title: {en: Days, zh: 历时天数}, format: grouped}
  - {name: state, type: text, title: {en: State, zh: 状态}}
  - {name: rectification, type: text, title: {en: How it was put right, zh: 整改情况}}
roles: [head_office, branch, relationship_manager, hr, risk, auditor]
--- */
select f.finding, f.sample, f.item, f.severity::text as severity, f.description, f.responsible, f.found_by, f.found_on, f.due_on,
  (bank.report_day(:'day') - f.found_on)::bigint as days, f.state, f.rectification
from report.inspection_finding as f
where f.found_on <= bank.report_day(:'day') and :'state' in ('all', f.state)
order by f.due_on, f.finding
