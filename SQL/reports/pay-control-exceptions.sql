/* ---
title: {en: Exceptions to the controls of variable pay, zh: 绩效薪酬监管指标例外明细}
description:
  en: >
    The people behind the exceptions of report pay-controls, by control: too little deferred, more than the most of
    base pay, deferrals that pay more early than late or end before 36 months.
  zh: >
    pay-controls 各项例外对应的人员：递延不足、超过基本薪酬上限、递延前重后轻或不足 36 个月。
parameters:
  - {name: year, type: integer, description: {en: the year, zh: 年度}}
  - {name: least_deferred, type: integer, default: 40, description: {en: least share deferred in percent, zh: 递延比例下限（%）}}
  - {name: most_of_base, type: integer, default: 300, description: {en: most that variable pay may be of base pay in percent, zh: 绩效对基本薪酬上限（%）}}
columns:
  - {name: control, type: text, title: {en: Control, zh: 指标}}
  - {name: unit, type: text, title: {en: Unit, zh: 机构}}
  - {name: person, type: text, title: {en: Person, zh: 工号}}
  - {name: name, type: text, title: {en: Name, zh: 姓名}}
  - {name: post, type: text, title: {en: Post, zh: 岗位}}
  - {name: amount, type: amount, title: {en: Amount, zh: 金额}, unit: currency}
  - {name: of_amount, type: amount, title: {en: Of amount, zh: 占}, unit: currency}
  - {name: percent, type: amount, title: {en: Share, zh: 比例}, format: percent}
roles: [hr, auditor]
--- */
select x.control, u.code as unit, e.number as person, e.name, x.post, round(x.amount, i.minor_unit_digits) as amount,
  round(x.of_amount, i.minor_unit_digits) as of_amount, round(100 * x.amount / nullif(x.of_amount, 0), 2) as percent
from bank.pay_control_exceptions(:'year'::integer, :'least_deferred'::numeric, :'most_of_base'::numeric) as x
join bank.employee as e using (employee_id)
join bank.org_unit as u on u.org_unit_id = e.branch_id
cross join bank.institution as i
order by x.control, u.code collate "C", e.number collate "C"
