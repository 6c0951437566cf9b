/*
 * keystore_parts.h - what the files of the key store reader share; for them alone.
 */
#ifndef HW_KEYSTORE_PARTS_H
#define HW_KEYSTORE_PARTS_H

#include "keystore.h"

/* One format each. They append to `out`, which the caller has made empty and frees on failure. */
hw_status hw__keystore_read_jks(hw_view bytes, hw_view password, hw_keystore *out,
                                hw_error *err) HW_MUST_CHECK;
hw_status hw__keystore_read_pkcs12(hw_view bytes, hw_view password, hw_keystore *out,
                                   hw_error *err) HW_MUST_CHECK;

/* Appends a private key (PKCS#8 DER, not encrypted) as PEM, after a look at its structure. */
hw_status hw__keystore_add_key(hw_keystore *store, hw_view der, hw_error *err) HW_MUST_CHECK;
/* Appends a certificate (DER) as PEM to one of the chains, after a look at its structure. */
hw_status hw__keystore_add_certificate(hw_buf *chain, hw_view der, hw_error *err) HW_MUST_CHECK;

#endif
