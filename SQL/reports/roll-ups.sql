/* ---
title: {en: Roll-ups against what they are made of, zh: 汇总表核对}
description:
  en: >
    Where the roll-up by branch and month, which the consolidated reports are read from, differs from the accounts,
    holders, movements and loans that it is made of. No row is the good answer. Everything is counted anew, so a
    big bank takes seconds.
  zh: 合并报表所依据的网点月度汇总与其来源（账户、持有人、发生额、贷款）不一致之处；无行即为正确。全部重新计算，大行需数秒。
columns:
  - {name: branch, type: text, title: {en: Branch, zh: 网点}}
  - {name: month, type: text, title: {en: Month, zh: 月份}}
  - {name: figure, type: text, title: {en: Figure, zh: 指标}}
  - {name: rolled_up, type: amount, title: {en: Rolled up, zh: 汇总值}}
  - {name: counted, type: amount, title: {en: Counted, zh: 重算值}}
roles: [head_office, risk, auditor]
--- */
select u.code as branch, to_char(d.month, 'YYYY-MM') as month, d.figure, d.rolled_up, d.counted
from bank.roll_up_differences() as d
join bank.org_unit as u on u.org_unit_id = d.branch_id
order by u.code collate "C", d.month, d.figure collate "C"
