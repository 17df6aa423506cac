-- Numbers are unique in the whole bank, also for who sees a part of it only.

create or replace function bank.refuse_number_elsewhere() returns trigger
language plpgsql as $$
declare
  twice record;
begin
  -- A number is unique in the whole bank. Who sees all of it has compared already; who sees a part has not.
  if bank.holds_whole_bank('loader') or bank.holds('head_office') or not (bank.holds('loader') or bank.holds('branch')) then
    return null;
  end if;
  execute format('select e.number, u.code from entered as e join bank.%1$I as o on o.number = e.number and o.branch_id <> e.branch_id
    join bank.org_unit as u on u.org_unit_id = e.branch_id limit 1', tg_table_name) into twice;
  if twice.number is not null then
    raise exception using
      errcode = 'unique_violation', constraint = tg_table_name || '_number_is_unique_in_the_bank',
      schema = 'bank', table = tg_table_name,
      message = format('another unit than %s has the %s number %s already', twice.code, replace(tg_table_name, '_', ' '), twice.number),
      hint = 'Correct the number, or let head office or a loader of the whole bank bring it.';
  end if;
  return null;
end
$$;
comment on function bank.refuse_number_elsewhere() is 'Trigger: what a branch enters, or a loader of a part of the bank brings, bears no number that another part has';

create or replace trigger client_number_is_unique_in_the_bank after insert on bank.client
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger account_number_is_unique_in_the_bank after insert on bank.account
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger loan_number_is_unique_in_the_bank after insert on bank.loan
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger card_number_is_unique_in_the_bank after insert on bank.card
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
create or replace trigger standing_order_number_is_unique_in_the_bank after insert on bank.standing_order
  referencing new table as entered for each statement execute function bank.refuse_number_elsewhere();
