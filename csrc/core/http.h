/*
 * http.h - requests to one service: connections, timeouts, retries, redirects, streaming both ways.
 *
 * An hw_http_pool holds the settings of one service and its open connections. Any thread may send
 * through it; each request takes a connection for itself and gives it back. Waits are cut into
 * slices of at most 100 ms, so that the caller's tick is asked often, and a cancel or a close ends
 * them at once. A forked child forgets the connections of its parent without touching them and
 * opens its own. http_stream.h is the same with content pushed or pulled by the caller; transfers
 * build on both. The rows that become requests are in endpoint.h.
 */
#ifndef HW_HTTP_H
#define HW_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cancel.h"
#include "credential.h"
#include "error.h"
#include "http_response.h"
#include "retry.h"

typedef struct hw_http_pool hw_http_pool;

typedef struct hw_http_header {
  hw_view name;
  hw_view value;
} hw_http_header;

/* Everything is copied by hw_http_pool_new(). */
typedef struct hw_http_config {
  const char *base_url; /* "https://host:443", optionally with a path in front of every request's */
  const char *unix_socket; /* NULL, or the socket that is connected to instead of the host */
  const char *proxy; /* sent through for every host, "" for none; NULL: as the environment says */
  const hw_http_header
      *headers; /* sent to this origin only, never after a redirect to another; secret */
  size_t header_count;
  hw_credential credential; /* adds Authorization to this origin's requests; see credential.h */
  const char *user_agent;   /* NULL: "hopsworks" */
  bool verify_peer;
  bool verify_host;
  const char *trust_store;    /* see trust.h */
  hw_view trust_pem;          /* see trust.h; may be empty */
  const char *trust_fallback; /* see trust.h */
  hw_view client_certificate; /* PEM, may be empty */
  hw_view client_key;         /* PEM, secret */
  int64_t connect_timeout_ms; /* address, connection and TLS handshake */
  int64_t read_timeout_ms;    /* longest time in which no byte moves; 0 is none */
  int64_t total_timeout_ms;   /* the whole call, retries included; 0 is none */
  size_t max_response;        /* largest answer that is collected in memory */
  hw_retry_policy retry;
  int max_redirects; /* followed at most; with 0 a redirect is an answer like any other */
  /* For so long a connection that nobody uses is taken up again: whole seconds, at least two; 0 is
     two minutes. Servers end such connections, too, and a request that crosses with that is lost.
   */
  int64_t idle_limit_ms;
} hw_http_config;

/* Defaults: everything verified, 10 s to connect, 60 s without a byte, no total, 256 MiB, ten
   redirects. */
void hw_http_config_init(hw_http_config *config);

/* *out is owned by the caller: hw_http_pool_free(). Nothing is sent; a trust store is read for
 * https. */
hw_status hw_http_pool_new(const hw_http_config *config, hw_http_pool **out,
                           hw_error *err) HW_MUST_CHECK;
/* Ends requests in other threads with HW_CLOSED, closes the idle connections and wipes the
   credentials. Later requests fail with HW_CLOSED. May be called again. */
void hw_http_pool_close(hw_http_pool *pool);
bool hw_http_pool_closed(const hw_http_pool *pool);
/* Closes and frees; nobody may be inside a request. NULL is allowed. */
void hw_http_pool_free(hw_http_pool *pool);
/* Borrowed as long as the pool. */
const char *hw_http_pool_base_url(const hw_http_pool *pool);
const char *hw_http_pool_unix_socket(const hw_http_pool *pool);

/* Connections now open in this process, idle and in use; for tests and diagnosis. */
size_t hw_http_pool_connections(hw_http_pool *pool);

typedef enum hw_log_level { HW_LOG_DEBUG, HW_LOG_INFO, HW_LOG_WARNING } hw_log_level;

/* Callbacks of the caller, made on the thread that waits. Each may be NULL. */
typedef struct hw_http_hooks {
  bool (*tick)(void *ctx); /* at least every 100 ms; false ends the request with HW_CANCELLED */
  void (*log)(void *ctx, hw_log_level level,
              const char *text); /* once an attempt; no secrets, no query */
  void *ctx;
} hw_http_hooks;

/* The body of a request: memory, or a callback. */
typedef struct hw_http_source {
  hw_view memory; /* borrowed until the request ends; used when `read` is NULL */
  /* Writes at most `room` bytes; *got = 0 is the end. A failure ends the request with that status.
   */
  hw_status (*read)(void *ctx, char *into, size_t room, size_t *got, hw_error *err);
  /* Back to the start for another attempt; NULL when that is impossible, then there is none. */
  hw_status (*rewind)(void *ctx, hw_error *err);
  void *ctx;
  int64_t length; /* of what `read` gives; -1 when unknown (sent chunked) */
} hw_http_source;

/* Where the content of a successful answer (2xx) goes, when it is not to be collected in memory.
   The content of other answers is collected, at most 1 MiB. */
typedef struct hw_http_sink {
  /* The head of a successful answer is complete; may refuse it. May be NULL. */
  hw_status (*begin)(void *ctx, const hw_http_response *response, hw_error *err);
  hw_status (*write)(void *ctx, hw_view bytes, hw_error *err);
  void *ctx;
} hw_http_sink;

typedef struct hw_http_request {
  const char *verb;              /* "GET" */
  const char *url;               /* "/path?query" below the base URL, or absolute; already quoted.
                                    To another origin go neither headers nor credentials of the pool */
  const hw_http_header *headers; /* borrowed; a header of the pool with the same name is left out */
  size_t header_count;
  const hw_http_source *source; /* borrowed; NULL: no body */
  const hw_http_sink *sink;     /* borrowed; NULL: the content is collected in the response */
  hw_retry_class retry;
  bool bulk; /* large content either way: HTTP/1.1, larger buffers, never compressed */
  int64_t connect_timeout_ms; /* -1: the pool's; 0: none */
  int64_t read_timeout_ms;
  int64_t total_timeout_ms;
  unsigned patience;   /* how many of the pool's read timeouts the answer may take; 0 is one */
  size_t max_response; /* 0: the pool's */
  hw_cancel *cancel;   /* borrowed, may be NULL */
  hw_http_hooks hooks;
} hw_http_request;

/* A request with the pool's timeouts and the retry class of its verb. */
void hw_http_request_init(hw_http_request *request, const char *verb, const char *url);

/*
 * Sends a request and receives the answer. HW_OK means that an answer came, whatever its status:
 * see hw_http_check(). `response` is filled as far as the exchange went, also on failure.
 */
hw_status hw_http_send(hw_http_pool *pool, const hw_http_request *request,
                       hw_http_response *response, hw_error *err) HW_MUST_CHECK;

/* HW_OK for an answer 200-299, else HW_HTTP with the status, the request and the host in `err`. */
hw_status hw_http_check(const hw_http_pool *pool, const hw_http_request *request,
                        const hw_http_response *response, hw_error *err) HW_MUST_CHECK;

#endif
