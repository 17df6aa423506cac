-- A file that takes the place of one that was loaded. The rows of the former batch leave the tables that figures are
-- made of, their sums leave the roll-up, and all of them stay readable in the replaced_* tables.

create or replace function bank.replaceable_table(dataset text) returns text
language plpgsql immutable as $$
begin
  -- Facts: nothing else refers to their rows.
  return case dataset
    when 'transactions' then 'transaction'
    when 'facts' then 'fact'
    when 'sales' then 'fact'
    when 'fees' then 'fact'
    when 'balances' then 'account_balance'
    when 'repayment_schedules' then 'repayment_due'
    when 'repayments' then 'repayment'
    when 'loans' then 'loan'
    when 'cards' then 'card'
    when 'standing_orders' then 'standing_order'
  end;
end
$$;
comment on function bank.replaceable_table(text) is 'The table of a dataset whose batches may be replaced; null for datasets whose rows others refer to';

create or replace function bank.batch_name(batch bigint) returns text
language plpgsql stable as $$
begin
  return (select format('batch %s (%s)', b.batch_id, b.file_name) from bank.batch as b where b.batch_id = batch);
end
$$;
comment on function bank.batch_name(bigint) is 'A batch as messages call it';

create or replace function bank.require_replaceable(former bigint, of_dataset text) returns bank.batch
language plpgsql as $$
declare
  known bank.batch;
begin
  select * into known from bank.batch as b where b.batch_id = former;
  if not found then
    perform bank.refuse_order('batch_is_known', 'batch', format('there is no batch %s on record', former),
      'See the numbers with banyan report run batches.', 'foreign_key_violation');
  elsif known.state = 'replaced' then
    perform bank.refuse_order('batch_is_replaced_once', 'batch', format('%s was replaced already, by %s', bank.batch_name(former),
        (select bank.batch_name(b.batch_id) from bank.batch as b where b.replaces_id = former)),
      'Replace the one that took its place.', 'restrict_violation');
  elsif known.state <> 'loaded' then
    perform bank.refuse_order('batch_is_loaded', 'batch', format('nothing of %s was loaded, so there is nothing to replace', bank.batch_name(former)),
      'Import the file without --replace.', 'restrict_violation');
  elsif known.dataset <> of_dataset then
    perform bank.refuse_order('batch_replaces_its_like', 'batch', format('%s is of %s, and the file is of %s', bank.batch_name(former), known.dataset, of_dataset),
      'Name the batch that the file corrects.', 'restrict_violation');
  elsif bank.replaceable_table(of_dataset) is null then
    perform bank.refuse_order('batch_is_of_facts', 'batch', format('a batch of %s cannot be replaced, because other rows refer to those that it brought', of_dataset),
      'Transactions, facts, sales, fees, balances, repayments, loans, cards and standing orders are replaced; correct other rows one by one.', 'restrict_violation');
  end if;
  return known;
end
$$;
comment on function bank.require_replaceable(bigint, text) is 'A batch that a file of a dataset may replace; refuses any other';

create or replace function bank.await_replacement(former bigint, of_dataset text, content bytea, file_name text) returns bigint
language plpgsql as $$
declare
  known constant bank.batch := bank.require_replaceable(former, of_dataset);
begin
  if exists (
    select 1 from bank.replacement_release as r where r.batch_id = former and r.content_digest = content) then
    return null;
  end if;
  return bank.await_approval('replace_batch', former::text,
    format('%s by %s, SHA-256 %s', bank.batch_name(former), file_name, left(encode(content, 'hex'), 12)),
    jsonb_build_object('batch_id', former, 'content_digest', encode(content, 'hex')),
    known.rows_loaded, null, '{}');
end
$$;
comment on function bank.await_replacement(bigint, text, bytea, text) is 'Whether a file may take the place of a batch now: null if no rule asks for a second person, or one has released this very content; otherwise the number of the approval that it waits for';

create or replace function bank.apply_replacement_release(request jsonb) returns text
language plpgsql as $$
begin
  -- The file lies with whoever sent it: what was approved is that this content, and no other, may come.
  insert into bank.replacement_release (batch_id, content_digest)
  values ((request ->> 'batch_id')::bigint, decode(request ->> 'content_digest', 'hex'));
  return format('released; give the same import again');
end
$$;
comment on function bank.apply_replacement_release(jsonb) is 'Releases a replacement that was approved: the same import, given again, carries it out';

create or replace function bank.replace_batch(former bigint, latter bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
declare
  successor constant bank.batch := (select b from bank.batch as b where b.batch_id = latter);
  known constant bank.batch := bank.require_replaceable(former, successor.dataset);
  of_table constant text := bank.replaceable_table(successor.dataset);
  listed constant text := (
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute as a
    where a.attrelid = to_regclass('bank.' || of_table) and a.attnum > 0 and not a.attisdropped);
  -- Of what is cut by months.
  day_column constant text := (
    select a.attname from pg_partitioned_table as p
    join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
    where p.partrelid = to_regclass('bank.' || of_table));
  bounds text := '';
  foreign_unit text;
  moved bigint;
begin
  perform bank.require_role('loader');
  if successor.replaces_id is distinct from former or successor.imported_by <> session_user::text then
    perform bank.refuse_order('batch_replaces_by_import', 'batch', format('batch %s does not take the place of batch %s', latter, former),
      'Give the file to banyan import --replace.', 'restrict_violation');
  end if;
  if (bank.approval_rule_for('replace_batch', known.rows_loaded, bank.access_day())).approval_rule_id is not null
    and not exists (
      select 1 from bank.replacement_release as r
      where r.batch_id = former and r.content_digest = successor.content_digest) then
    perform bank.refuse_order('replacement_is_approved', 'batch', format('%s is replaced by an approval', bank.batch_name(former)),
      'Give the file to banyan import --replace, and let another person approve it.');
  end if;
  if day_column is not null then
    -- The months and branches that the batch brought anything to, so that no other partition is read.
    select format(' and t.%1$I >= %2$L and t.%1$I < %3$L and t.branch_id = any (%4$L)', day_column, min(p.month),
      (max(p.month) + interval '1 month')::date, array_agg(distinct p.branch_id)) into bounds
    from bank.batch_part as p where p.batch_id = former;
  end if;
  execute format(
    'with gone as (delete from bank.%1$I as t where t.batch_id = $1%3$s returning t.*)
     insert into bank.replaced_%1$s (%2$s, replaced_by) select %2$s, $2 from gone', of_table, listed, coalesce(bounds, ''))
  using former, latter;
  get diagnostics moved = row_count;
  if moved <> known.rows_loaded then
    perform bank.refuse_order('batch_is_whole', 'batch', format('%s has loaded %s rows, and %s of them are there', bank.batch_name(former), known.rows_loaded, moved),
      'Ask the database administrator who has removed them.', 'restrict_violation');
  end if;
  execute format('select min(u.code) from bank.replaced_%s as r join bank.org_unit as u on u.org_unit_id = r.branch_id
    where r.batch_id = $1 and not r.branch_id = any ($2)', of_table)
  into foreign_unit using former, bank.units_of('loader');
  if foreign_unit is not null and bank.holds('loader') and not bank.holds_whole_bank('loader') then
    perform bank.refuse_order('loader_replaces_own_rows', 'batch', format('%s holds rows of %s, which is not this loader''s', bank.batch_name(former), foreign_unit),
      'Let a loader of the whole bank import the file.', 'restrict_violation');
  end if;
  case of_table
    when 'transaction' then perform bank.take_off_account_months(former);
    when 'fact' then perform bank.take_off_fact_months(former);
    when 'account_balance' then perform bank.take_off_balances(former);
    else null;
  end case;
  update bank.batch as b set state = 'replaced' where b.batch_id = former;
  return moved;
end
$$;
comment on function bank.replace_batch(bigint, bigint) is 'Takes the rows of a batch out of the tables that figures are made of and keeps them as history, because another batch takes its place; the roll-up is brought right by subtraction. Returns how many rows';

create or replace function bank.take_off_account_months(former bigint) returns void
language plpgsql as $$
begin
  update bank.account_month as m set
    transactions = m.transactions - g.transactions,
    credits = m.credits - g.credits,
    debits = m.debits - g.debits,
    movement_days = m.movement_days - g.movement_days
  from (
    select t.branch_id, t.month, t.account_id, count(*) as transactions,
      sum(case t.direction when 'credit' then t.amount else 0 end) as credits,
      sum(case t.direction when 'debit' then t.amount else 0 end) as debits,
      sum(case t.direction when 'credit' then t.amount else -t.amount end
        * ((t.month + interval '1 month')::date - t.booked_on)) as movement_days
    from (
      select r.*, date_trunc('month', r.booked_on::timestamp)::date as month
      from bank.replaced_transaction as r where r.batch_id = former
    ) as t
    group by t.branch_id, t.month, t.account_id
  ) as g
  where m.branch_id = g.branch_id and m.month = g.month and m.account_id = g.account_id;
  delete from bank.account_month as m
  using bank.batch_part as p
  where p.batch_id = former and m.branch_id = p.branch_id and m.month = p.month and m.transactions = 0
    and not exists (
      select from bank.balance_account as b where b.branch_id = m.branch_id and b.account_id = m.account_id);
end
$$;
comment on function bank.take_off_account_months(bigint) is 'Takes what the transactions of a replaced batch had added off bank.account_month; accounts that nothing moves in a month any more lose their row';

create or replace function bank.check_batch_states() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from former as o join changed as n using (batch_id)
    where o.state <> n.state and not (o.state = 'loaded' and n.state = 'replaced' and exists (
      select 1 from bank.batch as b where b.replaces_id = n.batch_id))) then
    perform bank.refuse_order('batch_goes_one_way', 'batch', 'a batch changes its state only when another one takes its place',
      'Give the corrected file to banyan import --replace.', 'restrict_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_batch_states() is 'Trigger: a loaded batch can be replaced, and nothing else becomes of it';
create or replace trigger batch_goes_one_way after update on bank.batch
  referencing old table as former new table as changed for each statement execute function bank.check_batch_states();
