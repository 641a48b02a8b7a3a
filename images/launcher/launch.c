/*
 * Starts a program of this folder on the Node of this folder:
 *
 *   launch member --config FILE        runs FOLDER/member.mjs
 *   launch --OPTION member             the same, with an option for Node that NODE_OPTIONS may not hold
 *
 * Static, so that it can start in any image, and say why nothing else could: our Node is linked to glibc, and in an image
 * with another C library (musl, as in Alpine) the kernel's own message would be "no such file or directory".
 *
 * The loader is called by name and told where Node's libraries are. LD_LIBRARY_PATH would do it too, but a database
 * that the agent starts would inherit it. What the image has of them itself comes first: ours, of the machine that built us,
 * may ask for a newer C library than the image's (Oracle Linux 9 has 2.34, Debian 12's libstdc++ wants 2.36).
 *
 * As the first process of a container it stays: it hands on signals, and reaps what a server that was killed leaves
 * behind, which Node does not. Elsewhere it becomes the program.
 */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define LOADER "/lib64/ld-linux-x86-64.so.2"
/* Of Red Hat's kin, and of Debian's. */
#define LIBRARIES "/lib64:/usr/lib64:/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu"
#elif defined(__aarch64__)
#define LOADER "/lib/ld-linux-aarch64.so.1"
#define LIBRARIES "/lib64:/usr/lib64:/lib/aarch64-linux-gnu:/usr/lib/aarch64-linux-gnu"
#else
#error "no images are made for this processor"
#endif

/* EX_USAGE and EX_CONFIG of sysexits.h: neither a program's own codes nor those of signals. */
#define EXIT_USAGE 64
#define EXIT_IMAGE 78
#define EXIT_START 127

static void say(const char *message) {
  fprintf(stderr, "%s\n", message);
  /* Kubernetes shows what is written here in the status of the container. */
  int log = open("/dev/termination-log", O_WRONLY | O_TRUNC);
  if (log < 0) return;
  dprintf(log, "%s\n", message);
  close(log);
}

static void become(char **words) {
  execv(words[0], words);
  perror(words[0]);
  _exit(EXIT_START);
}

/* As the first process: nobody else may reap orphans. Returns the exit code of the program. */
static int watch_over(char **words) {
  /* Blocked and waited for: nothing can come between a look and the wait. */
  sigset_t signals, before;
  sigemptyset(&signals);
  const int handed_on[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT};
  for (size_t i = 0; i < sizeof handed_on / sizeof *handed_on; i++) sigaddset(&signals, handed_on[i]);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, &before);

  pid_t program = fork();
  if (program < 0) {
    perror("launch: fork");
    return EXIT_START;
  }
  if (program == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    become(words);
  }
  for (;;) {
    int number, status;
    sigwait(&signals, &number);
    if (number != SIGCHLD) {
      kill(program, number);
      continue;
    }
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
      if (ended == program) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

int main(int count, char **words) {
  /* Where the program's name is: before it, what Node is told. */
  int named = 1;
  while (named < count && strncmp(words[named], "--", 2) == 0) named++;
  if (named >= count || strchr(words[named], '/') != NULL) {
    fprintf(stderr, "usage: launch [OPTIONS OF NODE] PROGRAM [ARGUMENTS]\n");
    return EXIT_USAGE;
  }
  if (access(LOADER, X_OK) != 0) {
    say("imapcluster: this image has no glibc (" LOADER " is missing), which our programs need. Alpine and other images with "
        "musl do not work: use one made from Debian, such as postgres:18 in place of postgres:18-alpine.");
    return EXIT_IMAGE;
  }
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) {
    perror("launch: /proc/self/exe");
    return EXIT_START;
  }
  self[length] = '\0';
  char *folder = dirname(self);

  char *libraries, *node, *program;
  if (asprintf(&libraries, LIBRARIES ":%s/lib", folder) < 0 || asprintf(&node, "%s/node", folder) < 0 ||
      asprintf(&program, "%s/%s.mjs", folder, words[named]) < 0)
    return EXIT_START;
  /* The loader, its three arguments, Node's options, the program, its arguments, and the end. */
  char **all = calloc((size_t)count + 4, sizeof *all);
  if (all == NULL) return EXIT_START;
  char *first[] = {LOADER, "--library-path", libraries, node};
  memcpy(all, first, sizeof first);
  for (int i = 1; i < count; i++) all[i + 3] = i == named ? program : words[i];

  if (getpid() == 1) return watch_over(all);
  become(all);
}
