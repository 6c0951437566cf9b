/*
 * sigv4.h - signatures of requests to AWS, version 4 (AWS4-HMAC-SHA256).
 *
 * Only the signature is made here: what is signed, and whether it travels in a header or in the
 * query, is the caller's. Nothing keeps state; any thread may sign. The secret key and all keys
 * derived from it are wiped.
 */
#ifndef HW_SIGV4_H
#define HW_SIGV4_H

#include <stddef.h>

#include "buf.h"
#include "error.h"

/* A query parameter or header; borrowed. */
typedef struct hw_sigv4_pair {
  hw_view name;
  hw_view value;
} hw_sigv4_pair;

typedef struct hw_sigv4_request {
  hw_view verb;
  hw_view path;               /* quoted as it travels; "/" for none */
  const hw_sigv4_pair *query; /* not quoted, in any order; without the signature */
  size_t query_count;
  const hw_sigv4_pair *headers; /* those that are signed, in any order, each name once */
  size_t header_count;
  hw_view payload_hash; /* SHA-256 of the body in hex, or "UNSIGNED-PAYLOAD"; empty: no body */
} hw_sigv4_request;

/* Who signs, when and for which service. */
typedef struct hw_sigv4_key {
  hw_view secret; /* secret access key */
  hw_view date;   /* "20150830T123600Z" */
  hw_view region;
  hw_view service;
} hw_sigv4_key;

enum { HW_SIGV4_LEN = 64 };

/* Writes the signature in hex, NUL-terminated. HW_ARGUMENT: the date is no moment like the one
   above. HW_LIMIT: more than 1 MiB to sign. */
hw_status hw_sigv4_sign(const hw_sigv4_request *request, const hw_sigv4_key *key,
                        char signature[HW_SIGV4_LEN + 1], hw_error *err) HW_MUST_CHECK;

/* SHA-256 of bytes in hex, NUL-terminated. */
hw_status hw_sigv4_hash(hw_view bytes, char hash[HW_SIGV4_LEN + 1], hw_error *err) HW_MUST_CHECK;

#endif
