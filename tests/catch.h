// Catch2, whichever version is installed: 2.13 (Debian 12) or 3. Included by every test, never
// <catch2/...> itself. Both offer TEST_CASE, SECTION, REQUIRE, CHECK, Approx and the matchers here.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
