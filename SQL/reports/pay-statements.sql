/* ---
title: {en: "Pay of a month, person by person", zh: 月度绩效薪酬（按人）}
description:
  en: >
    What each person earned in the run that counts for the month, what of it is deferred and what is paid
    now, in the plan's currency.
  zh: >
    当月有效核算中每人应得、递延与本期支付的绩效薪酬，以方案币种计。
parameters:
  - {name: month, type: month, description: {en: the month, zh: 月份}}
columns:
  - {name: branch, type: text, title: {en: Branch, zh: 网点}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: name, type: text, title: {en: Name, zh: 姓名}}
  - {name: tier, type: text, title: {en: Tier, zh: 等级}}
  - {name: earned, type: amount, title: {en: Earned, zh: 应得}, total: sum}
  - {name: deferred, type: amount, title: {en: Deferred, zh: 递延}, total: sum}
  - {name: payable, type: amount, title: {en: Paid now, zh: 本期支付}, total: sum}
  - {name: currency, type: text, title: {en: Currency, zh: 币种}}
chart: {kind: bar, category: person, values: [payable, deferred]}
roles: [relationship_manager, hr, auditor]
--- */
select branch_code as branch, employee_number as person, employee_name as name, tier, earned, deferred,
  payable, currency
from report.pay_statement
where month = :'month'
order by branch_code collate "C", employee_number collate "C"
