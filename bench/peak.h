#pragma once

namespace visema::bench {

/// What one thread can do on this machine now, in 10^9 floating point operations a second:
/// independent multiply-adds on the widest registers, measured once for 0.2 s. 0 on processors
/// other than x86-64 with FMA.
double peak_gflops();

}  // namespace visema::bench
