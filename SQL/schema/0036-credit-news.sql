-- What makes credits out of date: a mark by whatever changes what a branch has measured or who looks after its clients.

create table bank.credit_news (
  credit_news_id bigint generated always as identity,
  branch_id      integer,
  since          date not null,
  constraint credit_news_pk primary key (credit_news_id)
);
comment on table  bank.credit_news is 'Marks that something changed which credits are made of: written by the transaction that changes it, taken away by the next run, which credits the branches anew that are marked and leaves the sets of all others as they are';
comment on column bank.credit_news.credit_news_id is 'Surrogate key';
comment on column bank.credit_news.branch_id is 'Branch whose facts, or whose clients'' assignments, have changed; null for every branch';
comment on column bank.credit_news.since is 'Earliest day that the change is about; months before it stay as they are';

-- What a run has written is never changed, and its credits bear digests: the trail need not hold it once more.
insert into platform.audit_scope (table_name, way) values
  ('credit_news', 'bulk'),
  ('credit_set', 'bulk'),
  ('current_credit_set', 'bulk'),
  ('pay_run_credit_set', 'bulk'),
  ('pay_credit_sum', 'bulk'),
  ('pay_statement', 'bulk'),
  ('pay_line', 'bulk'),
  ('deferral_instalment', 'bulk'),
  ('pay_balance', 'bulk');

insert into bank.table_placement (table_name, placement) values
  ('credit_news', 'reference');
