/* ---
title: {en: "What was taken in, batch by batch", zh: 数据导入批次}
description:
  en: >
    Every batch with its counts, the newest first. Rows read are rows loaded, rejected or unchanged, or kept out with the whole of their file.
  zh: >
    每个导入批次及其行数，最新的在前。读入行数等于入库、拒绝、未变与整批拒收行数之和。
parameters:
  - {name: dataset, type: text, default: all, description: {en: "name of a dataset, or all", zh: 数据集名称，或 all}}
columns:
  - {name: batch, type: integer, title: {en: Batch, zh: 批次}}
  - {name: dataset, type: text, title: {en: Dataset, zh: 数据集}}
  - {name: file, type: text, title: {en: File, zh: 文件}}
  - {name: state, type: text, title: {en: State, zh: 状态}}
  - {name: rows_read, type: integer, title: {en: Read, zh: 读入}, format: grouped, total: sum}
  - {name: rows_loaded, type: integer, title: {en: Loaded, zh: 入库}, format: grouped, total: sum}
  - {name: rows_rejected, type: integer, title: {en: Rejected, zh: 拒绝}, format: grouped, total: sum}
  - {name: rows_unchanged, type: integer, title: {en: Unchanged, zh: 未变}, format: grouped, total: sum}
  - {name: rows_kept_out, type: integer, title: {en: Kept out, zh: 整批拒收}, format: grouped, total: sum}
  - {name: branch, type: text, title: {en: Branch, zh: 网点}}
  - {name: month, type: text, title: {en: Month, zh: 月份}}
  - {name: replaces, type: integer, title: {en: Replaces, zh: 替换批次}}
  - {name: imported_at, type: text, title: {en: Imported at (UTC), zh: 导入时间（UTC）}}
  - {name: imported_by, type: text, title: {en: By, zh: 操作人}}
  - {name: failure, type: text, title: {en: Why it failed, zh: 失败原因}}
--- */
select batch_id as batch, dataset, file_name as file, state::text as state, rows_read, rows_loaded,
  rows_rejected, rows_unchanged, rows_kept_out,
  (select u.code from bank.org_unit as u where u.org_unit_id = b.branch_id) as branch,
  to_char(month, 'YYYY-MM') as month, replaces_id as replaces,
  to_char(imported_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as imported_at, imported_by, failure
from bank.batch as b
where :'dataset' in ('all', dataset)
order by batch_id desc
