#include <cstdio>
#include <exception>
#include <variant>

#include "compiler/driver/run.h"

int main(int argc, char** argv) {
  try {
    return std::visit([](const auto& command) { return batonc::Run(command); },
                      batonc::ParseOptions(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "batonc: a bug of ours: %s\n", error.what());
    return batonc::kExitBug;
  }
}
