#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "keystore.h"

struct hw_trust {
  atomic_uint count;
  bool verify;
  X509_STORE *store; /* owned; NULL when nothing is verified */
  char *source;      /* owned */
};

/* Where systems keep their authorities: first a directory that OpenSSL can look into by hash, which
   costs nothing until a certificate is needed, then whole files. */
static const char *const known_places[] = {
    "/etc/ssl/certs",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

/* A directory made by c_rehash: at least one entry like 3513523f.0 */
static bool is_hashed_directory(const char *path) {
  bool found = false;
  DIR *dir = opendir(path);
  if (dir == NULL) {
    return false;
  }
  for (struct dirent *entry = readdir(dir); entry != NULL && !found; entry = readdir(dir)) {
    found = strspn(entry->d_name, "0123456789abcdef") == 8 && entry->d_name[8] == '.' &&
            entry->d_name[9] >= '0' && entry->d_name[9] <= '9';
  }
  closedir(dir);
  return found;
}

static bool is_directory(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_readable_file(const char *path) {
  FILE *file = is_directory(path) ? NULL : fopen(path, "rb");
  if (file == NULL) {
    return false;
  }
  fclose(file);
  return true;
}

static hw_status load_directory(hw_trust *trust, const char *path, hw_error *err) {
  if (X509_STORE_load_path(trust->store, path) != 1) {
    ERR_clear_error();
    return hw_error_set(err, HW_NOMEM, "no memory for the trust store %s", path);
  }
  return HW_OK;
}

static const char *from_environment(const char *name) {
  const char *value = getenv(name);
  return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Whether a file is a JKS or PKCS#12 store, whatever its name. Such a store comes back whole in
 * `content`, PEM does not. */
static hw_status read_java_store(const char *path, hw_buf *content, bool *found, hw_error *err) {
  char block[4096];
  hw_status status = HW_OK;
  size_t count = 0;
  FILE *file = fopen(path, "rb");
  *found = false;
  while (file != NULL && status == HW_OK && (count = fread(block, 1, sizeof block, file)) > 0) {
    *found = *found || hw_keystore_recognise((hw_view){.ptr = block, .len = count});
    if (!*found) {
      break;
    }
    status = hw_buf_append(content, block, count, err);
  }
  if (file != NULL) {
    fclose(file);
  }
  return status;
}

/* Certificates in PEM, one after the other; `count` says how many. */
static hw_status add_certificates(hw_trust *trust, hw_view pem, size_t *count, hw_error *err) {
  *count = 0;
  if (pem.len == 0) {
    return HW_OK;
  }
  BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
  if (bio == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  hw_status status = HW_OK;
  for (X509 *next = PEM_read_bio_X509(bio, NULL, NULL, NULL); status == HW_OK && next != NULL;
       next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) {
    if (X509_STORE_add_cert(trust->store, next) == 1) {
      ++*count;
    } else {
      status = hw_error_set(err, HW_NOMEM, "out of memory");
    }
    X509_free(next);
  }
  ERR_clear_error();
  BIO_free(bio);
  return status;
}

static hw_status load_java_store(hw_trust *trust, const char *path, const hw_buf *content,
                                 hw_error *err) {
  hw_keystore store;
  hw_error reason;
  hw_error_init(&reason);
  hw_view password = hw_view_of(from_environment("HOPSWORKS_TRUST_STORE_PASSWORD"));
  hw_status status = hw_keystore_read(hw_buf_view(content), password, &store, &reason);
  if (status != HW_OK) {
    return hw_error_set(err, status == HW_NOMEM ? status : HW_TLS,
                        "the Java trust store %s cannot be read: %s (its password is taken from "
                        "HOPSWORKS_TRUST_STORE_PASSWORD)",
                        path, reason.message);
  }
  size_t count = 0;
  status = add_certificates(trust, hw_buf_view(&store.ca_chain), &count, err);
  hw_keystore_free(&store);
  if (status == HW_OK && count == 0) {
    status = hw_error_set(err, HW_TLS, "the Java trust store %s trusts no certificate", path);
  }
  return status;
}

static hw_status load_file(hw_trust *trust, const char *path, hw_error *err) {
  bool java = false;
  hw_buf content;
  hw_buf_init(&content, HW_KEYSTORE_MAX_SIZE);
  hw_status status = read_java_store(path, &content, &java, err);
  if (status == HW_OK && java) {
    status = load_java_store(trust, path, &content, err);
  }
  hw_buf_free(&content);
  if (status != HW_OK || java || X509_STORE_load_file(trust->store, path) == 1) {
    return status;
  }
  ERR_clear_error();
  return hw_error_set(
      err, HW_TLS,
      "the trust store %s holds no certificate: it is neither PEM, nor a JKS or PKCS#12 store",
      path);
}

/* A store that somebody named on purpose: anything wrong with it is an error. `origin` says who
 * named it. */
static hw_status load_named(hw_trust *trust, const char *path, const char *origin, hw_error *err) {
  if (is_directory(path)) {
    if (!is_hashed_directory(path)) {
      return hw_error_set(err, HW_TLS,
                          "the trust store directory %s (%s) has no hashed entries; run "
                          "\"openssl rehash\" on it or name a PEM file",
                          path, origin);
    }
    HW_TRY(load_directory(trust, path, err));
  } else if (!is_readable_file(path)) {
    int reason = errno;
    hw_error_set(err, HW_TLS, "the trust store %s (%s) cannot be read: %s", path, origin,
                 strerror(reason));
    if (err != NULL) {
      err->os_error = reason;
    }
    return HW_TLS;
  } else {
    HW_TRY(load_file(trust, path, err));
  }
  trust->source = strdup(path);
  return trust->source == NULL ? hw_error_set(err, HW_NOMEM, "out of memory") : HW_OK;
}

/* Certificates that the caller has read from somewhere. */
static hw_status load_pem(hw_trust *trust, const hw_trust_config *config, hw_error *err) {
  const char *origin = config->store == NULL ? "the certificates given" : config->store;
  size_t count = 0;
  HW_TRY(add_certificates(trust, config->pem, &count, err));
  if (count == 0) {
    return hw_error_set(err, HW_TLS, "there is no certificate to trust in %s", origin);
  }
  trust->source = strdup(origin);
  return trust->source == NULL ? hw_error_set(err, HW_NOMEM, "out of memory") : HW_OK;
}

static hw_status load_system(hw_trust *trust, const char *fallback, hw_error *err) {
  for (size_t i = 0; i < sizeof known_places / sizeof known_places[0]; i++) {
    const char *path = known_places[i];
    if (is_hashed_directory(path) || is_readable_file(path)) {
      return load_named(trust, path, "the system's", err);
    }
  }
  if (fallback != NULL && is_readable_file(fallback)) {
    return load_named(trust, fallback, "the fallback", err);
  }
  hw_status status = hw_error_set(err, HW_TLS,
                                  "no certificate authorities were found to verify servers with; "
                                  "tried SSL_CERT_FILE, SSL_CERT_DIR");
  char *tail = err == NULL ? NULL : err->message;
  size_t used = tail == NULL ? 0 : strlen(tail);
  for (size_t i = 0; tail != NULL && i < sizeof known_places / sizeof known_places[0]; i++) {
    (void)snprintf(tail + used, sizeof err->message - used, ", %s", known_places[i]);
    used += strlen(tail + used);
  }
  if (tail != NULL) {
    (void)snprintf(tail + used, sizeof err->message - used,
                   " and %s. Install ca-certificates or certifi, or name a PEM file: "
                   "trust_store_path or HOPSWORKS_TRUST_STORE_PATH",
                   fallback != NULL ? fallback : "certifi (not installed)");
  }
  return status;
}

static hw_status load_authorities(hw_trust *trust, const hw_trust_config *config, hw_error *err) {
  if (config->pem.len > 0) {
    return load_pem(trust, config, err);
  }
  if (config->store != NULL) {
    return load_named(trust, config->store, "trust_store_path", err);
  }
  const char *file = from_environment("SSL_CERT_FILE");
  if (file != NULL) {
    return load_named(trust, file, "SSL_CERT_FILE", err);
  }
  const char *directory = from_environment("SSL_CERT_DIR");
  if (directory != NULL) {
    return load_named(trust, directory, "SSL_CERT_DIR", err);
  }
  return load_system(trust, config->fallback, err);
}

hw_status hw_trust_new(const hw_trust_config *config, hw_trust **out, hw_error *err) {
  *out = NULL;
  hw_status status = HW_OK;
  hw_trust *trust = calloc(1, sizeof *trust);
  if (trust == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  atomic_init(&trust->count, 1);
  trust->verify = config->verify_peer;
  if (config->verify_peer) {
    trust->store = X509_STORE_new();
    if (trust->store == NULL) {
      status = hw_error_set(err, HW_NOMEM, "out of memory");
      goto done;
    }
    /* A store may name a server's own certificate, or an authority that another one signed. */
    X509_STORE_set_flags(trust->store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    status = load_authorities(trust, config, err);
  }
done:
  if (status == HW_OK) {
    *out = trust;
  } else {
    hw_trust_release(trust);
  }
  return status;
}

hw_trust *hw_trust_share(hw_trust *trust) {
  if (trust != NULL) {
    atomic_fetch_add(&trust->count, 1);
  }
  return trust;
}

void hw_trust_release(hw_trust *trust) {
  if (trust == NULL || atomic_fetch_sub(&trust->count, 1) != 1) {
    return;
  }
  X509_STORE_free(trust->store);
  free(trust->source);
  free(trust);
}

const char *hw_trust_source(const hw_trust *trust) {
  return trust == NULL || trust->source == NULL ? "" : trust->source;
}

void hw_trust_peer_clear(hw_trust_peer *peer) {
  X509_free(peer->leaf);
  *peer = (hw_trust_peer){.reason = X509_V_OK};
}

/* Keeps what the server presented, so that a refusal can be explained; OpenSSL's verdict stands. */
static int verify(X509_STORE_CTX *context, void *arg) {
  hw_trust_peer *peer = arg;
  hw_trust_peer_clear(peer);
  X509 *leaf = X509_STORE_CTX_get0_cert(context);
  if (leaf != NULL && X509_up_ref(leaf) == 1) {
    peer->leaf = leaf;
  }
  int accepted = X509_verify_cert(context);
  if (accepted != 1) {
    peer->reason = X509_STORE_CTX_get_error(context);
    peer->depth = X509_STORE_CTX_get_error_depth(context);
  }
  return accepted;
}

bool hw_trust_install(hw_trust *trust, SSL_CTX *context, hw_trust_peer *peer) {
  hw_trust_peer_clear(peer);
  if (!trust->verify) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    return true;
  }
  SSL_CTX_set1_cert_store(context, trust->store);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_cert_verify_callback(context, verify, peer);
  return true;
}

/* "CN = x, O = y" in UTF-8 */
static void name_text(const X509_NAME *name, char *into, size_t room) {
  into[0] = '\0';
  BIO *bio = BIO_new(BIO_s_mem());
  if (bio == NULL) {
    return;
  }
  unsigned long flags = XN_FLAG_ONELINE & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
  if (X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
    int len = BIO_read(bio, into, (int)room - 1);
    into[len > 0 ? len : 0] = '\0';
  }
  BIO_free(bio);
}

static void time_text(const ASN1_TIME *when, char *into, size_t room) {
  struct tm parts;
  if (ASN1_TIME_to_tm(when, &parts) != 1 ||
      strftime(into, room, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
    (void)snprintf(into, room, "an unreadable time");
  }
}

static void fingerprint_text(const X509 *certificate, char *into, size_t room) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  into[0] = '\0';
  if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1) {
    return;
  }
  for (unsigned i = 0; i < len && (size_t)i * 2 + 2 < room; i++) {
    (void)snprintf(into + (size_t)i * 2, 3, "%02x", digest[i]);
  }
}

/* The DNS names and addresses that a certificate is valid for, as many as fit. */
static void alternative_names(const X509 *certificate, char *into, size_t room) {
  size_t used = 0;
  into[0] = '\0';
  GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    char text[64];
    if (name->type == GEN_DNS) {
      const ASN1_STRING *dns = name->d.dNSName;
      (void)snprintf(text, sizeof text, "%.*s", ASN1_STRING_length(dns),
                     (const char *)ASN1_STRING_get0_data(dns));
    } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
      const unsigned char *ip = ASN1_STRING_get0_data(name->d.iPAddress);
      (void)snprintf(text, sizeof text, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
    } else {
      continue;
    }
    size_t len = strlen(text);
    if (used + len + 3 > room) {
      break;
    }
    used += (size_t)snprintf(into + used, room - used, "%s%s", used == 0 ? "" : ", ", text);
  }
  GENERAL_NAMES_free(names);
}

/* Of the three that a refusal names. With authorities of the user's, the chain is checked without
   the host name too, so they must be left out with it. */
#define LAST_REMEDY                                                                                \
  "or, in a test set-up only, switch the check off with hostname_verification=False and without "  \
  "trust_store_path"

hw_status hw_trust_explain(const hw_trust *trust, const hw_trust_peer *peer, const char *host,
                           hw_error *err) {
  if (peer->leaf == NULL) {
    return HW_OK;
  }
  char subject[160];
  char fingerprint[65];
  char when[40];
  char names[160];
  name_text(X509_get_subject_name(peer->leaf), subject, sizeof subject);
  fingerprint_text(peer->leaf, fingerprint, sizeof fingerprint);
  switch (peer->reason) {
  case X509_V_OK:
    alternative_names(peer->leaf, names, sizeof names);
    return hw_error_set(err, HW_TLS,
                        "the certificate presented by %s is for another host: subject \"%s\", "
                        "valid for %s, SHA-256 %s. Connect by one of those names, have the "
                        "certificate reissued, " LAST_REMEDY,
                        host, subject, names[0] == '\0' ? "no host name" : names, fingerprint);
  case X509_V_ERR_CERT_HAS_EXPIRED:
    time_text(X509_get0_notAfter(peer->leaf), when, sizeof when);
    return hw_error_set(
        err, HW_TLS,
        "the certificate presented by %s has expired%s (its own ends %s): subject "
        "\"%s\", SHA-256 %s. Have it renewed, check this machine's clock, " LAST_REMEDY,
        host, peer->depth == 0 ? "" : " in its chain", when, subject, fingerprint);
  case X509_V_ERR_CERT_NOT_YET_VALID:
    time_text(X509_get0_notBefore(peer->leaf), when, sizeof when);
    return hw_error_set(
        err, HW_TLS,
        "the certificate presented by %s is not valid before %s: subject \"%s\", "
        "SHA-256 %s. Check this machine's clock, have the certificate reissued, " LAST_REMEDY,
        host, when, subject, fingerprint);
  default:
    return hw_error_set(
        err, HW_TLS,
        "the certificate presented by %s is not trusted (%s): subject \"%s\", SHA-256 %s. "
        "Authorities come from %s. Name the file of its authority (PEM or a Java trust store) with "
        "trust_store_path or HOPSWORKS_TRUST_STORE_PATH, add the authority to this "
        "system's, " LAST_REMEDY,
        host, X509_verify_cert_error_string(peer->reason), subject, fingerprint,
        hw_trust_source(trust));
  }
}
