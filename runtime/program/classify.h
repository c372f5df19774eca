// The main job of the program: images in, the best classes out.
//
// Included by main.
#pragma once

#include "report.h"
#include "session.h"

namespace resnetc {

// Classifies the files paths[0..count-1] in groups of the model's batch (the last group padded by
// repeating its first image) and prints results in their order. A file that cannot be used gets a
// message on stderr and the others are still done.
//   top:  1 or more; at most the number of classes are printed
// Returns the exit code; stops early only if the model or standard output fails.
ExitCode classify(Session& session, const char* const* paths, int count, int top, bool json);

} // namespace resnetc
