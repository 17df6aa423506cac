// The archives that workbooks are.
#ifndef BANYAN_CZIP_SHIM_H
#define BANYAN_CZIP_SHIM_H
#include <zip.h>
#endif
