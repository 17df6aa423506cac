/* ---
title: Deferred pay due
description: >
  Instalments of deferred pay in the runs that count which are due up to a day. One is held while the person's
  departure audit is open: nothing of it may be paid, cancelled or brought forward then.
parameters:
  - {name: day, type: text, description: the last day as YYYY-MM-DD, default: today}
columns:
  - {name: person, type: text, title: Person}
  - {name: month, type: text, title: Month earned}
  - {name: instalment, type: integer, title: Instalment}
  - {name: due_on, type: date, title: Due on}
  - {name: amount, type: amount, title: Amount}
  - {name: state, type: text, title: State}
--- */
select d.employee_number as person, to_char(d.month, 'YYYY-MM') as month, d.instalment::bigint as instalment, d.due_on,
  round(d.amount, i.minor_unit_digits) as amount,
  case when d.departure is null then 'free' else 'held by departure ' || d.departure end as state
from bank.deferred_pay(bank.report_day(:'day')) as d
cross join bank.institution as i
order by d.employee_number collate "C", d.due_on, d.month, d.instalment
