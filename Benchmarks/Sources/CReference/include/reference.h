// The references of the group libpq: the plainest C that does the same work.
#ifndef BANYAN_BENCHMARKS_REFERENCE_H
#define BANYAN_BENCHMARKS_REFERENCE_H

// Executes a prepared `SELECT 1` so many times and reads each answer. Returns the seconds that this
// took, without connecting; below zero when the server refused.
double reference_round_trips(const char *conninfo, long count);

// Copies so many rows (bigint, integer, text, date, double precision) in binary form into a table
// that has these columns. Returns the seconds, without connecting; below zero when it failed.
double reference_copy_in_binary(const char *conninfo, const char *table, long count);

#endif
