// SPDX-License-Identifier: Apache-2.0
//
// Timelines. The first line says the options and the pads; then "<microsecond> <what> <pad>", where what is frame, end,
// remove, restart or room?. The answer lists each batch with the time at which it leaves.
#include "mux/mux.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/text.h"
#include "testing/text_cases.h"

namespace es::mux {
namespace {

class Timeline {
 public:
  explicit Timeline(const std::string& head) : batcher_(read_options(head)) {
    std::istringstream words(head.substr(head.find("pads") + 4));
    for (unsigned pad; words >> pad;) batcher_.add_pad(pad);
  }

  void event(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    unsigned pad = 0;
    words >> now_ >> what >> pad;
    fire_deadlines_before(now_);
    if (what == "frame") batcher_.frame_arrived(pad, now_);
    if (what == "end") batcher_.ended(pad);
    if (what == "remove") batcher_.remove_pad(pad);
    if (what == "restart") batcher_.restart(pad);
    if (what == "room?") out_ << now_ << (batcher_.has_room(pad) ? " room" : " full") << '\n';
    take_all(now_);
  }

  std::string finish() {
    fire_deadlines_before(INT64_MAX);
    out_ << (batcher_.finished() ? "finished" : "waiting") << '\n';
    return out_.str();
  }

 private:
  static Options read_options(const std::string& head) {
    Options options;
    std::istringstream words(head);
    for (std::string word; words >> word && word != "pads";) {
      if (word == "batch") words >> options.batch_size;
      if (word == "timeout") words >> options.timeout.emplace();
      if (word == "live") options.live = true;
      if (word == "sorted") options.sorted = true;
    }
    return options;
  }

  void fire_deadlines_before(int64_t time) {
    while (const auto due = batcher_.deadline()) {
      if (*due >= time) return;
      take_all(*due);
    }
  }

  void take_all(int64_t time) {
    for (auto batch = batcher_.take(time); !batch.empty(); batch = batcher_.take(time)) {
      out_ << time << " batch " << join(batch, " ") << '\n';
    }
  }

  Batcher batcher_;
  int64_t now_ = 0;
  std::ostringstream out_;
};

std::string play(const std::string& input) {
  std::istringstream lines(input);
  std::string line;
  std::getline(lines, line);
  Timeline timeline(line);
  while (std::getline(lines, line)) {
    if (!line.empty()) timeline.event(line);
  }
  std::string answer = timeline.finish();
  answer.pop_back();
  return answer;
}

TEST(Batcher, Timelines) { testing::run_text_cases(ES_TEST_DATA "/timelines.test", play); }

TEST(Batcher, WithoutPadsIsNotFinished) { EXPECT_FALSE(Batcher({}).finished()); }

}  // namespace
}  // namespace es::mux
