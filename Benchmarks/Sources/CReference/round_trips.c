// Prepared statements, one after the other and in a pipeline.

#include "reference.h"
#include "support.h"

static int prepare(PGconn *connection) {
  PGresult *result = PQprepare(connection, "one", "SELECT 1", 0, NULL);
  int prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
  PQclear(result);
  return prepared;
}

// The number in a result of one row and one integer; below zero if it is none.
static long number(PGresult *result) {
  if (PQresultStatus(result) != PGRES_TUPLES_OK || PQgetlength(result, 0, 0) != 4) return -1;
  return (long)get32(PQgetvalue(result, 0, 0));
}

double reference_round_trips(const char *conninfo, long count) {
  PGconn *connection = connected(conninfo);
  if (!connection) return -1;
  long sum = 0;
  int prepared = prepare(connection);
  double start = now();
  for (long index = 0; prepared && index < count; index++) {
    PGresult *result = PQexecPrepared(connection, "one", 0, NULL, NULL, NULL, 1);
    sum += number(result);
    PQclear(result);
  }
  double seconds = now() - start;
  PQfinish(connection);
  return sum == count ? seconds : -1;
}

// Sends so many statements and a mark after them, then reads all answers; the sum of them.
static long pipelined(PGconn *connection, long statements) {
  for (long index = 0; index < statements; index++) {
    if (!PQsendQueryPrepared(connection, "one", 0, NULL, NULL, NULL, 1)) return -1;
  }
  if (!PQpipelineSync(connection)) return -1;
  long sum = 0;
  for (long index = 0; index < statements; index++) {
    PGresult *result = PQgetResult(connection);
    sum += number(result);
    PQclear(result);
    // Each statement's results end with NULL.
    if ((result = PQgetResult(connection)) != NULL) {
      PQclear(result);
      return -1;
    }
  }
  PGresult *mark = PQgetResult(connection);
  int synchronised = PQresultStatus(mark) == PGRES_PIPELINE_SYNC;
  PQclear(mark);
  return synchronised ? sum : -1;
}

double reference_pipelined(const char *conninfo, long pipelines, long statements) {
  PGconn *connection = connected(conninfo);
  if (!connection) return -1;
  long sum = 0;
  int prepared = prepare(connection);
  double start = now();
  for (long index = 0; prepared && index < pipelines; index++) {
    if (!PQenterPipelineMode(connection)) break;
    sum += pipelined(connection, statements);
    if (!PQexitPipelineMode(connection)) break;
  }
  double seconds = now() - start;
  PQfinish(connection);
  return sum == pipelines * statements ? seconds : -1;
}
