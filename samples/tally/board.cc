#include "board.h"

#include <boost/interprocess/allocators/allocator.hpp>
#include <boost/interprocess/containers/map.hpp>
#include <boost/interprocess/containers/string.hpp>
#include <boost/interprocess/managed_external_buffer.hpp>
#include <functional>
#include <sstream>
#include <system_error>

namespace samples {
namespace {

namespace ipc = boost::interprocess;

using Buffer = ipc::managed_external_buffer;  // no mutex of its own
using CharAllocator = ipc::allocator<char, Buffer::segment_manager>;
using Word = ipc::basic_string<char, std::char_traits<char>, CharAllocator>;
using Entry = std::pair<const Word, std::uint32_t>;
using Words =
    ipc::map<Word, std::uint32_t, std::less<>, ipc::allocator<Entry, Buffer::segment_manager>>;

constexpr std::chrono::seconds kPatience(5);
constexpr const char* kName = "words";

std::span<std::byte> BehindTheLock(const baton::UnsafeShmem& memory) {
  return memory.bytes().subspan(baton::SharedLock::kSize);
}

Buffer BufferIn(const baton::UnsafeShmem& memory) {
  const auto bytes = BehindTheLock(memory);
  return {ipc::open_only, bytes.data(), bytes.size()};
}

}  // namespace

baton::Result<Board> Board::Make(const baton::UnsafeShmem& memory) {
  BATON_TRY(auto lock, baton::SharedLock::At(memory, 0));
  const auto bytes = BehindTheLock(memory);
  Buffer buffer(ipc::create_only, bytes.data(), bytes.size());
  buffer.construct<Words>(kName)(buffer.get_segment_manager());
  return Board(memory.Share(), std::move(lock));
}

baton::Result<Board> Board::Open(const baton::UnsafeShmem& memory) {
  BATON_TRY(auto lock, baton::SharedLock::At(memory, 0));
  return Board(memory.Share(), std::move(lock));
}

baton::Result<void> Board::Count(std::string_view text, std::uint32_t rounds) {
  for (std::uint32_t round = 0; round < rounds; ++round) {
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) BATON_CHECKED(CountOne(word));
  }
  return {};
}

baton::Result<void> Board::CountOne(const std::string& word) {
  BATON_TRY(const auto held, lock_.Lock(kPatience));
  Buffer buffer = BufferIn(memory_);
  const CharAllocator allocator(buffer.get_segment_manager());
  Words& table = *buffer.find<Words>(kName).first;
  try {
    ++table.try_emplace(Word(word.c_str(), allocator), 0U).first->second;
  } catch (const ipc::bad_alloc&) {
    return baton::Fail(std::make_error_code(std::errc::not_enough_memory));
  }
  return {};
}

baton::Result<std::vector<std::pair<std::string, std::uint32_t>>> Board::Read() {
  BATON_TRY(const auto held, lock_.Lock(kPatience));
  Buffer buffer = BufferIn(memory_);
  std::vector<std::pair<std::string, std::uint32_t>> all;
  for (const auto& [word, count] : *buffer.find<Words>(kName).first) {
    all.emplace_back(std::string(word.data(), word.size()), count);
  }
  return all;
}

}  // namespace samples
