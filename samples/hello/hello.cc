// The parent: starts the child, hands it an empty page and prints what is on it when it comes back.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include <baton/baton.h>

#include "helloParent.h"

namespace {

class HelloParent final : public samples::PHelloParent {};

int Fail(const std::error_code& error) {
  std::fprintf(stderr, "hello: %s\n", error.message().c_str());
  return 1;
}

int Print(std::string_view text) {
  std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
  return 0;
}

// What the other process wrote, up to its zero or the end of the paper.
std::string_view TextOn(const baton::Shmem& paper) {
  const std::string_view text(reinterpret_cast<const char*>(paper.bytes().data()), paper.size());
  return text.substr(0, text.find('\0'));
}

}  // namespace

int main() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Fail(error);
  auto child =
      baton::Launch<samples::PHelloParent>({.program = self.parent_path() / "hello_child"});
  if (!child) return Fail(child.error());

  boost::asio::io_context io;
  const auto hello = std::make_shared<HelloParent>();
  const auto bound = std::move(child->endpoint).Bind(hello, io.get_executor());
  if (!bound) return Fail(bound.error());
  auto paper = hello->AllocShmem(64);
  if (!paper) return Fail(paper.error());

  int exit_code = 1;
  hello->SendGreet("Ada", std::move(*paper),
                   [&](boost::system::error_code failed, baton::Shmem back) {
                     exit_code = failed ? Fail(failed) : Print(TextOn(back));
                     hello->Close();  // else run() would not return
                   });
  io.run();
  (void)child->process.Wait(std::chrono::seconds(2));  // let it end by itself; ~Process kills
  return exit_code;
}
