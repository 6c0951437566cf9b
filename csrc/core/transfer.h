/*
 * transfer.h - whole files to and from the file system of a project.
 *
 * Uploads send a file as numbered chunks (multipart/form-data), several at a time; downloads fetch
 * ranges, several at a time, where the server offers them. Both read and write in small buffers,
 * repeat what failed for a passing reason, and stop within a tick when the caller says so. A
 * downloaded file appears under its name only when it is complete. Built on http.h and file.h; the
 * loop that shares the work among threads is transfer_workers.h.
 */
#ifndef HW_TRANSFER_H
#define HW_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"
#include "http.h"

/* How a transfer is carried out. */
typedef struct hw_transfer_options {
  const hw_http_header *headers; /* borrowed; further headers of every request */
  size_t header_count;
  unsigned parallel;         /* requests at a time, at least 1 */
  unsigned retries;          /* repetitions of one chunk or range */
  int64_t retry_interval_ms; /* before the first repetition, doubled after each */
  int64_t timeout_ms;        /* for the whole transfer; 0: none */
  uint64_t range_size;       /* bytes of a range; larger files are fetched in several */
  hw_http_hooks hooks;       /* called on the thread that called the transfer */
  /* Bytes moved so far; may be NULL. A failure ends the transfer. Same thread, same ctx as the
   * hooks. */
  hw_status (*progress)(void *ctx, uint64_t done, uint64_t total, hw_error *err);
} hw_transfer_options;

/* One request at a time, three repetitions, the first after one second, no limit of time, ranges of
 * 8 MiB. */
void hw_transfer_options_init(hw_transfer_options *options);

typedef struct hw_upload_item {
  const char *local_path; /* borrowed */
  const char *url;        /* borrowed: where its chunks are posted, quoted */
  const char *name;       /* borrowed: its name on the server */
} hw_upload_item;

/*
 * Sends files. The first chunk of each file is sent alone, for it is what the server refuses. On
 * HW_HTTP, `failed` (initialised by the caller, owned by it) is the server's answer.
 */
hw_status hw_upload_files(hw_http_pool *pool, const hw_upload_item *items, size_t count,
                          uint64_t chunk_size, const hw_transfer_options *options,
                          hw_http_response *failed, hw_error *err) HW_MUST_CHECK;

typedef struct hw_download {
  const char *url;    /* borrowed, quoted */
  const char *target; /* borrowed: path of the file to write */
  uint64_t size;      /* as announced; anything else is HW_INTEGRITY */
  hw_view identity;   /* borrowed; changes when the content does. Empty: never continue an earlier
                         attempt */
} hw_download;

/* Fetches files, the pieces of all of them side by side. `failed` as above. What could be continued
   of a file that broke off is kept beside its target. Several files must lie on one file system,
   for they are flushed together, when all of them have their names. */
hw_status hw_download_files(hw_http_pool *pool, const hw_download *items, size_t count,
                            const hw_transfer_options *options, hw_http_response *failed,
                            hw_error *err) HW_MUST_CHECK;

#endif
