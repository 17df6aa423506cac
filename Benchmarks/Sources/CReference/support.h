// What the references share: a clock, a connection, and the bytes of PostgreSQL's binary forms.
#ifndef BANYAN_BENCHMARKS_SUPPORT_H
#define BANYAN_BENCHMARKS_SUPPORT_H

#include <libpq-fe.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// A connection, or NULL if the server refuses it.
static inline PGconn *connected(const char *conninfo) {
  PGconn *connection = PQconnectdb(conninfo);
  if (PQstatus(connection) == CONNECTION_OK) return connection;
  PQfinish(connection);
  return NULL;
}

static inline uint16_t get16(const char *bytes) {
  uint16_t value;
  memcpy(&value, bytes, 2);
  return __builtin_bswap16(value);
}

static inline uint32_t get32(const char *bytes) {
  uint32_t value;
  memcpy(&value, bytes, 4);
  return __builtin_bswap32(value);
}

static inline uint64_t get64(const char *bytes) {
  uint64_t value;
  memcpy(&value, bytes, 8);
  return __builtin_bswap64(value);
}

#endif
