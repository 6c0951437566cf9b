#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "transfer_workers.h"

/* The answer to the last chunk may take long: the server puts the file together before it comes. */
enum { BOUNDARY_BYTES = 16, FORM_MAX = 16384, CHUNKS_MAX = 10000, ANSWER_PATIENCE = 5 };

/* One file: guarded by the lock of the workers. */
typedef struct upload_file {
  const hw_upload_item *item;
  int fd; /* -1 before its first chunk was begun and after its last was sent */
  uint64_t size;
  struct timespec modified;
  uint64_t chunk_size;
  uint64_t chunks; /* at least 1: an empty file is one empty chunk */
  uint64_t next;   /* the next chunk to begin */
  uint64_t sent;   /* chunks that the server has */
} upload_file;

typedef struct upload_plan {
  upload_file *files;
  size_t count;
  size_t first_open; /* files before it are sent, or all their chunks are begun */
  char boundary[2 * BOUNDARY_BYTES + 1];
} upload_plan;

/* The content of one chunk request: form fields, bytes of the file, end mark. */
typedef struct chunk_source {
  hw__workers *workers;
  const upload_file *file;
  uint64_t begin, length; /* of the chunk in the file */
  hw_buf head;
  char tail[2 * BOUNDARY_BYTES + 16];
  size_t tail_len;
  uint64_t at; /* in head + chunk + tail */
  uint64_t counted;
} chunk_source;

/* --- the form
 * -----------------------------------------------------------------------------------------------
 */

static hw_status append_field(hw_buf *form, const char *boundary, const char *name,
                              const char *format, uint64_t number, hw_error *err) {
  char value[32];
  (void)snprintf(value, sizeof value, format, (unsigned long long)number);
  return hw_buf_appendf(form, err,
                        "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                        boundary, name, value);
}

static hw_status append_name_field(hw_buf *form, const char *boundary, const char *field,
                                   const char *name, hw_error *err) {
  return hw_buf_appendf(form, err,
                        "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                        boundary, field, name);
}

/* The name inside quotes of a header: what would end the quotes or the line is percent-encoded. */
static hw_status append_quoted(hw_buf *form, const char *name, hw_error *err) {
  for (const char *at = name; *at != '\0'; at++) {
    const char *code = *at == '"' ? "%22" : *at == '\r' ? "%0D" : *at == '\n' ? "%0A" : NULL;
    HW_TRY(code != NULL ? hw_buf_append_str(form, code, err) : hw_buf_append_char(form, *at, err));
  }
  return HW_OK;
}

static hw_status build_form(chunk_source *source, const char *boundary, uint64_t index,
                            hw_error *err) {
  const upload_file *file = source->file;
  const char *name = file->item->name;
  hw_buf *form = &source->head;
  HW_TRY(hw_buf_appendf(form, err,
                        "--%s\r\nContent-Disposition: form-data; name=\"templateId\"\r\n\r\n-1\r\n",
                        boundary));
  HW_TRY(append_field(form, boundary, "flowChunkSize", "%llu", file->chunk_size, err));
  HW_TRY(append_field(form, boundary, "flowTotalSize", "%llu", file->size, err));
  HW_TRY(hw_buf_appendf(form, err,
                        "--%s\r\nContent-Disposition: form-data; name=\"flowIdentifier\"\r\n\r\n"
                        "%llu_%s\r\n",
                        boundary, (unsigned long long)file->size, name));
  HW_TRY(append_name_field(form, boundary, "flowFilename", name, err));
  HW_TRY(append_name_field(form, boundary, "flowRelativePath", name, err));
  HW_TRY(append_field(form, boundary, "flowTotalChunks", "%llu", file->size == 0 ? 0 : file->chunks,
                      err));
  HW_TRY(append_field(form, boundary, "flowCurrentChunkSize", "%llu", source->length, err));
  HW_TRY(append_field(form, boundary, "flowChunkNumber", "%llu", index + 1, err));
  HW_TRY(hw_buf_appendf(
      form, err, "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"", boundary));
  HW_TRY(append_quoted(form, name, err));
  return hw_buf_append_str(form, "\"\r\n\r\n", err);
}

/* --- the content of a request
 * ------------------------------------------------------------------------------- */

static hw_status changed_error(const upload_file *file, hw_error *err) {
  return hw_error_set(
      err, HW_INTEGRITY,
      "%s changed while it was being uploaded. Upload it again when nothing writes to it.",
      file->item->local_path);
}

static hw_status read_file(chunk_source *source, uint64_t offset, char *into, size_t room,
                           size_t *got, hw_error *err) {
  const upload_file *file = source->file;
  ssize_t read = -1;
  do {
    read = pread(file->fd, into, room, (off_t)(source->begin + offset));
  } while (read < 0 && errno == EINTR);
  if (read < 0) {
    return hw_file_error(err, errno, "reading", file->item->local_path);
  }
  if (read == 0) {
    return changed_error(file, err);
  }
  *got = (size_t)read;
  source->counted += (uint64_t)read;
  atomic_fetch_add(&source->workers->done, (uint64_t)read);
  return HW_OK;
}

static hw_status read_source(void *ctx, char *into, size_t room, size_t *got, hw_error *err) {
  chunk_source *source = ctx;
  uint64_t head = source->head.len, content = head + source->length;
  uint64_t end = content + source->tail_len;
  *got = 0;
  while (*got < room && source->at < end) {
    size_t part = 0;
    size_t left = room - *got;
    if (source->at < head) {
      part = (size_t)(head - source->at) < left ? (size_t)(head - source->at) : left;
      memcpy(into + *got, source->head.ptr + source->at, part);
    } else if (source->at < content) {
      uint64_t rest = content - source->at;
      HW_TRY(read_file(source, source->at - head, into + *got, rest < left ? (size_t)rest : left,
                       &part, err));
    } else {
      part = (size_t)(end - source->at) < left ? (size_t)(end - source->at) : left;
      memcpy(into + *got, source->tail + (source->at - content), part);
    }
    *got += part;
    source->at += part;
  }
  return HW_OK;
}

static hw_status rewind_source(void *ctx, hw_error *err) {
  chunk_source *source = ctx;
  (void)err;
  atomic_fetch_sub(&source->workers->done, source->counted);
  source->counted = 0;
  source->at = 0;
  return HW_OK;
}

/* --- one chunk
 * ---------------------------------------------------------------------------------------------- */

static hw_status check_unchanged(const upload_file *file, hw_error *err) {
  struct stat now;
  if (fstat(file->fd, &now) != 0) {
    return hw_file_error(err, errno, "reading", file->item->local_path);
  }
  if ((uint64_t)now.st_size != file->size || now.st_mtim.tv_sec != file->modified.tv_sec ||
      now.st_mtim.tv_nsec != file->modified.tv_nsec) {
    return changed_error(file, err);
  }
  return HW_OK;
}

static hw_status post_chunk(hw__workers *workers, chunk_source *source, const char *boundary,
                            hw_http_response *response, hw_error *err) {
  char type[96];
  int type_len = snprintf(type, sizeof type, "multipart/form-data; boundary=%s", boundary);
  const hw_transfer_options *options = workers->options;
  hw_http_header headers[8];
  size_t count = options->header_count < 7 ? options->header_count : 7;
  for (size_t i = 0; i < count; i++) {
    headers[i] = options->headers[i];
  }
  headers[count++] =
      (hw_http_header){.name = hw_view_of("Content-Type"), .value = {type, (size_t)type_len}};
  hw_http_source body = {.read = read_source,
                         .rewind = rewind_source,
                         .ctx = source,
                         .length = (int64_t)(source->head.len + source->length + source->tail_len)};
  for (unsigned failures = 0;;) {
    hw_http_request request;
    HW_TRY(hw__workers_request(workers, &request, "POST", source->file->item->url, err));
    request.headers = headers;
    request.header_count = count;
    request.source = &body;
    request.patience = ANSWER_PATIENCE;
    hw_status status = check_unchanged(source->file, err);
    if (status != HW_OK) {
      return status;
    }
    status = hw_http_send(workers->pool, &request, response, err);
    if (status == HW_OK) {
      status = hw_http_check(workers->pool, &request, response, err);
    }
    if (status == HW_OK) {
      return HW_OK;
    }
    HW_TRY(hw__workers_pause(workers, status, ++failures, response, err));
    HW_TRY(rewind_source(source, err));
  }
}

static hw_status send_chunk(hw__workers *workers, const upload_plan *plan, const upload_file *file,
                            uint64_t index, hw_http_response *response, hw_error *err) {
  uint64_t begin = index * file->chunk_size;
  uint64_t left = file->size - begin;
  chunk_source source = {.workers = workers,
                         .file = file,
                         .begin = begin,
                         .length = left < file->chunk_size ? left : file->chunk_size};
  hw_buf_init(&source.head, FORM_MAX);
  source.tail_len =
      (size_t)snprintf(source.tail, sizeof source.tail, "\r\n--%s--\r\n", plan->boundary);
  hw_status status = build_form(&source, plan->boundary, index, err);
  if (status == HW_OK) {
    status = post_chunk(workers, &source, plan->boundary, response, err);
  }
  hw_buf_free(&source.head);
  return status;
}

/* --- sharing the chunks
 * ------------------------------------------------------------------------------------- */

static hw_status open_file(upload_file *file, hw_error *err) {
  struct stat now;
  const char *path = file->item->local_path;
  file->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (file->fd < 0) {
    return hw_file_error(err, errno, "opening", path);
  }
#ifdef POSIX_FADV_SEQUENTIAL
  (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
  if (fstat(file->fd, &now) != 0) {
    return hw_file_error(err, errno, "reading", path);
  }
  return (uint64_t)now.st_size == file->size ? HW_OK : changed_error(file, err);
}

/* The lock is held. Chunks in order; those after a file's first only once that was taken. */
static upload_file *pick(upload_plan *plan) {
  while (plan->first_open < plan->count &&
         plan->files[plan->first_open].next == plan->files[plan->first_open].chunks) {
    plan->first_open++;
  }
  for (size_t i = plan->first_open; i < plan->count; i++) {
    upload_file *file = &plan->files[i];
    if (file->next == 0 || (file->next < file->chunks && file->sent > 0)) {
      return file;
    }
  }
  return NULL;
}

static hw_status upload_chunks(hw__workers *workers, void *ctx, hw_http_response *response,
                               hw_error *err) {
  upload_plan *plan = ctx;
  hw_status status = HW_OK;
  (void)pthread_mutex_lock(&workers->lock);
  while (status == HW_OK && workers->status == HW_OK) {
    upload_file *file = pick(plan);
    if (file == NULL && plan->first_open == plan->count) {
      break;
    }
    if (file == NULL) {
      status = hw__workers_wait(workers, err);
      continue;
    }
    uint64_t index = file->next++;
    if (index == 0) {
      status = open_file(file, err);
    }
    if (status != HW_OK) {
      break;
    }
    (void)pthread_mutex_unlock(&workers->lock);
    status = send_chunk(workers, plan, file, index, response, err);
    (void)pthread_mutex_lock(&workers->lock);
    if (status == HW_OK && ++file->sent == file->chunks) {
      status = check_unchanged(file, err);
      (void)close(file->fd);
      file->fd = -1;
    }
    (void)pthread_cond_broadcast(&workers->changed);
  }
  (void)pthread_mutex_unlock(&workers->lock);
  return status;
}

/* --- the whole
 * ---------------------------------------------------------------------------------------------- */

/* Looked at before anything is sent, so that a missing file costs no request. */
static hw_status look_at(upload_file *file, const hw_upload_item *item, uint64_t chunk_size,
                         hw_error *err) {
  struct stat now;
  *file = (upload_file){.item = item, .fd = -1};
  if (stat(item->local_path, &now) != 0) {
    return hw_file_error(err, errno, "opening", item->local_path);
  }
  if (!S_ISREG(now.st_mode)) {
    return hw_error_set(err, HW_ARGUMENT, "%s is not a regular file", item->local_path);
  }
  file->size = (uint64_t)now.st_size;
  file->modified = now.st_mtim;
  /* Servers take at most 10,000 chunks a file. */
  uint64_t least = (file->size + CHUNKS_MAX - 1) / CHUNKS_MAX;
  file->chunk_size = chunk_size > least ? chunk_size : least;
  file->chunks = file->size == 0 ? 1 : (file->size + file->chunk_size - 1) / file->chunk_size;
  return HW_OK;
}

static hw_status make_boundary(upload_plan *plan, hw_error *err) {
  unsigned char random[BOUNDARY_BYTES];
  if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
    return hw_error_set(err, HW_IO, "the system gives no random numbers");
  }
  for (size_t i = 0; i < sizeof random; i++) {
    (void)snprintf(plan->boundary + 2 * i, 3, "%02x", random[i]);
  }
  return HW_OK;
}

hw_status hw_upload_files(hw_http_pool *pool, const hw_upload_item *items, size_t count,
                          uint64_t chunk_size, const hw_transfer_options *options,
                          hw_http_response *failed, hw_error *err) {
  hw_status status = HW_OK;
  uint64_t chunks = 0;
  hw__workers *workers = NULL;
  upload_plan plan = {.count = count};
  if (chunk_size == 0 || options->parallel == 0) {
    return hw_error_set(err, HW_ARGUMENT, "chunk size and parallelism must be at least 1");
  }
  if (count == 0) {
    return HW_OK;
  }
  workers = calloc(1, sizeof *workers);
  plan.files = calloc(count, sizeof *plan.files);
  if (workers == NULL || plan.files == NULL) {
    status = hw_error_set(err, HW_NOMEM, "out of memory");
    goto done;
  }
  *workers = (hw__workers){
      .pool = pool, .options = options, .work = upload_chunks, .ctx = &plan, .failed = failed};
  for (size_t i = 0; i < count; i++) {
    status = look_at(&plan.files[i], &items[i], chunk_size, err);
    if (status != HW_OK) {
      plan.count = i;
      goto done;
    }
    chunks += plan.files[i].chunks;
    workers->total += plan.files[i].size;
  }
  status = make_boundary(&plan, err);
  if (status == HW_OK) {
    unsigned parallel = options->parallel < chunks ? options->parallel : (unsigned)chunks;
    status = hw__workers_run(workers, parallel, err);
  }
done:
  for (size_t i = 0; plan.files != NULL && i < plan.count; i++) {
    if (plan.files[i].fd >= 0) {
      (void)close(plan.files[i].fd);
    }
  }
  free(plan.files);
  free(workers);
  return status;
}
