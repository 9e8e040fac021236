/*
 * Watches what a process does to the files of one folder, so that a loss of power
 * can be emulated afterwards (see reconstruct.ts). Loaded with LD_PRELOAD.
 *
 * The files that are watched only ever grow, so that their bytes need not be kept:
 * what a file held when it was synced is a prefix of what it holds at the end. The
 * journal has one line for each operation, its fields separated by tabs; inodes and
 * sizes are decimal, a path is relative to the folder ("." is the folder itself):
 *
 *     create    inode path
 *     mkdir     path
 *     rmdir     path
 *     unlink    path
 *     rename    from to
 *     truncate  inode size copy     copy: name in the graveyard of what it held before
 *     sync      inode size begin    begin: lines in the journal when the sync began
 *     syncdir   path begin
 *     fail      time path           a failure was injected; ns of CLOCK_MONOTONIC
 *     strange   what path           something that the emulation does not understand
 *
 * A line is written after its operation has succeeded, and the size of a sync is
 * taken before it begins: the journal never says that more is durable than is.
 * Operations on names are done one at a time, in the order of their lines. A file
 * that loses a name is kept in the graveyard, under the number of its inode.
 *
 * Environment:
 *     VARVE_POWER_ROOT       the folder, as an absolute path without links; nothing
 *                            is watched if it is not set
 *     VARVE_POWER_JOURNAL    the journal; it is appended to
 *     VARVE_POWER_GRAVEYARD  a folder of the same file system, outside the first
 *     VARVE_POWER_KILL       "before N NAME" or "after N NAME": kills the process before
 *                            or after the Nth operation on a path that contains NAME
 *     VARVE_POWER_FAIL       "sync N once NAME", "write N on NAME" …: the Nth fsync or
 *                            fdatasync (or write of what stdio has collected) of a
 *                            file or folder whose path contains NAME fails with EIO,
 *                            with "on" all later ones too
 * Everywhere NAME may be left out, and then means any path.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* The function behind the one of this library. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

typedef char Path[PATH_MAX];

/* Whether a path is in the folder; then what it is called there. */
bool is_watched(int folder, const char *path, Path relative);
bool is_watched_fd(int fd, Path relative);

/* Lets no other operation begin. */
void lock(void);
void unlock(void);

/* Begins an operation; answers whether the process is to be killed after it. REQUIRES: locked. */
bool begin(const char *path);

/* Lines in the journal. REQUIRES: locked. */
unsigned long journal_length(void);

/* Writes a line if the operation has succeeded, and unlocks. Keeps errno. */
void end(bool is_last, bool done, const char *format, ...);

/* Records what the emulation does not understand. */
void strange(const char *what, const char *path);

/* Keeps a file that is about to lose a name. REQUIRES: locked. */
void bury(int folder, const char *path);

/* Keeps what a file holds that is about to be cut; answers its name in the graveyard. */
void keep_copy(int folder, const char *path, char *name);

typedef enum { SYNC, WRITE } Call;

/* Whether a call is to fail now; then it has been recorded, and errno is set. */
bool is_to_fail(Call call, const char *path);
