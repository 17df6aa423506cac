// What a C program does that writes the rows of a query into a workbook: libpq row by row, libxlsxwriter in constant
// memory, a format for dates and one for amounts, and a further sheet where one is full.
// Usage: workbook_writer CONNINFO QUERY FILE

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <xlsxwriter.h>

enum { most_rows = 1048576, date_oid = 1082, numeric_oid = 1700 };

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static lxw_worksheet *begin_sheet(lxw_workbook *book, PGresult *row, lxw_format *heading) {
  lxw_worksheet *sheet = workbook_add_worksheet(book, NULL);
  worksheet_freeze_panes(sheet, 1, 0);
  for (int column = 0; column < PQnfields(row); column++)
    worksheet_write_string(sheet, 0, column, PQfname(row, column), heading);
  return sheet;
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage", "workbook_writer CONNINFO QUERY FILE");
  PGconn *connection = PQconnectdb(arguments[1]);
  if (PQstatus(connection) != CONNECTION_OK) fail("connection", PQerrorMessage(connection));
  if (!PQsendQuery(connection, arguments[2])) fail("query", PQerrorMessage(connection));
  PQsetSingleRowMode(connection);

  lxw_workbook_options options = {.constant_memory = LXW_TRUE};
  lxw_workbook *book = workbook_new_opt(arguments[3], &options);
  lxw_format *heading = workbook_add_format(book);
  format_set_bold(heading);
  lxw_format *day_format = workbook_add_format(book);
  format_set_num_format(day_format, "yyyy-mm-dd");
  lxw_format *amount_format = workbook_add_format(book);
  format_set_num_format(amount_format, "#,##0.00");

  lxw_worksheet *sheet = NULL;
  lxw_row_t line = 0;
  PGresult *row;
  while ((row = PQgetResult(connection)) != NULL) {
    if (PQresultStatus(row) == PGRES_FATAL_ERROR) fail("query", PQresultErrorMessage(row));
    if (PQresultStatus(row) == PGRES_SINGLE_TUPLE) {
      if (sheet == NULL || line == most_rows) {
        sheet = begin_sheet(book, row, heading);
        line = 1;
      }
      for (int column = 0; column < PQnfields(row); column++) {
        const char *value = PQgetvalue(row, 0, column);
        int year, month, day;
        if (PQgetisnull(row, 0, column)) continue;
        switch (PQftype(row, column)) {
        case numeric_oid:
          worksheet_write_number(sheet, line, column, strtod(value, NULL), amount_format);
          break;
        case date_oid:
          if (sscanf(value, "%d-%d-%d", &year, &month, &day) != 3) fail("date", value);
          lxw_datetime moment = {.year = year, .month = month, .day = day};
          worksheet_write_datetime(sheet, line, column, &moment, day_format);
          break;
        default:
          worksheet_write_string(sheet, line, column, value, NULL);
        }
      }
      line++;
    }
    PQclear(row);
  }
  lxw_error error = workbook_close(book);
  if (error) fail("workbook", lxw_strerror(error));
  PQfinish(connection);
  return 0;
}
