// A binary COPY into the server, whose bytes are written by hand.

#include <stdio.h>

#include "reference.h"
#include "support.h"

// A buffer that is handed to libpq when a row may no longer fit.
enum { chunk = 64 << 10, longest_row = 256 };
static unsigned char buffer[chunk + longest_row];
static size_t used;

static void put(const void *bytes, size_t count) {
  memcpy(buffer + used, bytes, count);
  used += count;
}

static void put16(uint16_t value) {
  uint16_t swapped = __builtin_bswap16(value);
  put(&swapped, 2);
}

static void put32(uint32_t value) {
  uint32_t swapped = __builtin_bswap32(value);
  put(&swapped, 4);
}

static void put64(uint64_t value) {
  uint64_t swapped = __builtin_bswap64(value);
  put(&swapped, 8);
}

static void put_row(long index) {
  char text[32];
  int length = snprintf(text, sizeof text, "item %ld", index);
  double number = (double)index / 4;
  uint64_t bits;
  memcpy(&bits, &number, 8);
  put16(5);
  put32(8);
  put64((uint64_t)index);
  put32(4);
  put32((uint32_t)(index % 1000));
  put32((uint32_t)length);
  put(text, (size_t)length);
  put32(4);
  put32((uint32_t)(index % 365));
  put32(8);
  put64(bits);
}

double reference_copy_in_binary(const char *conninfo, const char *table, long count) {
  PGconn *connection = connected(conninfo);
  if (!connection) return -1;
  double start = now();
  char statement[256];
  snprintf(statement, sizeof statement, "COPY %s FROM STDIN (FORMAT binary)", table);
  PGresult *result = PQexec(connection, statement);
  int copies = PQresultStatus(result) == PGRES_COPY_IN;
  PQclear(result);
  used = 0;
  put("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  for (long index = 0; copies && index < count; index++) {
    put_row(index);
    if (used >= chunk) {
      copies = PQputCopyData(connection, (const char *)buffer, (int)used) == 1;
      used = 0;
    }
  }
  put16(0xFFFF);
  copies = copies && PQputCopyData(connection, (const char *)buffer, (int)used) == 1 &&
           PQputCopyEnd(connection, NULL) == 1;
  while ((result = PQgetResult(connection)) != NULL) {
    if (PQresultStatus(result) != PGRES_COMMAND_OK) copies = 0;
    PQclear(result);
    if (!copies) break;
  }
  double seconds = now() - start;
  PQfinish(connection);
  return copies ? seconds : -1;
}
