#include "tools/memtrack/cli/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "tools/memtrack/model/words.h"

namespace memtrack {
namespace {

constexpr const char* kVersion = "memtrack " BATON_VERSION;

constexpr const char* kFooter =
    "`memtrack VERB --help` says more about a verb. Exit codes: 0 clean, 1 a leak was found, 2 no\n"
    "leak was found but not all could be seen, 3 the command or a file is wrong.";

// A verb's app, and what it makes of its options once they are parsed.
struct Verb {
  const CLI::App* app = nullptr;
  std::function<Command()> chosen;
};

using Parsed = std::vector<Verb>;

template <class Options>
std::shared_ptr<Options> AddVerb(CLI::App* app, Parsed& verbs) {
  auto options = std::make_shared<Options>();
  verbs.push_back({app, [options]() -> Command { return *options; }});
  return options;
}

void AddSockets(CLI::App* verb, SourceOptions& source) {
  const auto choose = [&source](Sockets sockets) {
    return [&source, sockets] { source.sockets = sockets; };
  };
  CLI::Option* none = verb->add_flag_callback(
      "--no-sockets", choose(Sockets::kNone),
      "Do not look into sockets for what is in flight. A look gives us what "
      "lies there for a moment, whatever it is; by default only sockets of "
      "processes of our own user are looked into");
  verb->add_flag_callback("--all-sockets", choose(Sockets::kAll), "Also those of other users")
      ->excludes(none);
}

void AddFrom(CLI::App* verb, SourceOptions& source) {
  verb->add_option("--from", source.recording, "Look at a recording, not at this machine")
      ->type_name("FILE");
  AddSockets(verb, source);
}

void AddDuration(CLI::App* verb, SourceOptions& source, const std::string& meaning) {
  verb->add_option("--for", source.seconds, meaning)
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 1e7));
  verb->add_option("--every", source.every, "Seconds from one pass to the next (1)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 1e6));
}

void AddShare(CLI::App* verb, ViewOptions& view) {
  const std::map<std::string, Share> shares = {
      {"owner", Share::kOwner}, {"pss", Share::kProportional}, {"unique", Share::kUnique}};
  verb->add_option("--share", view.share,
                   "Who pays: the owner of Baton's memory (default), everybody who holds it (pss), "
                   "or only who is alone (unique)")
      ->type_name("owner|pss|unique")
      ->transform(CLI::CheckedTransformer(shares).description(""));
}

CLI::Option* AddJson(CLI::App* verb, ViewOptions& view) {
  return verb->add_flag_callback(
      "--json", [&view] { view.format = Format::kJson; }, "One JSON document (memtrack-json.md)");
}

void AddFormats(CLI::App* verb, ViewOptions& view) {
  CLI::Option* json = AddJson(verb, view);
  verb->add_flag_callback(
          "--csv", [&view] { view.format = Format::kCsv; }, "Comma-separated, in bytes and seconds")
      ->excludes(json);
}

void AddTable(CLI::App* verb, ViewOptions& view) {
  AddFormats(verb, view);
  AddShare(verb, view);
  verb->add_flag("-k,--units", view.table.cells.is_human, "7.1M where else stands 7270 (KiB)");
  verb->add_option("-s,--sort", view.sort, "By this column, largest first, names by alphabet")
      ->type_name("COLUMN");
  verb->add_flag("-r,--reverse", view.is_reversed, "The other way round");
  verb->add_flag("-t,--totals", view.table.has_totals, "Add a line of sums");
}

void AddTag(CLI::App* verb, ViewOptions& view) {
  verb->add_option("--tag", view.table.tag, "Only memory of this tag")->type_name("TAG");
}

void AddPid(CLI::App* verb, ViewOptions& view) {
  verb->add_option("--pid", view.table.pid, "Only this process, and what it holds")
      ->type_name("PID");
}

void AddTables(CLI::App& app, Parsed& verbs) {
  CLI::App* sub = app.add_subcommand("ps", "Processes, and the shared memory they pay for");
  const auto processes = AddVerb<ProcessesCommand>(sub, verbs);
  AddFrom(sub, processes->source);
  AddTable(sub, processes->view);
  AddPid(sub, processes->view);

  sub = app.add_subcommand("segs", "Pieces of shared memory, and who holds them");
  const auto segments = AddVerb<SegmentsCommand>(sub, verbs);
  AddFrom(sub, segments->source);
  AddTable(sub, segments->view);
  AddTag(sub, segments->view);
  AddPid(sub, segments->view);

  sub = app.add_subcommand("tags", "Sums by tag; over time with --for, or of a recording");
  const auto tags = AddVerb<TagsCommand>(sub, verbs);
  AddFrom(sub, tags->source);
  AddDuration(sub, tags->source, "How long to look, for the changes per minute (0)");
  AddTable(sub, tags->view);
  AddTag(sub, tags->view);

  sub = app.add_subcommand("grid", "Segments by processes: descriptors(mappings), r: revoked");
  const auto grid = AddVerb<GridCommand>(sub, verbs);
  AddFrom(sub, grid->source);
  AddFormats(sub, grid->view);
  AddTag(sub, grid->view);
  AddPid(sub, grid->view);
}

// "TAG=N", where TAG may have a "=" of its own.
std::optional<std::pair<std::string, double>> ParseBudget(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number) || number < 0) {
    return std::nullopt;
  }
  return std::pair(text.substr(0, equals), number);
}

void AddJudgement(CLI::App* sub, WatchCommand& command) {
  AddJson(sub, command.view);
  AddShare(sub, command.view);
  sub->add_flag("--leak", command.only_verdicts, "Say only at the end what is wrong");
  const auto add_budget = [&command](const std::string& text) {
    const auto budget = ParseBudget(text);
    if (!budget) throw CLI::ValidationError("--max-growth", "`" + text + "` is not TAG=NUMBER");
    command.max_growth.insert_or_assign(budget->first, budget->second);
  };
  sub->add_option_function<std::vector<std::string>>(
         "--max-growth",
         [add_budget](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) add_budget(text);
         },
         "A leak if this tag (*: any) gains more segments than N; repeatable")
      ->type_name("TAG=N")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddWatches(CLI::App& app, Parsed& verbs) {
  CLI::App* sub = app.add_subcommand("watch", "Look again and again, and say what leaks");
  const auto watch = AddVerb<WatchCommand>(sub, verbs);
  watch->source.is_endless = true;
  AddFrom(sub, watch->source);
  AddDuration(sub, watch->source, "How long to look; else until you end it");
  AddJudgement(sub, *watch);

  sub = app.add_subcommand("replay", "The same over a recording, at once");
  const auto replay = AddVerb<WatchCommand>(sub, verbs);
  sub->add_option("FILE", replay->source.recording, "As `memtrack record` writes it")
      ->required()
      ->type_name("");
  AddJudgement(sub, *replay);

  sub = app.add_subcommand("record", "Write what is seen to a file, for replay, diff and --from");
  const auto record = AddVerb<RecordCommand>(sub, verbs);
  record->source.is_endless = true;
  sub->add_option("FILE", record->file, "It is made anew")->required()->type_name("");
  AddFrom(sub, record->source);
  AddDuration(sub, record->source, "How long to record; else until you end it");
  sub->add_option("--trace", record->trace, "A trace for ui.perfetto.dev as well")
      ->type_name("FILE");
}

void AddTop(CLI::App& app, Parsed& verbs) {
  CLI::App* sub = app.add_subcommand("top", "All of it in a terminal, again and again");
  const auto top = AddVerb<TopCommand>(sub, verbs);
  sub->add_option("--interval", top->source.every, "Seconds from one pass to the next (1)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 1e6));
  sub->add_option("--replay", top->source.recording, "Show a recording, not this machine")
      ->type_name("FILE");
  AddSockets(sub, top->source);
  AddShare(sub, top->view);
}

void AddServe(CLI::App& app, Parsed& verbs) {
  CLI::App* sub = app.add_subcommand("serve", "A page about this machine, on 127.0.0.1");
  const auto serve = AddVerb<ServeCommand>(sub, verbs);
  sub->add_option("--port", serve->options.port, "Where it listens; 0: any that is free (7117)")
      ->type_name("PORT");
  sub->add_option("--listen", serve->options.address, "Another address; nothing is encrypted")
      ->type_name("ADDRESS");
  sub->add_option("--interval", serve->options.interval, "Seconds from one pass to the next (1)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0));
  AddSockets(sub, serve->source);
}

// "812", "pid:812", "inode:27".
std::string TakeSubject(const std::string& text, WhyCommand& command) {
  const std::size_t colon = text.find(':');
  const std::string kind = colon == std::string::npos ? "" : text.substr(0, colon);
  command.may_be_process = kind != "inode";
  command.may_be_inode = kind != "pid";
  const char* const begin = text.data() + (colon == std::string::npos ? 0 : colon + 1);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, command.number);
  const bool is_number = error == std::errc() && stop == end;
  const bool is_kind = kind.empty() || kind == "pid" || kind == "inode";
  return is_number && is_kind ? "" : "`" + text + "` is not PID, pid:PID, INODE or inode:INODE";
}

void AddQuestions(CLI::App& app, Parsed& verbs) {
  CLI::App* sub = app.add_subcommand("why", "Explain one process or one piece of memory");
  const auto why = AddVerb<WhyCommand>(sub, verbs);
  why->source.seconds = 2;
  sub->add_option_function<std::string>(
         "PID|INODE",
         [why](const std::string& text) {
           const std::string mistake = TakeSubject(text, *why);
           if (!mistake.empty()) throw CLI::ValidationError(mistake);
         },
         "A number; pid:N or inode:N where it could be both")
      ->required()
      ->type_name("");
  AddFrom(sub, why->source);
  AddDuration(sub, why->source, "How long to look before judging (2)");
  AddShare(sub, why->view);
  AddJson(sub, why->view);

  sub = app.add_subcommand("diff", "What has changed between the ends of two recordings");
  const auto diff = AddVerb<DiffCommand>(sub, verbs);
  sub->add_option("OLD", diff->older, "A recording")->required()->type_name("");
  sub->add_option("NEW", diff->newer, "A later one")->required()->type_name("");
  AddTable(sub, diff->view);
  AddTag(sub, diff->view);
}

}  // namespace

const std::vector<std::string>& Verbs() {
  static const std::vector<std::string> verbs = {
      "ps", "segs", "tags", "grid", "watch", "replay", "record", "why", "diff", "top", "serve"};
  return verbs;
}

Command ParseOptions(int argc, const char* const* argv) {
  CLI::App app("Shows who holds which shared memory", "memtrack");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.footer(kFooter);
  Parsed verbs;
  AddTables(app, verbs);
  AddWatches(app, verbs);
  AddQuestions(app, verbs);
  AddTop(app, verbs);
  AddServe(app, verbs);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const std::string word = argc > 1 ? argv[1] : "";
    if (!word.empty() && !word.starts_with('-') && std::ranges::count(Verbs(), word) == 0) {
      std::fprintf(stderr,
                   "memtrack: there is no verb `%s`\nRun with --help for more information.\n",
                   Displayable(word).c_str());
      return Exit{kExitUsage};
    }
    return Exit{app.exit(error) == 0 ? kExitClean : kExitUsage};
  }
  for (const Verb& verb : verbs) {
    if (verb.app->parsed()) return verb.chosen();
  }
  return Exit{kExitUsage};
}

}  // namespace memtrack
