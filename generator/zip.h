// Reader of zip archives, stored entries only. Included by the readers of PyTorch files and .npz.
//
// Format: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.5. In: a file's bytes. Out: views of its
// entries' bytes, after directory, local headers, sizes and checksums were found to agree; a file
// that different programs could read differently is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resnetc {

struct ZipEntry {
    std::string_view name; // UTF-8; all names of an archive differ
    std::string_view data; // points into the archive's bytes
};

// The entries in the directory's order. Throws DiagnosticError with up to 100 problems of the file
// called `path`: no directory at its very end; sizes and offsets that leave the file, disagree or
// overlap; entries that are compressed (with `compressed_hint`), encrypted or damaged; names that
// occur twice. Zip64 fields are read wherever the format allows them.
std::vector<ZipEntry> read_zip(const std::string& path, std::string_view bytes,
                               const std::string& compressed_hint);

// The name of the first entry of what may be a zip archive, by its local header; "" if there is
// none.
std::string_view first_zip_entry(std::string_view bytes);

} // namespace resnetc
