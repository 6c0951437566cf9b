/*
 * keystore_pkcs12.c - PKCS#12, as written by OpenSSL and by keytool since Java 9.
 *
 * OpenSSL opens the envelopes; the bags are walked here, because its own PKCS12_parse() returns one
 * key only and forgets which certificates Java marked as trusted. What decrypting may cost is in
 * the file itself (rounds of key derivation), so it is bounded before any work is done.
 */
#include <stdint.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "keystore_parts.h"

enum {
  MAX_KEYS = 64,
  MAX_CERTIFICATES = 4096,
  MAX_DEPTH = 8,
  MAX_KEY = 64 * 1024,
  /* Over a whole store; keytool and OpenSSL use 2,048 to 10,000 an envelope. */
  MAX_ROUNDS = 2000000,
};

/* The attribute that keytool gives to the certificates that a store trusts. */
static const char java_trusted_oid[] = "2.16.840.1.113894.746875.1.1";

typedef struct found_certificate {
  X509 *certificate; /* owned */
  bool trusted;      /* marked by Java */
  bool in_chain;     /* belongs to a private key */
} found_certificate;

typedef struct found_key {
  hw_buf der;     /* owned: PKCS#8 */
  EVP_PKEY *pkey; /* owned */
} found_key;

typedef struct pkcs12 {
  OSSL_LIB_CTX
  *library; /* owned: with the old ciphers of Java 8, which our process does not load */
  OSSL_PROVIDER *ordinary, *legacy; /* owned */
  const char *password;             /* borrowed; NULL and "" are different passwords here */
  int password_len;
  bool wrong_password; /* why the last attempt failed */
  int64_t rounds;      /* still allowed */
  found_key keys[MAX_KEYS];
  size_t key_count;
  found_certificate *certificates; /* owned */
  size_t certificate_count;
} pkcs12;

static hw_status damaged(hw_error *err) {
  return hw_error_set(err, HW_INTEGRITY, "the PKCS#12 key store is cut short or damaged");
}

static hw_status no_memory(hw_error *err) {
  return hw_error_set(err, HW_NOMEM, "out of memory");
}

static void forget(pkcs12 *store) {
  for (size_t i = 0; i < store->key_count; i++) {
    hw_buf_free(&store->keys[i].der);
    EVP_PKEY_free(store->keys[i].pkey);
  }
  for (size_t i = 0; i < store->certificate_count; i++) {
    X509_free(store->certificates[i].certificate);
  }
  free(store->certificates);
  store->certificates = NULL;
  store->key_count = store->certificate_count = 0;
}

/* --- the cost of opening an envelope ---------------------------------------------------------- */

static hw_status charge(pkcs12 *store, const ASN1_INTEGER *rounds, hw_error *err) {
  int64_t count = 1; /* the default when the file does not say */
  if (rounds != NULL && ASN1_INTEGER_get_int64(&count, rounds) != 1) {
    count = INT64_MAX;
  }
  if (count < 1) {
    return damaged(err);
  }
  if (count > store->rounds) {
    return hw_error_set(err, HW_LIMIT,
                        "the PKCS#12 key store asks for more than %d rounds of key derivation",
                        MAX_ROUNDS);
  }
  store->rounds -= count;
  return HW_OK;
}

static hw_status charge_pbes2(pkcs12 *store, const X509_ALGOR *algorithm, hw_error *err) {
  PBE2PARAM *scheme = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
  PBKDF2PARAM *derivation = NULL;
  hw_status status = HW_OK;
  if (scheme == NULL) {
    status = damaged(err);
  } else if (OBJ_obj2nid(scheme->keyfunc->algorithm) != NID_id_pbkdf2) {
    status = hw_error_set(err, HW_INTEGRITY,
                          "the PKCS#12 key store derives its keys in another way than PBKDF2; "
                          "convert it with \"keytool -importkeystore\"");
  } else {
    derivation = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), scheme->keyfunc->parameter);
    status = derivation == NULL ? damaged(err) : charge(store, derivation->iter, err);
  }
  PBKDF2PARAM_free(derivation);
  PBE2PARAM_free(scheme);
  return status;
}

static hw_status charge_algorithm(pkcs12 *store, const X509_ALGOR *algorithm, hw_error *err) {
  if (algorithm == NULL) {
    return damaged(err);
  }
  if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
    return charge_pbes2(store, algorithm, err);
  }
  PBEPARAM *scheme = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
  hw_status status = scheme == NULL ? damaged(err) : charge(store, scheme->iter, err);
  PBEPARAM_free(scheme);
  return status;
}

/* An envelope that did not open: because of the password, most often, but also because the cipher
 * is one that this OpenSSL does not have. */
static hw_status unopened(pkcs12 *store, const X509_ALGOR *algorithm, hw_error *err) {
  unsigned long reason = ERR_peek_last_error();
  for (unsigned long next = ERR_get_error(); next != 0; next = ERR_get_error()) {
    if (ERR_GET_LIB(next) == ERR_LIB_EVP && (ERR_GET_REASON(next) == EVP_R_UNSUPPORTED_ALGORITHM ||
                                             ERR_GET_REASON(next) == EVP_R_UNKNOWN_PBE_ALGORITHM)) {
      reason = next;
    }
  }
  if (ERR_GET_LIB(reason) == ERR_LIB_EVP &&
      (ERR_GET_REASON(reason) == EVP_R_UNSUPPORTED_ALGORITHM ||
       ERR_GET_REASON(reason) == EVP_R_UNKNOWN_PBE_ALGORITHM)) {
    char name[80] = "";
    (void)OBJ_obj2txt(name, sizeof name, algorithm->algorithm, 0);
    return hw_error_set(err, HW_INTEGRITY,
                        "the PKCS#12 key store is encrypted with %s, which this OpenSSL does not "
                        "have; convert it with the keytool of a current Java",
                        name);
  }
  store->wrong_password = true;
  return hw_error_set(err, HW_INTEGRITY,
                      "the password of the PKCS#12 key store is wrong, or the store was changed");
}

/* --- bags ------------------------------------------------------------------------------------- */

static hw_status keep_key(pkcs12 *store, const PKCS8_PRIV_KEY_INFO *info, hw_error *err) {
  if (store->key_count == MAX_KEYS) {
    return hw_error_set(err, HW_LIMIT, "the key store holds more than %d private keys", MAX_KEYS);
  }
  unsigned char *der = NULL;
  int len = i2d_PKCS8_PRIV_KEY_INFO((PKCS8_PRIV_KEY_INFO *)(uintptr_t)info, &der);
  if (len <= 0) {
    return damaged(err);
  }
  found_key *key = &store->keys[store->key_count];
  hw_buf_init_secret(&key->der, MAX_KEY);
  key->pkey = EVP_PKCS82PKEY_ex(info, store->library, NULL);
  store->key_count++;
  hw_status status = HW_OK;
  if (key->pkey == NULL) {
    status = hw_error_set(err, HW_INTEGRITY,
                          "the private key of the PKCS#12 key store is damaged or of a kind that "
                          "this OpenSSL does not know");
  } else {
    status = hw_buf_append(&key->der, der, (size_t)len, err);
  }
  OPENSSL_clear_free(der, (size_t)len);
  return status;
}

static hw_status keep_shrouded_key(pkcs12 *store, const X509_SIG *shrouded, hw_error *err) {
  const X509_ALGOR *algorithm = NULL;
  if (shrouded == NULL) {
    return damaged(err);
  }
  X509_SIG_get0(shrouded, &algorithm, NULL);
  HW_TRY(charge_algorithm(store, algorithm, err));
  ERR_clear_error();
  PKCS8_PRIV_KEY_INFO *info =
      PKCS8_decrypt_ex(shrouded, store->password, store->password_len, store->library, NULL);
  if (info == NULL) {
    return unopened(store, algorithm, err);
  }
  hw_status status = keep_key(store, info, err);
  PKCS8_PRIV_KEY_INFO_free(info);
  return status;
}

static bool is_marked_trusted(const PKCS12_SAFEBAG *bag) {
  const STACK_OF(X509_ATTRIBUTE) *attributes = PKCS12_SAFEBAG_get0_attrs(bag);
  for (int i = 0; i < X509at_get_attr_count(attributes); i++) {
    char oid[64] = "";
    X509_ATTRIBUTE *attribute = X509at_get_attr(attributes, i);
    (void)OBJ_obj2txt(oid, sizeof oid, X509_ATTRIBUTE_get0_object(attribute), 1);
    if (strcmp(oid, java_trusted_oid) == 0) {
      return true;
    }
  }
  return false;
}

static hw_status keep_certificate(pkcs12 *store, const PKCS12_SAFEBAG *bag, hw_error *err) {
  if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) {
    return HW_OK;
  }
  if (store->certificate_count == MAX_CERTIFICATES) {
    return hw_error_set(err, HW_LIMIT, "the key store holds more than %d certificates",
                        MAX_CERTIFICATES);
  }
  size_t count = store->certificate_count;
  if ((count & (count - 1)) == 0) { /* full at each power of two */
    size_t room = count == 0 ? 1 : count * 2;
    found_certificate *grown = realloc(store->certificates, room * sizeof *grown);
    if (grown == NULL) {
      return no_memory(err);
    }
    store->certificates = grown;
  }
  X509 *certificate = PKCS12_SAFEBAG_get1_cert(bag);
  if (certificate == NULL) {
    ERR_clear_error();
    return hw_error_set(err, HW_INTEGRITY, "an entry of the key store holds no X.509 certificate");
  }
  store->certificates[store->certificate_count++] =
      (found_certificate){.certificate = certificate, .trusted = is_marked_trusted(bag)};
  return HW_OK;
}

static hw_status keep_bags(pkcs12 *store, const STACK_OF(PKCS12_SAFEBAG) * bags, int depth,
                           hw_error *err) {
  if (depth > MAX_DEPTH) {
    return damaged(err);
  }
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
    const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
      HW_TRY(keep_key(store, PKCS12_SAFEBAG_get0_p8inf(bag), err));
      break;
    case NID_pkcs8ShroudedKeyBag:
      HW_TRY(keep_shrouded_key(store, PKCS12_SAFEBAG_get0_pkcs8(bag), err));
      break;
    case NID_certBag:
      HW_TRY(keep_certificate(store, bag, err));
      break;
    case NID_safeContentsBag:
      HW_TRY(keep_bags(store, PKCS12_SAFEBAG_get0_safes(bag), depth + 1, err));
      break;
    default: /* revocation lists and secrets are no matter of ours */
      break;
    }
  }
  return HW_OK;
}

static hw_status open_part(pkcs12 *store, PKCS7 *part, hw_error *err) {
  STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
  if (PKCS7_type_is_data(part)) {
    bags = part->d.data == NULL ? NULL : PKCS12_unpack_p7data(part);
    if (bags == NULL) {
      return damaged(err);
    }
  } else if (PKCS7_type_is_encrypted(part)) {
    if (part->d.encrypted == NULL || part->d.encrypted->enc_data == NULL) {
      return damaged(err);
    }
    const X509_ALGOR *algorithm = part->d.encrypted->enc_data->algorithm;
    HW_TRY(charge_algorithm(store, algorithm, err));
    ERR_clear_error();
    bags = PKCS12_unpack_p7encdata(part, store->password, store->password_len);
    if (bags == NULL) {
      return unopened(store, algorithm, err);
    }
  } else {
    return HW_OK; /* encrypted for a public key: nothing that a password opens */
  }
  hw_status status = keep_bags(store, bags, 0, err);
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  return status;
}

static hw_status check_mac(pkcs12 *store, PKCS12 *envelope, hw_error *err) {
  const ASN1_INTEGER *rounds = NULL;
  if (!PKCS12_mac_present(envelope)) {
    return HW_OK;
  }
  PKCS12_get0_mac(NULL, NULL, NULL, &rounds, envelope);
  HW_TRY(charge(store, rounds, err));
  if (PKCS12_verify_mac(envelope, store->password, store->password_len) != 1) {
    store->wrong_password = true;
    return hw_error_set(err, HW_INTEGRITY,
                        "the password of the PKCS#12 key store is wrong, or the store was changed");
  }
  return HW_OK;
}

/* One attempt with one password. */
static hw_status open_with(pkcs12 *store, PKCS12 *envelope, const char *password, size_t len,
                           hw_error *err) {
  forget(store);
  store->password = password;
  store->password_len = (int)len;
  store->wrong_password = false;
  HW_TRY(check_mac(store, envelope, err));
  STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(envelope);
  if (parts == NULL) {
    return damaged(err);
  }
  hw_status status = HW_OK;
  for (int i = 0; status == HW_OK && i < sk_PKCS7_num(parts); i++) {
    status = open_part(store, sk_PKCS7_value(parts, i), err);
  }
  sk_PKCS7_pop_free(parts, PKCS7_free);
  return status;
}

/* --- from what was found to PEM --------------------------------------------------------------- */

static hw_status write_certificate(hw_buf *chain, const X509 *certificate, hw_error *err) {
  unsigned char *der = NULL;
  int len = i2d_X509(certificate, &der);
  if (len <= 0) {
    return damaged(err);
  }
  hw_status status =
      hw__keystore_add_certificate(chain, (hw_view){.ptr = (char *)der, .len = (size_t)len}, err);
  OPENSSL_free(der);
  return status;
}

/* The certificate that signed `of`, among those not yet in the chain of this key. */
static found_certificate *issuer_of(const pkcs12 *store, X509 *of, const bool *used) {
  for (size_t i = 0; i < store->certificate_count; i++) {
    if (!used[i] && X509_check_issued(store->certificates[i].certificate, of) == X509_V_OK) {
      return &store->certificates[i];
    }
  }
  return NULL;
}

static hw_status write_key(pkcs12 *store, const found_key *key, hw_keystore *out, hw_error *err) {
  bool *used = calloc(store->certificate_count + 1, sizeof *used);
  if (used == NULL) {
    return no_memory(err);
  }
  found_certificate *next = NULL;
  for (size_t i = 0; next == NULL && i < store->certificate_count; i++) {
    if (X509_check_private_key(store->certificates[i].certificate, key->pkey) == 1) {
      next = &store->certificates[i];
    }
  }
  hw_status status = hw__keystore_add_key(out, hw_buf_view(&key->der), err);
  while (status == HW_OK && next != NULL) {
    X509 *certificate = next->certificate;
    used[next - store->certificates] = next->in_chain = true;
    status = write_certificate(&out->client_chain, certificate, err);
    bool is_root = X509_check_issued(certificate, certificate) == X509_V_OK;
    next = is_root ? NULL : issuer_of(store, certificate, used);
  }
  free(used);
  return status;
}

static hw_status write_all(pkcs12 *store, hw_keystore *out, hw_error *err) {
  for (size_t i = 0; i < store->key_count; i++) {
    HW_TRY(write_key(store, &store->keys[i], out, err));
  }
  for (size_t i = 0; i < store->certificate_count; i++) {
    const found_certificate *found = &store->certificates[i];
    /* OpenSSL marks nothing: there, whatever no key needs is trusted. */
    if (found->trusted || !found->in_chain) {
      HW_TRY(write_certificate(&out->ca_chain, found->certificate, err));
    }
  }
  return HW_OK;
}

static hw_status open_any(pkcs12 *store, PKCS12 *envelope, hw_view password, hw_error *err) {
  static const char *const usual[] = {NULL, "", "changeit"};
  size_t attempts = password.ptr == NULL ? 3 : password.len == 0 ? 2 : 0;
  if (attempts == 0) {
    return open_with(store, envelope, password.ptr, password.len, err);
  }
  hw_error last;
  hw_status status = HW_OK;
  for (size_t i = 0; i < attempts; i++) {
    hw_error_init(&last);
    const char *attempt = usual[i];
    status = open_with(store, envelope, attempt, attempt == NULL ? 0 : strlen(attempt), &last);
    if (status == HW_OK || !store->wrong_password) {
      break;
    }
  }
  if (status != HW_OK && store->wrong_password && password.ptr == NULL) {
    return hw_error_set(err, status, "the PKCS#12 key store needs its password");
  }
  return status == HW_OK ? HW_OK : hw_error_set(err, status, "%s", last.message);
}

/* A library context of our own: the ciphers of Java 8 (RC2) are in a provider that nobody else in
 * this process should get because of us. It may be absent; then such stores are refused by name. */
static bool load_library(pkcs12 *store) {
  store->library = OSSL_LIB_CTX_new();
  if (store->library != NULL) {
    store->ordinary = OSSL_PROVIDER_load(store->library, "default");
    store->legacy = OSSL_PROVIDER_load(store->library, "legacy");
  }
  ERR_clear_error();
  return store->ordinary != NULL;
}

static void unload_library(pkcs12 *store) {
  if (store->legacy != NULL) {
    (void)OSSL_PROVIDER_unload(store->legacy);
  }
  if (store->ordinary != NULL) {
    (void)OSSL_PROVIDER_unload(store->ordinary);
  }
  OSSL_LIB_CTX_free(store->library);
}

static hw_status read_envelope(pkcs12 *store, hw_view bytes, PKCS12 **out, hw_error *err) {
  BIO *source = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
  PKCS12 *envelope = PKCS12_init_ex(NID_pkcs7_data, store->library, NULL);
  hw_status status = HW_OK;
  if (source == NULL || envelope == NULL) {
    status = no_memory(err);
  } else {
    /* On failure OpenSSL frees the record and sets it to NULL. */
    if (d2i_PKCS12_bio(source, &envelope) == NULL || BIO_pending(source) != 0) {
      status = damaged(err);
    }
  }
  BIO_free(source);
  *out = envelope;
  return status;
}

hw_status hw__keystore_read_pkcs12(hw_view bytes, hw_view password, hw_keystore *out,
                                   hw_error *err) {
  pkcs12 store = {.rounds = MAX_ROUNDS};
  PKCS12 *envelope = NULL;
  hw_status status = HW_OK;
  if (password.len > INT32_MAX / 8) {
    return hw_error_set(err, HW_ARGUMENT, "the password of the key store is too long");
  }
  if (!load_library(&store)) {
    status = hw_error_set(err, HW_TLS, "the default ciphers of OpenSSL cannot be loaded");
    goto done;
  }
  status = read_envelope(&store, bytes, &envelope, err);
  if (status == HW_OK) {
    status = open_any(&store, envelope, password, err);
  }
  if (status == HW_OK) {
    status = write_all(&store, out, err);
  }
done:
  forget(&store);
  PKCS12_free(envelope);
  unload_library(&store);
  ERR_clear_error();
  return status;
}
