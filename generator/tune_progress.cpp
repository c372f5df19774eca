#include "tune_progress.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <unistd.h>

namespace resnetc {
namespace {

constexpr int kBarWidth = 20;
constexpr size_t kLineWidth = 100;

} // namespace

TuneProgress::TuneProgress(double budget_seconds)
    : budget_(budget_seconds), shown_(isatty(STDERR_FILENO) == 1) {}

TuneProgress::~TuneProgress() {
    if (shown_) {
        std::cerr << "\r\033[K" << std::flush;
    }
}

double TuneProgress::seconds_left() const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    return budget_ - passed.count();
}

void TuneProgress::show(const std::string& text) {
    const std::lock_guard lock(mutex_);
    text_ = text;
    print();
}

void TuneProgress::tick() {
    const std::lock_guard lock(mutex_);
    if (static_cast<int>(seconds_left()) != shown_second_) {
        print();
    }
}

void TuneProgress::print() {
    if (!shown_) {
        return;
    }
    shown_second_ = static_cast<int>(seconds_left());
    const int left = static_cast<int>(std::max(0.0, seconds_left()));
    const double done = std::clamp(1 - seconds_left() / budget_, 0.0, 1.0);
    const auto filled = static_cast<size_t>(done * kBarWidth);
    std::ostringstream line;
    line << '[' << std::string(filled, '#') << std::string(kBarWidth - filled, '.') << "] "
         << left / 60 << ':' << std::setfill('0') << std::setw(2) << left % 60 << " left  "
         << text_;
    std::cerr << "\r\033[K" << line.str().substr(0, kLineWidth) << std::flush;
}

} // namespace resnetc
