/*
 * replay.c - runs a fuzz target over the files of its corpus, so that every find stays an ordinary
 * test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return -1;
  }
  int result = -1;
  uint8_t *data = NULL;
  if (fseek(file, 0, SEEK_END) == 0) {
    long size = ftell(file);
    rewind(file);
    data = malloc(size > 0 ? (size_t)size : 1);
    if (size >= 0 && data != NULL && fread(data, 1, (size_t)size, file) == (size_t)size) {
      (void)LLVMFuzzerTestOneInput(data, (size_t)size);
      result = 0;
    }
  }
  free(data);
  (void)fclose(file);
  return result;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    (void)fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  DIR *folder = opendir(argv[1]);
  if (folder == NULL) {
    (void)fprintf(stderr, "%s: no such corpus\n", argv[1]);
    return 1;
  }
  int replayed = 0, failed = 0;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (entry->d_name[0] != '.') {
      char path[4096];
      (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
      if (replay_file(path) != 0) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        failed++;
      }
      replayed++;
    }
  }
  (void)closedir(folder);
  (void)printf("%d files replayed\n", replayed);
  return replayed > 0 && failed == 0 ? 0 : 1;
}
