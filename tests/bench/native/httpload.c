/* httpload.c - closed-loop HTTP/1.1 load: C keep-alive connections, one request outstanding each (one thread, epoll).
 * Build: gcc -O2 -o httpload httpload.c
 * Run:   httpload PORT FILE CONNECTIONS SECONDS [skip=N] [count=1]
 * FILE holds the whole requests, ready signed, each after its length as a 4-byte little-endian number. Every request is
 * sent once, in order; skip=N leaves out the first N (those of an earlier run). Prints one JSON line.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long long u64;
typedef struct { int fd; size_t have, sent, size; const char *request; u64 at; char answer[16384]; } Connection;

static const char *next_request, *end_of_requests;
static u64 *latencies, answered, not_2xx, asked;
static size_t room;

static u64 now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }

static int by_size(const void *a, const void *b) { u64 x = *(const u64 *)a, y = *(const u64 *)b; return x < y ? -1 : x > y; }

static void fail(const char *why) { fprintf(stderr, "httpload: %s: %s\n", why, strerror(errno)); exit(1); }

static int take(const char **request, size_t *size) {
  if (next_request + 4 > end_of_requests) return 0;
  uint32_t length; memcpy(&length, next_request, 4);
  *request = next_request + 4; *size = length; next_request += 4 + length;
  return 1;
}

static void push(Connection *c) {
  while (c->sent < c->size) {
    ssize_t n = send(c->fd, c->request + c->sent, c->size - c->sent, MSG_NOSIGNAL);
    if (n < 0) { if (errno == EAGAIN) continue; fail("send"); }
    c->sent += n;
  }
}

static int ask(Connection *c) {
  if (!take(&c->request, &c->size)) return 0;
  c->sent = c->have = 0; c->at = now(); asked++; push(c);
  return 1;
}

/* One whole answer? Its body's length stands in the header; the product always sends it. */
static int whole(Connection *c) {
  c->answer[c->have] = 0;
  char *end = strstr(c->answer, "\r\n\r\n");
  if (!end) return 0;
  char *length = strcasestr(c->answer, "\r\ncontent-length:");
  size_t body = length && length < end ? strtoul(length + 17, 0, 10) : 0;
  return c->have >= (size_t)(end + 4 - c->answer) + body;
}

int main(int argc, char **argv) {
  if (argc < 5) { fprintf(stderr, "see the header of httpload.c\n"); return 2; }
  int port = atoi(argv[1]), connections = atoi(argv[3]); double seconds = atof(argv[4]); long skip = 0;
  for (int i = 5; i < argc; i++) if (!strncmp(argv[i], "skip=", 5)) skip = atol(argv[i] + 5);
  int file = open(argv[2], O_RDONLY); struct stat info;
  if (file < 0 || fstat(file, &info)) fail("the file of requests");
  next_request = mmap(0, info.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  end_of_requests = next_request + info.st_size;
  const char *ignored; size_t size;
  while (skip-- > 0 && take(&ignored, &size)) {}

  Connection *all = calloc(connections, sizeof *all); int poll_fd = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    Connection *c = &all[i]; int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (void *)&to, sizeof to)) fail("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {EPOLLIN, {.u32 = i}}; epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &e);
  }
  u64 began = now(), end = began + seconds * 1e9; int open_asks = 0, ran_out = 0;
  for (int i = 0; i < connections; i++) { if (ask(&all[i])) open_asks++; else ran_out = 1; }
  u64 last = began;
  while (open_asks > 0) {
    struct epoll_event events[256]; int n = epoll_wait(poll_fd, events, 256, 10000);
    if (n == 0) { fprintf(stderr, "httpload: no answer for 10 s\n"); return 1; }
    for (int k = 0; k < n; k++) {
      Connection *c = &all[events[k].data.u32];
      ssize_t got = recv(c->fd, c->answer + c->have, sizeof c->answer - 1 - c->have, 0);
      if (got == 0) { fprintf(stderr, "httpload: the server hung up\n"); return 1; }
      if (got < 0) { if (errno == EAGAIN) continue; fail("recv"); }
      c->have += got;
      if (!whole(c)) continue;
      u64 t = now();
      if (answered == room) { room = room ? room * 2 : 65536; latencies = realloc(latencies, room * sizeof *latencies); }
      latencies[answered++] = t - c->at; last = t; open_asks--;
      if (c->have < 13 || c->answer[9] != '2') { if (!not_2xx++) fprintf(stderr, "httpload: first refusal: %.300s\n", c->answer); }
      if (t < end) { if (ask(c)) open_asks++; else ran_out = 1; }
    }
  }
  double took = (last - began) / 1e9;
  qsort(latencies, answered, sizeof *latencies, by_size);
  printf("{\"requests\":%llu,\"seconds\":%.4f,\"per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"refused\":%llu,\"ran_out\":%d}\n",
         answered, took, answered / took, latencies[answered / 2] / 1e6, latencies[(u64)(answered * 0.99)] / 1e6,
         latencies[answered - 1] / 1e6, not_2xx, ran_out);
  return 0;
}
