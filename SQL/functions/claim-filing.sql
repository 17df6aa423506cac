-- Claims as people file them, under their own login: doors, because a relationship manager sees the own clients
-- only, and a claim is about one who is not.

create or replace function bank.require_own_name(claimant text) returns void
language plpgsql stable as $$
begin
  if not pg_has_role(session_user, (select n.nspowner from pg_namespace as n where n.nspname = 'bank'), 'member')
    and not bank.holds('head_office') and not bank.holds('risk')
    and bank.require_employee(claimant) is distinct from bank.acting_as('relationship_manager') then
    perform bank.refuse_order('client_claim_is_in_the_own_name', 'client_claim',
      format('the login “%s” is not %s''s, and a relationship manager claims in the own name', session_user, claimant),
      'Claim under your own number, or let head office file it.');
  end if;
end
$$;
comment on function bank.require_own_name(text) is 'Refuses a relationship manager who acts in the name of another; head office and risk may';

create or replace function bank.file_claim(
  claimant text, of_client text, of_prospect text, unit_code text, of_industry text, of_size text, day date, grounds text)
returns bigint
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  perform bank.require_role('head_office', 'risk', 'relationship_manager');
  perform bank.require_own_name(claimant);
  return bank.claim_client(claimant, of_client, of_prospect, unit_code, of_industry, of_size, day, grounds);
end
$$;
comment on function bank.file_claim(text, text, text, text, text, text, date, text) is 'Lays claim to a new client, as bank.claim_client does, for who may not read the client: a relationship manager in the own name, head office and risk in any. Returns the number of the claim';

create or replace function bank.take_claim_back(claim bigint) returns void
language plpgsql security definer set search_path = pg_catalog, bank, public, pg_temp as $$
begin
  perform bank.require_role('head_office', 'risk', 'relationship_manager');
  perform bank.require_own_name(e.number)
  from bank.client_claim as c join bank.employee as e using (employee_id) where c.client_claim_id = claim;
  perform bank.withdraw_claim(claim);
end
$$;
comment on function bank.take_claim_back(bigint) is 'Takes back a claim that has given nothing yet, as bank.withdraw_claim does: a relationship manager the own one, head office and risk any';
