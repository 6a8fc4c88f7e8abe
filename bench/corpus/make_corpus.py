#!/usr/bin/env python3
"""Writes a corpus of protocols as large as a browser's, to measure the compiler with.

The shape of one copy: 150 files, 29 of them headers, 11,600 lines, 1,390 messages; one hub with 38 managees, trees of
actors four deep, some twenty top-level protocols; 9 % of the messages are sync and 10 % of the others have returns.
Every file is legal IPDL; with `--dialect idl` the same corpus is written in Baton's own dialect. The same options always
give the same bytes. `sync-messages.ini` is written beside the files, and is not counted.
"""

import argparse
import pathlib
import random
import sys

PROTOCOLS = 121
HEADERS = 29
LINES = 11600
MESSAGES = 1390
SYNC_SHARE = 0.09
RETURNS_SHARE = 0.10
HUB_MANAGEES = 38
DEPTH = 4

HUB_NOUNS = """Storage Cache Database Factory Mutable Broadcast Service Worker Camera Gamepad Messages Port Quota Request
Sensor Session Locks Midi Socket Udp Remote Vsync Test Speech Auth Clients Cookies Files Notify Preload Fetch Idle Push
Webrtc Crypto Report Trace Usage""".split()
TOP_NOUNS = """Content Compositor Image Video Decoder Gpu Socket Utility Plugin Vr Inspector Profiler Sandbox Fork Print
Widget Audio Canvas Shader Media Update Browser""".split()
BELOW_NOUNS = """Cursor Transaction Snapshot Stream Channel Listener Texture Layer Track Entry Query Buffer Filter Window
Frame Helper Region Surface Event Device Lease Batch""".split()
HEADER_NOUNS = """Geometry Colour Layer Texture Network Cookie Principal Storage Key Database Media Codec Audio Video
Window Browser Event Input Touch Print Sensor Gamepad Worker Client Message Session Profile Quota Prefs""".split()
AREAS = "dom layers net media gfx cache widget indexed hal".split()
VERBS = """Set Get Update Notify Open Close Start Stop Begin End Add Remove Create Drop Register Forget Resize Paint Flush
Read Write Load Store Query Report Cancel Resume Pause Accept Refuse Attach Detach""".split()
OBJECTS = """State Size Frame Rect Region Stream Track Key Value Entry Cursor Focus Scroll Zoom Font Theme Cookie Header
Body Progress Error Status Usage Limit Timer Window Document Layer Texture Fence Memory Table""".split()
FIELDS = """width height offset length count index flags kind level rate delay start_time end_time priority origin key value
state reason status scale opacity depth stride format channel stream owner target source position visible enabled
persistent generation serial""".split()
SCALARS = """bool bool int32_t uint32_t uint32_t uint64_t uint64_t int64_t float double uint8_t int32_t int16_t
uint16_t""".split()
PROCESSES = "Content Content any anydom GPU RDD Socket Utility GMPlugin compositor anychild".split()
REMARKS = """Sent once the other side has drawn what it was given
The answer may come after the actor is gone
Both sides count these, so none may be lost
Nothing is sent before the first layout is done
Kept apart from the others, since it is by far the most frequent one
The values come from the page and have to be checked
An empty list stands for all of them
Only used when the preference is set
This has to arrive before the next frame begins
Times are in microseconds since the process started
See the longer explanation at the manager of this actor
The owner stays alive until the last of them is closed""".split("\n")
LICENCE = ["/* This Source Code is part of a corpus that no one ever wrote by hand. It is as free",
           " * as the generator that made it, and means nothing. */", ""]


class Header:
    """A file of structs, unions and usings. `types` are the names that an includer may use."""

    def __init__(self, name):
        self.name = name
        self.includes = []
        self.usings = []
        self.declarations = []  # (kind, name, attributes, is_resource, [(type, field)])
        self.types = []
        self.resources = set()


class Protocol:
    """One protocol and where it stands in its tree."""

    def __init__(self, name, managers, area):
        self.name = name
        self.managers = managers
        self.managees = []
        self.area = area
        self.is_sync = False
        self.headers = []
        self.endpoints = []
        self.messages = []
        for manager in managers:
            manager.managees.append(self)

    def depth(self):
        return 1 + max((manager.depth() for manager in self.managers), default=0)


class Message:
    def __init__(self, name, direction, is_free=True):
        self.name = name
        self.direction = direction
        self.is_free = is_free  # neither a constructor nor __delete__
        self.is_sync = False
        self.attributes = []
        self.parameters = []
        self.returns = []


class Corpus:
    """One copy: 150 files. Names end in the number of the copy, so that copies can be compiled together."""

    def __init__(self, copy, seed, dialect):
        self.random = random.Random(f"{seed}/{copy}")
        self.suffix = str(copy) if copy else ""
        self.dialect = dialect
        self.protocols = []
        self.headers = []
        self.make_headers()
        self.make_tree()
        self.make_messages()
        self.make_values()

    def name(self, text):
        return text + self.suffix

    # ---- headers

    def make_headers(self):
        for index, noun in enumerate(HEADER_NOUNS[:HEADERS]):
            header = Header(self.name(f"{noun}Types"))
            header.includes = self.random.sample(self.headers[-6:], min(index, self.random.choice([0, 0, 1, 1, 2])))
            if self.random.random() < 0.8:
                header.usings.append(("", f"corpus::{self.name(noun + 'Text')}"))
            if self.random.random() < 0.3:
                header.usings.append(("[RefCounted] ", f"corpus::{self.name(noun + 'Counted')}"))
            header.types = [using.split("::")[-1] for _, using in header.usings]
            for _ in range(self.random.randint(3, 6)):
                self.make_struct(header, noun)
            for _ in range(self.random.randint(1, 2)):
                self.make_union(header, noun)
            self.headers.append(header)
        # Two headers that include each other, as real ones do.
        self.headers[3].includes.append(self.headers[4])
        if self.headers[3] not in self.headers[4].includes:
            self.headers[4].includes.append(self.headers[3])

    def visible_types(self, header):
        return header.types + [name for included in header.includes for name in included.types]

    def is_resource(self, header, type_name):
        base = type_name.rstrip("[]?")
        files = [header] + header.includes
        return base == "Shmem" or any(base in file.resources for file in files)

    def make_struct(self, header, noun):
        number = len(header.declarations) + 1
        name = self.name(f"{noun}{OBJECTS[number * 3 % len(OBJECTS)]}Info{number}_").rstrip("_")
        names = self.random.sample(FIELDS, self.random.randint(2, 9))
        known = self.visible_types(header)
        fields = []
        for field in names:
            kind = self.random.choice(SCALARS)
            if known and self.random.random() < 0.3:
                kind = self.random.choice(known)
            fields.append((kind + self.random.choice([""] * 7 + ["[]", "?", "[]"]), field))
        if self.random.random() < 0.06:
            fields.append(("Shmem", "memory"))
        self.declare(header, "struct", name, fields)

    def make_union(self, header, noun):
        number = len(header.declarations) + 1
        name = self.name(f"{noun}Variant{number}_").rstrip("_")
        members = self.random.sample(sorted(set(SCALARS)), self.random.randint(1, 3))
        known = [known for known in self.visible_types(header) if known not in members]
        members += self.random.sample(known, min(len(known), self.random.randint(1, 4)))
        if self.random.random() < 0.3:
            members.append(f"{name}[]")  # a union may hold itself
        self.declare(header, "union", name, [(member, None) for member in members])

    def declare(self, header, kind, name, fields):
        is_resource = any(self.is_resource(header, type_name) for type_name, _ in fields)
        if is_resource:
            header.resources.add(name)
        plain = all(type_name in SCALARS for type_name, _ in fields)
        header.declarations.append((kind, name, "[Comparable] " if plain else "", is_resource, fields))
        header.types.append(name)

    # ---- the tree of actors

    def add(self, noun, managers):
        area = managers[0].area if managers else self.random.choice(AREAS)
        protocol = Protocol(self.name(f"P{noun}"), managers, area)
        protocol.is_sync = all(manager.is_sync for manager in managers) and self.random.random() < 0.6
        self.protocols.append(protocol)
        return protocol

    def make_tree(self):
        hub = self.add("Background", [])
        hub.is_sync = True
        for noun in HUB_NOUNS[:HUB_MANAGEES]:
            self.add(f"Background{noun}", [hub])
        for level, count in ((hub.managees[:10], 15), (None, 6)):
            above = level or [child for second in hub.managees for child in second.managees]
            for index in range(count):
                manager = above[index % len(above)]
                noun = f"{manager.name[1:].removesuffix(self.suffix)}{BELOW_NOUNS[index % len(BELOW_NOUNS)]}"
                self.add(noun.replace("Background", "Bg", 1), [manager])
        tops = [self.add(noun, []) for noun in TOP_NOUNS]
        tops[0].is_sync = True
        index = 0
        while len(self.protocols) < PROTOCOLS:
            noun = BELOW_NOUNS[index % len(BELOW_NOUNS)]
            manager = tops[0] if index < 12 else self.random.choice(tops[:8] + tops[0].managees[:4])
            if any(manager.name == f"P{noun}{self.suffix}" for manager in tops):
                noun += "Part"
            base = manager.name[1:].removesuffix(self.suffix)
            full = f"{base}{noun}" if index < 12 else f"{base}{noun}{chr(65 + index % 26)}"
            # A few have a second manager, of which they must not need more than the first gives.
            second = [self.random.choice(tops[8:])] if index % 11 == 10 else []
            child = self.add(full, [manager] + second)
            child.is_sync = child.is_sync and all(above.is_sync for above in child.managers)
            index += 1
        for header, protocol in zip(self.headers, self.protocols):
            protocol.headers.append(header)
        for protocol in self.protocols:
            for header in self.random.sample(self.headers, self.random.choice([0, 0, 1, 1, 2, 3])):
                if header not in protocol.headers:
                    protocol.headers.append(header)
        others = [top for top in tops if top is not tops[0]]
        tops[0].endpoints = others[:9]
        hub.endpoints = others[9:12]

    # ---- messages

    def make_messages(self):
        for protocol in self.protocols:
            for managee in protocol.managees:
                message = Message(managee.name, self.random.choice(["parent", "parent", "child"]), False)
                protocol.messages.append(message)
            for other in protocol.endpoints:
                message = Message(f"Init{other.name[1:]}", "child")
                message.parameters.append(("", f"Endpoint<{other.name}{self.random.choice(['Child', 'Parent'])}>", "endpoint"))
                protocol.messages.append(message)
            if protocol.managers:
                protocol.messages.append(Message("__delete__", self.random.choice(["parent", "child", "both"]), False))
        names = [verb + thing for verb in VERBS for thing in OBJECTS]
        weights = [1 + self.random.expovariate(0.4) for _ in self.protocols]
        used = {protocol.name: {message.name for message in protocol.messages} for protocol in self.protocols}
        rest = MESSAGES - sum(len(protocol.messages) for protocol in self.protocols)
        # Every top-level says something, and the remainder goes where there is much already.
        queue = [protocol for protocol in self.protocols if not protocol.messages]
        queue += self.random.choices(self.protocols, weights, k=rest - len(queue))
        for protocol in queue:
            name = self.random.choice(names)
            while name in used[protocol.name]:
                name = self.random.choice(names)
            used[protocol.name].add(name)
            direction = self.random.choice(["parent"] * 5 + ["child"] * 4 + ["both"])
            protocol.messages.append(Message(name, direction))
        # Labels in a fixed order; constructors and __delete__ stay where they fall.
        for protocol in self.protocols:
            protocol.messages.sort(key=lambda message: ("parent", "child", "both").index(message.direction))
        self.choose_words()

    def choose_words(self):
        free = [(protocol, message) for protocol in self.protocols for message in protocol.messages if message.is_free]
        can_wait = [message for protocol, message in free if protocol.is_sync and message.direction == "parent"]
        for message in self.random.sample(can_wait, round(MESSAGES * SYNC_SHARE)):
            message.is_sync = True
        rest = [message for _, message in free if not message.is_sync]
        answering = self.random.sample(rest, round(MESSAGES * (1 - SYNC_SHARE) * RETURNS_SHARE))
        for message in answering:
            message.returns.append(None)  # filled in by make_values
        for message in rest:
            dice = self.random.random()
            if dice < 0.03:
                message.attributes.append(self.random.choice(["Compress", "Compress=all"]))
            elif dice < 0.07:
                message.attributes.append("Priority=" + self.random.choice(["input", "vsync", "mediumhigh", "control"]))
            elif dice < 0.09:
                message.attributes.append("VirtualSendImpl")
            elif dice < 0.11:
                message.attributes.append("LazySend")
            elif dice < 0.14 and message.direction == "parent":
                message.attributes.append("Tainted")
            if message.returns and self.random.random() < 0.05:
                message.attributes.append("ReplyPriority=control")

    def make_values(self):
        for protocol in self.protocols:
            own = [name for header in protocol.headers for name in header.types]
            self.random.shuffle(own)
            waiting = list(own)  # types that no message uses yet
            for message in protocol.messages:
                fields = self.random.sample(FIELDS, len(FIELDS))
                count = self.random.choice([0, 0, 1, 1, 1, 2, 2, 3, 4, 6])
                if message.name == "__delete__":
                    count = self.random.choice([0, 0, 0, 1])
                for _ in range(count):
                    message.parameters.append(self.value(protocol, message, fields.pop(), own, waiting))
                if message.is_sync or message.returns:
                    count = self.random.choice([1, 1, 1, 2, 2, 3])
                    message.returns = [self.value(protocol, message, fields.pop(), own, waiting) for _ in range(count)]

    def value(self, protocol, message, field, own, waiting):
        dice = self.random.random()
        if waiting and dice < 0.5:
            return ("", waiting.pop() + self.random.choice(["", "", "", "[]", "?"]), field)
        if own and dice < 0.62:
            return ("", self.random.choice(own) + self.random.choice(["", "", "[]"]), field)
        if protocol.managees and message.is_free and dice < 0.68:
            return (self.random.choice(["", "nullable "]), self.random.choice(protocol.managees).name, field)
        if dice > 0.985:
            return ("", "Shmem", field)
        if dice > 0.975:
            return ("", "FileDescriptor", field)
        if dice > 0.965:
            return ("", "bytes" if self.dialect == "idl" else "ByteBuf", field)
        taint = "[NoTaint=allvalid] " if "Tainted" in message.attributes and self.random.random() < 0.3 else ""
        return (taint, self.random.choice(SCALARS) + self.random.choice([""] * 8 + ["[]", "?"]), field)

    # ---- text

    def print_header(self, header):
        lines = list(LICENCE)
        lines += [f"include {included.name};" for included in header.includes]
        lines += [f"{attributes}using class {name} from \"{name.replace('::', '/')}.h\";" for attributes, name in header.usings]
        lines += ["", "namespace corpus {", ""]
        for kind, name, attributes, is_resource, fields in header.declarations:
            word = "resource " if is_resource and self.dialect == "idl" else ""
            lines += [None, f"{attributes}{word}{kind} {name} {{"]
            for type_name, field in fields:
                lines += [None, f"  {type_name} {field};" if field else f"  {type_name};"]
            lines += ["};", ""]
        return lines + ["}  // namespace corpus"]

    def print_protocol(self, protocol):
        lines = list(LICENCE)
        around = protocol.managers + protocol.managees + protocol.endpoints
        lines += [f"include protocol {name};" for name in sorted({other.name for other in around})]
        lines += [f"include {name};" for name in sorted(header.name for header in protocol.headers)]
        lines += [f"include \"corpus/{protocol.area}/{protocol.name}Utils.h\";"] if len(protocol.messages) % 4 == 0 else []
        lines += ["", "namespace corpus {", f"namespace {protocol.area} {{", "", None]
        attributes = self.protocol_attributes(protocol)
        lines += [f"[{', '.join(attributes)}]"] if attributes else []
        lines += [f"{'sync' if protocol.is_sync else 'async'} protocol {protocol.name}", "{"]
        if protocol.managers:
            lines += [f"  manager {' or '.join(manager.name for manager in protocol.managers)};"]
        lines += [f"  manages {managee.name};" for managee in protocol.managees]
        direction = None
        for message in protocol.messages:
            if message.direction != direction:
                direction = message.direction
                lines += ["", f"{direction}:"]
            lines += [None] + self.print_message(message)
        return lines + ["};", "", f"}}  // namespace {protocol.area}", "}  // namespace corpus"]

    def protocol_attributes(self, protocol):
        chance = random.Random(protocol.name)
        if not protocol.managers:
            attributes = [f"ChildProc={chance.choice(PROCESSES)}"]
            return attributes + (["NeedsOtherPid"] if chance.random() < 0.2 else [])
        if not protocol.managees and chance.random() < 0.1:
            return ["ManualDealloc"]
        return ["ChildImpl=virtual", "ParentImpl=virtual"] if chance.random() < 0.1 else []

    def print_message(self, message):
        attributes = list(message.attributes)
        if message.is_sync and self.dialect == "idl":
            attributes.append("Because=\"the page is waiting for the answer\"")
        start = f"  [{', '.join(attributes)}] " if attributes else "  "
        start += f"{'sync' if message.is_sync else 'async'} {message.name}("
        lines = wrap(start, ["".join((before, kind, " ", field)) for before, kind, field in message.parameters], ")")
        if message.returns:
            lines += wrap("    returns (", ["".join((before, kind, " ", field)) for before, kind, field in message.returns], ")")
        lines[-1] += ";"
        return lines

    def files(self):
        """The text of every file by name. Comments fill the places left for them up to the wanted number of lines."""
        ending = self.dialect
        files = {f"{header.name}.{ending}h": self.print_header(header) for header in self.headers}
        files |= {f"{protocol.name}.{ending}": self.print_protocol(protocol) for protocol in self.protocols}
        places = [[0] for lines in files.values() for line in lines if line is None]
        missing = LINES - sum(line is not None for lines in files.values() for line in lines)
        if missing < 0:
            sys.exit(f"make_corpus: copy {self.suffix or 0} has {-missing} lines too many; try another seed")
        while missing > 0:
            more = min(missing, self.random.choice([1, 1, 2, 2, 3, 4]))
            self.random.choice(places)[0] += more
            missing -= more
        counts = iter(places)
        return {name: self.fill(lines, counts) for name, lines in files.items()}

    def fill(self, lines, counts):
        text = []
        for index, line in enumerate(lines):
            if line is None:
                following = next(other for other in lines[index:] if other is not None)
                indent = " " * (len(following) - len(following.lstrip()))
                text += [f"{indent}// {self.random.choice(REMARKS)}." for _ in range(next(counts)[0])]
            else:
                text.append(line)
        return "\n".join(text) + "\n"


def wrap(start, values, end):
    """One line if it fits, else one value a line below the first."""
    whole = start + ", ".join(values) + end
    if len(whole) <= 96:
        return [whole]
    indent = " " * len(start) if len(start) < 50 else " " * 6
    return [start + values[0] + ","] + [f"{indent}{value}," for value in values[1:-1]] + [indent + values[-1] + end]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="DIR",
                        help="where to write; made if absent")
    parser.add_argument("--seed", type=int, default=1, help="another corpus of the same shape (default: %(default)s)")
    parser.add_argument("--scale", type=int, default=1, metavar="N",
                        help="that many copies, each of other contents and with names of its own; 10 gives 1,500 files")
    parser.add_argument("--dialect", choices=["ipdl", "idl"], default="ipdl",
                        help="ipdl writes .ipdl and .ipdlh, idl writes .idl and .idlh (default: %(default)s)")
    options = parser.parse_args()
    if options.scale < 1:
        parser.error("--scale is at least 1")
    options.output.mkdir(parents=True, exist_ok=True)

    files, corpora = {}, []
    for copy in range(options.scale):
        corpora.append(Corpus(copy, options.seed, options.dialect))
        files |= corpora[-1].files()
    for name, text in files.items():
        (options.output / name).write_text(text, encoding="ascii", newline="\n")
    protocols = [protocol for corpus in corpora for protocol in corpus.protocols]
    waits = [f"{protocol.name}::{message.name}" for protocol in protocols for message in protocol.messages if message.is_sync]
    sections = "".join(f"[{wait}]\ndescription = the page is waiting for the answer\n\n" for wait in sorted(waits))
    (options.output / "sync-messages.ini").write_text(sections, encoding="ascii", newline="\n")

    messages = [message for protocol in protocols for message in protocol.messages]
    print(f"files {len(files)}")
    print(f"headers {sum(name.endswith('h') for name in files)}")
    print(f"lines {sum(text.count(chr(10)) for text in files.values())}")
    print(f"messages {len(messages)}")
    print(f"sync {len(waits)}")
    print(f"returns {sum(bool(message.returns) and not message.is_sync for message in messages)}")
    print(f"top-levels {sum(not protocol.managers for protocol in protocols)}")
    print(f"deepest {max(protocol.depth() for protocol in protocols)}")
    print(f"most-managees {max(len(protocol.managees) for protocol in protocols)}")


if __name__ == "__main__":
    main()
