/* ---
title: {en: Facts, zh: 明细}
description: {en: "Rows of seven columns, as many as are asked for.", zh: 七列明细。}
parameters:
  - {name: rows, type: integer, description: {en: how many rows, zh: 行数}}
columns:
  - {name: branch, type: text, title: {en: Branch, zh: 网点}}
  - {name: employee, type: text, title: {en: Employee, zh: 工号}}
  - {name: client, type: text, title: {en: Client, zh: 客户}}
  - {name: product, type: text, title: {en: Product, zh: 产品}}
  - {name: metric, type: text, title: {en: Metric, zh: 指标}}
  - {name: day, type: date, title: {en: Day, zh: 日期}}
  - {name: amount, type: amount, title: {en: Amount, zh: 金额}, format: plain}
roles: [head_office]
--- */
select * from public.facts limit :'rows'::bigint
