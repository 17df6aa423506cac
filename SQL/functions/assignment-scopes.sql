-- What assignments are about, by the numbers that people know, and what it is called in messages.

create or replace function bank.scope_label(scope bank.coverage_scope) returns text
language plpgsql stable as $$
begin
  return case
      when scope.client_id is not null then 'client ' || (
        select number from bank.client as c
        where c.branch_id = scope.branch_id and c.client_id = scope.client_id)
      else 'account ' || (
        select number from bank.account as a
        where a.branch_id = scope.branch_id and a.account_id = scope.account_id)
    end || coalesce(' for ' || scope.product_line, '');
end
$$;
comment on function bank.scope_label(bank.coverage_scope) is 'What an assignment is about, for messages: client C1 for loans';

create or replace function bank.client_scope(client_number text, line text default null)
returns bank.coverage_scope
language plpgsql stable as $$
declare
  found_scope bank.coverage_scope;
begin
  perform bank.require_product_line(line);
  begin
    select c.branch_id, c.client_id, null::bigint, line into strict found_scope
    from bank.client as c where c.number = client_number;
  exception
    when no_data_found then
      raise exception using errcode = 'no_data_found',
        message = format('there is no client “%s” on record', client_number),
        hint = 'Check the number, or import the client first.';
    when too_many_rows then
      raise exception using errcode = 'cardinality_violation',
        message = format('several branches have a client “%s”', client_number),
        hint = 'Name the client by branch and key.';
  end;
  -- A client that was merged is the one that survives.
  select s.branch_id, s.client_id into found_scope.branch_id, found_scope.client_id
  from bank.surviving_client(found_scope.branch_id, found_scope.client_id) as s;
  return found_scope;
end
$$;
comment on function bank.client_scope(text, text) is 'The scope of a client by number, for all products or one line; of a merged client it is that of the survivor';

create or replace function bank.account_scope(account_number text, line text default null)
returns bank.coverage_scope
language plpgsql stable as $$
declare
  found_scope bank.coverage_scope;
begin
  perform bank.require_product_line(line);
  begin
    select a.branch_id, null::bigint, a.account_id, line into strict found_scope
    from bank.account as a where a.number = account_number;
  exception
    when no_data_found then
      raise exception using errcode = 'no_data_found',
        message = format('there is no account “%s” on record', account_number),
        hint = 'Check the number, or import the account first.';
    when too_many_rows then
      raise exception using errcode = 'cardinality_violation',
        message = format('several branches have an account “%s”', account_number),
        hint = 'Name the account by branch and key.';
  end;
  return found_scope;
end
$$;
comment on function bank.account_scope(text, text) is 'The scope of one account by number, for all products or one line';

create or replace function bank.require_product_line(line text) returns void
language plpgsql stable as $$
begin
  if line is not null and not exists (select 1 from bank.product_line where code = line) then
    raise exception using errcode = 'no_data_found',
      message = format('there is no product line “%s”; there are %s', line,
        (select string_agg(code, ', ' order by code) from bank.product_line)),
      hint = 'Use one of them, or add yours to bank.product_line.';
  end if;
end
$$;
comment on function bank.require_product_line(text) is 'Refuses a product line that is not on record; null is all products';

create or replace function bank.employee_keys(numbers text[]) returns integer[]
language plpgsql stable as $$
declare
  keys integer[];
  unknown text;
begin
  select array_agg(e.employee_id order by n.place),
    min(n.number) filter (where e.employee_id is null)
  into keys, unknown
  from unnest(numbers) with ordinality as n (number, place)
  left join bank.employee as e on e.number = n.number;
  if unknown is not null then
    raise exception using errcode = 'no_data_found',
      message = format('there is no employee “%s” on record', unknown),
      hint = 'Check the number, or import the employee first.';
  end if;
  return coalesce(keys, '{}');
end
$$;
comment on function bank.employee_keys(text[]) is 'The keys of employees by their numbers, in the order given';
