/* ---
title: {en: Submissions board, zh: 报送看板}
description:
  en: >
    What each branch owes for a month: every dataset with the day on which it is due, whether it came, and what was
    loaded, kept out, replaced and restated of it. A delivery is late once its day has passed and nothing has come.
  zh: >
    各网点当月应报数据：数据集、截止日、状态，以及入库、拒绝、替换、重述情况。过截止日未报即为逾期。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
  - {name: state, type: text, default: all, choices: [all, open, received, rejected, late, expected], description: {en: "only deliveries of a state; open is all that is not received", zh: 仅某状态；open 为未收讫}}
columns:
  - {name: region, type: text, title: {en: Region, zh: 分行}}
  - {name: branch, type: text, title: {en: Branch, zh: 网点}}
  - {name: dataset, type: text, title: {en: Dataset, zh: 数据集}}
  - {name: due_on, type: date, title: {en: Due on, zh: 截止日}}
  - {name: state, type: text, title: {en: State, zh: 状态}}
  - {name: days_late, type: integer, title: {en: Days late, zh: 逾期天数}}
  - {name: received_at, type: text, title: {en: "Received at, UTC", zh: 收讫时间（UTC）}}
  - {name: loaded, type: integer, title: {en: Rows loaded, zh: 入库行数}, format: grouped, total: sum}
  - {name: rejected, type: integer, title: {en: Rows kept out, zh: 拒绝行数}, format: grouped, total: sum}
  - {name: refused, type: integer, title: {en: Files refused, zh: 拒收文件}, format: grouped, total: sum}
  - {name: replaced, type: integer, title: {en: Replaced, zh: 替换}, format: grouped, total: sum}
  - {name: restated, type: integer, title: {en: Restated, zh: 重述}, format: grouped, total: sum}
roles: [head_office, branch, auditor]
--- */
select b.region, b.branch, b.dataset, b.due_on, b.state, nullif(b.days_late, 0)::bigint as days_late,
  to_char(b.received_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as received_at, b.rows_loaded as loaded, b.rows_rejected as rejected,
  b.refused, b.replaced, b.restated
from bank.submission_board(to_date(:'month', 'YYYY-MM')) as b
where case :'state' when 'all' then true when 'open' then b.state <> 'received' else b.state = :'state' end
order by b.region, b.branch collate "C", b.dataset
