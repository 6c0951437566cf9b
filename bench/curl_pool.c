/*
 * The floor of uploading a folder: the same form posts, a few at a time over one connection pool of
 * libcurl. Each file is read whole and sent from memory.
 *
 *     curl_pool URL CA_FILE API_KEY PARALLEL FILE...
 *
 * prints the seconds for all.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROOM = 1 << 20, MOST = 32 };

typedef struct slot {
  CURL *curl;
  char *body;
} slot;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t discard(char *data, size_t size, size_t count, void *ctx) {
  (void)data;
  (void)ctx;
  return size * count;
}

/* Fills the body with the form that a client sends for a file of one chunk. */
static long build(char *body, const char *path) {
  static const char *const names[] = {"templateId",      "flowChunkSize",        "flowTotalSize",
                                      "flowIdentifier",  "flowFilename",         "flowRelativePath",
                                      "flowTotalChunks", "flowCurrentChunkSize", "flowChunkNumber"};
  const char *slash = strrchr(path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return -1;
  }
  (void)fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char values[9][300] = {"-1", "10485760"};
  (void)snprintf(values[2], sizeof values[2], "%ld", size);
  (void)snprintf(values[3], sizeof values[3], "%ld_%s", size, name);
  (void)snprintf(values[4], sizeof values[4], "%s", name);
  (void)snprintf(values[5], sizeof values[5], "%s", name);
  (void)snprintf(values[6], sizeof values[6], "1");
  (void)snprintf(values[7], sizeof values[7], "%ld", size);
  (void)snprintf(values[8], sizeof values[8], "1");
  long at = 0;
  for (int i = 0; i < 9; i++) {
    at += sprintf(body + at,
                  "--0123456789abcdef\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                  names[i], values[i]);
  }
  at += sprintf(body + at,
                "--0123456789abcdef\r\nContent-Disposition: form-data; name=\"file\"; "
                "filename=\"%s\"\r\n\r\n",
                name);
  at += size < ROOM - at - 64 ? (long)fread(body + at, 1, (size_t)size, file) : 0;
  (void)fclose(file);
  return at + sprintf(body + at, "\r\n--0123456789abcdef--\r\n");
}

int main(int argc, char **argv) {
  if (argc < 6 || atoi(argv[4]) < 1 || atoi(argv[4]) > MOST) {
    fprintf(stderr, "usage: curl_pool URL CA_FILE API_KEY PARALLEL FILE...\n");
    return 2;
  }
  char authorization[512];
  int parallel = atoi(argv[4]), next = 5, running = 0, flying = 0, left = 0;
  slot slots[MOST];
  snprintf(authorization, sizeof authorization, "Authorization: ApiKey %s", argv[3]);
  double started = now();
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  struct curl_slist *headers = curl_slist_append(NULL, authorization);
  headers =
      curl_slist_append(headers, "Content-Type: multipart/form-data; boundary=0123456789abcdef");
  headers = curl_slist_append(headers, "Expect:");
  for (int i = 0; i < parallel; i++) {
    slots[i].curl = curl_easy_init();
    slots[i].body = malloc(ROOM);
    curl_easy_setopt(slots[i].curl, CURLOPT_URL, argv[1]);
    curl_easy_setopt(slots[i].curl, CURLOPT_CAINFO, argv[2]);
    curl_easy_setopt(slots[i].curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(slots[i].curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(slots[i].curl, CURLOPT_PRIVATE, &slots[i]);
    curl_easy_setopt(slots[i].curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  }
  slot *idle[MOST];
  int idle_count = parallel;
  for (int i = 0; i < parallel; i++) {
    idle[i] = &slots[i];
  }
  while (next < argc || flying > 0) {
    while (idle_count > 0 && next < argc) {
      slot *use = idle[--idle_count];
      long len = build(use->body, argv[next++]);
      if (len < 0) {
        return 1;
      }
      curl_easy_setopt(use->curl, CURLOPT_POSTFIELDSIZE, len);
      curl_easy_setopt(use->curl, CURLOPT_POSTFIELDS, use->body);
      curl_multi_add_handle(multi, use->curl);
      flying++;
    }
    curl_multi_perform(multi, &running);
    for (CURLMsg *done = curl_multi_info_read(multi, &left); done != NULL;
         done = curl_multi_info_read(multi, &left)) {
      long status = 0;
      curl_easy_getinfo(done->easy_handle, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(done->easy_handle, CURLINFO_PRIVATE, (char **)&idle[idle_count]);
      if (done->data.result != CURLE_OK || status != 200) {
        fprintf(stderr, "request failed: %s (HTTP %ld)\n", curl_easy_strerror(done->data.result),
                status);
        return 1;
      }
      curl_multi_remove_handle(multi, idle[idle_count++]->curl);
      flying--;
    }
    if (flying > 0 && (flying == parallel || next == argc)) {
      curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
  }
  printf("%.9f\n", now() - started);
  return 0;
}
