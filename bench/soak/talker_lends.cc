// Memory and files that a Talker sends.
#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "bench/soak/content.h"
#include "bench/soak/talker.h"

namespace soak {

using boost::system::error_code;

template <class S>
std::uint64_t Talker<S>::HashToSay(std::uint64_t hash) {
  return std::exchange(spoils_hash_, false) ? ~hash : hash;
}

// There, where it is filled anew, and back.
template <class S>
void Talker<S>::Lend(std::uint32_t size, std::uint64_t salt) {
  auto memory = this->AllocShmem(size);
  if (!memory) return (void)Sent(baton::Fail(memory.error()), "new memory");
  Fill(memory->bytes(), salt);
  const std::uint64_t hash = Hash(memory->bytes());
  ++life_->counts().handovers;
  this->SendLend(
      said_.plain, *std::move(memory), HashToSay(hash),
      [asked = NewAsked("a loan"), size, hash](error_code error, const PSoak::LendReply& reply) {
        asked->Complete();
        if (error) return asked->Judge(error);
        ++asked->life().counts().handovers;
        const auto bytes = reply.memory_back.bytes();
        if (bytes.size() != size || Hash(bytes) != reply.hash_back || reply.hash_back == hash) {
          asked->life().Fail("memory came back with another content");
        }
      });
}

template <class S>
void Talker<S>::Give(std::uint32_t size, std::uint64_t salt, bool wanted_back) {
  auto memory = this->AllocShmem(size);
  if (!memory) return (void)Sent(baton::Fail(memory.error()), "new memory");
  Fill(memory->bytes(), salt);
  const std::uint64_t hash = HashToSay(Hash(memory->bytes()));
  if (SentNumbered(this->SendGive(NextNumber(), *std::move(memory), hash, wanted_back), "a gift")) {
    ++life_->counts().handovers;
  }
}

// Both write into it, one after the other.
template <class S>
void Talker<S>::Share(std::uint32_t size, std::uint64_t salt) {
  auto made = this->AllocUnsafeShmem(size);
  if (!made) return (void)Sent(baton::Fail(made.error()), "new memory of both");
  const auto memory = std::make_shared<const baton::UnsafeShmem>(*std::move(made));
  Fill(memory->bytes(), salt);
  const std::uint64_t hash = HashToSay(Hash(memory->bytes()));
  this->SendShare(said_.plain, *memory, hash,
                  [asked = NewAsked("a question about memory of both"), memory](
                      error_code error, std::uint64_t hash_back) {
                    asked->Complete();
                    if (error) return asked->Judge(error);
                    if (Hash(memory->bytes()) != hash_back) {
                      asked->life().Fail("memory of both holds another content");
                    }
                  });
}

template <class S>
void Talker<S>::Pipe(std::uint64_t salt) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return life_->Fail("there are no more pipes");
  const auto here = std::make_shared<const baton::FileDescriptor>(ends[0]);
  const baton::FileDescriptor there(ends[1]);
  this->SendPipe(
      said_.plain, there, salt,
      [asked = NewAsked("a question about a pipe"), here, salt](error_code error, auto&&...) {
        asked->Complete();
        if (error) return asked->Judge(error);
        std::uint64_t word = 0;
        if (::read(here->get(), &word, sizeof(word)) != sizeof(word) || word != salt) {
          asked->life().Fail("another word came through a pipe");
        }
      });
}

template class Talker<ParentSide>;
template class Talker<ChildSide>;

}  // namespace soak
