/*
 * The floor of the request benchmarks: URLs fetched one after the other with plain libcurl, over
 * one kept connection, the body read and thrown away. Nothing is parsed and nothing is built.
 *
 *     curl_loop CA_FILE API_KEY COUNT [-HHEADER]... URL...
 *
 * A URL may have a verb before it, and a JSON body between both: 'POST {"a": 1} https://…'. It goes
 * through the URLs COUNT times and prints the seconds of each request, a line each. libcurl is
 * loaded when it is needed, as an extension module loads it, so the first line has that in it, and
 * what libcurl needs to start.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The functions of libcurl, found when it was loaded. */
static struct {
  CURLcode (*global_init)(long flags);
  CURL *(*easy_init)(void);
  CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
  CURLcode (*easy_perform)(CURL *curl);
  CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
  const char *(*easy_strerror)(CURLcode code);
  struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
} lib;

static int load(void) {
  static const char *const names[] = {
      "curl_global_init",  "curl_easy_init",     "curl_easy_setopt", "curl_easy_perform",
      "curl_easy_getinfo", "curl_easy_strerror", "curl_slist_append"};
  void *handle = dlopen("libcurl.so.4", RTLD_NOW);
  for (size_t i = 0; handle != NULL && i < sizeof names / sizeof names[0]; i++) {
    ((void **)&lib)[i] = dlsym(handle, names[i]);
  }
  return handle != NULL;
}

static size_t discard(char *data, size_t size, size_t count, void *total) {
  (void)data;
  *(size_t *)total += size * count;
  return size * count;
}

/* Sets the verb, body and address of "VERB BODY URL", "VERB URL" or "URL". */
static void set_request(CURL *curl, const char *what) {
  static char verb[16];
  static char body[4096];
  const char *space = strchr(what, ' ');
  const char *url = strrchr(what, ' ');
  if (space == NULL) {
    lib.easy_setopt(curl, CURLOPT_URL, what);
    return;
  }
  snprintf(verb, sizeof verb, "%.*s", (int)(space - what), what);
  snprintf(body, sizeof body, "%.*s", space == url ? 0 : (int)(url - space - 1), space + 1);
  lib.easy_setopt(curl, CURLOPT_POSTFIELDS, body[0] == '\0' ? NULL : body);
  lib.easy_setopt(curl, CURLOPT_HTTPGET, body[0] == '\0' ? 1L : 0L);
  if (body[0] != '\0') {
    lib.easy_setopt(curl, CURLOPT_POST, 1L);
  }
  lib.easy_setopt(curl, CURLOPT_CUSTOMREQUEST, verb);
  lib.easy_setopt(curl, CURLOPT_URL, url + 1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: curl_loop CA_FILE API_KEY COUNT URL...\n");
    return 2;
  }
  char authorization[512];
  snprintf(authorization, sizeof authorization, "Authorization: ApiKey %s", argv[2]);
  long count = strtol(argv[3], NULL, 10);
  int exit_code = 1;
  struct curl_slist *headers = NULL;
  CURL *curl = NULL;
  double started = now();

  if (!load() || lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return 1;
  }
  headers = lib.slist_append(NULL, authorization);
  int first = 4;
  for (; first < argc - 1 && strncmp(argv[first], "-H", 2) == 0; first++) {
    headers = lib.slist_append(headers, argv[first] + 2);
  }
  curl = lib.easy_init();
  if (headers == NULL || curl == NULL) {
    goto done;
  }
  size_t total = 0;
  lib.easy_setopt(curl, CURLOPT_CAINFO, argv[1]);
  lib.easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  lib.easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
  lib.easy_setopt(curl, CURLOPT_WRITEDATA, &total);
  for (long i = 0; i < count * (argc - first); i++) {
    set_request(curl, argv[first + i % (argc - first)]);
    CURLcode code = lib.easy_perform(curl);
    double ended = now();
    long status = 0;
    lib.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status < 200 || status > 299) {
      fprintf(stderr, "request failed: %s (HTTP %ld)\n", lib.easy_strerror(code), status);
      goto done;
    }
    printf("%.9f\n", ended - started);
    started = now();
  }
  exit_code = 0;
done:
  return exit_code; /* the process ends: nothing needs to be freed */
}
