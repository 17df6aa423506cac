-- Who may do what with which rows: the whole of it, table by table. bank.apply_access_rules makes privileges
-- and policies of these lines; what stands in none of them is refused. docs/access-matrix.md shows what comes
-- of it, and a test compares that with the catalogue and with what each role really gets.
--
-- A table that is new and stands in no line is closed to everybody but the owner of the schema, and the
-- tests ask for its line.

delete from bank.access_rule;
delete from bank.access_door;

insert into bank.access_rule (relation, role, rights, rows, row_key, readable_columns, changed_columns)
select relation, role, rights, rows, coalesce(row_key, ''), string_to_array(readable, ' '), string_to_array(changed, ' ')
from (values
  -- The bank's own order: everybody who acts reads it.
  ('institution org_unit org_unit_version org_succession org_change tier post_kind product_line product metric segment band_threshold contact_cadence duty_limit coverage_rule control_limit transfer_rule access_role table_placement platform.applied_file',
    'head_office branch relationship_manager hr risk analyst loader access_officer', 'read', 'acting', null, null, null),
  ('org_unit org_unit_version org_succession org_change', 'head_office', 'add change', 'all', null, null, null),
  ('institution tier org_unit org_unit_version org_succession org_change', 'loader', 'add change', 'bank', null, null, null),
  ('product_line product metric segment band_threshold contact_cadence duty_limit coverage_rule control_limit transfer_rule income_rate', 'head_office', 'add change', 'all', null, null, null),
  ('duty_limit contact_cadence product metric', 'loader', 'add change', 'bank', null, null, null),
  ('tier post_kind duty_limit', 'hr', 'add change', 'all', null, null, null),
  ('income_rate', 'head_office branch risk', 'read', 'acting', null, null, null),

  -- The directory of people: who is what, where. Personal, so not for analysts.
  ('employee post team', 'head_office branch relationship_manager hr risk loader access_officer', 'read', 'acting', null, null, null),
  ('employee_speciality tier_terms', 'head_office branch relationship_manager hr risk loader', 'read', 'acting', null, null, null),
  ('employee_tier', 'head_office branch hr risk loader', 'read', 'acting', null, null, null),
  ('employee_tier', 'relationship_manager', 'read', 'person', null, null, null),
  ('employee post team employee_speciality', 'head_office hr', 'add change', 'all', null, null, null),
  ('employee_tier tier_terms', 'hr', 'add change', 'all', null, null, null),
  ('employee post team employee_speciality employee_tier tier_terms', 'loader', 'add change', 'bank', null, null, null),

  -- What is on record about people.
  ('employee_qualification relationship_declaration employee_leave', 'head_office hr', 'read add change', 'all', null, null, null),
  ('employee_qualification relationship_declaration employee_leave review_measure', 'loader', 'read add change', 'bank', null, null, null),
  ('tier_review_line', 'hr', 'read add', 'all', null, null, null),
  ('review_measure tier_review selection_application selection_check selection_score selection_result', 'hr', 'read add change', 'all', null, null, null),
  ('review_measure tier_review tier_review_line selection_application selection_check selection_score selection_result', 'head_office', 'read', 'all', null, null, null),
  ('employee_qualification relationship_declaration employee_leave review_measure tier_review selection_application', 'relationship_manager', 'read', 'person', null, null, null),
  ('employee_qualification relationship_declaration employee_leave review_measure tier_review selection_application', 'branch', 'read', 'people', null, null, null),
  ('selection_round selection_criterion', 'head_office branch relationship_manager risk', 'read', 'acting', null, null, null),
  ('selection_round selection_criterion', 'hr', 'read add change', 'all', null, null, null),
  ('selection_round selection_application selection_result', 'loader', 'read add change', 'bank', null, null, null),
  ('scorecard scorecard_item scorecard_tier scorecard_gate', 'head_office branch relationship_manager', 'read', 'acting', null, null, null),
  ('scorecard scorecard_item scorecard_tier scorecard_gate', 'hr', 'read add change', 'all', null, null, null),
  -- Named in statements about other things; they show these roles no row.
  ('employee post', 'analyst', 'read', 'none', null, null, null),
  ('selection_result tier_review_line', 'relationship_manager branch', 'read', 'none', null, null, null),
  ('selection_result selection_application', 'risk', 'read', 'none', null, null, null),

  -- Clients and what they hold.
  ('client client_segment client_value key_person client_contact client_group_member client_merge account account_holder loan card standing_order transaction account_month branch_month client_overlap fact fact_month account_balance balance_account repayment_due repayment assignment', 'head_office risk', 'read', 'all', null, null, null),
  ('client client_segment client_value key_person client_contact client_group_member client_merge account account_holder loan card standing_order transaction account_month branch_month client_overlap fact fact_month account_balance balance_account repayment_due repayment assignment', 'branch loader', 'read', 'units', null, null, null),
  ('client client_segment client_value key_person client_contact client_group_member client_merge', 'relationship_manager', 'read', 'clients', null, null, null),
  ('account account_holder loan card standing_order transaction account_month account_balance balance_account', 'relationship_manager', 'read', 'accounts', null, null, null),
  -- Named by bank.unit_months, which counts own accounts for them.
  ('branch_month client_overlap', 'relationship_manager', 'read', 'none', null, null, null),
  ('fact fact_month', 'relationship_manager', 'read', 'person', null, null, null),
  ('fact', 'relationship_manager', 'read', 'clients', null, null, null),
  ('assignment', 'relationship_manager', 'read', 'person', null, null, null),
  ('assignment', 'relationship_manager', 'read', 'clients', null, null, null),
  ('client_group', 'head_office risk', 'read', 'all', null, null, null),
  ('client_group', 'branch relationship_manager', 'read', 'none', null, null, null),
  -- An identity number is read in clear through bank.read_identity only; here it is masked.
  ('client_identity', 'head_office', 'read', 'all', null, 'branch_id client_id kind digest masked batch_id line_number', null),  -- equal digests are duplicates
  ('client_identity', 'risk', 'read', 'all', null, 'branch_id client_id kind masked batch_id line_number', null),
  ('client_identity', 'branch', 'read', 'units', null, 'branch_id client_id kind masked batch_id line_number', null),
  ('client_identity', 'relationship_manager', 'read', 'clients', null, 'branch_id client_id kind masked batch_id line_number', null),
  ('client_identity', 'loader', 'add', 'units', null, null, null),

  ('client', 'head_office', 'change', 'all', null, null, 'name'),
  ('account', 'head_office', 'change', 'all', null, null, 'statement_frequency'),
  ('client', 'branch loader', 'change', 'units', null, null, 'name'),
  ('account', 'branch loader', 'change', 'units', null, null, 'statement_frequency'),
  -- To lock a client, which a change of its coverage needs, is a change to PostgreSQL.
  ('client', 'risk', 'change', 'all', null, null, 'line_number'),
  ('account', 'risk', 'change', 'all', null, null, 'line_number'),
  ('client_segment client_value key_person client_contact client_group client_group_member client_merge assignment', 'head_office', 'add change', 'all', null, null, null),
  ('client_segment key_person client_contact client_group_member assignment', 'branch', 'add change', 'units', null, null, null),
  ('client_segment assignment', 'risk', 'add change', 'all', null, null, null),
  ('key_person', 'relationship_manager', 'add', 'clients', null, null, null),
  ('client', 'head_office', 'add', 'all', null, null, null),
  ('client', 'branch', 'add', 'units', null, null, null),
  ('client account account_holder loan card standing_order transaction client_contact fact account_balance balance_account repayment_due repayment', 'loader', 'add', 'units', null, null, null),
  ('account_month fact_month assignment client_segment client_group_member', 'loader', 'add change', 'units', null, null, null),
  ('key_person', 'loader', 'add change', 'units', null, null, 'superseded_at'),
  ('client_group', 'loader', 'read add change', 'bank', null, null, 'name'),
  ('client_merge', 'loader', 'add', 'bank', null, null, null),
  ('coverage_entry', 'head_office risk', 'read add change', 'all', null, null, null),
  ('coverage_entry', 'branch loader', 'read add change', 'login', 'made_by', null, null),
  ('coverage_entry', 'relationship_manager', 'read', 'login', 'made_by', null, null),

  -- New clients, transfers, handovers, departures.
  ('territory', 'branch relationship_manager hr risk', 'read', 'acting', null, null, null),
  ('territory', 'head_office', 'read add change', 'all', null, null, null),
  ('territory', 'loader', 'read add change', 'bank', null, null, null),
  ('client_claim collision_case', 'head_office risk', 'read add change', 'all', null, null, null),
  ('client_claim collision_case', 'loader', 'read add change', 'bank', null, null, null),
  ('client_claim', 'relationship_manager', 'read', 'person', null, null, null),
  ('client_claim', 'branch', 'read', 'people', null, null, null),
  ('collision_case', 'relationship_manager branch', 'read', 'none', null, null, null),
  ('transfer transfer_receiver', 'head_office', 'read add change', 'all', null, null, null),
  ('transfer_item', 'head_office', 'read add', 'all', null, null, null),
  ('transfer transfer_receiver', 'loader', 'read add change', 'bank', null, null, null),
  ('transfer_item', 'loader', 'read add', 'bank', null, null, null),
  ('transfer transfer_receiver transfer_item', 'risk', 'read', 'all', null, null, null),
  ('transfer', 'relationship_manager', 'read', 'person', 'giver_id', null, null),
  ('transfer', 'branch', 'read', 'people', 'giver_id', null, null),
  ('transfer_receiver', 'relationship_manager', 'read', 'person', null, null, null),
  ('transfer_receiver', 'branch', 'read', 'people', null, null, null),
  ('transfer_item', 'relationship_manager', 'read', 'clients', null, null, null),
  ('transfer_item', 'branch', 'read', 'units', null, null, null),
  ('departure departure_item handover handover_item', 'head_office', 'read add change', 'all', null, null, null),
  ('departure handover handover_item', 'loader', 'read add change', 'bank', null, null, null),
  -- Quantities are money where pay is deferred; a loader settles items without seeing them.
  ('departure_item', 'loader', 'read add change', 'bank', null, 'departure_id item_number kind description settlement settled_by_id settled_at', 'settlement settled_by_id settled_at'),
  ('departure departure_item handover handover_item', 'hr risk', 'read', 'all', null, null, null),
  ('departure', 'relationship_manager', 'read', 'person', null, null, null),
  ('departure', 'branch', 'read', 'people', null, null, null),
  ('handover', 'relationship_manager', 'read', 'person', 'giver_id', null, null),
  ('handover', 'relationship_manager', 'read', 'person', 'receiver_id', null, null),
  ('handover', 'relationship_manager', 'read', 'person', 'witness_id', null, null),
  ('handover', 'branch', 'read', 'people', 'giver_id', null, null),
  ('handover', 'branch', 'read', 'people', 'receiver_id', null, null),
  ('departure_item handover_item', 'relationship_manager branch', 'read', 'none', null, null, null),

  -- Pay. Credits name accounts by surrogate keys only, which lead HR to no client.
  ('plan', 'head_office hr relationship_manager loader', 'read', 'acting', null, null, null),
  ('plan pay_run pay_run_step credit_set current_credit_set pay_run_credit_set pay_credit pay_credit_sum pay_fact_credit pay_statement pay_line pay_correction pay_correction_cause pay_recheck deferral_instalment pay_balance target', 'hr', 'read add', 'all', null, null, null),
  ('credit_news', 'hr', 'read', 'all', null, null, null),
  ('pay_run pay_run_step pay_posting credit_set pay_run_credit_set', 'relationship_manager branch', 'read', 'acting', null, null, null),
  ('plan', 'branch', 'read', 'acting', null, null, null),
  -- The list of who leaves names the pay that is deferred.
  ('pay_run pay_run_step pay_posting deferral_instalment deferral_movement', 'head_office', 'read', 'all', null, null, null),
  ('pay_credit pay_credit_sum pay_fact_credit pay_statement pay_line pay_correction pay_correction_cause deferral_instalment pay_balance target', 'relationship_manager', 'read', 'person', null, null, null),
  -- Who leads a unit answers for what its people are paid.
  ('pay_credit pay_credit_sum pay_fact_credit pay_statement pay_line pay_correction pay_correction_cause deferral_instalment deferral_movement pay_balance target', 'branch', 'read', 'people', null, null, null),
  -- What is decided for people: written by the doors, and entries by their files.
  ('pay_entry deferral_movement pay_dispute pay_dispute_routing deal_role exchange_rate', 'hr', 'read', 'all', null, null, null),
  ('pay_entry deferral_movement pay_dispute', 'relationship_manager', 'read', 'person', null, null, null),
  ('pay_dispute_routing', 'relationship_manager', 'read', 'none', null, null, null),
  ('pay_entry deferral_movement', 'risk', 'read', 'all', null, null, null),
  ('deal_role exchange_rate', 'head_office', 'read', 'all', null, null, null),
  ('pay_entry', 'loader', 'read add change', 'bank', null, null, 'superseded_at'),
  ('deal_role', 'loader', 'read add change', 'units', null, null, 'superseded_at'),
  ('exchange_rate', 'loader', 'read add', 'bank', null, null, null),

  -- Maker and checker: written by the doors alone. A plan and a posting come of their verbs.
  ('approval_action approval_rule', 'head_office branch relationship_manager hr risk loader access_officer', 'read', 'acting', null, null, null),
  ('approval approval_decision', 'head_office hr risk access_officer', 'read', 'all', null, null, null),
  ('approval', 'branch', 'read', 'people', 'proposed_by_id', null, null),
  ('approval', 'branch', 'read', 'login', 'proposed_by', null, null),
  ('approval', 'relationship_manager', 'read', 'person', 'proposed_by_id', null, null),
  ('approval_decision', 'branch relationship_manager', 'read', 'none', null, null, null),
  ('plan_activation', 'head_office hr relationship_manager loader', 'read', 'acting', null, null, null),
  ('plan_activation pay_posting', 'hr', 'read add', 'all', null, null, null),

  -- Audits: written by the doors alone. Everybody sees the own findings and what they were called to account for.
  ('inspection_plan', 'head_office branch hr risk', 'read', 'acting', null, null, null),
  ('inspection_sample inspection_sample_item', 'head_office risk', 'read', 'all', null, null, null),
  ('inspection_finding inspection_reassignment accountability', 'head_office hr risk', 'read', 'all', null, null, null),
  ('inspection_finding', 'relationship_manager', 'read', 'person', 'responsible_id', null, null),
  ('inspection_finding', 'branch', 'read', 'people', 'responsible_id', null, null),
  ('accountability', 'relationship_manager', 'read', 'person', null, null, null),
  ('accountability', 'branch', 'read', 'people', null, null, null),

  -- Intake. A row that was kept out holds whatever its file held.
  ('batch rejected_row', 'head_office', 'read', 'all', null, null, null),
  ('batch', 'branch relationship_manager hr risk', 'read', 'acting', null, 'batch_id dataset file_name state rows_read rows_loaded rows_rejected rows_unchanged rows_kept_out branch_id month sheet_name submission_id replaces_id is_restatement imported_by imported_at', null),
  ('batch', 'loader', 'read', 'bank', null, null, null),
  ('batch', 'loader', 'read add change', 'login', 'imported_by', null, null),
  ('rejected_row', 'loader', 'read add change', 'batches', null, null, null),
  ('batch_check', 'head_office', 'read', 'all', null, null, null),
  ('batch_check', 'loader', 'read add', 'batches', null, null, null),
  ('submission', 'head_office risk', 'read', 'all', null, null, null),
  ('submission', 'branch', 'read', 'units', null, null, null),
  ('submission', 'loader', 'read', 'bank', null, null, null),
  ('submission', 'loader', 'read add', 'login', 'received_by', null, null),
  ('batch_part period_figure', 'head_office risk', 'read', 'all', null, null, null),
  ('batch_part period_figure', 'branch loader', 'read', 'units', null, null, null),
  ('batch_part', 'loader', 'add change', 'units', null, null, null),
  -- Written by the door that replaces a batch, and read as what they were.
  ('replaced_transaction replaced_loan replaced_card replaced_standing_order replaced_fact replaced_account_balance replaced_repayment_due replaced_repayment', 'head_office risk', 'read', 'all', null, null, null),
  ('replaced_transaction replaced_loan replaced_card replaced_standing_order replaced_fact replaced_account_balance replaced_repayment_due replaced_repayment', 'branch loader', 'read', 'units', null, null, null),
  ('replaced_transaction replaced_loan replaced_card replaced_standing_order replaced_account_balance', 'relationship_manager', 'read', 'accounts', null, null, null),
  ('replaced_fact', 'relationship_manager', 'read', 'person', null, null, null),
  ('replacement_release', 'head_office loader', 'read', 'acting', null, null, null),
  ('delivery_duty', 'head_office', 'read add change', 'all', null, null, null),
  ('delivery_duty', 'branch risk loader', 'read', 'acting', null, null, null),
  ('period_close', 'head_office branch relationship_manager hr risk analyst loader', 'read', 'acting', null, null, null),

  -- Access itself. Everybody sees the own grants.
  ('access_grant', 'head_office access_officer', 'read', 'all', null, null, null),
  ('access_grant', 'branch relationship_manager hr risk analyst loader', 'read', 'login', 'login', null, null),
  ('access_conflict access_role_post access_rule access_door access_setting', 'access_officer', 'read', 'all', null, null, null),
  ('identity_reading', 'risk', 'read', 'login', 'read_by', null, null),

  -- The audit trail tells what everybody did and holds values of every table, so auditors alone read it.
  ('platform.audit_entry platform.audit_link platform.audit_head platform.audit_scope', 'auditor', 'read', 'all', null, null, null),

  -- Analysts read views that belong to the curator, who reads what these need and nothing else.
  ('report.pseudonymous_client report.pseudonymous_client_month report.consolidated_month', 'analyst auditor', 'read', 'none', null, null, null),
  ('org_unit', 'curator', 'read', 'analysis', null, 'org_unit_id code', null),
  ('client', 'curator', 'read', 'analysis', null, 'branch_id client_id kind', null),
  ('client_segment', 'curator', 'read', 'analysis', null, 'branch_id client_id axis segment effective_from effective_until superseded_at', null),
  ('client_value account_month', 'curator', 'read', 'analysis', null, null, null),
  ('loan', 'curator', 'read', 'analysis', null, 'branch_id account_id granted_on amount', null),
  ('access_setting', 'curator', 'read', 'analysis', null, 'smallest_group', null),
  ('pseudonym_secret', 'curator', 'read', 'analysis', null, null, null)
) as line (relations, roles, rights, rows, row_key, readable, changed)
cross join unnest(string_to_array(relations, ' ')) as relation
cross join unnest(string_to_array(roles, ' ')) as role;

-- An auditor reads whatever anybody may read, but for the keys of identity numbers and pseudonyms.
insert into bank.access_rule (relation, role, rights, rows, row_key, readable_columns)
select distinct a.relation, 'auditor', 'read', 'all', '',
  case a.relation when 'client_identity' then array['branch_id', 'client_id', 'kind', 'masked', 'batch_id', 'line_number'] end
from bank.access_rule as a
where a.relation !~ '^(report\.|platform\.audit_)' and a.relation <> 'pseudonym_secret';

insert into bank.access_door (function_name, role)
select door, role
from (values
  -- Asked by the policies.
  ('access_day acting_person holds holds_whole_bank acts acting_as units_of people_of own_clients own_accounts own_batches',
    'head_office branch relationship_manager hr risk analyst auditor loader access_officer'),
  ('record_reading', 'head_office branch relationship_manager hr risk analyst auditor loader access_officer'),
  ('read_identity', 'risk'),
  ('coverage_objections', 'head_office branch risk loader'),
  ('add_month seal_identity identity_is_on_record replace_batch', 'loader'),
  ('day_at', 'head_office branch risk loader auditor'),
  ('close_period', 'head_office'),
  ('refresh_departure close_departure_audit', 'head_office loader'),
  ('measure_of', 'head_office hr'),
  ('last_booked_month people_to_pay tiers_within take_credits credit_facts credit_digest changed_credit_sets person_metrics credited_before paid_before carried_before targets_for_pay record_target', 'hr'),
  ('latest_calculation earlier_calculations posted_months paid_for is_paid_as_calculated deferred_for pay_news credit_changes entries_for_pay deals_for_pay exchange_rates_for_pay', 'hr'),
  ('require_postable release_deferred_pay route_dispute answer_dispute', 'hr'),
  ('order_malus order_clawback restore_pay recoverable_pay plan_that_pays', 'hr risk'),
  ('open_dispute withdraw_dispute', 'hr relationship_manager'),
  ('next_pay_month', 'hr risk loader'),
  ('pay_month_is_posted', 'loader'),
  ('file_claim take_claim_back', 'head_office risk relationship_manager'),
  ('grant_access revoke_access', 'access_officer'),
  ('access_logins', 'access_officer auditor'),
  ('approval_rule_for approval_is_applied await_approval open_approval', 'head_office branch hr risk access_officer loader relationship_manager'),
  ('known_approval decide_approval apply_approval withdraw_approval expire_approvals', 'head_office branch hr risk access_officer'),
  ('set_approval_rule', 'head_office risk'),
  -- An auditor changes nothing of the bank's; what audits find is the auditors' own record.
  ('set_inspection_plan inspection_population inspection_draw draw_inspection_sample verify_inspection_sample record_inspection_finding reassign_finding close_finding', 'auditor risk'),
  ('acting_or_named open_finding', 'head_office branch relationship_manager hr risk auditor'),
  ('rectify_finding', 'head_office branch relationship_manager risk'),
  ('record_accountability withdraw_accountability', 'hr risk')
) as line (doors, roles)
cross join unnest(string_to_array(doors, ' ')) as door
cross join unnest(string_to_array(roles, ' ')) as role;

select bank.apply_access_rules();
