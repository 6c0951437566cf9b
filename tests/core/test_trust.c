#include "trust.h"

#include <unistd.h>

#include "certificates.h"
#include "check.h"

static char folder[64];

static const char *in_folder(const char *name, char *into, size_t room) {
  (void)snprintf(into, room, "%s/%s", folder, name);
  return into;
}

static hw_status load(const char *store, hw_error *err) {
  hw_trust *trust = NULL;
  hw_trust_config config = {.verify_peer = true, .store = store};
  hw_error_init(err);
  hw_status status = hw_trust_new(&config, &trust, err);
  CHECK((trust != NULL) == (status == HW_OK));
  hw_trust_release(trust);
  return status;
}

static void a_named_store_is_used(void) {
  char path[128];
  hw_error err;
  authority mine;
  make_authority(&mine, "Test authority");
  write_authority(&mine, in_folder("ca.pem", path, sizeof path));
  CHECK_INT(load(path, &err), HW_OK);
  hw_trust *trust = NULL;
  hw_trust_config config = {.verify_peer = true, .store = path};
  CHECK_INT(hw_trust_new(&config, &trust, NULL), HW_OK);
  CHECK_STR(hw_trust_source(trust), path);
  hw_trust *second = hw_trust_share(trust);
  hw_trust_release(trust);
  CHECK_STR(hw_trust_source(second), path);
  hw_trust_release(second);
  free_authority(&mine);
}

static void a_wrong_store_is_named(void) {
  char path[128];
  hw_error err;
  CHECK_INT(load(in_folder("absent.pem", path, sizeof path), &err), HW_TLS);
  CHECK(strstr(err.message, path) != NULL);
  CHECK(strstr(err.message, "cannot be read") != NULL);
  FILE *file = fopen(in_folder("keystore.jks", path, sizeof path), "w");
  (void)fputs("\xfe\xed\xfe\xed not PEM", file);
  (void)fclose(file);
  CHECK_INT(load(path, &err), HW_TLS);
  CHECK(strstr(err.message, "JKS") != NULL);
  CHECK_INT(load(folder, &err), HW_TLS);
  CHECK(strstr(err.message, "openssl rehash") != NULL);
}

static void java_trust_stores(void) {
  hw_error err;
  CHECK_INT(load(HW_SOURCE_DIR "/tests/data/keystores/trust.jks", &err), HW_OK);
  CHECK_INT(load(HW_SOURCE_DIR "/tests/data/keystores/trust-changeit.p12", &err), HW_OK);
  CHECK_INT(load(HW_SOURCE_DIR "/tests/data/keystores/trust-pkcs12.jks", &err), HW_TLS);
  CHECK(strstr(err.message, "needs its password") != NULL);
  CHECK(strstr(err.message, "HOPSWORKS_TRUST_STORE_PASSWORD") != NULL);
  setenv("HOPSWORKS_TRUST_STORE_PASSWORD", "storepass-of-the-tests", 1);
  CHECK_INT(load(HW_SOURCE_DIR "/tests/data/keystores/trust-pkcs12.jks", &err), HW_OK);
  CHECK_INT(load(HW_SOURCE_DIR "/tests/data/keystores/openssl.p12", &err), HW_TLS);
  CHECK(strstr(err.message, "trusts no certificate") != NULL);
  setenv("HOPSWORKS_TRUST_STORE_PASSWORD", "wrong-password", 1);
  CHECK_INT(load(HW_SOURCE_DIR "/tests/data/keystores/trust.jks", &err), HW_TLS);
  CHECK(strstr(err.message, "is wrong") != NULL && strstr(err.message, "wrong-password") == NULL);
  unsetenv("HOPSWORKS_TRUST_STORE_PASSWORD");
}

static void the_environment_names_a_store(void) {
  char path[128];
  hw_error err;
  setenv("SSL_CERT_FILE", in_folder("missing.pem", path, sizeof path), 1);
  CHECK_INT(load(NULL, &err), HW_TLS);
  CHECK(strstr(err.message, "SSL_CERT_FILE") != NULL && strstr(err.message, path) != NULL);
  setenv("SSL_CERT_FILE", in_folder("ca.pem", path, sizeof path), 1);
  CHECK_INT(load(NULL, &err), HW_OK);
  unsetenv("SSL_CERT_FILE");
  setenv("SSL_CERT_DIR", folder, 1);
  CHECK_INT(load(NULL, &err), HW_TLS);
  CHECK(strstr(err.message, "SSL_CERT_DIR") != NULL);
  unsetenv("SSL_CERT_DIR");
}

static void nothing_is_read_without_verification(void) {
  hw_trust *trust = NULL;
  hw_trust_config config = {.verify_peer = false, .store = "/nowhere"};
  CHECK_INT(hw_trust_new(&config, &trust, NULL), HW_OK);
  CHECK_STR(hw_trust_source(trust), "");
  hw_trust_release(trust);
  hw_trust_release(NULL);
}

static void explanations_name_the_certificate(void) {
  char path[128];
  hw_error err;
  authority mine;
  hw_trust *trust = NULL;
  hw_trust_config config = {.verify_peer = true, .store = in_folder("ca.pem", path, sizeof path)};
  CHECK_INT(hw_trust_new(&config, &trust, NULL), HW_OK);
  make_authority(&mine, "Other authority");
  hw_trust_peer peer = {.reason = X509_V_OK};
  peer.leaf = make_certificate(&mine, mine.key, "other.example", "DNS:other.example,IP:10.0.0.1",
                               -60, 60, 7);
  hw_error_init(&err);
  CHECK_INT(hw_trust_explain(trust, &peer, "host.example", &err), HW_TLS);
  CHECK(strstr(err.message, "host.example") != NULL);
  CHECK(strstr(err.message, "CN = other.example") != NULL);
  CHECK(strstr(err.message, "other.example, 10.0.0.1") != NULL);
  CHECK(strstr(err.message, "SHA-256") != NULL);
  CHECK(strstr(err.message, "hostname_verification=False") != NULL);
  peer.reason = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
  hw_error_init(&err);
  CHECK_INT(hw_trust_explain(trust, &peer, "host.example", &err), HW_TLS);
  CHECK(strstr(err.message, "trust_store_path") != NULL);
  CHECK(strstr(err.message, "HOPSWORKS_TRUST_STORE_PATH") != NULL);
  CHECK(strstr(err.message, path) != NULL);
  peer.reason = X509_V_ERR_CERT_HAS_EXPIRED;
  hw_error_init(&err);
  CHECK_INT(hw_trust_explain(trust, &peer, "host.example", &err), HW_TLS);
  CHECK(strstr(err.message, "expired") != NULL && strstr(err.message, "UTC") != NULL);
  hw_trust_peer_clear(&peer);
  CHECK(peer.leaf == NULL);
  free_authority(&mine);
  hw_trust_release(trust);
}

int main(void) {
  (void)snprintf(folder, sizeof folder, "/tmp/hw-trust-XXXXXX");
  must(mkdtemp(folder) != NULL, "mkdtemp");
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
  RUN(a_named_store_is_used);
  RUN(a_wrong_store_is_named);
  RUN(java_trust_stores);
  RUN(the_environment_names_a_store);
  RUN(nothing_is_read_without_verification);
  RUN(explanations_name_the_certificate);
  char path[128];
  unlink(in_folder("ca.pem", path, sizeof path));
  unlink(in_folder("keystore.jks", path, sizeof path));
  rmdir(folder);
  return check_failures == 0 ? 0 : 1;
}
