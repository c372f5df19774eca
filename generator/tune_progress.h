// The tuner's progress bar. Included by the tuner.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace resnetc {

// One line on stderr that is written over, if that is a terminal; nothing elsewhere.
class TuneProgress {
public:
    explicit TuneProgress(double budget_seconds);
    ~TuneProgress();
    TuneProgress(const TuneProgress&) = delete;
    TuneProgress& operator=(const TuneProgress&) = delete;

    double seconds_left() const;
    // "[#####.....] 0:43 left  conv3x3s1_c64_56x56_k64_relu, best 0.91 of the rule's time".
    void show(const std::string& text);
    // Shows the same with the time that is left now, once a second; may be called by any thread.
    void tick();

private:
    void print();

    std::mutex mutex_;
    std::string text_;
    int shown_second_ = -1;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    double budget_;
    bool shown_;
};

} // namespace resnetc
