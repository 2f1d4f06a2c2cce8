#include "visema/evaluation/measures.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace visema {
namespace {

TEST(MeasuresTest, NamesAreUniqueAndHaveAGroup) {
  std::set<std::string_view> names;
  for (const MeasureInfo& m : measures()) {
    EXPECT_TRUE(names.insert(m.name).second) << m.name;
    EXPECT_NE(m.name.find('.'), std::string_view::npos) << m.name;
    EXPECT_FALSE(m.summary.empty()) << m.name;
    EXPECT_EQ(find_measure(m.name), &m);
  }
  EXPECT_EQ(find_measure("sync.nothing"), nullptr);
}

}  // namespace
}  // namespace visema
