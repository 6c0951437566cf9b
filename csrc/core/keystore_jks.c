/*
 * keystore_jks.c - the JDK's own format, versions 1 and 2.
 *
 * Big endian numbers, entries one after the other, and a SHA-1 over the password and all that
 * precedes. A store is walked twice: first for its structure, so that a damaged file is told from
 * a wrong password, then, after the check of the sum, for its content.
 */
#include <stdint.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "keystore_parts.h"

enum {
  DIGEST = 20,
  HEADER = 12,
  TAG_KEY = 1,
  TAG_TRUSTED = 2,
  TIMESTAMP = 8,
  MAX_KEY = 64 * 1024, /* an RSA key of 16,384 bits has 9 KB */
  MAX_PASSWORD = 64 * 1024,
};

/* What Java calls KeyProtector: a keystream of SHA-1 over password and previous block. */
static const char protection_oid[] = "1.3.6.1.4.1.42.2.17.1.1";
static const char whitener[] = "Mighty Aphrodite";

typedef struct jks {
  const unsigned char *begin, *at, *end; /* borrowed: the store without its sum */
  uint32_t version;
  hw_buf secret; /* owned: the password as UTF-16, empty when there is none */
  bool has_secret;
  hw_keystore *out; /* NULL in the walk for the structure alone */
} jks;

static hw_status damaged(const jks *store, hw_error *err) {
  return hw_error_set(err, HW_INTEGRITY, "the JKS key store is cut short or damaged at byte %zu",
                      (size_t)(store->at - store->begin));
}

static bool take(jks *store, size_t len, hw_view *out) {
  if ((size_t)(store->end - store->at) < len) {
    return false;
  }
  *out = (hw_view){.ptr = (const char *)store->at, .len = len};
  store->at += len;
  return true;
}

static bool take_number(jks *store, size_t bytes, uint32_t *out) {
  hw_view raw;
  if (!take(store, bytes, &raw)) {
    return false;
  }
  *out = 0;
  for (size_t i = 0; i < bytes; i++) {
    *out = *out << 8 | (unsigned char)raw.ptr[i];
  }
  return true;
}

/* Bytes behind their length, which is a number of `bytes` bytes. */
static bool take_counted(jks *store, size_t bytes, hw_view *out) {
  uint32_t len = 0;
  return take_number(store, bytes, &len) && take(store, len, out);
}

static hw_status append_utf16(hw_buf *out, uint32_t code, hw_error *err) {
  unsigned char unit[4];
  size_t len = 2;
  if (code >= 0x10000) {
    uint32_t high = 0xd800 + ((code - 0x10000) >> 10), low = 0xdc00 + ((code - 0x10000) & 0x3ff);
    unit[0] = (unsigned char)(high >> 8);
    unit[1] = (unsigned char)high;
    unit[2] = (unsigned char)(low >> 8);
    unit[3] = (unsigned char)low;
    len = 4;
  } else {
    unit[0] = (unsigned char)(code >> 8);
    unit[1] = (unsigned char)code;
  }
  hw_status status = hw_buf_append(out, unit, len, err);
  hw_wipe(unit, sizeof unit);
  return status;
}

/* Java hashes the UTF-16 units of a password. */
static hw_status set_secret(jks *store, hw_view password, hw_error *err) {
  static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
  const unsigned char *at = (const unsigned char *)password.ptr;
  const unsigned char *end = at == NULL ? NULL : at + password.len;
  store->has_secret = at != NULL;
  while (at < end) {
    size_t more = *at < 0x80 ? 0 : *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
    uint32_t code = more == 0 ? *at : *at & (0x3fU >> more);
    bool good = *at < 0x80 || (*at >= 0xc2 && *at <= 0xf4);
    good = good && (size_t)(end - at) > more;
    for (size_t i = 1; good && i <= more; i++) {
      good = (at[i] & 0xc0) == 0x80;
      code = code << 6 | (at[i] & 0x3f);
    }
    if (!good || code < smallest[more] || code > 0x10ffff) {
      return hw_error_set(err, HW_ARGUMENT, "the password of the key store is not UTF-8 text");
    }
    HW_TRY(append_utf16(&store->secret, code, err));
    at += more + 1;
  }
  return HW_OK;
}

/* SHA-1 over the password and two more pieces. */
static hw_status digest(const jks *store, hw_view first, hw_view second, unsigned char into[DIGEST],
                        hw_error *err) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good = context != NULL && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 &&
              EVP_DigestUpdate(context, store->secret.ptr, store->secret.len) == 1 &&
              EVP_DigestUpdate(context, first.ptr, first.len) == 1 &&
              EVP_DigestUpdate(context, second.ptr, second.len) == 1 &&
              EVP_DigestFinal_ex(context, into, NULL) == 1;
  EVP_MD_CTX_free(context);
  if (!good) {
    ERR_clear_error();
    return hw_error_set(err, HW_TLS,
                        "SHA-1, which JKS key stores need, is not available in this OpenSSL");
  }
  return HW_OK;
}

/* Takes the mask off a key: 20 bytes of salt, the masked key, 20 bytes that prove the password. */
static hw_status unmask(jks *store, hw_view content, hw_error *err) {
  unsigned char block[DIGEST];
  hw_buf plain;
  hw_buf_init_secret(&plain, MAX_KEY);
  hw_status status = HW_OK;
  size_t len = content.len - (size_t)DIGEST * 2;
  memcpy(block, content.ptr, DIGEST);
  for (size_t at = 0; status == HW_OK && at < len; at += DIGEST) {
    status = digest(store, (hw_view){.ptr = (const char *)block, .len = DIGEST}, (hw_view){0},
                    block, err);
    size_t count = len - at < DIGEST ? len - at : DIGEST;
    unsigned char clear[DIGEST];
    for (size_t i = 0; i < count; i++) {
      clear[i] = (unsigned char)content.ptr[DIGEST + at + i] ^ block[i];
    }
    if (status == HW_OK) {
      status = hw_buf_append(&plain, clear, count, err);
    }
    hw_wipe(clear, sizeof clear);
  }
  if (status == HW_OK) {
    status = digest(store, hw_buf_view(&plain), (hw_view){0}, block, err);
  }
  if (status == HW_OK && CRYPTO_memcmp(block, content.ptr + DIGEST + len, DIGEST) != 0) {
    status = hw_error_set(err, HW_INTEGRITY,
                          "the private key has a password other than the key store's, or is "
                          "damaged; give it the store's with \"keytool -keypasswd\"");
  }
  if (status == HW_OK) {
    status = hw__keystore_add_key(store->out, hw_buf_view(&plain), err);
  }
  hw_wipe(block, sizeof block);
  hw_buf_free(&plain);
  return status;
}

static hw_status read_key(jks *store, hw_view wrapped, hw_error *err) {
  char oid[64] = "";
  const X509_ALGOR *algorithm = NULL;
  const ASN1_OBJECT *object = NULL;
  const ASN1_OCTET_STRING *octets = NULL;
  const unsigned char *at = (const unsigned char *)wrapped.ptr;
  X509_SIG *info = d2i_X509_SIG(NULL, &at, (long)wrapped.len);
  hw_status status = HW_OK;
  if (info == NULL) {
    status = hw_error_set(err, HW_INTEGRITY, "the private key of the JKS key store is damaged");
    goto done;
  }
  X509_SIG_get0(info, &algorithm, &octets);
  X509_ALGOR_get0(&object, NULL, NULL, algorithm);
  (void)OBJ_obj2txt(oid, sizeof oid, object, 1);
  hw_view content = {.ptr = (const char *)ASN1_STRING_get0_data(octets),
                     .len = (size_t)ASN1_STRING_length(octets)};
  if (strcmp(oid, protection_oid) != 0) {
    status = hw_error_set(err, HW_INTEGRITY,
                          "the private key of the JKS key store is protected with the unknown "
                          "algorithm %s",
                          oid);
  } else if (content.len <= (size_t)DIGEST * 2 || content.len > MAX_KEY) {
    status = hw_error_set(err, HW_INTEGRITY, "the private key of the JKS key store is damaged");
  } else {
    status = unmask(store, content, err);
  }
done:
  ERR_clear_error();
  X509_SIG_free(info);
  return status;
}

static hw_status walk_certificate(jks *store, hw_buf *chain, hw_error *err) {
  hw_view kind = hw_view_of("X.509"), der;
  /* Version 1 knew one kind of certificate and did not name it. */
  if ((store->version == 2 && !take_counted(store, 2, &kind)) || !take_counted(store, 4, &der)) {
    return damaged(store, err);
  }
  if (!hw_view_equal(kind, hw_view_of("X.509"))) {
    return hw_error_set(err, HW_INTEGRITY,
                        "the JKS key store holds a certificate that is not X.509");
  }
  return chain == NULL ? HW_OK : hw__keystore_add_certificate(chain, der, err);
}

static hw_status walk_entry(jks *store, hw_error *err) {
  uint32_t tag = 0, certificates = 1;
  hw_view alias, timestamp, key;
  hw_buf *chain = NULL;
  if (!take_number(store, 4, &tag) || !take_counted(store, 2, &alias) ||
      !take(store, TIMESTAMP, &timestamp)) {
    return damaged(store, err);
  }
  if (tag == TAG_KEY) {
    if (!take_counted(store, 4, &key) || !take_number(store, 4, &certificates)) {
      return damaged(store, err);
    }
    if (store->out != NULL) {
      chain = &store->out->client_chain;
      if (!store->has_secret) {
        return hw_error_set(err, HW_INTEGRITY,
                            "the key store holds a private key, and no password was given for it");
      }
      HW_TRY(read_key(store, key, err));
    }
  } else if (tag == TAG_TRUSTED) {
    chain = store->out == NULL ? NULL : &store->out->ca_chain;
  } else {
    return hw_error_set(err, HW_INTEGRITY,
                        "the JKS key store is damaged: an entry is of the unknown kind %u", tag);
  }
  for (uint32_t i = 0; i < certificates; i++) {
    HW_TRY(walk_certificate(store, chain, err));
  }
  return HW_OK;
}

static hw_status walk(jks *store, hw_keystore *out, hw_error *err) {
  uint32_t magic = 0, entries = 0;
  store->out = out;
  store->at = store->begin;
  if (!take_number(store, 4, &magic) || !take_number(store, 4, &store->version) ||
      !take_number(store, 4, &entries)) {
    return damaged(store, err);
  }
  if (store->version != 1 && store->version != 2) {
    return hw_error_set(err, HW_INTEGRITY,
                        "the JKS key store is of version %u; versions 1 and 2 can be read",
                        store->version);
  }
  for (uint32_t i = 0; i < entries; i++) {
    HW_TRY(walk_entry(store, err));
  }
  return store->at == store->end ? HW_OK : damaged(store, err);
}

hw_status hw__keystore_read_jks(hw_view bytes, hw_view password, hw_keystore *out, hw_error *err) {
  if (bytes.len < (size_t)HEADER + DIGEST) {
    return hw_error_set(err, HW_INTEGRITY, "the JKS key store is cut short: it has %zu bytes",
                        bytes.len);
  }
  unsigned char sum[DIGEST];
  hw_view body = {.ptr = bytes.ptr, .len = bytes.len - DIGEST};
  jks store = {.begin = (const unsigned char *)body.ptr,
               .end = (const unsigned char *)body.ptr + body.len};
  hw_buf_init_secret(&store.secret, MAX_PASSWORD);
  hw_status status = set_secret(&store, password, err);
  if (status == HW_OK) {
    status = walk(&store, NULL, err);
  }
  if (status == HW_OK && store.has_secret) {
    status = digest(&store, hw_view_of(whitener), body, sum, err);
    if (status == HW_OK && CRYPTO_memcmp(sum, body.ptr + body.len, DIGEST) != 0) {
      status = hw_error_set(err, HW_INTEGRITY,
                            "the password of the JKS key store is wrong, or the store was changed");
    }
  }
  if (status == HW_OK) {
    status = walk(&store, out, err);
  }
  hw_buf_free(&store.secret);
  return status;
}
