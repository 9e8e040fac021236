#include "journal.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *graveyard;
static int journal;
static unsigned long lines;

static unsigned long kill_at, operations;
static bool kill_after;
static char kill_name[NAME_MAX + 1];

static unsigned long fail_at, fallible_calls;
static Call fail_call;
static bool fail_on;
static char fail_name[NAME_MAX + 1];

static void give_up(const char *what) {
  fprintf(stderr, "power-loss shim: %s: %s\n", what, strerror(errno));
  abort();
}

static void read_faults(void) {
  const char *kill_text = getenv("VARVE_POWER_KILL"), *fail = getenv("VARVE_POWER_FAIL");
  char kind[8] = "", often[8] = "";
  if (kill_text && sscanf(kill_text, "%7s %lu %255s", kind, &kill_at, kill_name) < 2)
    give_up(kill_text);
  kill_after = strcmp(kind, "after") == 0;
  if (!fail) return;
  if (sscanf(fail, "%7s %lu %7s %255s", kind, &fail_at, often, fail_name) < 3) give_up(fail);
  fail_call = strcmp(kind, "write") == 0 ? WRITE : SYNC;
  fail_on = strcmp(often, "on") == 0;
}

static void count_lines(void) {
  char bytes[4096];
  ssize_t count;
  while ((count = read(journal, bytes, sizeof bytes)) > 0)
    for (ssize_t i = 0; i < count; i++) lines += bytes[i] == '\n';
}

static void start(void) {
  root = getenv("VARVE_POWER_ROOT");
  if (!root) return;
  const char *path = getenv("VARVE_POWER_JOURNAL");
  graveyard = getenv("VARVE_POWER_GRAVEYARD");
  if (!path || !graveyard) give_up("a journal and a graveyard are needed");
  journal = REAL(open)(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (journal < 0) give_up(path);
  count_lines();
  read_faults();
}

/* Of a path without "." and "..". */
static bool is_in_root(const char *full, Path relative) {
  size_t length = strlen(root);
  if (strncmp(full, root, length) != 0 || (full[length] && full[length] != '/')) return false;
  strcpy(relative, full[length] ? full + length + 1 : ".");
  return true;
}

bool is_watched_fd(int fd, Path relative) {
  pthread_once(&once, start);
  if (!root) return false;
  Path link, full;
  if (fd == AT_FDCWD) strcpy(link, "/proc/self/cwd");
  else sprintf(link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, full, sizeof full - 1);
  if (length < 0) return false;
  full[length] = '\0';
  return is_in_root(full, relative);
}

bool is_watched(int folder, const char *path, Path relative) {
  pthread_once(&once, start);
  if (!root || !path || strlen(path) >= PATH_MAX) return false;
  if (path[0] == '/') return is_in_root(path, relative);
  if (!is_watched_fd(folder, relative)) return false;
  if (strcmp(relative, ".") == 0) relative[0] = '\0';
  else strcat(relative, "/");
  if (strlen(relative) + strlen(path) >= PATH_MAX) return false;
  strcat(relative, path);
  return true;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

void lock(void) { pthread_mutex_lock(&order); }

void unlock(void) { pthread_mutex_unlock(&order); }

bool begin(const char *path) {
  if (kill_at == 0 || !strstr(path, kill_name)) return false;
  bool is_it = ++operations == kill_at;
  if (is_it && !kill_after) die();
  return is_it;
}

unsigned long journal_length(void) { return lines; }

/* One write, so that a line is there as a whole or not at all. */
static void record(const char *format, va_list values) {
  char line[3 * PATH_MAX];
  int length = vsnprintf(line, sizeof line - 1, format, values);
  line[length++] = '\n';
  if (write(journal, line, length) != length) give_up("the journal cannot be written");
  lines++;
}

void end(bool is_last, bool done, const char *format, ...) {
  int error = errno;
  va_list values;
  va_start(values, format);
  if (done) record(format, values);
  va_end(values);
  if (is_last) die();
  unlock();
  errno = error;
}

void strange(const char *what, const char *path) {
  lock();
  end(false, true, "strange\t%s\t%s", what, path);
}

void bury(int folder, const char *path) {
  struct stat file;
  if (fstatat(folder, path, &file, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(file.st_mode)) return;
  char grave[PATH_MAX + 64];
  sprintf(grave, "%s/%lu", graveyard, (unsigned long)file.st_ino);
  if (REAL(linkat)(folder, path, AT_FDCWD, grave, 0) != 0 && errno != EEXIST) give_up(grave);
}

void keep_copy(int folder, const char *path, char *name) {
  int from = REAL(openat)(folder, path, O_RDONLY | O_CLOEXEC);
  struct stat file;
  if (from < 0 || fstat(from, &file) != 0) give_up(path);
  sprintf(name, "%lu.%lu", (unsigned long)file.st_ino, lines);
  char grave[PATH_MAX + 64];
  sprintf(grave, "%s/%s", graveyard, name);
  int to = REAL(open)(grave, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  char bytes[65536];
  ssize_t count;
  while ((count = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, count) != count) give_up(grave);
  close(from);
  close(to);
}

static unsigned long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ull + now.tv_nsec;
}

bool is_to_fail(Call call, const char *path) {
  if (fail_at == 0 || call != fail_call || !strstr(path, fail_name)) return false;
  lock();
  fallible_calls++;
  bool fails = fail_on ? fallible_calls >= fail_at : fallible_calls == fail_at;
  end(false, fails, "fail\t%llu\t%s", now_ns(), path);
  if (fails) errno = EIO;
  return fails;
}
