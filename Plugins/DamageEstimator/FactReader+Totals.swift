import Assessment
import CasusEvents

/// What several reports say of one number.
extension FactReader {
  /// Of several reports together; nil where none says anything.
  func total(
    _ quantity: ImplausibleFigure.Quantity, _ reports: [EffectShelf.Kept], currency: String? = nil,
    _ estimate: (Effect) -> Estimate?
  ) -> ReportedTotal? {
    let figures = reports.compactMap { kept in
      estimate(kept.effect).map { ReportedFigure(kept.effect, from: kept.reference.source, first: kept.first, $0) }
    }
    return figures.isEmpty ? nil : ReportedTotal(quantity, figures, currency: currency)
  }

  /// What several reports say together, and whose words that is; nil where none says anything.
  ///
  /// - Parameter open: what is taken where nothing of it can be.
  func summed(
    _ name: FactName, _ quantity: ImplausibleFigure.Quantity, _ reports: [EffectShelf.Kept], currency: String? = nil,
    else open: Distribution, _ estimate: (Effect) -> Estimate?
  ) -> Fact? {
    guard let total = total(quantity, reports, currency: currency, estimate) else { return nil }
    let all = reports.filter { estimate($0.effect) != nil }
    let counted = all.filter { total.counts($0.reference.source, on: $0.effect.operatorName) }
    let said = counted.isEmpty ? all : counted
    let basis = [words(said)] + total.notes + (total.excesses.isEmpty ? [] : ["more than can be was left out"])
    return Fact(
      name: name, distribution: total.isEmpty ? open : Distribution.of(total), known: !total.hasGaps,
      basis: String(String.UnicodeScalarView(basis.joined(separator: "; ").unicodeScalars.prefix(Self.longestBasis))),
      refs: refs(said), leftOut: total.excesses.map(\.line))
  }

  /// Several stand together where a scale names one basis.
  private static let longestBasis = 1000
}
