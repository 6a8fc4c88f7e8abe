#include "tools/memtrack/serve/serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/serve/sampler.h"
#include "tools/memtrack/serve/server.h"
#include "tools/memtrack/serve/site.h"

namespace memtrack {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

steady_clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(seconds));
}

asio::awaitable<void> LookAgainAndAgain(Sampler& sampler, steady_clock::duration interval) {
  asio::steady_timer timer(co_await asio::this_coro::executor, interval);
  for (;;) {
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    const auto begin = steady_clock::now();
    (void)sampler.Look();  // the page says what has failed
    const auto end = steady_clock::now();
    timer.expires_at(std::max(begin + interval, end + (end - begin)));
  }
}

bool Complain(std::ostream& err, const std::string& what, std::error_code error) {
  err << fmt::format("memtrack: {}: {}\n", what, error.message());
  return false;
}

}  // namespace

bool Serve(const ServeOptions& options, Watch watch, std::ostream& out, std::ostream& err) {
  asio::io_context io(1);
  asio::signal_set ends(io, SIGINT, SIGTERM);
  ends.async_wait([&](boost::system::error_code, int) { io.stop(); });

  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(options.address, no_address);
  const std::string place =
      fmt::format("cannot listen on {} port {}", Displayable(options.address), options.port);
  if (no_address) return Complain(err, place, no_address);
  auto server = Server::Listen(io, tcp::endpoint(address, options.port), {});
  if (!server) return Complain(err, place, server.error());
  auto token = Token::Make();
  if (!token) return Complain(err, "no random numbers", token.error());
  Sampler sampler(std::move(watch), options.interval);
  const auto first = sampler.Look();
  if (!first) return Complain(err, "cannot look at this machine", first.error());

  const Site site = {*std::move(token), OurNames((*server)->endpoint()),
                     [&] { return sampler.Data(); }, [&] { return sampler.MetricsText(); }};
  if (!address.is_loopback()) {
    err << "memtrack: whoever reaches this address and overhears the URL sees what you see: it is "
           "not encrypted\n";
  }
  out << site.names.Url() << '/' << site.token.text() << "/\n" << std::flush;
  (*server)->Start([&](const Request& request) { return Answer(site, request); });
  asio::co_spawn(io, LookAgainAndAgain(sampler, Seconds(options.interval)), asio::detached);
  io.run();
  return true;
}

}  // namespace memtrack
