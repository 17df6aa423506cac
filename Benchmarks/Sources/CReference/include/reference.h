// The references of the group libpq: the plainest C that does the same work. Each returns the
// seconds that the work took, without connecting; below zero when it failed.
#ifndef BANYAN_BENCHMARKS_REFERENCE_H
#define BANYAN_BENCHMARKS_REFERENCE_H

#include <stdint.h>

// Executes a prepared `SELECT 1` so many times and reads each answer before the next.
double reference_round_trips(const char *conninfo, long count);

// Executes so many pipelines of so many prepared `SELECT 1` each.
double reference_pipelined(const char *conninfo, long pipelines, long statements);

// Copies so many rows (bigint, integer, text, date, double precision) in binary form into a table
// that has these columns.
double reference_copy_in_binary(const char *conninfo, const char *table, long count);

// Sums over all rows that were decoded, to compare with those of the server.
struct reference_totals {
  int64_t rows;
  int64_t ids;
  int64_t name_bytes;
  int64_t cents;
  int64_t seconds;
  int64_t cleared;
};

// Reads the whole result of a query that gives (bigint, text, numeric, timestamptz, bool) and
// decodes every row into a structure of its own. Summing up is not measured.
double reference_rows(const char *conninfo, const char *query, struct reference_totals *totals);

// Reads the same rows by a binary COPY and decodes each as it comes, keeping none.
double reference_copy_out_binary(
    const char *conninfo, const char *query, struct reference_totals *totals);

#endif
