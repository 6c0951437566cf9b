#include "keystore.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "keystore_parts.h"

/* PEM is about 1.4 times its DER, and a certificate of a PKCS#12 store can be written twice. */
enum { MAX_PEM = 4 * HW_KEYSTORE_MAX_SIZE, LINE_BYTES = 48 };

static bool begins_with(hw_view bytes, const char *magic, size_t len) {
  return bytes.len >= len && memcmp(bytes.ptr, magic, len) == 0;
}

static bool is_jks(hw_view bytes) {
  return begins_with(bytes, "\xfe\xed\xfe\xed", 4);
}

static bool is_jceks(hw_view bytes) {
  return begins_with(bytes, "\xce\xce\xce\xce", 4);
}

/* The SEQUENCE that any PKCS#12 file is, with a length in the long form. Text that begins with the
 * digit 0 is not taken for one. */
static bool is_pkcs12(hw_view bytes) {
  return begins_with(bytes, "\x30", 1) && bytes.len > 1 && (unsigned char)bytes.ptr[1] >= 0x80 &&
         (unsigned char)bytes.ptr[1] <= 0x84;
}

bool hw_keystore_recognise(hw_view bytes) {
  return is_jks(bytes) || is_jceks(bytes) || is_pkcs12(bytes);
}

/* Written here and not by OpenSSL's PEM functions, whose memory would keep a copy of the key. */
static hw_status append_pem(hw_buf *out, const char *label, hw_view der, hw_error *err) {
  unsigned char line[LINE_BYTES / 3 * 4 + 1];
  hw_status status = hw_buf_appendf(out, err, "-----BEGIN %s-----\n", label);
  for (size_t at = 0; status == HW_OK && at < der.len; at += LINE_BYTES) {
    size_t count = der.len - at < LINE_BYTES ? der.len - at : LINE_BYTES;
    int written = EVP_EncodeBlock(line, (const unsigned char *)der.ptr + at, (int)count);
    status = hw_buf_append(out, line, (size_t)written, err);
    if (status == HW_OK) {
      status = hw_buf_append_char(out, '\n', err);
    }
  }
  hw_wipe(line, sizeof line);
  return status != HW_OK ? status : hw_buf_appendf(out, err, "-----END %s-----\n", label);
}

hw_status hw__keystore_add_key(hw_keystore *store, hw_view der, hw_error *err) {
  const unsigned char *at = (const unsigned char *)der.ptr;
  PKCS8_PRIV_KEY_INFO *key = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);
  bool whole = key != NULL && at == (const unsigned char *)der.ptr + der.len;
  PKCS8_PRIV_KEY_INFO_free(key);
  if (!whole) {
    ERR_clear_error();
    return hw_error_set(err, HW_INTEGRITY, "an entry of the key store holds no private key");
  }
  return append_pem(&store->client_key, "PRIVATE KEY", der, err);
}

hw_status hw__keystore_add_certificate(hw_buf *chain, hw_view der, hw_error *err) {
  const unsigned char *at = (const unsigned char *)der.ptr;
  X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
  bool whole = certificate != NULL && at == (const unsigned char *)der.ptr + der.len;
  X509_free(certificate);
  if (!whole) {
    ERR_clear_error();
    return hw_error_set(err, HW_INTEGRITY, "an entry of the key store holds no X.509 certificate");
  }
  return append_pem(chain, "CERTIFICATE", der, err);
}

static hw_status read_any(hw_view bytes, hw_view password, hw_keystore *out, hw_error *err) {
  if (bytes.len > HW_KEYSTORE_MAX_SIZE) {
    return hw_error_set(err, HW_LIMIT, "the key store has %zu bytes; at most %d are read",
                        bytes.len, HW_KEYSTORE_MAX_SIZE);
  }
  if (is_jks(bytes)) {
    HW_TRY(hw__keystore_read_jks(bytes, password, out, err));
  } else if (is_pkcs12(bytes)) {
    HW_TRY(hw__keystore_read_pkcs12(bytes, password, out, err));
  } else if (is_jceks(bytes)) {
    return hw_error_set(err, HW_INTEGRITY,
                        "the key store is of the kind JCEKS; convert it with \"keytool "
                        "-importkeystore -deststoretype PKCS12\"");
  } else {
    return hw_error_set(err, HW_INTEGRITY, "the content is neither a JKS nor a PKCS#12 key store%s",
                        bytes.len == 0 ? ": it is empty" : "");
  }
  if (out->client_key.len > 0 && out->client_chain.len == 0) {
    return hw_error_set(err, HW_INTEGRITY,
                        "the private key of the key store has no certificate there");
  }
  return HW_OK;
}

hw_status hw_keystore_read(hw_view bytes, hw_view password, hw_keystore *out, hw_error *err) {
  hw_buf_init_secret(&out->client_key, MAX_PEM);
  hw_buf_init_secret(&out->client_chain, MAX_PEM);
  hw_buf_init_secret(&out->ca_chain, MAX_PEM);
  hw_status status = read_any(bytes, password, out, err);
  if (status != HW_OK) {
    hw_keystore_free(out);
  }
  return status;
}

void hw_keystore_free(hw_keystore *store) {
  hw_buf_free(&store->client_key);
  hw_buf_free(&store->client_chain);
  hw_buf_free(&store->ca_chain);
}
