/* ---
title: What was taken in, batch by batch
description: Every batch with its counts, the newest first. Rows read are rows loaded, rejected or unchanged, or kept out with the whole of their file.
parameters:
  - {name: dataset, type: text, default: all, description: "name of a dataset, or all"}
columns:
  - {name: batch, type: integer, title: Batch}
  - {name: dataset, type: text, title: Dataset}
  - {name: file, type: text, title: File}
  - {name: state, type: text, title: State}
  - {name: rows_read, type: integer, title: Read}
  - {name: rows_loaded, type: integer, title: Loaded}
  - {name: rows_rejected, type: integer, title: Rejected}
  - {name: rows_unchanged, type: integer, title: Unchanged}
  - {name: rows_kept_out, type: integer, title: Kept out}
  - {name: branch, type: text, title: Branch}
  - {name: month, type: text, title: Month}
  - {name: replaces, type: integer, title: Replaces}
  - {name: imported_at, type: text, title: Imported at}
  - {name: imported_by, type: text, title: By}
  - {name: failure, type: text, title: Why it failed}
--- */
select batch_id as batch, dataset, file_name as file, state::text as state, rows_read, rows_loaded,
  rows_rejected, rows_unchanged, rows_kept_out,
  (select u.code from bank.org_unit as u where u.org_unit_id = b.branch_id) as branch,
  to_char(month, 'YYYY-MM') as month, replaces_id as replaces,
  to_char(imported_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as imported_at, imported_by, failure
from bank.batch as b
where :'dataset' in ('all', dataset)
order by batch_id desc
