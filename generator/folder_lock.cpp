#include "folder_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace resnetc {
namespace {

// Whether the path still leads to the open folder: while this process waited, the folder may have
// been removed, and another been made in its place.
bool is_still_at(const std::string& path, int descriptor) {
    struct stat opened {};
    struct stat there {};
    return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &there) == 0 &&
           opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

// Whether the lock is held now.
bool wait_for(const std::string& folder, int descriptor) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (errno != EWOULDBLOCK) {
        return false;
    }
    std::cerr << "resnetc: waiting for another resnetc that works in " << folder << std::endl;
    int result = 0;
    do {
        result = ::flock(descriptor, LOCK_EX);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

} // namespace

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

FolderLock lock_folder(const std::string& folder) {
    for (;;) {
        std::error_code ignored;
        std::filesystem::create_directories(folder, ignored);
        const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) {
            return {};
        }
        FolderLock lock(descriptor);
        if (!wait_for(folder, descriptor)) {
            return {};
        }
        if (is_still_at(folder, descriptor)) {
            return lock;
        }
    }
}

} // namespace resnetc
