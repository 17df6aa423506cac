-- Which changes would leave no trace? One row for each hole; none is the answer that the tests want.
select rule, what from bank.audit_gaps()
