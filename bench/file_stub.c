/*
 * A stub of a cluster's file service, and of lakeFS: a thread a connection, nothing kept. Uploads
 * are read and forgotten, downloads are made up, so that what is measured is the client.
 *
 *     file_stub CERTIFICATE KEY FOLDER SIZE
 *
 * prints its port. With "-" for both it speaks plain HTTP. FOLDER holds the answers to other
 * requests as <path>.json; SIZE is that of every file that is downloaded.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, CONTENT = 1 << 20, PATH = 2048 };

static SSL_CTX *context;
static const char *folder;
static unsigned long long size;
static char content[CONTENT];

typedef struct connection {
  int fd;
  SSL *ssl;          /* NULL for plain HTTP */
  size_t begin, end; /* of what has been read and not used */
  char buffer[BUFFER];
} connection;

static long receive(connection *peer, char *into, size_t room) {
  return peer->ssl != NULL ? SSL_read(peer->ssl, into, (int)room) : recv(peer->fd, into, room, 0);
}

/* More bytes behind those that are there; false at the end. */
static bool more(connection *peer) {
  if (peer->begin > 0) {
    memmove(peer->buffer, peer->buffer + peer->begin, peer->end - peer->begin);
    peer->end -= peer->begin;
    peer->begin = 0;
  }
  if (peer->end == BUFFER) {
    return false;
  }
  long got = receive(peer, peer->buffer + peer->end, BUFFER - peer->end);
  peer->end += got > 0 ? (size_t)got : 0;
  return got > 0;
}

static bool skip(connection *peer, unsigned long long count) {
  size_t there = peer->end - peer->begin;
  if (count <= there) {
    peer->begin += (size_t)count;
    return true;
  }
  count -= there;
  peer->begin = peer->end = 0;
  while (count > 0) {
    long got = receive(peer, peer->buffer, count < BUFFER ? (size_t)count : BUFFER);
    if (got <= 0) {
      return false;
    }
    count -= (unsigned long long)got;
  }
  return true;
}

static bool skip_chunks(connection *peer) {
  for (;;) {
    char *end;
    while ((end = memmem(peer->buffer + peer->begin, peer->end - peer->begin, "\r\n", 2)) == NULL) {
      if (!more(peer)) {
        return false;
      }
    }
    unsigned long long count = strtoull(peer->buffer + peer->begin, NULL, 16);
    peer->begin = (size_t)(end - peer->buffer) + 2;
    if (!skip(peer, count + 2)) {
      return false;
    }
    if (count == 0) {
      return true;
    }
  }
}

static bool send_all(connection *peer, const char *bytes, unsigned long long count) {
  if (peer->ssl != NULL) {
    return count == 0 || SSL_write(peer->ssl, bytes, (int)count) == (int)count;
  }
  while (count > 0) {
    ssize_t sent = send(peer->fd, bytes, count, 0);
    if (sent <= 0) {
      return false;
    }
    bytes += sent;
    count -= (unsigned long long)sent;
  }
  return true;
}

static bool answer(connection *peer, const char *status, const char *body) {
  char text[8192];
  int len = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
                     strlen(body), body);
  return send_all(peer, text, (unsigned long long)len);
}

static bool send_file(connection *peer, const char *range) {
  char head[256];
  unsigned long long first = 0, last = size - 1;
  bool ranged = range != NULL && sscanf(range, "bytes=%llu-%llu", &first, &last) >= 1;
  int len =
      snprintf(head, sizeof head,
               "HTTP/1.1 %s\r\nContent-Length: %llu\r\nETag: \"1\"\r\n"
               "Content-Range: bytes %llu-%llu/%llu\r\n\r\n",
               ranged ? "206 Partial Content" : "200 OK", last - first + 1, first, last, size);
  if (!send_all(peer, head, (unsigned long long)len)) {
    return false;
  }
  while (first <= last) {
    unsigned long long at = first % CONTENT;
    unsigned long long part = last - first + 1 < CONTENT - at ? last - first + 1 : CONTENT - at;
    if (!send_all(peer, content + at, part)) {
      return false;
    }
    first += part;
  }
  return true;
}

static bool send_canned(connection *peer, const char *status, const char *path) {
  char name[PATH + 512], body[7000];
  (void)snprintf(name, sizeof name, "%s%s.json", folder, path);
  FILE *file = strstr(path, "..") == NULL ? fopen(name, "rb") : NULL;
  if (file == NULL) {
    return answer(peer, "400 Bad Request",
                  "{\"errorCode\":110018,\"errorMsg\":\"Path not found\"}");
  }
  size_t got = fread(body, 1, sizeof body - 1, file);
  (void)fclose(file);
  body[got] = '\0';
  return answer(peer, status, body);
}

static bool ends_with(const char *text, const char *end) {
  size_t len = strlen(text), end_len = strlen(end);
  return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static const char *header(const char *head, const char *name) {
  size_t len = strlen(name);
  for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
      return line + 3 + len + strspn(line + 3 + len, " ");
    }
  }
  return NULL;
}

static bool exchange(connection *peer) {
  char head[8192], verb[16], target[PATH];
  char *end = NULL;
  for (;;) {
    size_t there = peer->end - peer->begin;
    end = memmem(peer->buffer + peer->begin, there, "\r\n\r\n", 4);
    if (end != NULL) {
      break;
    }
    if (!more(peer)) {
      return false;
    }
  }
  size_t len = (size_t)(end - (peer->buffer + peer->begin)) + 2;
  if (len >= sizeof head) {
    return false;
  }
  memcpy(head, peer->buffer + peer->begin, len);
  head[len] = '\0';
  peer->begin += len + 2;
  if (sscanf(head, "%15s %2047s", verb, target) != 2) {
    return false;
  }
  const char *coding = header(head, "Transfer-Encoding");
  if (coding != NULL && strncasecmp(coding, "chunked", 7) == 0 && !skip_chunks(peer)) {
    return false;
  }
  const char *length = header(head, "Content-Length");
  if (length != NULL && !skip(peer, strtoull(length, NULL, 10))) {
    return false;
  }
  char *query = strchr(target, '?');
  if (query != NULL) {
    *query++ = '\0';
  }
  bool object = ends_with(target, "/objects"); /* of lakeFS */
  if (strcmp(verb, "POST") == 0 && object) {
    return send_canned(peer, "201 Created", target);
  }
  if (strstr(target, "/download/with_auth/") != NULL || (strcmp(verb, "GET") == 0 && object)) {
    return send_file(peer, header(head, "Range"));
  }
  if (strcmp(verb, "POST") == 0 && strstr(target, "/dataset/upload/") != NULL) {
    return answer(peer, "200 OK", "{\"successMessage\":\"Uploading...\"}");
  }
  if (strcmp(verb, "POST") == 0 && query != NULL && strstr(query, "action=create") != NULL) {
    return answer(peer, "201 Created", "{\"attributes\":{\"path\":\"/Projects/bench/new\"}}");
  }
  if (strcmp(verb, "GET") != 0) {
    return send_all(peer, "HTTP/1.1 204 No Content\r\n\r\n", 27);
  }
  return send_canned(peer, "200 OK", target);
}

static void *serve(void *argument) {
  int fd = (int)(long)argument, on = 1;
  connection *peer = malloc(sizeof *peer);
  if (peer != NULL) {
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peer->begin = peer->end = 0;
    peer->fd = fd;
    peer->ssl = context == NULL ? NULL : SSL_new(context);
    if (peer->ssl == NULL || (SSL_set_fd(peer->ssl, fd) == 1 && SSL_accept(peer->ssl) == 1)) {
      while (exchange(peer)) {
      }
    }
    SSL_free(peer->ssl);
    free(peer);
  }
  (void)close(fd);
  return NULL;
}

int main(int argc, char **argv) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  if (argc != 5) {
    fprintf(stderr, "usage: file_stub CERTIFICATE KEY FOLDER SIZE\n");
    return 2;
  }
  folder = argv[3];
  size = strtoull(argv[4], NULL, 10);
  (void)signal(SIGPIPE, SIG_IGN);
  for (size_t i = 0; i < CONTENT; i++) {
    content[i] = (char)(i * 2654435761u >> 16);
  }
  if (strcmp(argv[1], "-") != 0) {
    context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1) {
      fprintf(stderr, "the certificate cannot be used\n");
      return 1;
    }
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, 128 * 1024);
  }
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 128) != 0 || getsockname(listener, (struct sockaddr *)&address, &len) != 0) {
    perror("file_stub");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  (void)fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    pthread_t thread;
    if (fd >= 0 && pthread_create(&thread, NULL, serve, (void *)(long)fd) == 0) {
      (void)pthread_detach(thread);
    }
  }
}
