import Banyan
import LibPQ

extension TestDatabase {
  /// Where the batches do not say what the tables hold, a line each; empty when all is accounted for.
  public func unaccountedRows() async throws -> String {
    var findings = ""
    let tables = [
      "org_units": "org_unit", "org_changes": "org_change", "employees": "employee",
      "tier_ladder": "tier_terms", "tiers": "employee_tier", "posts": "post",
      "specialities": "employee_speciality", "qualifications": "employee_qualification",
      "relationships": "relationship_declaration", "review_measures": "review_measure",
      "selection_results": "selection_application",
      "clients": "client", "client_segments": "client_segment",
      "client_identities": "client_identity", "key_persons": "key_person",
      "prospects": "client", "group_members": "client_group_member",
      "client_assignments": "assignment", "territories": "territory",
      "duty_limits": "duty_limit", "leaves": "employee_leave",
      "contact_cadences": "contact_cadence", "contacts": "client_contact",
      "accounts": "account", "holders": "account_holder", "assignments": "assignment",
      "loans": "loan", "cards": "card", "standing_orders": "standing_order",
      "transactions": "transaction", "deal_roles": "deal_role",
      "exchange_rates": "exchange_rate", "pay_entries": "pay_entry",
      "products": "product", "metrics": "metric",
      "facts": "fact", "sales": "fact", "fees": "fact", "balances": "account_balance",
      "repayment_schedules": "repayment_due", "repayments": "repayment",
    ]
    // What becomes of orders bears the number of no line.
    let orders: Set = [
      "coverage_changes", "client_merges", "claims", "claim_changes", "collision_decisions",
      "transfers", "transfer_answers", "handovers", "handover_items", "handover_signatures",
      "departures", "departure_items", "departure_steps",
    ]
    for dataset in Dataset.standard where !orders.contains(dataset.name) {
      guard let table = tables[dataset.name] else {
        throw TestSupportError("the dataset \(dataset.name) has no table in this check")
      }
      findings += try await psql(
        """
        select '\(dataset.name)', b.batch_id, b.rows_loaded, t.rows
        from bank.batch as b
        left join (
          select batch_id, count(*) filter (where \(["employee_tier", "post"].contains(table) ? "superseded_at is null" : "true")) as rows,
            count(distinct line_number) as lines
          from bank.\(table) group by 1
        ) as t using (batch_id)
        where b.dataset = '\(dataset.name)' and b.state <> 'replaced'
          and (b.rows_loaded, b.rows_loaded) is distinct from (coalesce(t.rows, 0), coalesce(t.lines, 0))
        """, in: self)
    }
    findings += try await psql(
      """
      select 'rejected', b.batch_id, b.rows_rejected, r.lines, r.rows_kept, b.state
      from bank.batch as b
      left join (
        select batch_id, count(distinct line_number) as lines, count(raw_row) as rows_kept
        from bank.rejected_row group by 1
      ) as r using (batch_id)
      where (b.rows_rejected, b.rows_rejected)
          is distinct from (coalesce(r.lines, 0), coalesce(r.rows_kept, 0))
        or (b.state = 'failed' and b.rows_read > 0);
      select 'replaced', b.batch_id, b.rows_loaded, r.rows
      from bank.batch as b
      left join (
        select batch_id, count(*) as rows from (
          select batch_id from bank.replaced_transaction union all select batch_id from bank.replaced_loan
          union all select batch_id from bank.replaced_card union all select batch_id from bank.replaced_standing_order
          union all select batch_id from bank.replaced_fact union all select batch_id from bank.replaced_account_balance
          union all select batch_id from bank.replaced_repayment_due union all select batch_id from bank.replaced_repayment
        ) as t group by 1
      ) as r using (batch_id)
      where case b.state when 'replaced' then b.rows_loaded else 0 end <> coalesce(r.rows, 0);
      select 'parts', batch_id, p.branch_id, p.month, p.rows_loaded, t.rows
      from (
        select b.batch_id, p.branch_id, p.month, p.rows_loaded from bank.batch as b join bank.batch_part as p using (batch_id)
        where b.dataset in ('transactions', 'facts', 'sales', 'fees', 'balances', 'repayment_schedules', 'repayments')
      ) as p
      full join (
        select batch_id, branch_id, date_trunc('month', booked_on::timestamp)::date as month, count(*) as rows
        from (
          select batch_id, branch_id, booked_on from bank.transaction
          union all select batch_id, branch_id, booked_on from bank.replaced_transaction
          union all select batch_id, branch_id, booked_on from bank.fact
          union all select batch_id, branch_id, booked_on from bank.replaced_fact
          union all select batch_id, branch_id, balanced_on from bank.account_balance
          union all select batch_id, branch_id, balanced_on from bank.replaced_account_balance
          union all select batch_id, branch_id, due_on from bank.repayment_due
          union all select batch_id, branch_id, due_on from bank.replaced_repayment_due
          union all select batch_id, branch_id, paid_on from bank.repayment
          union all select batch_id, branch_id, paid_on from bank.replaced_repayment) as every_one
        group by 1, 2, 3
      ) as t using (batch_id, branch_id, month)
      where p.rows_loaded is distinct from t.rows;
      select 'roll-up', *
      from (
        select account_id, date_trunc('month', booked_on::timestamp)::date as month, sum(n) as n, sum(amount) as net,
          sum(amount * ((date_trunc('month', booked_on::timestamp) + interval '1 month')::date - booked_on)) as days
        from (
          select account_id, booked_on, 1 as n, case direction when 'credit' then amount else -amount end as amount
          from bank.transaction
          union all
          select account_id, balanced_on, 0,
            balance - coalesce(lag(balance) over (partition by account_id order by balanced_on), 0)
          from bank.account_balance
        ) as movement
        group by 1, 2
      ) as t
      full join bank.account_month as m using (account_id, month)
      where (t.n, t.net, t.days) is distinct from (m.transactions, m.credits - m.debits, m.movement_days);
      select 'facts', *
      from (
        select branch_id, date_trunc('month', booked_on::timestamp)::date as month, metric_id, product_id, employee_id,
          count(*) as n, sum(amount) as amount
        from bank.fact group by 1, 2, 3, 4, 5
      ) as t
      full join bank.fact_month as m using (branch_id, month, metric_id, product_id, employee_id)
      where (t.n, t.amount) is distinct from (m.facts, m.amount);
      select 'branch roll-up', * from bank.roll_up_differences()
      """, in: self)
    return findings
  }
}
