// The parent: starts the child, hands it an empty page and prints what is on it when it comes back.
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <baton/baton.h>

#include "helloParent.h"

namespace {

class HelloParent final : public samples::PHelloParent {};

int Fail(const std::error_code& error) {
  std::fprintf(stderr, "hello: %s\n", error.message().c_str());
  return 1;
}

}  // namespace

int main() {
  boost::asio::io_context io;
  const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  auto child = baton::Launch<samples::PHelloParent>({.program = beside / "hello_child"});
  if (!child) return Fail(child.error());

  const auto hello = std::make_shared<HelloParent>();
  const auto bound = std::move(child->endpoint).Bind(hello, io.get_executor());
  if (!bound) return Fail(bound.error());
  auto paper = hello->AllocShmem(64);
  if (!paper) return Fail(paper.error());

  int exit_code = 1;
  hello->SendGreet("Ada", std::move(*paper),
                   [&](boost::system::error_code error, baton::Shmem back) {
                     if (error) {
                       exit_code = Fail(error);
                     } else {
                       std::printf("%s\n", reinterpret_cast<const char*>(back.bytes().data()));
                       exit_code = 0;
                     }
                     hello->Close();
                   });
  io.run();
  return exit_code;
}
