// libpq's own header, and the few things that Swift cannot import from C by itself: one poll call
// that hides the platform, and a descriptor that wakes a thread sleeping in it.
#ifndef BANYAN_CLIBPQ_SHIM_H
#define BANYAN_CLIBPQ_SHIM_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/eventfd.h>
#endif

enum { clibpq_readable = 1, clibpq_writable = 2 };

// Waits until `descriptor` is ready for one of the events (a sum of the constants above), or for
// so many milliseconds (-1: without end). Returns 1 if ready (errors and hang-ups count as ready:
// the read that follows reports them), 0 if the time is over or a signal came, -1 if it cannot wait.
static inline int clibpq_wait(int descriptor, int events, int milliseconds) {
  struct pollfd entry = {.fd = descriptor, .events = 0, .revents = 0};
  if (events & clibpq_readable) entry.events |= POLLIN;
  if (events & clibpq_writable) entry.events |= POLLOUT;
  int ready = poll(&entry, 1, milliseconds);
  if (ready < 0) return errno == EINTR ? 0 : -1;
  return ready;
}

// Sleeps until the wake-up descriptor or the socket (-1: none) is readable. Returns a bit set: 1
// for the wake-up, 2 for the socket.
static inline int clibpq_sleep(int wakeup, int socket) {
  struct pollfd entries[2] = {
    {.fd = wakeup, .events = POLLIN, .revents = 0},
    {.fd = socket, .events = POLLIN, .revents = 0},
  };
  int ready = poll(entries, socket < 0 ? 1 : 2, -1);
  if (ready <= 0) return 0;
  return (entries[0].revents ? 1 : 0) | (entries[1].revents ? 2 : 0);
}

// Opens a wake-up: an eventfd where there is one, else a pipe. Returns 0, or -1 with errno set.
static inline int clibpq_open_wakeup(int *read_end, int *write_end) {
#ifdef __linux__
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) return -1;
  *read_end = *write_end = descriptor;
#else
  int ends[2];
  if (pipe(ends) != 0) return -1;
  for (int i = 0; i < 2; i++) {
    fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[i], F_SETFL, O_NONBLOCK);
  }
  *read_end = ends[0];
  *write_end = ends[1];
#endif
  return 0;
}

static inline void clibpq_wake(int write_end) {
  uint64_t one = 1;
  ssize_t written = write(write_end, &one, sizeof one);
  (void)written;  // A full descriptor already wakes its reader.
}

static inline void clibpq_clear_wakeup(int read_end) {
  char sink[64];  // What does not fit wakes the reader once more, which does no harm.
  ssize_t taken = read(read_end, sink, sizeof sink);
  (void)taken;
}

static inline void clibpq_close_wakeup(int read_end, int write_end) {
  close(read_end);
  if (write_end != read_end) close(write_end);
}

// A function of the libpq that the program runs with, which may be newer than the header above; null
// if it has none of this name.
static inline void *clibpq_function(const char *name) {
#ifdef RTLD_DEFAULT
  return dlsym(RTLD_DEFAULT, name);
#else
  return dlsym(0, name);  // What glibc's RTLD_DEFAULT is, which it shows on request only.
#endif
}

// Requests to stop a query by a connection of their own that is as encrypted as the first (libpq 17).
static inline int clibpq_has_cancel_connections(void) {
  return clibpq_function("PQcancelCreate") && clibpq_function("PQcancelBlocking") &&
         clibpq_function("PQcancelFinish");
}

static inline void *clibpq_create_cancel(PGconn *connection) {
  void *(*create)(PGconn *) = (void *(*)(PGconn *))clibpq_function("PQcancelCreate");
  return create ? create(connection) : 0;
}

// Sends the request, waits until the server has taken it, and frees it.
static inline void clibpq_finish_cancel(void *cancel) {
  int (*block)(void *) = (int (*)(void *))clibpq_function("PQcancelBlocking");
  void (*finish)(void *) = (void (*)(void *))clibpq_function("PQcancelFinish");
  if (block) block(cancel);
  if (finish) finish(cancel);
}

// Closes a prepared statement, known or not, by a message of the protocol (libpq 17).
static inline int clibpq_has_close_prepared(void) {
  return clibpq_function("PQsendClosePrepared") != 0;
}

static inline int clibpq_send_close_prepared(PGconn *connection, const char *name) {
  int (*send)(PGconn *, const char *) =
      (int (*)(PGconn *, const char *))clibpq_function("PQsendClosePrepared");
  return send ? send(connection, name) : 0;
}

// Ends both directions of a connected socket, so that whoever waits on it sees the end at once.
static inline void clibpq_shut_down(int descriptor) { shutdown(descriptor, SHUT_RDWR); }

#endif
