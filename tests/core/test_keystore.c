/*
 * test_keystore.c - stores made by keytool and by OpenSSL (tests/data/keystores) are read, and no
 * damage to them does any.
 */
#include "keystore.h"

#include <stdint.h>
#include <stdlib.h>

#include "check.h"

#define FOLDER HW_SOURCE_DIR "/tests/data/keystores/"
#define PASSWORD "storepass-of-the-tests"

enum { MUTATIONS = 10000 };

static hw_buf load(const char *name) {
  hw_buf content;
  char path[1024], block[4096];
  hw_buf_init(&content, 1 << 20);
  (void)snprintf(path, sizeof path, FOLDER "%s", name);
  FILE *file = fopen(path, "rb");
  size_t count = 0;
  while (file != NULL && (count = fread(block, 1, sizeof block, file)) > 0) {
    CHECK_INT(hw_buf_append(&content, block, count, NULL), HW_OK);
  }
  CHECK(file != NULL && content.len > 0);
  if (file != NULL) {
    (void)fclose(file);
  }
  return content;
}

static bool same(const hw_buf *found, const hw_buf *expected) {
  return found->len == expected->len &&
         (found->len == 0 || memcmp(found->ptr, expected->ptr, found->len) == 0);
}

/* A PEM file without the lines between its blocks. */
static hw_buf load_pem(const char *const *names) {
  hw_buf pem;
  hw_buf_init(&pem, 1 << 20);
  for (; *names != NULL; names++) {
    hw_buf file = load(*names);
    CHECK_INT(hw_buf_append(&pem, file.ptr, file.len, NULL), HW_OK);
    hw_buf_free(&file);
  }
  return pem;
}

static hw_status read_as(const char *name, const char *password, hw_keystore *out, hw_error *err) {
  hw_buf content = load(name);
  hw_error_init(err);
  hw_status status = hw_keystore_read(hw_buf_view(&content), hw_view_of(password), out, err);
  hw_buf_free(&content);
  return status;
}

static void expect(const char *name, const char *password, const char *key, const char *chain,
                   const char *const *authorities) {
  hw_keystore store;
  hw_error err;
  hw_status status = read_as(name, password, &store, &err);
  if (status != HW_OK) {
    (void)fprintf(stderr, "%s: %s\n", name, err.message);
  }
  CHECK_INT(status, HW_OK);
  const char *const keys[] = {key, NULL}, *const chains[] = {chain, NULL};
  hw_buf expected_key = load_pem(keys), expected_chain = load_pem(chains);
  hw_buf expected_authorities = load_pem(authorities);
  if (!same(&store.client_key, &expected_key) || !same(&store.client_chain, &expected_chain) ||
      !same(&store.ca_chain, &expected_authorities)) {
    check_failures++;
    (void)fprintf(stderr, "%s: key %d, chain %d, authorities %d\n", name,
                  same(&store.client_key, &expected_key),
                  same(&store.client_chain, &expected_chain),
                  same(&store.ca_chain, &expected_authorities));
  }
  hw_buf_free(&expected_key);
  hw_buf_free(&expected_chain);
  hw_buf_free(&expected_authorities);
  hw_keystore_free(&store);
}

static void refuse(const char *name, const char *password, hw_status status, const char *words) {
  hw_keystore store;
  hw_error err;
  CHECK_INT(read_as(name, password, &store, &err), status);
  if (strstr(err.message, words) == NULL) {
    check_failures++;
    (void)fprintf(stderr, "%s: \"%s\" does not say \"%s\"\n", name, err.message, words);
  }
  CHECK(password == NULL || password[0] == '\0' || strstr(err.message, password) == NULL);
  CHECK(store.client_key.ptr == NULL && store.client_chain.ptr == NULL);
  CHECK(store.ca_chain.ptr == NULL);
  hw_keystore_free(&store);
}

static const char *const root[] = {"root.pem", NULL};
static const char *const root_and_mid[] = {"root.pem", "mid.pem", NULL};
static const char *const mid_and_root[] = {"mid.pem", "root.pem", NULL};
static const char *const nothing[] = {NULL};

static void stores_of_keytool(void) {
  expect("client.jks", PASSWORD, "key.pem", "chain.pem", root);
  expect("client-pkcs12.jks", PASSWORD, "key.pem", "chain.pem", root);
  expect("client-java8.p12", PASSWORD, "key.pem", "chain.pem", root);
  expect("trust.jks", PASSWORD, NULL, NULL, root_and_mid);
  expect("trust-pkcs12.jks", PASSWORD, NULL, NULL, root_and_mid);
  expect("unicode-password.jks", "pässwörd-鍵-🔑", "key.pem", "chain.pem", nothing);
}

static void stores_of_openssl(void) {
  expect("openssl.p12", PASSWORD, "key.pem", "chain.pem", nothing);
  expect("openssl-legacy.p12", PASSWORD, "key.pem", "chain.pem", nothing);
  expect("openssl-nomac.p12", PASSWORD, "key.pem", "chain.pem", nothing);
  expect("openssl-plain.p12", "", "key.pem", "chain.pem", nothing);
  expect("openssl-empty-password.p12", "", "key.pem", "chain.pem", nothing);
  expect("openssl-trust.p12", PASSWORD, NULL, NULL, mid_and_root);
}

static void stores_without_their_password(void) {
  expect("trust.jks", NULL, NULL, NULL, root_and_mid);
  expect("trust-changeit.p12", NULL, NULL, NULL, root);
  expect("openssl-empty-password.p12", NULL, "key.pem", "chain.pem", nothing);
  refuse("trust-pkcs12.jks", NULL, HW_INTEGRITY, "needs its password");
  refuse("client.jks", NULL, HW_INTEGRITY, "no password was given");
}

static void a_wrong_password(void) {
  static const char *const names[] = {"client.jks",       "client-pkcs12.jks", "client-java8.p12",
                                      "trust.jks",        "trust-pkcs12.jks",  "openssl.p12",
                                      "openssl-nomac.p12"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    refuse(names[i], "not-this-one", HW_INTEGRITY, "is wrong, or the store was changed");
    refuse(names[i], "", HW_INTEGRITY, "is wrong, or the store was changed");
  }
  refuse("other-key-password.jks", PASSWORD, HW_INTEGRITY, "keytool -keypasswd");
  refuse("client.jks", "\xff\xfe", HW_ARGUMENT, "UTF-8");
  refuse("client.jks", "\xe4\xb8", HW_ARGUMENT, "UTF-8");
}

static void other_content(void) {
  refuse("client.jceks", PASSWORD, HW_INTEGRITY, "JCEKS");
  refuse("root.pem", PASSWORD, HW_INTEGRITY, "neither a JKS nor a PKCS#12");
  refuse("openssl-costly.p12", PASSWORD, HW_LIMIT, "rounds of key derivation");
  hw_keystore store;
  hw_error err;
  hw_error_init(&err);
  CHECK_INT(hw_keystore_read((hw_view){0}, (hw_view){0}, &store, &err), HW_INTEGRITY);
  CHECK(strstr(err.message, "empty") != NULL);
  CHECK_INT(hw_keystore_read((hw_view){.ptr = "\xfe\xed\xfe\xed", .len = SIZE_MAX}, (hw_view){0},
                             &store, NULL),
            HW_LIMIT);
  CHECK(hw_keystore_recognise(hw_view_of("\xfe\xed\xfe\xed")));
  CHECK(hw_keystore_recognise(hw_view_of("\x30\x82")));
  CHECK(!hw_keystore_recognise(hw_view_of("-----BEGIN CERTIFICATE-----")));
  CHECK(!hw_keystore_recognise(hw_view_of("0 s:CN = text before the PEM of a bundle")));
  CHECK(!hw_keystore_recognise((hw_view){0}));
}

static void put(hw_buf *out, const char *hex) {
  for (; *hex != '\0'; hex += 2) {
    const char digits[] = {hex[0], hex[1], '\0'};
    CHECK_INT(hw_buf_append_char(out, (char)strtoul(digits, NULL, 16), NULL), HW_OK);
  }
}

/* The trust store of keytool, rewritten as version 1, which no living tool makes: a certificate
 * there has no type. Without a password its sum is not looked at. */
static void version_1(void) {
  hw_buf modern = load("trust.jks"), old;
  hw_buf_init(&old, 1 << 20);
  put(&old, "feedfeed0000000100000002");
  size_t at = 12;
  for (int i = 0; i < 2; i++) {
    const unsigned char *entry = (const unsigned char *)modern.ptr + at;
    size_t head = 4 + 2 + ((size_t)entry[4] << 8 | entry[5]) + 8;
    size_t kind = 2 + 5; /* "X.509" behind its length */
    const unsigned char *size = entry + head + kind;
    size_t len = 4 + ((size_t)size[2] << 8 | size[3]);
    CHECK_INT(hw_buf_append(&old, entry, head, NULL), HW_OK);
    CHECK_INT(hw_buf_append(&old, size, len, NULL), HW_OK);
    at += head + kind + len;
  }
  put(&old, "0000000000000000000000000000000000000000");
  hw_keystore store;
  hw_error err;
  hw_error_init(&err);
  CHECK_INT(hw_keystore_read(hw_buf_view(&old), (hw_view){0}, &store, &err), HW_OK);
  hw_buf expected = load_pem(root_and_mid);
  CHECK(same(&store.ca_chain, &expected));
  hw_buf_free(&expected);
  hw_keystore_free(&store);
  CHECK_INT(hw_keystore_read(hw_buf_view(&old), hw_view_of(PASSWORD), &store, &err), HW_INTEGRITY);
  old.ptr[7] = 3;
  hw_error_init(&err);
  CHECK_INT(hw_keystore_read(hw_buf_view(&old), (hw_view){0}, &store, &err), HW_INTEGRITY);
  CHECK(strstr(err.message, "version 3") != NULL);
  hw_buf_free(&old);
  hw_buf_free(&modern);
}

/* Every store that is cut short says so; the names of the files are chosen for their formats. */
static void truncated(void) {
  static const char *const names[] = {"client.jks", "openssl-nomac.p12"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    hw_buf whole = load(names[i]);
    for (size_t len = 4; len < whole.len; len += 7) {
      hw_keystore store;
      hw_error err;
      hw_error_init(&err);
      CHECK_INT(hw_keystore_read((hw_view){.ptr = whole.ptr, .len = len}, hw_view_of(PASSWORD),
                                 &store, &err),
                HW_INTEGRITY);
      CHECK(strstr(err.message, "cut short") != NULL);
    }
    hw_buf_free(&whole);
  }
}

static uint64_t seed = 0x9e3779b97f4a7c15U;

static size_t draw(size_t below) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (size_t)(seed % below);
}

/* Cut, flipped, overwritten, doubled: whatever comes, it is read or refused with a sentence. The
 * copy lies in memory of just its size, so that a sanitizer sees one byte too many. */
static void mutations(void) {
  static const struct {
    const char *name, *password;
  } sources[] = {
      {"client.jks", PASSWORD},    {"client.jks", NULL},
      {"trust.jks", NULL},         {"trust.jks", PASSWORD},
      {"openssl-plain.p12", ""},   {"openssl-nomac.p12", PASSWORD},
      {"openssl-plain.p12", NULL}, {"client-pkcs12.jks", PASSWORD},
  };
  enum { SOURCES = sizeof sources / sizeof sources[0] };
  hw_buf stores[SOURCES];
  int refused = 0;
  for (size_t i = 0; i < SOURCES; i++) {
    stores[i] = load(sources[i].name);
  }
  for (int round = 0; round < MUTATIONS; round++) {
    /* The last one takes 10,000 rounds an envelope, so it has its turn less often. */
    size_t pick = round % 50 == 0 ? SOURCES - 1 : (size_t)round % (SOURCES - 1);
    size_t len = stores[pick].len;
    if (round % 3 == 0) {
      len = draw(len);
    }
    char *copy = malloc(len == 0 ? 1 : len);
    memcpy(copy, stores[pick].ptr, len);
    for (size_t count = round % 3 == 0 ? draw(2) : 1 + draw(4); count > 0 && len > 0; count--) {
      size_t at = draw(8) == 0 ? draw(len < 64 ? len : 64) : draw(len);
      copy[at] = (char)(draw(2) == 0 ? copy[at] ^ (1 << draw(8)) : (int)draw(256));
    }
    hw_keystore store;
    hw_error err;
    hw_error_init(&err);
    hw_status status = hw_keystore_read((hw_view){.ptr = copy, .len = len},
                                        hw_view_of(sources[pick].password), &store, &err);
    if (status != HW_OK) {
      refused++;
      CHECK((status == HW_INTEGRITY || status == HW_LIMIT) && err.message[0] != '\0');
      CHECK(store.client_key.ptr == NULL && store.client_chain.ptr == NULL);
    } else {
      hw_keystore_free(&store);
    }
    free(copy);
  }
  (void)printf("%d of %d mutated stores refused\n", refused, (int)MUTATIONS);
  CHECK(refused > MUTATIONS / 2);
  for (size_t i = 0; i < SOURCES; i++) {
    hw_buf_free(&stores[i]);
  }
}

int main(void) {
  RUN(stores_of_keytool);
  RUN(stores_of_openssl);
  RUN(stores_without_their_password);
  RUN(a_wrong_password);
  RUN(other_content);
  RUN(version_1);
  RUN(truncated);
  RUN(mutations);
  return check_failures == 0 ? 0 : 1;
}
