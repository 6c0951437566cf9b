/*
 * server.h - runs tests/scripted_server.py as a child process for the tests of the core.
 */
#ifndef HW_TESTS_SERVER_H
#define HW_TESTS_SERVER_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct server {
  pid_t pid;
  int to_child;
  FILE *from_child;
  int port;
  char url[64];
  char report[16384]; /* after server_stop: what the server saw, a line each request */
} server;

/* Starts a server with a script in JSON. `tls` says which scheme the URL gets. */
static inline void server_start(server *self, const char *script, int tls) {
  int in[2];
  int out[2];
  char line[64];
  memset(self, 0, sizeof *self);
  /* Another server must not inherit the ends that this process keeps. */
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    perror("pipe");
    exit(2);
  }
  self->pid = fork();
  if (self->pid == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[0]);
    close(in[1]);
    close(out[0]);
    close(out[1]);
    /* The interpreter of the build may be sanitized; its leaks are not ours. */
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    execl(HW_PYTHON, HW_PYTHON, HW_SOURCE_DIR "/tests/scripted_server.py", script, (char *)NULL);
    perror(HW_PYTHON);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  self->to_child = in[1];
  self->from_child = fdopen(out[0], "r");
  if (self->from_child == NULL || fgets(line, sizeof line, self->from_child) == NULL) {
    (void)fprintf(stderr, "the scripted server did not start\n");
    exit(2);
  }
  self->port = (int)strtol(line, NULL, 10);
  (void)snprintf(self->url, sizeof self->url, "%s://localhost:%d", tls ? "https" : "http",
                 self->port);
}

/* Ends the server; 0 when it saw exactly what its script expects. */
static inline int server_stop(server *self) {
  size_t used = 0;
  int status = 0;
  close(self->to_child);
  while (used + 1 < sizeof self->report &&
         fgets(self->report + used, (int)(sizeof self->report - used), self->from_child) != NULL) {
    used += strlen(self->report + used);
  }
  (void)fclose(self->from_child);
  waitpid(self->pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The number after a word at the beginning of a line of the report; -1 when there is none. */
static inline long server_count(const server *self, const char *word) {
  const char *line = strstr(self->report, word);
  return line == NULL ? -1 : strtol(line + strlen(word), NULL, 10);
}

#endif
