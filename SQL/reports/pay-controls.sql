/* ---
title: {en: Controls of variable pay in a year, zh: 年度绩效薪酬监管指标}
description:
  en: >
    What the regulator asks of variable pay, from the runs that count for the months of a year. Share deferred, by
    post and in all, and how many people lie below the least share. Variable pay against base pay by the terms of each
    month's tier, and how many lie above the most. The share of people who look after clients. Deferrals that pay
    more early than late, and those whose last part is due before 36 months. Guaranteed pay. What was taken back, and what was forfeited of deferred pay.
    A part is compared unrounded; percent is rounded for print. Who stands behind an exception, report
    pay-control-exceptions says.
  zh: >
    按当年各月有效核算统计：递延比例（按岗位及合计）及低于下限的人数；绩效对基本薪酬之比（按每月等级条件）及超限人数；一线人员占比；前重后轻的递延；不足
    36 个月的递延；保底薪酬；追回金额；递延扣减金额。比较均按未四舍五入的数值，百分比仅在显示时舍入。例外人员见 pay-control-exceptions。
parameters:
  - {name: year, type: integer, description: {en: the year, zh: 年度}}
  - {name: least_deferred, type: integer, default: 40, description: {en: least share deferred in percent, zh: 递延比例下限（%）}}
  - {name: most_of_base, type: integer, default: 300, description: {en: most that variable pay may be of base pay in percent, zh: 绩效对基本薪酬上限（%）}}
columns:
  - {name: control, type: text, title: {en: Control, zh: 指标}}
  - {name: scope, type: text, title: {en: Of, zh: 范围}}
  - {name: people, type: integer, title: {en: People, zh: 人数}, format: grouped}
  - {name: amount, type: amount, title: {en: Amount, zh: 金额}, unit: currency}
  - {name: of_amount, type: amount, title: {en: Of amount, zh: 占}, unit: currency}
  - {name: percent, type: amount, title: {en: Share, zh: 比例}, format: percent}
  - {name: limit_percent, type: integer, title: {en: Limit, zh: 限值}, format: percent}
  - {name: exceptions, type: integer, title: {en: Exceptions, zh: 例外}, format: grouped}
  - {name: finding, type: text, title: {en: Finding, zh: 结论}}
roles: [hr, auditor]
--- */
with control as (
  select * from bank.pay_controls(:'year'::integer, :'least_deferred'::numeric, :'most_of_base'::numeric)
)
select c.control, c.scope, c.people, round(c.amount, i.minor_unit_digits) as amount, round(c.of_amount, i.minor_unit_digits) as of_amount,
  round(100 * c.amount / nullif(c.of_amount, 0), 2) as percent, c.limit_percent::bigint as limit_percent, c.exceptions,
  case when c.exceptions > 0 then 'exceptions' when c.limit_percent is not null or c.counts_exceptions then 'kept' end as finding
from control as c
cross join bank.institution as i
order by c.place, c.scope collate "C"
