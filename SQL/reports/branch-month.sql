/* ---
title: {en: "Consolidated month by branch, region and bank", zh: 合并月报（全行、分行、网点）}
description:
  en: >
    One row per org unit and month: accounts, clients, movements, balances and loans. A unit has what lies at
    it and below it; clients are counted once per unit. Balances are the running sum of movements. The
    average daily balance sums all days of the month and divides once at each level, rounded half up. The
    tree is that of today, of a given day, or of each month's own last day; what was booked at a unit that
    has closed since counts at its successor. Drill down with level= and under=.
  zh: >
    每个机构每月一行：账户、客户、发生额、余额与贷款。机构数据含其自身及下级；客户在每个机构只计一次。余额为发生额累计；日均余额为当月每日余额之和在每一层级只除一次，四舍五入。机构树可取今日、某日或各月月末；已撤并机构的业务计入其承接机构。用 level 与 under 逐级下钻。
parameters:
  - {name: from, type: month, description: {en: first month, zh: 起始月份}}
  - {name: to, type: month, description: {en: last month, zh: 结束月份}}
  - {name: tree, type: text, default: today, description: {en: "tree to report on: today, own for that of each month, or a day YYYY-MM-DD", zh: 机构树：today、own（各月月末）或某日 YYYY-MM-DD}}
  - {name: level, type: text, default: standard, choices: [standard, all, bank, region, branch, sub_branch, outlet, department, section, city_office], description: {en: "levels to show: standard is bank, region and branch", zh: 显示层级：standard 为全行、分行、网点}}
  - {name: under, type: unit, default: all, description: {en: "only this unit and what lies below it, or all", zh: 仅此机构及其下级，或 all}}
columns:
  - {name: level, type: text, title: {en: Level, zh: 层级}}
  - {name: code, type: text, title: {en: Code, zh: 机构号}}
  - {name: name, type: text, title: {en: Name, zh: 名称}}
  - {name: month, type: text, title: {en: Month, zh: 月份}}
  - {name: accounts, type: integer, title: {en: Accounts, zh: 账户数}, format: grouped}
  - {name: clients, type: integer, title: {en: Clients, zh: 客户数}, format: grouped}
  - {name: new_accounts, type: integer, title: {en: New accounts, zh: 新开户数}, format: grouped}
  - {name: transactions, type: integer, title: {en: Transactions, zh: 交易笔数}, format: grouped}
  - {name: credits, type: amount, title: {en: Credits, zh: 贷方发生额}, unit: currency}
  - {name: debits, type: amount, title: {en: Debits, zh: 借方发生额}, unit: currency}
  - {name: balance_end, type: amount, title: {en: Balance at month end, zh: 月末余额}, unit: currency}
  - {name: balance_days, type: amount, title: {en: Balance days, zh: 余额积数}}
  - {name: adb, type: amount, title: {en: Average daily balance, zh: 日均余额}, unit: currency}
  - {name: loans_granted, type: integer, title: {en: Loans granted, zh: 发放贷款笔数}, format: grouped}
  - {name: loans_granted_amount, type: amount, title: {en: Amount of loans granted, zh: 发放贷款金额}, unit: currency}
chart: {kind: bar, category: name, values: [adb], series: month, only: {level: branch}}
roles: [head_office, branch, relationship_manager, risk, auditor, loader]
--- */
select m.level, m.code, m.name, to_char(m.month, 'YYYY-MM') as month, m.accounts, m.clients, m.new_accounts,
  m.transactions, round(m.credits, i.minor_unit_digits) as credits, round(m.debits, i.minor_unit_digits) as debits,
  round(m.balance_end, i.minor_unit_digits) as balance_end, round(m.balance_days, i.minor_unit_digits) as balance_days,
  round(m.balance_days / m.days, 2) as adb, m.loans_granted,
  round(m.loans_granted_amount, i.minor_unit_digits) as loans_granted_amount
from bank.unit_months(
  to_date(:'from', 'YYYY-MM'), to_date(:'to', 'YYYY-MM'), :'tree', :'level', :'under') as m
cross join bank.institution as i
order by m.rank, length(m.code) * (m.code ~ '^\d+$')::integer, m.code, m.month
