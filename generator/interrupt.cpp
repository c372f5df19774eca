#include "interrupt.h"

#include <csignal>

namespace resnetc {
namespace {

volatile std::sig_atomic_t signals = 0; // a handler can reach nothing else

void count_signal(int) {
    signals = 1;
}

} // namespace

void handle_interrupts() {
    struct sigaction action {};
    action.sa_handler = count_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
    return signals != 0;
}

} // namespace resnetc
