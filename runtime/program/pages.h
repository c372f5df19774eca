// Large pages for the weights.
//
// Included by session.
#pragma once

#include <cstddef>

namespace resnetc {

// Asks the kernel (madvise) to map what lies in whole huge pages (2 MiB) of `memory`, a part of a
// mapped file, with these; it may ignore that. Changes nothing else: no bytes, no copy, no more
// memory.
//
// It happens when the bytes first come from the disk, if the file system keeps large folios (ext4
// since Linux 6.16, XFS); the page cache keeps them, and the next start finds them there. For that,
// addresses and file offsets must agree modulo 2 MiB, which those of the static program do because
// it is linked without gaps.
void ask_for_huge_pages(const void* memory, size_t bytes);

} // namespace resnetc
