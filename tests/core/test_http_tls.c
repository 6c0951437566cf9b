/*
 * test_http_tls.c - certificates that are accepted and refused, and what is said about them.
 */
#include <unistd.h>

#include "certificates.h"
#include "check.h"
#include "http.h"
#include "server.h"

static char folder[64];
static authority ours;

typedef struct path {
  char text[128];
} path;

static path in_folder(const char *name) {
  path result;
  (void)snprintf(result.text, sizeof result.text, "%s/%s", folder, name);
  return result;
}

typedef struct outcome {
  hw_status status;
  int http_status;
  hw_error err;
} outcome;

/* One GET against a server with the given certificate. */
static outcome get(const char *certificate, const char *client_authority,
                   void (*change)(hw_http_config *)) {
  char script[512];
  server peer;
  hw_http_config config;
  hw_http_pool *pool = NULL;
  hw_http_request request;
  hw_http_response response;
  outcome result = {.status = HW_OK};
  path store = in_folder("ca.pem");
  (void)snprintf(
      script, sizeof script,
      "{\"tls\": \"%s\"%s%s%s, \"ordered\": false, \"steps\": [{\"expect\": \"GET /a\"}]}",
      certificate, client_authority == NULL ? "" : ", \"client_authority\": \"",
      client_authority == NULL ? "" : client_authority, client_authority == NULL ? "" : "\"");
  server_start(&peer, script, 1);
  hw_error_init(&result.err);
  hw_http_config_init(&config);
  hw_http_response_init(&response);
  config.base_url = peer.url;
  config.trust_store = store.text;
  if (change != NULL) {
    change(&config);
  }
  result.status = hw_http_pool_new(&config, &pool, &result.err);
  if (result.status == HW_OK) {
    hw_http_request_init(&request, "GET", "/a");
    result.status = hw_http_send(pool, &request, &response, &result.err);
    result.http_status = response.status;
    if (result.status == HW_TLS) {
      CHECK_INT(response.attempts, 1);
    }
  }
  hw_http_response_free(&response);
  hw_http_pool_free(pool);
  int verdict = server_stop(&peer);
  if (result.status == HW_OK) {
    CHECK_INT(verdict, 0);
  } else {
    CHECK(server_count(&peer, "requests ") ==
          0); /* nothing was sent to a server that is not trusted */
  }
  return result;
}

static void a_good_certificate(void) {
  outcome got = get(in_folder("good.pem").text, NULL, NULL);
  CHECK_INT(got.status, HW_OK);
  CHECK_INT(got.http_status, 200);
}

static void an_expired_certificate(void) {
  outcome got = get(in_folder("expired.pem").text, NULL, NULL);
  CHECK_INT(got.status, HW_TLS);
  CHECK(strstr(got.err.message, "localhost has expired") != NULL);
  CHECK(strstr(got.err.message, "CN = expired") != NULL);
  CHECK(strstr(got.err.message, "SHA-256 ") != NULL);
  CHECK(strstr(got.err.message, "clock") != NULL);
}

static void a_certificate_of_the_future(void) {
  outcome got = get(in_folder("future.pem").text, NULL, NULL);
  CHECK_INT(got.status, HW_TLS);
  CHECK(strstr(got.err.message, "not valid before") != NULL);
}

static void without_host_check(hw_http_config *config) {
  config->verify_host = false;
}

static void a_certificate_for_another_host(void) {
  outcome got = get(in_folder("other.pem").text, NULL, NULL);
  CHECK_INT(got.status, HW_TLS);
  CHECK(strstr(got.err.message, "presented by localhost is for another host") != NULL);
  CHECK(strstr(got.err.message, "valid for other.example") != NULL);
  CHECK(strstr(got.err.message, "hostname_verification=False") != NULL);
  CHECK_INT(get(in_folder("other.pem").text, NULL, without_host_check).status, HW_OK);
}

static char authority_pem[8192];

static void with_authorities_in_memory(hw_http_config *config) {
  config->trust_store = "the store of a test"; /* only a name then */
  config->trust_pem = hw_view_of(authority_pem);
}

static void authorities_in_memory(void) {
  FILE *file = fopen(in_folder("ca.pem").text, "r");
  CHECK(file != NULL);
  authority_pem[fread(authority_pem, 1, sizeof authority_pem - 1, file)] = '\0';
  (void)fclose(file);
  CHECK_INT(get(in_folder("good.pem").text, NULL, with_authorities_in_memory).status, HW_OK);
  outcome got = get(in_folder("expired.pem").text, NULL, with_authorities_in_memory);
  CHECK_INT(got.status, HW_TLS);
  CHECK(strstr(got.err.message, "has expired") != NULL);
  (void)snprintf(authority_pem, sizeof authority_pem, "no certificate");
  got = get(in_folder("good.pem").text, NULL, with_authorities_in_memory);
  CHECK_INT(got.status, HW_TLS);
  CHECK(strstr(got.err.message, "no certificate to trust in the store of a test") != NULL);
}

static void of_the_system(hw_http_config *config) {
  config->trust_store = NULL;
}

static void without_verification(hw_http_config *config) {
  config->verify_peer = false;
  config->trust_store = "/nowhere.pem";
}

static void an_unknown_authority(void) {
  outcome got = get(in_folder("good.pem").text, NULL, of_the_system);
  CHECK_INT(got.status, HW_TLS);
  CHECK(strstr(got.err.message, "not trusted") != NULL ||
        strstr(got.err.message, "no certificate authorities") != NULL);
  CHECK(strstr(got.err.message, "trust_store_path") != NULL);
  CHECK_INT(get(in_folder("good.pem").text, NULL, without_verification).status, HW_OK);
}

static void a_missing_store(hw_http_config *config) {
  config->trust_store = "/nowhere.pem";
}

static void a_store_that_is_not_there(void) {
  outcome got = get(in_folder("good.pem").text, NULL, a_missing_store);
  CHECK_INT(got.status, HW_TLS);
  CHECK(strstr(got.err.message, "/nowhere.pem") != NULL);
}

static char client_pem[8192];

static void with_client_certificate(hw_http_config *config) {
  config->client_certificate = hw_view_of(client_pem);
  config->client_key = hw_view_of(client_pem);
}

static void at_once(hw_http_config *config) {
  config->retry.max_attempts = 1;
}

static void client_certificates_are_presented(void) {
  path client = in_folder("client.pem");
  path store = in_folder("ca.pem");
  FILE *file = fopen(client.text, "r");
  client_pem[fread(client_pem, 1, sizeof client_pem - 1, file)] = '\0';
  (void)fclose(file);
  CHECK_INT(get(in_folder("good.pem").text, store.text, with_client_certificate).status, HW_OK);
  outcome got = get(in_folder("good.pem").text, store.text, at_once);
  /* The server's refusal, or, when the request is on its way already, the reset that follows it. */
  CHECK(got.status == HW_IO ||
        (got.status == HW_TLS && strstr(got.err.message, "client certificate") != NULL));
}

static void as_plain(hw_http_config *config) {
  static char url[64];
  (void)snprintf(url, sizeof url, "http%s", config->base_url + 5);
  config->base_url = url;
  config->retry.max_attempts = 1;
}

static void the_wrong_scheme(void) {
  outcome got = get(in_folder("good.pem").text, NULL, as_plain);
  CHECK(got.status == HW_IO || got.status == HW_PROTOCOL);
  CHECK(strstr(got.err.message, "localhost:") != NULL);
}

static void tls_to_a_plain_server(void) {
  server peer;
  hw_http_config config;
  hw_http_pool *pool = NULL;
  hw_http_request request;
  hw_http_response response;
  hw_error err;
  path store = in_folder("ca.pem");
  hw_error_init(&err);
  hw_http_config_init(&config);
  hw_http_response_init(&response);
  server_start(&peer, "{\"steps\": [{\"raw\": \"HTTP/1.1 400 Bad\\r\\n\\r\\n\", \"reset\": null}]}",
               1);
  config.base_url = peer.url;
  config.trust_store = store.text;
  config.retry.max_attempts = 1;
  config.connect_timeout_ms = 500;
  CHECK_INT(hw_http_pool_new(&config, &pool, &err), HW_OK);
  hw_http_request_init(&request, "GET", "/a");
  hw_status status = hw_http_send(pool, &request, &response, &err);
  CHECK(status == HW_TLS || status == HW_TIMEOUT);
  CHECK(strstr(err.message, "localhost:") != NULL);
  CHECK(status != HW_TIMEOUT || strstr(err.message, "is this the HTTPS port?") != NULL);
  hw_http_response_free(&response);
  hw_http_pool_free(pool);
  (void)server_stop(&peer);
}

static void a_child_says_nothing_on_its_parents_connection(void) {
  char script[512];
  server peer;
  hw_http_config config;
  hw_http_pool *pool = NULL;
  hw_http_request request;
  hw_http_response response;
  path store = in_folder("ca.pem");
  (void)snprintf(script, sizeof script,
                 "{\"tls\": \"%s\", \"steps\": [{\"expect\": \"GET /a\", \"times\": 3}]}",
                 in_folder("good.pem").text);
  server_start(&peer, script, 1);
  hw_http_config_init(&config);
  hw_http_response_init(&response);
  config.base_url = peer.url;
  config.trust_store = store.text;
  CHECK_INT(hw_http_pool_new(&config, &pool, NULL), HW_OK);
  hw_http_request_init(&request, "GET", "/a");
  CHECK_INT(hw_http_send(pool, &request, &response, NULL), HW_OK);
  pid_t child = fork();
  if (child == 0) {
    bool good = hw_http_send(pool, &request, &response, NULL) == HW_OK;
    hw_http_response_free(&response);
    hw_http_pool_free(pool);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK_INT(hw_http_send(pool, &request, &response, NULL), HW_OK);
  hw_http_response_free(&response);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
  CHECK_INT(server_count(&peer, "connections "), 2);
}

int main(void) {
  static const char *const files[] = {"ca.pem",    "good.pem",   "expired.pem",
                                      "other.pem", "client.pem", "future.pem"};
  (void)snprintf(folder, sizeof folder, "/tmp/hw-tls-XXXXXX");
  must(mkdtemp(folder) != NULL, "mkdtemp");
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
  unsetenv("https_proxy");
  unsetenv("HTTPS_PROXY");
  make_authority(&ours, "Test authority");
  write_authority(&ours, in_folder("ca.pem").text);
  write_leaf(&ours, in_folder("good.pem").text, "good", "DNS:localhost,IP:127.0.0.1", -60, 3600);
  write_leaf(&ours, in_folder("expired.pem").text, "expired", "DNS:localhost", -7200, -3600);
  write_leaf(&ours, in_folder("future.pem").text, "future", "DNS:localhost", 3600, 7200);
  write_leaf(&ours, in_folder("other.pem").text, "other", "DNS:other.example", -60, 3600);
  write_leaf(&ours, in_folder("client.pem").text, "client", "DNS:client", -60, 3600);
  RUN(a_good_certificate);
  RUN(an_expired_certificate);
  RUN(a_certificate_of_the_future);
  RUN(a_certificate_for_another_host);
  RUN(an_unknown_authority);
  RUN(authorities_in_memory);
  RUN(a_store_that_is_not_there);
  RUN(client_certificates_are_presented);
  RUN(the_wrong_scheme);
  RUN(tls_to_a_plain_server);
  RUN(a_child_says_nothing_on_its_parents_connection);
  free_authority(&ours);
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    unlink(in_folder(files[i]).text);
  }
  rmdir(folder);
  return check_failures == 0 ? 0 : 1;
}
