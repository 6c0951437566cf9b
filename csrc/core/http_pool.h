/*
 * http_pool.h - the connections of one service (private to http*.c).
 *
 * A handle is a curl easy handle with a multi handle of its own, so that its connections are
 * touched by one thread only. Handles wait in a stack; DNS answers and TLS sessions are shared
 * through the pool.
 */
#ifndef HW_HTTP_POOL_H
#define HW_HTTP_POOL_H

#include <pthread.h>
#include <stdatomic.h>

#include <curl/curl.h>

#include "http.h"
#include "trust.h"
#include "url.h"

enum { HW__HANDLE_SOCKETS = 8, HW__HANDLES_IDLE_MAX = 32 };

struct hw__exchange;

typedef struct hw__handle {
  hw_http_pool *pool; /* borrowed */
  CURL *easy;
  CURLM *multi;
  unsigned generation;             /* of the pool when made: differs after a fork */
  struct hw__handle *next_idle;    /* stack of idle handles */
  struct hw__handle *next, *prev;  /* all handles, in use or not */
  int sockets[HW__HANDLE_SOCKETS]; /* open ones; a forked child closes its copies */
  atomic_int socket_count;
  bool multiplexed;      /* has spoken HTTP/2, where the peer may say something at any time */
  bool closed_connected; /* a socket that had reached its peer was closed in this exchange */
  hw_trust_peer peer;
  char curl_message[CURL_ERROR_SIZE];
  hw_buf url;                    /* absolute URL of the request, reused */
  struct curl_slist *headers;    /* owned: list of the current request, when it is not the pool's */
  struct hw__exchange *exchange; /* borrowed: what the callbacks work for */
} hw__handle;

struct hw_http_pool {
  /* settings, not changed after birth */
  char *base_url;
  size_t base_len;
  hw_origin origin;
  char *unix_socket;
  char *user_agent;
  char *proxy;      /* NULL: curl's own rules; may hold a password */
  bool proxy_given; /* by the caller: used for every host */
  char *trust_store;
  char *trust_fallback;
  hw_buf trust_pem;
  bool verify_peer;
  bool verify_host;
  hw_buf certificate;
  hw_buf key;
  int64_t connect_timeout_ms;
  int64_t read_timeout_ms;
  int64_t total_timeout_ms;
  size_t max_response;
  hw_retry_policy retry;
  int max_redirects;
  int64_t idle_limit_ms;
  hw_credential credential;

  /* state */
  atomic_bool closed;
  atomic_uint generation;
  pthread_mutex_t lock; /* guards the fields below */
  bool wiped;
  struct curl_slist *headers; /* owned, secret; read by requests while they run */
  hw_buf authorization;       /* secret line of the credential, see http_renewal.h */
  unsigned authorization_version;
  hw_trust *trust; /* shared; NULL when not https, or until used again after a fork */
  CURLSH *share;
  pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];
  hw__handle *idle;
  size_t idle_count;
  hw__handle *all;
  size_t busy;                         /* requests inside; the last one out wipes a closed pool */
  hw_http_pool *next_pool, *prev_pool; /* registry of http_fork.c */
};

/* Takes an idle handle or makes one. Give it back with checkin, or with discard when its exchange
   was broken off: such a connection may hold half an answer. */
hw_status hw__pool_checkout(hw_http_pool *pool, hw__handle **out, hw_error *err) HW_MUST_CHECK;
void hw__pool_checkin(hw__handle *handle);
void hw__pool_discard(hw__handle *handle);

/* The trust of the pool, loaded again after a fork (borrowed). */
hw_status hw__pool_trust(hw_http_pool *pool, hw_trust **out, hw_error *err) HW_MUST_CHECK;

/* Whether a connection stood at some time in the present exchange, though perhaps without TLS. */
bool hw__handle_connected(const hw__handle *handle);

/* True when the process was forked since the handle was taken: it must not be touched. */
bool hw__handle_stale(const hw__handle *handle);

#endif
