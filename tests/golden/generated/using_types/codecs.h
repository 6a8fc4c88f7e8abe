#pragma once

#include <string>

#include <baton/wire/codec.h>

namespace net {

struct Url {
  std::string text;
  friend bool operator==(const Url&, const Url&) = default;
};

struct Pool {
  int size = 0;
};

struct Token {};

}  // namespace net

template <>
struct baton::wire::Codec<net::Url> {
  static void Write(const net::Url&, std::vector<std::byte>&) {}
  static bool Read(std::span<const std::byte>, net::Url&) { return true; }
};

template <>
struct baton::wire::Codec<net::Pool> {
  static void Write(const net::Pool&, std::vector<std::byte>&) {}
  static bool Read(std::span<const std::byte>, net::Pool&) { return true; }
};

template <>
struct baton::wire::Codec<net::Token> {
  static void Write(const net::Token&, std::vector<std::byte>&) {}
  static bool Read(std::span<const std::byte>, net::Token&) { return true; }
};
