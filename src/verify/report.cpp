// SPDX-License-Identifier: Apache-2.0
//
// A proof in words, for people and for programs.
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "verify/pictures.h"
#include "verify/verify.h"

namespace es::verify {
namespace {

std::string html_text(const std::string& words) {
  std::string out;
  for (const char c : printable(words, 300)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

// Three digits, as errors are read.
std::string number(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.3g", value);
  return digits;
}

const char* const style =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;"
    "background:#fff}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;"
    "margin:.5rem 0}td,th{text-align:left;padding:.2rem .9rem .2rem 0;border-bottom:1px solid #d0d7de;"
    "font-variant-numeric:tabular-nums;vertical-align:top}.ok{color:#1a7f37}.bad{color:#b3261e}.dim{color:#57606a}"
    "figure{margin:1rem 0}svg{max-width:100%;height:auto}.source{fill:#1f6feb}.network{fill:#d9730d}"
    ".error{fill:#b3261e}.frame{fill:none;stroke:#8c959f}.axis{stroke:#8c959f}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}"
    ".dim{color:#9198a1}.ok{color:#3fb950}.bad{color:#f85149}}";

std::string mark(bool passed) {
  return passed ? "<span class=\"ok\">equal</span>" : "<span class=\"bad\">differs</span>";
}

std::string top1_text(const OutputResult& output) {
  return output.top1_total == 0 ? "" : text(output.top1_equal, " of ", output.top1_total);
}

std::string output_section(const Report& report, const OutputResult& output) {
  std::string html = text("<h2>", html_text(output.name), " [", join(output.shape, ", "), "]",
                          output.is_logits ? ", in front of the last Softmax" : "", "</h2>\n<table>");
  const auto row = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) html += "<tr><th>" + name + "</th><td>" + value + "</td></tr>\n";
  };
  row("verdict", mark(output.passed));
  row("largest error", number(output.max_error) + " of the range");
  row("mean error", number(output.mean_error) + " of the range");
  row("range", number(output.range));
  row("best class equal", top1_text(output));
  if (output.sensitivity) row("source moves by", number(*output.sensitivity) + " when its input does by 1e-6");
  row("shown", "input '" + html_text(report.inputs[output.worst_input]) + "', the worst of all");
  return html + "</table>\n<figure>" + picture_of(output) +
         "<figcaption class=\"dim\"><svg width=\"10\" height=\"10\"><rect class=\"source\" width=\"10\" "
         "height=\"10\"/></svg> source &nbsp; <svg width=\"10\" height=\"10\"><rect class=\"network\" width=\"10\" "
         "height=\"10\"/></svg> network</figcaption></figure>\n";
}

std::string batch_section(const Report& report) {
  std::string html = "<h2>Batches</h2>\n<table><tr><th>rows</th><th>largest error</th><th></th></tr>\n";
  for (const auto& batch : report.batches) {
    html += text("<tr><td>", batch.batch, "</td><td>",
                 batch.problem.empty() ? number(batch.max_error) : html_text(batch.problem), "</td><td>",
                 mark(batch.passed), "</td></tr>\n");
  }
  return html + "</table>\n";
}

std::string layer_section(const Report& report) {
  if (report.layers.empty()) return "";
  std::string html = "<h2>Operators</h2>\n<table><tr><th>operator</th><th>largest error</th><th></th></tr>\n";
  for (const auto& layer : report.layers) {
    html += text("<tr><td>", html_text(layer.name), "</td><td>", number(layer.max_error), "</td><td>",
                 mark(layer.passed), "</td></tr>\n");
  }
  return html +
         "</table>\n<p class=\"dim\">Operators that were fused with a neighbour have no value of their own.</p>\n";
}

std::string agreement_section(const Report& report) {
  if (report.agreements.empty()) return "";
  std::string html = "<h2>Beside the export's own integers</h2>\n<ul>";
  for (const auto& agreement : report.agreements) html += "<li>" + html_text(agreement_text(agreement)) + "</li>\n";
  return html + "</ul>\n<p class=\"dim\">A statement, not a proof: floats have no steps.</p>\n";
}

// JSON has no infinity.
nlohmann::ordered_json finite(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

std::string agreement_text(const Agreement& agreement) {
  if (agreement.name == "boxes") {
    return agreement.top1_total == 0
               ? "no box of the export's integers scores 0.3 or more"
               : text(agreement.top1_equal, " of ", agreement.top1_total, " boxes found again, by an overlap of ",
                      number(1 - agreement.max_shift), " or more");
  }
  const std::string classes = agreement.top1_total == 0 ? ""
                                                        : text("best class equal in ", agreement.top1_equal, " of ",
                                                               agreement.top1_total, ", ");
  return text("'", agreement.name, "': ", classes, "numbers move by up to ", number(agreement.max_shift));
}

std::string html_page(const Report& report) {
  std::string html = text(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Verification of ",
      html_text(report.network), "</title><style>", style, "</style></head><body>\n<h1>", html_text(report.network),
      " ", report.passed ? "equals" : "differs from", " ", html_text(report.source), "</h1>\n");
  if (!report.verdict.empty()) html += "<p class=\"bad\">" + html_text(report.verdict) + "</p>\n";
  html += text("<p class=\"dim\">Source: ", html_text(report.source_arithmetic),
               ". Network: ", html_text(report.network_arithmetic), ". ", report.inputs.size(),
               " inputs. Allowed: ", number(report.tolerance), " of an output's range.</p>\n");
  for (const auto& output : report.outputs) html += output_section(report, output);
  return html + batch_section(report) + agreement_section(report) + layer_section(report) + "</body></html>\n";
}

std::string json_text(const Report& report) {
  using Json = nlohmann::ordered_json;
  Json outputs = Json::array(), batches = Json::array(), layers = Json::array();
  for (const auto& output : report.outputs) {
    Json json{{"name", printable(output.name)},
              {"shape", output.shape},
              {"logits", output.is_logits},
              {"range", finite(output.range)},
              {"max_error", finite(output.max_error)},
              {"mean_error", finite(output.mean_error)},
              {"top1_equal", output.top1_equal},
              {"top1_total", output.top1_total},
              {"worst_input", report.inputs[output.worst_input]},
              {"passed", output.passed}};
    if (output.sensitivity) json["sensitivity"] = finite(*output.sensitivity);
    outputs.push_back(std::move(json));
  }
  for (const auto& batch : report.batches) {
    batches.push_back({{"rows", batch.batch},
                       {"max_error", finite(batch.max_error)},
                       {"passed", batch.passed},
                       {"problem", batch.problem}});
  }
  Json agreements = Json::array();
  for (const auto& agreement : report.agreements) {
    agreements.push_back({{"name", printable(agreement.name)},
                          {"top1_equal", agreement.top1_equal},
                          {"top1_total", agreement.top1_total},
                          {"max_shift", finite(agreement.max_shift)}});
  }
  for (const auto& layer : report.layers) {
    layers.push_back({{"operator", layer.name}, {"max_error", finite(layer.max_error)}, {"passed", layer.passed}});
  }
  const Json json{
      {"passed", report.passed},
      {"verdict", report.verdict},
      {"source", {{"name", report.source}, {"computed_by", report.source_arithmetic}}},
      {"network", {{"name", report.network}, {"computed_by", report.network_arithmetic}}},
      {"tolerance", report.tolerance},
      {"inputs", report.inputs},
      {"outputs", outputs},
      {"batches", batches},
      {"beside_integers", agreements},
      {"first_operator_that_differs", report.first_parted ? Json(report.first_parted->name) : Json(nullptr)},
      {"operators", layers}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace es::verify
