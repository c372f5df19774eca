// Large pages for weights and arena.
//
// Included by session.
#pragma once

#include <cstddef>

namespace resnetc {

// What Linux calls a huge page, on x86-64 and, with 4 KiB pages, on aarch64.
constexpr size_t kHugePage = size_t{2} << 20;

// Asks the kernel (madvise) to map what lies in whole huge pages of `memory` with these; it may
// ignore that. Changes nothing else: no bytes, no copy, no more memory than `bytes` in use.
//
// Anonymous memory gets them when it is first touched, unless the machine forbids it. A mapped file
// gets them when its bytes first come from the disk, if the file system keeps large folios (ext4
// since Linux 6.16, XFS), and keeps them in the page cache: the next start finds them there. For
// that, addresses and file offsets of the weights must agree modulo kHugePage, which the static
// program's do because it is linked without gaps.
void ask_for_huge_pages(const void* memory, size_t bytes);

} // namespace resnetc
