/*
 * keystore.h - the key and trust stores that clusters hand out: JKS and PKCS#12, read into PEM.
 *
 * The kind is told by the content, not by the file name: what a modern keytool writes into a file
 * called .jks is PKCS#12. Nothing here keeps state; any thread may read any store. keystore_jks.c
 * and keystore_pkcs12.c know one format each, trust.c takes authorities from such stores.
 */
#ifndef HW_KEYSTORE_H
#define HW_KEYSTORE_H

#include <stdbool.h>

#include "buf.h"
#include "error.h"

/* Larger stores are refused; those of clusters have a few kilobytes. */
enum { HW_KEYSTORE_MAX_SIZE = 16 * 1024 * 1024 };

/* What a store holds, as PEM text. Each buffer is empty when the store has nothing of the kind, and
 * all are wiped on release. */
typedef struct hw_keystore {
  hw_buf client_key;   /* owned: the private keys, unencrypted PKCS#8, in the order of the store */
  hw_buf client_chain; /* owned: for each key its certificate and those that signed it, in order */
  hw_buf ca_chain;     /* owned: the certificates that the store trusts */
} hw_keystore;

/* Whether the bytes begin like a JKS, JCEKS or PKCS#12 store (and not like PEM). */
bool hw_keystore_recognise(hw_view bytes);

/*
 * Reads a store. `password` is UTF-8; with a NULL pointer there is none: a JKS store is then read
 * without the check of its integrity, which needs the password, and must hold no private key; for
 * PKCS#12 no password, an empty one and Java's "changeit" are tried. A private key must have the
 * password of its store. `out` is filled only on success and belongs to the caller:
 * hw_keystore_free().
 *
 * HW_INTEGRITY: wrong password, or the store was changed, cut short or is of another kind;
 * HW_LIMIT: too large, or too costly to decrypt; HW_ARGUMENT: the password is not UTF-8.
 */
hw_status hw_keystore_read(hw_view bytes, hw_view password, hw_keystore *out,
                           hw_error *err) HW_MUST_CHECK;
/* Wipes and frees the content. An empty record is allowed. */
void hw_keystore_free(hw_keystore *store);

#endif
