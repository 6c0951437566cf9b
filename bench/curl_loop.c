/*
 * The floor of the request benchmarks: URLs fetched one after the other with plain libcurl, over
 * one kept connection, the body read and thrown away. Nothing is parsed and nothing is built.
 *
 *     curl_loop CA_FILE API_KEY COUNT URL...
 *
 * goes through the URLs COUNT times and prints the seconds of each request, a line each; the first
 * has in it what libcurl needs to start.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t discard(char *data, size_t size, size_t count, void *total) {
  (void)data;
  *(size_t *)total += size * count;
  return size * count;
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

  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return 1;
  }
  headers = curl_slist_append(NULL, authorization);
  curl = curl_easy_init();
  if (headers == NULL || curl == NULL) {
    goto done;
  }
  size_t total = 0;
  curl_easy_setopt(curl, CURLOPT_CAINFO, argv[1]);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &total);
  for (long i = 0; i < count * (argc - 4); i++) {
    curl_easy_setopt(curl, CURLOPT_URL, argv[4 + i % (argc - 4)]);
    CURLcode code = curl_easy_perform(curl);
    double ended = now();
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200) {
      fprintf(stderr, "request failed: %s (HTTP %ld)\n", curl_easy_strerror(code), status);
      goto done;
    }
    printf("%.9f\n", ended - started);
    started = now();
  }
  exit_code = 0;
done:
  curl_easy_cleanup(curl);
  curl_slist_free_all(headers);
  curl_global_cleanup();
  return exit_code;
}
