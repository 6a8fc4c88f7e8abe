// What Printer makes of templates. That a wrong slot aborts is shown in child processes.
#include "compiler/emit/printer.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <csignal>

namespace batonc {
namespace {

std::string Printed(Printer::Slots slots, std::string_view code) {
  Printer printer;
  printer.Emit(slots, code);
  return printer.Take();
}

// The signal that ends a process that runs `body`; 0 when it returns.
template <class Body>
int SignalOf(Body body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGABRT, SIG_DFL);
    (void)std::freopen("/dev/null", "w", stderr);
    body();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_CASE("a template loses its common indentation and keeps its own") {
  CHECK(Printed({{"Name", "Rect"}}, R"(
      struct ${Name} {
        int width;
      };
  )") == "struct Rect {\n  int width;\n};\n");
}

TEST_CASE("a slot may stand several times in one line") {
  CHECK(Printed({{"a", "x"}, {"b", "y"}}, "${a} + ${b} = ${b} + ${a};") == "x + y = y + x;\n");
}

TEST_CASE("text of several lines gets the indentation of its slot") {
  CHECK(Printed({{"doc", "/// one\n/// two"}}, R"(
    {
      ${doc}
    }
  )") == "{\n  /// one\n  /// two\n}\n");
}

TEST_CASE("blocks nest, and each adds its indentation") {
  Printer printer;
  const auto inner = [&] { printer.Emit({{"n", "1"}}, "int ${n};"); };
  const auto outer = [&] {
    printer.Emit({{"inner", inner}}, R"(
      struct {
        ${inner}
      };
    )");
  };
  printer.Emit({{"outer", outer}}, R"(
    namespace {
      ${outer}
    after
  )");
  CHECK(printer.Take() == "namespace {\n  struct {\n    int 1;\n  };\nafter\n");
}

TEST_CASE("an empty slot alone on its line takes the line with it") {
  CHECK(Printed({{"doc", ""}, {"body", [] {}}}, R"(
    ${doc}
    a;
    ${body}
    b;
  )") == "a;\nb;\n");
}

TEST_CASE("an empty slot inside a line leaves the line") {
  CHECK(Printed({{"arguments", ""}}, "f(${arguments});") == "f();\n");
}

TEST_CASE("empty lines collapse, and none stands at the start or inside a brace") {
  CHECK(Printed({{"nothing", ""}}, R"(

    a {

      ${nothing}

      b;

    }

    namespace x {

    }  // namespace x
  )") == "a {\n  b;\n}\n\nnamespace x {\n\n}  // namespace x\n");
}

TEST_CASE("spaces at the end of a line are dropped") {
  CHECK(Printed({{"nothing", ""}}, "a; ${nothing}") == "a;\n");
}

TEST_CASE("a long line is broken behind commas, and each part fits") {
  std::string arguments;
  for (int i = 0; i < 40; ++i) arguments += (i == 0 ? "" : ", ") + std::string("argument");
  const std::string text = Printed({{"arguments", arguments}}, "  call(${arguments});");
  std::size_t begin = 0;
  int lines = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    CHECK(end - begin <= 100);
    if (lines++ > 0) CHECK(text.compare(begin, 12, "    argument") == 0);
    begin = end + 1;
  }
  CHECK(lines == 5);
}

TEST_CASE("a line is broken where it is least nested") {
  const std::string name(28, 'x');
  CHECK(Printed({{"n", name}}, "f(${n}, g<${n}, ${n}, ${n}>);") ==
        "f(" + name + ",\n    g<" + name + ", " + name + ", " + name + ">);\n");
}

TEST_CASE("without a comma a long line is broken behind a parenthesis, without one not at all") {
  const std::string name(60, 'x');
  CHECK(Printed({{"n", name}}, "${n}(${n});") == name + "(\n    " + name + ");\n");
  CHECK(Printed({{"n", name}}, "${n}${n};") == name + name + ";\n");
}

TEST_CASE("literals and comments are not broken") {
  const std::string text(60, 'x');
  const std::string literal = "\"" + text + "\\\", " + text + "\";";
  CHECK(Printed({{"literal", literal}}, "${literal}") == literal + "\n");
  const std::string comment = "// " + text + ", " + text;
  CHECK(Printed({{"comment", comment}}, "${comment}") == comment + "\n");
}

TEST_CASE("a template that stands where another one stood is read anew") {
  std::string code = "a ${x}";
  CHECK(Printed({{"x", "1"}}, code) == "a 1\n");
  code[0] = 'b';
  CHECK(Printed({{"x", "2"}}, code) == "b 2\n");
}

TEST_CASE("taking empties the printer") {
  Printer printer;
  printer.Emit("a\n\n");
  CHECK(printer.Take() == "a\n");
  printer.Emit("b");
  CHECK(printer.Take() == "b\n");
  CHECK(printer.Take().empty());
}

TEST_CASE("a template whose slots are wrong aborts") {
  const auto emit = [](Printer::Slots slots, std::string_view code) {
    return SignalOf([&] { Printed(slots, code); });
  };
  CHECK(emit({{"a", "1"}}, "${a}") == 0);
  CHECK(emit({}, "${a}") == SIGABRT);                 // unknown
  CHECK(emit({{"a", "1"}}, "text") == SIGABRT);       // unused
  CHECK(emit({{"a", "1"}}, "x ${a") == SIGABRT);      // unclosed
  CHECK(emit({{"a", [] {}}}, "x ${a}") == SIGABRT);   // a block inside a line
  CHECK(emit({{"a", "1\n2"}}, "x ${a}") == SIGABRT);  // several lines inside a line
}

TEST_CASE("elements are joined by the separator") {
  const auto text = [](int number) { return std::to_string(number); };
  CHECK(Join(std::vector<int>{}, ", ", text).empty());
  CHECK(Join(std::vector<int>{1}, ", ", text) == "1");
  CHECK(Join(std::vector<int>{1, 2, 3}, ", ", text) == "1, 2, 3");
}

}  // namespace
}  // namespace batonc
