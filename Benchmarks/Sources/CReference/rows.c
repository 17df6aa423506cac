// Rows of five types read from the server and decoded into structures that own what they hold.

#include <stdio.h>
#include <stdlib.h>

#include "reference.h"
#include "support.h"

// An exact decimal number: the coefficient divided by 10 to the power of the scale.
struct decimal {
  __int128 coefficient;
  int scale;
};

struct sale {
  int64_t id;
  char *name;
  size_t name_length;
  struct decimal amount;
  int64_t booked_at;
  int cleared;
};

static const int64_t powers[] = {1, 10, 100, 1000, 10000};

// Decodes a numeric of up to 38 digits: digits to the base 10,000, the weight of the first, the
// sign and the scale. Returns 0 for NaN, infinities and what is too long.
static int decode_decimal(const char *bytes, int length, struct decimal *value) {
  if (length < 8) return 0;
  int count = (int16_t)get16(bytes);
  int weight = (int16_t)get16(bytes + 2);
  int sign = get16(bytes + 4);
  int scale = get16(bytes + 6);
  if ((sign != 0 && sign != 0x4000) || length != 8 + 2 * count) return 0;
  __int128 coefficient = 0;
  if (count <= 4) {
    // Ordinary amounts fit into a machine word.
    uint64_t small = 0;
    for (int index = 0; index < count; index++) small = small * 10000 + get16(bytes + 8 + 2 * index);
    coefficient = small;
  } else {
    for (int index = 0; index < count; index++) {
      __int128 digit = get16(bytes + 8 + 2 * index);
      if (__builtin_mul_overflow(coefficient, (__int128)10000, &coefficient) ||
          __builtin_add_overflow(coefficient, digit, &coefficient))
        return 0;
    }
  }
  // How many decimal places the coefficient has to move.
  int shift = 4 * (weight - count + 1) + scale;
  for (; coefficient != 0 && shift > 0; shift--) {
    if (__builtin_mul_overflow(coefficient, (__int128)10, &coefficient)) return 0;
  }
  if (coefficient != 0 && shift < 0) {
    if (shift < -4) return 0;
    __int128 power = powers[-shift];
    // The division of machine words is many times faster.
    if (coefficient <= INT64_MAX) {
      coefficient = (int64_t)coefficient / (int64_t)power;
    } else {
      coefficient /= power;
    }
  }
  value->coefficient = sign ? -coefficient : coefficient;
  value->scale = scale;
  return 1;
}

static int copy_name(struct sale *sale, const char *bytes, size_t length) {
  sale->name = malloc(length + 1);
  if (!sale->name) return 0;
  memcpy(sale->name, bytes, length);
  sale->name[length] = 0;
  sale->name_length = length;
  return 1;
}

static int decode_sale(const PGresult *result, int row, struct sale *sale) {
  for (int column = 0; column < 5; column++) {
    if (PQgetisnull(result, row, column)) return 0;
  }
  if (PQgetlength(result, row, 0) != 8 || PQgetlength(result, row, 3) != 8 ||
      PQgetlength(result, row, 4) != 1)
    return 0;
  sale->id = (int64_t)get64(PQgetvalue(result, row, 0));
  sale->booked_at = (int64_t)get64(PQgetvalue(result, row, 3));
  sale->cleared = *PQgetvalue(result, row, 4) != 0;
  return copy_name(sale, PQgetvalue(result, row, 1), (size_t)PQgetlength(result, row, 1)) &&
         decode_decimal(PQgetvalue(result, row, 2), PQgetlength(result, row, 2), &sale->amount);
}

static void add(struct reference_totals *totals, const struct sale *sale) {
  totals->rows += 1;
  totals->ids += sale->id;
  totals->name_bytes += (int64_t)sale->name_length;
  totals->cents += (int64_t)sale->amount.coefficient;
  totals->seconds += sale->booked_at / 1000000;
  totals->cleared += sale->cleared;
}

double reference_rows(const char *conninfo, const char *query, struct reference_totals *totals) {
  PGconn *connection = connected(conninfo);
  if (!connection) return -1;
  memset(totals, 0, sizeof *totals);
  double start = now();
  PGresult *result = PQexecParams(connection, query, 0, NULL, NULL, NULL, NULL, 1);
  int rows = PQresultStatus(result) == PGRES_TUPLES_OK && PQnfields(result) == 5
                 ? PQntuples(result)
                 : 0;
  struct sale *sales = calloc((size_t)rows + 1, sizeof *sales);
  int decoded = 0;
  while (sales && decoded < rows && decode_sale(result, decoded, &sales[decoded])) decoded++;
  PQclear(result);
  double seconds = now() - start;
  for (int row = 0; row < decoded; row++) {
    add(totals, &sales[row]);
    free(sales[row].name);
  }
  free(sales);
  PQfinish(connection);
  return rows > 0 && decoded == rows ? seconds : -1;
}

// The next field of a row of a binary COPY: its bytes, or NULL if there are not so many.
static const char *field(const char **position, const char *end, int *length) {
  if (end - *position < 4) return NULL;
  *length = (int)get32(*position);
  const char *bytes = *position + 4;
  if (*length < 0 || end - bytes < *length) return NULL;
  *position = bytes + *length;
  return bytes;
}

// Decodes a row of a binary COPY that begins at the position.
static int decode_copied(const char *position, const char *end, struct sale *sale) {
  const char *fields[5];
  int lengths[5];
  for (int column = 0; column < 5; column++) {
    fields[column] = field(&position, end, &lengths[column]);
    if (!fields[column]) return 0;
  }
  if (lengths[0] != 8 || lengths[3] != 8 || lengths[4] != 1) return 0;
  sale->id = (int64_t)get64(fields[0]);
  sale->booked_at = (int64_t)get64(fields[3]);
  sale->cleared = *fields[4] != 0;
  return copy_name(sale, fields[1], (size_t)lengths[1]) &&
         decode_decimal(fields[2], lengths[2], &sale->amount);
}

double reference_copy_out_binary(
    const char *conninfo, const char *query, struct reference_totals *totals) {
  PGconn *connection = connected(conninfo);
  if (!connection) return -1;
  memset(totals, 0, sizeof *totals);
  char statement[512];
  snprintf(statement, sizeof statement, "COPY (%s) TO STDOUT (FORMAT binary)", query);
  double start = now();
  PGresult *result = PQexec(connection, statement);
  int copies = PQresultStatus(result) == PGRES_COPY_OUT;
  PQclear(result);
  char *piece = NULL;
  int length, header = 19;
  while (copies && (length = PQgetCopyData(connection, &piece, 0)) > 0) {
    // The server sends each row in a piece, the header before the first.
    const char *position = piece + header, *end = piece + length;
    header = 0;
    if (end - position < 2) {
      copies = 0;
    } else if (get16(position) != 0xFFFF) {
      struct sale sale = {0};
      copies = get16(position) == 5 && decode_copied(position + 2, end, &sale);
      add(totals, &sale);
      free(sale.name);
    }
    PQfreemem(piece);
  }
  while ((result = PQgetResult(connection)) != NULL) {
    if (PQresultStatus(result) != PGRES_COMMAND_OK) copies = 0;
    PQclear(result);
    if (!copies) break;
  }
  double seconds = now() - start;
  PQfinish(connection);
  return copies ? seconds : -1;
}
