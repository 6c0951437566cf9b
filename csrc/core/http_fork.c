#include "http_fork.h"

#include <unistd.h>

static struct {
  pthread_once_t once;
  pthread_mutex_t lock;
  hw_http_pool *pools;
  int failed;
} registry = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

/* Every lock is held across the fork, so that the child sees lists that are whole. */
static void before_fork(void) {
  pthread_mutex_lock(&registry.lock);
  for (hw_http_pool *pool = registry.pools; pool != NULL; pool = pool->next_pool) {
    pthread_mutex_lock(&pool->lock);
  }
}

static void after_fork_in_parent(void) {
  for (hw_http_pool *pool = registry.pools; pool != NULL; pool = pool->next_pool) {
    pthread_mutex_unlock(&pool->lock);
  }
  pthread_mutex_unlock(&registry.lock);
}

static void after_fork_in_child(void) {
  for (hw_http_pool *pool = registry.pools; pool != NULL; pool = pool->next_pool) {
    for (hw__handle *handle = pool->all; handle != NULL; handle = handle->next) {
      int count = atomic_load(&handle->socket_count);
      for (int i = 0; i < count; i++) {
        close(handle->sockets[i]);
      }
    }
    pool->all = NULL;
    pool->idle = NULL;
    pool->idle_count = 0;
    pool->busy = 0;
    /* Other threads may have held locks inside these when the fork came. */
    pool->share = NULL;
    pool->trust = NULL;
    atomic_fetch_add(&pool->generation, 1U);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < CURL_LOCK_DATA_LAST; i++) {
      pthread_mutex_init(&pool->share_locks[i], NULL);
    }
  }
  pthread_mutex_unlock(&registry.lock);
}

static void install_handlers(void) {
  registry.failed = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  if (registry.failed == 0) {
    registry.failed = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
  }
}

hw_status hw__fork_register(hw_http_pool *pool, hw_error *err) {
  pthread_once(&registry.once, install_handlers);
  if (registry.failed != 0) {
    return hw_error_set(err, HW_NOMEM, "the HTTP library could not be started");
  }
  pthread_mutex_lock(&registry.lock);
  pool->prev_pool = NULL;
  pool->next_pool = registry.pools;
  if (registry.pools != NULL) {
    registry.pools->prev_pool = pool;
  }
  registry.pools = pool;
  pthread_mutex_unlock(&registry.lock);
  return HW_OK;
}

void hw__fork_unregister(hw_http_pool *pool) {
  pthread_mutex_lock(&registry.lock);
  if (pool->prev_pool != NULL) {
    pool->prev_pool->next_pool = pool->next_pool;
  } else if (registry.pools == pool) {
    registry.pools = pool->next_pool;
  }
  if (pool->next_pool != NULL) {
    pool->next_pool->prev_pool = pool->prev_pool;
  }
  pthread_mutex_unlock(&registry.lock);
}
