/*
 * http_stream.h - requests whose content is pushed, or whose answer is pulled, piece by piece.
 */
#ifndef HW_HTTP_STREAM_H
#define HW_HTTP_STREAM_H

#include "http.h"

/*
 * A request whose content is pushed by the caller, or whose answer is pulled, piece by piece. One
 * thread at a time. It has no retries, for its content is gone once sent. `source` and `sink` of
 * the request are not used; the request and its hooks must live until hw_http_stream_free().
 */
typedef struct hw_http_stream hw_http_stream;

/* Begins a request with content (sent chunked). *out is owned: hw_http_stream_free(). */
hw_status hw_http_stream_open_upload(hw_http_pool *pool, const hw_http_request *request,
                                     hw_http_stream **out, hw_error *err) HW_MUST_CHECK;
/* Returns when the bytes were taken. HW_HTTP when the server answered before the end: see the
 * response. */
hw_status hw_http_stream_write(hw_http_stream *stream, hw_view bytes, hw_error *err) HW_MUST_CHECK;
/* Ends the content and waits for the answer, any status. Unless the request has a read timeout of
 * its own, the server may be silent for ten times that of the pool while it works. */
hw_status hw_http_stream_finish(hw_http_stream *stream, hw_error *err) HW_MUST_CHECK;

/* Sends a request and waits for the head of the answer, any status; redirects and retries happen
 * before. */
hw_status hw_http_stream_open_download(hw_http_pool *pool, const hw_http_request *request,
                                       hw_http_stream **out, hw_error *err) HW_MUST_CHECK;
/* Up to `room` bytes, which are waited for; *got = 0 is the end of the content. */
hw_status hw_http_stream_read(hw_http_stream *stream, void *into, size_t room, size_t *got,
                              hw_error *err) HW_MUST_CHECK;

/* Changes the hooks for the next calls (another thread state, another wait). */
void hw_http_stream_set_hooks(hw_http_stream *stream, hw_http_hooks hooks);
/* Borrowed until the stream is freed. */
hw_http_response *hw_http_stream_response(hw_http_stream *stream);
/* Frees; a request that is not complete is broken off. NULL is allowed. */
void hw_http_stream_free(hw_http_stream *stream);

#endif
