/* wsload.c - websocket load generator, and the physical floor it is compared with (one thread, epoll).
 * Build:  gcc -O2 -o wsload wsload.c
 *
 * Server, the floor:  wsload server PORT BYTES
 *   On a text frame from anyone it sends one ready frame of BYTES to every client, one send() each. C can do no less.
 *
 * Client:  wsload client PORT PATH N MODE [options]
 *   MODE sat:W:SECONDS     closed loop: W broadcasts outstanding; each "b" text frame asks for one
 *        pace:HZ:SECONDS   open loop: asks HZ times a second; latency = time of arrival - "ts" in the frame
 *        watch:SECONDS     only receives: somebody else posts
 *        idle:SECONDS      connects, says so, and stays
 *   sio            socket.io v4 framing
 *   ask=PATH       ask on a connection of its own to PATH (the product), else on the first socket (floor, socket.io)
 *   keys=FILE      one connection key a line; socket i sends the i-th (round and round) as its bearer token
 *   pid=P          report the CPU microseconds that process P spent per delivery
 *   stall=S        the last S sockets never read; they are not counted
 *   want=K         watch: stop after K deliveries
 *   mark=TEXT      what stands before the nanoseconds in a frame; "ts": unless told
 *
 * Prints {"ready":N} when all sockets are in, and one JSON line at the end. `disorder` counts frames whose seq was not
 * the one before plus 1 on that socket. Times are CLOCK_MONOTONIC: the clock of Python's time.monotonic_ns and of Node's
 * process.hrtime. Frames that are no events ("t":"hello", "live", ...) are not counted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long long u64;
typedef unsigned char u8;
typedef struct { int fd, upgraded, deaf; u64 seq; size_t have, room; u8 *bytes; } Socket;

static Socket *sockets;
static int poll_fd, socket_io, ready, measuring, closed;
static u64 deliveries, bytes_in, disorder;
static const char *mark = "\"ts\":";
static unsigned *latencies; static size_t latency_count, latency_room;

static u64 now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static int by_size(const void *a, const void *b) { unsigned x = *(const unsigned *)a, y = *(const unsigned *)b; return x < y ? -1 : x > y; }
static void fail(const char *why) { fprintf(stderr, "wsload: %s: %s\n", why, strerror(errno)); exit(1); }

/* CPU time of all threads of a process, from the scheduler's count, in microseconds. */
static u64 cpu_us(int pid) {
  char path[300]; u64 total = 0; struct dirent *entry;
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *tasks = opendir(path);
  if (!tasks) return 0;
  while ((entry = readdir(tasks))) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, entry->d_name);
    FILE *file = fopen(path, "r"); u64 ns = 0;
    if (!file) continue;
    if (fscanf(file, "%llu", &ns) == 1) total += ns;
    fclose(file);
  }
  closedir(tasks);
  return total / 1000;
}

static void send_frame(int fd, int opcode, const void *data, size_t size) {
  u8 frame[160];
  if (size > 120) size = 120;
  frame[0] = 0x80 | opcode; frame[1] = 0x80 | size; memset(frame + 2, 0, 4); /* a mask of zeros */
  memcpy(frame + 6, data, size);
  if (send(fd, frame, size + 6, MSG_NOSIGNAL) < 0) fail("send");
}

static u64 number_after(const u8 *text, size_t size, const char *name, int *found) {
  const u8 *p = memmem(text, size, name, strlen(name)), *end = text + size; u64 value = 0;
  *found = p != NULL;
  if (!p) return 0;
  p += strlen(name);
  while (p < end && *p == ' ') p++;
  while (p < end && *p >= '0' && *p <= '9') value = value * 10 + *p++ - '0';
  return value;
}

static void keep_latency(u64 us) {
  if (latency_count == latency_room) {
    latency_room = latency_room ? latency_room * 2 : 1 << 20;
    latencies = realloc(latencies, latency_room * sizeof *latencies);
  }
  latencies[latency_count++] = us > 4000000000u ? 4000000000u : us;
}

static void on_frame(Socket *s, int opcode, u8 *data, size_t size) {
  if (opcode == 9) { send_frame(s->fd, 10, data, size); return; }
  if (opcode != 1) return;
  if (socket_io) {
    if (size && data[0] == '0') { send_frame(s->fd, 1, "40", 2); return; }
    if (size && data[0] == '2') { send_frame(s->fd, 1, "3", 1); return; }
    if (size > 1 && data[0] == '4' && data[1] == '0') { ready++; return; }
  }
  if (size > 6 && !memcmp(data, "{\"t\":\"", 6) && memcmp(data + 6, "event", 5)) return;
  if (!measuring) return;
  int found; u64 at = number_after(data, size, mark, &found), t = now();
  deliveries++; bytes_in += size;
  if (found) keep_latency(t > at ? (t - at) / 1000 : 0);
  u64 seq = number_after(data, size, "\"seq\":", &found);
  if (found) { if (s->seq && seq != s->seq + 1) disorder++; s->seq = seq; }
}

static void on_readable(Socket *s) {
  for (;;) {
    if (s->room - s->have < 65536) { s->room = s->room ? s->room * 2 : 131072; s->bytes = realloc(s->bytes, s->room); }
    ssize_t got = recv(s->fd, s->bytes + s->have, s->room - s->have, 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) { closed++; epoll_ctl(poll_fd, EPOLL_CTL_DEL, s->fd, 0); }
      return;
    }
    s->have += got;
    size_t at = 0;
    if (!s->upgraded) {
      u8 *end = memmem(s->bytes, s->have, "\r\n\r\n", 4);
      if (!end) return;
      if (!memmem(s->bytes, end - s->bytes, " 101 ", 5)) { fprintf(stderr, "wsload: refused: %.300s\n", s->bytes); exit(1); }
      s->upgraded = 1; at = end - s->bytes + 4;
      if (!socket_io) ready++;
    }
    while (s->have - at >= 2) {
      u8 *p = s->bytes + at; size_t header = 2, size = p[1] & 127;
      if (size == 126) { if (s->have - at < 4) break; size = p[2] << 8 | p[3]; header = 4; }
      else if (size == 127) {
        if (s->have - at < 10) break;
        size = 0; for (int i = 2; i < 10; i++) size = size << 8 | p[i];
        header = 10;
      }
      if (s->have - at < header + size) break;
      on_frame(s, p[0] & 15, p + header, size);
      at += header + size;
    }
    if (at) { memmove(s->bytes, s->bytes + at, s->have - at); s->have -= at; }
    if (got < 65536) return;
  }
}

static void pump(int ms) {
  struct epoll_event events[512]; int n = epoll_wait(poll_fd, events, 512, ms);
  for (int i = 0; i < n; i++) on_readable(&sockets[events[i].data.u32]);
}

static struct sockaddr_in here(int port) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void open_socket(Socket *s, unsigned index, int port, const char *path, const char *key) {
  struct sockaddr_in to = here(port); int one = 1, small = 4096; char request[1400], bearer[256] = "";
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (s->deaf) setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (connect(s->fd, (void *)&to, sizeof to)) fail("connect");
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (key) snprintf(bearer, sizeof bearer, "Authorization: Bearer %s\r\n", key);
  int size = snprintf(request, sizeof request,
    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n", path, port, bearer);
  send(s->fd, request, size, MSG_NOSIGNAL); fcntl(s->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event e = {EPOLLIN, {.u32 = index}}; epoll_ctl(poll_fd, EPOLL_CTL_ADD, s->fd, &e);
}

/* -- the floor */

static void broadcast(const int *clients, int count, int size) {
  static char payload[65536]; static u8 frame[65540];
  int k = snprintf(payload, size, "{\"ts\":%llu,\"pad\":\"", now());
  memset(payload + k, 'x', size - k - 2); payload[size - 2] = '"'; payload[size - 1] = '}';
  frame[0] = 0x81; frame[1] = 126; frame[2] = size >> 8; frame[3] = size; memcpy(frame + 4, payload, size);
  for (int i = 0; i < count; i++) send(clients[i], frame, size + 4, MSG_NOSIGNAL | MSG_DONTWAIT);
}

__attribute__((noreturn)) static void serve(int port, int size) {
  static int upgraded[65536], clients[65536]; int count = 0, one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = here(port);
  const char *hello = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (void *)&at, sizeof at) || listen(listener, 4096)) fail("listen");
  poll_fd = epoll_create1(0);
  struct epoll_event e = {EPOLLIN, {.fd = listener}}; epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &e);
  for (;;) {
    struct epoll_event events[256]; int n = epoll_wait(poll_fd, events, 256, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd; u8 in[8192];
      if (fd == listener) {
        int c = accept4(listener, 0, 0, SOCK_NONBLOCK);
        if (c < 0) continue;
        setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        e.data.fd = c; upgraded[c] = 0; epoll_ctl(poll_fd, EPOLL_CTL_ADD, c, &e);
        continue;
      }
      ssize_t got = recv(fd, in, sizeof in, 0);
      if (got <= 0) { close(fd); for (int k = 0; k < count; k++) if (clients[k] == fd) { clients[k] = clients[--count]; break; } continue; }
      if (!upgraded[fd]) { send(fd, hello, strlen(hello), MSG_NOSIGNAL); upgraded[fd] = 1; clients[count++] = fd; continue; }
      for (ssize_t o = 0; o + 6 <= got; o += 6 + (in[o + 1] & 127)) if ((in[o] & 15) == 1) broadcast(clients, count, size);
    }
  }
}

int main(int argc, char **argv) {
  if (argc > 3 && !strcmp(argv[1], "server")) serve(atoi(argv[2]), atoi(argv[3]));
  if (argc < 6) { fprintf(stderr, "see the header of wsload.c\n"); return 2; }
  int port = atoi(argv[2]), n = atoi(argv[4]), pid = 0, deaf = 0, key_count = 0; u64 want = 0;
  const char *path = argv[3], *mode = argv[5], *ask_path = NULL; static char keys[4096][160];
  for (int i = 6; i < argc; i++) {
    char *o = argv[i];
    if (!strcmp(o, "sio")) socket_io = 1;
    else if (!strncmp(o, "ask=", 4)) ask_path = o + 4;
    else if (!strncmp(o, "pid=", 4)) pid = atoi(o + 4);
    else if (!strncmp(o, "stall=", 6)) deaf = atoi(o + 6);
    else if (!strncmp(o, "want=", 5)) want = atoll(o + 5);
    else if (!strncmp(o, "mark=", 5)) mark = o + 5;
    else if (!strncmp(o, "keys=", 5)) {
      FILE *file = fopen(o + 5, "r");
      if (!file) fail("keys");
      while (key_count < 4096 && fscanf(file, "%159s", keys[key_count]) == 1) key_count++;
      fclose(file);
    }
  }
  int all = n + (ask_path != NULL), heard = n - deaf;
  sockets = calloc(all, sizeof *sockets); poll_fd = epoll_create1(0);
  u64 began = now(), limit = began + 30000000000ull;
  for (int i = 0; i < all; i++) {
    sockets[i].deaf = i < n && i >= heard;
    open_socket(&sockets[i], i, port, i < n ? path : ask_path, i < n && key_count ? keys[i % key_count] : NULL);
    if (i % 50 == 49) for (int tries = 0; ready < i + 1 - 25 && tries < 5000; tries++) pump(1);
  }
  while (ready < all && now() < limit) pump(20);
  if (ready < all) { fprintf(stderr, "wsload: only %d of %d sockets got in\n", ready, all); return 1; }
  double connect_s = (now() - began) / 1e9;
  /* Let greetings and presence settle before anything is measured; a deaf socket hears those, too, then no more. */
  for (u64 t = now(); now() - t < 1500000000ull;) pump(10);
  for (int i = heard; i < n; i++) epoll_ctl(poll_fd, EPOLL_CTL_DEL, sockets[i].fd, 0);
  printf("{\"ready\":%d}\n", n); fflush(stdout);

  int ask_fd = sockets[ask_path ? n : 0].fd; const char *ask = socket_io ? "42[\"b\"]" : "b";
  u64 cpu = pid ? cpu_us(pid) : 0, start = now(), asked = 0; double seconds = 1, hz;
  measuring = 1;
  if (!strncmp(mode, "sat:", 4)) {
    int outstanding; sscanf(mode + 4, "%d:%lf", &outstanding, &seconds);
    for (u64 end = start + seconds * 1e9; now() < end; pump(5))
      while (asked < deliveries / heard + outstanding) { send_frame(ask_fd, 1, ask, strlen(ask)); asked++; }
  } else if (!strncmp(mode, "pace:", 5)) {
    sscanf(mode + 5, "%lf:%lf", &hz, &seconds);
    for (u64 next = start, end = start + seconds * 1e9; now() < end; pump(1))
      while (now() >= next) { send_frame(ask_fd, 1, ask, strlen(ask)); asked++; next += 1e9 / hz; }
    for (u64 end = now() + 3000000000ull; deliveries < asked * heard && now() < end;) pump(5);
  } else {
    sscanf(strchr(mode, ':') + 1, "%lf", &seconds);
    for (u64 end = start + seconds * 1e9; now() < end && (!want || deliveries < want);) pump(2);
  }
  double took = (now() - start) / 1e9; u64 spent = pid ? cpu_us(pid) - cpu : 0;
  qsort(latencies, latency_count, sizeof *latencies, by_size);
#define QUANTILE(q) (latency_count ? latencies[(size_t)((q) * (latency_count - 1))] / 1000.0 : -1)
  printf("{\"sockets\":%d,\"deliveries\":%llu,\"seconds\":%.3f,\"per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
         "\"cpu_us\":%.3f,\"bytes\":%.0f,\"connect_s\":%.2f,\"asked\":%llu,\"closed\":%d,\"disorder\":%llu}\n",
         n, deliveries, took, deliveries / took, QUANTILE(.5), QUANTILE(.99), QUANTILE(1),
         deliveries ? (double)spent / deliveries : 0, deliveries ? (double)bytes_in / deliveries : 0, connect_s, asked, closed, disorder);
  return 0;
}
