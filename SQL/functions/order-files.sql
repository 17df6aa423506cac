-- Files of orders. Each order is given to the verb that a person would use; one that a rule refuses goes to quarantine
-- with the sentence that the person would have read, and the others are carried out. Here is how; what the orders
-- are stands in order-files-clients.sql, order-files-transfers.sql, order-files-handovers.sql and
-- order-files-departures.sql.

create or replace function bank.refusal_sentence(message text, advice text, rule text) returns text
language plpgsql stable as $$
declare
  told text := message;
begin
  -- A plain constraint has no advice; it is told by its comment, which has one after the semicolon.
  if coalesce(advice, '') = '' and rule <> '' then
    select coalesce(min(obj_description(c.oid, 'pg_constraint')), min(obj_description(i.oid, 'pg_class')), message) into told
    from (select 1) as once
    left join pg_constraint as c on c.conname = rule and c.connamespace = 'bank'::regnamespace
    left join pg_class as i on i.relname = rule and i.relkind = 'i' and i.relnamespace = 'bank'::regnamespace;
  end if;
  return rtrim(told, '.') || coalesce('; ' || lower(left(nullif(advice, ''), 1)) || rtrim(substr(advice, 2), '.'), '');
end
$$;
comment on function bank.refusal_sentence(text, text, text) is 'What a rule says in one sentence: message and advice, or, of a plain constraint, its comment';

create or replace function bank.place_incoming_orders(batch bigint, verb regproc, one_order text) returns bigint
language plpgsql as $$
declare
  asked record;
  changed boolean;
  placed bigint := 0;
  message text;
  advice text;
  state text;
  rule text;
begin
  for asked in execute format(
    'select array_agg(to_jsonb(i) order by i.line_number) as lines from incoming as i group by %I order by min(i.line_number)',
    one_order)
  loop
    begin
      execute format('select %s($1, $2)', verb) into changed using asked.lines, batch;
      if changed then
        placed := placed + cardinality(asked.lines);
      end if;
    exception when integrity_constraint_violation or cardinality_violation or no_data_found then
      get stacked diagnostics message = message_text, advice = pg_exception_hint, state = returned_sqlstate,
        rule = constraint_name;
      -- What is not on record may still come; then the file gets another chance.
      insert into bank.rejected_row (batch_id, line_number, reason_number, code, column_name, value, reason)
      select batch, (l.line ->> 'line_number')::bigint, 1,
        case when state in ('P0002', '23503') then 'IMP-0401' else 'IMP-0403' end,
        case when one_order <> 'line_number' then one_order end, l.line ->> nullif(one_order, 'line_number'),
        bank.refusal_sentence(message, advice, rule)
      from unnest(asked.lines) as l (line);
    end;
  end loop;
  return placed;
end
$$;
comment on function bank.place_incoming_orders(bigint, regproc, text) is 'Gives each incoming order, of one line or of all lines with the same value of a column, to a function that carries it out and says whether anything changed; rejects those that a rule refuses. Returns how many lines changed something';
