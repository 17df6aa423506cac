// OpenSSL's digests: libpq already brings the library, and it uses the processor's SHA instructions.
#ifndef BANYAN_CCRYPTO_SHIM_H
#define BANYAN_CCRYPTO_SHIM_H
#include <openssl/evp.h>
#endif
