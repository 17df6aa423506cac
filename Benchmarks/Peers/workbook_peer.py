"""Reads and writes a workbook of seven columns with a package of Python, and prints the seconds."""

import datetime
import sys
import time


def write(path, rows, constant_memory=True):
    import xlsxwriter

    start = time.perf_counter()
    workbook = xlsxwriter.Workbook(path, {"constant_memory": constant_memory})
    sheet = workbook.add_worksheet("Data")
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    amount = workbook.add_format({"num_format": "#,##0.00"})
    names = ["branch", "employee", "client", "product", "metric", "day", "amount"]
    sheet.write_row(0, 0, names)
    first = datetime.date(2026, 1, 1)
    for number in range(1, rows + 1):
        sheet.write_string(number, 0, f"B{number % 400}")
        sheet.write_string(number, 1, f"RM{number % 5000}")
        sheet.write_string(number, 2, f"62220212{10000000000 + number}")
        sheet.write_string(number, 3, f"存款产品{number % 9}")
        sheet.write_string(number, 4, "balance")
        sheet.write_datetime(number, 5, first + datetime.timedelta(days=number % 31), day)
        sheet.write_number(number, 6, number * 7919 % 100000000 / 100, amount)
    workbook.close()
    return time.perf_counter() - start


def write_shared(path, rows):
    """Texts stand in a table of their own, as Excel writes them."""
    return write(path, rows, constant_memory=False)


def read_calamine(path, rows):
    import python_calamine

    start = time.perf_counter()
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    count = sum(1 for row in sheet.to_python() if len(row) == 7)
    assert count == rows + 1, count
    return time.perf_counter() - start


def read_openpyxl(path, rows):
    import openpyxl

    start = time.perf_counter()
    sheet = openpyxl.load_workbook(path, read_only=True).active
    count = sum(1 for row in sheet.iter_rows(values_only=True) if len(row) == 7)
    assert count == rows + 1, count
    return time.perf_counter() - start


WORK = {
    "write": write,
    "write_shared": write_shared,
    "read_calamine": read_calamine,
    "read_openpyxl": read_openpyxl,
}
print(WORK[sys.argv[1]](sys.argv[2], int(sys.argv[3])))
