#include "sigv4.h"

#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { SIGNED_MAX = 1024 * 1024, DIGEST = 32, DATE_LEN = 16, DAY_LEN = 8 };

static const char ALGORITHM[] = "AWS4-HMAC-SHA256";

static void to_hex(const unsigned char *bytes, char *out) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < DIGEST; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  out[2 * DIGEST] = '\0';
}

hw_status hw_sigv4_hash(hw_view bytes, char hash[HW_SIGV4_LEN + 1], hw_error *err) {
  unsigned char digest[DIGEST];
  if (EVP_Digest(bytes.len == 0 ? "" : bytes.ptr, bytes.len, digest, NULL, EVP_sha256(), NULL) !=
      1) {
    return hw_error_set(err, HW_NOMEM, "SHA-256 failed");
  }
  to_hex(digest, hash);
  return HW_OK;
}

static hw_status hmac(const unsigned char *key, size_t key_len, hw_view text,
                      unsigned char out[DIGEST], hw_error *err) {
  if (HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text.ptr, text.len, out, NULL) ==
      NULL) {
    return hw_error_set(err, HW_NOMEM, "HMAC-SHA-256 failed");
  }
  return HW_OK;
}

static bool is_plain(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

static hw_status append_quoted(hw_buf *out, hw_view text, hw_error *err) {
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    if (is_plain(c)) {
      HW_TRY(hw_buf_append_char(out, (char)c, err));
    } else {
      HW_TRY(hw_buf_appendf(out, err, "%%%02X", c));
    }
  }
  return HW_OK;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static hw_status append_lower(hw_buf *out, hw_view text, hw_error *err) {
  for (size_t i = 0; i < text.len; i++) {
    HW_TRY(hw_buf_append_char(out, lower(text.ptr[i]), err));
  }
  return HW_OK;
}

/* Without blanks around, and one for many inside. */
static hw_status append_trimmed(hw_buf *out, hw_view text, hw_error *err) {
  size_t start = out->len;
  for (size_t i = 0; i < text.len; i++) {
    bool blank = text.ptr[i] == ' ' || text.ptr[i] == '\t';
    bool ends = i + 1 == text.len || text.ptr[i + 1] == ' ' || text.ptr[i + 1] == '\t';
    if (!blank) {
      HW_TRY(hw_buf_append_char(out, text.ptr[i], err));
    } else if (!ends && out->len > start) {
      HW_TRY(hw_buf_append_char(out, ' ', err));
    }
  }
  return HW_OK;
}

/* --- sorted pairs
 * ---------------------------------------------------------------------------------------------- */

/* A pair in its signed form: offsets into a buffer that may still move. */
typedef struct entry {
  size_t name, name_len, value, value_len;
  const hw_buf *text;
} entry;

static int compare_bytes(const entry *a, size_t at, size_t len, const entry *b, size_t other,
                         size_t other_len) {
  size_t shared = len < other_len ? len : other_len;
  int order = shared == 0 ? 0 : memcmp(a->text->ptr + at, b->text->ptr + other, shared);
  return order != 0 ? order : (len > other_len) - (len < other_len);
}

static int compare_entries(const void *left, const void *right) {
  const entry *a = left, *b = right;
  int order = compare_bytes(a, a->name, a->name_len, b, b->name, b->name_len);
  return order != 0 ? order : compare_bytes(a, a->value, a->value_len, b, b->value, b->value_len);
}

/* Appends the pairs in order: "a=1&b=2" for a query, lines "a:1" for headers. `names`, where given,
   gets the names alone, joined by ";". */
static hw_status append_sorted(hw_buf *out, const hw_sigv4_pair *pairs, size_t count, bool query,
                               hw_buf *names, hw_error *err) {
  hw_buf text;
  hw_status status = HW_OK;
  hw_buf_init_secret(&text, SIGNED_MAX); /* session tokens are among them */
  entry *entries = calloc(count + 1, sizeof *entries);
  if (entries == NULL) {
    return hw_error_set(err, HW_NOMEM, "no memory to sign a request");
  }
  for (size_t i = 0; i < count && status == HW_OK; i++) {
    entry *one = &entries[i];
    one->text = &text;
    one->name = text.len;
    status =
        query ? append_quoted(&text, pairs[i].name, err) : append_lower(&text, pairs[i].name, err);
    one->name_len = text.len - one->name;
    one->value = text.len;
    if (status == HW_OK) {
      status = query ? append_quoted(&text, pairs[i].value, err)
                     : append_trimmed(&text, pairs[i].value, err);
    }
    one->value_len = text.len - one->value;
  }
  if (status == HW_OK) {
    qsort(entries, count, sizeof *entries, compare_entries);
  }
  for (size_t i = 0; i < count && status == HW_OK; i++) {
    const entry *one = &entries[i];
    hw_view name = {text.ptr + one->name, one->name_len};
    hw_view value = {text.ptr + one->value, one->value_len};
    const char *before = query && i > 0 ? "&" : "";
    status = hw_buf_appendf(out, err, "%s%.*s%s%.*s%s", before, (int)name.len, name.ptr,
                            query ? "=" : ":", (int)value.len, value.ptr, query ? "" : "\n");
    if (status == HW_OK && names != NULL) {
      status = hw_buf_appendf(names, err, "%s%.*s", i == 0 ? "" : ";", (int)name.len, name.ptr);
    }
  }
  hw_buf_free(&text);
  free(entries);
  return status;
}

/* --- what is signed
 * ---------------------------------------------------------------------------------------------- */

static hw_status canonical_request(const hw_sigv4_request *request, hw_buf *out, hw_error *err) {
  char empty[HW_SIGV4_LEN + 1];
  hw_view hash = request->payload_hash;
  hw_buf names;
  hw_buf_init(&names, SIGNED_MAX);
  hw_status status = hw_buf_append_view(out, request->verb, err);
  if (status == HW_OK) {
    status = hw_buf_appendf(out, err, "\n%.*s\n", (int)request->path.len, request->path.ptr);
  }
  if (status == HW_OK) {
    status = append_sorted(out, request->query, request->query_count, true, NULL, err);
  }
  if (status == HW_OK) {
    status = hw_buf_append_char(out, '\n', err);
  }
  if (status == HW_OK) {
    status = append_sorted(out, request->headers, request->header_count, false, &names, err);
  }
  if (status == HW_OK && hash.len == 0) {
    status = hw_sigv4_hash(hash, empty, err);
    hash = hw_view_of(empty);
  }
  if (status == HW_OK) {
    status = hw_buf_appendf(out, err, "\n%s\n%.*s", names.ptr == NULL ? "" : names.ptr,
                            (int)hash.len, hash.ptr);
  }
  hw_buf_free(&names);
  return status;
}

/* Each step is keyed by the one before: day, region, service, a fixed word. */
static hw_status signing_key(const hw_sigv4_key *key, unsigned char out[DIGEST], hw_error *err) {
  hw_buf first;
  hw_buf_init_secret(&first, SIGNED_MAX);
  hw_status status = hw_buf_append_str(&first, "AWS4", err);
  if (status == HW_OK) {
    status = hw_buf_append_view(&first, key->secret, err);
  }
  if (status == HW_OK) {
    hw_view day = {key->date.ptr, DAY_LEN};
    status = hmac((const unsigned char *)first.ptr, first.len, day, out, err);
  }
  hw_buf_free(&first);
  const hw_view steps[] = {key->region, key->service, hw_view_of("aws4_request")};
  for (size_t i = 0; i < sizeof steps / sizeof *steps && status == HW_OK; i++) {
    unsigned char next[DIGEST];
    status = hmac(out, DIGEST, steps[i], next, err);
    memcpy(out, next, DIGEST);
    hw_wipe(next, sizeof next);
  }
  return status;
}

static bool is_date(hw_view date) {
  if (date.len != DATE_LEN || date.ptr[DAY_LEN] != 'T' || date.ptr[DATE_LEN - 1] != 'Z') {
    return false;
  }
  for (size_t i = 0; i < DATE_LEN - 1; i++) {
    if (i != DAY_LEN && (date.ptr[i] < '0' || date.ptr[i] > '9')) {
      return false;
    }
  }
  return true;
}

hw_status hw_sigv4_sign(const hw_sigv4_request *request, const hw_sigv4_key *key,
                        char signature[HW_SIGV4_LEN + 1], hw_error *err) {
  char hash[HW_SIGV4_LEN + 1];
  unsigned char derived[DIGEST] = {0}, digest[DIGEST];
  hw_buf text;
  if (!is_date(key->date)) {
    return hw_error_set(err, HW_ARGUMENT,
                        "the date of a signature must be like 20150830T123600Z, not \"%.*s\"",
                        (int)key->date.len, key->date.len == 0 ? "" : key->date.ptr);
  }
  hw_buf_init_secret(&text, SIGNED_MAX);
  hw_status status = canonical_request(request, &text, err);
  if (status == HW_OK) {
    status = hw_sigv4_hash(hw_buf_view(&text), hash, err);
  }
  hw_buf_clear(&text);
  if (status == HW_OK) {
    status = hw_buf_appendf(&text, err, "%s\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n%s", ALGORITHM,
                            (int)key->date.len, key->date.ptr, (int)DAY_LEN, key->date.ptr,
                            (int)key->region.len, key->region.ptr, (int)key->service.len,
                            key->service.ptr, hash);
  }
  if (status == HW_OK) {
    status = signing_key(key, derived, err);
  }
  if (status == HW_OK) {
    status = hmac(derived, DIGEST, hw_buf_view(&text), digest, err);
  }
  if (status == HW_OK) {
    to_hex(digest, signature);
  }
  hw_wipe(derived, sizeof derived);
  hw_buf_free(&text);
  return status;
}
