// The specs of this repository, for tests that hold for each of them.
#pragma once

#include <string>
#include <vector>

namespace resnetc_test {

// Every specs/models/*.yaml, sorted.
std::vector<std::string> shipped_specs();

// specs/models/<name>.yaml.
std::string shipped_spec(const std::string& name);

} // namespace resnetc_test
