// libpq's own header, and the few things that Swift cannot import from C by itself.
#ifndef BANYAN_CLIBPQ_SHIM_H
#define BANYAN_CLIBPQ_SHIM_H
#include <libpq-fe.h>
#endif
