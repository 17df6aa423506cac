-- How a rule refuses: by its name, with a sentence of what is wrong and one of what to do.

create or replace function bank.refuse_order(
  rule text, about text, message text, advice text, state text default 'check_violation') returns void
language plpgsql as $$
begin
  raise exception using errcode = state, constraint = rule, schema = 'bank', table = about,
    message = message, hint = advice;
end
$$;
comment on function bank.refuse_order(text, text, text, text, text) is 'Refuses what was ordered, by the name of the rule: one sentence that says what is wrong, and one that says what to do';

create or replace function bank.require_number(thing text, number bigint) returns void
language plpgsql stable as $$
declare
  called constant text := case thing when 'client_claim' then 'claim' else replace(thing, '_', ' ') end;
  is_known boolean;
begin
  execute format('select exists (select from bank.%I as t where t.%I = $1)', thing, thing || '_id') into is_known using number;
  if not is_known then
    perform bank.refuse_order(thing || '_is_known', thing, format('there is no %s %s on record', called, number),
      format('See the numbers with banyan %s list.', split_part(called, ' ', 1)), 'foreign_key_violation');
  end if;
end
$$;
comment on function bank.require_number(text, bigint) is 'Refuses the number of a transfer, handover, departure, claim or collision case that nobody knows';
