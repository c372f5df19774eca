// Whole files in and out. Out: files appear whole or not at all, and unchanged ones are not
// touched.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace resnetc {

// The bytes of a regular file. Throws DiagnosticError that names the file and the system's reason,
// or if it is larger than `limit` bytes, or is not a regular file (a folder, a device).
std::string read_file(const std::string& path, size_t limit);

// Writes `path` through a temporary file in the same folder, fsync and rename; leaves it alone if
// it holds exactly `bytes` already. Throws DiagnosticError; the temporary file is removed then.
// Returns whether the file was written. `mode`: permissions of a new file, less the umask.
bool write_file(const std::string& path, std::string_view bytes, unsigned mode = 0666);

// Removes the temporary files that writes of the files `names` in `folder` have left, if the
// process that made them was killed and is no more.
void remove_abandoned_temporaries(const std::string& folder, const std::set<std::string>& names);

// Removes what write_file has left if this process is interrupted: install once, in main, so that
// SIGINT and SIGTERM unlink the temporary file in flight before the process dies of the signal.
void remove_temporary_files_on_signals();

} // namespace resnetc
