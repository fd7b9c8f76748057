// SPDX-License-Identifier: Apache-2.0
//
// The export's facts against the network's tensors. Real exports contradict themselves: arrays left over from an
// earlier build, label lists edited by hand. The tensor is what runs, so it wins, and the contradiction is told.
#include <algorithm>
#include <span>

#include "base/text.h"
#include "edge_impulse/import.h"

namespace es::edge_impulse {
namespace {

std::string shown(const TensorFacts& tensor) {
  return text("'", printable(tensor.name), "' [", join(tensor.shape, ", "), "]");
}

// How many numbers of the output a head needs besides one per label, and where they stand.
struct HeadLayout {
  Head head;
  size_t rank;
  int64_t besides;        // values per row that are no label's
  bool labels_in_middle;  // the row is dimension 1, not the last
};

constexpr HeadLayout layouts[] = {
    {Head::classification, 2, 0, false}, {Head::fomo, 4, 1, false},
    {Head::yolov5, 3, 5, false},         {Head::yolov5_drpai, 3, 5, false},
    {Head::yolox, 3, 5, false},          {Head::yolo_pro, 3, 4, false},
    {Head::yolov11, 3, 4, true},         {Head::yolov11_absolute, 3, 4, true},
};

class Checker {
 public:
  Checker(Project& project, const ModelFacts& model) : project_(project), model_(model) {}

  std::vector<std::string> run() {
    check_features();
    if (project_.is_about_images()) check_picture();
    take_dtype(project_.input_dtype, model_.input, "input");
    if (!model_.outputs.empty()) {
      take_dtype(project_.output_dtype, model_.outputs.front(), "output");
      if (!project_.head || *project_.head == Head::unknown) tell_head();
      check_output();
    }
    return std::move(warnings_);
  }

 private:
  template <typename... Parts>
  void warn(const Parts&... parts) {
    warnings_.push_back(text(parts...));
  }

  std::string input_source() const { return "input tensor " + shown(model_.input); }
  std::string output_source() const { return "output tensor " + shown(model_.outputs.front()); }

  // Numbers in one input; 0 where a dimension besides the batch is not fixed, or there are absurdly many.
  int64_t features() const {
    constexpr int64_t most = int64_t{1} << 40;
    int64_t product = 1;
    const std::span shape(model_.input.shape);
    for (const int64_t size : shape.subspan(shape.empty() ? 0 : 1)) {
      if (size <= 0 || product > most / size) return 0;
      product *= size;
    }
    return shape.size() < 2 ? 0 : product;
  }

  void check_features() {
    const int64_t count = features();
    if (count == 0) return;
    if (project_.input_features && *project_.input_features != count) {
      warn("the network takes ", count, " numbers (", input_source(), "), ", project_.input_features.source, " says ",
           *project_.input_features, "; the network may be left over from another build");
    }
    project_.input_features = {count, input_source()};
  }

  void take_dtype(Fact<std::string>& fact, const TensorFacts& tensor, std::string_view which) {
    if (tensor.dtype.empty()) return;
    if (fact && *fact != tensor.dtype) {
      warn("the ", which, " tensor ", shown(tensor), " is ", tensor.dtype, ", ", fact.source, " says ", *fact,
           "; the tensor is right");
    }
    if (!fact || *fact != tensor.dtype) fact = {tensor.dtype, text(which, " tensor ", shown(tensor))};
  }

  // Pictures are [N, H, W, C], or [N, C, H, W] from tools that put channels first.
  void check_picture() {
    const auto& shape = model_.input.shape;
    if (shape.size() != 4) {
      // A lone model says nothing of pictures; an export that does has facts about them.
      const bool speaks_of_pictures = project_.dsp_functions || project_.color || project_.input_width;
      if (speaks_of_pictures) warn("the ", input_source(), " is no picture; [N, height, width, channels] is needed");
      return;
    }
    const size_t row = model_.channels_first ? 2 : 1;
    take_size(project_.input_height, shape[row], "height");
    take_size(project_.input_width, shape[row + 1], "width");
    take_channels(shape[model_.channels_first ? 1 : 3]);
  }

  void take_size(Fact<int64_t>& fact, int64_t size, std::string_view which) {
    if (size <= 0) return;
    if (fact && *fact != size) {
      warn("the ", which, " of the ", input_source(), " is ", size, ", ", fact.source, " says ", *fact,
           "; the tensor is right");
    }
    if (!fact || *fact != size) fact = {size, input_source()};
  }

  void take_channels(int64_t channels) {
    if (channels != 1 && channels != 3) {
      warn("the ", input_source(), " has ", channels, " channels; pictures have 3 (RGB) or 1 (grayscale)");
      return;
    }
    const auto color = channels == 3 ? ColorMode::rgb : ColorMode::grayscale;
    if (project_.color && *project_.color != color) {
      warn("the ", input_source(), " has ", channels, " channel", channels == 1 ? "" : "s", ", ", project_.color.source,
           " says ", word_for(*project_.color), "; the tensor is right");
    }
    if (!project_.color || *project_.color != color) project_.color = {color, input_source()};
  }

  // -1 where nobody says.
  int64_t label_count() const {
    if (project_.labels) return static_cast<int64_t>(project_.labels->size());
    return project_.label_count.value_or(-1);
  }

  int64_t row_length(const HeadLayout& layout) const {
    const auto& shape = model_.outputs.front().shape;
    const bool channels_first = layout.rank == 4 && model_.channels_first;
    return shape[layout.labels_in_middle || channels_first ? 1 : layout.rank - 1];
  }

  const HeadLayout* layout_of(Head head) const {
    const auto found = std::ranges::find(layouts, head, &HeadLayout::head);
    return found == std::end(layouts) ? nullptr : found;
  }

  // Only where the shape leaves no doubt.
  void tell_head() {
    const auto& shape = model_.outputs.front().shape;
    const auto tell = [&](Head head) { project_.head = {head, output_source()}; };
    if (model_.outputs.size() == 4 && shape.size() != 4) return tell(Head::ssd);
    if (model_.outputs.size() != 1) return;
    if (shape.size() == 2 && shape[1] == 1 && label_count() <= 1) return tell(Head::regression);
    for (const Head head : {Head::classification, Head::fomo, Head::yolov5, Head::yolov11, Head::yolo_pro}) {
      if (fits(*layout_of(head))) return tell(head);
    }
  }

  bool fits(const HeadLayout& layout) const {
    if (model_.outputs.front().shape.size() != layout.rank) return false;
    if (layout.head == Head::yolov5) return is_yolov5_grid() && agrees_with_labels(layout);
    if (layout.rank == 3) return label_count() > 0 && agrees_with_labels(layout);
    return row_length(layout) > layout.besides && agrees_with_labels(layout);
  }

  bool agrees_with_labels(const HeadLayout& layout) const {
    return label_count() < 0 || row_length(layout) == label_count() + layout.besides;
  }

  // Three anchors per cell at strides 8, 16 and 32.
  bool is_yolov5_grid() const {
    const auto& shape = model_.outputs.front().shape;
    const int64_t width = project_.input_width.value_or(0), height = project_.input_height.value_or(0);
    if (width <= 0 || height <= 0 || width > 65536 || height > 65536) return false;
    int64_t cells = 0;
    for (const int64_t stride : {8, 16, 32}) cells += (width / stride) * (height / stride);
    return shape[1] == 3 * cells && shape[2] >= 6;
  }

  void check_output() {
    const auto* layout = project_.head ? layout_of(*project_.head) : nullptr;
    if (layout == nullptr || model_.outputs.front().shape.size() != layout->rank) return;
    const int64_t length = row_length(*layout);
    if (length < 0) return;
    if (!agrees_with_labels(*layout)) {
      const auto& source = project_.labels ? project_.labels.source : project_.label_count.source;
      warn("the ", output_source(), " scores ", length - layout->besides, " labels as ", word_for(*project_.head), ", ",
           source, " gives ", label_count());
    }
    const int64_t scored = length - layout->besides;
    if (scored > 0 && project_.label_count.value_or(-1) != scored) project_.label_count = {scored, output_source()};
  }

  Project& project_;
  const ModelFacts& model_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::vector<std::string> check_against(Project& project, const ModelFacts& model) {
  return Checker(project, model).run();
}

}  // namespace es::edge_impulse
