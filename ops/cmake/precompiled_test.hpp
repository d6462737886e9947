#pragma once
// The same for tests.

#include "ops/cmake/precompiled.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
