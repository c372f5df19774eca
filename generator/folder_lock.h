// One resnetc at a time in an output folder. Included by generate.
#pragma once

#include <string>
#include <utility>

namespace resnetc {

// Holds a folder until the end of its scope, or until the process dies of whatever. Movable.
class FolderLock {
public:
    FolderLock() = default; // holds nothing
    explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
    FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FolderLock& operator=(FolderLock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~FolderLock();

private:
    int descriptor_ = -1;
};

// Creates `folder` if it is not there and waits until nobody else holds it; says on stderr that it
// waits. Leaves no file. Holds nothing where the folder cannot be created or opened, which the
// caller is going to notice, or lies on a file system without locks (flock(2)).
FolderLock lock_folder(const std::string& folder);

} // namespace resnetc
