#include "http_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PEER_MAX = 400 };

void hw__http_peer(const hw__exchange *exchange, char *into, size_t room) {
  const hw_http_pool *pool = exchange->handle->pool;
  hw_origin other;
  const hw_origin *origin = &pool->origin;
  if (pool->unix_socket != NULL) {
    (void)snprintf(into, room, "the socket %s", pool->unix_socket);
    return;
  }
  if (exchange->url != NULL && hw_origin_parse(exchange->url, &other, NULL) == HW_OK) {
    origin = &other;
  }
  (void)snprintf(into, room, "%s:%d", origin->host, origin->port);
}

static const char *host_of(const char *peer, char *into, size_t room) {
  (void)snprintf(into, room, "%s", peer);
  char *colon = strrchr(into, ':');
  if (colon != NULL) {
    *colon = '\0';
  }
  return into;
}

/* What a user would change about the proxy. */
static const char *proxy_setting(const hw__exchange *exchange, const char *variables) {
  return exchange->handle->pool->proxy_given ? "the client's setting of a proxy" : variables;
}

static double seconds(int64_t ms) {
  return (double)ms / 1000.0;
}

/* What the exchange was waiting for, as far as it came. */
static const char *awaited(hw__exchange *exchange) {
  if (exchange->head_complete) {
    return "the rest of the answer";
  }
  if (exchange->answered) {
    return "the end of the answer's head";
  }
  return "an answer";
}

hw_status hw__http_explain_silence(hw__exchange *exchange, hw_error *err) {
  char peer[PEER_MAX];
  hw__http_peer(exchange, peer, sizeof peer);
  return hw_error_set(
      err, HW_TIMEOUT,
      "%s sent nothing for %.3g s while %s was awaited; the server may be busy: try "
      "again, or allow more time with a longer read timeout",
      peer, seconds(exchange->read_timeout_ms), awaited(exchange));
}

hw_status hw__http_explain_deadline(hw__exchange *exchange, hw_error *err) {
  char peer[PEER_MAX];
  hw__http_peer(exchange, peer, sizeof peer);
  return hw_error_set(
      err, HW_TIMEOUT,
      "the time given for the whole request to %s was over while %s was awaited; allow "
      "more time with a longer timeout",
      peer, awaited(exchange));
}

static hw_status explain_connect(hw__exchange *exchange, const char *peer, hw_error *err) {
  long reason = 0;
  curl_easy_getinfo(exchange->handle->easy, CURLINFO_OS_ERRNO, &reason);
  const hw_http_pool *pool = exchange->handle->pool;
  if (err != NULL && err->status == HW_OK) {
    err->os_error = (int)reason;
  }
  if (pool->unix_socket != NULL) {
    return hw_error_set(err, HW_CONNECT,
                        "nobody answers at %s (%s); is the local server running? Start it with "
                        "\"hopsworks local start\"",
                        peer, reason != 0 ? strerror((int)reason) : "no connection");
  }
  return hw_error_set(
      err, HW_CONNECT,
      "no connection to %s (%s); check host and port, and that a firewall or a proxy "
      "setting (%s) is not in the way",
      peer, reason != 0 ? strerror((int)reason) : exchange->handle->curl_message,
      proxy_setting(exchange, "HTTPS_PROXY, NO_PROXY"));
}

static hw_status explain_connect_timeout(hw__exchange *exchange, const char *peer, hw_error *err) {
  double limit = seconds(exchange->connect_timeout_ms);
  if (hw__handle_connected(exchange->handle)) {
    return hw_error_set(
        err, HW_TIMEOUT,
        "%s accepted a connection but did not complete the TLS handshake within %.3g "
        "s; is this the HTTPS port?",
        peer, limit);
  }
  return hw_error_set(
      err, HW_TIMEOUT,
      "no connection to %s within %.3g s; check host and port, and that a firewall or "
      "a proxy setting (%s) is not in the way",
      peer, limit, proxy_setting(exchange, "HTTPS_PROXY, NO_PROXY"));
}

static hw_status explain_tls(hw__exchange *exchange, const char *peer, hw_error *err) {
  char host[PEER_MAX];
  hw__handle *handle = exchange->handle;
  hw_trust *trust = NULL;
  bool refused =
      handle->peer.reason != X509_V_OK || exchange->code == CURLE_PEER_FAILED_VERIFICATION;
  if (refused && handle->peer.leaf != NULL && hw__pool_trust(handle->pool, &trust, NULL) == HW_OK) {
    return hw_trust_explain(trust, &handle->peer, host_of(peer, host, sizeof host), err);
  }
  return hw_error_set(err, HW_TLS, "no secure connection to %s: %s", peer, handle->curl_message);
}

/* A proxy that refuses to connect us on says so with an HTTP status; asking again would not help.
 */
static hw_status explain_proxy(const hw__exchange *exchange, long status, const char *peer,
                               hw_error *err) {
  return hw_error_set(
      err, HW_PROTOCOL,
      "the proxy on the way to %s refused the connection with HTTP %ld; check its address "
      "and credentials in %s",
      peer, status, proxy_setting(exchange, "HTTPS_PROXY, or name the host in NO_PROXY"));
}

static hw_status explain_broken(hw__exchange *exchange, const char *peer, hw_error *err) {
  const char *detail = exchange->handle->curl_message;
  if (strstr(detail, " alert ") != NULL) {
    return hw_error_set(
        err, HW_TLS,
        "%s ended the secure connection: %s; if it asks for a client certificate, give "
        "one that it accepts",
        peer, detail);
  }
  if (exchange->resend_refused || exchange->code == CURLE_SEND_FAIL_REWIND) {
    bool harmless = exchange->request->retry == HW_RETRY_SAFE ||
                    strcmp(exchange->verb, "GET") == 0 || strcmp(exchange->verb, "HEAD") == 0;
    return hw_error_set(err, HW_IO, "the connection to %s was closed before an answer came%s", peer,
                        harmless
                            ? ""
                            : "; the request is not sent again by itself, because the server may "
                              "have acted on it");
  }
  return hw_error_set(err, HW_IO, "the connection to %s broke while %s was awaited: %s", peer,
                      awaited(exchange),
                      detail[0] == '\0' ? curl_easy_strerror(exchange->code) : detail);
}

hw_status hw__http_explain(hw__exchange *exchange, hw_error *err) {
  char peer[PEER_MAX];
  char host[PEER_MAX];
  if (exchange->failure.status != HW_OK) {
    if (err != NULL && err->status == HW_OK) {
      *err = exchange->failure;
    }
    return exchange->failure.status;
  }
  hw__http_peer(exchange, peer, sizeof peer);
  if (exchange->resend_refused) {
    return explain_broken(exchange, peer, err);
  }
  long proxy_status = 0;
  curl_easy_getinfo(exchange->handle->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  if (proxy_status >= 300 && !exchange->answered) {
    return explain_proxy(exchange, proxy_status, peer, err);
  }
  switch (exchange->code) {
  case CURLE_OUT_OF_MEMORY:
    return hw_error_set(err, HW_NOMEM, "out of memory");
  case CURLE_COULDNT_RESOLVE_HOST:
    return hw_error_set(
        err, HW_RESOLVE,
        "no address is known for the host %s; check its spelling, and this machine's "
        "name service",
        host_of(peer, host, sizeof host));
  case CURLE_COULDNT_RESOLVE_PROXY:
    return hw_error_set(err, HW_RESOLVE,
                        "no address is known for the proxy that %s names (on the way to %s)",
                        proxy_setting(exchange, "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"), peer);
  case CURLE_COULDNT_CONNECT:
    return explain_connect(exchange, peer, err);
  case CURLE_OPERATION_TIMEDOUT:
    return explain_connect_timeout(exchange, peer, err);
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_ENGINE_INITFAILED:
    return explain_tls(exchange, peer, err);
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_BAD_CONTENT_ENCODING:
    return hw_error_set(err, HW_PROTOCOL, "%s did not answer in HTTP: %s", peer,
                        exchange->handle->curl_message);
  default:
    return explain_broken(exchange, peer, err);
  }
}
