/*
 * trust.h - which certificates a TLS connection accepts.
 *
 * The authorities are read once into one X509_STORE and shared by every connection made with the
 * same setting (reading a system bundle takes tens of milliseconds). They come from the first of:
 * the store named by the user, SSL_CERT_FILE or SSL_CERT_DIR, the places where systems keep theirs,
 * a fallback named by the caller. A file is PEM, or a Java trust store (JKS or PKCS#12, told by its
 * content), whose password, where it needs one, is in HOPSWORKS_TRUST_STORE_PASSWORD. An hw_trust
 * is shared between threads and counted.
 */
#ifndef HW_TRUST_H
#define HW_TRUST_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "buf.h"
#include "error.h"

typedef struct hw_trust_config {
  bool verify_peer;  /* false: any certificate is accepted */
  const char *store; /* borrowed: file or hashed directory chosen by the user, or NULL */
  hw_view pem;       /* borrowed: its certificates, when they were read already; then `store` only
                        names where they came from */
  const char *fallback; /* borrowed: PEM file to use when the system has none, or NULL */
} hw_trust_config;

typedef struct hw_trust hw_trust;

/* Reads the authorities. *out is shared (counted): release it with hw_trust_release(). */
hw_status hw_trust_new(const hw_trust_config *config, hw_trust **out, hw_error *err) HW_MUST_CHECK;
hw_trust *hw_trust_share(hw_trust *trust);
void hw_trust_release(hw_trust *trust);

/* Where the authorities come from, for messages (borrowed as long as the trust); "" when nothing is
 * verified. */
const char *hw_trust_source(const hw_trust *trust);

/* What a handshake met; belongs to one connection attempt. */
typedef struct hw_trust_peer {
  X509 *leaf;  /* owned: the certificate that the server presented, NULL before */
  long reason; /* X509_V_OK, or why it was refused */
  int depth;   /* of the certificate refused; 0 is the server's own */
} hw_trust_peer;

void hw_trust_peer_clear(hw_trust_peer *peer);

/* Makes a context verify against this trust and record what it met in `peer` (borrowed for as long
   as the context is used). False when out of memory. */
bool hw_trust_install(hw_trust *trust, SSL_CTX *context, hw_trust_peer *peer);

/* Fills `err` (HW_TLS) for a refused certificate: its subject, validity, SHA-256, the reason and
   the remedies. `host` is the name that was connected to; a peer without a reason means that the
   name did not match. */
hw_status hw_trust_explain(const hw_trust *trust, const hw_trust_peer *peer, const char *host,
                           hw_error *err);

#endif
