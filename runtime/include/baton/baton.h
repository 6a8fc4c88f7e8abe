// Everything that a program with Baton actors needs.
#pragma once

#include <baton/async.h>
#include <baton/channel_options.h>
#include <baton/child_supervisor.h>
#include <baton/connect.h>
#include <baton/endpoint.h>
#include <baton/generated.h>
#include <baton/hold_back.h>
#include <baton/introduce.h>
#include <baton/launch.h>
#include <baton/listener.h>
#include <baton/unresponsive.h>
