// The XML inside workbooks.
#ifndef BANYAN_CEXPAT_SHIM_H
#define BANYAN_CEXPAT_SHIM_H
#include <expat.h>
#endif
