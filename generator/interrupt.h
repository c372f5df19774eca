// Ctrl-C for work that has to end tidily. Included by the tuner.
#pragma once

namespace resnetc {

// From now on SIGINT and SIGTERM only make interrupted() true; a second one ends the process.
void handle_interrupts();

bool interrupted();

} // namespace resnetc
