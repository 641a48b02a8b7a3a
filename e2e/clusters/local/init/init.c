/*
 * The first process of a pid namespace: of a pod (the sandbox that holds its namespaces), of a node, of the whole cluster.
 * It reaps what is orphaned, for nobody else may, and when it ends the kernel ends every process of the namespace.
 *
 *   init                 waits until it is told to end
 *   init PROGRAM ARGS    starts PROGRAM, hands on SIGTERM and SIGINT to it, and ends as it ends
 */
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(char **words, const sigset_t *blocked) {
  pid_t child = fork();
  if (child != 0) return child;
  sigprocmask(SIG_UNBLOCK, blocked, NULL);
  execvp(words[0], words);
  perror(words[0]);
  _exit(127);
}

int main(int count, char **words) {
  /* Blocked and waited for: nothing can come between a look and the wait. */
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);

  pid_t program = count > 1 ? start(words + 1, &signals) : 0;
  if (program < 0) {
    perror("init: fork");
    return 1;
  }
  for (;;) {
    int number, status;
    sigwait(&signals, &number);
    if (number != SIGCHLD) {
      if (program == 0) return 0;
      kill(program, number);
      continue;
    }
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
      if (ended == program) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}
