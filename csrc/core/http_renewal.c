#include "http_renewal.h"

#include "http_headers.h"

static const char name[] = "Authorization: ";

bool hw__renewal_possible(const hw_http_pool *pool) {
  return pool->credential.read != NULL;
}

static hw_status read_line(hw_http_pool *pool, hw_buf *line, hw_error *err) {
  HW_TRY(hw_buf_append_str(line, name, err));
  return pool->credential.read(pool->credential.ctx, line, err);
}

static void take_line(hw_http_pool *pool, hw_buf *line) {
  hw_buf old = pool->authorization;
  pool->authorization = *line;
  *line = old;
  pool->authorization_version++;
}

hw_status hw__renewal_start(hw_http_pool *pool, hw_error *err) {
  return hw__renewal_possible(pool) ? read_line(pool, &pool->authorization, err) : HW_OK;
}

hw_status hw__renewal_add(hw_http_pool *pool, struct curl_slist **list, unsigned *version,
                          hw_error *err) {
  hw_status status = HW_OK;
  pthread_mutex_lock(&pool->lock);
  *version = pool->authorization_version;
  if (pool->authorization.len > 0 && !hw__headers_have(*list, name)) {
    status = hw__headers_add(list, pool->authorization.ptr, err);
  }
  pthread_mutex_unlock(&pool->lock);
  return status;
}

bool hw__renewal_read(hw_http_pool *pool, unsigned version, hw_error *err) {
  hw_buf line;
  hw_buf_init_secret(&line, HW_CREDENTIAL_MAX);
  /* Outside the lock: the file may lie on a disk that is slow to answer. */
  hw_status status = read_line(pool, &line, err);
  pthread_mutex_lock(&pool->lock);
  if (status == HW_OK && !atomic_load(&pool->closed) &&
      !hw_view_equal(hw_buf_view(&line), hw_buf_view(&pool->authorization))) {
    take_line(pool, &line);
  }
  bool other = pool->authorization_version != version;
  pthread_mutex_unlock(&pool->lock);
  hw_buf_free(&line);
  return other;
}

void hw__renewal_wipe(hw_http_pool *pool) {
  hw_buf_free(&pool->authorization);
}
