/*
 * certificates.h - a small certificate authority for the tests of TLS.
 */
#ifndef HW_TESTS_CERTIFICATES_H
#define HW_TESTS_CERTIFICATES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

typedef struct authority {
  EVP_PKEY *key;
  X509 *certificate;
} authority;

static inline void must(int good, const char *what) {
  if (!good) {
    (void)fprintf(stderr, "test certificates: %s failed\n", what);
    exit(2);
  }
}

static inline void set_name(X509_NAME *name, const char *common) {
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common, -1, -1,
                                  0) == 1,
       "name");
}

static inline void add_extension(X509 *certificate, int nid, const char *value) {
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

/* `from` and `until` in seconds from now; `names` like "DNS:localhost", NULL for an authority. */
static inline X509 *make_certificate(const authority *signer, EVP_PKEY *key, const char *common,
                                     const char *names, long from, long until, long serial) {
  X509 *certificate = X509_new();
  must(certificate != NULL && X509_set_version(certificate, 2) == 1, "certificate");
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), until);
  X509_set_pubkey(certificate, key);
  set_name(X509_get_subject_name(certificate), common);
  if (names == NULL) {
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    X509_set_issuer_name(certificate, X509_get_subject_name(signer->certificate));
    add_extension(certificate, NID_basic_constraints, "CA:FALSE");
    add_extension(certificate, NID_subject_alt_name, names);
  }
  must(X509_sign(certificate, signer == NULL ? key : signer->key, EVP_sha256()) > 0, "signature");
  return certificate;
}

static inline void make_authority(authority *self, const char *common) {
  self->key = EVP_EC_gen("P-256");
  must(self->key != NULL, "key");
  self->certificate =
      make_certificate(NULL, self->key, common, NULL, -3600, 86400L, (long)getpid() + 1);
}

static inline void free_authority(authority *self) {
  X509_free(self->certificate);
  EVP_PKEY_free(self->key);
}

/* The authority's certificate as a PEM file. */
static inline void write_authority(const authority *self, const char *path) {
  FILE *file = fopen(path, "w");
  must(file != NULL && PEM_write_X509(file, self->certificate) == 1, path);
  (void)fclose(file);
}

/* A server's or client's key and certificate in one PEM file. */
static inline void write_leaf(const authority *signer, const char *path, const char *common,
                              const char *names, long from, long until) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = make_certificate(signer, key, common, names, from, until, random() + 2);
  FILE *file = fopen(path, "w");
  must(file != NULL && PEM_write_X509(file, certificate) == 1 &&
           PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1,
       path);
  (void)fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

#endif
