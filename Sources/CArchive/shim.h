// Compressed files.
#ifndef BANYAN_CARCHIVE_SHIM_H
#define BANYAN_CARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
#endif
