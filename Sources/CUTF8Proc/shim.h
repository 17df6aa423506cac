// Terminal widths of characters (Chinese ones take two columns).
#ifndef BANYAN_CUTF8PROC_SHIM_H
#define BANYAN_CUTF8PROC_SHIM_H
#include <utf8proc.h>
#endif
