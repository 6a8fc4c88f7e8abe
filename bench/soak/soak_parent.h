// The parent's end of PSoak.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/soak/report.h"
#include "bench/soak/talk_ledger.h"
#include "bench/soak/talker.h"

namespace soak {

class SoakParent final : public Talker<ParentSide> {
 public:
  // To be bound at once; counts in Report::actors until it has ended.
  SoakParent(std::shared_ptr<Life> life, boost::asio::any_io_executor executor, Report& report,
             TalkLedger& ledger, const Run& run);
  ~SoakParent() override;

  // The messages that the child does not get by deeds.
  void Tell(Deed deed, std::uint32_t size, std::uint64_t salt);
  bool Introduce(std::uint64_t talk, baton::Endpoint<PTalkParent> end);
  bool Introduce(std::uint64_t talk, baton::Endpoint<PTalkChild> end);

  const Run& run() const { return run_; }

 private:
  std::vector<std::shared_ptr<Task<ParentSide>>> Tasks() override;
  std::shared_ptr<PTaskParent> AllocPTaskParent(std::uint64_t number, bool refuse) override;
  baton::Result<PSoak::QueryReply> RecvQuery(std::uint64_t after, std::uint64_t value) override;
  baton::Result<void> RecvTalkEnded(std::uint64_t number, std::uint64_t talk,
                                    std::string trouble) override;
  void ActorDestroy(baton::ActorDestroyReason reason) override;

  Report& report_;
  TalkLedger& ledger_;
  const Run run_;
  int ends_ = 0;
};

}  // namespace soak
