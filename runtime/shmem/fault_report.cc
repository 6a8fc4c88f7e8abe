#include "runtime/shmem/fault_report.h"

#include <algorithm>

namespace baton::internal {
namespace {

// Appends to a line, without anything that a signal handler may not call.
class LineWriter {
 public:
  explicit LineWriter(std::span<char> line) : line_(line) {}

  LineWriter& operator<<(std::string_view text) {
    const std::size_t length = std::min(text.size(), line_.size() - used_);
    std::copy_n(text.data(), length, line_.data() + used_);
    used_ += length;
    return *this;
  }

  LineWriter& Number(std::uint64_t number) { return Digits(number, 10, 1); }
  LineWriter& Hex(std::uint64_t number, int at_least = 1) { return Digits(number, 16, at_least); }

  std::string_view EndLine() {
    if (used_ == line_.size() && used_ > 0) --used_;
    *this << "\n";
    return {line_.data(), used_};
  }

 private:
  LineWriter& Digits(std::uint64_t number, unsigned base, int at_least) {
    std::array<char, 20> digits;
    auto* first = digits.data() + digits.size();
    const auto* const end = first;
    for (; number > 0 || at_least > 0; number /= base, --at_least) {
      *--first = "0123456789abcdef"[number % base];
    }
    return *this << std::string_view(first, static_cast<std::size_t>(end - first));
  }

  std::span<char> line_;
  std::size_t used_ = 0;
};

std::string_view NameOf(NotedKind kind) {
  switch (kind) {
    case NotedKind::kSafe: return "Shmem";
    case NotedKind::kUnsafe: return "UnsafeShmem";
    case NotedKind::kFrozen: return "FrozenShmem";
  }
  return "memory";
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// The tables of a message are called "ns::PDecoder_Decode_Parameters" and "..._Reply" (batonc,
// lower). Anything else is the runtime's own.
void WriteSender(LineWriter& line, std::string_view protocol, std::string_view table) {
  const bool is_message = TakeSuffix(table, "_Parameters");
  const bool is_reply = !is_message && TakeSuffix(table, "_Reply");
  if (!is_message && !is_reply) return;
  line << " by ";
  const bool is_of_protocol = table.size() > protocol.size() && table.starts_with(protocol) &&
                              table[protocol.size()] == '_';
  if (is_of_protocol) table.remove_prefix(protocol.size() + 1);
  if (is_reply) line << "the answer to ";
  if (is_message && is_of_protocol) line << "Send";
  line << table;
}

void WriteMemory(LineWriter& line, const NotedMemory& memory) {
  line << NameOf(memory.kind) << " ";
  line.Hex(memory.id_high, 16) << " of " << memory.protocol_name();
  if (memory.access == NotedAccess::kReadOnly) line << ", which nobody may write";
  if (memory.access != NotedAccess::kHandedOver) return;
  line << ", handed over";
  WriteSender(line, memory.protocol_name(), memory.sent_with);
  line << ", transfer ";
  line.Number(memory.transfer);
}

void WriteBytes(LineWriter& line, std::uint64_t count) {
  line.Number(count) << (count == 1 ? " byte" : " bytes");
}

}  // namespace

std::string_view DescribeFault(const NotedMemory& memory, std::uintptr_t address,
                               std::span<char> out) {
  LineWriter line(out);
  const bool is_before = address < memory.begin;
  const bool is_behind = !is_before && address - memory.begin >= memory.size;
  line << "baton: ";
  if (is_before) {
    line << "ran ";
    WriteBytes(line, memory.begin - address);
    line << " before the beginning of ";
  } else if (is_behind) {
    line << "ran ";
    WriteBytes(line, address - memory.begin - memory.size + 1);
    line << " over the end of ";
  } else {
    line << "touched ";
  }
  WriteMemory(line, memory);
  line << " (address 0x";
  line.Hex(address);
  if (!is_before) {
    line << ", ";
    WriteBytes(line, address - memory.begin);
    line << " in";
  }
  line << ")";
  return line.EndLine();
}

}  // namespace baton::internal
