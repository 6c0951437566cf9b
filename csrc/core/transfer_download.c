#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content_range.h"
#include "file.h"
#include "transfer_workers.h"

enum { VALIDATOR_MAX = 256 };

/* What the first answer tells about the server. */
typedef enum download_mode {
  MODE_UNKNOWN, /* the first request is under way, the others wait */
  MODE_RANGES,
  MODE_WHOLE /* one answer with everything */
} download_mode;

/* A file that is being fetched. Guarded by the lock of the workers, apart from writes to the file.
 */
typedef struct download_plan {
  const hw_download *what;
  hw_file *file; /* owned; NULL before the first worker opened it */
  uint64_t piece;
  uint64_t pieces; /* none for an empty file, which is asked for all the same */
  uint64_t next;
  unsigned flying;  /* workers with a piece of it */
  uint64_t counted; /* its bytes in the progress */
  download_mode mode;
  bool probing;
  bool together;                 /* one of several: flushed with the others */
  char validator[VALIDATOR_MAX]; /* ETag or date of the first answer; every range must have the same
                                  */
} download_plan;

/* Files are begun in their order; a further one only when those that are open leave nothing to do.
   So no more of them are open than there are workers. */
typedef struct download_batch {
  const hw_download *items;
  size_t count, begun;
  download_plan *open[HW__WORKERS_MAX]; /* owned */
  unsigned open_count;
} download_batch;

/* One request, and where its content goes. */
typedef struct download_sink {
  hw__workers *workers;
  download_plan *plan;
  uint64_t at, end; /* of the file: next byte to arrive, and the end of what was asked for */
  bool ranged;      /* a range was asked for */
} download_sink;

/* --- answers
 * ------------------------------------------------------------------------------------------------
 */

static hw_status changed_error(const download_plan *plan, const char *what, hw_error *err) {
  return hw_error_set(
      err, HW_INTEGRITY,
      "%s: %s. Nothing was put in place; download it again when nothing writes to it.",
      plan->what->target, what);
}

/* A weak ETag says nothing about bytes; then the date has to do. */
static void read_validator(const hw_http_response *response, char out[VALIDATOR_MAX]) {
  hw_view value = hw_http_response_header(response, "ETag");
  if (value.len == 0 || value.ptr[0] == 'W') {
    value = hw_http_response_header(response, "Last-Modified");
  }
  size_t len = value.len < VALIDATOR_MAX ? value.len : 0;
  memcpy(out, len > 0 ? value.ptr : "", len);
  out[len] = '\0';
}

/* The lock is held. */
static hw_status take_range(download_sink *sink, const hw_http_response *response, hw_error *err) {
  download_plan *plan = sink->plan;
  hw_content_range range;
  char validator[VALIDATOR_MAX];
  if (!hw_content_range_parse(hw_http_response_header(response, "Content-Range"), &range) ||
      range.begin != sink->at || range.end != sink->end) {
    return hw_error_set(err, HW_PROTOCOL, "%s: another range than the one asked for was answered",
                        plan->what->target);
  }
  read_validator(response, validator);
  if (range.total != plan->what->size) {
    return changed_error(plan, "the file on the server has another size now", err);
  }
  if (plan->mode == MODE_UNKNOWN) {
    memcpy(plan->validator, validator, sizeof validator);
    plan->mode = MODE_RANGES;
    (void)pthread_cond_broadcast(&sink->workers->changed);
  }
  return strcmp(validator, plan->validator) == 0
             ? HW_OK
             : changed_error(plan, "the file on the server changed meanwhile", err);
}

/* The lock is held. Forgets what has arrived. */
static hw_status begin_anew(download_sink *sink, hw_error *err) {
  download_plan *plan = sink->plan;
  atomic_fetch_sub(&sink->workers->done, plan->counted);
  plan->counted = 0;
  sink->at = 0;
  sink->end = plan->what->size;
  return hw_file_restart(plan->file, err);
}

/* The lock is held. The server sends everything: then this answer alone is used. */
static hw_status take_whole(download_sink *sink, const hw_http_response *response, hw_error *err) {
  download_plan *plan = sink->plan;
  if (response->content_length >= 0 && (uint64_t)response->content_length != plan->what->size) {
    return changed_error(plan, "the server sends another size than it announced", err);
  }
  if (sink->ranged && plan->mode == MODE_RANGES) {
    return changed_error(plan, "the server stopped answering ranges", err);
  }
  plan->mode = MODE_WHOLE;
  (void)pthread_cond_broadcast(&sink->workers->changed);
  return begin_anew(sink, err);
}

static hw_status begin_answer(void *ctx, const hw_http_response *response, hw_error *err) {
  download_sink *sink = ctx;
  (void)pthread_mutex_lock(&sink->workers->lock);
  hw_status status = response->status == 206 && sink->ranged ? take_range(sink, response, err)
                                                             : take_whole(sink, response, err);
  (void)pthread_mutex_unlock(&sink->workers->lock);
  return status;
}

/* The lock is held. Notes the pieces that end within what has arrived. */
static hw_status note_pieces(download_sink *sink, uint64_t from, hw_error *err) {
  download_plan *plan = sink->plan;
  for (uint64_t i = from / plan->piece; i < plan->pieces; i++) {
    uint64_t end = (i + 1) * plan->piece;
    if ((end < plan->what->size ? end : plan->what->size) > sink->at) {
      break;
    }
    HW_TRY(hw_file_complete(plan->file, i, err));
  }
  return HW_OK;
}

static hw_status write_answer(void *ctx, hw_view bytes, hw_error *err) {
  download_sink *sink = ctx;
  download_plan *plan = sink->plan;
  uint64_t from = sink->at;
  if (bytes.len > sink->end - sink->at) {
    return changed_error(plan, "more arrived than was announced", err);
  }
  HW_TRY(hw_file_write(plan->file, sink->at, bytes, err));
  sink->at += bytes.len;
  atomic_fetch_add(&sink->workers->done, (uint64_t)bytes.len);
  (void)pthread_mutex_lock(&sink->workers->lock);
  plan->counted += bytes.len;
  hw_status status = HW_OK;
  if (from / plan->piece != sink->at / plan->piece || sink->at == plan->what->size) {
    status = note_pieces(sink, from, err);
  }
  (void)pthread_mutex_unlock(&sink->workers->lock);
  return status;
}

/* --- requests
 * -----------------------------------------------------------------------------------------------
 */

static hw_status ask_once(hw__workers *workers, download_sink *sink, hw_http_response *response,
                          hw_error *err) {
  const hw_transfer_options *options = workers->options;
  hw_http_header headers[8];
  char range[64];
  size_t count = options->header_count < 7 ? options->header_count : 7;
  for (size_t i = 0; i < count; i++) {
    headers[i] = options->headers[i];
  }
  if (sink->ranged) {
    int len = snprintf(range, sizeof range, "bytes=%llu-%llu", (unsigned long long)sink->at,
                       (unsigned long long)sink->end - 1);
    headers[count++] = (hw_http_header){.name = hw_view_of("Range"), .value = {range, (size_t)len}};
  }
  hw_http_sink into = {.begin = begin_answer, .write = write_answer, .ctx = sink};
  hw_http_request request;
  HW_TRY(hw__workers_request(workers, &request, "GET", sink->plan->what->url, err));
  request.headers = headers;
  request.header_count = count;
  request.sink = &into;
  HW_TRY(hw_http_send(workers->pool, &request, response, err));
  if (response->status == 416) {
    return changed_error(sink->plan, "the file on the server is shorter now", err);
  }
  HW_TRY(hw_http_check(workers->pool, &request, response, err));
  return sink->at == sink->end
             ? HW_OK
             : hw_error_set(err, HW_PROTOCOL, "%s: %llu bytes are missing",
                            sink->plan->what->target, (unsigned long long)(sink->end - sink->at));
}

/* Asks until all of it is there. What arrived of a range is kept, a broken whole answer begins
 * anew. */
static hw_status fetch(hw__workers *workers, download_sink *sink, hw_http_response *response,
                       hw_error *err) {
  for (unsigned failures = 0;;) {
    uint64_t before = sink->at;
    hw_status status = ask_once(workers, sink, response, err);
    if (status == HW_OK) {
      return HW_OK;
    }
    /* Progress earns new attempts: a long transfer over a poor line gets on. */
    failures = sink->ranged && sink->at > before ? 1 : failures + 1;
    HW_TRY(hw__workers_pause(workers, status, failures, response, err));
    (void)pthread_mutex_lock(&workers->lock);
    bool whole = sink->plan->mode == MODE_WHOLE || !sink->ranged;
    if (whole) {
      status = begin_anew(sink, err);
      sink->ranged = false;
      sink->plan->mode = MODE_UNKNOWN;
    } else {
      status = HW_OK;
    }
    (void)pthread_mutex_unlock(&workers->lock);
    HW_TRY(status);
  }
}

/* --- sharing the pieces
 * ------------------------------------------------------------------------------------- */

/* The lock is held. A missing piece, or the count of pieces when all are taken. */
static uint64_t next_piece(download_plan *plan) {
  while (plan->next < plan->pieces && hw_file_has(plan->file, plan->next)) {
    plan->next++;
  }
  return plan->next;
}

/* The lock is held. */
static bool has_work(download_plan *plan) {
  return !plan->probing || (plan->mode == MODE_RANGES && next_piece(plan) < plan->pieces);
}

/* The lock is held. The file to work at next; NULL with HW_OK when there is nothing to do now. */
static hw_status pick(hw__workers *workers, download_batch *batch, download_plan **out,
                      hw_error *err) {
  *out = NULL;
  for (unsigned i = 0; i < batch->open_count; i++) {
    if (has_work(batch->open[i])) {
      *out = batch->open[i];
      return HW_OK;
    }
  }
  if (batch->begun == batch->count || batch->open_count == HW__WORKERS_MAX) {
    return HW_OK;
  }
  download_plan *plan = calloc(1, sizeof *plan);
  if (plan == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  plan->what = &batch->items[batch->begun++];
  plan->together = batch->count > 1;
  plan->piece = workers->options->range_size;
  plan->pieces = (plan->what->size + plan->piece - 1) / plan->piece;
  batch->open[batch->open_count++] = plan;
  *out = plan;
  return HW_OK;
}

/* The lock is held, and given up meanwhile: opening reserves the space, which may take long. */
static hw_status open_plan(hw__workers *workers, download_plan *plan, hw_error *err) {
  const hw_download *what = plan->what;
  (void)pthread_mutex_unlock(&workers->lock);
  hw_status status =
      hw_file_open(what->target, what->size, plan->piece, what->identity, &plan->file, err);
  (void)pthread_mutex_lock(&workers->lock);
  if (status == HW_OK) {
    if (plan->together) {
      hw_file_flush_later(plan->file);
    }
    plan->counted = hw_file_done(plan->file);
    atomic_fetch_add(&workers->done, plan->counted);
  }
  return status;
}

/* The lock is held, and given up meanwhile. */
static hw_status fetch_piece(hw__workers *workers, download_plan *plan, uint64_t index,
                             hw_http_response *response, hw_error *err) {
  uint64_t begin = index * plan->piece, size = plan->what->size;
  download_sink sink = {.workers = workers,
                        .plan = plan,
                        .at = begin,
                        .end = size - begin < plan->piece ? size : begin + plan->piece,
                        .ranged = plan->pieces > 1};
  (void)pthread_mutex_unlock(&workers->lock);
  hw_status status = fetch(workers, &sink, response, err);
  (void)pthread_mutex_lock(&workers->lock);
  return status;
}

/* The lock is held, and given up meanwhile. Puts a file in place when nothing of it is missing. */
static hw_status complete(hw__workers *workers, download_batch *batch, download_plan *plan,
                          hw_error *err) {
  bool all = plan->mode == MODE_WHOLE || next_piece(plan) == plan->pieces;
  if (!all || plan->flying > 0) {
    return HW_OK;
  }
  for (unsigned i = 0; i < batch->open_count; i++) {
    if (batch->open[i] == plan) {
      batch->open[i] = batch->open[--batch->open_count];
      break;
    }
  }
  (void)pthread_mutex_unlock(&workers->lock);
  hw_status status = hw_file_commit(plan->file, err);
  hw_file_free(plan->file, false);
  free(plan);
  (void)pthread_mutex_lock(&workers->lock);
  return status;
}

/* The lock is held. */
static hw_status work_at(hw__workers *workers, download_batch *batch, download_plan *plan,
                         hw_http_response *response, hw_error *err) {
  plan->probing = true;
  plan->flying++;
  hw_status status = plan->file == NULL ? open_plan(workers, plan, err) : HW_OK;
  if (status == HW_OK) {
    uint64_t index = next_piece(plan);
    if (index < plan->pieces || plan->pieces == 0) {
      plan->next = index + 1;
      status = fetch_piece(workers, plan, index, response, err);
    }
  }
  plan->flying--;
  return status == HW_OK ? complete(workers, batch, plan, err) : status;
}

static hw_status download_pieces(hw__workers *workers, void *ctx, hw_http_response *response,
                                 hw_error *err) {
  download_batch *batch = ctx;
  hw_status status = HW_OK;
  (void)pthread_mutex_lock(&workers->lock);
  while (status == HW_OK && workers->status == HW_OK) {
    download_plan *plan = NULL;
    status = pick(workers, batch, &plan, err);
    if (status != HW_OK || (plan == NULL && batch->open_count == 0)) {
      break;
    }
    if (plan == NULL) {
      status = hw__workers_wait(workers, err);
      continue;
    }
    status = work_at(workers, batch, plan, response, err);
    (void)pthread_cond_broadcast(&workers->changed);
  }
  (void)pthread_mutex_unlock(&workers->lock);
  return status;
}

/* --- the whole
 * ---------------------------------------------------------------------------------------------- */

/* Whether what has arrived is worth keeping for a later attempt. */
static bool worth_keeping(const download_plan *plan, hw_status status, const hw_error *err) {
  bool broken = status == HW_CANCELLED || status == HW_CALLBACK || status == HW_CONNECT ||
                status == HW_TIMEOUT || status == HW_PROTOCOL || status == HW_CLOSED ||
                (status == HW_IO && (err == NULL || err->os_error == 0));
  return broken && hw_file_done(plan->file) >= 2 * plan->piece;
}

hw_status hw_download_files(hw_http_pool *pool, const hw_download *items, size_t count,
                            const hw_transfer_options *options, hw_http_response *failed,
                            hw_error *err) {
  if (options->parallel == 0 || options->range_size == 0) {
    return hw_error_set(err, HW_ARGUMENT, "parallelism and range size must be at least 1");
  }
  if (count == 0) {
    return HW_OK;
  }
  download_batch batch = {.items = items, .count = count};
  hw__workers *workers = calloc(1, sizeof *workers);
  if (workers == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  *workers = (hw__workers){
      .pool = pool, .options = options, .work = download_pieces, .ctx = &batch, .failed = failed};
  uint64_t requests = 0;
  for (size_t i = 0; i < count; i++) {
    workers->total += items[i].size;
    uint64_t pieces = (items[i].size + options->range_size - 1) / options->range_size;
    requests += pieces > 0 ? pieces : 1;
  }
  unsigned parallel = options->parallel < requests ? options->parallel : (unsigned)requests;
  hw_status status = hw__workers_run(workers, parallel, err);
  if (status == HW_OK && count > 1) {
    status = hw_file_flush_together(items[0].target, err);
  }
  for (unsigned i = 0; i < batch.open_count; i++) {
    download_plan *plan = batch.open[i];
    hw_file_free(plan->file, plan->file != NULL && worth_keeping(plan, status, err));
    free(plan);
  }
  free(workers);
  return status;
}
