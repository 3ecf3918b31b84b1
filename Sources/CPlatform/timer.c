#include "timer.h"

#include <sys/timerfd.h>

int casus_timer_make(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

void casus_timer_set(int timer, uint64_t moment) {
  struct itimerspec at = {
      .it_value = {.tv_sec = (time_t)(moment / 1000000000), .tv_nsec = (long)(moment % 1000000000)}};
  // Zero would be never.
  if (moment == 0) at.it_value.tv_nsec = 1;
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, 0);
}
