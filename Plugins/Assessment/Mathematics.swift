internal import Glibc

/// The natural logarithm. Here, so that analyzers needn't import the C library with its clocks and files.
public func ln(_ x: Double) -> Double { log(x) }

/// e to the power of `x`.
public func exponential(_ x: Double) -> Double { exp(x) }
