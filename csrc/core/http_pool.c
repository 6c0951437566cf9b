#include "http_pool.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_exchange.h"
#include "http_fork.h"
#include "http_headers.h"
#include "http_renewal.h"

enum {
  CONNECT_TIMEOUT_MS = 10000,
  READ_TIMEOUT_MS = 60000,
  RESPONSE_MAX = 256 * 1024 * 1024,
  PEM_MAX = 1024 * 1024,
  URL_MAX = 64 * 1024,
  HANDLE_CONNECTIONS_MAX = 4,
  REDIRECTS_MAX = 10
};

void hw_http_config_init(hw_http_config *config) {
  *config = (hw_http_config){.verify_peer = true,
                             .verify_host = true,
                             .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                             .read_timeout_ms = READ_TIMEOUT_MS,
                             .max_response = RESPONSE_MAX,
                             .retry = hw_retry_policy_default(),
                             .max_redirects = REDIRECTS_MAX};
}

static hw_status copy_text(const char *text, char **out, hw_error *err) {
  if (text == NULL) {
    return HW_OK;
  }
  *out = strdup(text);
  return *out == NULL ? hw_error_set(err, HW_NOMEM, "out of memory") : HW_OK;
}

/* curl leaves HTTP_PROXY in capitals aside, because a CGI program's callers can set it; outside CGI
   it is a user's setting like the others. */
static const char *proxy_of(const hw_origin *origin, const hw_http_config *config) {
  if (config->unix_socket != NULL) {
    return "";
  }
  if (config->proxy != NULL) {
    return config->proxy;
  }
  if (!origin->tls && getenv("http_proxy") == NULL && getenv("REQUEST_METHOD") == NULL) {
    return getenv("HTTP_PROXY");
  }
  return NULL;
}

static hw_status copy_proxy(hw_http_pool *pool, const hw_http_config *config, hw_error *err) {
  pool->proxy_given = config->proxy != NULL;
  if (pool->proxy_given && config->proxy[0] != '\0') {
    HW_TRY(hw_url_check_proxy(config->proxy, err));
  }
  return copy_text(proxy_of(&pool->origin, config), &pool->proxy, err);
}

static hw_status copy_base(hw_http_pool *pool, const char *base_url, hw_error *err) {
  if (base_url == NULL) {
    return hw_error_set(err, HW_ARGUMENT, "no address was given; it looks like https://host:443");
  }
  HW_TRY(hw_origin_parse(base_url, &pool->origin, err));
  if (strpbrk(base_url, "?# \t\r\n") != NULL) {
    return hw_error_set(err, HW_ARGUMENT, "the address of %s holds a query, a fragment or a space",
                        pool->origin.host);
  }
  HW_TRY(copy_text(base_url, &pool->base_url, err));
  pool->base_len = strlen(pool->base_url);
  while (pool->base_len > 0 && pool->base_url[pool->base_len - 1] == '/') {
    pool->base_url[--pool->base_len] = '\0';
  }
  return HW_OK;
}

static hw_status copy_config(hw_http_pool *pool, const hw_http_config *config, hw_error *err) {
  HW_TRY(copy_base(pool, config->base_url, err));
  HW_TRY(copy_text(config->unix_socket, &pool->unix_socket, err));
  HW_TRY(copy_text(config->user_agent == NULL ? "hopsworks" : config->user_agent, &pool->user_agent,
                   err));
  HW_TRY(copy_proxy(pool, config, err));
  HW_TRY(copy_text(config->trust_store, &pool->trust_store, err));
  HW_TRY(copy_text(config->trust_fallback, &pool->trust_fallback, err));
  HW_TRY(hw_buf_append_view(&pool->trust_pem, config->trust_pem, err));
  HW_TRY(hw_buf_append_view(&pool->certificate, config->client_certificate, err));
  HW_TRY(hw_buf_append_view(&pool->key, config->client_key, err));
  pool->verify_peer = config->verify_peer;
  pool->verify_host = config->verify_host && config->verify_peer;
  pool->connect_timeout_ms = config->connect_timeout_ms;
  pool->read_timeout_ms = config->read_timeout_ms;
  pool->total_timeout_ms = config->total_timeout_ms;
  pool->max_response = config->max_response;
  pool->retry = config->retry;
  pool->max_redirects = config->max_redirects;
  pool->idle_limit_ms = config->idle_limit_ms;
  pool->credential = config->credential;
  HW_TRY(hw__renewal_start(pool, err));
  return hw__headers_build(&pool->headers, config->headers, config->header_count, NULL, err);
}

hw_status hw_http_pool_new(const hw_http_config *config, hw_http_pool **out, hw_error *err) {
  *out = NULL;
  hw_trust *trust = NULL;
  hw_http_pool *pool = calloc(1, sizeof *pool);
  if (pool == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  hw_buf_init(&pool->certificate, PEM_MAX);
  hw_buf_init_secret(&pool->key, PEM_MAX);
  hw_buf_init(&pool->trust_pem, PEM_MAX);
  hw_buf_init_secret(&pool->authorization, HW_CREDENTIAL_MAX);
  pthread_mutex_init(&pool->lock, NULL);
  for (int i = 0; i < CURL_LOCK_DATA_LAST; i++) {
    pthread_mutex_init(&pool->share_locks[i], NULL);
  }
  hw_status status = copy_config(pool, config, err);
  if (status == HW_OK) {
    status = hw__fork_register(pool, err);
  }
  if (status == HW_OK && pool->origin.tls) {
    status = hw__pool_trust(pool, &trust, err);
  }
  if (status == HW_OK) {
    *out = pool;
  } else {
    hw_http_pool_free(pool);
  }
  return status;
}

hw_status hw__pool_trust(hw_http_pool *pool, hw_trust **out, hw_error *err) {
  hw_status status = HW_OK;
  pthread_mutex_lock(&pool->lock);
  if (pool->trust == NULL) {
    hw_trust_config config = {.verify_peer = pool->verify_peer,
                              .store = pool->trust_store,
                              .pem = hw_buf_view(&pool->trust_pem),
                              .fallback = pool->trust_fallback};
    status = hw_trust_new(&config, &pool->trust, err);
  }
  *out = pool->trust;
  pthread_mutex_unlock(&pool->lock);
  return status;
}

const char *hw_http_pool_base_url(const hw_http_pool *pool) {
  return pool->base_url;
}

const char *hw_http_pool_unix_socket(const hw_http_pool *pool) {
  return pool->unix_socket;
}

static void share_lock(CURL *easy, curl_lock_data data, curl_lock_access access, void *ctx) {
  (void)easy;
  (void)access;
  pthread_mutex_lock(&((hw_http_pool *)ctx)->share_locks[data]);
}

static void share_unlock(CURL *easy, curl_lock_data data, void *ctx) {
  (void)easy;
  pthread_mutex_unlock(&((hw_http_pool *)ctx)->share_locks[data]);
}

/* Called with the lock of the pool held. */
static bool make_share(hw_http_pool *pool) {
  if (pool->share != NULL) {
    return true;
  }
  CURLSH *share = curl_share_init();
  if (share == NULL) {
    return false;
  }
  curl_share_setopt(share, CURLSHOPT_USERDATA, pool);
  curl_share_setopt(share, CURLSHOPT_LOCKFUNC, share_lock);
  curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, share_unlock);
  if (curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK ||
      curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK) {
    curl_share_cleanup(share);
    return false;
  }
  pool->share = share;
  return true;
}

static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  hw__handle *handle = ctx;
  if (!hw__exchange_may_connect(handle->exchange)) {
    return CURL_SOCKET_BAD;
  }
  int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  int count = atomic_load(&handle->socket_count);
  if (fd >= 0 && count < HW__HANDLE_SOCKETS) {
    handle->sockets[count] = fd;
    atomic_store(&handle->socket_count, count + 1);
  }
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static bool has_peer(int fd) {
  struct sockaddr_storage address;
  socklen_t len = sizeof address;
  return getpeername(fd, (struct sockaddr *)&address, &len) == 0;
}

bool hw__handle_connected(const hw__handle *handle) {
  int count = atomic_load(&handle->socket_count);
  for (int i = 0; i < count; i++) {
    if (has_peer(handle->sockets[i])) {
      return true;
    }
  }
  return handle->closed_connected;
}

static int close_socket(void *ctx, curl_socket_t fd) {
  hw__handle *handle = ctx;
  handle->closed_connected = handle->closed_connected || has_peer(fd);
  int count = atomic_load(&handle->socket_count);
  for (int i = 0; i < count; i++) {
    if (handle->sockets[i] == fd) {
      handle->sockets[i] = handle->sockets[count - 1];
      atomic_store(&handle->socket_count, count - 1);
      break;
    }
  }
  return close(fd);
}

static CURLcode configure_tls(CURL *easy, void *context, void *ctx) {
  (void)easy;
  hw__handle *handle = ctx;
  hw_trust *trust = NULL;
  hw_error err;
  hw_error_init(&err);
  if (hw__pool_trust(handle->pool, &trust, &err) != HW_OK) {
    hw__exchange_fail(handle->exchange, &err);
    return CURLE_ABORTED_BY_CALLBACK;
  }
  return hw_trust_install(trust, context, &handle->peer) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

/* The options that never change for a handle. Those of one request are set in http_exchange.c. */
static bool configure(hw__handle *handle) {
  hw_http_pool *pool = handle->pool;
  CURL *easy = handle->easy;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs must not keep us */
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->curl_message);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION,
                   0L); /* http.c decides what may be repeated where */
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (pool->idle_limit_ms > 0) { /* curl lets pass what is less than a second above its limit */
    long seconds = (long)(pool->idle_limit_ms / 1000) - 1;
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, seconds < 1 ? 1L : seconds);
  }
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, handle);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, handle);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, pool->verify_peer ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, pool->verify_host ? 2L : 0L);
  /* curl would read the system's bundle again for every connection; trust.h has read it once. */
  curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
  curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, handle);
  hw__exchange_install(handle);
  /* These can be refused for want of memory, or by a curl that was built otherwise than we need. */
  return curl_easy_setopt(easy, CURLOPT_SHARE, pool->share) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_USERAGENT, pool->user_agent) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PROXY, pool->proxy) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_NOPROXY, pool->proxy_given ? "" : NULL) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, pool->unix_socket) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, configure_tls) == CURLE_OK;
}

static void destroy(hw__handle *handle) {
  if (handle == NULL) {
    return;
  }
  /* The connections belong to the multi handle: it goes first, while the easy handle's callbacks
   * still work. */
  if (handle->multi != NULL) {
    curl_multi_cleanup(handle->multi);
  }
  if (handle->easy != NULL) {
    curl_easy_cleanup(handle->easy);
  }
  hw__headers_free(handle->headers);
  hw_trust_peer_clear(&handle->peer);
  hw_buf_free(&handle->url);
  free(handle);
}

/* Called with the lock held. */
static hw__handle *make_handle(hw_http_pool *pool) {
  hw__handle *handle = calloc(1, sizeof *handle);
  if (handle == NULL) {
    return NULL;
  }
  handle->pool = pool;
  handle->generation = atomic_load(&pool->generation);
  hw_buf_init(&handle->url, URL_MAX);
  if (make_share(pool)) {
    handle->easy = curl_easy_init();
    handle->multi = curl_multi_init();
  }
  if (handle->easy == NULL || handle->multi == NULL) {
    destroy(handle);
    return NULL;
  }
  curl_multi_setopt(handle->multi, CURLMOPT_MAXCONNECTS, (long)HANDLE_CONNECTIONS_MAX);
  if (!configure(handle)) {
    destroy(handle);
    return NULL;
  }
  handle->next = pool->all;
  if (pool->all != NULL) {
    pool->all->prev = handle;
  }
  pool->all = handle;
  return handle;
}

/* Called with the lock held. */
static void unlink_handle(hw_http_pool *pool, hw__handle *handle) {
  if (handle->prev != NULL) {
    handle->prev->next = handle->next;
  } else {
    pool->all = handle->next;
  }
  if (handle->next != NULL) {
    handle->next->prev = handle->prev;
  }
  handle->next = NULL;
  handle->prev = NULL;
}

/* Whether a peer has said something since the last answer, or hung up. In HTTP/1 nobody speaks
   unasked: what lies there would be taken for the answer to the next request. */
static bool was_spoken_to(const hw__handle *handle) {
  struct pollfd sockets[HW__HANDLE_SOCKETS];
  int count = atomic_load(&handle->socket_count);
  for (int i = 0; i < count; i++) {
    sockets[i] = (struct pollfd){.fd = handle->sockets[i], .events = POLLIN};
  }
  return count > 0 && !handle->multiplexed && poll(sockets, (nfds_t)count, 0) > 0;
}

/* The first idle handle whose connections are silent; the others before it go to *spoilt. Called
   with the lock held. */
static hw__handle *take_idle(hw_http_pool *pool, hw__handle **spoilt) {
  while (pool->idle != NULL) {
    hw__handle *handle = pool->idle;
    pool->idle = handle->next_idle;
    pool->idle_count--;
    handle->next_idle = NULL;
    if (!was_spoken_to(handle)) {
      return handle;
    }
    unlink_handle(pool, handle);
    handle->next_idle = *spoilt;
    *spoilt = handle;
  }
  return NULL;
}

static void destroy_all(hw__handle *first) {
  while (first != NULL) {
    hw__handle *next = first->next_idle;
    destroy(first);
    first = next;
  }
}

hw_status hw__pool_checkout(hw_http_pool *pool, hw__handle **out, hw_error *err) {
  hw_status status = HW_OK;
  hw__handle *spoilt = NULL;
  *out = NULL;
  pthread_mutex_lock(&pool->lock);
  if (atomic_load(&pool->closed)) {
    status = hw_error_set(err, HW_CLOSED, "the connection to %s is closed; connect or log in again",
                          pool->origin.host);
    goto done;
  }
  *out = take_idle(pool, &spoilt);
  if (*out == NULL) {
    *out = make_handle(pool);
    if (*out == NULL) {
      status = hw_error_set(err, HW_NOMEM, "out of memory (no handle of the HTTP library)");
      goto done;
    }
  }
  pool->busy++;
done:
  pthread_mutex_unlock(&pool->lock);
  destroy_all(spoilt);
  return status;
}

/* The credentials of a closed pool go when the last request is out. Called with the lock held. */
static void wipe_if_unused(hw_http_pool *pool) {
  if (!atomic_load(&pool->closed) || pool->busy > 0 || pool->wiped) {
    return;
  }
  pool->wiped = true;
  hw__headers_free(pool->headers);
  pool->headers = NULL;
  hw__renewal_wipe(pool);
  hw_buf_free(&pool->key);
}

bool hw__handle_stale(const hw__handle *handle) {
  return handle->generation != atomic_load(&handle->pool->generation);
}

static void give_back(hw__handle *handle, bool keep) {
  hw_http_pool *pool = handle->pool;
  if (hw__handle_stale(handle)) {
    return; /* made before a fork: its memory is the parent's affair */
  }
  handle->exchange = NULL;
  pthread_mutex_lock(&pool->lock);
  pool->busy--;
  keep = keep && !atomic_load(&pool->closed) && pool->idle_count < HW__HANDLES_IDLE_MAX;
  if (keep) {
    handle->next_idle = pool->idle;
    pool->idle = handle;
    pool->idle_count++;
  } else {
    unlink_handle(pool, handle);
  }
  wipe_if_unused(pool);
  pthread_mutex_unlock(&pool->lock);
  if (!keep) {
    destroy(handle);
  }
}

void hw__pool_checkin(hw__handle *handle) {
  give_back(handle, true);
}

void hw__pool_discard(hw__handle *handle) {
  give_back(handle, false);
}

void hw_http_pool_close(hw_http_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->closed, true);
  hw__handle *idle = pool->idle;
  pool->idle = NULL;
  pool->idle_count = 0;
  for (hw__handle *handle = idle; handle != NULL; handle = handle->next_idle) {
    unlink_handle(pool, handle);
  }
  for (hw__handle *handle = pool->all; handle != NULL; handle = handle->next) {
    curl_multi_wakeup(handle->multi);
  }
  wipe_if_unused(pool);
  pthread_mutex_unlock(&pool->lock);
  destroy_all(idle);
}

bool hw_http_pool_closed(const hw_http_pool *pool) {
  return atomic_load(&pool->closed);
}

size_t hw_http_pool_connections(hw_http_pool *pool) {
  size_t count = 0;
  pthread_mutex_lock(&pool->lock);
  for (hw__handle *handle = pool->all; handle != NULL; handle = handle->next) {
    count += (size_t)atomic_load(&handle->socket_count);
  }
  pthread_mutex_unlock(&pool->lock);
  return count;
}

void hw_http_pool_free(hw_http_pool *pool) {
  if (pool == NULL) {
    return;
  }
  hw_http_pool_close(pool);
  hw__fork_unregister(pool);
  if (pool->share != NULL) {
    curl_share_cleanup(pool->share);
  }
  hw_trust_release(pool->trust);
  hw__headers_free(pool->headers);
  hw_buf_free(&pool->certificate);
  hw_buf_free(&pool->key);
  hw_buf_free(&pool->trust_pem);
  hw_buf_free(&pool->authorization);
  for (int i = 0; i < CURL_LOCK_DATA_LAST; i++) {
    pthread_mutex_destroy(&pool->share_locks[i]);
  }
  pthread_mutex_destroy(&pool->lock);
  free(pool->base_url);
  free(pool->unix_socket);
  free(pool->user_agent);
  hw_wipe(pool->proxy, pool->proxy == NULL ? 0 : strlen(pool->proxy));
  free(pool->proxy);
  free(pool->trust_store);
  free(pool->trust_fallback);
  free(pool);
}
