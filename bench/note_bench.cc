// What the note for the fault reporter costs each hand-over, and each piece of memory.
#include <benchmark/benchmark.h>

#include "runtime/shmem/memory_note.h"

namespace bench {
namespace {

using baton::internal::MemoryNote;
using baton::internal::NotedMemory;

// Sent, and back: as Depart and Arrive do.
void NoteHandOver(benchmark::State& state) {
  MemoryNote note{NotedMemory()};
  std::uint64_t transfer = 0;
  for (auto _ : state) {
    note.HandedOver("PBench_Take_Parameters", ++transfer);
    note.CameBack();
  }
}
BENCHMARK(NoteHandOver);

void NoteOfNewMemory(benchmark::State& state) {
  NotedMemory memory;
  memory.set_protocol("bench::PBench");
  for (auto _ : state) {
    MemoryNote note(memory);
    benchmark::DoNotOptimize(note);
  }
}
BENCHMARK(NoteOfNewMemory);

}  // namespace
}  // namespace bench
