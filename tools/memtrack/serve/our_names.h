// What the `Host` of a request may say. Any page can let a name of its own point to 127.0.0.1 and
// then ask us as if we were that page's server (DNS rebinding); but its browser says that name.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

namespace memtrack {

class OurNames {
 public:
  explicit OurNames(boost::asio::ip::tcp::endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  // Listening on a loopback address: `localhost` and either loopback address, with our port.
  // On another one: that address. On all of them: any address, but no name.
  bool Has(std::string_view host) const;

  // How a browser finds us; "http://127.0.0.1:7117". On all addresses: the loopback one.
  std::string Url() const;

 private:
  bool IsOurs(std::string_view name) const;

  boost::asio::ip::tcp::endpoint endpoint_;
};

}  // namespace memtrack
