-- What assignments and lists of transfers name, where a foreign key would ask row by row and lock each row that it
-- finds: that is half the time of a change of 100,000 clients. Here one statement asks for all rows. Nothing has to be
-- locked, because what they name is never deleted and keeps its key.

create or replace function bank.check_reference() returns trigger
language plpgsql as $$
declare
  named constant text := tg_argv[0];
  own_columns constant text[] := string_to_array(tg_argv[1], ' ');
  named_columns constant text[] := string_to_array(coalesce(tg_argv[2], tg_argv[1]), ' ');
  stray text;
begin
  execute format('select concat_ws('', '', %s) from changed as c where num_nulls(%1$s) = 0
      and not exists (select 1 from bank.%I as n where %s) limit 1',
    (select string_agg(format('c.%I', o), ', ') from unnest(own_columns) as o), named,
    (select string_agg(format('n.%I = c.%I', p.named_column, p.own_column), ' and ')
     from unnest(named_columns, own_columns) as p (named_column, own_column)))
  into stray;
  if stray is not null then
    perform bank.refuse_order(tg_name, tg_table_name,
      format('there is no %s with the key %s on record', replace(named, '_', ' '), stray),
      'Name one that is on record.', 'foreign_key_violation');
  end if;
  return null;
end
$$;
comment on function bank.check_reference() is 'Trigger: what the changed rows name is on record. Its arguments are the table, the columns that name it, and that table''s own where they are called otherwise; a row that leaves one of them empty names nothing';

create or replace function bank.keep_key() returns trigger
language plpgsql as $$
begin
  perform bank.refuse_order(tg_name, tg_table_name,
    case tg_op when 'UPDATE' then format('a row of bank.%s keeps its key', tg_table_name)
      else format('%s of bank.%s is refused: other rows may name it', lower(tg_op), tg_table_name) end,
    'Enter another row, and leave this one as it is.', 'restrict_violation');
  return null;
end
$$;
comment on function bank.keep_key() is 'Trigger: what others name by check_reference stays and keeps its key';

create or replace trigger client_keeps_its_key before update of branch_id, client_id or delete or truncate on bank.client
  for each statement execute function bank.keep_key();
create or replace trigger account_keeps_its_key before update of branch_id, account_id or delete or truncate on bank.account
  for each statement execute function bank.keep_key();
create or replace trigger employee_keeps_its_key before update of employee_id or delete or truncate on bank.employee
  for each statement execute function bank.keep_key();
create or replace trigger coverage_entry_keeps_its_key before update of coverage_entry_id or delete or truncate on bank.coverage_entry
  for each statement execute function bank.keep_key();
create or replace trigger transfer_keeps_its_key before update of transfer_id on bank.transfer
  for each statement execute function bank.keep_key();

create or replace trigger assignment_client_is_known after insert on bank.assignment
  referencing new table as changed for each statement execute function bank.check_reference('client', 'branch_id client_id');
create or replace trigger assignment_account_is_known after insert on bank.assignment
  referencing new table as changed for each statement execute function bank.check_reference('account', 'branch_id account_id');
create or replace trigger assignment_employee_is_known after insert on bank.assignment
  referencing new table as changed for each statement execute function bank.check_reference('employee', 'employee_id');
create or replace trigger assignment_entry_is_known after insert on bank.assignment
  referencing new table as changed
  for each statement execute function bank.check_reference('coverage_entry', 'entry_id', 'coverage_entry_id');
create or replace trigger assignment_new_end_is_known after insert on bank.assignment
  referencing new table as changed
  for each statement execute function bank.check_reference('coverage_entry', 'superseding_entry_id', 'coverage_entry_id');
create or replace trigger assignment_end_is_known after update on bank.assignment
  referencing new table as changed
  for each statement execute function bank.check_reference('coverage_entry', 'superseding_entry_id', 'coverage_entry_id');

create or replace trigger transfer_item_transfer_is_known after insert on bank.transfer_item
  referencing new table as changed for each statement execute function bank.check_reference('transfer', 'transfer_id');
create or replace trigger transfer_item_client_is_known after insert on bank.transfer_item
  referencing new table as changed for each statement execute function bank.check_reference('client', 'branch_id client_id');
create or replace trigger transfer_item_account_is_known after insert on bank.transfer_item
  referencing new table as changed for each statement execute function bank.check_reference('account', 'branch_id account_id');
