/* The functions that are put before those of the C library: see journal.h. */
#include "journal.h"

#include <stdarg.h>

/* Opening a file can create it, or cut it. */
struct opening {
  enum { NEITHER, CREATES, CUTS } effect;
  bool is_last;
  Path path;
  char copy[64];
};

/* Leaves it locked if it has an effect. */
static void before_open(struct opening *o, int folder, const char *path, int flags) {
  o->effect = NEITHER;
  if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT)) return;
  if (!is_watched(folder, path, o->path)) return;
  lock();
  struct stat file = {0};
  bool exists = fstatat(folder, path, &file, 0) == 0;
  bool holds_bytes = S_ISREG(file.st_mode) && file.st_size > 0;
  if (!exists && (flags & O_CREAT)) o->effect = CREATES;
  if (holds_bytes && (flags & O_TRUNC)) o->effect = CUTS;
  if (o->effect == NEITHER) {
    unlock();
    if (holds_bytes && !(flags & O_APPEND)) strange("open", o->path);
    return;
  }
  if (o->effect == CUTS) keep_copy(folder, path, o->copy);
  o->is_last = begin(o->path);
}

static void after_open(struct opening *o, int fd) {
  if (o->effect == NEITHER) return;
  struct stat file = {0};
  if (fd >= 0) fstat(fd, &file);
  unsigned long inode = file.st_ino;
  if (o->effect == CREATES) end(o->is_last, fd >= 0, "create\t%lu\t%s", inode, o->path);
  else end(o->is_last, fd >= 0, "truncate\t%lu\t0\t%s", inode, o->copy);
}

#define OPEN(folder, path, flags, call) \
  struct opening o;                     \
  before_open(&o, folder, path, flags); \
  int fd = call;                        \
  after_open(&o, fd);                   \
  return fd

#define READ_MODE(flags)                                                  \
  va_list rest;                                                           \
  va_start(rest, flags);                                                  \
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
  va_end(rest)

int open(const char *path, int flags, ...) {
  READ_MODE(flags);
  OPEN(AT_FDCWD, path, flags, REAL(open)(path, flags, mode));
}

int open64(const char *path, int flags, ...) {
  READ_MODE(flags);
  OPEN(AT_FDCWD, path, flags, REAL(open64)(path, flags, mode));
}

int openat(int folder, const char *path, int flags, ...) {
  READ_MODE(flags);
  OPEN(folder, path, flags, REAL(openat)(folder, path, flags, mode));
}

int openat64(int folder, const char *path, int flags, ...) {
  READ_MODE(flags);
  OPEN(folder, path, flags, REAL(openat64)(folder, path, flags, mode));
}

int creat(const char *path, mode_t mode) {
  return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static int flags_of(const char *mode) {
  if (mode[0] == 'r') return strchr(mode, '+') ? O_RDWR : O_RDONLY;
  return O_WRONLY | O_CREAT | (mode[0] == 'a' ? O_APPEND : O_TRUNC);
}

#define FOPEN(path, mode, call)                    \
  struct opening o;                                \
  before_open(&o, AT_FDCWD, path, flags_of(mode)); \
  FILE *file = call;                               \
  after_open(&o, file ? fileno(file) : -1);        \
  return file

FILE *fopen(const char *path, const char *mode) {
  FOPEN(path, mode, REAL(fopen)(path, mode));
}

FILE *fopen64(const char *path, const char *mode) {
  FOPEN(path, mode, REAL(fopen64)(path, mode));
}

/* Names that come, change and go. */

#define RENAME(from_folder, from, to_folder, to, call)         \
  Path old, new;                                               \
  bool leaves = is_watched(from_folder, from, old);            \
  bool enters = is_watched(to_folder, to, new);                \
  if (leaves != enters) strange("rename", leaves ? old : new); \
  if (!leaves || !enters) return call;                         \
  lock();                                                      \
  bury(to_folder, to);                                         \
  bool is_last = begin(new);                                   \
  int result = call;                                           \
  end(is_last, result == 0, "rename\t%s\t%s", old, new);       \
  return result

int rename(const char *from, const char *to) {
  RENAME(AT_FDCWD, from, AT_FDCWD, to, REAL(rename)(from, to));
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  RENAME(from_folder, from, to_folder, to, REAL(renameat)(from_folder, from, to_folder, to));
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to,
              unsigned int flags) {
  Path path;
  if (flags != 0 && is_watched(from_folder, from, path)) strange("renameat2", path);
  RENAME(from_folder, from, to_folder, to,
         REAL(renameat2)(from_folder, from, to_folder, to, flags));
}

#define CHANGE_NAME(line, folder, path, call)       \
  Path name;                                        \
  if (!is_watched(folder, path, name)) return call; \
  lock();                                           \
  bury(folder, path);                               \
  bool is_last = begin(name);                       \
  int result = call;                                \
  end(is_last, result == 0, line "\t%s", name);     \
  return result

int unlink(const char *path) {
  CHANGE_NAME("unlink", AT_FDCWD, path, REAL(unlink)(path));
}

static int remove_folder_at(int folder, const char *path, int flags) {
  CHANGE_NAME("rmdir", folder, path, REAL(unlinkat)(folder, path, flags));
}

int unlinkat(int folder, const char *path, int flags) {
  if (flags & AT_REMOVEDIR) return remove_folder_at(folder, path, flags);
  CHANGE_NAME("unlink", folder, path, REAL(unlinkat)(folder, path, flags));
}

int rmdir(const char *path) { return remove_folder_at(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char *path) {
  struct stat file;
  bool is_folder = lstat(path, &file) == 0 && S_ISDIR(file.st_mode);
  return is_folder ? rmdir(path) : unlink(path);
}

int mkdir(const char *path, mode_t mode) {
  CHANGE_NAME("mkdir", AT_FDCWD, path, REAL(mkdir)(path, mode));
}

int mkdirat(int folder, const char *path, mode_t mode) {
  CHANGE_NAME("mkdir", folder, path, REAL(mkdirat)(folder, path, mode));
}

/* Files that become shorter; what becomes longer is as if it had been written. */

#define CUT(path, watched, size, call)                                           \
  struct stat file;                                                              \
  if (!(watched) || stat(path, &file) != 0 || file.st_size <= size) return call; \
  char copy[64];                                                                 \
  lock();                                                                        \
  keep_copy(AT_FDCWD, path, copy);                                               \
  bool is_last = begin(name);                                                    \
  int result = call;                                                             \
  unsigned long inode = file.st_ino;                                             \
  end(is_last, result == 0, "truncate\t%lu\t%ld\t%s", inode, (long)size, copy);  \
  return result

int truncate(const char *path, off_t size) {
  Path name;
  CUT(path, is_watched(AT_FDCWD, path, name), size, REAL(truncate)(path, size));
}

int truncate64(const char *path, off64_t size) { return truncate(path, size); }

int ftruncate(int fd, off_t size) {
  Path name, link;
  sprintf(link, "/proc/self/fd/%d", fd);
  CUT(link, is_watched_fd(fd, name), size, REAL(ftruncate)(fd, size));
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

/* What becomes durable. Syncs run beside one another: they are slow. */

static int sync_file(int fd, int (*call)(int)) {
  Path path;
  struct stat file;
  if (!is_watched_fd(fd, path)) return call(fd);
  if (is_to_fail(SYNC, path)) return -1;
  lock();
  bool is_last = begin(path);
  unsigned long began = journal_length();
  if (fstat(fd, &file) != 0) file.st_size = 0;
  unlock();
  int result = call(fd);
  lock();
  if (S_ISDIR(file.st_mode)) {
    end(is_last, result == 0, "syncdir\t%s\t%lu", path, began);
  } else {
    unsigned long inode = file.st_ino;
    end(is_last, result == 0, "sync\t%lu\t%ld\t%lu", inode, (long)file.st_size, began);
  }
  return result;
}

int fsync(int fd) { return sync_file(fd, REAL(fsync)); }

int fdatasync(int fd) { return sync_file(fd, REAL(fdatasync)); }

/* What stdio has collected is written inside the C library; here it can be kept from it. */
int fflush_unlocked(FILE *file) {
  Path path;
  if (file && is_watched_fd(fileno(file), path) && is_to_fail(WRITE, path)) return EOF;
  return REAL(fflush_unlocked)(file);
}

/* What files that only grow have no use for. */

#define STRANGE(folder, path, call)                            \
  Path name;                                                   \
  if (is_watched(folder, path, name)) strange(__func__, name); \
  return call

#define STRANGE_FD(fd, call)                            \
  Path name;                                            \
  if (is_watched_fd(fd, name)) strange(__func__, name); \
  return call

int link(const char *from, const char *to) {
  STRANGE(AT_FDCWD, to, REAL(link)(from, to));
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  STRANGE(to_folder, to, REAL(linkat)(from_folder, from, to_folder, to, flags));
}

int symlink(const char *from, const char *to) {
  STRANGE(AT_FDCWD, to, REAL(symlink)(from, to));
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  STRANGE_FD(fd, REAL(pwrite)(fd, bytes, count, at));
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  STRANGE_FD(fd, REAL(pwrite64)(fd, bytes, count, at));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  STRANGE_FD(fd, REAL(pwritev64)(fd, parts, count, at));
}
