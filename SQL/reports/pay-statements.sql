/* ---
title: Pay of a month, person by person
description: >
  What each person earned in the run that counts for the month, what of it is deferred and what is paid now,
  in the plan's currency.
parameters:
  - {name: month, type: month, description: the month}
columns:
  - {name: branch, type: text, title: Branch}
  - {name: person, type: text, title: Person}
  - {name: name, type: text, title: Name}
  - {name: tier, type: text, title: Tier}
  - {name: earned, type: amount, title: Earned}
  - {name: deferred, type: amount, title: Deferred}
  - {name: payable, type: amount, title: Paid now}
  - {name: currency, type: text, title: Currency}
--- */
select branch_code as branch, employee_number as person, employee_name as name, tier, earned, deferred,
  payable, currency
from report.pay_statement
where month = :'month'
order by branch_code collate "C", employee_number collate "C"
