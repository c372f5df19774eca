// Malformed files of tests/errors/<reader>/ and their messages. Included by the tests of readers.
#pragma once

#include <functional>
#include <string>

namespace resnetc_test {

// Runs `read` on every *.yaml of tests/errors/<folder>, that folder being the working directory,
// and checks that what it throws reads as the *.expected beside it. Returns the number of cases.
//
// After a wanted change of a message: write the new text into *.expected and read the diff.
size_t check_error_cases(const std::string& folder,
                         const std::function<void(const std::string& file)>& read);

} // namespace resnetc_test
